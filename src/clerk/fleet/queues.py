"""Names of the pools, queues and deployments. `prefect.yaml` uses the same; a test compares them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clerk.models import Priority

FETCH, EXTRACTION, DEPLOY = "clerk-fetch", "clerk-extraction", "clerk-deploy"
POOLS = (FETCH, EXTRACTION, DEPLOY)

# In the order in which a worker takes runs; Prefect adds `default` to each pool, which must come last.
QUEUES = tuple(priority.queue for priority in (Priority.HIGH, Priority.NORMAL, Priority.LOW))
DEFAULT_QUEUE = "default"

SITE = "process-site/site"

# Begins the idempotency key of a flow run that has a row of `job_tracking`; the row's id follows.
KEY = "clerk:"

# Which pool the runs of a deployment wait in.
DEPLOYMENTS = {
    SITE: FETCH,
    "fast/fast": EXTRACTION,
    "full/full": EXTRACTION,
    "deploy/deploy": DEPLOY,
    "due/due": FETCH,
}

# What the command line calls the queues: a pool each, save what waits in any high queue, and the cluster's pages.
HIGH, OCR = Priority.HIGH.queue, "ocr"
POOL_OF = {"fetch": FETCH, "extraction": EXTRACTION, "deploy": DEPLOY}
NAMES = (HIGH, "fetch", OCR, "extraction", "deploy")

# The part of a filter of the API that means flow runs of our deployments.
OURS = {"deployments": {"name": {"any_": [name.partition("/")[2] for name in DEPLOYMENTS]}}}


def site_run_id(run: Mapping[str, Any]) -> str:
    """Id of the site run, in `job_tracking`, that a flow run (as the API describes it) carries out or is a part of."""
    key = run.get("idempotency_key") or ""
    own = key.removeprefix(KEY) if key.startswith(KEY) else run["id"]
    return str(run["parameters"].get("run_id") or own)


def priority_of(queue: str | None) -> Priority:
    """Priority of the runs of a queue; normal for one that is none of ours."""
    return next((priority for priority in Priority if priority.queue == queue), Priority.NORMAL)


def site_tag(subdomain: str) -> str:
    """The tag of every flow run of a site."""
    return f"site:{subdomain}"
