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
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from clerk.deploy.local import is_published
from clerk.errors import ClerkError, UnaccountedPagesError
from clerk.fetch import FetchResult
from clerk.models import JobType, PageWork, RunRef, RunRequest, RunSummary, Site, Stage, State
from clerk.ocr import check_backend, resolve_languages
from clerk.progress import StageProgress, publish
from clerk.settings import Settings
from clerk.stages.account import Account, account, failures, settle
from clerk.stages.build import is_current
from clerk.stages.fetch import remembered_folder
from clerk.stages.retry import forget
from clerk.storage import SiteStore
from clerk.tracking import Lease, NewJob, Tracking, open_tracking

HEARTBEAT_SECONDS = 20.0
OPEN = (State.PENDING, State.RUNNING)


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
    tally: Tally = field(default_factory=Tally)
    problems: list[str] = field(default_factory=list)

    @property
    def ref(self) -> RunRef:
        """The run as its stages know it."""
        return RunRef(self.lease.run_id, self.lease.token)

    @property
    def work(self) -> PageWork:
        """How worker processes read and recognise pages in this run."""
        return PageWork(
            root=str(self.settings.storage_dir),
            languages=self.languages,
            backend=self.request.ocr_backend or self.settings.default_ocr_backend,
            timeout=self.settings.page_timeout_seconds,
            memory_mb=self.settings.page_memory_mb,
            plugins_dir=str(self.settings.plugins_dir),
            since=self.since,
            again=self.request.force,
        )

    def show(self, stage: Stage, total: int, done: int, failed: int = 0) -> None:
        """Tell the civic database and this process's listeners how a stage is getting on."""
        self.tracking.progress.set(
            self.site.subdomain,
            run_id=self.lease.run_id,
            state=State.RUNNING,
            stage=stage,
            total=total,
            completed=done,
            failed=failed,
        )
        self.tracking.progress.set_stage_counts(self.site.subdomain, stage, total, done, failed)
        publish(StageProgress(stage, total, done, failed))

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters of this run's subflows."""
        return {"subdomain": self.site.subdomain, "run_id": self.lease.run_id, "token": self.lease.token}

    @contextmanager
    def fetching(self) -> Iterator[None]:
        """The row of the fetch, which is done in this process."""
        with unit(self.tracking, self.site.subdomain, self.ref, JobType.FETCH, Stage.FETCH):
            self.show(Stage.FETCH, 0, 0)
            yield

    def fetched(self, result: FetchResult) -> None:
        """Note what the fetch brought, and the languages that the site's fetcher asks for."""
        if result.languages:
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
            published = publish_fast()
            if not published.is_completed():
                self.problems.append(f"The deploy ended {published.name}: {published.message}.")

    def check_books(self) -> Account:
        """Fold and count what is on disk; nothing that a task said counts.

        Raises:
            UnaccountedPagesError: a document or a page has no terminal record.
        """
        self.tracking.leases.check(self.site.subdomain, self.lease.token)
        known = settle(self.store)
        books = account(self.store, known)
        self.tracking.failures.replace(self.site.subdomain, failures(self.store, known))
        if books.open or books.unread:
            raise UnaccountedPagesError(
                f"{self.site.subdomain}: {books.open} pages and {books.unread} documents have no result yet.",
                advice="Run the site again: what is done is kept.",
            )
        return books

    def needs_build(self) -> bool:
        """True when the live database is not the full one of what is on disk now."""
        current = is_current(self.store, self.settings) and is_published(self.store)
        return self.request.force or not current

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
        state, message = _verdict(books, len(letters) - skipped, self.problems)
        return RunSummary(
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


@contextmanager
def site_run(settings: Settings, request: RunRequest, prefect_run_id: str) -> Iterator[SiteRun]:
    """Hold the site for one run: lease with heartbeat, a row for the run, and a true end however it ends.

    Raises:
        UnknownSiteError, LeaseHeldError, OcrUnavailableError: before anything was done.
    """
    started, since = time.monotonic(), datetime.now(UTC).isoformat(timespec="seconds")
    tracking = open_tracking(settings)
    tracking.reap()
    site = tracking.sites.get(request.subdomain)
    languages, _ = resolve_languages(settings.ocr_languages)
    check_backend(request.ocr_backend or settings.default_ocr_backend, languages, str(settings.plugins_dir))
    run_id = prefect_run_id or str(uuid.uuid4())
    lease = tracking.leases.acquire(site.subdomain, run_id)
    store = SiteStore(settings.storage_dir, site.subdomain)
    run = SiteRun(settings, tracking, store, site, request, lease, since, started, languages)
    with _heart(tracking, lease):
        _begin(run)
        try:
            yield run
        except BaseException as error:
            _end(run, _state_of(error), error)
            raise


def prepare(run: SiteRun) -> None:
    """Before the first stage: remember the source folder, make failures due where the run is a retry."""
    folder = remembered_folder(run.site, run.request)
    if folder and folder != run.site.extra.get("folder"):
        extra = {**run.site.extra, "folder": folder}
        run.tracking.sites.update(run.site.subdomain, extra=extra)
        run.site = replace(run.site, extra=extra)
    if run.request.retry:
        forget(run.store)


@contextmanager
def unit(
    tracking: Tracking, subdomain: str, run: RunRef, job_type: JobType, stage: Stage, prefect_run_id: str = ""
) -> Iterator[str]:
    """A row of `job_tracking` for one piece of work of a run that is done in this process."""
    job = NewJob(
        job_id=str(uuid.uuid4()),
        run_id=run.run_id,
        subdomain=subdomain,
        job_type=job_type,
        stage=stage,
        prefect_run_id=prefect_run_id,
    )
    tracking.jobs.add([job])
    tracking.jobs.transition(job.job_id, State.RUNNING, expect=[State.PENDING])
    try:
        yield job.job_id
    except BaseException as error:
        tracking.jobs.transition(
            job.job_id,
            _state_of(error),
            expect=OPEN,
            error_class=type(error).__name__,
            error_message=_line(error),
        )
        raise
    tracking.jobs.transition(job.job_id, State.COMPLETED, expect=OPEN)


def _begin(run: SiteRun) -> None:
    job = NewJob(
        job_id=run.lease.run_id,
        run_id=run.lease.run_id,
        subdomain=run.site.subdomain,
        job_type=JobType.SITE_RUN,
        stage=None,
        prefect_run_id=run.lease.run_id,
    )
    if run.tracking.jobs.get(job.job_id) is None:
        run.tracking.jobs.add([job])
    run.tracking.jobs.transition(job.job_id, State.RUNNING, expect=[State.PENDING])
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
    _write_end(run, summary.state, "StageFailedError" if error else "", error)
    publish(summary)


def _end(run: SiteRun, state: State, error: BaseException) -> None:
    """Write the end of a run that an exception ended."""
    _write_end(run, state, type(error).__name__, _line(error))


def _write_end(run: SiteRun, state: State, error_class: str, error: str) -> None:
    before = run.tracking.progress.get(run.site.subdomain)
    run.tracking.jobs.transition(
        run.lease.run_id, state, expect=OPEN, error_class=error_class, error_message=error
    )
    rest = State.CANCELLED if state is State.CANCELLED else State.FAILED
    run.tracking.jobs.close_run(
        run.lease.run_id, rest, error_class or "Abandoned", error or "the run ended first"
    )
    run.tracking.progress.set(
        run.site.subdomain,
        run_id=run.lease.run_id,
        state=state,
        stage=before.stage if before and error else None,
        total=before.total if before else 0,
        completed=before.completed if before else 0,
        failed=before.failed if before else 0,
        error_stage=(before.stage or "") if before and error else "",
        error_message=error,
    )


def _verdict(books: Account, letters: int, problems: list[str]) -> tuple[State, str]:
    if problems:
        return State.FAILED, " ".join(problems)
    if books.open or books.unread:
        return State.FAILED, f"{books.open} pages and {books.unread} documents have no result."
    if not books.documents and not letters:
        return State.NO_DOCUMENTS, "There are no documents."
    if books.failed or books.unreadable or letters:
        return State.INCOMPLETE, f"{letters} pages or documents failed; see `clerk failures`."
    return State.COMPLETED, f"{books.documents} documents, {books.pages} pages."


@contextmanager
def _heart(tracking: Tracking, lease: Lease) -> Iterator[None]:
    """Keep the lease alive for the time of the block and give it back afterwards."""
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(HEARTBEAT_SECONDS):
            tracking.leases.heartbeat(lease)

    thread = threading.Thread(target=beat, name="lease-heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        tracking.leases.release(lease)


def _state_of(error: BaseException) -> State:
    # Prefect raises its own signal, a BaseException, when a run is cancelled or its process is told to stop.
    return State.FAILED if isinstance(error, Exception) else State.CANCELLED


def _line(error: BaseException) -> str:
    text = str(error) if isinstance(error, ClerkError) else f"{type(error).__name__}: {error}"
    return " ".join(text.split())[:1000]
