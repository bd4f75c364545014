"""One run of one site: its lease, its rows in the civic database, and the rule that no page is left out.

The flow `process-site` holds a `SiteRun` for as long as it works. State is written here, in the body of the flow,
since worker processes have no database and Prefect's events may be dropped.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from clerk.deploy.local import is_published
from clerk.errors import ClerkError, LeaseHeldError, LeaseLostError, UnaccountedPagesError
from clerk.fetch import FetchResult
from clerk.models import JobType, PageWork, RunRef, RunRequest, RunSummary, Site, Stage, State
from clerk.ocr import resolve_languages
from clerk.ocr_choice import LANGUAGES, ocr_choice
from clerk.origin import Origin
from clerk.progress import StageProgress, publish
from clerk.run_rows import INTERRUPTED, PATIENCE_SECONDS, heart, line_of, state_of, unit, write_end
from clerk.settings import Settings
from clerk.stages import images, redo, spans, uploads
from clerk.stages.account import Account, account, failures, settle
from clerk.stages.build import is_current
from clerk.stages.extract import mark_again
from clerk.stages.fetch import remembered_folder
from clerk.stages.report import closing_report
from clerk.stages.retry import forget
from clerk.storage import SiteStore
from clerk.tracking import Lease, NewJob, Tracking, open_tracking

REST_SECONDS = 90.0


class PrefectState(Protocol):
    """What is asked of a Prefect state here; the rest of Prefect stays outside."""

    name: str | None
    message: str | None

    def is_failed(self) -> bool: ...

    def is_completed(self) -> bool: ...


@dataclass(slots=True)
class Tally:
    """What this run did, for its closing summary."""

    fetched: int = 0
    read: int = 0
    recognised: int = 0
    built: bool = False


@dataclass(slots=True)
class SiteRun:
    """A run that holds its site. Made by `site_run`."""

    settings: Settings
    tracking: Tracking
    store: SiteStore
    site: Site
    request: RunRequest
    lease: Lease
    since: str
    started: float
    languages: str
    origin: Origin = field(default_factory=Origin)
    lost: threading.Event = field(default_factory=threading.Event)
    ocr_called_off: bool = False
    tally: Tally = field(default_factory=Tally)
    problems: list[str] = field(default_factory=list)
    report: str = ""

    @property
    def ref(self) -> RunRef:
        """The run as its stages know it."""
        return RunRef(self.lease.run_id, self.lease.token)

    @property
    def attempt(self) -> str:
        """Names this attempt at the run: a run that is started again gets a new token."""
        return f"{self.lease.run_id} {self.lease.token}"

    @property
    def work(self) -> PageWork:
        """How worker processes read and recognise pages in this run."""
        choice = ocr_choice(self.settings, self.site, self.request.ocr_backend)
        return PageWork(
            root=str(self.settings.storage_dir),
            languages=self.languages,
            backend=choice.backend,
            second=choice.second,
            timeout=self.settings.page_timeout_seconds,
            memory_mb=self.settings.page_memory_mb,
            plugins_dir=str(self.settings.plugins_dir),
            attempt=self.attempt,
            again=self.request.force,
            run_id=self.lease.run_id,
            images=images.wanted(self.settings),
        )

    def look(self) -> None:
        """Notice what ends a run from outside; called often.

        Raises:
            LeaseLostError: another run has the site.
            RunCancelledError: a person called the run off.
        """
        if self.lost.is_set():
            raise LeaseLostError(f"Another run has taken over {self.site.subdomain}.")
        match spans.called_off(self.store, self.lease.run_id):
            case spans.OCR:
                self.ocr_called_off = True
            case spans.WHOLE:
                spans.check(self.store, self.lease.run_id)

    def show(self, stage: Stage, total: int, done: int, failed: int = 0) -> None:
        """Tell the civic database and this process's listeners how a stage is getting on."""
        mine = self.tracking.progress.set(
            self.site.subdomain,
            run_id=self.lease.run_id,
            state=State.RUNNING,
            stage=stage,
            total=total,
            completed=done,
            failed=failed,
        )
        # The counts of a run that has taken over are not this one's to write; `look` soon ends this one.
        if mine:
            self.tracking.progress.set_stage_counts(self.site.subdomain, stage, total, done, failed)
        publish(StageProgress(stage, total, done, failed))

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters of this run's subflows."""
        return {"subdomain": self.site.subdomain, "run_id": self.lease.run_id, "token": self.lease.token}

    @contextmanager
    def fetching(self) -> Iterator[None]:
        """The row of the fetch, which is done in this process."""
        priority = self.origin.priority
        with unit(
            self.tracking, self.site.subdomain, self.ref, JobType.FETCH, Stage.FETCH, priority=priority
        ):
            self.show(Stage.FETCH, 0, 0)
            yield

    def fetched(self, result: FetchResult) -> None:
        """Note what the fetch brought, and the languages that the site's fetcher asks for."""
        if result.languages and not self.site.extra.get(LANGUAGES):
            self.languages, _ = resolve_languages(result.languages)
        self.tally.fetched = result.new + result.updated
        total = self.tally.fetched + result.unchanged + len(result.failures)
        self.show(Stage.FETCH, total, total - len(result.failures), len(result.failures))

    def built(self, states: list[PrefectState], publish_fast: Callable[[], PrefectState]) -> None:
        """Note how the fast and the full path ended. A full one that failed leaves the fast database, published."""
        fast, full = states
        self.tally.built = not fast.is_failed() or not full.is_failed()
        for name, state in (("fast", fast), ("full", full)):
            if not state.is_completed():
                self.problems.append(f"The {name} path ended {state.name}: {state.message}.")
        if fast.is_completed() and not full.is_completed() and not is_published(self.store):
            self.deployed(publish_fast())

    def deployed(self, state: PrefectState) -> None:
        """Note how a deploy ended that no full path asked for."""
        if not state.is_completed():
            self.problems.append(f"The deploy ended {state.name}: {state.message}.")

    def extracted(self, full: PrefectState | None) -> None:
        """Note how the full path of a run ended that only extracts; None where there was nothing to do."""
        if full is None:
            return
        self.tally.built = full.is_completed()
        if not full.is_completed():
            self.problems.append(f"The full path ended {full.name}: {full.message}.")

    def check_books(self) -> Account:
        """Fold and count what is on disk; nothing that a task said counts.

        Raises:
            UnaccountedPagesError: a document or a page has no terminal record.
        """
        self.tracking.leases.check(self.site.subdomain, self.lease.token)
        known = settle(self.store)
        books = account(self.store, known)
        self.tracking.failures.replace(self.site.subdomain, failures(self.store, known))
        if books.unsettled and not (self.ocr_called_off or self.request.extract_only):
            raise UnaccountedPagesError(
                f"{self.site.subdomain}: {books.waiting} pages and {books.unread} documents have no result yet.",
                advice="Run the site again: what is done is kept.",
            )
        return books

    def needs_build(self) -> bool:
        """True when the live database is not the full one of what is on disk now, or names and votes are due again."""
        current = is_current(self.store, self.settings) and is_published(self.store)
        return self.request.force or self.store.again_file.exists() or not current

    def needs_upload(self) -> bool:
        """True when a plug-in is to get files that it has not got."""
        return uploads.due(self.store, self.settings) > 0

    def finish(self) -> RunSummary:
        """Close the books and write the state that the run ends in, with the counts that say why."""
        summary = self._summary()
        _close(self, summary)
        return summary

    def _summary(self) -> RunSummary:
        known = settle(self.store)
        books = account(self.store, known)
        letters = failures(self.store, known)
        self.tracking.failures.replace(self.site.subdomain, letters)
        skipped = sum(letter.reason.startswith("skipped") for letter in letters)
        state, message = _verdict(books, len(letters) - skipped, self.problems, self.ocr_called_off)
        if self.request.extract_only and not self.problems and books.unsettled:
            waiting = f"{books.waiting} pages and {books.unread} documents wait for `clerk run`"
            state, message = State.INCOMPLETE, f"Extracted what is read; {waiting}."
        summary = RunSummary(
            subdomain=self.site.subdomain,
            state=state,
            message=message,
            documents=books.documents,
            unreadable=books.unreadable,
            pages=books.pages,
            text_layer=books.text_layer,
            ocr=books.ocr,
            failed_pages=books.failed,
            failures=len(letters) - skipped,
            skipped=skipped,
            fetched=self.tally.fetched,
            read=self.tally.read,
            recognised=self.tally.recognised,
            built=self.tally.built,
            seconds=time.monotonic() - self.started,
        )
        self.report = closing_report(self.store, summary, known, letters)
        return summary


