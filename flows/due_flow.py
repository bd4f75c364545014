"""The clock of the fleet: every few minutes, queue the sites that are due."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from tasks.due import queue_due_sites


@flow(name="due", flow_run_name="due", persist_result=False)
def due() -> State[Any]:
    """Queue due sites. The message of its state says how many; each of them is a run of its own."""
    return Completed(message=queue_due_sites())
