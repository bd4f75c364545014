"""Call off the work of a site, or empty a queue, everywhere: flow runs, subflows, pages on the cluster."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from typing import Any

from clerk.errors import ServerError
from clerk.fleet.api import PrefectApi
from clerk.fleet.queues import HIGH, OCR, OURS, POOL_OF, POOLS, site_run_id, site_tag
from clerk.fleet.sweep import end_task_runs, set_state
from clerk.models import JobType, State
from clerk.settings import Settings
from clerk.stages import spans
from clerk.storage import SiteStore
from clerk.tracking import Holder, Lease, Tracking

WAITING = ("SCHEDULED", "PAUSED")
RUNNING = ("PENDING", "RUNNING", "CANCELLING")
STOP_SECONDS = 60.0
# A worker takes about this long to end a process that is being cancelled.
CANCEL_SECONDS = 20.0
POLL_SECONDS = 0.5
WHY = "purged"


@dataclass(frozen=True, slots=True)
class Purged:
    """What was called off: flow runs that waited and that were at work, pages' tasks, rows that were cleared."""

    waiting: int = 0
    running: int = 0
    spans: int = 0
    rows: int = 0


def purge_site(tracking: Tracking, api: PrefectApi | None, settings: Settings, subdomain: str) -> Purged:
    """Cancel all work of a site and clear its rows; its documents stay. Returns when nothing of it runs any more.

    Args:
        api: the Prefect API, None where there is none: then only what the civic database knows is called off.

    Raises:
        UnknownSiteError: the site is not registered.
        ServerError: work of the site did not stop within a minute; its rows stay.
    """
    tracking.sites.get(subdomain)
    store = SiteStore(settings.storage_dir, subdomain)
    runs = _flow_runs(api, subdomain) if api else []
    held = [lease for lease in tracking.leases.list() if lease.subdomain == subdomain]
    own = {job.run_id for job in tracking.jobs.open_jobs(subdomain)} | {lease.run_id for lease in held}
    own |= set(spans.runs_marked(store)) | {site_run_id(run) for run in runs}
    for run_id in own:
        spans.call_off(store, run_id, why=WHY)
    working = sum(spans.working(store, run_id) for run_id in own)
    waiting = [run for run in runs if run["state_type"] in WAITING]
    running = [run for run in runs if run["state_type"] in RUNNING]
    if api:
        for run in waiting:
            set_state(api, run["id"], "CANCELLED", WHY)
        for run in running:
            set_state(api, run["id"], "CANCELLING", WHY)
    flow_runs = {site_run_id(run): run["id"] for run in running if "run_id" not in run["parameters"]}
    _wait_for_end(tracking, api, store, held, sorted(own), flow_runs)
    if api:
        _end(api, running)
    tracking.leases.revoke(subdomain)
    rows = tracking.forget(subdomain)
    return Purged(len(waiting), len(running), working, rows)


def purge_queue(tracking: Tracking, api: PrefectApi, settings: Settings, queue: str) -> Purged:
    """Empty one of the queues of old: what waits in it is cancelled, what runs goes on.

    `ocr`: open spans are called off too. Their sites go on with the pages that they have and end incomplete, and the
    pages wait for the next run.

    Raises:
        ServerError: the API does not answer.
    """
    if queue == OCR:
        return _purge_ocr(tracking, settings)
    body: dict[str, Any] = {
        "flow_runs": {"state": {"type": {"any_": list(WAITING)}}},
        **OURS,
        "sort": "ID_DESC",
    }
    if queue == HIGH:
        body["work_pools"] = {"name": {"any_": list(POOLS)}}
        body["work_pool_queues"] = {"name": {"any_": [HIGH]}}
    else:
        body["work_pools"] = {"name": {"any_": [POOL_OF[queue]]}}
    # What a schedule has laid out stays: Prefect would not lay the same times out again.
    runs = [run for run in api.pages("/flow_runs/filter", body) if not run.get("auto_scheduled")]
    rows = 0
    for run in runs:
        set_state(api, run["id"], "CANCELLED", f"queue {queue} was emptied")
        rows += _close_row(tracking, run, queue)
    return Purged(waiting=len(runs), rows=rows)


def _close_row(tracking: Tracking, run: dict[str, Any], queue: str) -> int:
    """End the row of a site run that waited. A subflow's site run goes on, and notes how its subflow ended."""
    if "run_id" in run["parameters"]:
        return 0
    run_id, why = site_run_id(run), f"the queue {queue} was emptied"
    changed = tracking.jobs.transition(
        run_id, State.CANCELLED, expect=[State.PENDING], error_class="Cancelled", error_message=why
    )
    name = run["parameters"].get("subdomain", "")
    before = tracking.progress.get(name) if changed else None
    if before is not None and before.run_id == run_id:
        tracking.progress.set(
            name, run_id=run_id, state=State.CANCELLED, stage=None, total=0, completed=0, failed=0
        )
    return int(changed)


