"""Compile the database of a site."""

from __future__ import annotations

from prefect import task

from clerk.models import Level, RunRef
from clerk.orchestrate import RETRY
from clerk.site_parts import compile_part


@task(
    name="compile",
    task_run_name="compile-{level.value}-{subdomain}",
    tags=["compile"],
    persist_result=False,
    **RETRY,
)
def compile_site(subdomain: str, run: RunRef, level: Level) -> bool:
    """Build beside, check, and swap in; True when the new database is live."""
    return compile_part(subdomain, run, level)
