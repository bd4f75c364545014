"""The full path: extract names and votes, compile with them, hand over to deploy."""

from __future__ import annotations

from prefect import flow

from clerk.errors import StageFailedError
from clerk.models import Level, RunRef
from clerk.orchestrate import release_slot, subflow
from tasks.compile import compile_site
from tasks.extract import extract_site


@flow(name="full", flow_run_name="full-{subdomain}", persist_result=False)
def full(subdomain: str, run_id: str, token: int) -> bool:
    """Extract, compile and deploy; True when a new database went live."""
    run = RunRef(run_id, token)
    extract_site(subdomain, run)
    replaced = compile_site(subdomain, run, Level.FULL)
    # The deploy is another worker's work; the next site need not wait for it.
    release_slot()
    # The state is asked, not its result: a deployment's run keeps none.
    deployed = subflow("deploy")(subdomain=subdomain, run_id=run_id, token=token)
    if not deployed.is_completed():
        raise StageFailedError(f"The deploy of {subdomain} ended {deployed.name}: {deployed.message}")
    return replaced
