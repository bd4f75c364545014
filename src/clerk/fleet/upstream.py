"""What may still come down to a worker: sites that wait, and sites that are at work in an earlier stage."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from clerk.fleet.api import PrefectApi
from clerk.fleet.enqueue import active_runs, site_deployment
from clerk.fleet.queues import FETCH
from clerk.models import Stage, State
from clerk.tracking import Tracking

# A process that has taken a run needs some seconds until the run has its row.
STARTING = timedelta(seconds=120)
# Workers of all kinds are often started together, and one is there before the other.
COMPANY = timedelta(seconds=45)
BEFORE_OCR = (None, Stage.FETCH, Stage.READ, Stage.OCR)


def sites_before(
    tracking: Tracking, api: PrefectApi, since: datetime, *, ocr_only: bool = False
) -> list[str]:
    """Sites with a run that waits where somebody takes it, or is at work; with `ocr_only` up to their OCR.

    Runs of dead processes are marked crashed first, so that none is waited for in vain.

    Args:
        since: when the worker that asks was started (UTC); soon after it, a fetch worker may only be coming up.

    Raises:
        ServerError, DatabaseError: the API or the database does not answer.
    """
    tracking.reap(expired=True)
    now = datetime.now(UTC)
    taken = now - since < COMPANY or _fetch_worker_is_there(api)
    rows = {job.prefect_run_id: job for job in tracking.jobs.open_runs()}
    stages = {
        row.subdomain: row.stage if row.state is State.RUNNING else None for row in tracking.progress.list()
    }
    found = set()
    for run in active_runs(api, site_deployment(api)):
        name, row = run["parameters"].get("subdomain", ""), rows.get(run["id"])
        if run["state_type"] == "SCHEDULED":
            due = datetime.fromisoformat(run["next_scheduled_start_time"] or run["expected_start_time"])
            if taken and due <= now + STARTING / 2:
                found.add(name)
        elif row is not None and row.state is State.RUNNING:
            if not ocr_only or stages.get(name) in BEFORE_OCR:
                found.add(name)
        elif now - datetime.fromisoformat(run["state"]["timestamp"]) < STARTING:
            found.add(name)
    return sorted(found)


def _fetch_worker_is_there(api: PrefectApi) -> bool:
    workers = api.post(f"/work_pools/{FETCH}/workers/filter", {}) or []
    return any(worker.get("status") == "ONLINE" for worker in workers)
