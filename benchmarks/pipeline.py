"""Measures what a page costs, beside other ways to the same text, and what orchestration costs.

Scans: `clerk run` with everything it does, the bare limit of the machine, OCRmyPDF, and poppler with a process of
tesseract a page, over the same pages, one after the other. A rival that is not installed is left out with a line:

    python -m benchmarks.pipeline --ocrmypdf /path/to/ocrmypdf --pdftoppm /path/to/pdftoppm

`--memory` measures peaks of memory too, which takes some ten minutes. Writes `docs/performance.md` and ends with one
line of JSON that holds every figure.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from benchmarks import documents, memory, performance_report, ways
from benchmarks.ways import Cost, Run, Spent
from clerk.models import Kind, Level, PageWork, RunRef
from clerk.settings import load
from clerk.stages import plan
from clerk.stages.build import compile_site
from clerk.stages.extract import extract_site
from clerk.stages.ocr import recognise_pages
from clerk.stages.read import read_documents
from clerk.storage import SiteStore

CORES = os.cpu_count() or 1
# Pages of the small measurement, from which a start-up is told.
FEW = 10
RIVAL_PAGES_BORN = 20
# A tesseract that shares each page out to threads takes four times as long.
AS_INSTALLED_PAGES = 30


@dataclass
class Figures:
    """Everything measured. `notes` says what was left out."""

    made_with: str = ""
    pool: str = ""
    rivals: str = ""
    scanned: dict[str, Cost] = field(default_factory=dict)
    run: Run | None = None
    # CPU-seconds of a page, in the mean, for looks that the other ways do not do.
    further: float = 0.0
    # Seconds that starting and stopping the Prefect server took.
    server: float = 0.0
    orchestration: dict[str, dict[str, float]] = field(default_factory=dict)
    born: dict[str, float] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def scanned(base: Path, pages: int, options: argparse.Namespace, figures: Figures) -> None:
    """The scans, by every way that is at hand."""
    pool = documents.scans()
    figures.pool = pool.what
    figures.rivals = ways.versions([options.ocrmypdf, options.tesseract, options.pdftoppm])
    few, many = (FEW, base / "few"), (pages, base / "many")
    for count, folder in (few, many):
        documents.make(folder, pool, count, pictures=True)
    # By turns, and the least of each counts: a machine that is slow for a minute must not speak for or against a way.
    smalls, larges, bares = [], [], []
    for turn in range(options.turns):
        smalls.append(ways.clerk(few[1], base / f"s-few{turn}"))
        bares.append([ways.bare(folder, CORES) for _, folder in (few, many)])
        larges.append(ways.clerk(many[1], base / f"s-many{turn}"))
    small, large = (min(runs, key=_seconds) for runs in (smalls, larges))
    figures.run = large
    figures.further = (large.further_cpu - small.further_cpu) / (pages - FEW)
    # By the clock of the run's own row: how long a server takes to start differs by more than a page costs.
    few_spent, many_spent = (ways.least([run.own for run in runs]) for runs in (smalls, larges))
    figures.scanned["clerk"] = ways.cost("clerk", (few[0], few_spent), (many[0], many_spent))
    figures.server = large.spent.seconds - large.seconds
    few_spent, many_spent = (ways.least(measured) for measured in zip(*bares, strict=True))
    figures.scanned["bare"] = ways.cost("the bare limit", (few[0], few_spent), (many[0], many_spent))
    _scratch(base)
    if options.ocrmypdf and options.tesseract:
        figures.scanned["ocrmypdf"] = ways.twice(
            "OCRmyPDF",
            few,
            many,
            lambda folder: ways.least(
                [
                    ways.ocrmypdf(options.ocrmypdf, options.tesseract, folder, _scratch(base), CORES)
                    for _ in range(options.turns)
                ]
            ),
        )
    else:
        figures.notes.append("OCRmyPDF is not installed and was left out (`--ocrmypdf`).")
    if options.pdftoppm and options.tesseract:
        programs = (options.pdftoppm, options.tesseract)
        figures.scanned["poppler_one_thread"] = ways.twice(
            "poppler and a tesseract a page, one thread",
            few,
            many,
            lambda folder: ways.page_by_page(*programs, folder, _scratch(base), CORES),
        )
        fewer = (min(pages, AS_INSTALLED_PAGES), base / "fewer")
        documents.make(fewer[1], pool, fewer[0], pictures=True)
        figures.scanned["poppler"] = ways.twice(
            "the same, as installed",
            few,
            fewer,
            lambda folder: ways.page_by_page(*programs, folder, _scratch(base), CORES, as_installed=True),
        )
    else:
        figures.notes.append(
            "pdftoppm or tesseract is not installed and was left out (`--pdftoppm`, `--tesseract`)."
        )
    figures.orchestration["scanned"] = orchestration(few, many, small, large, base, options.turns)


def born_digital(base: Path, pages: int, options: argparse.Namespace, figures: Figures) -> None:
    """The read stage alone, the whole run, and what a rival takes that knows no text layers."""
    pool = documents.texts()
    few, many = (FEW * 10, base / "few"), (pages, base / "many")
    for count, folder in (few, many):
        documents.make(folder, pool, count, pictures=False)
    reading = ways.cost(
        "read", *((count, read_stage(folder, base / f"r{count}")) for count, folder in (few, many))
    )
    figures.born = {
        "pages": pages,
        "read_cpu_ms": 1000 * reading.page.cpu,
        "read_start_cpu": reading.start.cpu,
    }
    if options.pdftoppm and options.tesseract:
        documents.make(base / "rival", pool, RIVAL_PAGES_BORN, pictures=False)
        rival = ways.page_by_page(options.pdftoppm, options.tesseract, base / "rival", _scratch(base), CORES)
        figures.born["rival_cpu_ms"] = 1000 * rival.cpu / RIVAL_PAGES_BORN
        figures.born["rival_times"] = figures.born["rival_cpu_ms"] / figures.born["read_cpu_ms"]
    small, large = (
        min((ways.clerk(folder, base / f"s{count}-{turn}") for turn in range(options.turns)), key=_seconds)
        for count, folder in (few, many)
    )
    whole = ways.cost("clerk", (few[0], small.spent), (many[0], large.spent))
    figures.born |= {"run_cpu_ms": 1000 * whole.page.cpu, "run_ms": 1000 * whole.page.seconds}
    figures.orchestration["born-digital"] = orchestration(few, many, small, large, base, options.turns)


def _seconds(run: Run) -> float:
    return run.seconds


def read_stage(folder: Path, storage: Path) -> Spent:
    """Read the documents of a folder in one process, with text, trust and sidecars, as a worker does."""
    _lay_out(folder, storage)
    return ways.spent(
        [sys.executable, "-m", "benchmarks.pipeline", "--read", str(storage)], cwd=documents.ROOT
    )


def read_here(storage: Path) -> None:
    """What `read_stage` runs in a process of its own."""
    store = SiteStore(storage, ways.SITE)
    read_documents(plan.documents_to_read(store, {}), _work(storage))


def orchestration(
    few: tuple[int, Path], many: tuple[int, Path], small: Run, large: Run, base: Path, turns: int
) -> dict[str, float]:
    """What a run takes beside the stage functions in as many plain processes, without Prefect and Dask."""
    plain = [
        min(bare_stages(folder, base / f"bare{count}-{turn}") for turn in range(turns))
        for count, folder in (few, many)
    ]
    share = 1 - plain[1] / large.seconds
    growing = 1 - (plain[1] - plain[0]) / (large.seconds - small.seconds)
    return {
        "run_seconds": round(large.seconds, 2),
        "stages_seconds": round(plain[1], 2),
        "share": round(max(share, 0.0), 3),
        "share_without_start": round(max(growing, 0.0), 3),
        "start_stop_seconds": round(large.spent.seconds - large.seconds, 2),
        "task_rows": large.task_rows,
    }


def bare_stages(folder: Path, storage: Path) -> float:
    """Seconds for the same work by the stage functions alone."""
    store = _lay_out(folder, storage)
    settings, work = load(storage_dir=storage, ocr_languages="eng"), _work(storage)
    began = time.monotonic()
    with ProcessPoolExecutor(CORES, mp_context=get_context("spawn")) as pool:
        due = plan.documents_to_read(store, {})
        list(pool.map(read_documents, plan.read_batches(due, CORES), [work] * len(due)))
        spans = plan.ocr_batches(plan.pages_to_recognise(plan.records(store)), CORES)
        list(pool.map(recognise_pages, spans, [work] * len(spans)))
    extract_site(store, settings, lambda _total, _done: None, processes=settings.extraction_processes)
    compile_site(store, settings, level=Level.FULL, run=RunRef("bench", 1), guard=lambda: None)
    return time.monotonic() - began


def peaks(base: Path, options: argparse.Namespace, figures: Figures) -> None:
    """Peaks of memory: a worker on one large document, and the flow's process on a large site."""
    memory.large_document(base / "document", options.memory_pages)
    document = memory.measure(base / "document", base / "s-document")
    memory.large_site(base / "site", options.memory_site_pages)
    site = memory.measure(base / "site", base / "s-site")
    figures.memory = {
        "document_pages": options.memory_pages,
        "worker_mb": round(document.worker),
        "child_mb": round(document.children),
        "share_mb": round(document.share),
        "forking_mb": round(document.forking),
        "site_pages": options.memory_site_pages,
        "flow_mb": round(site.flow),
        "site_worker_mb": round(site.worker),
        "extraction_mb": round(max(site.extraction, document.extraction)),
        "site_seconds": round(site.seconds),
    }