@contextmanager
def site_run(settings: Settings, request: RunRequest, origin: Origin) -> Iterator[SiteRun]:
    """Hold the site for one run: lease with heartbeat, a row for the run, and a true end however it ends.

    Raises:
        UnknownSiteError, LeaseHeldError, OcrUnavailableError: before anything was done.
    """
    started, since = time.monotonic(), datetime.now(UTC).isoformat(timespec="seconds")
    # A database that restarts ends no run; but a person at a terminal is told at once.
    tracking = open_tracking(settings, patience=PATIENCE_SECONDS if origin.deployed else 0.0)
    run_id = origin.run_id or str(uuid.uuid4())
    try:
        tracking.reap()
        site = tracking.sites.get(request.subdomain)
        choice = ocr_choice(settings, site, request.ocr_backend)
        if not request.extract_only:
            choice.check(str(settings.plugins_dir))
        lease = tracking.leases.acquire(site.subdomain, run_id)
    except LeaseHeldError:
        raise
    except ClerkError as error:
        if tracking.jobs.get(run_id) is not None:
            kind = type(error).__name__
            write_end(tracking, request.subdomain, run_id, State.FAILED, kind, line_of(error))
        raise
    store = SiteStore(settings.storage_dir, site.subdomain)
    if request.redo_ocr and not request.redo_since:
        request = replace(request, redo_since=since)
    run = SiteRun(settings, tracking, store, site, request, lease, since, started, choice.languages, origin)
    with heart(tracking, lease, run.lost.set):
        _begin(run)
        try:
            yield run
        except BaseException as error:
            _end(run, error)
            raise


