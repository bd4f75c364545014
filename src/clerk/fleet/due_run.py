"""What the flow `due` does every few minutes: queue the sites that are due, as many as there is room for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from clerk.fleet.api import PrefectApi, connect
from clerk.fleet.due import due_sites
from clerk.fleet.enqueue import Outcome, submit
from clerk.models import Priority, RunRequest
from clerk.settings import Settings
from clerk.tracking import Tracking, open_tracking

PATIENCE = 60.0
NAME = "due"
# A run that is said to run for longer is dead, or hangs.
RECENT = timedelta(minutes=5)
# The server deletes at most so many at a time.
SLICE = 50


def run_due(settings: Settings, flow_run_id: str = "", now: datetime | None = None) -> str:
    """Queue sites that are due, until MAX_ACTIVE_SITES wait or run; one line that says how many.

    Raises:
        ServerError, DatabaseError: it may be run again at any time; no site is queued twice.
    """
    tracking = open_tracking(settings, patience=PATIENCE)
    try:
        with connect(settings) as api:
            moment = now or datetime.now(UTC)
            if _another_does_it(api, flow_run_id, moment):
                return "Another run of this flow is at work."
            dropped = drop_missed(api, moment)
            line = queue_due(tracking, api, settings.max_active_sites, moment)
            return f"{line} {dropped} missed runs of this flow were dropped." if dropped else line
    finally:
        tracking.close()


def queue_due(tracking: Tracking, api: PrefectApi, most: int, now: datetime) -> str:
    """Queue sites that are due at `now`, until `most` wait or run; one line that says how many."""
    starts, fails = tracking.jobs.last_starts(), tracking.jobs.failed_in_a_row()
    busy = {job.subdomain for job in tracking.jobs.open_runs()}
    due = [name for name in due_sites(tracking.sites.list(), starts, now, fails) if name not in busy]
    chosen = due[: max(most - len(busy), 0)]
    results = submit(tracking, api, [RunRequest(name) for name in chosen], Priority.NORMAL) if chosen else []
    queued = sum(result.outcome is Outcome.QUEUED for result in results)
    left = len(due) - len(chosen)
    return f"{queued} sites queued, {left} more are due and wait for room, {len(busy)} were at work."


def drop_missed(api: PrefectApi, now: datetime) -> int:
    """Delete runs of this flow whose time is past, as they pile up while no worker is there; their number.

    The one that is at work does for all of them.
    """
    past = {"next_scheduled_start_time": {"before_": now.isoformat()}}
    missed = [run["id"] for run in _runs(api, ["SCHEDULED"], past)]
    for start in range(0, len(missed), SLICE):
        ids = {"id": {"any_": missed[start : start + SLICE]}}
        api.post("/flow_runs/bulk_delete", {"flow_runs": ids, "limit": SLICE})
    return len(missed)


def _another_does_it(api: PrefectApi, own: str, now: datetime) -> bool:
    """True when another run of this flow began just now too, and is the one to go on.

    Runs that are late come in pairs, and two at once would queue the same sites. A limit of Prefect's would not do:
    it stays taken where its holder was killed.
    """
    if not own:
        return False
    recent = now - RECENT
    active = _runs(api, ["PENDING", "RUNNING"], {})
    return any(
        run["id"] < own for run in active if datetime.fromisoformat(run["state"]["timestamp"]) > recent
    )


def _runs(api: PrefectApi, states: list[str], more: dict[str, Any]) -> Iterator[dict[str, Any]]:
    body = {
        "flows": {"name": {"any_": [NAME]}},
        "deployments": {"name": {"any_": [NAME]}},
        "flow_runs": {"state": {"type": {"any_": states}}, **more},
    }
    return api.pages("/flow_runs/filter", body)