def _lay_out(folder: Path, storage: Path) -> SiteStore:
    store = SiteStore(storage, ways.SITE)
    for path in folder.glob("*/*.pdf"):
        target = store.pdf_dir(Kind.MINUTES) / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return store


def _work(storage: Path) -> PageWork:
    return PageWork(
        str(storage), "eng", "tesseract", 60, 1024, str(storage / "none"), "2000-01-01T00:00:00+00:00"
    )


def _scratch(base: Path) -> Path:
    folder = base / "scratch"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def options_of(arguments: list[str] | None) -> argparse.Namespace:
    """The options, with the programs that were found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scanned", type=int, default=100, help="scanned pages; 0: none")
    parser.add_argument("--born-digital", type=int, default=2000, help="born-digital pages; 0: none")
    parser.add_argument("--turns", type=int, default=2, help="how often clerk and its rivals take turns")
    parser.add_argument("--memory", action="store_true", help="measure peaks of memory too")
    parser.add_argument("--memory-pages", type=int, default=500, help="pages of the large document")
    parser.add_argument("--memory-site-pages", type=int, default=20_000, help="pages of the large site")
    parser.add_argument("--ocrmypdf", help="the program; or CLERK_BENCH_OCRMYPDF")
    parser.add_argument("--pdftoppm", help="the program; or CLERK_BENCH_PDFTOPPM")
    parser.add_argument("--tesseract", help="the program; or CLERK_BENCH_TESSERACT")
    parser.add_argument("--no-write", action="store_true", help="leave docs/performance.md as it is")
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    for name in ("ocrmypdf", "pdftoppm", "tesseract"):
        setattr(options, name, ways.found(getattr(options, name), f"CLERK_BENCH_{name.upper()}", name))
    options.tesseract = options.tesseract or ways.wheel_of_tesseract()
    return options


def main(arguments: list[str] | None = None) -> int:
    """Measure, write the page, print JSON."""
    options = options_of(arguments)
    if options.read:
        read_here(options.read)
        return 0
    sizes = f"--scanned {options.scanned} --born-digital {options.born_digital}"
    figures = Figures(made_with=f"python -m benchmarks.pipeline {sizes}{' --memory' * options.memory}")
    with tempfile.TemporaryDirectory(prefix="clerk-bench-") as name:
        base = Path(name)
        try:
            if options.scanned:
                scanned(base / "scanned", options.scanned, options, figures)
            if options.born_digital:
                born_digital(base / "born", options.born_digital, options, figures)
            if options.memory:
                peaks(base / "memory", options, figures)
        except subprocess.CalledProcessError as error:
            sys.stderr.write(f"{error}\n{(error.stderr or b'')[-2000:]!r}\n")
            return 1
    if not options.no_write:
        page = performance_report.page(figures)
        (documents.ROOT / "docs" / "performance.md").write_text(page, encoding="utf-8")
    print(json.dumps(performance_report.as_json(figures)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
