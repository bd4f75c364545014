"""Extract names and votes of a site."""

from __future__ import annotations

from prefect import task

from clerk.models import RunRef
from clerk.orchestrate import RETRY
from clerk.site_parts import extract_part


@task(name="extract", task_run_name="extract-{subdomain}", tags=["extract"], persist_result=False, **RETRY)
def extract_site(subdomain: str, run: RunRef) -> int:
    """Extract documents whose text is not in the cache; their number."""
    return extract_part(subdomain, run)
