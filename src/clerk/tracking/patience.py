"""Waiting for a database that is away for a moment: a server that restarts, a connection that broke."""

from __future__ import annotations

import functools
import random
import time
from collections.abc import Callable
from typing import Any, TypeVar, cast

from clerk.errors import DatabaseError

Part = TypeVar("Part")
Answer = TypeVar("Answer")
_LONGEST_PAUSE = 3.0


def insist(call: Callable[[], Answer], patience: float) -> Answer:
    """The answer of `call`, asked again for `patience` seconds while the database is away.

    Raises:
        DatabaseError: it stayed away, or what is wrong will not pass.
    """
    end, pause = time.monotonic() + patience, 0.1
    while True:
        try:
            return call()
        except DatabaseError as error:
            if not error.transient or time.monotonic() + pause > end:
                raise
        time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - only spreads the calls
        pause = min(pause * 2, _LONGEST_PAUSE)


def patient(part: Part, patience: float) -> Part:
    """`part` with methods that insist. Each is one transaction that may be repeated: it sets, and never adds up."""
    return cast("Part", _Patient(part, patience)) if patience else part


class _Patient:
    def __init__(self, part: Any, patience: float) -> None:
        self._part = part
        self._patience = patience

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._part, name)

        @functools.wraps(method)
        def call(*args: Any, **kwargs: Any) -> Any:
            return insist(lambda: method(*args, **kwargs), self._patience)

        return call
