"""The fast path: compile without waiting for the extraction, so that the text is searchable early."""

from __future__ import annotations

from prefect import flow

from clerk.models import Level, RunRef
from tasks.compile import compile_site


@flow(name="fast", flow_run_name="fast-{subdomain}", persist_result=False)
def fast(subdomain: str, run_id: str, token: int) -> bool:
    """Compile what is there, with the names and votes that earlier runs extracted."""
    return compile_site(subdomain, RunRef(run_id, token), Level.FAST)
