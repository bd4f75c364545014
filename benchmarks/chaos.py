"""Kill each part of a stack in turn while a site is recognised, and count what was lost: `make chaos`.

A real `clerk up` with all parts; for each fault a site of scanned pages is queued, the fault strikes at a random moment
of the recognition, and nobody helps. Ends with one line of JSON; `--write` puts the table into docs/reliability.md.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import sys
import threading
import time
import xmlrpc.client
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
import pymupdf
import sqlalchemy

from benchmarks.live_stack import TERMINAL, Stack, until
from clerk.stack import remains
from clerk.stack.supervision import call

ROOT = Path(__file__).resolve().parent.parent
DOWN_SECONDS = 10.0
FINISH_SECONDS = 180.0
SWEEP_SECONDS = 5
BEGIN, END = "<!-- chaos: begin -->", "<!-- chaos: end -->"


@dataclass(frozen=True, slots=True)
class Result:
    """One fault: what it cost. `seconds` from the fault to the end of the site."""

    fault: str
    after_pages: int
    seconds: float
    attempts: int
    pages_lost: int
    pages_twice: int
    false_rows: int
    damaged: int
    unfinished_sites: int


def kill(processes: list[psutil.Process]) -> None:
    """SIGKILL the first of the processes; there must be one."""
    if not processes:
        raise SystemExit("The process to be killed is not there.")
    processes[0].kill()


def down(stack: Stack, part: str, processes: list[psutil.Process]) -> None:
    """SIGKILL a server and keep it away for `DOWN_SECONDS`."""
    kill(processes)
    try:
        call(stack.layout, "stopProcess", part)
    except xmlrpc.client.Fault:
        pass  # it was down at that very moment
    time.sleep(DOWN_SECONDS)
    call(stack.layout, "startProcess", part, False)


def dask_workers(stack: Stack) -> list[psutil.Process]:
    """Processes that run tasks: forks of the one that forks them."""
    forking = {process.pid for process in forking_workers(stack)}
    found = [process for process in stack.find("multiprocessing.forkserver") if process.ppid() in forking]
    return random.sample(found, len(found))


def forking_workers(stack: Stack) -> list[psutil.Process]:
    """The process that forks Dask workers: the child of the one that holds the nannies."""
    nannies = {process.pid for process in stack.find("worker", "ocr")}
    return [process for process in stack.find("multiprocessing.forkserver") if process.ppid() in nannies]


FAULTS: dict[str, Callable[[Stack], None]] = {
    "flow process, kill -9": lambda stack: kill(flow_processes(stack)),
    "fork server, kill -9": lambda stack: kill(fork_servers(stack)),
    "Dask worker, kill -9": lambda stack: kill(dask_workers(stack)),
    "process that forks Dask workers, kill -9": lambda stack: kill(forking_workers(stack)),
    "Dask scheduler, kill -9": lambda stack: kill(stack.find("dask_scheduler")),
    "Prefect server, 10 s down": lambda stack: down(
        stack, "server", stack.find("prefect", "server", "start")
    ),
    "Redis, 10 s down": lambda stack: down(
        stack, "redis", [each for each in remains.find(stack.layout.folder) if each.name() == "redis-server"]
    ),
    "Postgres, 10 s down": lambda stack: down(stack, "postgres", postmaster(stack)),
    "fetch worker, kill -9": lambda stack: kill(stack.find("worker", "fetch")),
}


def fork_servers(stack: Stack) -> list[psutil.Process]:
    """The fork server of the fetch worker, which holds the site run."""
    workers = {process.pid for process in stack.find("worker", "fetch")}
    return [each for each in stack.find("prefork_server") if each.ppid() in workers]


def flow_processes(stack: Stack) -> list[psutil.Process]:
    """Processes of flow runs: those started from nothing, and the forks of a fork server."""
    forks = stack.find("prefork_server")
    servers = {process.pid for process in forks}
    return stack.find("-m", "prefect.engine") + [each for each in forks if each.ppid() in servers]


def postmaster(stack: Stack) -> list[psutil.Process]:
    """The process of Postgres that all others of it descend from."""
    found = [each for each in remains.find(stack.layout.folder) if each.name() == "postgres"]
    pids = {each.pid for each in found}
    return [each for each in found if each.ppid() not in pids]


def scans(path: Path, name: str, pages: int) -> None:
    """A document of page images that say their number."""
    words = "The council approved the budget for the library and heard the report on the road. " * 6
    document = pymupdf.open()
    for number in range(1, pages + 1):
        source = pymupdf.open()
        page = source.new_page(width=612, height=792)
        page.insert_textbox((60, 60, 550, 740), f"Page {number} of {name}. {words}", fontsize=13)
        image = page.get_pixmap(dpi=150, colorspace=pymupdf.csGRAY)
        document.new_page(width=612, height=792).insert_image((0, 0, 612, 792), pixmap=image)
    path.parent.mkdir(parents=True)
    document.save(path)


class Watch(threading.Thread):
    """Counts how often each page's text was written, as seen by its time of change."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self.folder = folder
        self.times: dict[Path, int] = {}
        self.writes: Counter[Path] = Counter()
        self.over = threading.Event()
        self.start()

    def run(self) -> None:
        while not self.over.wait(0.1):
            self.look()

    def look(self) -> None:
        for path in self.folder.glob("*/*/*.txt"):
            try:
                at = path.stat().st_mtime_ns
            except FileNotFoundError:
                continue
            if self.times.get(path) != at:
                self.times[path] = at
                self.writes[path] += 1

    def end(self) -> int:
        self.over.set()
        self.join()
        self.look()
        return sum(count - 1 for count in self.writes.values())


