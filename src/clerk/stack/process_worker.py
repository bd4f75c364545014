"""`clerk worker fetch|extraction|deploy`: a Prefect process worker whose slots are free when a site has been fetched.

A Prefect worker counts a run against its limit until the run has ended. A site run goes on for long after its fetch,
on other machines; so the run tells its worker when the slot is free (`orchestrate.release_slot`), and the worker
counts the runs that go on apart, against MAX_ACTIVE_SITES. The full path gives its slot back before the deploy.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import anyio
import httpx
import psutil
from anyio.abc import TaskStatus
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import PrefectException
from prefect.workers.process import ProcessJobConfiguration, ProcessWorker, ProcessWorkerResult

from clerk.errors import ClerkError, ServerError
from clerk.fleet.api import connect
from clerk.fleet.queues import DEFAULT_QUEUE, FETCH, QUEUES
from clerk.fleet.upstream import sites_before
from clerk.orchestrate import SLOTS_VARIABLE
from clerk.settings import Settings
from clerk.stack.prefork import Prefork
from clerk.tracking import open_tracking

POLL_SECONDS = 2.0
# A worker without a free slot looks for one this often, which asks the API nothing,
FULL_LOOK_SECONDS = 0.5
# and asks for runs this often all the same: the server calls a queue that nobody asks about not ready.
FULL_POLL_SECONDS = 20.0
SYNC_SECONDS = 20.0
STOP_SECONDS = 8.0
# Longer than a run that waits for its site rests at the most.
RETURN_SECONDS = 330.0
Say = Callable[[str], None]


class SlotWorker(ProcessWorker):
    """A process worker with slots for what its pool is for, and a bound on runs that go on without one.

    Args:
        slots: folder in which flow runs leave a file of their id once they need their slot no more.
        active: bound on the runs at work, with a slot or without.
        prefork: what starts the process of a run.
    """

    @classmethod
    def __dispatch_key__(cls) -> str:
        # A pool's type stays that of every process worker; this only names the class in Prefect's register.
        return "process-with-slots"

    def __init__(self, pool: str, name: str, limit: int, slots: Path, active: int, prefork: Prefork) -> None:
        super().__init__(
            work_pool_name=pool,
            # The pool's own last queue too: what somebody else put there is run as well.
            work_queues=[*QUEUES, DEFAULT_QUEUE],
            name=name,
            limit=limit,
            prefetch_seconds=0,
            create_pool_if_not_found=False,
        )
        self._slots = slots
        self.prefork = prefork
        self._active = active
        self._at_work: set[UUID] = set()
        self._asked = 0.0
        self.since = datetime.now(UTC)

    @property
    def idle(self) -> bool:
        """True when no run of this worker is at work or about to be."""
        return not self._at_work and not self._submitting_flow_run_ids

    async def returning(self) -> int:
        """Runs that wait for their site to be free, or for their next try, and will soon be due."""
        soon = datetime.now(UTC) + timedelta(seconds=RETURN_SECONDS)
        found = await self.client.get_scheduled_flow_runs_for_work_pool(
            work_pool_name=self._work_pool_name,
            scheduled_before=soon,
            work_queue_names=list(self._work_queues),
        )
        return sum(entry.flow_run.state_name == "AwaitingRetry" for entry in found)

    @property
    def at_work(self) -> int:
        """Runs that this worker has started and that have not ended."""
        return len(self._at_work)

    @property
    def full(self) -> bool:
        """True when nothing more can start: all slots are taken, or as many runs go on without one as may."""
        return self._free <= 0 or self.limiter.available_tokens < 1

    @property
    def _free(self) -> int:
        # Those that are about to start count too: they are not at work before their process is.
        return self._active - len(self._at_work | self._submitting_flow_run_ids)

    def take_back(self) -> None:
        """Make the slots free again that runs have given back."""
        for run in list(self._at_work):
            mark = self._slots / str(run)
            if mark.exists():
                mark.unlink(missing_ok=True)
                self._release_limit_slot(run)

    async def poll(self) -> int | None:
        """Start what is due and fits; the number of due runs that were seen, also those that did not fit.

        None when nothing was asked: a list of hundreds of waiting runs is costly for the server to make, and of no
        use to a worker that cannot start any.
        """
        now = time.monotonic()
        if self.full and now - self._asked < FULL_POLL_SECONDS:
            return None
        self._asked = now
        seen = await self._get_scheduled_flow_runs()
        free = self._free
        new = [entry for entry in seen if entry.flow_run.id not in self._submitting_flow_run_ids]
        await self._submit_scheduled_flow_runs(flow_run_response=new[: max(free, 0)])
        return len(seen)

    async def run(
        self,
        flow_run: FlowRun,
        configuration: ProcessJobConfiguration,
        task_status: TaskStatus[int] | None = None,
    ) -> ProcessWorkerResult:
        # One interpreter start instead of two or none, and this very installation whatever PATH says.
        configuration.command = self.prefork.command(configuration.env)
        configuration._command_configured = True
        self._at_work.add(flow_run.id)
        try:
            return await super().run(flow_run, configuration, task_status)
        finally:
            self._at_work.discard(flow_run.id)
            (self._slots / str(flow_run.id)).unlink(missing_ok=True)


def run_worker(settings: Settings, pool: str, limit: int, *, burst: bool, say: Say) -> None:
    """Take runs of `pool` until told to stop; with `burst` until none is due, at work, or on its way from a site run.

    Raises:
        ServerError: the API does not answer at the start, or does not know the pool.
    """
    slots = Path(tempfile.mkdtemp(prefix="clerk-slots-"))
    os.environ[SLOTS_VARIABLE] = str(slots)
    # Elsewhere than in the fetch pool a run goes on without its slot only while its site is deployed.
    bound = max(settings.max_active_sites, limit) if pool == FETCH else 2 * limit
    name = f"{pool}-{socket.gethostname()}-{os.getpid()}"
    prefork = Prefork(slots)
    worker = SlotWorker(pool, name, limit, slots, bound, prefork)
    try:
        asyncio.run(_loop(worker, settings, burst=burst, say=say))
    finally:
        prefork.stop()
        shutil.rmtree(slots, ignore_errors=True)


async def _loop(worker: SlotWorker, settings: Settings, *, burst: bool, say: Say) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    more = partial(_more, worker, settings)
    pause = float(os.environ.get("PREFECT_WORKER_QUERY_SECONDS") or POLL_SECONDS)
    async with worker:
        await _first_sync(worker)
        say(f"Worker {worker.name} takes runs of {worker._work_pool_name}.")
        synced = loop.time()
        while not stop.is_set():
            if loop.time() - synced > SYNC_SECONDS:
                synced = loop.time()
                await _try(worker.sync_with_backend, say)
            worker.take_back()
            seen = await _try(worker.poll, say)
            # An API that does not answer says nothing: only a plain no ends the burst.
            if burst and seen == 0 and worker.idle and await _try(more, say) is False:
                break
            await _sleep(stop, min(pause, FULL_LOOK_SECONDS) if worker.full else pause)
        if stop.is_set():
            await _stop_runs(worker, say)
    say(f"Worker {worker.name} has stopped.")


async def _more(worker: SlotWorker, settings: Settings) -> bool:
    """True while runs will come to this worker's pool that are not due yet."""
    if await worker.returning():
        return True
    return worker._work_pool_name != FETCH and await asyncio.to_thread(_sites_at_work, settings, worker.since)


