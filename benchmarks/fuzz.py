"""Reads and draws thousands of damaged PDFs as a worker does, and looks for what may not happen.

Each document is a real one with one to three kinds of damage, the same for the same seed. It goes through the reading
stage, with its killable child process, and its first pages are drawn as for recognition. None may hang past its
deadline, end the worker, or be left without a record; no process and no temporary file may stay; and the memory of
the worker must stay flat. Ends with one line of JSON; the exit code is 1 where something happened that may not.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import psutil
import pymupdf

from benchmarks.mutations import MUTATIONS
from clerk.errors import ChildCrashedError, ChildMemoryError, ChildTimeoutError, ClerkError
from clerk.isolation import Child
from clerk.isolation import child as isolation
from clerk.models import Document, Kind, PageWork
from clerk.pdf import picture
from clerk.stages.read import read_documents
from clerk.storage import SiteStore

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples" / "town"
REAL = Path(os.environ.get("CLERK_TEST_DATA", ROOT.parent / "shared" / "data"))
MAX_BYTES = 1_500_000
MAX_PAGES = 12
DRAWN = 2
# Starting a new child, and a busy machine, come on top of a deadline.
GRACE_SECONDS = 10.0
MEMORY_MB = 512
WARM_UP = 200
# The allocator keeps some of what a large answer took.
GROWTH_MB = 24.0


@dataclass
class Result:
    """What happened. `faults` are the things that may not."""

    documents: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    pages: Counter[str] = field(default_factory=Counter)
    drawn: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    overrun: float = 0.0
    memory: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def growth(self) -> float:
        """MB that this process grew after it was warm."""
        return self.memory[-1] - self.memory[0] if len(self.memory) > 1 else 0.0


def sources() -> list[bytes]:
    """Documents to damage: real ones where they are at hand, else the samples; small ones, also uncompressed."""
    folder = REAL / "pdfs" if (REAL / "pdfs").is_dir() else SAMPLES
    found = []
    for path in sorted(folder.rglob("*.pdf")):
        data = path.read_bytes()
        if not data.startswith(b"%PDF-") or len(data) > MAX_BYTES:
            continue
        try:
            with pymupdf.open(stream=data, filetype="pdf") as document:
                if 0 < document.page_count <= MAX_PAGES and not document.needs_pass:
                    plain = document.tobytes(expand=1)
                    found += [data, plain] if len(plain) <= 2 * MAX_BYTES else [data]
        except (pymupdf.FileDataError, pymupdf.mupdf.FzErrorBase, ValueError, RuntimeError):
            continue
    return found


def damaged(originals: list[bytes], seed: str) -> tuple[bytes, str]:
    """A document with damage, and the names of what was done to it; always the same for a seed."""
    random = Random(seed)
    data, names = random.choice(originals), []
    for _ in range(random.choice((1, 1, 2, 3))):
        mutation = random.choice(MUTATIONS)
        data = mutation(data, random) or b"%PDF-"
        names.append(mutation.__name__)
    return data, "+".join(names)


@contextmanager
def timed(result: Result) -> Any:
    """Measure how long calls of children last beyond their deadline."""
    call = Child.call

    def measured(self: Child, fn: Callable[..., Any], *args: Any, timeout: float) -> Any:
        began = time.monotonic()
        try:
            return call(self, fn, *args, timeout=timeout)
        finally:
            result.overrun = max(result.overrun, time.monotonic() - began - timeout)

    Child.call = measured  # type: ignore[method-assign]
    try:
        yield
    finally:
        Child.call = call  # type: ignore[method-assign]


def one(store: SiteStore, data: bytes, work: PageWork, child: Child, result: Result) -> None:
    """Put a document through reading and drawing, and keep the count."""
    document = Document(store.subdomain, Kind.MINUTES, "Board", "2024-03-05")
    store.remove(document)
    store.pdf(document).parent.mkdir(parents=True, exist_ok=True)
    store.pdf(document).write_bytes(data)
    read_documents([document], work)
    record = store.read_record(document)
    if record is None:
        result.faults.append("no record")
        return
    if record.error:
        result.ends[_short(record.error)] += 1
        return
    result.ends["read"] += 1
    if sorted(record.pages) != list(range(1, record.page_count + 1)):
        result.faults.append("a page without a record")
    for page, entry in sorted(record.pages.items()):
        result.pages[entry.status if not entry.failed else _short(entry.error)] += 1
        if entry.done and not store.text(document, page).exists():
            result.faults.append("a page without its text")
    for page in sorted(record.pages)[:DRAWN]:
        try:
            child.call(picture.png, store.pdf(document), page, timeout=work.timeout)
            result.drawn["drawn"] += 1
        except ClerkError as error:
            result.drawn[_kind(error)] += 1


def _kind(error: ClerkError) -> str:
    names = {ChildTimeoutError: "timeout", ChildCrashedError: "crash", ChildMemoryError: "memory"}
    return names.get(type(error), "damaged")


def _short(reason: str) -> str:
    for name, sign in (
        ("timeout", "took longer"),
        ("crash", "its process"),
        ("memory", "more memory"),
        ("lost", "not read:"),
    ):
        if sign in reason:
            return name
    return "failed"


def run(count: int, seed: str, timeout: float, keep: Path | None = None, *, progress: bool = False) -> Result:
    """Fuzz with `count` documents; those with a fault are kept in `keep`."""
    result, originals = Result(), sources()
    before = set(psutil.Process().children(recursive=True))
    old_folder = tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix="clerk-fuzz-") as name:
        base = Path(name)
        (base / "tmp").mkdir()
        tempfile.tempdir = str(base / "tmp")
        os.environ["TMPDIR"] = str(base / "tmp")
        store = SiteStore(base / "storage", "fuzz")
        work = PageWork(
            str(store.root), "eng", "tesseract", timeout, MEMORY_MB, "", "2000-01-01T00:00:00+00:00"
        )
        try:
            with timed(result):
                for index in range(count):
                    _step(store, originals, f"{seed}-{index}", work, result, keep)
                    if index + 1 in (min(WARM_UP, count // 2), count):
                        gc.collect()
                        result.memory.append(psutil.Process().memory_info().rss / 1e6)
                    if progress and (index + 1) % 100 == 0:
                        sys.stderr.write(
                            f"{index + 1} documents, {dict(result.ends)}, faults {len(result.faults)}\n"
                        )
        finally:
            isolation._close_shared()
            tempfile.tempdir = old_folder
            os.environ.pop("TMPDIR", None)
        _look_for_remains(base, before, result)
    if result.growth > GROWTH_MB:
        result.faults.append(f"the worker grew by {result.growth:.0f} MB")
    if result.overrun > GRACE_SECONDS:
        result.faults.append(f"a call lasted {result.overrun:.1f} s beyond its deadline")
    return result


def _step(
    store: SiteStore, originals: list[bytes], seed: str, work: PageWork, result: Result, keep: Path | None
) -> None:
    data, names = damaged(originals, seed)
    faults, began = len(result.faults), time.monotonic()
    try:
        one(store, data, work, isolation.worker_child(MEMORY_MB), result)
    except Exception as error:  # noqa: BLE001 - whatever it is, a worker would have died of it
        result.faults.append(f"{type(error).__name__}: {error}")
    result.documents += 1
    result.slowest = max(result.slowest, time.monotonic() - began)
    if len(result.faults) > faults:
        sys.stderr.write(f"{seed} ({names}): {result.faults[-1]}\n")
        if keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            (keep / f"{seed}.pdf").write_bytes(data)


def _look_for_remains(base: Path, before: set[psutil.Process], result: Result) -> None:
    """Processes and files that nobody needs any more."""
    end = time.monotonic() + 5
    while left := set(psutil.Process().children(recursive=True)) - before:
        if time.monotonic() > end:
            result.faults.append(f"{len(left)} processes are left")
            break
        time.sleep(0.1)
    files = [path for path in base.rglob("*") if path.is_file()]
    strange = [
        path for path in files if "tmp" in path.relative_to(base).parts[0] or path.name.startswith(".")
    ]
    if strange:
        result.faults.append(f"{len(strange)} temporary files are left, such as {strange[0].name}")
    shutil.rmtree(base / "storage", ignore_errors=True)


def main(arguments: list[str] | None = None) -> int:
    """Fuzz, print what happened, and say by the exit code whether all was well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000, help="documents")
    parser.add_argument("--seed", default="1", help="another seed, other damage")
    parser.add_argument("--timeout", type=float, default=5.0, help="deadline in seconds")
    parser.add_argument("--keep", type=Path, help="folder for documents that showed a fault")
    options = parser.parse_args(arguments)
    began = time.monotonic()
    result = run(options.count, options.seed, options.timeout, options.keep, progress=True)
    print(
        json.dumps(
            {
                "documents": result.documents,
                "seed": options.seed,
                "ends": dict(result.ends),
                "pages": dict(result.pages),
                "drawn": dict(result.drawn),
                "slowest_seconds": round(result.slowest, 1),
                "beyond_deadline_seconds": round(max(result.overrun, 0.0), 1),
                "memory_mb": [round(value, 1) for value in result.memory],
                "growth_mb": round(result.growth, 1),
                "faults": result.faults[:20],
                "seconds": round(time.monotonic() - began),
            }
        )
    )
    return 1 if result.faults else 0


if __name__ == "__main__":
    sys.exit(main())
