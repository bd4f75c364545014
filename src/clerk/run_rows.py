"""Rows of `job_tracking` for what is done in this process: begun, ended, and never left looking alive."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from clerk.errors import ClerkError, RunCancelledError
from clerk.models import JobType, Priority, RunRef, Stage, State
from clerk.tracking import Lease, NewJob, Tracking

OPEN = (State.PENDING, State.RUNNING)
HEARTBEAT_SECONDS = 20.0
# How long a run goes on asking a database that restarts.
PATIENCE_SECONDS = 90.0
# Error class of a run whose worker was told to stop: it is started again, and that does not count as a try.
INTERRUPTED = "Interrupted"

log = logging.getLogger(__name__)


@contextmanager
def unit(
    tracking: Tracking,
    subdomain: str,
    run: RunRef,
    job_type: JobType,
    stage: Stage,
    prefect_run_id: str = "",
    priority: Priority = Priority.NORMAL,
) -> Iterator[str]:
    """A row of `job_tracking` for one piece of work of a run that is done in this process."""
    job = NewJob(
        job_id=str(uuid.uuid4()),
        run_id=run.run_id,
        subdomain=subdomain,
        job_type=job_type,
        stage=stage,
        priority=priority,
        prefect_run_id=prefect_run_id,
    )
    tracking.jobs.add([job])
    tracking.jobs.transition(job.job_id, State.RUNNING, expect=[State.PENDING])
    try:
        yield job.job_id
    except BaseException as error:
        tracking.jobs.transition(
            job.job_id,
            state_of(error),
            expect=OPEN,
            error_class=type(error).__name__,
            error_message=line_of(error),
        )
        raise
    tracking.jobs.transition(job.job_id, State.COMPLETED, expect=OPEN)


def write_end(
    tracking: Tracking, subdomain: str, run_id: str, state: State, error_class: str, error: str
) -> None:
    """End a site run: its own row, what else of it is open, and the site's progress."""
    before = tracking.progress.get(subdomain)
    tracking.jobs.transition(run_id, state, expect=OPEN, error_class=error_class, error_message=error)
    rest = state if state in (State.CANCELLED, State.CRASHED) else State.FAILED
    tracking.jobs.close_run(run_id, rest, error_class or "Abandoned", error or "the run ended first")
    tracking.progress.set(
        subdomain,
        run_id=run_id,
        state=state,
        stage=before.stage if before and error else None,
        total=before.total if before else 0,
        completed=before.completed if before else 0,
        failed=before.failed if before else 0,
        error_stage=(before.stage or "") if before and error else "",
        error_message=error,
    )


@contextmanager
def heart(tracking: Tracking, lease: Lease, lost: Callable[[], None]) -> Iterator[None]:
    """Keep the lease alive for the time of the block and give it back afterwards; `lost` is called when it is gone."""
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(HEARTBEAT_SECONDS):
            try:
                if not tracking.leases.heartbeat(lease):
                    lost()
                    return
            except ClerkError as error:
                # The lease outlives a few missed beats, and the next one may get through.
                log.warning("Heartbeat of %s: %s", lease.subdomain, error)

    thread = threading.Thread(target=beat, name="lease-heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        tracking.leases.release(lease)


def state_of(error: BaseException) -> State:
    """The state that an exception ends a piece of work in."""
    # Prefect raises its own signal, a BaseException, when a run is cancelled or its process is told to stop.
    ended = isinstance(error, Exception) and not isinstance(error, RunCancelledError)
    return State.FAILED if ended else State.CANCELLED


def line_of(error: BaseException) -> str:
    """What an exception says, in one line."""
    text = str(error) if isinstance(error, ClerkError) else f"{type(error).__name__}: {error}"
    return " ".join(text.split())[:1000]
