"""Map work over a cluster that may lose workers, tasks or itself, and leave no document or page without a record.

A future proves nothing: after the death of a scheduler or a worker, waiting returns though work is undone. So each
round asks what is on disk, and what is missing is cut finer and submitted again. Work that takes its worker down is
found by running the suspects alone, and gets a failed record; whatever else stays open ends the run as failed.
"""

from __future__ import annotations

import os
import threading
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from clerk.errors import StageFailedError
from clerk.models import Document, JobType, PageSpan, Stage, State
from clerk.orchestrate import (
    Ended,
    cancel,
    cluster_is_lost,
    has_ended,
    how_ended,
    prioritised,
    tell_ends,
    worker_count,
)
from clerk.pdf import READER
from clerk.run_rows import OPEN
from clerk.site_run import SiteRun
from clerk.stages import plan, spans
from clerk.stages.ocr import mark_lost
from clerk.stages.read import mark_unread
from clerk.tracking import NewJob

Batch = TypeVar("Batch")
Submit = Callable[[list[Any]], Sequence[Any]]

# The end of a task is noticed at once; how far the others are, and what ends a run from outside, this often.
POLL_SECONDS = 1.0
# Ends that follow each other this closely are written down together.
GATHER_SECONDS = 0.1
LOST_SECONDS = 20.0
NO_WORKER_SECONDS = 120.0
MAX_SUSPECTS = 50
DIED = "its worker process died each time it worked on it"


def read_all(run: SiteRun, submit: Submit) -> None:
    """Read every document that is due; afterwards each has a sidecar, or the run has failed.

    Raises:
        StageFailedError: the cluster is gone, or a task failed for a reason that is none of its documents'.
    """
    run.look()
    known = plan.records(run.store)
    due = plan.documents_to_read(run.store, known, again=run.request.force, images=run.work.images)
    _settle(_Reading(run, due), submit)
    run.tally.read = len(due)


def recognise_all(run: SiteRun, submit: Submit) -> None:
    """Recognise every page that is due; afterwards each has a terminal record, or the run has failed.

    Raises:
        StageFailedError: the cluster is gone, or a task failed for a reason that is none of its pages'.
    """
    run.look()
    if run.ocr_called_off:
        return
    due = plan.pages_to_recognise(plan.records(run.store))
    _settle(_Recognition(run, due), submit)
    run.tally.recognised = sum(len(span.pages) for span in due)


@dataclass(slots=True)
class _Stage(ABC, Generic[Batch]):
    """What reading and recognising differ in."""

    run: SiteRun

    stage: Stage = Stage.READ
    job_type: JobType = JobType.READ_BATCH

    @abstractmethod
    def open(self) -> Sequence[Any]:
        """Items without a record of this run."""

    @abstractmethod
    def cut(self, items: Sequence[Any], *, single: bool) -> list[Batch]:
        """Batches for one round."""

    @abstractmethod
    def size(self, batch: Batch) -> int:
        """Items of a batch, as progress counts them."""

    @abstractmethod
    def done(self, batch: Batch) -> int:
        """Items of a batch that are on disk, found without reading files."""

    @abstractmethod
    def failed(self, batch: Batch) -> int:
        """Items of a batch whose record says that they failed."""

    @abstractmethod
    def lose(self, batch: Batch) -> None:
        """Record the items of a batch as failed: each took its worker down."""


class _Reading(_Stage[tuple[Document, ...]]):
    def __init__(self, run: SiteRun, due: list[Document]) -> None:
        super().__init__(run, Stage.READ, JobType.READ_BATCH)
        self._due = due
        self._before = {document: self._written(document) for document in due}

    def open(self) -> Sequence[Document]:
        return [document for document in self._due if not self._read(document)]

    def _read(self, document: Document) -> bool:
        record = self.run.store.read_record(document)
        return record is not None and record.reader == READER and record.run == self.run.attempt

    def cut(self, items: Sequence[Document], *, single: bool) -> list[tuple[Document, ...]]:
        return (
            [(item,) for item in items]
            if single
            else plan.read_batches(items, self.run.settings.ocr_processes)
        )

    def size(self, batch: tuple[Document, ...]) -> int:
        return len(batch)

    def done(self, batch: tuple[Document, ...]) -> int:
        return sum(self._written(document) not in (None, self._before[document]) for document in batch)

    def _written(self, document: Document) -> tuple[int, int] | None:
        """What changes when the sidecar is written: no time is compared, since the clocks of hosts differ."""
        try:
            stat = self.run.store.record_file(document).stat()
        except FileNotFoundError:
            return None
        return stat.st_ino, stat.st_mtime_ns

    def failed(self, batch: tuple[Document, ...]) -> int:
        records = (self.run.store.read_record(document) for document in batch)
        return sum(record is not None and bool(record.error) for record in records)

    def lose(self, batch: tuple[Document, ...]) -> None:
        for document in batch:
            mark_unread(self.run.store, document, DIED, self.run.attempt)


