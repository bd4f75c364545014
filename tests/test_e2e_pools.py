"""Pools, queues and the crash automation on a real Prefect server."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clerk.errors import ServerError
from clerk.fleet import crash_automation, depths, pools
from clerk.fleet.api import PrefectApi
from clerk.fleet.queues import EXTRACTION, FETCH, POOLS
from clerk.settings import load
from clerk.stack import server
from tests.fixtures_pipeline import wait_until
from tests.fixtures_prefect import Prepared

pytestmark = pytest.mark.e2e
ORDER = [("high-priority", 1), ("normal", 2), ("low-priority", 3), ("default", 4)]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory, prepared_server: Prepared) -> Iterator[PrefectApi]:
    local = server.launch(prepared_server(tmp_path_factory.mktemp("server")))
    try:
        local.wait()
        with PrefectApi(local.url, patience=60) as client:
            yield client
    finally:
        local.stop()


@pytest.fixture
def pool(api: PrefectApi) -> Iterator[str]:
    """Name of a pool that is not there yet."""
    name = f"trial-{uuid.uuid4().hex[:8]}"
    yield name
    api.call("DELETE", f"/work_pools/{name}")


def numbers(api: PrefectApi, pool: str) -> list[tuple[str, int]]:
    return [(queue["name"], queue["priority"]) for queue in api.post(f"/work_pools/{pool}/queues/filter", {})]


def test_a_pool_is_made_and_left_alone_afterwards(api: PrefectApi, pool: str) -> None:
    made = pools.ensure(api, pool)
    assert (made.change, numbers(api, pool)) == ("created", ORDER)
    api.call("PATCH", f"/work_pools/{pool}", {"is_paused": True, "concurrency_limit": 3})
    again = pools.ensure(api, pool)
    assert (again.change, again.paused, pools.in_order(again)) == ("", True, True)
    assert api.get(f"/work_pools/{pool}")["concurrency_limit"] == 3


@pytest.mark.parametrize(
    "queues",
    [
        # What Prefect makes of it when `normal` was there first.
        [("normal", None), ("high-priority", 1), ("low-priority", 3)],
        [("low-priority", 1), ("normal", 2), ("high-priority", 3)],
        [("mine", 1), ("high-priority", 9), ("normal", 2)],
        [],
    ],
)
def test_a_pool_whose_queues_are_numbered_wrongly_is_mended(
    api: PrefectApi, pool: str, queues: list[tuple[str, int | None]]
) -> None:
    api.post("/work_pools/", {"name": pool, "type": "process"})
    for name, priority in queues:
        api.post(f"/work_pools/{pool}/queues", {"name": name, "priority": priority})
    before = numbers(api, pool)
    assert before != ORDER
    assert pools.ensure(api, pool).change == "mended"
    after = numbers(api, pool)
    assert after[:4] == ORDER
    # What is not ours stays, behind.
    assert [name for name, _ in after[4:]] == [name for name, _ in queues if name == "mine"]
    assert pools.ensure(api, pool).change == ""


def test_a_pool_of_another_type_is_refused(api: PrefectApi, pool: str) -> None:
    api.post("/work_pools/", {"name": pool, "type": "kubernetes"})
    with pytest.raises(ServerError, match="is of type kubernetes, not process"):
        pools.ensure(api, pool)


def test_an_order_that_does_not_hold_is_an_error(
    api: PrefectApi, pool: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.post("/work_pools/", {"name": pool, "type": "process"})
    monkeypatch.setattr(pools, "_number", lambda *_: None)
    with pytest.raises(
        ServerError, match=f"queues of {pool} are numbered default 1, and not high-priority 1"
    ):
        pools.ensure(api, pool)


def test_a_silent_run_is_marked_crashed_and_no_other(api: PrefectApi) -> None:
    assert crash_automation.ensure(api, seconds=10) in {"created", "mended"}
    assert crash_automation.ensure(api, seconds=10) == ""
    flow = api.post("/flows/", {"name": "trial"})["id"]
    dead, foreign, ended = (running(api, flow, tag) for tag in ("clerk", "other", "clerk"))
    for run, tag in ((dead, "clerk"), (foreign, "other"), (ended, "clerk")):
        beat(api, run, tag)
    # Our own name for an end: an event is named after it, and it must count as one.
    api.post(f"/flow_runs/{ended}/set_state", {"state": {"type": "COMPLETED", "name": "Incomplete"}})
    wait_until(lambda: state(api, dead) == "Crashed", 60, "the silent run is marked crashed")
    assert (state(api, foreign), state(api, ended)) == ("Running", "Incomplete")
    # On a machine under load the event of an end may come late; the state above is what must not change.
    assert f"prefect.flow-run.{dead}" in fired(api)
    assert f"prefect.flow-run.{foreign}" not in fired(api)
    assert crash_automation.ensure(api) == "mended"
    found = api.post("/automations/filter", {})
    assert [(each["name"], each["trigger"]["within"]) for each in found] == [(crash_automation.NAME, 90)]


def test_depths_count_what_waits_and_runs_now(api: PrefectApi) -> None:
    for name in POOLS:
        pools.ensure(api, name)
    flow = api.post("/flows/", {"name": "trial"})["id"]
    site, full = (
        api.post(
            "/deployments/",
            {"name": name, "flow_id": flow, "work_pool_name": pool, "work_queue_name": "normal"},
        )["id"]
        for name, pool in (("site", FETCH), ("full", EXTRACTION))
    )
    later = {"scheduled_time": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}
    queued(api, site, "normal")
    queued(api, site, "high-priority")
    # A schedule's run of tomorrow does not wait, one that will try again does.
    queued(api, site, "normal", {"type": "SCHEDULED", "state_details": later})
    again = queued(api, full, "low-priority")
    set_state(api, again, {"type": "SCHEDULED", "name": "AwaitingRetry", "state_details": later})
    set_state(api, queued(api, full, "high-priority"), {"type": "PENDING"}, {"type": "RUNNING"})
    set_state(
        api, queued(api, full, "normal"), {"type": "PENDING"}, {"type": "RUNNING"}, {"type": "COMPLETED"}
    )
    found = depths.begin(load(prefect_api_url=api.url)).result()
    assert (found.state, found.problem) == (depths.ApiState.UP, "")
    assert {name: (depth.waiting, depth.running) for name, depth in found.by_name.items()} == {
        "high-priority": (1, 1),
        "fetch": (2, 0),
        "extraction": (1, 1),
        "deploy": (0, 0),
    }


def queued(api: PrefectApi, deployment: str, queue: str, state: dict[str, Any] | None = None) -> str:
    body = {"work_queue_name": queue} | ({"state": state} if state else {})
    return str(api.post(f"/deployments/{deployment}/create_flow_run", body)["id"])


def set_state(api: PrefectApi, run: str, *states: dict[str, Any]) -> None:
    for each in states:
        answer = api.post(f"/flow_runs/{run}/set_state", {"state": each, "force": True})
        assert answer["status"] == "ACCEPT", answer


def running(api: PrefectApi, flow: str, tag: str) -> str:
    run = api.post("/flow_runs/", {"flow_id": flow, "tags": [tag], "state": {"type": "PENDING"}})["id"]
    api.post(f"/flow_runs/{run}/set_state", {"state": {"type": "RUNNING"}})
    return str(run)


def beat(api: PrefectApi, run: str, tag: str) -> None:
    """The event that a run sends to say that it lives."""
    event = {
        "id": str(uuid.uuid4()),
        "occurred": datetime.now(UTC).isoformat(),
        "event": crash_automation.HEARTBEAT,
        "resource": {"prefect.resource.id": f"prefect.flow-run.{run}"},
        "related": [{"prefect.resource.id": f"prefect.tag.{tag}", "prefect.resource.role": "tag"}],
    }
    api.post("/events", [event])


def state(api: PrefectApi, run: str) -> str:
    return str(api.get(f"/flow_runs/{run}")["state_name"])


def fired(api: PrefectApi) -> set[str]:
    """Resources for which the automation has fired."""
    since = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    wanted = {"event": {"name": ["prefect.automation.triggered"]}, "occurred": {"since": since}}
    found: set[str] = set()

    def seen() -> bool:
        events = api.post("/events/filter", {"filter": wanted})["events"]
        found.update(event["payload"]["triggering_labels"]["prefect.resource.id"] for event in events)
        return bool(found)

    wait_until(seen, 30, "the firing is recorded")
    return found
