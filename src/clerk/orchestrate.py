"""What clerk asks of Prefect and Dask: the task runner, two subflows at once, and what became of mapped tasks."""

from __future__ import annotations

import contextvars
import importlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import dask
from distributed.scheduler import KilledWorker
from prefect import runtime
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.objects import State as PrefectState
from prefect.context import FlowRunContext
from prefect.deployments import run_deployment
from prefect.events.worker import EventsWorker
from prefect.exceptions import Pause
from prefect.logging.handlers import APILogWorker
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from prefect.states import AwaitingRetry, Cancelled, Completed, Failed
from prefect.tasks import Task, exponential_backoff
from prefect_dask.task_runners import DaskTaskRunner

from clerk import project_root
from clerk.errors import ClerkError, LeaseHeldError, RunCancelledError
from clerk.fleet.api import connect
from clerk.fleet.queues import KEY, priority_of
from clerk.models import Priority, State
from clerk.origin import Origin
from clerk.settings import Settings, get_settings

# Dask workers must be able to start the child processes in which pages are read; and a page that kills its worker
# is found by clerk itself, with far fewer deaths than Dask would allow.
DASK_CONFIG = {
    "distributed.worker.daemon": False,
    "distributed.scheduler.allowed-failures": 1,
    "distributed.logging.distributed": "critical",
    "distributed.comm.timeouts.connect": "20s",
    # A worker gets its next task when it has done the last: what a busy one holds, an idle one could do.
    "distributed.scheduler.worker-saturation": 1.0,
    # Watching itself a hundred times a second takes several percent of a core from each process that recognises.
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.admin.system-monitor.disk": False,
    "distributed.admin.system-monitor.gil.enabled": False,
    # A heap for each of a dozen threads that mostly wait is memory that nobody uses.
    "distributed.nanny.pre-spawn-environ.MALLOC_ARENA_MAX": 2,
    "distributed.nanny.preload": ["clerk.stack.worker_fork"],
}

FLUSH_SECONDS = 10.0
# How long a run waits in its queue for the run that holds its site.
HELD_SECONDS, HELD_MOST_SECONDS = 20.0, 300.0
# How often a subflow is started whose process dies.
SUBFLOW_ATTEMPTS = 3
# Folder in which a flow run tells the worker that started it that its slot is free; set by that worker.
SLOTS_VARIABLE = "CLERK_SLOTS"


def task_runner(settings: Settings) -> DaskTaskRunner:
    """The Dask task runner of the site flow: the cluster of DASK_SCHEDULER_ADDRESS, or one of the run's own.

    The run's own cluster starts its workers when the first task is submitted, so that a run which finds nothing
    new starts none.
    """
    dask.config.set(DASK_CONFIG)
    if settings.dask_scheduler_address:
        return DaskTaskRunner(address=settings.dask_scheduler_address)
    return DaskTaskRunner(
        cluster_kwargs={
            "n_workers": 0,
            "threads_per_worker": 1,
            "processes": True,
            "host": "127.0.0.1",
            # Any free port of the loopback interface: two runs at once must not fight for one.
            "dashboard_address": "127.0.0.1:0",
            "memory_limit": 0,
            "silence_logs": 60,
        },
        adapt_kwargs={
            "minimum": 0,
            "maximum": settings.ocr_processes,
            "interval": "200ms",
            # As many workers as there are tasks, and none sent away while a stage only pauses.
            "target_duration": "1ms",
            "wait_count": 1500,
        },
    )


@dataclass(frozen=True, slots=True)
class Ended:
    """How a mapped task ended: `died` when its worker did, else `error` holds what it raised, if anything."""

    died: bool = False
    error: str = ""


def has_ended(future: Any) -> bool:
    """True when nothing more will come of a task; says nothing about success."""
    return bool(future.wrapped_future.done())


