"""Queue site runs: rows first, all in one transaction, then the flow runs; sending again is harmless."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from clerk.errors import ServerError
from clerk.fleet.api import PrefectApi
from clerk.fleet.queues import KEY, SITE, site_tag
from clerk.models import JobType, Priority, RunRequest
from clerk.tracking import Job, NewJob, Tracking

# The server takes 100 at a time; but a busy one must have answered before the client stops waiting.
SLICE = 25
# Seconds between the tries to create what a busy server (SQLite above all) refused.
PAUSES = (0.5, 1.0, 2.0, 4.0)
ACTIVE = ("SCHEDULED", "PENDING", "RUNNING", "PAUSED", "CANCELLING")


class Outcome(StrEnum):
    """What became of one request."""

    QUEUED = "queued"
    WAITING = "is waiting already"
    RUNNING = "is running already"


@dataclass(frozen=True, slots=True)
class Submitted:
    """One request and what became of it; `run_id` is that of `job_tracking`, empty when nothing was queued."""

    subdomain: str
    outcome: Outcome
    priority: Priority
    run_id: str = ""
    flow_run_id: str = ""


def submit(
    tracking: Tracking,
    api: PrefectApi,
    requests: Sequence[RunRequest],
    priority: Priority = Priority.NORMAL,
    *,
    behind: bool = False,
    attempt: int = 1,
) -> list[Submitted]:
    """Queue a run for each request whose site neither waits nor runs; with `behind` also where it does.

    Raises:
        ServerError: the API does not answer, or has no deployment of ours. What was recorded is sent by the next
            sweep, or by the next call for the same site.
        UnknownSiteError: a site is not registered; nothing was queued.
    """
    deployment = site_deployment(api)
    busy = {} if behind else _busy(tracking, api, deployment)
    unsent = {job.subdomain: job for job in tracking.jobs.open_runs() if not job.prefect_run_id}
    results: list[Submitted] = []
    new: list[NewJob] = []
    again: list[Job] = []
    for request in requests:
        name = request.subdomain
        if name in busy:
            results.append(Submitted(name, busy[name], priority))
            continue
        if name in unsent and not behind:
            again.append(unsent[name])
            continue
        busy |= {} if behind else {name: Outcome.WAITING}
        new.append(new_run(request, priority, attempt))
    tracking.jobs.add(new)
    tracking.progress.queue({job.subdomain: job.run_id for job in new})
    return results + send(tracking, api, deployment, [*again, *new])


def new_run(request: RunRequest, priority: Priority, attempt: int, *, after: str = "") -> NewJob:
    """The row of a site run that is to be queued; `after` names the run that it repeats.

    What repeats a run has an id that follows from that run's, so that two that repeat it make one.
    """
    job_id = str(uuid.uuid5(uuid.UUID(after), "again") if after else uuid.uuid4())
    return NewJob(
        job_id=job_id,
        run_id=job_id,
        subdomain=request.subdomain,
        job_type=JobType.SITE_RUN,
        stage=None,
        priority=priority,
        attempt=attempt,
        request=asdict(request),
    )


def request_of(job: Job) -> RunRequest:
    """What a recorded run was asked to do; parameters that this version does not know are left out."""
    known = {field.name for field in fields(RunRequest)}
    kept = {name: value for name, value in (job.request or {}).items() if name in known}
    # JSON knows no tuples.
    documents = tuple(kept.get("documents", ()))
    return RunRequest(**{**kept, "subdomain": job.subdomain, "documents": documents})


def send(
    tracking: Tracking, api: PrefectApi, deployment: str, jobs: Sequence[Job | NewJob]
) -> list[Submitted]:
    """Create the flow runs of recorded jobs; a job that has one already gets that one."""
    sent: list[Submitted] = []
    for start in range(0, len(jobs), SLICE):
        part = jobs[start : start + SLICE]
        made = _create(api, deployment, part)
        tracking.jobs.sent(made)
        sent += [
            Submitted(job.subdomain, Outcome.QUEUED, job.priority, job.job_id, made[job.job_id])
            for job in part
        ]
    return sent


def _create(api: PrefectApi, deployment: str, jobs: Sequence[Job | NewJob]) -> dict[str, str]:
    """Ids of the flow runs of `jobs`; what a busy server refuses is asked for again."""
    made: dict[str, str] = {}
    for pause in (*PAUSES, None):
        left = [job for job in jobs if job.job_id not in made]
        body = [_flow_run(job) for job in left]
        answer = api.post(f"/deployments/{deployment}/create_flow_run/bulk", body) or {}
        errors = [result["error"] for result in answer.get("results", []) if result.get("error")]
        # Not the ids of the answer: where this request followed one that was given up and yet went through, they are
        # of runs that were never made.
        made |= {job: str(run["id"]) for job, run in runs_of(api, [job.job_id for job in left]).items()}
        if len(made) == len(jobs):
            return made
        if pause is not None:
            time.sleep(pause)
    refusal = str(errors[0] if errors else "no answer").split("\n")[0].split(" [SQL")[0][:200]
    names = ", ".join(job.subdomain for job in jobs if job.job_id not in made)
    raise ServerError(
        f"The Prefect API refused the runs of {names}: {refusal}.",
        advice="They are recorded, and sent by the next sweep or when enqueued again.",
    )


def runs_of(api: PrefectApi, jobs: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Flow runs that carry out recorded jobs, by job id; those that have none are left out."""
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(jobs), SLICE):
        keys = [f"{KEY}{job}" for job in jobs[start : start + SLICE]]
        body = {"flow_runs": {"idempotency_key": {"any_": keys}}, "sort": "ID_DESC"}
        found |= {
            run["idempotency_key"].removeprefix(KEY): run for run in api.pages("/flow_runs/filter", body)
        }
    return found


def site_deployment(api: PrefectApi) -> str:
    """Id of the deployment of the site flow.

    Raises:
        ServerError: the API does not answer, or has none.
    """
    found = api.get(f"/deployments/name/{SITE}")
    if found is None:
        raise ServerError(
            f"The Prefect API at {api.url} has no deployment {SITE}.", advice="Run `clerk pools apply`."
        )
    return str(found["id"])


def active_runs(api: PrefectApi, deployment: str, states: Iterable[str] = ACTIVE) -> Iterable[dict[str, Any]]:
    """Flow runs of the site flow that have not ended, as the API describes them."""
    body = {
        "deployments": {"id": {"any_": [deployment]}},
        "flow_runs": {"state": {"type": {"any_": list(states)}}},
        "sort": "ID_DESC",
    }
    return api.pages("/flow_runs/filter", body)


def _busy(tracking: Tracking, api: PrefectApi, deployment: str) -> dict[str, Outcome]:
    busy: dict[str, Outcome] = {}
    for run in active_runs(api, deployment):
        name = run["parameters"].get("subdomain", "")
        waits = run["state_type"] in ("SCHEDULED", "PENDING")
        if busy.get(name) is not Outcome.RUNNING:
            busy[name] = Outcome.WAITING if waits else Outcome.RUNNING
    for lease in tracking.leases.list():
        busy[lease.subdomain] = Outcome.RUNNING
    return busy


def _flow_run(job: Job | NewJob) -> dict[str, Any]:
    return {
        "name": f"site-{job.subdomain}",
        "parameters": job.request,
        "work_queue_name": job.priority.queue,
        "tags": [site_tag(job.subdomain)],
        "idempotency_key": f"{KEY}{job.job_id}",
    }
