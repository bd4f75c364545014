"""The options by which `run` and `enqueue` recognise pages again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import click

from clerk.errors import UsageError
from clerk.models import RunRequest
from clerk.settings import Settings
from clerk.stages.redo import check_documents
from clerk.storage import SiteStore

_OPTIONS = (
    click.option("--redo-ocr", is_flag=True, help="Recognise again what was recognised; fetches nothing."),
    click.option(
        "--below-confidence",
        type=float,
        metavar="N",
        help="With --redo-ocr: only pages whose confidence is below N, of 100.",
    ),
    click.option(
        "--document",
        "documents",
        multiple=True,
        metavar="NAME",
        help="With --redo-ocr: only this document, like CityCouncil/2024-03-05. May be given several times.",
    ),
)


def redo_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a command with the options of a redo."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def with_redo(
    requests: Sequence[RunRequest],
    chosen: Settings,
    redo_ocr: bool,
    below_confidence: float | None,
    documents: tuple[str, ...],
) -> list[RunRequest]:
    """The requests, with the redo that the options ask for.

    Raises:
        UsageError: options that do nothing without --redo-ocr or with it, a confidence that cannot be, or a document
            that does not exist.
    """
    if not redo_ocr:
        if below_confidence is not None or documents:
            raise UsageError("--below-confidence and --document go with --redo-ocr.")
        return list(requests)
    # Not a number is in no range either.
    if below_confidence is not None and not 0 < below_confidence <= 100:
        raise UsageError(
            f"--below-confidence {below_confidence:g} is no confidence.",
            advice="Give one over 0 and up to 100, like 70.",
        )
    for request in requests:
        _check(request)
        check_documents(SiteStore(chosen.storage_dir, request.subdomain), documents)
    return [
        replace(
            request,
            redo_ocr=True,
            below_confidence=below_confidence or 0.0,
            documents=documents,
            redo_since=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        for request in requests
    ]


def _check(request: RunRequest) -> None:
    if request.force:
        raise UsageError("--redo-ocr and --force cannot be used together.", advice="--force does all anew.")
    if request.source_folder or request.all_years or request.all_agendas:
        raise UsageError(
            "--redo-ocr fetches nothing: --from, --all-years and --all-agendas cannot be used with it.",
            advice="Run the site with them first.",
        )
