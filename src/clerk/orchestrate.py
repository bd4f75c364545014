"""What clerk asks of Prefect and Dask: the task runner, two subflows at once, and what became of mapped tasks."""

from __future__ import annotations

import contextvars
import importlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, cast

import dask
from distributed.scheduler import KilledWorker
from prefect import runtime
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.objects import State as PrefectState
from prefect.context import FlowRunContext
from prefect.deployments import run_deployment
from prefect.events.worker import EventsWorker
from prefect.logging.handlers import APILogWorker
from prefect.states import Completed, Failed
from prefect.tasks import Task
from prefect_dask.task_runners import DaskTaskRunner

from clerk import project_root
from clerk.errors import ClerkError
from clerk.models import State
from clerk.settings import Settings

# Dask workers must be able to start the child processes in which pages are read; and a page that kills its worker
# is found by clerk itself, with far fewer deaths than Dask would allow.
DASK_CONFIG = {
    "distributed.worker.daemon": False,
    "distributed.scheduler.allowed-failures": 1,
    "distributed.logging.distributed": "critical",
    "distributed.comm.timeouts.connect": "20s",
}

FLUSH_SECONDS = 10.0


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

    def as_deployment(**parameters: Any) -> PrefectState[Any]:
        tags = [f"site:{parameters['subdomain']}"]
        child = run_deployment(
            f"{name}/{name}", parameters=parameters, timeout=None, tags=tags, work_queue_name=queue
        )
        return cast("FlowRun", child).state or Failed(message=f"The run of {name} has no state.")

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


def flow_run_id() -> str:
    """Id of the Prefect flow run that this code runs in, or an empty string."""
    return str(runtime.flow_run.id or "")


def flush() -> None:
    """Send what Prefect still holds back: events of task runs, and logs. Before the server is stopped."""
    for worker in (EventsWorker, APILogWorker):
        worker.drain_all(timeout=FLUSH_SECONDS, at_exit=False)
