"""What `clerk status` shows to people: lines and tables, printed once or kept on the screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import click

from clerk.cli import output

PAUSE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Line:
    """A line; a `note` goes to standard error where it is printed."""

    text: str
    note: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the columns named in `right` hold numbers."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    right: Sequence[str] = ()


Page = list[Line | Table]


def page(report: dict[str, Any], *, one: bool, watched: bool = False) -> Page:
    """The page of a report; of `one` site it shows the stages and the history too."""
    found: Page = []
    if report["reaped"]:
        found.append(
            Line(f"Marked crashed, since their process is gone: {', '.join(report['reaped'])}.", True)
        )
    found += _queues(report)
    if problem := report["database"]["problem"]:
        # Printed once, the command ends with it; on a screen it must be seen.
        return [*found, Line(problem)] if watched else found
    found += _active(report["active"])
    if one:
        found += _history(report)
    found += _runs(report["runs"], one=one)
    found += _failures(report["last_failures"])
    sites = len(report["sites"])
    hint = " See `clerk failures`." if report["failures"] else ""
    plural = ["" if number == 1 else "s" for number in (sites, report["failures"])]
    found.append(Line(f"{sites} site{plural[0]}, {report['failures']} failure{plural[1]}.{hint}"))
    return found


def show(found: Page) -> None:
    """Print a page."""
    for block in found:
        if isinstance(block, Table):
            output.table(block.columns, block.rows, title=block.title, right=block.right)
        elif block.note:
            output.note(block.text)
        else:
            click.echo(output.cell(block.text))


def watch(make: Callable[[], Page]) -> None:
    """Show a new page every `PAUSE_SECONDS` until Ctrl-C: on a terminal in place, else one after another."""
    try:
        if output.is_terminal():
            _watch_screen(make)
        else:
            while True:
                show(make())
                click.echo()
                time.sleep(PAUSE_SECONDS)
    except KeyboardInterrupt:
        return


def _watch_screen(make: Callable[[], Page]) -> None:
    # Here, since a single report in a pipe needs none of it.
    from rich.console import Group
    from rich.live import Live
    from rich.text import Text

    def drawn() -> Group:
        blocks = [
            output.drawn(block.columns, block.rows, title=block.title, right=block.right)
            if isinstance(block, Table)
            else Text(output.cell(block.text))
            for block in make()
        ]
        clock = time.strftime("%H:%M:%S")
        return Group(*blocks, Text(f"{clock}, every {PAUSE_SECONDS:g} s. Ctrl-C ends.", style="dim"))

    with Live(drawn(), screen=True, auto_refresh=False) as live:
        while True:
            time.sleep(PAUSE_SECONDS)
            live.update(drawn(), refresh=True)


def _queues(report: dict[str, Any]) -> Page:
    queues, state = report["queues"], report["api"]["state"]
    if state == "none":
        ocr = queues["ocr"]
        known = f" OCR: {ocr['waiting']} waiting, {ocr['running']} running." if ocr["running"] else ""
        return [Line(f"Queues: not known, since no Prefect API is set.{known}")]
    rows = [
        [name, *("?" if depth[key] is None else depth[key] for key in ("waiting", "running"))]
        for name, depth in queues.items()
    ]
    late = sum(depth["late"] or 0 for name, depth in queues.items() if name != "high-priority")
    found: Page = [Table("Queues", ("queue", "waiting", "running"), rows, ("waiting", "running"))]
    if late:
        running = any(depth["running"] for depth in queues.values())
        hint = "" if running else " Do workers run? Start them with `clerk up` or `clerk worker`."
        found.append(Line(f"{late} should have begun by now.{hint}"))
    if report["api"]["problem"]:
        found.append(Line(report["api"]["problem"], True))
    return found


def _active(active: list[dict[str, Any]]) -> Page:
    running = [site for site in active if site["state"] == "running"]
    waiting = len(active) - len(running)
    found: Page = []
    if running:
        columns = ("site", "stage", "done", "percent", "failed", "rate", "left", "updated")
        rows = [
            [
                site["subdomain"],
                site["stage"] or site["state"],
                f"{site['completed'] + site['failed']}/{site['total']}",
                f"{site['percent']:.0f} %" if site["percent"] is not None else "",
                site["failed"],
                _rate(site["rate"]),
                _duration(site["seconds_left"]),
                site["updated_at"],
            ]
            for site in running
        ]
        found.append(Table("Active", columns, rows, ("done", "percent", "failed", "rate", "left")))
    if waiting:
        found.append(Line(f"{waiting} site{' waits' if waiting == 1 else 's wait'} for a worker."))
    return found or [Line("No run is active.")]


def _history(report: dict[str, Any]) -> Page:
    site, found = report["sites"][0], Page()
    columns: Sequence[str] = ("stage", "total", "completed", "failed")
    rows = [[name, *(count[key] for key in columns[1:])] for name, count in site["stages"].items()]
    if rows:
        found.append(Table(f"{site['subdomain']}: {site['state']}", columns, rows, columns[1:]))
    elif site["state"] is None:
        found.append(
            Line(f"{site['subdomain']} has never run. Start it with `clerk run {site['subdomain']}`.")
        )
    if site["error"]:
        found.append(Line(f"{site['error_stage'] or 'error'}: {site['error']}"))
    if report["jobs"]:
        numbers = ("waiting", "running", "completed", "failed")
        rows = [
            [
                job["type"],
                *(job[key] for key in numbers),
                f"{job['items_done'] + job['items_failed']}/{job['items_total']}"
                if job["items_total"]
                else "",
                job["started_at"],
                job["finished_at"],
            ]
            for job in report["jobs"]
        ]
        columns = ("job", *numbers, "items", "started", "finished")
        found.append(Table("Jobs of the last run", columns, rows, (*numbers, "items")))
    return found


def _runs(runs: list[dict[str, Any]], *, one: bool) -> Page:
    if not runs:
        return []
    columns: Sequence[str] = ("site", "state", "started", "seconds", "error")
    keys: Sequence[str] = ("subdomain", "state", "started_at", "seconds", "error")
    if one:
        columns = ("state", "queued", "started", "finished", "seconds", "attempt", "error")
        keys = ("state", "created_at", "started_at", "finished_at", "seconds", "attempt", "error")
    rows = [[run[key] for key in keys] for run in runs]
    return [Table("Last runs", columns, rows, ("seconds", "attempt") if one else ("seconds",))]


def _failures(letters: list[dict[str, Any]]) -> Page:
    rows = [
        [
            letter["subdomain"],
            " ".join(str(part) for part in (letter["kind"], letter["meeting"], letter["date"]) if part)
            or letter["path"],
            letter["page"],
            letter["stage"],
            letter["reason"],
        ]
        for letter in letters
    ]
    columns = ("site", "document", "page", "stage", "reason")
    return [Table("Last failures", columns, rows, ("page",))] if rows else []


def _rate(rate: float | None) -> str:
    if rate is None:
        return ""
    return f"{rate:.1f}/s" if rate >= 1 else f"{rate * 60:.1f}/min"


def _duration(seconds: int | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(seconds, 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes} min" if minutes else f"{rest} s"