class _Recognition(_Stage[tuple[PageSpan, ...]]):
    def __init__(self, run: SiteRun, due: list[PageSpan]) -> None:
        super().__init__(run, Stage.OCR, JobType.OCR_SPAN)
        self._due = due

    def open(self) -> Sequence[PageSpan]:
        spans = [replace(span, pages=self._unread(span)) for span in self._due]
        return [span for span in spans if span.pages]

    def _unread(self, span: PageSpan) -> tuple[int, ...]:
        record = self.run.store.read_record(span.document)
        pages = record.pages if record else {}
        ended = {
            page
            for page, entry in pages.items()
            if (entry.done and not entry.redo) or (entry.failed and entry.run == self.run.attempt)
        }
        return tuple(page for page in span.pages if page not in ended)

    def cut(self, items: Sequence[PageSpan], *, single: bool) -> list[tuple[PageSpan, ...]]:
        return plan.ocr_batches(items, self.run.settings.ocr_processes, size=1 if single else 0)

    def size(self, batch: tuple[PageSpan, ...]) -> int:
        return sum(len(span.pages) for span in batch)

    def done(self, batch: tuple[PageSpan, ...]) -> int:
        return sum(len(_recorded(self.run, span) & set(span.pages)) for span in batch)

    def failed(self, batch: tuple[PageSpan, ...]) -> int:
        return sum(
            record.failed
            for span in batch
            for page, record in self.run.store.page_records(span.document).items()
            if page in span.pages
        )

    def lose(self, batch: tuple[PageSpan, ...]) -> None:
        for span in batch:
            mark_lost(self.run.store, span, DIED, self.run.attempt)


def _recorded(run: SiteRun, span: PageSpan) -> set[int]:
    try:
        names = os.listdir(run.store.record_dir(span.document))
    except FileNotFoundError:
        return set()
    return {int(name[:-5]) for name in names if name.endswith(".json") and name[:-5].isdigit()}


def _settle(stage: _Stage[Any], submit: Submit) -> None:
    """Bring every item to a record, in at most three rounds: together, one by one, suspects alone."""
    for single in (False, True):
        batches = stage.cut(stage.open(), single=single)
        if not batches:
            return
        _explain(_attempt(stage, batches, submit), stage)
        if _stopped(stage):
            return
    suspects = stage.cut(stage.open(), single=True)
    for batch in suspects[:MAX_SUSPECTS]:
        ended = _attempt(stage, [batch], submit)
        if ended[0].died and not stage.done(batch):
            stage.lose(batch)
        _explain(ended, stage)
    if stage.open():
        raise StageFailedError(
            f"{stage.run.site.subdomain}: {len(stage.open())} of {stage.stage.value} have no result.",
            advice="Run the site again: what is done is kept.",
        )


def _explain(ended: list[Ended], stage: _Stage[Any]) -> None:
    """Raise what a task met, where work is left that another round would only meet again."""
    errors = [end.error for end in ended if end.error and not end.died]
    if errors and stage.open():
        raise StageFailedError(f"{stage.run.site.subdomain}: {stage.stage.value} failed: {errors[0]}")


