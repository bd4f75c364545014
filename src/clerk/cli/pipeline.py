"""What `run`, `demo` and `retry` share: progress while the pipeline works, and the closing summary."""

from __future__ import annotations

import sys
import time

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn
from rich.progress import TimeElapsedColumn as Elapsed

from clerk.cli import output
from clerk.local_run import run_site
from clerk.models import RunRequest, RunSummary, Stage, State
from clerk.ocr import resolve_languages
from clerk.progress import Event, StageProgress, listening
from clerk.settings import Settings
from clerk.storage import SiteStore

VERBS = {
    Stage.FETCH: "fetch",
    Stage.READ: "read documents",
    Stage.OCR: "recognise pages",
    Stage.COMPILATION: "compile pages",
    Stage.EXTRACTION: "extract documents",
    Stage.DEPLOY: "deploy",
}
FIRST = "start"


def process(settings: Settings, request: RunRequest, *, served: bool = False) -> int:
    """Run the pipeline with progress on standard error and a summary on standard output; the exit code.

    `served` says that a Prefect API is there already, as for one site of several.
    """
    used, missing = resolve_languages(settings.ocr_languages)
    if missing:
        output.note(
            f"OCR language {', '.join(missing)} is not installed; going on with {used}. `clerk doctor` says how."
        )
    began = time.monotonic()
    with _Bars() as bars, listening(bars.event):
        summary = run_site(settings, request, served=served)
    _print(settings, summary, time.monotonic() - began)
    return 1 if summary.state in (State.FAILED, State.CANCELLED, State.CRASHED) else 0


class _Bars:
    """A progress bar for each stage where a person watches; else a line when a stage is done."""

    def __init__(self) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description:<18}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            Elapsed(),
            console=Console(stderr=True),
            disable=not sys.stderr.isatty(),
        )
        self._tasks: dict[Stage, TaskID] = {}
        self._last: dict[Stage, tuple[int, int]] = {}
        self._first: TaskID | None = None

    def __enter__(self) -> _Bars:
        self._progress.__enter__()
        self._first = self._progress.add_task(FIRST, total=None)
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.__exit__(None, None, None)

    def event(self, event: Event) -> None:
        """Show one event of the run."""
        if self._first is not None:
            self._progress.update(self._first, total=1, completed=1)
            self._first = None
        if not isinstance(event, StageProgress):
            return
        if event.stage not in self._tasks:
            self._tasks[event.stage] = self._progress.add_task(VERBS[event.stage], total=event.total or None)
        total = max(event.total, event.done + event.failed)
        self._progress.update(self._tasks[event.stage], total=total, completed=event.done + event.failed)
        ended = event.done + event.failed >= event.total
        if (
            self._progress.disable
            and event.total
            and ended
            and self._last.get(event.stage) != (event.total, event.done)
        ):
            self._last[event.stage] = (event.total, event.done)
            output.note(f"{VERBS[event.stage]}: {event.done} of {event.total}")


def _print(settings: Settings, summary: RunSummary, seconds: float) -> None:
    store = SiteStore(settings.storage_dir, summary.subdomain)
    lines = [
        ("site", summary.subdomain),
        ("state", f"{summary.state.value}: {summary.message}"),
        (
            "documents",
            f"{summary.documents} ({summary.unreadable} unreadable, {summary.skipped} files skipped)",
        ),
        ("pages", _pages(summary)),
        ("this run", _work(summary)),
        (
            "time",
            f"{summary.seconds:.1f} s, {max(seconds - summary.seconds, 0):.1f} s more for starting and stopping",
        ),
    ]
    if store.database.exists():
        lines.append(("database", str(store.database)))
    output.fields(lines)
    if summary.failures or summary.skipped:
        count = summary.failures + summary.skipped
        click.echo(f"{count} listed with their reasons: clerk failures {summary.subdomain}")


def _pages(summary: RunSummary) -> str:
    parts = f"{summary.text_layer} from text layers, {summary.ocr} recognised, {summary.failed_pages} failed"
    return f"{summary.pages} ({parts})"


def _work(summary: RunSummary) -> str:
    if not (summary.fetched or summary.read or summary.recognised or summary.built):
        return "nothing new: nothing fetched, nothing recognised, nothing rebuilt"
    built = "database rebuilt" if summary.built else "nothing rebuilt"
    return f"{summary.fetched} fetched, {summary.read} read, {summary.recognised} pages recognised, {built}"
