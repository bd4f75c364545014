"""The work pools, their queues, the automation and the deployments, made or mended: safe to apply again and again.

Pools hold no concurrency limit, and there is no global one: a slot of either stays taken when its holder is killed.
How much runs at once is the number of workers; that a site is worked on once is its lease.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from clerk.errors import ServerError
from clerk.fleet import crash_automation, deployments
from clerk.fleet.api import PrefectApi
from clerk.fleet.queues import DEFAULT_QUEUE, POOLS, QUEUES
from clerk.settings import Settings

POOL_TYPE = "process"

# Name of a queue to its priority; a worker takes from 1 first.
ORDER = {name: priority for priority, name in enumerate((*QUEUES, DEFAULT_QUEUE), 1)}

_TAKEN = (httpx.codes.CONFLICT,)


@dataclass(frozen=True, slots=True)
class Pool:
    """A work pool as the server has it: `queues` by their priority, and what `apply` had to do, if anything."""

    name: str
    queues: tuple[str, ...]
    paused: bool = False
    change: str = ""


@dataclass(frozen=True, slots=True)
class Applied:
    """What the server has now: pools, deployments by name, and what was done to the automation, if anything."""

    pools: tuple[Pool, ...]
    deployments: tuple[str, ...]
    automation: str


def apply(api: PrefectApi, settings: Settings) -> Applied:
    """Create or mend pools, queues and automation, then deploy everything in `prefect.yaml`.

    Pauses and limits that somebody set are left alone. The order of the queues is read back twice, since
    deploying could change it.

    Raises:
        ServerError: the API does not answer, or the server has the queues in another order afterwards.
    """
    pools = tuple(ensure(api, name) for name in POOLS)
    automation = crash_automation.ensure(api)
    deployed = deployments.deploy_all(api, settings)
    for pool in pools:
        _check_order(pool.name, _queues(api, pool.name))
    return Applied(pools, deployed, automation)


def ensure(api: PrefectApi, name: str) -> Pool:
    """Create or mend one pool with its queues.

    Its job template stays empty until the first worker connects, which fills in the one of its own version.

    Raises:
        ServerError: the pool is of another type, or its queues could not be brought into order.
    """
    change, found = "", api.get(f"/work_pools/{name}")
    if found is None:
        # Two machines may apply at once: a pool that another has made meanwhile is as good.
        api.call("POST", "/work_pools/", {"name": name, "type": POOL_TYPE}, accept=_TAKEN)
        change, found = "created", api.get(f"/work_pools/{name}")
    if found is None or found["type"] != POOL_TYPE:
        kind = found["type"] if found else "nothing"
        raise ServerError(
            f"The work pool {name} is of type {kind}, not {POOL_TYPE}.",
            advice=f"Delete it with `prefect work-pool delete {name}`, and apply again.",
        )
    if _wrong(_queues(api, name)):
        _number(api, name)
        change = change or "mended"
    queues = _queues(api, name)
    _check_order(name, queues)
    return _pool(found, queues, change)


def read(api: PrefectApi) -> tuple[Pool, ...]:
    """Those of our pools that the server has.

    Raises:
        ServerError: the API does not answer.
    """
    found = [api.get(f"/work_pools/{name}") for name in POOLS]
    return tuple(_pool(pool, _queues(api, pool["name"])) for pool in found if pool is not None)


def in_order(pool: Pool) -> bool:
    """True when its queues are taken high first, then normal, low, default, and only then any other."""
    return pool.queues[: len(ORDER)] == tuple(ORDER)


def _number(api: PrefectApi, pool: str) -> None:
    """Give each queue its number, from the first to the last.

    The server moves whatever stands at a number or behind it one back, so the order of these calls matters: each
    leaves those before it where they are.
    """
    known = {queue["name"] for queue in _queues(api, pool)}
    for name, priority in ORDER.items():
        body = {"name": name, "priority": priority}
        if name not in known:
            api.call("POST", f"/work_pools/{pool}/queues", body, accept=_TAKEN)
        api.call("PATCH", f"/work_pools/{pool}/queues/{name}", {"priority": priority})


def _queues(api: PrefectApi, pool: str) -> list[dict[str, Any]]:
    return list(api.pages(f"/work_pools/{pool}/queues/filter", {}))


def _wrong(queues: Sequence[dict[str, Any]]) -> bool:
    numbers = {queue["name"]: queue["priority"] for queue in queues}
    # Equal numbers would leave the order to chance.
    twice = len(set(numbers.values())) < len(numbers)
    return twice or any(numbers.get(name) != priority for name, priority in ORDER.items())


def _check_order(pool: str, queues: Sequence[dict[str, Any]]) -> None:
    if _wrong(queues):
        found = ", ".join(f"{queue['name']} {queue['priority']}" for queue in queues)
        wanted = ", ".join(f"{name} {priority}" for name, priority in ORDER.items())
        raise ServerError(
            f"The queues of {pool} are numbered {found}, and not {wanted}.",
            advice="Run `clerk pools apply` again, and look whether something else renumbers them.",
        )


def _pool(found: dict[str, Any], queues: Sequence[dict[str, Any]], change: str = "") -> Pool:
    names = tuple(queue["name"] for queue in sorted(queues, key=lambda queue: queue["priority"]))
    return Pool(found["name"], names, bool(found["is_paused"]), change)
