"""Makes the documents of Alder Hollow, a fictional town, and `truth.json`, which says what stands in them.

    python samples/make_samples.py [--out DIR]

writes DIR/town/**.pdf and DIR/truth.json (DIR: this folder). The same versions of PyMuPDF, Pillow and NumPy
make the same texts and pixels; only the encrypted file differs in its bytes, since encryption salts itself.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymupdf
from _layout import METADATA, draw
from _meeting import agenda, minutes
from _model import Made, Meeting
from _scan import Look, bind, scan
from _source import meetings, spanish_agenda
from _town import BODIES, ORGS, PLACES, RESIDENTS, STAFF

STAMP = "RECEIVED  OFFICE OF THE CITY CLERK  APRIL 2, 2025  ALDER HOLLOW"
HTML = """<!DOCTYPE html>
<html lang="en"><head><title>Alder Hollow: document moved</title></head>
<body><h1>The document has moved</h1>
<p>Please search the archive of the Planning Commission.</p></body></html>
"""
COPIER = Look()
OLD_COPIER = Look(dpi=200, skew=-1.4, grain=7.0, blur=0.9, quality=32)
TURNED = Look(skew=0.6, turn=90)
FAX = Look(dpi=200, skew=0.5, fax=True)
SEARCHES = [
    {"query": "heritage oak", "expect_path": "CityCouncil/2025-03-04.pdf", "scanned_only": False},
    {"query": "culvert", "expect_path": "CityCouncil/2025-02-11.pdf", "scanned_only": True},
    {"query": "presupuesto", "expect_path": "_agendas/CityCouncil/2025-05-06.pdf", "scanned_only": False},
]


@dataclass(frozen=True)
class Paper:
    """One file: where it goes, how it is made, and the look of each page (none: born-digital)."""

    meeting: Meeting
    is_agenda: bool
    form: str
    made: Made
    looks: tuple[Look | None, ...] = ()
    stamped: int = 0

    @property
    def path(self) -> str:
        folder = f"{'_agendas/' if self.is_agenda else ''}{self.meeting.body.folder}"
        return f"{folder}/{self.meeting.date}.pdf"

    def look(self, page: int) -> Look | None:
        """The last look holds for all the pages after it."""
        return self.looks[min(page, len(self.looks)) - 1] if self.looks else None


def papers() -> list[Paper]:
    """Every document of the town, in no particular order."""
    return [*_council(), *_boards()]


def _council() -> list[Paper]:
    january, february, march, april, may, june = (
        meetings()[f"CityCouncil/2025-{day}"]
        for day in ("01-14", "02-11", "03-04", "04-01", "05-06", "06-03")
    )
    return [
        Paper(january, False, "born-digital", minutes(january)),
        Paper(february, False, "scan", minutes(february, comments=2), (COPIER,)),
        Paper(march, False, "born-digital", minutes(march)),
        Paper(april, False, "mixed", minutes(april), (None, None, COPIER), stamped=3),
        Paper(may, False, "fax", minutes(may, "typewriter", 11.5), (FAX,)),
        Paper(june, False, "born-digital", minutes(june, "sans", 11.5)),
        Paper(january, True, "born-digital", agenda(january)),
        Paper(march, True, "born-digital", agenda(march)),
        Paper(april, True, "scan", agenda(april), (COPIER,)),
        Paper(may, True, "born-digital", spanish_agenda()),
        Paper(june, True, "born-digital", agenda(june, "sans", 12, columns=2)),
    ]


def _boards() -> list[Paper]:
    january, march, april, may = (
        meetings()[f"PlanningCommission/2025-{day}"] for day in ("01-21", "03-11", "04-15", "05-20")
    )
    february_parks, may_parks = (meetings()[f"ParksBoard/2025-{day}"] for day in ("02-19", "05-21"))
    return [
        Paper(january, False, "born-digital", minutes(january, "sans", 11.5)),
        Paper(march, False, "scan", minutes(march, "sans", 11.5), (OLD_COPIER,)),
        Paper(april, False, "turned", minutes(april, comments=2), (COPIER, TURNED, COPIER)),
        Paper(may, False, "truncated", minutes(may)),
        Paper(january, True, "born-digital", agenda(january, "sans")),
        Paper(march, True, "born-digital", agenda(march)),
        Paper(may, True, "html", agenda(may)),
        Paper(february_parks, False, "fax", minutes(february_parks, comments=2), (FAX,)),
        Paper(may_parks, False, "born-digital", minutes(may_parks)),
        Paper(may_parks, True, "born-digital", agenda(may_parks)),
        Paper(february_parks, True, "encrypted", agenda(february_parks)),
    ]


def document(paper: Paper) -> pymupdf.Document:
    """The pages of `paper` as a PDF in memory: drawn, scanned, or both."""
    born = draw(paper.made.sheets)
    if not paper.looks:
        return born
    result = pymupdf.open()
    for number in range(1, len(born) + 1):
        look = paper.look(number)
        if look is None:
            result.insert_pdf(born, from_page=number - 1, to_page=number - 1)
        else:
            image = scan(born[number - 1], look, f"{paper.path} {number}")
            result.insert_pdf(bind(image, look))
    if paper.stamped:
        page = result[paper.stamped - 1]
        page.insert_text((150, 26), STAMP, fontname="hebo", fontsize=8, color=(0.55, 0.1, 0.1))
    result.set_metadata(METADATA)
    return result


def _plain(paper: Paper) -> bytes:
    return bytes(document(paper).tobytes(garbage=3, deflate=True, no_new_id=True))


def _encrypted(paper: Paper) -> bytes:
    return bytes(
        document(paper).tobytes(
            garbage=3, deflate=True, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="heron", owner_pw="marsh"
        )
    )


def _truncated(paper: Paper) -> bytes:
    """A transfer that broke off: the table of pages stood in what is lost."""
    whole = document(paper).tobytes(garbage=3, deflate=True, no_new_id=True, use_objstms=1)
    return bytes(whole[: len(whole) * 2 // 5])


MAKERS: dict[str, Callable[[Paper], bytes]] = {
    "encrypted": _encrypted,
    "truncated": _truncated,
    "html": lambda _: HTML.encode(),
}
REASONS = {
    "encrypted": "a password is needed to open it",
    "truncated": "cut off after two fifths: no page can be found",
    "html": "an HTML page with the name of a PDF",
}


def texts(paper: Paper) -> list[str]:
    """What a reader should find on each page."""
    pages = [sheet.text for sheet in paper.made.sheets]
    if paper.stamped:
        pages[paper.stamped - 1] = f"{STAMP}\n{pages[paper.stamped - 1]}"
    return pages


def record(paper: Paper) -> dict[str, Any]:
    """The truth about one file; an unreadable one has neither pages nor votes."""
    readable = paper.form not in REASONS
    pages = texts(paper) if readable else []
    flat = " ".join(" ".join(pages).split())
    people = [p.full for body in BODIES for p in body.members] + [p.full for p in (*STAFF, *RESIDENTS)]
    return {
        "path": paper.path,
        "body": paper.meeting.body.folder,
        "date": paper.meeting.date.isoformat(),
        "kind": "agenda" if paper.is_agenda else "minutes",
        "form": paper.form,
        "readable": readable,
        "reason": REASONS.get(paper.form),
        "pages": len(pages),
        "source": ["ocr" if paper.look(n) else "text-layer" for n in range(1, len(pages) + 1)],
        "text": pages,
        "votes": paper.made.votes if readable else [],
        "people": sorted(name for name in set(people) if name in flat),
        "orgs": sorted(name for name in ORGS if name in flat),
        "places": sorted(name for name in PLACES if name in flat),
    }


def searches(files: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The example searches, each with the first page of its document that holds all its words."""
    for search in SEARCHES:
        found = next(file for file in files if file["path"] == search["expect_path"])
        words = str(search["query"]).split()
        pages = [set(text.lower().replace(",", " ").replace(".", " ").split()) for text in found["text"]]
        number = next(n for n, there in enumerate(pages, start=1) if there.issuperset(words))
        yield {**search, "expect_page": number}