def _sites_at_work(settings: Settings, since: datetime) -> bool:
    tracking = open_tracking(settings)
    try:
        with connect(settings) as api:
            return bool(sites_before(tracking, api, since))
    except ClerkError:
        # Unknown is not idle: the next look may get an answer.
        return True
    finally:
        tracking.close()


async def _first_sync(worker: SlotWorker) -> None:
    await worker.sync_with_backend()
    if worker._work_pool is None:
        raise ServerError(
            f"The Prefect API has no work pool {worker._work_pool_name}.", advice="Run `clerk pools apply`."
        )


async def _try(call: Callable[[], Any], say: Say) -> Any:
    """One call to the API; a server that is away is asked again at the next turn."""
    try:
        return await call()
    except (httpx.HTTPError, PrefectException) as error:
        say(f"The Prefect API does not answer ({type(error).__name__}); trying again.")
        return None


async def _sleep(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


async def _stop_runs(worker: SlotWorker, say: Say) -> None:
    """Ask the flow processes to end and wait for them; what they had begun is started again by the sweeper."""
    if worker.at_work:
        say(f"Worker {worker.name} stops {worker.at_work} runs; they are started again later.")
    for process in _children(worker):
        process.terminate()
    with anyio.move_on_after(STOP_SECONDS):
        while worker.at_work:
            await asyncio.sleep(0.1)
    for process in _children(worker):
        process.kill()


def _children(worker: SlotWorker) -> list[psutil.Process]:
    return [each for each in psutil.Process().children() if each.pid != worker.prefork.pid]
