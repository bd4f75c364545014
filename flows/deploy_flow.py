"""Deploy one site: publish its live database through the deploy plug-ins."""

from __future__ import annotations

from prefect import flow

from clerk.models import RunRef
from tasks.deploy import deploy_site


@flow(name="deploy", flow_run_name="deploy-{subdomain}", persist_result=False)
def deploy(subdomain: str, run_id: str, token: int) -> str:
    """Publish; the version that is current now."""
    return deploy_site(subdomain, RunRef(run_id, token))