def make(out: Path) -> dict[str, Any]:
    """Write the whole town under `out`; returns what `truth.json` holds."""
    files = []
    for paper in sorted(papers(), key=lambda paper: paper.path):
        target = out / "town" / paper.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(MAKERS.get(paper.form, _plain)(paper))
        files.append(record(paper))
    truth: dict[str, Any] = {
        "town": "Alder Hollow",
        "documents": len(files),
        "readable_documents": sum(bool(file["readable"]) for file in files),
        "pages": sum(len(file["source"]) for file in files),
        "ocr_pages": sum(file["source"].count("ocr") for file in files),
        "example_searches": list(searches(files)),
        "files": files,
    }
    text = json.dumps(truth, indent=1, ensure_ascii=False) + "\n"
    (out / "truth.json").write_text(text, encoding="utf-8")
    return truth


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the sample documents of Alder Hollow.")
    parser.add_argument(
        "--out", type=Path, default=Path(__file__).parent, help="folder to write to (default: samples/)"
    )
    out: Path = parser.parse_args().out
    truth = make(out)
    size = sum(path.stat().st_size for path in (out / "town").rglob("*.pdf"))
    counts = f"{truth['documents']} files, {truth['pages']} readable pages, {truth['ocr_pages']} to recognise"
    print(f"{counts}, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
