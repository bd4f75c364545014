"""Make rows and runs agree again after something died, and start again what can be: one sweep.

Nothing here is counted on to be told: what the database, the leases and the Prefect API say is compared. A run that
died is marked crashed with its children, and queued again up to MAX_ATTEMPTS times; one that was interrupted (its
worker was stopped) does not count as a try.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from clerk.fleet.api import PrefectApi
from clerk.fleet.enqueue import active_runs, new_run, request_of, runs_of, send, site_deployment
from clerk.fleet.queues import KEY, OURS, priority_of, site_run_id
from clerk.models import Failure, JobType, RunRequest, State
from clerk.run_rows import INTERRUPTED
from clerk.settings import Settings
from clerk.stages import spans
from clerk.storage import SiteStore
from clerk.tracking import Job, NewJob, Tracking

# A run that was recorded is sent within seconds; one that was not sent by then lost its sender.
UNSENT = timedelta(seconds=30)
# A flow process needs some seconds to start, minutes on a machine under full load.
STARTING = timedelta(minutes=5)
CANCELLING = timedelta(minutes=2)
TERMINAL = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


@dataclass(slots=True)
class Report:
    """What a sweep did: lines for a person, and how many."""

    lines: list[str] = field(default_factory=list)
    crashed: int = 0
    queued: int = 0
    sent: int = 0
    cancelled: int = 0

    def say(self, line: str) -> None:
        self.lines.append(line)


def sweep(tracking: Tracking, api: PrefectApi, settings: Settings) -> Report:
    """Bring `job_tracking` and the Prefect API to agreement once; harmless to repeat, and beside another sweeper.

    Raises:
        ServerError, DatabaseError: one of them does not answer; what was done by then stays done.
    """
    report = Report()
    deployment = site_deployment(api)
    for run_id in tracking.reap(expired=True):
        _bury(tracking, settings, run_id, report)
    _send_unsent(tracking, api, deployment, report)
    _adopt(tracking, api, deployment)
    _compare(tracking, api, settings, report)
    _end_flow_runs(tracking, api, report)
    _queue_again(tracking, api, deployment, settings, report)
    return report


def _bury(tracking: Tracking, settings: Settings, run_id: str, report: Report) -> None:
    """A holder was found dead; its rows are crashed already. Stop what still works for it elsewhere."""
    job = tracking.jobs.get(run_id)
    if job is None:
        return
    report.crashed += 1
    report.say(f"{job.subdomain}: run {run_id} crashed: {job.error_message}")
    spans.call_off(SiteStore(settings.storage_dir, job.subdomain), run_id, why="its process died")


def _send_unsent(tracking: Tracking, api: PrefectApi, deployment: str, report: Report) -> None:
    now = datetime.now(UTC)
    unsent = [
        job
        for job in tracking.jobs.open_runs()
        if not job.prefect_run_id and job.request is not None and now - job.created_at > UNSENT
    ]
    for sent in send(tracking, api, deployment, unsent):
        report.sent += 1
        report.say(f"{sent.subdomain}: sent to the queue, which its sender had not done")


def _adopt(tracking: Tracking, api: PrefectApi, deployment: str) -> None:
    """Give a row to runs that wait without one: created in the Prefect UI, by a schedule or another program."""
    known = {job.prefect_run_id for job in tracking.jobs.open_runs()}
    registered = {site.subdomain for site in tracking.sites.list()}
    new = []
    for run in active_runs(api, deployment, ["SCHEDULED"]):
        name = run["parameters"].get("subdomain", "")
        if run["id"] in known or (run.get("idempotency_key") or "").startswith(KEY) or name not in registered:
            continue
        new.append(
            NewJob(
                job_id=run["id"],
                run_id=run["id"],
                subdomain=name,
                job_type=JobType.SITE_RUN,
                stage=None,
                priority=priority_of(run["work_queue_name"]),
                prefect_run_id=run["id"],
                request=_parameters(run),
            )
        )
    tracking.jobs.add(new)


def _parameters(run: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in run["parameters"].items() if name in RunRequest.__dataclass_fields__
    }


def _compare(tracking: Tracking, api: PrefectApi, settings: Settings, report: Report) -> None:
    """Close rows of runs of which the API says that they have ended, or that never began."""
    jobs = [job for job in tracking.jobs.open_runs() if job.prefect_run_id]
    runs = read_runs(api, [job.prefect_run_id for job in jobs])
    _correct(tracking, api, [job for job in jobs if job.prefect_run_id not in runs], runs)
    held = {lease.run_id for lease in tracking.leases.list()}
    for job in jobs:
        if job.run_id in held:
            # Whoever holds the site is alive, or its lease has not ended yet: it writes its own end.
            continue
        run = runs.get(job.prefect_run_id)
        verdict = _verdict(run)
        if verdict is None:
            continue
        state, why = verdict
        # Read again: it may have ended well between the two looks.
        fresh = tracking.jobs.get(job.job_id)
        if fresh is None or fresh.state is not job.state:
            continue
        spans.call_off(SiteStore(settings.storage_dir, job.subdomain), job.run_id, why=why)
        _close(tracking, job, state, why)
        report.crashed += state is State.CRASHED
        report.say(f"{job.subdomain}: run {job.run_id} {state.value}: {why}")


def _correct(
    tracking: Tracking, api: PrefectApi, missing: list[Job], runs: dict[str, dict[str, Any]]
) -> None:
    """Before a run counts as deleted: it may be there under another id than the one that was noted."""
    by_job = runs_of(api, [job.job_id for job in missing])
    tracking.jobs.sent({job: run["id"] for job, run in by_job.items()})
    runs |= {job.prefect_run_id: by_job[job.job_id] for job in missing if job.job_id in by_job}


def _verdict(run: dict[str, Any] | None) -> tuple[State, str] | None:
    """What an open row without a live holder must become, None for nothing yet."""
    if run is None:
        return State.CANCELLED, "its flow run was deleted"
    kind, name = run["state_type"], run["state_name"]
    since = datetime.now(UTC) - datetime.fromisoformat(run["state"]["timestamp"])
    if kind == "CANCELLED":
        return State.CANCELLED, "the flow run was cancelled"
    if kind in TERMINAL:
        return State.CRASHED, f"the flow run ended {name} without a word of its own"
    if kind == "CANCELLING":
        return (State.CANCELLED, "the flow run was cancelled") if since > CANCELLING else None
    if kind in ("PENDING", "RUNNING") and since > STARTING:
        return State.CRASHED, f"the flow run stayed {name} and never began its work"
    return None


def _close(tracking: Tracking, job: Job, state: State, why: str) -> None:
    kind = "ProcessDied" if state is State.CRASHED else "Cancelled"
    tracking.jobs.close_run(job.run_id, state, kind, why)
    before = tracking.progress.get(job.subdomain)
    if before is not None and before.run_id == job.run_id and not before.state.terminal:
        tracking.progress.set(
            job.subdomain,
            run_id=job.run_id,
            state=state,
            stage=before.stage,
            total=before.total,
            completed=before.completed,
            failed=before.failed,
            error_stage=before.stage.value if before.stage else "",
            error_message=why,
        )


def _end_flow_runs(tracking: Tracking, api: PrefectApi, report: Report) -> None:
    """End flow runs, and their task runs, whose site run is over: nobody waits for them, nothing of them counts."""
    body = {
        "flow_runs": {"state": {"type": {"any_": ["SCHEDULED", "PENDING", "RUNNING", "CANCELLING"]}}},
        **OURS,
        "sort": "ID_DESC",
    }
    now = datetime.now(UTC)
    runs = list(api.pages("/flow_runs/filter", body))
    rows = tracking.jobs.find([site_run_id(run) for run in runs])
    for run in runs:
        # A run that somebody else created has a row of its own id, if any; the flow `due` has none.
        site_run = rows.get(site_run_id(run))
        if site_run is None or not site_run.state.terminal or site_run.finished_at is None:
            continue
        if now - site_run.finished_at < timedelta(seconds=5):
            # It may be writing its last state just now.
            continue
        own = run["id"] == site_run.prefect_run_id
        crashed = own and site_run.state is State.CRASHED
        target = "CRASHED" if crashed else "CANCELLED"
        if not own and run["state_type"] == "RUNNING":
            # Its worker ends the process; if there is none, a later sweep takes it from Cancelling.
            target = "CANCELLING"
        since = now - datetime.fromisoformat(run["state"]["timestamp"])
        if run["state_type"] == "CANCELLING" and since < CANCELLING:
            continue
        set_state(api, run["id"], target, site_run.error_message or "its site run is over")
        end_task_runs(api, run["id"])
        report.cancelled += 1
        report.say(f"{site_run.subdomain}: flow run {run['name']} set to {target.lower()}")


def _queue_again(
    tracking: Tracking, api: PrefectApi, deployment: str, settings: Settings, report: Report
) -> None:
    """Queue again the sites whose last run crashed, unless they are at it already or have been tried too often."""
    crashed = tracking.jobs.crashed_last()
    if not crashed:
        return
    busy = {run["parameters"].get("subdomain") for run in active_runs(api, deployment)}
    busy |= {lease.subdomain for lease in tracking.leases.list()}
    again: list[NewJob] = []
    for job in crashed:
        if job.subdomain in busy or job.request is None:
            continue
        attempt = job.attempt if job.error_class == INTERRUPTED else job.attempt + 1
        if attempt > settings.max_attempts:
            _give_up(tracking, job, report)
            continue
        again.append(new_run(request_of(job), job.priority, attempt, after=job.run_id))
    tracking.jobs.add(again)
    tracking.progress.queue({job.subdomain: job.run_id for job in again})
    for sent in send(tracking, api, deployment, again):
        report.queued += 1
        report.say(f"{sent.subdomain}: queued again, run {sent.run_id}")


def _give_up(tracking: Tracking, job: Job, report: Report) -> None:
    reason = f"the run crashed {job.attempt} times: {job.error_message}"
    letter = Failure(job.subdomain, "", "", "", job.subdomain, None, "run", reason, attempts=job.attempt)
    if tracking.failures.add(letter):
        report.say(f"{job.subdomain}: not queued again, {reason}")


def read_runs(api: PrefectApi, ids: list[str]) -> dict[str, dict[str, Any]]:
    """Flow runs by id; those that the API does not know are left out."""
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(ids), 100):
        body = {"flow_runs": {"id": {"any_": ids[start : start + 100]}}}
        found |= {run["id"]: run for run in api.pages("/flow_runs/filter", body)}
    return found


def set_state(api: PrefectApi, flow_run: str, state: str, message: str) -> None:
    """Put a flow run into a state, whatever the rules of orchestration say."""
    body = {
        "state": {"type": state, "name": state.capitalize(), "message": message[:500]},
        "force": True,
    }
    api.post(f"/flow_runs/{flow_run}/set_state", body)


def end_task_runs(api: PrefectApi, flow_run: str) -> None:
    """Mark crashed the task runs that a dead flow run left open."""
    body = {
        "flow_runs": {"id": {"any_": [flow_run]}},
        "task_runs": {"state": {"type": {"any_": ["PENDING", "RUNNING"]}}},
    }
    state = {"type": "CRASHED", "name": "Crashed", "message": "its flow run is over"}
    for task in list(api.pages("/task_runs/filter", body)):
        api.post(f"/task_runs/{task['id']}/set_state", {"state": state, "force": True})
