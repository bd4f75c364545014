"""The object that `clerk status --json` prints; docs/commands.md lists its keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from clerk.errors import DatabaseError
from clerk.fleet import depths
from clerk.fleet.depths import Depth, Depths
from clerk.fleet.queues import NAMES, OCR
from clerk.models import JobType, Stage, State
from clerk.settings import Settings
from clerk.tracking import Job, JobCounts, Progress, SeenFailure, Tracking, open_tracking

RUNS = 10
LETTERS = 5

_Starts = dict[tuple[str, Stage], datetime]


def report(settings: Settings, subdomain: str | None) -> dict[str, Any]:
    """What is known of all sites, or of one; what cannot be asked is null, and `api` and `database` say why.

    Raises:
        UnknownSiteError: the site is not registered.
    """
    reading = depths.begin(settings)
    try:
        found = _of_database(settings, subdomain)
    except DatabaseError as error:
        found = _NOTHING | {"database": {"problem": str(error), "state": "down"}}
    queues = reading.result()
    ocr = found.pop("ocr")
    return found | {
        "api": {
            "problem": queues.problem or None,
            "state": queues.state.value,
            "url": settings.prefect_api_url or None,
        },
        "queues": _queues(queues, ocr),
    }


_NOTHING: dict[str, Any] = dict.fromkeys(
    ("active", "failures", "jobs", "last_failures", "ocr", "reaped", "runs", "sites")
)


def _of_database(settings: Settings, subdomain: str | None) -> dict[str, Any]:
    civic = open_tracking(settings)
    try:
        if subdomain:
            civic.sites.get(subdomain)
        reaped = civic.reap()
        counts = civic.overview.failure_counts()
        sites = _sites(civic, subdomain, counts)
        runs = civic.jobs.runs(subdomain, limit=RUNS)
        return {
            "active": [site for site in sites if site["state"] in (State.PENDING, State.RUNNING)],
            "database": {"problem": None, "state": "up"},
            "failures": counts.get(subdomain, 0) if subdomain else sum(counts.values()),
            "jobs": _jobs(civic, runs) if subdomain else None,
            "last_failures": [_letter(seen) for seen in civic.overview.last_failures(LETTERS, subdomain)],
            "ocr": civic.overview.open_counts(JobType.OCR_SPAN),
            "reaped": sorted(reaped),
            "runs": [_run(job) for job in runs],
            "sites": sites,
        }
    finally:
        civic.close()


def _queues(found: Depths, ocr: dict[State, int] | None) -> dict[str, Any]:
    spans = Depth(ocr[State.PENDING], ocr[State.RUNNING]) if ocr is not None else Depth()
    by_name = found.by_name | {OCR: spans}
    return {
        name: {"late": depth.late, "running": depth.running, "waiting": depth.waiting}
        for name in NAMES
        for depth in [by_name[name]]
    }


def _sites(civic: Tracking, subdomain: str | None, failures: dict[str, int]) -> list[dict[str, Any]]:
    known = {entry.subdomain: entry for entry in civic.progress.list()}
    names = [subdomain] if subdomain else [site.subdomain for site in civic.sites.list()]
    running = [known[name].run_id for name in names if name in known and known[name].state is State.RUNNING]
    starts = civic.overview.stage_starts(running)
    now = civic.overview.now() if running else datetime.now(UTC)
    return [_site(name, known.get(name), failures.get(name, 0), starts, now) for name in names]


def _site(name: str, entry: Progress | None, failures: int, starts: _Starts, now: datetime) -> dict[str, Any]:
    if entry is None:
        return _NEVER_RUN | {"subdomain": name, "failures": failures}
    ended = entry.completed + entry.failed
    return {
        "completed": entry.completed,
        "error": entry.error_message or None,
        "error_stage": entry.error_stage or None,
        "failed": entry.failed,
        "failures": failures,
        "last_deployed": iso(entry.last_deployed),
        "last_updated": iso(entry.last_updated),
        "percent": round(100 * ended / entry.total, 1) if entry.total else None,
        "run_id": entry.run_id,
        "stage": entry.stage.value if entry.stage else None,
        "stages": {
            stage.value: {"completed": count.completed, "failed": count.failed, "total": count.total}
            for stage, count in entry.stage_counts.items()
        },
        "started_at": iso(entry.started_at),
        "state": entry.state.value,
        "subdomain": name,
        "total": entry.total,
        "updated_at": iso(entry.updated_at),
        **_pace(entry, starts, now),
    }


def _pace(entry: Progress, starts: _Starts, now: datetime) -> dict[str, Any]:
    """How fast the present stage gets on: items a second since it began, and the seconds that the rest will take.

    Unknown until something is done. The rows of the stage say when it began: a stage that was interrupted begins
    anew with what was left over, and so do its numbers.
    """
    began = starts.get((entry.run_id, entry.stage)) if entry.stage else None
    if entry.state is not State.RUNNING or began is None:
        return {"rate": None, "seconds_left": None, "stage_started_at": None}
    ended, seconds = entry.completed + entry.failed, (now - began).total_seconds()
    rate = ended / seconds if ended and seconds > 0 else None
    left = round(max(0, entry.total - ended) / rate) if rate else None
    return {
        "rate": round(rate, 3) if rate else None,
        "seconds_left": left,
        "stage_started_at": iso(began),
    }


_NEVER_RUN: dict[str, Any] = {
    "completed": 0,
    "error": None,
    "error_stage": None,
    "failed": 0,
    "last_deployed": None,
    "last_updated": None,
    "percent": None,
    "rate": None,
    "run_id": None,
    "seconds_left": None,
    "stage": None,
    "stage_started_at": None,
    "stages": {},
    "started_at": None,
    "state": None,
    "total": 0,
    "updated_at": None,
}


def _run(job: Job) -> dict[str, Any]:
    ended = job.finished_at or datetime.now(UTC)
    return {
        "attempt": job.attempt,
        "created_at": iso(job.created_at),
        "error": job.error_message or None,
        "error_class": job.error_class or None,
        "finished_at": iso(job.finished_at),
        "priority": job.priority.value,
        "run_id": job.run_id,
        "seconds": round((ended - job.started_at).total_seconds(), 1) if job.started_at else None,
        "started_at": iso(job.started_at),
        "state": job.state.value,
        "subdomain": job.subdomain,
    }


def _jobs(civic: Tracking, runs: Sequence[Job]) -> list[dict[str, Any]]:
    return [_job(counts) for counts in civic.overview.by_kind(runs[0].run_id)] if runs else []


def _job(counts: JobCounts) -> dict[str, Any]:
    states = counts.states
    well = (State.PENDING, State.RUNNING, State.COMPLETED)
    return {
        "completed": states.get(State.COMPLETED, 0),
        "error": counts.error or None,
        "failed": sum(number for state, number in states.items() if state not in well),
        "finished_at": iso(counts.finished_at),
        "items_done": counts.items_done,
        "items_failed": counts.items_failed,
        "items_total": counts.items_total,
        "running": states.get(State.RUNNING, 0),
        "stage": counts.stage.value if counts.stage else None,
        "started_at": iso(counts.started_at),
        "type": counts.job_type.value,
        "waiting": states.get(State.PENDING, 0),
    }


def _letter(seen: SeenFailure) -> dict[str, Any]:
    return {**seen.failure.to_json(), "first_seen": iso(seen.first_seen)}


def iso(time: datetime | None) -> str | None:
    """`2026-11-24T08:00:00Z`."""
    return time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if time else None