def strike(stack: Stack, name: str, fault: str, pages: int) -> Result:
    """Queue a site, let the fault strike, wait for the end, and count."""
    scans(stack.base / name / "Council" / "2024-05-07.pdf", name, pages)
    folder = json.dumps({"folder": str(stack.base / name)})
    stack.clerk("sites", "add", name, "--scraper", "folder", "--extra", folder)
    stack.clerk("enqueue", name)
    watch = Watch(stack.storage / name / "txt")
    moment = random.randint(2, pages // 2)
    until(lambda: len(watch.times) >= moment, 120, f"{moment} pages of {name} are recognised")
    struck = time.monotonic()
    FAULTS[fault](stack)

    def ended() -> bool:
        try:
            found = stack.rows("SELECT state FROM site_progress WHERE subdomain = :name", name=name)
        except sqlalchemy.exc.SQLAlchemyError:
            return False
        return bool(found) and found[0][0] in ("completed", "incomplete")

    def why() -> str:
        found = stack.rows(
            "SELECT state, error_message FROM site_progress WHERE subdomain = :name", name=name
        )
        return f"{name} is left {found}"

    end = time.monotonic() + FINISH_SECONDS
    while not ended() and time.monotonic() < end:
        time.sleep(0.5)
    if not ended():
        print(why(), file=sys.stderr, flush=True)
    seconds = time.monotonic() - struck
    # Two sweeps more, for the rows of what died.
    settle = time.monotonic() + 2 * SWEEP_SECONDS + 15
    while (wrong := false_rows(stack, name)) and time.monotonic() < settle:
        time.sleep(1)
    runs = stack.rows(
        "SELECT max(attempt) FROM job_tracking WHERE subdomain = :name AND job_type = 'site-run'", name=name
    )
    lost, damaged = database(stack.storage / name / "meetings.db", pages)
    return Result(
        fault, moment, round(seconds, 1), int(str(runs[0][0])), lost, watch.end(), wrong, damaged, not ended()
    )


def false_rows(stack: Stack, name: str) -> int:
    """Rows of a site that are open though all is over, whose items do not add up, or that Prefect contradicts."""
    jobs = stack.rows(
        "SELECT job_id, job_type, state, items_total, items_done, items_failed FROM job_tracking"
        " WHERE subdomain = :name",
        name=name,
    )
    wrong = sum(state not in TERMINAL for _, _, state, *_ in jobs)
    wrong += sum(
        state == "completed" and int(str(t)) != int(str(d)) + int(str(f)) for _, _, state, t, d, f in jobs
    )
    return wrong + sum(run["parameters"]["subdomain"] == name for run in stack.open_runs())


def database(path: Path, pages: int) -> tuple[int, int]:
    """Pages that are missing from the compiled database, and 1 when it is damaged."""
    if not path.exists():
        return pages, 0
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        well = connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        found = connection.execute("SELECT count(DISTINCT page) FROM minutes WHERE text LIKE '%library%'")
        return pages - int(found.fetchone()[0]), int(not well)


def table(results: list[Result]) -> str:
    head = (
        "| Fault | struck after | finished after | tries | lost | twice | false rows |\n" + "|---" * 7 + "|"
    )
    rows = [
        f"| {each.fault} | {each.after_pages} pages | {each.seconds:.0f} s | {each.attempts} | {each.pages_lost} "
        f"| {each.pages_twice} | {each.false_rows} |"
        for each in results
    ]
    return "\n".join([head, *rows])


def main(arguments: list[str] | None = None) -> int:
    """Run the faults; 0 when nothing was lost, done twice, false or unfinished."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=30)
    parser.add_argument("--only", action="append", default=[], help="faults whose name begins so")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--write", action="store_true", help="put the table into docs/reliability.md")
    chosen = parser.parse_args(arguments)
    random.seed(chosen.seed)
    names = [name for name in FAULTS if not chosen.only or name.startswith(tuple(chosen.only))]
    stack = Stack(SWEEP_SECONDS=str(SWEEP_SECONDS))
    results: list[Result] = []
    try:
        for number, fault in enumerate(names):
            results.append(strike(stack, f"site{number}", fault, chosen.pages))
            print(json.dumps(asdict(results[-1])), file=sys.stderr, flush=True)
    finally:
        stack.stop()
    counts = ("pages_lost", "pages_twice", "false_rows", "damaged", "unfinished_sites")
    total = {name: sum(getattr(each, name) for each in results) for name in counts}
    if chosen.write:
        page = ROOT / "docs" / "reliability.md"
        text = page.read_text(encoding="utf-8")
        before, after = text.partition(BEGIN)[0], text.partition(END)[2]
        page.write_text(f"{before}{BEGIN}\n{table(results)}\n{END}{after}", encoding="utf-8")
    print(json.dumps({"faults": len(results), "pages": chosen.pages * len(results), **total}))
    return int(any(total.values()))


if __name__ == "__main__":
    sys.exit(main())