def _purge_ocr(tracking: Tracking, settings: Settings) -> Purged:
    jobs = [job for job in tracking.jobs.open_jobs() if job.job_type is JobType.OCR_SPAN]
    runs = {job.run_id: SiteStore(settings.storage_dir, job.subdomain) for job in jobs}
    working = sum(spans.working(store, run_id) for run_id, store in runs.items())
    for run_id, store in runs.items():
        spans.call_off(store, run_id, spans.OCR, why="the OCR queue was emptied")
    end = time.monotonic() + STOP_SECONDS
    while _open_spans(tracking, set(runs)) and time.monotonic() < end:
        time.sleep(POLL_SECONDS)
    return Purged(spans=len(jobs), running=working)


def _open_spans(tracking: Tracking, runs: set[str]) -> bool:
    return any(job.job_type is JobType.OCR_SPAN and job.run_id in runs for job in tracking.jobs.open_jobs())


def _flow_runs(api: PrefectApi, subdomain: str) -> list[dict[str, Any]]:
    """Flow runs of a site that have not ended, tagged or not: Prefect's own command line tags none."""
    open_ = {"state": {"type": {"any_": [*WAITING, *RUNNING]}}}
    tagged = {"flow_runs": {**open_, "tags": {"all_": [site_tag(subdomain)]}}, "sort": "ID_DESC"}
    found = {run["id"]: run for run in api.pages("/flow_runs/filter", tagged)}
    ours = {
        "flow_runs": open_,
        **OURS,
        "sort": "ID_DESC",
    }
    for run in api.pages("/flow_runs/filter", ours):
        if run["parameters"].get("subdomain") == subdomain:
            found[run["id"]] = run
    return list(found.values())


def _wait_for_end(
    tracking: Tracking,
    api: PrefectApi | None,
    store: SiteStore,
    held: list[Lease],
    runs: list[str],
    flow_runs: dict[str, str],
) -> None:
    """Wait until the holder and the tasks of the runs have stopped; a holder on this host is told twice.

    Raises:
        ServerError: they have not.
    """
    end, told = time.monotonic() + STOP_SECONDS, False
    soon = time.monotonic() + CANCEL_SECONDS
    while True:
        tracking.reap(expired=True)
        names = {(lease.run_id, lease.token) for lease in held}
        left = [lease for lease in tracking.leases.list() if (lease.run_id, lease.token) in names]
        left = [lease for lease in left if not _ended(api, flow_runs.get(lease.run_id))]
        busy = spans.wait_for_rest(store, runs, 0)
        if not left and not busy:
            return
        if time.monotonic() > end:
            what = f"process {left[0].pid} on {left[0].host}" if left else f"{len(busy)} runs on the cluster"
            raise ServerError(
                f"{store.subdomain}: {what} did not stop within {STOP_SECONDS:.0f} s.",
                advice="Its rows stay; call it again, or end the process by hand.",
            )
        if time.monotonic() > soon and not told:
            told = True
            for lease in left:
                holder = Holder(lease.host, lease.pid, lease.pid_started)
                if holder.local and holder.alive:
                    os.kill(lease.pid, signal.SIGTERM)
        time.sleep(POLL_SECONDS)


def _ended(api: PrefectApi | None, flow_run: str | None) -> bool:
    """True when a worker has ended the process of a flow run that was being cancelled, wherever it was."""
    found = api.get(f"/flow_runs/{flow_run}") if api and flow_run else None
    return found is not None and found["state_type"] not in (*WAITING, *RUNNING)


def _end(api: PrefectApi, running: list[dict[str, Any]]) -> None:
    """Give the workers time to end the cancelled processes, and write the end where none is left to do it."""
    end = time.monotonic() + CANCEL_SECONDS
    left = {run["id"] for run in running}
    while left and time.monotonic() < end:
        for run_id in list(left):
            found = api.get(f"/flow_runs/{run_id}")
            if found is None or found["state_type"] not in (*WAITING, *RUNNING):
                left.discard(run_id)
        time.sleep(POLL_SECONDS if left else 0)
    for run_id in left:
        set_state(api, run_id, "CANCELLED", WHY)
    for run in running:
        end_task_runs(api, run["id"])
