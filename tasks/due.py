"""Queue the sites that are due."""

from __future__ import annotations

from prefect import task

from clerk.fleet.due_run import run_due
from clerk.orchestrate import RETRY, flow_run_id
from clerk.settings import get_settings


@task(name="due", task_run_name="due", tags=["due"], persist_result=False, **RETRY)
def queue_due_sites() -> str:
    """Queue as many as there is room for; one line that says how many."""
    return run_due(get_settings(), flow_run_id())
