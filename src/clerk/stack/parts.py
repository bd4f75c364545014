"""The parts of the stack: what they are called, in the order in which they start."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from clerk.errors import UsageError


class Part(StrEnum):
    """A part of the stack. One program each, however many processes it has."""

    POSTGRES = "postgres"
    REDIS = "redis"
    SCHEDULER = "scheduler"
    SERVER = "server"
    FETCH = "fetch"
    OCR = "ocr"
    EXTRACTION = "extraction"
    DEPLOY = "deploy"
    SWEEPER = "sweeper"


WORKERS = (Part.FETCH, Part.OCR, Part.EXTRACTION, Part.DEPLOY)

# Those of a group are started together; a group waits until the one before it is ready.
START_ORDER: tuple[tuple[Part, ...], ...] = (
    (Part.POSTGRES, Part.REDIS, Part.SCHEDULER),
    (Part.SERVER,),
    (*WORKERS, Part.SWEEPER),
)
# Those of a group are stopped together: first who uses a part, then the part.
STOP_ORDER: tuple[tuple[Part, ...], ...] = (
    WORKERS,
    (Part.SWEEPER,),
    (Part.SCHEDULER,),
    (Part.SERVER,),
    (Part.REDIS,),
    (Part.POSTGRES,),
)


def chosen(values: Iterable[str]) -> frozenset[Part]:
    """The parts that are named in `values`, each one or several joined by commas; none named: all.

    Raises:
        UsageError: a name is none of a part.
    """
    names = [name.strip().lower() for value in values for name in value.split(",") if name.strip()]
    for name in names:
        if name not in set(Part):
            raise UsageError(f"There is no part {name!r}.", advice=f"The parts are {', '.join(Part)}.")
    return frozenset(Part(name) for name in names) or frozenset(Part)