def prepare(run: SiteRun) -> None:
    """Before the first stage: let what a dead run left at work end, remember the source folder, make failures due
    where the run is a retry, and mark what is to be recognised again."""
    others = [each for each in spans.runs_marked(run.store) if each != run.lease.run_id]
    for other in others:
        spans.call_off(run.store, other, why=f"superseded by run {run.lease.run_id}")
    spans.wait_for_rest(run.store, others, REST_SECONDS)
    spans.tidy(run.store, run.lease.run_id)
    folder = remembered_folder(run.site, run.request)
    if folder and folder != run.site.extra.get("folder"):
        extra = {**run.site.extra, "folder": folder}
        run.tracking.sites.update(run.site.subdomain, extra=extra)
        run.site = replace(run.site, extra=extra)
    uploads.forget_unwanted(run.store, run.settings)
    if run.request.retry:
        forget(run.store, run.request.retry_stage)
    if run.request.extract_only and run.request.force:
        mark_again(run.store)
    if run.request.redo_ocr:
        redo.mark(run.store, redo.Redo.of(run.request, run.work.backend))


def _begin(run: SiteRun) -> None:
    run_id = run.lease.run_id
    job = NewJob(
        job_id=run_id,
        run_id=run_id,
        subdomain=run.site.subdomain,
        job_type=JobType.SITE_RUN,
        stage=None,
        priority=run.origin.priority,
        prefect_run_id=run.origin.flow_run_id,
        # Only what a worker took from a queue may be started again by itself.
        request=asdict(run.request) if run.origin.deployed else None,
    )
    before = run.tracking.jobs.get(run_id)
    if before is not None and before.state.terminal:
        # The same run once more: what called it off then says nothing about now.
        run.store.cancel_file(run_id).unlink(missing_ok=True)
    run.tracking.jobs.add([job])
    # Whatever state a queued or repeated run was in: it holds the site now.
    run.tracking.jobs.transition(
        run_id, State.RUNNING, expect=list(State), prefect_run_id=run.origin.flow_run_id
    )
    run.tracking.progress.set(
        run.site.subdomain,
        run_id=run.lease.run_id,
        state=State.RUNNING,
        stage=None,
        total=0,
        completed=0,
        failed=0,
    )


def _close(run: SiteRun, summary: RunSummary) -> None:
    """Write the end of a run that came to its end."""
    error = summary.message if summary.state is State.FAILED else ""
    run.tracking.sites.update(run.site.subdomain, pages=summary.text_layer + summary.ocr)
    kind = "StageFailedError" if error else ""
    write_end(run.tracking, run.site.subdomain, run.lease.run_id, summary.state, kind, error)
    publish(summary)


def _end(run: SiteRun, error: BaseException) -> None:
    """Write the end of a run that an exception ended, and stop what works for it elsewhere."""
    spans.call_off(run.store, run.lease.run_id, why="its run has ended")
    state, kind = state_of(error), type(error).__name__
    if not isinstance(error, Exception) and run.origin.deployed and not run.origin.cancelling():
        # Nobody called it off: its worker stops, and the run will be started again.
        state, kind = State.CRASHED, INTERRUPTED
    why = "its worker was stopped" if kind == INTERRUPTED else line_of(error)
    write_end(run.tracking, run.site.subdomain, run.lease.run_id, state, kind, why)


def _verdict(books: Account, letters: int, problems: list[str], called_off: bool) -> tuple[State, str]:
    if problems:
        return State.FAILED, " ".join(problems)
    if called_off and books.unsettled:
        return (
            State.INCOMPLETE,
            f"The OCR queue was emptied; {books.waiting} pages wait for the next run.",
        )
    if books.unsettled:
        return State.FAILED, f"{books.waiting} pages and {books.unread} documents have no result."
    if not books.documents and not letters:
        return State.NO_DOCUMENTS, "There are no documents."
    if books.failed or books.unreadable or letters:
        return State.INCOMPLETE, f"{letters} pages or documents failed; see `clerk failures`."
    return State.COMPLETED, f"{books.documents} documents, {books.pages} pages."
