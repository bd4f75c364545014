"""What a Dask worker of ours comes to import; imported once, in the process that the workers are forked from."""

from __future__ import annotations

import contextlib
import gc
import importlib

MODULES = (
    "distributed.nanny",
    "distributed.http.health",
    "distributed.http.statics",
    "distributed.http.worker.prometheus.core",
    "numpy.random",
    "prefect.task_engine",
    "prefect.main",
    "prefect_dask",
    "anyio._backends._asyncio",
    "flows.site_flow",
    "tasks.ocr",
    "tasks.read",
)


def load() -> None:
    """Import all that can be; what cannot is met again, and told, by the worker that needs it."""
    for name in MODULES:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    with contextlib.suppress(Exception):
        # Prefect does it for the first task that a process gets.
        importlib.import_module("prefect.plugins").load_prefect_collections()
    # The memory of what is frozen stays shared: the collector of a fork does not write into it.
    gc.collect()
    gc.freeze()


load()
