"""Reading: the order of the text against known orders, and the CPU time of the whole read stage.

`python benchmarks/reading.py [--pages N] [--each N] [--data FOLDER] [--no-write]`. Writes two parts of
`docs/text-layers.md` and ends with one line of JSON. CPU times, not wall times: they bear a busy machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import mean

import layouts
import psutil
import pymupdf
import sections

from clerk.isolation import worker_child
from clerk.models import Document, Kind, PageWork
from clerk.pdf.order import read_in_order
from clerk.stages.read import read_documents
from clerk.storage import SiteStore

ROOT = Path(__file__).resolve().parent.parent
MEMORY = 1024
RIVAL_PAGES = 6


def natural(page: pymupdf.Page) -> str:
    return str(page.get_text("text"))


def by_height(page: pymupdf.Page) -> str:
    return str(page.get_text("text", sort=True))


def ours(page: pymupdf.Page) -> str:
    layer = page.get_textpage(flags=pymupdf.TEXTFLAGS_TEXT)
    return read_in_order(layer.extractWORDS()) or layer.extractText()


WAYS: dict[str, Callable[[pymupdf.Page], str]] = {"stream": natural, "sort": by_height, "clerk": ours}


def following(truth: list[str], found: list[str]) -> float:
    """Share of words that are followed by the word that ought to follow; of words that occur once in both."""
    once = {word for word, n in Counter(truth).items() if n == 1} & {
        w for w, n in Counter(found).items() if n == 1
    }
    wanted = [word for word in truth if word in once]
    place = {word: n for n, word in enumerate(word for word in found if word in once)}
    pairs = list(pairwise(wanted))
    return mean(place[b] == place[a] + 1 for a, b in pairs) if pairs else 1.0


def in_pairs(truth: list[str], found: list[str]) -> float:
    """Share of all pairs of words that stand in the right order."""
    place = {word: n for n, word in enumerate(found)}
    order = [place[word] for word in truth if word in place]
    total = len(order) * (len(order) - 1) // 2
    return sum(b > a for n, a in enumerate(order) for b in order[n + 1 :]) / max(total, 1)


def measure_order(each: int) -> dict[str, dict[str, tuple[float, float]]]:
    """For each kind of page and each way of reading: words followed rightly, pairs in order."""
    scores: dict[str, dict[str, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
    for layout in layouts.layouts(each):
        with layouts.drawn(layout) as document:
            for way, text_of in WAYS.items():
                found = text_of(document[0]).split()
                scores[layout.name][way].append(
                    (following(layout.truth, found), in_pairs(layout.truth, found))
                )
    return {
        name: {way: (mean(a for a, _ in values), mean(b for _, b in values)) for way, values in ways.items()}
        for name, ways in scores.items()
    }


def order_table(scores: dict[str, dict[str, tuple[float, float]]], each: int) -> str:
    """The part of the page about order."""
    lines = [
        f"{each} made pages of each kind, each written in the stream in ways that real programs use. The first figure",
        "is the share of words that are followed by the right word, the second that of all pairs in the right order.",
        "*stream* is the order of the content stream, *sort* is sorting by height, as PDF libraries offer both.",
        "",
        "| page | stream | sort | clerk |",
        "|---|---:|---:|---:|",
    ]
    for name, ways in scores.items():
        lines.append(
            f"| {name} | " + " | ".join(f"{a:.3f} / {b:.3f}" for a, b in (ways[way] for way in WAYS)) + " |"
        )
    total = {way: mean(ways[way][0] for ways in scores.values()) for way in WAYS}
    lines.append("| **mean** | " + " | ".join(f"**{total[way]:.3f}**" for way in WAYS) + " |")
    return "\n".join(lines)


@dataclass(frozen=True)
class Cost:
    """CPU seconds of the read stage over `pages` pages, and of starting its child."""

    pages: int
    seconds: float
    start_seconds: float

    @property
    def milliseconds(self) -> float:
        return self.seconds / self.pages * 1000


def measure_cost(sources: list[Path], pages: int) -> Cost:
    """Read copies of `sources` through the stage as a worker does, until there are `pages` pages."""
    with tempfile.TemporaryDirectory() as name:
        store = SiteStore(Path(name), "bench")
        documents = _documents(store, sources, pages)
        work = PageWork(name, "eng+spa", "tesseract", 60, MEMORY, "", "2000-01-01T00:00:00+00:00")
        began = _cpu()
        read_documents(documents[:1], work)
        started = _cpu()
        count = read_documents(documents[1:], work)
        ended = _cpu()
        worker_child(MEMORY).close()
    return Cost(count, ended - started, started - began)


def _documents(store: SiteStore, sources: list[Path], pages: int) -> list[Document]:
    found: list[Document] = []
    total, number = 0, 0
    while total < pages or len(found) < 2:
        path = sources[number % len(sources)]
        stem = f"{1900 + number // 336}-{number // 28 % 12 + 1:02d}-{number % 28 + 1:02d}"
        document = Document(store.subdomain, Kind.MINUTES, "Council", stem)
        store.pdf(document).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, store.pdf(document))
        with pymupdf.open(path) as opened:
            total += opened.page_count
        found.append(document)
        number += 1
    return found


def _cpu() -> float:
    """CPU seconds of this process and of its live child."""
    pid = worker_child(MEMORY).pid
    times = psutil.Process(pid).cpu_times() if pid else None
    return time.process_time() + (times.user + times.system if times else 0.0)


def rival(sources: list[Path]) -> float:
    """CPU milliseconds a page of drawing at 150 dpi and one tesseract process for each page, with one thread."""
    program = shutil.which("tesseract") or str(Path(sys.executable).with_name("tesseract"))
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    environment.setdefault("TESSDATA_PREFIX", str(Path(sys.prefix) / "share" / "tessdata"))
    done = 0
    before, own = resource.getrusage(resource.RUSAGE_CHILDREN), time.process_time()
    with tempfile.TemporaryDirectory() as name:
        for path in sources[:RIVAL_PAGES]:
            with pymupdf.open(path) as document:
                document[0].get_pixmap(dpi=150).save(f"{name}/page.png")
            subprocess.run(
                [program, f"{name}/page.png", f"{name}/out", "-l", "eng", "--oem", "1"],
                env=environment, check=True, capture_output=True,
            )  # fmt: skip
            done += 1
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime + time.process_time() - own
    return spent / done * 1000


def born_digital(data: Path) -> list[Path]:
    """Real documents whose pages all have text, else the sample town's."""
    folders = [data / "pdfs", ROOT / "samples" / "town"]
    return [path for folder in folders for path in sorted(folder.rglob("*.pdf")) if _has_text(path)]


