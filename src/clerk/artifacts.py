"""What a person sees of a site run in the Prefect UI: a progress artifact, and a report when it has ended."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from prefect.artifacts import create_markdown_artifact, create_progress_artifact, update_progress_artifact

from clerk.models import Stage
from clerk.progress import Event, StageProgress, listening

# Where each stage lies in the whole, in percent. Recognition is what takes the time.
SHARES = {
    Stage.FETCH: (0, 10),
    Stage.READ: (10, 20),
    Stage.OCR: (20, 85),
    Stage.COMPILATION: (85, 90),
    Stage.EXTRACTION: (85, 97),
    Stage.DEPLOY: (97, 100),
}
PAUSE_SECONDS = 2.0

log = logging.getLogger(__name__)


def percent(event: StageProgress) -> float:
    """How far a run is, 0 to 100, by the stage that it is in and the items done there."""
    low, high = SHARES[event.stage]
    ended = event.done + event.failed
    return low + (high - low) * (min(ended / event.total, 1.0) if event.total else 0.0)


@contextmanager
def shown(subdomain: str) -> Iterator[Callable[[str], None]]:
    """Keep a progress artifact of the flow run for the time of the block; yields what publishes the closing report.

    The run does not depend on it: a Prefect API that does not take an artifact is a line in the log.
    """
    key = re.sub(r"[^a-z0-9]+", "-", subdomain).strip("-")
    text = f"Site {subdomain}"
    bar = _try(create_progress_artifact, progress=0.0, key=f"progress-{key}", description=text)
    last = time.monotonic()
    far = 0.0

    def follow(event: Event) -> None:
        nonlocal last, far
        if not isinstance(event, StageProgress) or not isinstance(bar, UUID):
            return
        # Two paths run side by side at the end; a bar that goes back tells nobody anything.
        far = max(far, percent(event))
        if time.monotonic() - last >= PAUSE_SECONDS:
            last = time.monotonic()
            _try(
                update_progress_artifact,
                artifact_id=bar,
                progress=far,
                description=f"{text}: {event.stage.value} {event.done} of {event.total}",
            )

    def close(report: str) -> None:
        if isinstance(bar, UUID):
            _try(update_progress_artifact, artifact_id=bar, progress=100.0, description=f"{text}: ended")
        _try(
            create_markdown_artifact,
            markdown=report,
            key=f"report-{key}",
            description=f"Report of {subdomain}",
        )

    with listening(follow):
        yield close


def _try(call: Callable[..., Any], **arguments: Any) -> Any:
    try:
        return call(**arguments)
    except Exception as error:  # noqa: BLE001 - whatever Prefect raises, the run is more than its picture
        log.warning("Artifact: %s: %s", type(error).__name__, error)
        return None
