"""A site run that comes from a deployment: pools, queues, process workers, subflows as deployments of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest

from clerk.stack import server
from tests.fixtures_pipeline import Clerk, scanned_pdf, text_pdf, wait_until
from tests.fixtures_prefect import Prepared

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).resolve().parent.parent
POOLS = ("clerk-fetch", "clerk-extraction", "clerk-deploy")


@pytest.fixture
def fleet(clerk: Clerk, tmp_path: Path, prepared_server: Prepared) -> Iterator[str]:
    """A server with our pools and deployments and a worker for each pool; the value is its API."""
    local = server.launch(prepared_server(tmp_path / "server"))
    workers: list[subprocess.Popen[bytes]] = []
    try:
        local.wait()
        clerk.environment |= {
            "PREFECT_API_URL": local.url,
            "PREFECT_HOME": str(tmp_path / "home"),
            **server.QUIET,
        }
        clerk.environment["PREFECT_WORKER_QUERY_SECONDS"] = "1"
        clerk("pools", "apply")
        # Prefect's own command must work after ours, and leave the order as it is.
        prefect(clerk, "--no-prompt", "deploy", "--all")
        for pool in clerk.json("pools", "list"):  # type: ignore[attr-defined]
            assert pool["queues"] == ["high-priority", "normal", "low-priority", "default"], pool["name"]
        workers = [start(clerk, "worker", "start", "--pool", pool, "--type", "process") for pool in POOLS]
        yield local.url
    finally:
        for worker in workers:
            stop(worker)
        local.stop()


def start(clerk: Clerk, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "prefect", *arguments],
        env=clerk.env(),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def stop(process: subprocess.Popen[bytes]) -> None:
    for child in psutil.Process(process.pid).children(recursive=True):
        # A flow's process may end by itself between the look and the signal.
        with suppress(psutil.NoSuchProcess):
            child.kill()
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def prefect(clerk: Clerk, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "prefect", *arguments],
        env=clerk.env(),
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_site_run_from_its_deployment(clerk: Clerk, tmp_path: Path, fleet: str) -> None:
    folder = tmp_path / "in"
    text_pdf(folder / "Board" / "2024-03-01.pdf", 3)
    scanned_pdf(folder / "Board" / "2024-03-08.pdf", ["The board approved the budget for the library."] * 2)
    clerk("sites", "add", "town", "--scraper", "folder", "--extra", f'{{"folder": "{folder}"}}')
    prefect(clerk, "deployment", "run", "process-site/site", "-p", "subdomain=town")

    def runs() -> dict[str, dict[str, object]]:
        found = httpx.post(f"{fleet}/flow_runs/filter", json={"limit": 50}, timeout=30).json()
        # The schedule of the flow `due` has runs of its own laid out.
        return {str(run["name"]): run for run in found if run["parameters"].get("subdomain")}

    def ended() -> bool:
        # Runs of deployments that have not begun bear a name that Prefect made up.
        site = runs().get("site-town")
        return site is not None and site["state_type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")

    wait_until(ended, 240, "the site run has ended")
    found = runs()
    assert found["site-town"]["state_type"] == "COMPLETED", clerk("status")
    assert {name: run["state_type"] for name, run in found.items()} == dict.fromkeys(
        ("site-town", "fast-town", "full-town", "deploy-town"), "COMPLETED"
    )
    assert all(run["deployment_id"] for run in found.values())
    assert {run["work_queue_name"] for run in found.values()} == {"normal"}
    assert len(clerk.json("search", "page", "--site", "town")) == 3  # type: ignore[arg-type]
    assert (clerk.storage / "town" / "_deploy" / "current" / "meetings.db").is_file()
