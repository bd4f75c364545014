"""Peak memory of the processes of a `clerk run`: the flow's own, and each worker with the child it reads in.

What counts is the proportional set size: pages that processes share are split between them. Linux only.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pymupdf

from benchmarks import documents

SAMPLE_SECONDS = 0.25
SHORT = "Item {0}. The board heard a report on the library and moved on."


@dataclass
class Peaks:
    """Largest sizes in MB that were seen; `workers` holds that of each worker with its child."""

    flow: float = 0.0
    workers: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    children: float = 0.0
    forking: float = 0.0
    together: float = 0.0
    extraction: float = 0.0
    server: float = 0.0
    seconds: float = 0.0

    @property
    def worker(self) -> float:
        return max(self.workers.values(), default=0.0)

    @property
    def share(self) -> float:
        """Of each worker in all that recognises: the process that forks, the workers, their children."""
        return self.together / max(len(self.workers), 1)


def large_document(folder: Path, pages: int) -> None:
    """One PDF of so many pages, a tenth of them scans."""
    texts, scans = documents.texts(), documents.scans()
    places = [
        place
        for n, place in enumerate(documents.chosen(texts, pages))
        for place in [documents.chosen(scans, pages)[n] if n % 10 == 0 else place]
    ]
    documents.write(folder / "Council" / "2024-01-02.pdf", places)


def large_site(folder: Path, pages: int) -> None:
    """Documents of 100 pages with a line of text each."""
    for number in range(-(-pages // 100)):
        day = f"{2000 + number // 300}-{number % 300 // 25 + 1:02d}-{number % 25 + 1:02d}"
        target = folder / "Council" / f"{day}.pdf"
        target.parent.mkdir(parents=True, exist_ok=True)
        with pymupdf.open() as document:
            for page in range(100):
                document.new_page().insert_text((72, 72), SHORT.format(number * 100 + page))
            document.save(target)


def measure(folder: Path, storage: Path) -> Peaks:
    """Run a site and watch its processes.

    Raises:
        subprocess.CalledProcessError: the run failed.
    """
    storage.mkdir(parents=True, exist_ok=True)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
    environment |= {"STORAGE_DIR": str(storage), "OCR_LANGUAGES": "eng", "PLUGINS_DIR": str(storage / "none")}
    command = [sys.executable, "-m", "clerk", "run", "bench", "--from", str(folder)]
    peaks, began = Peaks(), time.monotonic()
    with subprocess.Popen(command, env=environment, cwd=storage, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            with contextlib.suppress(psutil.Error):
                _look(psutil.Process(process.pid), peaks)
            time.sleep(SAMPLE_SECONDS)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    peaks.seconds = time.monotonic() - began
    return peaks


def _look(flow: psutil.Process, peaks: Peaks) -> None:
    peaks.flow = max(peaks.flow, _size(flow))
    together = 0.0
    for process in flow.children():
        with contextlib.suppress(psutil.Error):
            line = " ".join(process.cmdline())
            if "clerk.isolation" in line:
                peaks.extraction = max(peaks.extraction, _size(process))
            elif "prefect.server" in line:
                peaks.server = max(peaks.server, _size(process))
            elif "forkserver" in line:
                forking = _size(process)
                peaks.forking = max(peaks.forking, forking)
                together += forking + sum(_look_at_worker(worker, peaks) for worker in process.children())
            elif "spawn_main" in line:
                together += _look_at_worker(process, peaks)
    peaks.together = max(peaks.together, together)


def _look_at_worker(process: psutil.Process, peaks: Peaks) -> float:
    sizes = [_size(each) for each in process.children()]
    whole = _size(process) + sum(sizes)
    peaks.children = max([peaks.children, *sizes])
    peaks.workers[process.pid] = max(peaks.workers[process.pid], whole)
    return whole


def _size(process: psutil.Process) -> float:
    """MB, shared memory in proportion; 0 for a process that has just ended."""
    with contextlib.suppress(psutil.Error):
        return float(process.memory_full_info().pss) / 1e6
    return 0.0
