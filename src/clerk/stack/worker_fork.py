"""Dask workers as forks of one process that has imported all that they need. Dask loads this module in its nannies.

Prefect, Dask and clerk take a process more than a second and 100 MB to import: forked, the workers of a run share both.
The setting `distributed.nanny.preload` names this module. Linux only: elsewhere a fork of a process with such imports
is not safe, and each worker starts from nothing.
"""

from __future__ import annotations

import os
import sys

import dask
from distributed import Nanny
from distributed.utils import get_mp_context


def dask_setup(nanny: Nanny) -> None:
    """Called by Dask in the process that holds a nanny, before it starts its worker."""
    if not sys.platform.startswith("linux"):
        return
    dask.config.set({"distributed.worker.multiprocessing-method": "forkserver"})
    # Dask names modules of its own at the first call only.
    context = get_mp_context()  # type: ignore[no-untyped-call]
    context.set_forkserver_preload(["clerk.stack.worker_imports"])
    # The process that forks keeps the environment in which it was started.
    nanny.env = {**os.environ, **nanny.env}
