"""What the civic database answers with: frozen, picklable values. Times are UTC and timezone-aware."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from clerk.models import Failure, JobType, Priority, Stage, State


@dataclass(frozen=True, slots=True)
class NewJob:
    """A unit of work to be recorded as pending; `job_id` is the caller's and unique for ever."""

    job_id: str
    run_id: str
    subdomain: str
    job_type: JobType
    stage: Stage | None
    priority: Priority = Priority.NORMAL
    attempt: int = 1
    items_total: int = 0
    prefect_run_id: str = ""
    request: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A row of `job_tracking`. `stage` is None for a site run, which spans them all.

    `request` holds the parameters of a site run, None for other units.
    """

    job_id: str
    run_id: str
    prefect_run_id: str
    subdomain: str
    job_type: JobType
    stage: Stage | None
    state: State
    priority: Priority
    attempt: int
    items_total: int
    items_done: int
    items_failed: int
    error_class: str
    error_message: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    request: dict[str, Any] | None = None

    @property
    def open(self) -> bool:
        """True while it waits or runs."""
        return not self.state.terminal


@dataclass(frozen=True, slots=True)
class StageCounts:
    """Items of one stage: what they are (documents, pages) is the stage's business."""

    total: int = 0
    completed: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """The row of one site in `site_progress`: where its latest run is, and when it last changed.

    `stage_counts` and the error belong to the run `run_id`; the `last_…` times outlive it.
    """

    subdomain: str
    run_id: str
    state: State
    stage: Stage | None
    total: int
    completed: int
    failed: int
    started_at: datetime
    updated_at: datetime
    stage_counts: dict[Stage, StageCounts] = field(default_factory=dict)
    error_stage: str = ""
    error_message: str = ""
    error_at: datetime | None = None
    last_updated: datetime | None = None
    last_deployed: datetime | None = None
    last_extracted: datetime | None = None


@dataclass(frozen=True, slots=True)
class SeenFailure:
    """A dead letter with the times at which it was first and last recorded."""

    failure: Failure
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class Lease:
    """The right of one run to work on a site. `token` is checked before anything is published."""

    subdomain: str
    run_id: str
    token: int
    host: str
    pid: int
    pid_started: float
    heartbeat_at: datetime