def tell_ends(futures: Sequence[Any], told: threading.Event) -> None:
    """Set `told` whenever a task has ended, as far as the scheduler lets us know: a lost one tells nothing."""
    for future in futures:
        # The client of a scheduler that has just gone takes no callbacks any more.
        with suppress(RuntimeError):
            future.wrapped_future.add_done_callback(lambda _: told.set())


def how_ended(future: Any) -> Ended:
    """How a task that has ended did so. Its result is not looked at: only what is on disk counts."""
    inner = future.wrapped_future
    if inner.status != "finished":
        try:
            inner.result(timeout=1)
        except KilledWorker:
            return Ended(died=True)
        except Exception as error:  # noqa: BLE001 - whatever it was, it is reported as what the task met
            return Ended(died=True, error=f"{type(error).__name__}: {error}")
        return Ended()
    state = inner.result(timeout=10)
    if isinstance(state, PrefectState) and (state.is_failed() or state.is_crashed()):
        return Ended(error=state.message or state.name or "failed")
    return Ended()


def cancel(futures: Sequence[Any]) -> None:
    """Take back tasks that wait; one that runs is stopped by what it looks for itself."""
    for future in futures:
        future.wrapped_future.cancel(force=True)


@contextmanager
def prioritised(priority: Priority) -> Iterator[None]:
    """Tasks submitted in the block run before those of a lower priority, whichever site came first."""
    with dask.annotate(priority=priority.dask):  # type: ignore[attr-defined]
        yield


def cluster_is_lost(future: Any) -> bool:
    """True when the scheduler that runs this task is gone."""
    client = getattr(future.wrapped_future, "client", None)
    return client is not None and client.status != "running"


def worker_count(future: Any) -> int:
    """Workers that the task's scheduler has, as far as its client knows."""
    client = getattr(future.wrapped_future, "client", None)
    return len(client.scheduler_info(n_workers=-1).get("workers", {})) if client is not None else 1


def transient(_task: Task[Any, Any], _run: Any, state: PrefectState[Any]) -> bool:
    """Retry condition of tasks: errors that say of themselves that they may pass."""
    return isinstance(state.data, ClerkError) and state.data.transient


# Pauses of about 4, 8 and 16 s, each half as long to half as long again, so that runs which failed together do not
# come back together: a database or a source that restarts is waited out, one that stays away is said within a minute.
RETRY: dict[str, Any] = {
    "retries": 3,
    "retry_delay_seconds": exponential_backoff(backoff_factor=4),
    "retry_jitter_factor": 0.5,
    "retry_condition_fn": transient,
}


def at_once(calls: Sequence[Callable[[], PrefectState[Any]]]) -> list[PrefectState[Any]]:
    """Run subflows beside each other in threads; one that fails does not stop the others.

    Each thread gets a copy of this context, so that Prefect knows the parent flow.
    """
    with ThreadPoolExecutor(len(calls)) as pool:
        return list(
            pool.map(lambda pair: pair[0].run(pair[1]), [(contextvars.copy_context(), c) for c in calls])
        )


def subflow(name: str) -> Callable[..., PrefectState[Any]]:
    """How to start the flow `name`: as its deployment where this run came from one, else in this process.

    A deployment's run goes to the queue of the same priority as this run's.
    """
    # Looked up here and not in the call: the call may run in a thread that has no flow run of its own yet.
    context = FlowRunContext.get()
    run = context.flow_run if context else None
    deployed, queue = bool(run and run.deployment_id), run.work_queue_name if run else None
    parent = run.id if run else ""

    def as_deployment(**parameters: Any) -> PrefectState[Any]:
        tags = [f"site:{parameters['subdomain']}"]
        state: PrefectState[Any] | None = None
        for attempt in range(SUBFLOW_ATTEMPTS):
            # Asking again after an answer that was lost must not start a second one.
            key = f"{parent}-{parameters['token']}-{name}-{attempt}"
            child = run_deployment(
                f"{name}/{name}",
                parameters=parameters,
                timeout=None,
                # A fleet's site runs wait most of their time: asked for every 2 s, they were a third of all requests.
                poll_interval=5,
                tags=tags,
                work_queue_name=queue,
                idempotency_key=key,
            )
            state = cast("FlowRun", child).state
            # One whose process died is started again; whatever else it met, it would meet again.
            if state is None or not state.is_crashed():
                break
        return state or Failed(message=f"The run of {name} has no state.")

    def here(**parameters: Any) -> PrefectState[Any]:
        project_root.on_path()
        flow = getattr(importlib.import_module(f"flows.{name}_flow"), name)
        state: PrefectState[Any] = flow(**parameters, return_state=True)
        return state

    return as_deployment if deployed else here


