"""Queue many small sites at mixed priorities on a whole `clerk up`: `python -m benchmarks.fleet [SITES]`.

A third of the sites with low priority first, then a third with normal, then a third with high. When all have ended:
did a run begin while one of higher priority waited in the same pool, and do the rows of the civic database agree with
the Prefect API, row by row? Then some sites again, which have nothing new. Ends with one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pymupdf

from benchmarks.live_stack import TERMINAL, Stack
from clerk.models import Priority, Site
from clerk.settings import load
from clerk.tracking import open_tracking

ORDER = (Priority.LOW, Priority.NORMAL, Priority.HIGH)
RANK = {priority.queue: rank for rank, priority in enumerate(ORDER)}
# A worker sees a run some seconds after it was created, and its process takes some more to begin.
BLINK = timedelta(seconds=20)
AGAIN = 10


@dataclass(frozen=True, slots=True)
class Run:
    """One flow run: when it was created and began, and how urgent it was."""

    name: str
    pool: str
    rank: int
    created: datetime
    began: datetime


def documents(folder: Path, name: str) -> None:
    """One page with a text layer, and one that is a picture."""
    words = (
        f"The board of {name} approved the budget for the library. Motion by Marsh, seconded by Delgado. " * 4
    )
    text, scan = pymupdf.open(), pymupdf.open()
    page = text.new_page(width=612, height=792)
    page.insert_textbox((60, 60, 550, 740), words, fontsize=12)
    image = page.get_pixmap(dpi=100, colorspace=pymupdf.csGRAY)
    scan.new_page(width=612, height=792).insert_image((0, 0, 612, 792), pixmap=image)
    (folder / "Board").mkdir(parents=True)
    text.save(folder / "Board" / "2024-03-01.pdf")
    scan.save(folder / "Board" / "2024-03-08.pdf")


def queue(stack: Stack, count: int) -> list[str]:
    """Make the sites and queue them, the least urgent first; their names."""
    names = [f"town{number:04}" for number in range(count)]
    with closing(open_tracking(load(storage_dir=stack.storage))) as tracking:
        for name in names:
            documents(stack.base / name, name)
            extra = {"folder": str(stack.base / name)}
            tracking.sites.add(Site(name, name=name, scraper="folder", extra=extra))
    size = -(-count // len(ORDER))
    for number, priority in enumerate(ORDER):
        stack.clerk("enqueue", *names[number * size : (number + 1) * size], "--priority", priority.value)
    return names


def wait(stack: Stack, count: int, seconds: float) -> None:
    """Wait until no row and no flow run is open, or the time is over; says how far it is."""
    told = 0.0

    def ended() -> bool:
        nonlocal told
        states = Counter(str(state) for (state,) in stack.rows("SELECT state FROM site_progress"))
        if time.monotonic() - told > 60:
            told = time.monotonic()
            print(dict(states), file=sys.stderr, flush=True)
        over = sum(states[state] for state in TERMINAL) == count and states.total() == count
        return over and not open_rows(stack) and not stack.open_runs()

    end = time.monotonic() + seconds
    while not ended() and time.monotonic() < end:
        time.sleep(2)


def open_rows(stack: Stack) -> int:
    states = Counter(str(state) for (state,) in stack.rows("SELECT state FROM job_tracking"))
    return states.total() - sum(states[state] for state in TERMINAL)


def runs(stack: Stack) -> list[Run]:
    """All flow runs of the sites that a worker took from a queue."""
    found = stack.all("/flow_runs/filter", sort="START_TIME_ASC")
    return [
        Run(
            run["name"],
            run["work_pool_name"],
            RANK.get(run["work_queue_name"], -1),
            datetime.fromisoformat(run["created"]),
            datetime.fromisoformat(run["start_time"]),
        )
        for run in found
        if run["work_pool_name"] and run["start_time"] and "subdomain" in run["parameters"]
    ]


def out_of_order(found: list[Run]) -> int:
    """Runs that began although a more urgent one had waited in the same pool before and was begun later."""
    return sum(
        any(
            other.pool == run.pool
            and other.rank > run.rank
            and other.created < run.began - BLINK
            and other.began > run.began + BLINK
            for other in found
        )
        for run in found
    )


def disagreeing(stack: Stack) -> tuple[int, int]:
    """Rows of site runs, and how many of them, or of their sites, say another state than the Prefect API."""
    said = {run["id"]: state_of(run) for run in stack.all("/flow_runs/filter")}
    rows = stack.rows(
        "SELECT j.prefect_run_id, j.state, p.state FROM job_tracking j JOIN site_progress p"
        " ON p.subdomain = j.subdomain AND p.run_id = j.run_id WHERE j.job_type = 'site-run'"
    )
    return len(rows), sum(not said.get(str(key)) == state == site for key, state, site in rows)


def state_of(run: dict[str, Any]) -> str:
    """What `job_tracking` calls the state of a flow run."""
    name = run["state"]["name"]
    return {"Completed": "completed", "Incomplete": "incomplete", "NoDocuments": "no_documents"}.get(
        name, name.lower()
    )


def nothing_new(stack: Stack, names: list[str]) -> dict[str, object]:
    """Queue sites once more: how many subflows that made, and what it cost, servers and workers included."""
    before = {run["id"] for run in stack.all("/flow_runs/filter")}
    spent = cpu_seconds(stack)
    stack.clerk("enqueue", *names, "--wait")
    spent = cpu_seconds(stack) - spent
    made = [run for run in stack.all("/flow_runs/filter") if run["id"] not in before]
    mine = [run for run in made if run["parameters"].get("subdomain") in names]
    return {
        "sites": len(names),
        "subflows": len(mine) - len(names),
        "cpu_seconds_a_site": round(spent / len(names), 1),
    }


def cpu_seconds(stack: Stack) -> float:
    """What the stack has used so far, with its children that have ended."""
    total = 0.0
    for process in stack.find():
        with suppress(psutil.Error):
            total += sum(process.cpu_times()[:4])
    return total


def main(arguments: list[str] | None = None) -> int:
    """Queue, wait, count; 0 when all ended well, in order, and every row is true."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sites", type=int, nargs="?", default=300)
    parser.add_argument("--minutes", type=float, default=150)
    chosen = parser.parse_args(arguments)
    stack = Stack()
    try:
        names = queue(stack, chosen.sites)
        began = time.monotonic()
        wait(stack, len(names), chosen.minutes * 60)
        seconds = time.monotonic() - began
        ended = Counter(str(state) for (state,) in stack.rows("SELECT state FROM site_progress"))
        found = runs(stack)
        rows, wrong = disagreeing(stack)
        late = out_of_order(found)
        still = open_rows(stack)
        again = nothing_new(stack, names[:AGAIN])
    finally:
        stack.stop()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    figures = {
        "sites": chosen.sites,
        "ended": dict(ended),
        "runs": dict(Counter(run.pool for run in found)),
        "out_of_order": late,
        "site_run_rows": rows,
        "disagreeing": wrong,
        "open_rows": still,
        "seconds": round(seconds),
        "cpu_seconds_a_site": round((used.ru_utime + used.ru_stime) / chosen.sites, 1),
        "again": again,
    }
    print(json.dumps(figures))
    return int(ended["completed"] < chosen.sites or bool(late or wrong or still or again["subflows"]))


if __name__ == "__main__":
    sys.exit(main())
