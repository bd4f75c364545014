"""`clerk worker ocr`: Dask workers that recognise pages, one page at a time each, in processes of their own."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import dask
from distributed import Client, Nanny
from distributed.utils import get_ip

from clerk.errors import ClerkError, ServerError
from clerk.fleet.api import connect
from clerk.fleet.upstream import sites_before
from clerk.orchestrate import DASK_CONFIG
from clerk.settings import Settings
from clerk.tracking import open_tracking

LOOK_SECONDS = 2.0
AGAIN_SECONDS = 3.0
CONNECT_SECONDS = 60.0
START_SECONDS = 60.0
STOP_SECONDS = 5.0
# An idle scheduler is looked at once more after this: a site run may be between two stages.
QUIET_LOOKS = 2
Say = Callable[[str], None]


def run_workers(settings: Settings, count: int, *, burst: bool, say: Say) -> None:
    """Work for the scheduler of DASK_SCHEDULER_ADDRESS until told to stop; with `burst` until no page is left to come.

    A scheduler that goes away is waited for.

    Raises:
        ServerError: no scheduler answers at the start.
    """
    dask.config.set(DASK_CONFIG)
    # Set by Dask when it is imported, before our configuration.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    asyncio.run(_serve(settings, count, burst=burst, say=say))


async def _serve(settings: Settings, count: int, *, burst: bool, say: Say) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    address, first = settings.dask_scheduler_address, True
    while not stop.is_set():
        try:
            await _reach(address, stop, say, seconds=CONNECT_SECONDS if first else None)
            if stop.is_set():
                break
            nannies = await _start(address, count)
        except ServerError:
            if first:
                raise
            await _wait(stop.wait(), AGAIN_SECONDS)
            continue
        say(f"{count} OCR workers work for {address}.")
        first = False
        ended = asyncio.gather(*(_finished(nanny) for nanny in nannies))
        over: list[asyncio.Future[Any]] = [ended, asyncio.ensure_future(stop.wait())]
        if burst:
            over.append(asyncio.ensure_future(_until_idle(settings)))
        done, _ = await asyncio.wait(over, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.gather(*(_close(nanny) for nanny in nannies))
        for task in over:
            task.cancel()
        await asyncio.gather(*over, return_exceptions=True)
        # A look that failed says nothing: the scheduler went away in the middle of it.
        if burst and over[-1] in done and not isinstance(over[-1].exception(), Exception):
            break
        if ended in done and not stop.is_set():
            say("The Dask scheduler has gone; waiting for it.")
    say("The OCR workers have stopped.")


async def _reach(address: str, stop: asyncio.Event, say: Say, *, seconds: float | None) -> None:
    """Wait until something listens at the scheduler's address, or until `stop` is set.

    Raises:
        ServerError: nothing did within `seconds`; None waits for ever.
    """
    host, _, port = address.partition("://")[2].rpartition(":")
    end, told = time.monotonic() + (seconds or 0), False
    while not stop.is_set():
        try:
            _, writer = await asyncio.wait_for(
                asyncio.open_connection(host.strip("[]"), int(port)), AGAIN_SECONDS
            )
        except (OSError, ValueError, TimeoutError) as error:
            if seconds is not None and time.monotonic() > end:
                raise ServerError(
                    f"No Dask scheduler answers at {address}.",
                    advice="Start it, or correct DASK_SCHEDULER_ADDRESS.",
                ) from error
        else:
            writer.close()
            return
        if seconds is not None and not told:
            told = True
            say(f"No Dask scheduler answers at {address} yet; waiting up to {seconds:.0f} s.")
        await _wait(stop.wait(), 1.0)


async def _start(address: str, count: int) -> list[Nanny]:
    """Workers that the scheduler knows.

    Raises:
        ServerError: they could not start, or the scheduler did not take them.
    """
    name = socket.gethostname()
    nannies = [
        Nanny(
            address,
            nthreads=1,
            memory_limit=0,
            host=_own_address(address),
            name=f"{name}-{os.getpid()}-{number}",
            dashboard=False,
            # A site run that starts has to find its worker at once, whatever the worker just did.
            lifetime=None,
        )
        for number in range(count)
    ]
    try:
        await asyncio.wait_for(asyncio.gather(*nannies), START_SECONDS)
    except (OSError, RuntimeError, TimeoutError) as error:
        await asyncio.gather(*(_close(nanny) for nanny in nannies))
        raise ServerError(
            f"The Dask scheduler at {address} takes no workers: {_reason(error)}.",
            advice="Is it a Dask scheduler, and are its certificates ours?",
        ) from error
    return nannies


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer in {START_SECONDS:.0f} s"
    cause = error.__cause__ or error
    return " ".join(str(cause).split()).rstrip(".") or type(cause).__name__


async def _finished(nanny: Nanny) -> None:
    await nanny.finished()  # type: ignore[no-untyped-call]


def _own_address(scheduler: str) -> str:
    """The address of this machine on the way to the scheduler; workers listen there and nowhere else."""
    host = scheduler.partition("://")[2].rpartition(":")[0].strip("[]")
    return str(get_ip(host))  # type: ignore[no-untyped-call]


async def _close(nanny: Nanny) -> None:
    await _wait(nanny.close(timeout=STOP_SECONDS), STOP_SECONDS * 2)


async def _wait(work: Any, seconds: float) -> bool:
    """True when `work` came to its end in time; how it failed otherwise is the same to the caller."""
    try:
        await asyncio.wait_for(work, seconds)
    except (TimeoutError, OSError):
        return False
    return True


async def _until_idle(settings: Settings) -> None:
    """Return when the scheduler has nothing to do and no site is on its way to it."""
    quiet, since = 0, datetime.now(UTC)
    async with Client(  # type: ignore[no-untyped-call]
        settings.dask_scheduler_address, asynchronous=True
    ) as client:
        while quiet < QUIET_LOOKS:
            await asyncio.sleep(LOOK_SECONDS)
            busy = await client.run_on_scheduler(_unfinished)
            coming = not busy and await asyncio.to_thread(_coming, settings, since)
            quiet = 0 if busy or coming else quiet + 1


def _unfinished(dask_scheduler: Any) -> int:
    states = ("waiting", "queued", "no-worker", "processing")
    return sum(task.state in states for task in dask_scheduler.tasks.values())


def _coming(settings: Settings, since: datetime) -> bool:
    if not settings.prefect_api_url:
        return False
    tracking = open_tracking(settings)
    try:
        with connect(settings) as api:
            return bool(sites_before(tracking, api, since, ocr_only=True))
    except ClerkError:
        # Unknown is not idle: the next look may get an answer.
        return True
    finally:
        tracking.close()
