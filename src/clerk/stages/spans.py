"""Work on pages that another process can see and stop: markers of what is being done, tokens that call it off.

A worker of the cluster has no database, and a task that runs there cannot be cancelled through the cluster. So each
task keeps a marker file fresh while it works, and looks for its run's token before each page and each write. A page
that is being worked on when the token appears loses its child process within `LOOK_SECONDS`.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from clerk.errors import RunCancelledError, StorageError
from clerk.isolation import Child
from clerk.storage import SiteStore, read_json, write_atomic, write_json

LOOK_SECONDS = 0.5
STALE_SECONDS = 10.0
# A worker whose machine slept for longer than that is not expected back.
FORGOTTEN_SECONDS = 86_400.0
WHOLE, OCR = "whole", "ocr"


def call_off(store: SiteStore, run_id: str, what: str = WHOLE, why: str = "") -> None:
    """Leave the token that stops a run: all of it, or only its recognition (`what` is `ocr`)."""
    write_json(store.cancel_file(run_id), {"what": what, "why": why})


def called_off(store: SiteStore, run_id: str) -> str:
    """What of a run is called off: `whole`, `ocr`, or "" for nothing."""
    if not run_id or not store.cancel_file(run_id).exists():
        return ""
    token = read_json(store.cancel_file(run_id))
    return OCR if isinstance(token, dict) and token.get("what") == OCR else WHOLE


def check(store: SiteStore, run_id: str, *, recognition: bool = False) -> None:
    """Return unless the run is called off; `recognition` says that the caller recognises pages.

    Raises:
        RunCancelledError: it is.
    """
    if _stops(store, run_id, recognition):
        raise RunCancelledError(f"The run of {store.subdomain} was cancelled.")


def _stops(store: SiteStore, run_id: str, recognition: bool) -> bool:
    return called_off(store, run_id) in ((WHOLE, OCR) if recognition else (WHOLE,))


@contextmanager
def at_work(
    store: SiteStore, run_id: str, child: Child, *, recognition: bool = False
) -> Iterator[Callable[[], None]]:
    """Mark a task of a run as at work; yields the check that it must make before each page and each write."""
    if not run_id:
        yield lambda: None
        return
    marker = store.span_file(run_id, uuid.uuid4().hex)
    _mark(marker)
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(LOOK_SECONDS):
            # The one says that work is done here, the other may end it: neither keeps the other from being done.
            with suppress(OSError, StorageError):
                _touch(marker)
            with suppress(OSError, StorageError):
                if _stops(store, run_id, recognition):
                    child.close()

    thread = threading.Thread(target=watch, name="span-watch", daemon=True)
    thread.start()
    try:
        yield lambda: check(store, run_id, recognition=recognition)
    finally:
        ended.set()
        thread.join()
        marker.unlink(missing_ok=True)


def working(store: SiteStore, run_id: str) -> int:
    """Tasks of a run that are at work: those whose marker was touched within the last `STALE_SECONDS`."""
    return sum(age < STALE_SECONDS for age in _ages(store, run_id))


def runs_marked(store: SiteStore) -> list[str]:
    """Runs of the site with tasks that did not end: at work, dead, or asleep with their machine."""
    return sorted(path.name for path in store.runs_folder.glob("*/") if any(path.glob("*.span")))


def wait_for_rest(store: SiteStore, run_ids: list[str], seconds: float) -> list[str]:
    """Wait until no task of these runs is at work; those that still are after `seconds`."""
    end = time.monotonic() + seconds
    while busy := [run_id for run_id in run_ids if working(store, run_id)]:
        if time.monotonic() > end:
            break
        time.sleep(LOOK_SECONDS)
    return busy


def tidy(store: SiteStore, keep: str) -> None:
    """Remove markers and tokens of runs that are over; those of `keep` stay.

    So do, for a day, those of a run with a task that did not end: a worker that slept finds its token when it wakes.
    """
    unended = {run for run in runs_marked(store) if any(age < FORGOTTEN_SECONDS for age in _ages(store, run))}
    for path in store.runs_folder.glob("*"):
        if path.name.removesuffix(".cancel") in {keep, *unended}:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _mark(marker: Path) -> None:
    write_atomic(marker, str(os.getpid()).encode(), sync=False)


def _touch(marker: Path) -> None:
    try:
        os.utime(marker)
    except FileNotFoundError:
        _mark(marker)


def _ages(store: SiteStore, run_id: str) -> list[float]:
    """Seconds since each marker of a run was touched."""
    folder = store.span_folder(run_id)
    markers = list(folder.glob("*.span"))
    if not markers:
        return []
    # The clock of the storage itself: those of the hosts may differ.
    clock = folder / f".{uuid.uuid4().hex}.clock"
    clock.touch()
    now = clock.stat().st_mtime
    clock.unlink(missing_ok=True)
    return [now - _touched(marker) for marker in markers]


def _touched(marker: Path) -> float:
    try:
        return marker.stat().st_mtime
    except OSError:
        return 0.0
