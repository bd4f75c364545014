"""Folders of documents to measure with: real scans where they are at hand, else pages of the sample town."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pymupdf

ROOT = Path(__file__).resolve().parent.parent
TOWN = ROOT / "samples" / "town"
REAL = Path(os.environ.get("CLERK_TEST_DATA", ROOT.parent / "shared" / "data")) / "pdfs"
PAGES = 10
# A page that looks like a scan, and is one that people scan: no poster, no stamp.
MOST_CHARACTERS, LEAST_POINTS, MOST_POINTS = 25, 400, 1300

Place = tuple[Path, int]


@dataclass(frozen=True)
class Pool:
    """Pages to choose from, and in words what they are."""

    places: list[Place]
    what: str


def scans() -> Pool:
    """Scanned pages without a text layer; a picture of each page of the town where no real ones are at hand."""
    real = (
        [place for path in sorted(REAL.rglob("*.pdf")) for place in _scanned(path)] if REAL.is_dir() else []
    )
    if real:
        bodies = len({path.parent for path, _ in real})
        return Pool(real, f"{len(real)} real scans from {bodies} collections")
    return Pool(texts().places, "pictures of the sample town's pages")


def texts() -> Pool:
    """Born-digital pages of the sample town."""
    sources = [path for path in sorted(TOWN.glob("*/*.pdf")) if _has_text(path)]
    places = [(path, n) for path in sources for n in range(pymupdf.open(path).page_count)]
    return Pool(places, "the sample town's pages")


def make(folder: Path, pool: Pool, pages: int, *, pictures: bool) -> None:
    """Documents of ten pages each, as a site's folder has them; `pictures` draws pages that carry text."""
    for number, places in enumerate(_documents(pool, pages)):
        day = f"{2000 + number // 300}-{number % 300 // 25 + 1:02d}-{number % 25 + 1:02d}"
        write(folder / "Council" / f"{day}.pdf", places, pictures=pictures)


def write(target: Path, places: list[Place], *, pictures: bool = False) -> None:
    """One document of these pages."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with pymupdf.open() as document:
        for path, n in places:
            with pymupdf.open(path) as source:
                if pictures and source[n].get_text("text").strip():
                    image = source[n].get_pixmap(dpi=150, colorspace=pymupdf.csGRAY)
                    page = document.new_page(width=source[n].rect.width, height=source[n].rect.height)
                    page.insert_image(page.rect, stream=image.tobytes("jpeg"))
                else:
                    document.insert_pdf(source, from_page=n, to_page=n)
        document.save(target)


def chosen(pool: Pool, pages: int) -> list[Place]:
    """`pages` pages, spread over the whole pool, in its order, again from the front where there are too few."""
    whole, rest = divmod(pages, len(pool.places))
    step = len(pool.places) / rest if rest else 0.0
    return pool.places * whole + [pool.places[int(n * step)] for n in range(rest)]


def page_count(path: Path) -> int:
    """Number of pages of a document."""
    with pymupdf.open(path) as document:
        return int(document.page_count)


def _documents(pool: Pool, pages: int) -> Iterator[list[Place]]:
    places = chosen(pool, pages)
    for start in range(0, pages, PAGES):
        yield places[start : start + PAGES]


def _scanned(path: Path) -> Iterator[Place]:
    try:
        with pymupdf.open(path) as document:
            for page in () if document.needs_pass else document:
                size = (page.rect.width, page.rect.height)
                usual = min(size) >= LEAST_POINTS and max(size) <= MOST_POINTS
                images = [box for kind, box in page.get_bboxlog() if kind == "fill-image"]
                covered = max((pymupdf.Rect(box).get_area() for box in images), default=0.0)
                bare = len(page.get_text("text").strip()) < MOST_CHARACTERS
                if usual and bare and covered > 0.5 * page.rect.get_area():
                    yield path, page.number
    except (pymupdf.FileDataError, ValueError, RuntimeError):
        return


def _has_text(path: Path) -> bool:
    try:
        with pymupdf.open(path) as document:
            return bool(document.page_count) and all(len(page.get_text()) > 200 for page in document)
    except (pymupdf.FileDataError, ValueError):
        return False
