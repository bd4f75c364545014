"""How much waits in each queue, and how much runs: counted by the Prefect API, never listed."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from clerk.errors import ServerError
from clerk.fleet.api import PrefectApi, connect
from clerk.fleet.queues import HIGH, POOL_OF, POOLS
from clerk.settings import Settings

PATIENCE_SECONDS = 2.0
DEADLINE_SECONDS = 4.0

# What counts of Prefect are asked for: name to pools, and to the one queue in them, where not all are meant.
_WHERE: dict[str, tuple[tuple[str, ...], str]] = {
    HIGH: (POOLS, HIGH),
    **{name: ((pool,), "") for name, pool in POOL_OF.items()},
}


@dataclass(frozen=True, slots=True)
class Depth:
    """Flow runs (for OCR: tasks) that wait and that run. `late` of those that wait should have begun by now.

    A run waits when its time has come; runs that a schedule has laid out for later are not counted. None: unknown.
    """

    waiting: int | None = None
    running: int | None = None
    late: int | None = None


class ApiState(StrEnum):
    """Whether the Prefect API could be asked: none is set, it answers, or it does not."""

    NONE = "none"
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Depths:
    """Depths by name of the queue, without OCR; `problem` says why they are unknown, if they are."""

    state: ApiState
    by_name: dict[str, Depth]
    problem: str = ""


class Reading(threading.Thread):
    """Asks for the depths in the background, from the call of `begin` on.

    A daemon, so that a server that accepts connections and then says nothing keeps no command from ending.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(name="queue-depths", daemon=True)
        self._settings = settings
        self._end = time.monotonic() + DEADLINE_SECONDS
        self._found: Depths | None = None

    def run(self) -> None:
        try:
            with connect(self._settings, patience=PATIENCE_SECONDS) as api:
                self._found = Depths(ApiState.UP, count(api))
        except ServerError as error:
            self._found = Depths(ApiState.DOWN, _UNKNOWN, str(error))

    def result(self) -> Depths:
        """The depths, at the latest `DEADLINE_SECONDS` after the beginning; a server that is down is no error."""
        if not self._settings.prefect_api_url:
            return Depths(ApiState.NONE, _UNKNOWN, "No Prefect API is set.")
        self.join(max(0.0, self._end - time.monotonic()))
        if self._found is not None:
            return self._found
        silence = (
            f"The Prefect API at {self._settings.prefect_api_url} did not answer in {DEADLINE_SECONDS:.0f} s."
        )
        return Depths(ApiState.DOWN, _UNKNOWN, silence)


def begin(settings: Settings) -> Reading:
    """Begin to ask; nothing is sent where no API is set."""
    reading = Reading(settings)
    if settings.prefect_api_url:
        reading.start()
    return reading


def count(api: PrefectApi) -> dict[str, Depth]:
    """The depths by name.

    Raises:
        ServerError: the API does not answer.
    """
    now = datetime.now(UTC).isoformat()
    return {name: _depth(api, pools, queue, now) for name, (pools, queue) in _WHERE.items()}


def _depth(api: PrefectApi, pools: tuple[str, ...], queue: str, now: str) -> Depth:
    def runs(**flow_runs: Any) -> int:
        body: dict[str, Any] = {"flow_runs": flow_runs, "work_pools": {"name": {"any_": list(pools)}}}
        if queue:
            body["work_pool_queues"] = {"name": {"any_": [queue]}}
        return int(api.post("/flow_runs/count", body) or 0)

    begun = {"expected_start_time": {"before_": now}}
    waiting = runs(state={"type": {"any_": ["SCHEDULED", "PENDING"]}}, **begun)
    return Depth(
        waiting=waiting,
        running=runs(state={"type": {"any_": ["RUNNING"]}}),
        late=runs(state={"name": {"any_": ["Late"]}}) if waiting else 0,
    )


_UNKNOWN = {name: Depth() for name in _WHERE}
