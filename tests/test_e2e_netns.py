"""A Dask cluster whose parts are in network namespaces of their own, as hosts are: nothing is shared but the folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from clerk.stack.server import QUIET, answers
from tests.certificates import authority, tls
from tests.fixtures_pipeline import Clerk, scanned_pdf, wait_until

pytestmark = pytest.mark.e2e
# A network that no host of a test machine is likely to be in (RFC 2544, for benchmarks between devices).
NETWORK = "198.18.77"
BRIDGE = "clerktest"
# How many tasks each worker has done, by its address.
SHARES = """
import json, sys
from distributed import Client
with Client(sys.argv[1]) as client:
    print(json.dumps(client.run(lambda dask_worker: dask_worker.state.executed_count)))
"""
HOSTS = {"scheduler": 2, "first": 3, "second": 4}
GATEWAY = f"{NETWORK}.1"


@dataclass
class Hosts:
    """Namespaces on one bridge; the flow's process is at the bridge's own address."""

    clerk: Clerk
    log: Path

    def start(self, host: str, *command: str) -> subprocess.Popen[bytes]:
        with (self.log / f"{host}.log").open("wb") as stream:
            return subprocess.Popen(
                ["ip", "netns", "exec", f"{BRIDGE}-{host}", sys.executable, "-m", *command],
                env=self.clerk.env(),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
            )

    def said(self, host: str) -> str:
        return (self.log / f"{host}.log").read_text(errors="replace")


def ip(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["ip", *arguments], check=check, capture_output=True, text=True)


def remove() -> None:
    for host in HOSTS:
        ip("netns", "del", f"{BRIDGE}-{host}", check=False)
    ip("link", "del", BRIDGE, check=False)


@pytest.fixture
def hosts(clerk: Clerk, tmp_path: Path) -> Iterator[Hosts]:
    """Three hosts and the way to them; skipped where a test may not make any."""
    if not shutil.which("ip") or os.geteuid():
        pytest.skip("network namespaces need root and the command ip (iproute2)")
    remove()
    try:
        ip("link", "add", BRIDGE, "type", "bridge")
        ip("addr", "add", f"{GATEWAY}/24", "dev", BRIDGE)
        ip("link", "set", BRIDGE, "up")
        for host, number in HOSTS.items():
            space, wire = f"{BRIDGE}-{host}", f"clerkv{number}"
            ip("netns", "add", space)
            ip("link", "add", wire, "type", "veth", "peer", "name", "eth0", "netns", space)
            ip("link", "set", wire, "master", BRIDGE, "up")
            ip("-n", space, "addr", "add", f"{NETWORK}.{number}/24", "dev", "eth0")
            ip("-n", space, "link", "set", "eth0", "up")
            ip("-n", space, "link", "set", "lo", "up")
    except subprocess.CalledProcessError as error:
        remove()
        pytest.skip(f"no network namespaces here: {error.stderr.strip()}")
    yield Hosts(clerk, tmp_path)
    clerk.stop()
    remove()


@pytest.fixture
def api(clerk: Clerk, tmp_path: Path, hosts: Hosts) -> Iterator[str]:
    """A Prefect server at the bridge's address: workers on other hosts report to it."""
    url = f"http://{GATEWAY}:4377/api"
    environment = {**clerk.env(), **QUIET, "PREFECT_HOME": str(tmp_path / "home")}
    with (tmp_path / "server.log").open("wb") as stream:
        server = subprocess.Popen(
            [sys.executable, "-m", "prefect", "server", "start", "--host", GATEWAY, "--port", "4377"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
        )
    try:
        wait_until(lambda: answers(url), 90, "the Prefect server answers")
        yield url
    finally:
        server.terminate()
        server.wait(30)


def test_a_run_over_hosts_of_their_own(clerk: Clerk, tmp_path: Path, hosts: Hosts, api: str) -> None:
    clerk.environment |= tls(*authority(tmp_path, "ours"))
    clerk.environment |= {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1", "PREFECT_API_URL": api}
    address = f"{NETWORK}.{HOSTS['scheduler']}"
    clerk.environment |= {"DASK_SCHEDULER_ADDRESS": f"tls://{address}:8786", "OCR_WORKERS": "2"}
    where = ("--protocol", "tls", "--host", address, "--port", "8786", "--no-dashboard")
    scheduler = hosts.start("scheduler", "distributed.cli.dask_scheduler", *where)
    workers = {host: hosts.start(host, "clerk", "worker", "ocr", "-n", "1") for host in ("first", "second")}
    for host in workers:
        wait_until(lambda host=host: "OCR workers work" in hosts.said(host), 60, f"the worker of {host}")  # type: ignore[misc]
    folder = tmp_path / "in"
    scanned_pdf(folder / "Board" / "2024-03-08.pdf", ["The board approved the budget for the library."] * 8)

    said = clerk("run", "town", "--from", str(folder))

    assert "8 recognised" in said
    assert len(clerk.json("search", "library", "--site", "town", "--limit", "50")) == 8  # type: ignore[arg-type]
    asked = [sys.executable, "-c", SHARES, clerk.environment["DASK_SCHEDULER_ADDRESS"]]
    shares = json.loads(subprocess.run(asked, env=clerk.env(), check=True, capture_output=True).stdout)
    assert {urlsplit(worker).hostname for worker in shares} == {f"{NETWORK}.3", f"{NETWORK}.4"}
    assert min(shares.values()) > 0
    for host, worker in workers.items():
        worker.terminate()
        worker.wait(30)
        assert worker.returncode == 0, hosts.said(host)
    scheduler.terminate()
    scheduler.wait(30)
