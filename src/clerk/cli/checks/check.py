"""A finding of `clerk doctor`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from clerk.errors import ClerkError


class Status(StrEnum):
    """`ok`; `warn`, works with less; `missing`, something that is needed is not there."""

    OK = "ok"
    WARN = "warn"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Check:
    """`name` is what was looked at, `detail` what was found, `advice` the command that mends it."""

    name: str
    status: Status
    detail: str
    advice: str = ""


def ok(name: str, detail: str) -> Check:
    return Check(name, Status.OK, detail)


def warn(name: str, detail: str, advice: str) -> Check:
    return Check(name, Status.WARN, detail, advice)


def missing(name: str, detail: str, advice: str) -> Check:
    return Check(name, Status.MISSING, detail, advice)


def guarded(name: str, look: Callable[[], list[Check]]) -> list[Check]:
    """What `look` finds; what it raises is a finding too, since a check must not stop those after it."""
    try:
        return look()
    except ClerkError as error:
        return [missing(name, error.message, error.advice)]
    except ImportError as error:
        return [missing(name, str(error), "Install civicband-clerk again with its requirements.")]
    except Exception as error:  # noqa: BLE001 - anything can be broken on the machine that is looked at
        return [
            missing(
                name,
                f"{type(error).__name__}: {error}",
                "Install civicband-clerk again; if it stays, report it.",
            )
        ]