def _attempt(stage: _Stage[Any], batches: list[Any], submit: Submit) -> list[Ended]:
    """Submit batches, follow them to their end, and keep their rows and the site's progress true."""
    run = stage.run
    jobs = [
        NewJob(
            job_id=str(uuid.uuid4()),
            run_id=run.lease.run_id,
            subdomain=run.site.subdomain,
            job_type=stage.job_type,
            stage=stage.stage,
            items_total=stage.size(batch),
            priority=run.origin.priority,
        )
        for batch in batches
    ]
    run.tracking.jobs.add(jobs)
    total, watch = sum(job.items_total for job in jobs), _Watch()
    run.show(stage.stage, total, 0)
    with prioritised(run.origin.priority):
        futures = list(submit(batches))
    for job, future in zip(jobs, futures, strict=True):
        run.tracking.jobs.transition(
            job.job_id, State.RUNNING, expect=[State.PENDING], prefect_run_id=str(future.task_run_id)
        )
    ended: list[Ended | None] = [None] * len(futures)
    recorded, failed = [0] * len(futures), [0] * len(futures)
    over = threading.Event()
    tell_ends(futures, over)
    looked = time.monotonic()
    while None in ended:
        if over.wait(max(0.0, looked + POLL_SECONDS - time.monotonic())):
            time.sleep(GATHER_SECONDS)
            over.clear()
        whole = time.monotonic() >= looked + POLL_SECONDS
        looked = time.monotonic() if whole else looked
        run.look()
        if _stopped(stage):
            return _give_up(stage, jobs, batches, futures, ended)
        before = (sum(recorded), sum(failed))
        for index, future in enumerate(futures):
            if ended[index] is None:
                last = has_ended(future)
                if last or whole:
                    recorded[index] = stage.done(batches[index])
                if last:
                    failed[index] = stage.failed(batches[index])
                    ended[index] = _close(stage, jobs[index], recorded[index], failed[index], future)
        if (sum(recorded), sum(failed)) != before:
            run.show(stage.stage, total, sum(recorded) - sum(failed), sum(failed))
        watch.look(futures, [end is None for end in ended])
    return [end for end in ended if end is not None]


def _stopped(stage: _Stage[Any]) -> bool:
    """True when a person emptied the OCR queue."""
    return stage.run.ocr_called_off and stage.stage is Stage.OCR


def _give_up(
    stage: _Stage[Any],
    jobs: list[NewJob],
    batches: list[Any],
    futures: list[Any],
    ended: list[Ended | None],
) -> list[Ended]:
    """Take back what waits, let what is at work stop, and say of each task how far it came."""
    run = stage.run
    cancel([future for future, end in zip(futures, ended, strict=True) if end is None])
    spans.wait_for_rest(run.store, [run.lease.run_id], LOST_SECONDS)
    for job, batch, end in zip(jobs, batches, ended, strict=True):
        if end is None:
            done, failed = stage.done(batch), stage.failed(batch)
            run.tracking.jobs.set_items(job.job_id, total=job.items_total, done=done - failed, failed=failed)
            run.tracking.jobs.transition(
                job.job_id, State.CANCELLED, expect=OPEN, error_message="the OCR queue was emptied"
            )
    return [end or Ended() for end in ended]


def _close(stage: _Stage[Any], job: NewJob, recorded: int, failed: int, future: Any) -> Ended:
    """Write the end of a task: a failed page is an item that failed, a missing record is the task's own failure."""
    end = how_ended(future)
    missing = job.items_total - recorded
    state = State.CRASHED if end.died else State.FAILED if end.error or missing > 0 else State.COMPLETED
    jobs = stage.run.tracking.jobs
    jobs.set_items(job.job_id, total=job.items_total, done=recorded - failed, failed=failed + max(missing, 0))
    error = ""
    if state is not State.COMPLETED:
        error = end.error or (DIED if end.died else f"{missing} without a result")
    kind = "WorkerDied" if end.died else ""
    jobs.transition(job.job_id, state, expect=OPEN, error_class=kind, error_message=error)
    return end


class _Watch:
    """Notices a cluster that is gone: futures of a dead scheduler can stay pending for ever."""

    def __init__(self) -> None:
        self._alive = self._staffed = time.monotonic()

    def look(self, futures: list[Any], waiting: list[bool]) -> None:
        """Raise StageFailedError where the cluster has been gone, or without a worker, for too long."""
        now = time.monotonic()
        future = next((future for future, open_ in zip(futures, waiting, strict=True) if open_), None)
        if future is None:
            return
        if not cluster_is_lost(future):
            self._alive = now
            if worker_count(future):
                self._staffed = now
        if now - self._alive > LOST_SECONDS:
            raise StageFailedError("The Dask scheduler is gone.", advice="Start it and run the site again.")
        if now - self._staffed > NO_WORKER_SECONDS:
            raise StageFailedError(
                "No worker is connected to the Dask scheduler.",
                advice="Start workers and run the site again.",
            )
