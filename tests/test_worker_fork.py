"""Dask workers as forks of one process that has imported what they need."""

from __future__ import annotations

import importlib
import json
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dask
import psutil
import pytest
from distributed import Client, LocalCluster

from clerk.isolation import Child, worker_child
from clerk.orchestrate import DASK_CONFIG
from clerk.stack import worker_imports
from tests.conftest import ROOT

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux only"),
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Client]:
    with (
        dask.config.set(DASK_CONFIG),
        LocalCluster(
            n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, memory_limit=0
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


@pytest.fixture
def client(cluster: Client) -> Client:
    """With one worker."""
    cluster.cluster.scale(1)
    cluster.wait_for_workers(1, timeout=60)
    return cluster


def parents() -> list[str]:
    """Command line of this process's parent."""
    return psutil.Process(os.getppid()).cmdline()


def imported() -> list[str]:
    return [name for name in worker_imports.MODULES if name not in sys.modules]


def variable(name: str) -> str | None:
    return os.environ.get(name)


def held() -> int:
    """Process id of a child that this worker holds from now on."""
    child = worker_child(256)
    return int(child.call(os.getpid, timeout=30))


def test_a_worker_is_a_fork_that_has_imported_all(client: Client) -> None:
    line = client.submit(parents).result(timeout=60)
    assert "clerk.stack.worker_imports" in line[-1]
    assert client.submit(imported).result(timeout=60) == []


@pytest.mark.parametrize("name", worker_imports.MODULES)
def test_what_is_imported_beforehand_exists(name: str) -> None:
    importlib.import_module(name)


def test_a_later_worker_has_the_environment_of_its_time(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.submit(parents).result(timeout=60)
    monkeypatch.setenv("CLERK_TEST_LATE", "1")
    client.cluster.scale(2)
    client.wait_for_workers(2, timeout=60)
    assert "1" in client.run(variable, "CLERK_TEST_LATE").values()


def leave(path: str) -> None:
    """Hold a child, and note when it is closed."""

    def noted(_child: Child) -> None:
        Path(path).touch()

    Child.close = noted  # type: ignore[method-assign]
    worker_child(256)


@pytest.mark.usefixtures(
    "client"
)  # which says what the process that forks imports; there is one for all tests
def test_a_forked_process_closes_its_child_when_it_ends(tmp_path: Path) -> None:
    process = multiprocessing.get_context("forkserver").Process(target=leave, args=(f"{tmp_path}/closed",))
    process.start()
    process.join(60)
    assert process.exitcode == 0
    assert (tmp_path / "closed").exists()


def test_a_worker_takes_its_child_along(client: Client) -> None:
    child = psutil.Process(client.submit(held, pure=False).result(timeout=60))
    client.cluster.scale(0)
    assert psutil.wait_procs([child], timeout=30)[1] == []


def test_what_each_worker_imports_with_the_flow_brings_no_database() -> None:
    code = "import sys, json, flows.site_flow; print(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    modules = set(json.loads(done.stdout.splitlines()[-1]))
    assert not modules & {
        "sqlalchemy",
        "clerk.tracking",
        "clerk.extraction",
        "clerk.fetch",
        "pymupdf",
        "spacy",
    }
