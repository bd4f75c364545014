"""The flow `due` against a real Prefect server: what it queues, how much at once, and what became of missed runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clerk.fleet.api import PrefectApi
from clerk.fleet.due_run import run_due
from clerk.models import JobType, Site, State
from clerk.settings import Settings, load
from clerk.stack import server
from clerk.tracking import NewJob, Tracking, open_tracking
from tests.fixtures_prefect import Prepared

pytestmark = pytest.mark.e2e
POOL = "clerk-fetch"


@pytest.fixture
def api(tmp_path: Path, prepared_server: Prepared) -> Iterator[PrefectApi]:
    local = server.launch(prepared_server(tmp_path / "server"))
    try:
        local.wait()
        with PrefectApi(local.url) as opened:
            yield opened
    finally:
        local.stop()


@pytest.fixture
def settings(tmp_path: Path, api: PrefectApi) -> Settings:
    return load(storage_dir=tmp_path / "storage", prefect_api_url=api.url, max_active_sites=4)


def deployment(api: PrefectApi, flow: str, name: str) -> str:
    api.call("POST", "/work_pools/", {"name": POOL, "type": "process"}, accept=(409,))
    made = api.post("/flows/", {"name": flow})
    body = {"name": name, "flow_id": made["id"], "enforce_parameter_schema": False, "work_pool_name": POOL}
    return str(api.post("/deployments/", body)["id"])


def tick(api: PrefectApi, due: str, minutes: int, state: str = "SCHEDULED") -> str:
    """A run of the flow `due`, laid out for `minutes` from now."""
    at = (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()
    details = {"scheduled_time": at} if state == "SCHEDULED" else {}
    body = {"state": {"type": state, "state_details": details}}
    return str(api.post(f"/deployments/{due}/create_flow_run", body)["id"])


def queued(api: PrefectApi, site: str) -> list[str]:
    runs: list[dict[str, Any]] = list(
        api.pages("/flow_runs/filter", {"deployments": {"id": {"any_": [site]}}})
    )
    return sorted(run["parameters"]["subdomain"] for run in runs)


def end(tracking: Tracking, api: PrefectApi, subdomain: str, state: State) -> None:
    """The queued run of a site comes to its end, for the database and for Prefect."""
    (job,) = tracking.jobs.open_jobs(subdomain)
    tracking.jobs.transition(job.job_id, State.RUNNING, expect=[State.PENDING])
    tracking.jobs.transition(job.job_id, state, expect=[State.RUNNING])
    flow_run = tracking.jobs.get(job.job_id)
    assert flow_run is not None
    api.post(
        f"/flow_runs/{flow_run.prefect_run_id}/set_state", {"state": {"type": "COMPLETED"}, "force": True}
    )


def test_sites_that_are_due_are_queued_as_there_is_room(settings: Settings, api: PrefectApi) -> None:
    site, due = deployment(api, "process-site", "site"), deployment(api, "due", "due")
    tracking = open_tracking(settings)
    for name in ("a", "b", "c", "d", "e", "busy"):
        tracking.sites.add(Site(name))
    tracking.sites.add(Site("bad", extra={"interval": "sometimes"}))
    tracking.sites.add(Site("off", extra={"interval": "off"}))
    tracking.jobs.add([NewJob("r0", "r0", "busy", JobType.SITE_RUN, None)])
    tracking.jobs.transition("r0", State.RUNNING, expect=[State.PENDING])

    missed = [tick(api, due, -minutes) for minutes in (5, 10, 15)]
    later = tick(api, due, 5)
    assert run_due(settings) == (
        "3 sites queued, 2 more are due and wait for room, 1 were at work. 3 missed runs of this flow were dropped."
    )
    assert queued(api, site) == ["a", "b", "c"]
    assert [api.get(f"/flow_runs/{run}") for run in missed] == [None] * 3
    assert api.get(f"/flow_runs/{later}")["state_type"] == "SCHEDULED"

    # There is no room, so nothing happens, however often it runs.
    for _ in range(2):
        assert run_due(settings).startswith(
            "0 sites queued, 2 more are due and wait for room, 4 were at work."
        )
    end(tracking, api, "a", State.COMPLETED)
    end(tracking, api, "b", State.FAILED)
    assert run_due(settings).startswith("2 sites queued, 0 more")
    assert queued(api, site) == ["a", "b", "c", "d", "e"]
    # Neither the one that is done nor the one that failed comes back before its next slot.
    end(tracking, api, "c", State.NO_DOCUMENTS)
    assert run_due(settings).startswith("0 sites queued, 0 more")
    two_days = run_due(settings, now=datetime.now(UTC) + timedelta(days=2))
    assert two_days.startswith("1 sites queued, 2 more are due and wait for room, 3 were at work.")
    tracking.close()


def test_of_two_runs_at_once_one_does_the_work(settings: Settings, api: PrefectApi) -> None:
    site, due = deployment(api, "process-site", "site"), deployment(api, "due", "due")
    tracking = open_tracking(settings)
    tracking.sites.add(Site("a"))
    first, second = sorted(tick(api, due, 0, "RUNNING") for _ in range(2))
    assert run_due(settings, second) == "Another run of this flow is at work."
    assert queued(api, site) == []
    assert run_due(settings, first).startswith("1 sites queued")
    # One that died without a word is not waited for.
    later = datetime.now(UTC) + timedelta(days=2)
    assert run_due(settings, second, now=later).startswith("0 sites queued, 0 more are due")
    tracking.close()
