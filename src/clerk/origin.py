"""Where a site run comes from: a deployment's queue, or a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from clerk.models import Priority


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Origin:
    """A flow run as the site run sees it.

    `run_id` is that of the rows: the one that was queued, else the flow run's own. `deployed` says that a worker
    took it from a queue, so that it may be started again elsewhere; `cancelling` asks whether a person called the
    flow run off.
    """

    flow_run_id: str = ""
    run_id: str = ""
    priority: Priority = Priority.NORMAL
    deployed: bool = False
    cancelling: Callable[[], bool] = _never
