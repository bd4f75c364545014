"""How long `clerk status` takes with many rows: `python benchmarks/status.py [ROWS] [SITES]`, 10,000 and 300.

Fills a civic database of its own in a temporary folder. With PREFECT_API_URL set, the depths are asked of that
server; with DATABASE_URL set, that database is filled, so name an empty one.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

from clerk.models import Failure, JobType, Site, Stage, State
from clerk.settings import Settings, load
from clerk.tracking import NewJob, Tracking, open_tracking

RUNS = 7


def fill(tracking: Tracking, rows: int, sites: int) -> None:
    """Register `sites` sites, and give them `rows` rows of runs and spans between them, some of which are open."""
    each = max(1, rows // sites)
    for number in range(sites):
        name, run = f"site-{number:04}", f"run-{number:04}"
        tracking.sites.add(Site(name, name=name.title(), state="ST"))
        jobs = [NewJob(run, run, name, JobType.SITE_RUN, None)]
        jobs += [
            NewJob(f"{run}-{span}", run, name, JobType.OCR_SPAN, Stage.OCR, items_total=25)
            for span in range(each - 1)
        ]
        tracking.jobs.add(jobs)
        state = State.RUNNING if number % 30 == 0 else State.COMPLETED
        if state is State.COMPLETED:
            tracking.jobs.close_run(run, state)
        tracking.progress.set(
            name, run_id=run, state=state, stage=Stage.OCR, total=25 * each, completed=10 * each, failed=0
        )
        letters = [
            Failure(name, "minutes", "Board", "2025-03-04", f"{name}/a.pdf", page, "ocr", "timed out")
            for page in range(1, 4)
        ]
        tracking.failures.replace(name, letters)


def seconds(settings: Settings, *arguments: str) -> list[float]:
    """Wall seconds of the whole command, process start included."""
    environment = os.environ | {
        "STORAGE_DIR": str(settings.storage_dir),
        "PREFECT_API_URL": settings.prefect_api_url,
        "DATABASE_URL": settings.database_url,
    }
    found = []
    for _ in range(RUNS):
        start = time.perf_counter()
        command = [sys.executable, "-m", "clerk", "status", *arguments]
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
        found.append(time.perf_counter() - start)
    return found


def main() -> None:
    rows, sites = (int(value) for value in [*sys.argv[1:], *("10000", "300")[len(sys.argv) - 1 :]])
    with tempfile.TemporaryDirectory() as folder:
        settings = load(storage_dir=folder)
        tracking = open_tracking(settings)
        fill(tracking, rows, sites)
        tracking.close()
        for arguments in ((), ("--json",), ("--subdomain", "site-0000")):
            found = seconds(settings, *arguments)
            name = " ".join(("clerk status", *arguments))
            print(f"{name}: median {statistics.median(found):.2f} s, longest {max(found):.2f} s")


if __name__ == "__main__":
    main()
