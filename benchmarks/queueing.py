"""How long it takes to queue many sites, and what a site of fifteen new pages costs: `python -m benchmarks.queueing`.

First a stack without workers: `clerk enqueue --all` with 1,000 sites, the same again while all of them wait, and
`clerk status`. Then a whole `clerk up`: what it uses idle, and 24 sites queued at once, each with three born-digital
pages and twelve scanned ones (real scans where they are at hand). Ends with one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from contextlib import closing
from pathlib import Path

from benchmarks import documents
from benchmarks.fleet import cpu_seconds, wait
from benchmarks.live_stack import Stack
from clerk.models import Site
from clerk.settings import load
from clerk.tracking import open_tracking

TEXT_PAGES, SCANNED_PAGES = 3, 12
IDLE_SECONDS = 60.0


def register(stack: Stack, count: int) -> list[str]:
    """Sites whose documents are in a folder of their own; their names."""
    names = [f"town{number:04}" for number in range(count)]
    with closing(open_tracking(load(storage_dir=stack.storage))) as tracking:
        for name in names:
            folder = stack.base / name
            folder.mkdir()
            tracking.sites.add(Site(name, name=name, scraper="folder", extra={"folder": str(folder)}))
    return names


def seconds(stack: Stack, *arguments: str) -> float:
    """Wall seconds of a command, its start included."""
    began = time.monotonic()
    stack.clerk(*arguments)
    return round(time.monotonic() - began, 1)


def queue(count: int) -> dict[str, object]:
    """Queue `count` sites on a stack without workers, twice, and look at them."""
    stack = Stack("--only", "postgres,redis,server")
    try:
        register(stack, count)
        found: dict[str, object] = {"sites": count}
        found["enqueue_seconds"] = seconds(stack, "enqueue", "--all")
        found["again_seconds"] = seconds(stack, "enqueue", "--all")
        found["status_seconds"] = seconds(stack, "status")
        found["waiting"] = len(stack.open_runs())
        return found
    finally:
        stack.stop()


def fill(base: Path, names: list[str]) -> None:
    """Two documents for each site, fifteen pages in all, other ones for each."""
    texts = documents.chosen(documents.texts(), TEXT_PAGES)
    scans = documents.chosen(documents.scans(), SCANNED_PAGES * len(names))
    for number, name in enumerate(names):
        documents.write(base / name / "Council" / "2024-01-02.pdf", texts)
        mine = scans[number * SCANNED_PAGES : (number + 1) * SCANNED_PAGES]
        documents.write(base / name / "Council" / "2024-02-06.pdf", mine, pictures=True)


def work(count: int, minutes: float) -> dict[str, object]:
    """Run `count` sites of fifteen pages on a whole stack; CPU is that of all its processes."""
    stack = Stack()
    try:
        time.sleep(IDLE_SECONDS)  # until what the start brought with it is done
        idle = cpu_seconds(stack)
        time.sleep(IDLE_SECONDS)
        idle = cpu_seconds(stack) - idle
        names = register(stack, count)
        fill(stack.base, names)
        spent, began = cpu_seconds(stack), time.monotonic()
        stack.clerk("enqueue", *names)
        wait(stack, count, minutes * 60)
        return {
            "sites": count,
            "idle_cores": round(idle / IDLE_SECONDS, 2),
            "cpu_seconds_a_site": round((cpu_seconds(stack) - spent) / count, 1),
            "seconds_a_site": round((time.monotonic() - began) / count, 1),
            "completed": len(stack.rows("SELECT 1 FROM site_progress WHERE state = 'completed'")),
        }
    finally:
        stack.stop()


def main(arguments: list[str] | None = None) -> int:
    """Measure both; 0 when every site was queued and completed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queued", type=int, default=1000, help="sites that are only queued")
    parser.add_argument("--worked", type=int, default=24, help="sites that are read")
    parser.add_argument("--minutes", type=float, default=30)
    chosen = parser.parse_args(arguments)
    queued = queue(chosen.queued)
    worked = work(chosen.worked, chosen.minutes)
    print(json.dumps({"queue": queued, "work": worked}))
    return int(queued["waiting"] != chosen.queued or worked["completed"] != chosen.worked)


if __name__ == "__main__":
    sys.exit(main())
