"""The child's side: takes calls, runs them, answers. Started by `clerk.isolation.child` only."""

from __future__ import annotations

import os
import pickle
import signal
import sys
from multiprocessing.connection import Connection

from clerk.errors import ChildCrashedError, ChildMemoryError, ClerkError, PageError
from clerk.isolation import limits

READY, TAKEN, LOADING, LOADED, RESULT, ERROR, LAST_RESULT, LAST_ERROR = (bytes([n]) for n in range(8))


def main(requests: int, replies: int, lifeline: int, parent: int, memory_mb: int) -> None:
    """Serve calls until the parent closes the line. The first three arguments are file descriptors."""
    # Ctrl-C is for the parent, which decides what becomes of its children.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limits.die_with_parent(lifeline, parent)
    limits.bound_files()
    inbox, outbox = Connection(requests, writable=False), Connection(replies, readable=False)
    bounds = limits.Limits(memory_mb, lambda begin: outbox.send_bytes(LOADING if begin else LOADED))
    limits.install(bounds)
    outbox.send_bytes(READY)
    while True:
        try:
            request = inbox.recv_bytes()
        except (EOFError, OSError):
            os._exit(0)
        outbox.send_bytes(TAKEN)
        error, body = _answer(request, bounds)
        last = bounds.overgrown() or isinstance(error, ChildMemoryError)
        kinds = (LAST_RESULT, LAST_ERROR) if last else (RESULT, ERROR)
        outbox.send_bytes(kinds[error is not None] + body)


def _answer(request: bytes, bounds: limits.Limits) -> tuple[ClerkError | None, bytes]:
    try:
        # Unpickling imports the function's module, which is no page's fault.
        fn, args, timeout = pickle.loads(request)  # noqa: S301 - written by our own parent
        bounds.begin(timeout)
        result = fn(*args)
        bounds.lift_memory()
        return None, pickle.dumps(result, protocol=pickle.HIGHEST_PROTOCOL)
    except BaseException as failure:  # noqa: BLE001 - the edge: whatever it is, the parent must hear of it
        bounds.lift_memory()
        error = _named(failure)
        return error, pickle.dumps(error)


def _named(failure: BaseException) -> ClerkError:
    if isinstance(failure, MemoryError):
        return ChildMemoryError("needed more memory than PAGE_MEMORY_MB allows")
    if isinstance(failure, SystemExit):
        return ChildCrashedError(f"ended its process (exit code {failure.code})")
    if isinstance(failure, ClerkError):
        return _known(failure)
    text = str(failure).strip().partition("\n")[0]
    return PageError(f"{type(failure).__name__}: {text}" if text else type(failure).__name__)


def _known(failure: ClerkError) -> ClerkError:
    """The same as the nearest class of `clerk.errors`: a plug-in's own class is not known to the parent."""
    kind: type[ClerkError] = next(
        base for base in type(failure).__mro__ if base.__module__ == ClerkError.__module__
    )
    return kind(str(failure.message), advice=str(failure.advice))


if __name__ == "__main__":
    sys.exit("This module is started by clerk itself.")
