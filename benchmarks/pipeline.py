"""Measures the pipeline: pages per second for scanned and born-digital documents, and what orchestration costs.

Each kind is processed twice in one run of this script: by `clerk run`, and by the same stage functions in plain
processes without Prefect and Dask. The difference is the share of orchestration. Writes `docs/performance.md` and
ends with one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

import pymupdf

from clerk.models import Kind, Level, PageWork, RunRef
from clerk.settings import load
from clerk.stages import plan
from clerk.stages.build import compile_site
from clerk.stages.extract import extract_site
from clerk.stages.ocr import recognise_pages
from clerk.stages.read import read_documents
from clerk.storage import SiteStore

ROOT = Path(__file__).resolve().parent.parent
TOWN = ROOT / "samples" / "town"
WORKERS = os.cpu_count() or 1


@dataclass(frozen=True)
class Row:
    """Figures of one kind of document."""

    kind: str
    pages: int
    seconds: float
    start_seconds: float
    bare_seconds: float
    task_runs: int

    @property
    def rate(self) -> float:
        return self.pages / self.seconds

    @property
    def share(self) -> float:
        return max(0.0, 1 - self.bare_seconds / self.seconds)


def make(folder: Path, pages: int, *, scanned: bool) -> None:
    """A folder of documents of ten pages each, from the sample town's born-digital pages."""
    sources = [path for path in sorted(TOWN.glob("*/*.pdf")) if _has_text(path)]
    texts = [(path, n) for path in sources for n in range(pymupdf.open(path).page_count)]
    for number in range(pages // 10):
        document = pymupdf.open()
        for index in range(10):
            path, n = texts[(number * 10 + index) % len(texts)]
            source = pymupdf.open(path)
            if scanned:
                image = source[n].get_pixmap(dpi=150, colorspace=pymupdf.csGRAY)
                page = document.new_page(width=source[n].rect.width, height=source[n].rect.height)
                page.insert_image(page.rect, stream=image.tobytes("jpeg"))
            else:
                document.insert_pdf(source, from_page=n, to_page=n)
        target = (
            folder
            / "Council"
            / f"{2000 + number // 300}-{number % 300 // 25 + 1:02d}-{number % 25 + 1:02d}.pdf"
        )
        target.parent.mkdir(parents=True, exist_ok=True)
        document.save(target)


def _has_text(path: Path) -> bool:
    try:
        document = pymupdf.open(path)
        return bool(document.page_count) and all(len(page.get_text()) > 200 for page in document)
    except (pymupdf.FileDataError, ValueError):
        return False


def through_clerk(folder: Path, storage: Path) -> tuple[float, float, int]:
    """Seconds of the run itself, seconds around it, and the task runs it made."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
    environment |= {"STORAGE_DIR": str(storage), "OCR_LANGUAGES": "eng"}
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "clerk", "run", "bench", "--from", str(folder)],
        env=environment,
        check=True,
        cwd=storage,
    )
    wall = time.monotonic() - began
    with sqlite3.connect(storage / "clerk.db") as civic:
        query = (
            "SELECT (julianday(finished_at) - julianday(started_at)) * 86400 FROM job_tracking"
            " WHERE job_type = 'site-run'"
        )
        seconds = float(civic.execute(query).fetchone()[0])
        tasks = civic.execute("SELECT count(*) FROM job_tracking WHERE job_type <> 'site-run'").fetchone()[0]
    return seconds, wall - seconds, int(tasks)


def bare(folder: Path, storage: Path) -> float:
    """Seconds for the same work by the stage functions alone, in as many plain processes as there are cores."""
    store = SiteStore(storage, "bench")
    for path in folder.glob("*/*.pdf"):
        target = store.pdf_dir(Kind.MINUTES) / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    settings = load(storage_dir=storage, ocr_languages="eng")
    work = PageWork(
        str(storage), "eng", "tesseract", 60, 1024, str(storage / "none"), "2000-01-01T00:00:00+00:00"
    )
    began = time.monotonic()
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        documents = plan.documents_to_read(store, {})
        list(pool.map(read_documents, [documents[n::WORKERS] for n in range(WORKERS)], [work] * WORKERS))
        spans = plan.pages_to_recognise(plan.records(store))
        list(pool.map(recognise_pages, [spans[n::WORKERS] for n in range(WORKERS)], [work] * WORKERS))
    extract_site(store, settings, lambda _total, _done: None)
    compile_site(store, settings, level=Level.FULL, run=RunRef("bench", 1), guard=lambda: None)
    return time.monotonic() - began


def measure(kind: str, pages: int) -> Row:
    """One kind, both ways, in fresh folders."""
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        for sub in ("in", "clerk", "bare"):
            (base / sub).mkdir()
        make(base / "in", pages, scanned=kind == "scanned")
        seconds, start, tasks = through_clerk(base / "in", base / "clerk")
        return Row(kind, pages, seconds, start, bare(base / "in", base / "bare"), tasks)


def report(rows: list[Row]) -> str:
    """The page `docs/performance.md`."""
    lines = [
        "# What it costs",
        "",
        "Made by `make bench`, which processes generated documents of ten pages with `clerk run`, and again with the",
        "same stage functions in plain processes without Prefect and Dask. *Orchestration* is the share of the run's",
        "wall time that the second way does not take. The time to start and stop the Prefect server is apart; it does",
        "not grow with the number of pages. These machines are noisy: read the figures as their order of magnitude.",
        "",
        f"Last run: {WORKERS} cores, {platform.machine()}, Python {platform.python_version()}.",
        "",
        "| documents | pages | run, s | pages/s | bare, s | orchestration | task and job rows | start and stop, s |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {row.kind} | {row.pages} | {row.seconds:.1f} | {row.rate:.1f} | {row.bare_seconds:.1f} |"
        f" {row.share:.0%} | {row.task_runs} | {row.start_seconds:.1f} |"
        for row in rows
    ]
    lines += [
        "",
        "Both ways include reading, recognition, extraction of names and votes, and compiling. The number of mapped",
        "tasks is bounded: 100 for reading and 380 for OCR at most, whatever the size of the site.",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, write the page, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scanned", type=int, default=100, help="scanned pages")
    parser.add_argument("--born-digital", type=int, default=2000, help="born-digital pages")
    arguments = parser.parse_args()
    rows = [measure("scanned", arguments.scanned), measure("born-digital", arguments.born_digital)]
    (ROOT / "docs" / "performance.md").write_text(report(rows), encoding="utf-8")
    print(json.dumps({row.kind: asdict(row) | {"rate": row.rate, "share": row.share} for row in rows}))


if __name__ == "__main__":
    main()