def end_state(state: State, message: str) -> PrefectState[Any]:
    """The explicit Prefect state that a flow returns for one of ours."""
    if state is State.COMPLETED:
        return Completed(message=message)
    if state in (State.INCOMPLETE, State.NO_DOCUMENTS):
        name = "Incomplete" if state is State.INCOMPLETE else "NoDocuments"
        return Completed(name=name, message=message)
    return Failed(message=message)


def this_run() -> Origin:
    """Where the flow run comes from that this code runs in."""
    context = FlowRunContext.get()
    run = context.flow_run if context else None
    if run is None:
        return Origin()
    # What was queued by clerk has its row already, and carries that row's id.
    key = run.idempotency_key or ""
    own = key.removeprefix(KEY) if key.startswith(KEY) else str(run.id)
    return Origin(
        flow_run_id=str(run.id),
        run_id=own,
        priority=priority_of(run.work_queue_name),
        deployed=run.deployment_id is not None,
        cancelling=lambda: _is_cancelled(str(run.id)),
    )


def _is_cancelled(flow_run: str) -> bool:
    """True when the API says that a person called the flow run off; asked while this process is told to stop."""
    try:
        with connect(get_settings(), patience=3) as api:
            found = api.get(f"/flow_runs/{flow_run}") or {}
    except ClerkError:
        return False
    return found.get("state_type") in ("CANCELLING", "CANCELLED")


def early_end(error: LeaseHeldError | RunCancelledError) -> PrefectState[Any]:
    """The state of a flow run that was called off; one whose site is not free goes back to its queue.

    Raises:
        LeaseHeldError: another run has the site, and this one is in no queue.
        Pause: it is in its queue again. Ends this process well: Prefect would take a returned state that is no
            end for a crash.
    """
    if isinstance(error, RunCancelledError):
        return Cancelled(message=error.message)
    context = FlowRunContext.get()
    if context is None or context.flow_run is None or not this_run().deployed:
        raise error
    run = context.flow_run
    # Each look costs the start of a process: the longer it waits, the seldomer.
    rest = min(HELD_SECONDS * max(run.run_count, 1), HELD_MOST_SECONDS)
    state: PrefectState[Any] = AwaitingRetry(
        scheduled_time=datetime.now(UTC) + timedelta(seconds=rest), message=error.message
    )
    with get_client(sync_client=True) as client:
        client.set_flow_run_state(run.id, state, force=True)
    raise Pause(error.message, state=state)


def release_slot() -> None:
    """Tell the worker that started this flow run that it may take another: what follows uses other machines."""
    folder = os.environ.get(SLOTS_VARIABLE)
    if folder:
        (Path(folder) / flow_run_id()).touch()


def flow_run_id() -> str:
    """Id of the Prefect flow run that this code runs in, or an empty string."""
    return str(runtime.flow_run.id or "")


@contextmanager
def without_heartbeats() -> Iterator[None]:
    """Flow runs of the block send no heartbeats: a server that comes and goes with them does not look for any.

    A flow waits for the thread that sends them, up to a second at each end.
    """
    with temporary_settings(updates={PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        yield


def flush() -> None:
    """Send what Prefect still holds back: events of task runs, and logs. Before the server is stopped."""
    for worker in (EventsWorker, APILogWorker):
        worker.drain_all(timeout=FLUSH_SECONDS, at_exit=False)