def _has_text(path: Path) -> bool:
    try:
        with pymupdf.open(path, filetype="pdf") as document:
            return bool(document.page_count) and all(
                len(re.findall(r"[A-Za-z]{3,}", page.get_text())) > 60 for page in document
            )
    except (pymupdf.FileDataError, ValueError):
        return False


def cost_table(cost: Cost, other: float) -> str:
    """The part of the page about cost."""
    machine = f"{platform.machine()}, Python {platform.python_version()}"
    times = other / cost.milliseconds
    lines = [
        f"{cost.pages} born-digital pages of real documents through the whole read stage, with text, reading order,",
        f"decision and sidecar: **{cost.milliseconds:.1f} ms CPU a page** ({machine}).",
        f"Starting the child that reads, once a worker, took {cost.start_seconds:.1f} s of CPU.",
        f"Drawing each page and one tesseract process for it: {other:.0f} ms, **{times:.0f} times** as much.",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, write, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = os.environ.get("CLERK_TEST_DATA", str(ROOT.parent / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=Path(default), help="folder of real documents")
    parser.add_argument("--pages", type=int, default=2000, help="pages to read for the cost")
    parser.add_argument("--each", type=int, default=10, help="made pages of each kind")
    parser.add_argument("--no-write", action="store_true", help="leave docs/text-layers.md as it is")
    options = parser.parse_args()
    scores = measure_order(options.each)
    sources = born_digital(options.data)
    cost, other = measure_cost(sources, options.pages), rival(sources)
    parts = {"order": order_table(scores, options.each), "cost": cost_table(cost, other)}
    for name, text in parts.items():
        print(text, end="\n\n")
        if not options.no_write:
            sections.write(ROOT / "docs" / "text-layers.md", name, text)
    figures = {
        "order": {
            name: {way: [round(value, 4) for value in pair] for way, pair in ways.items()}
            for name, ways in scores.items()
        },
        "pages": cost.pages,
        "ms_cpu_a_page": round(cost.milliseconds, 2),
        "tesseract_ms_cpu_a_page": round(other, 1),
        "times": round(other / cost.milliseconds, 1),
    }
    print(json.dumps({"reading": figures}))


if __name__ == "__main__":
    main()
