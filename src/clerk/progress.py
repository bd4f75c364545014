"""Tells whoever listens in this process how a run is getting on. The civic database is told by `clerk.site_run`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from clerk.models import RunSummary, Stage


@dataclass(frozen=True, slots=True)
class StageProgress:
    """Items of a stage: pages for reading, OCR and compiling, documents for fetching and extracting."""

    stage: Stage
    total: int
    done: int
    failed: int = 0


Event = StageProgress | RunSummary
_listeners: list[Callable[[Event], None]] = []


@contextmanager
def listening(listener: Callable[[Event], None]) -> Iterator[None]:
    """Call `listener` with each event of this process for the time of the block."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def publish(event: Event) -> None:
    """Hand `event` to all listeners."""
    for listener in _listeners:
        listener(event)
