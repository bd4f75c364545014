"""Deploy a site."""

from __future__ import annotations

from prefect import task

from clerk.models import RunRef
from clerk.orchestrate import RETRY
from clerk.site_parts import deploy_part


@task(
    name="deploy",
    task_run_name="deploy-{subdomain}",
    tags=["deploy"],
    persist_result=False,
    **RETRY,
)
def deploy_site(subdomain: str, run: RunRef) -> str:
    """Publish the live database; the version that is current now."""
    return deploy_part(subdomain, run)
