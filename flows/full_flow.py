"""The full path: extract names and votes, compile with them, hand over to deploy."""

from __future__ import annotations

from prefect import flow

from clerk.models import Level, RunRef
from clerk.orchestrate import subflow
from tasks.compile import compile_site
from tasks.extract import extract_site


@flow(name="full", flow_run_name="full-{subdomain}", persist_result=False)
def full(subdomain: str, run_id: str, token: int) -> bool:
    """Extract, compile and deploy; True when a new database went live."""
    run = RunRef(run_id, token)
    extract_site(subdomain, run)
    replaced = compile_site(subdomain, run, Level.FULL)
    subflow("deploy")(subdomain=subdomain, run_id=run_id, token=token).result()
    return replaced
