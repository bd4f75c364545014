"""The flows as Prefect sees them: entry points, subflows side by side, and a Dask cluster of another's."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import httpx
import pytest
import yaml

from clerk import project_root
from clerk.stack import server
from clerk.storage import SiteStore
from tests.fixtures_pipeline import Clerk, scanned_pdf, text_pdf, wait_until
from tests.fixtures_prefect import Prepared

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def api(tmp_path: Path, prepared_server: Prepared) -> Iterator[str]:
    """The address of a Prefect server that outlives the runs."""
    local = server.launch(prepared_server(tmp_path / "server"))
    try:
        local.wait()
        yield local.url
    finally:
        local.stop()


def test_every_entry_point_of_prefect_yaml_imports(clerk: Clerk) -> None:
    deployments = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
    code = (
        "import sys\nfrom prefect.flows import load_flow_from_entrypoint as load\n"
        "from clerk.project_root import pull\npull()\n"
        "print([load(e).name for e in sys.argv[1:]])"
    )
    entries = [each["entrypoint"] for each in deployments]
    output = subprocess.run(
        [sys.executable, "-c", code, *entries],
        env=clerk.env(),
        cwd=clerk.storage,
        capture_output=True,
        text=True,
    )
    assert output.returncode == 0, output.stderr
    assert output.stdout.strip() == "['process-site', 'fast', 'full', 'deploy', 'due']"
    assert project_root.root() == ROOT


WAITS = """
import pathlib, time
from clerk import hookimpl

class Plugin:
    @hookimpl
    def pre_compilation(self, subdomain, run_id):
        # The first compilation, that of the fast path, waits until the extraction beside it has made something.
        end = time.monotonic() + 60
        while not list(pathlib.Path({folder!r}).glob("*/*/*.extracted.json")) and time.monotonic() < end:
            time.sleep(0.05)
"""


def test_fast_and_full_run_beside_each_other_and_the_fuller_database_stays(
    clerk: Clerk, tmp_path: Path, api: str
) -> None:
    # Enough to extract that the fast path has begun long before it ends.
    names = "Alice Turner of Rockford Steel met Robert Hale and Maria Lopez of Northfield Transit at the library. "
    for day in range(1, 29):
        text_pdf(tmp_path / "in" / "Board" / f"2024-02-{day:02d}.pdf", 20, names * 12)
    store = SiteStore(clerk.storage, "town")
    (clerk.plugins / "waits.py").write_text(WAITS.format(folder=str(store.folder / "txt")), encoding="utf-8")
    clerk.environment["PREFECT_API_URL"] = api
    clerk("run", "town", "--from", str(tmp_path / "in"))

    def runs() -> dict[str, dict[str, str]]:
        found = httpx.post(f"{api}/task_runs/filter", json={"limit": 50}, timeout=30).json()
        return {run["name"]: run for run in found}

    def span(name: str) -> tuple[datetime, datetime]:
        run = runs()[name]
        return datetime.fromisoformat(run["start_time"]), datetime.fromisoformat(run["end_time"])

    wait_until(
        lambda: {"compile-fast-town", "extract-town", "deploy-town"} <= set(runs()), 20, "recorded task runs"
    )
    fast, extract = span("compile-fast-town"), span("extract-town")
    assert fast[0] < extract[1]
    assert extract[0] < fast[1]
    with sqlite3.connect(store.database) as connection:
        level = connection.execute("SELECT value FROM _clerk_build WHERE key = 'level'").fetchone()
    assert level == ("full",)


def dask(clerk: Clerk, *arguments: str) -> subprocess.Popen[bytes]:
    environment = clerk.env() | {"DASK_DISTRIBUTED__WORKER__DAEMON": "False"}
    return subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_a_scheduler_that_is_killed_leaves_no_page_unaccounted_for(clerk: Clerk, tmp_path: Path) -> None:
    text = "The board approved the budget for the library after a short public hearing. " * 6
    scanned_pdf(tmp_path / "in" / "Board" / "2024-03-01.pdf", [f"Page {n}. {text}" for n in range(40)])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    port = address.rpartition(":")[2]
    scheduler = dask(clerk, "scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")
    worker = dask(clerk, "worker", f"tcp://{address}", "--nthreads", "1", "--no-dashboard", "--nanny")
    store = SiteStore(clerk.storage, "town")
    try:
        clerk.environment["DASK_SCHEDULER_ADDRESS"] = f"tcp://{address}"
        run = clerk.start("run", "town", "--from", str(tmp_path / "in"))
        wait_until(
            lambda: any(store.page_records(each) for each in store.documents()), 120, "a recognised page"
        )
        os.kill(scheduler.pid, signal.SIGKILL)
        output, _ = run.communicate(timeout=180)
        assert run.returncode == 1, output
        assert not clerk.json("status")["active"]  # type: ignore[call-overload, index]
    finally:
        for process in (scheduler, worker):
            process.kill()
            process.wait()
    clerk.stop()
    del clerk.environment["DASK_SCHEDULER_ADDRESS"]
    assert "completed" in clerk("run", "town")
    with sqlite3.connect(store.database) as connection:
        assert connection.execute("SELECT count(*) FROM minutes").fetchone() == (40,)
