"""A Dask cluster with TLS between scheduler, workers and the run: it works with certificates, and only with them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.certificates import authority, tls
from tests.fixtures_pipeline import Clerk, scanned_pdf, wait_until

pytestmark = pytest.mark.e2e
# Another address of this machine than the workers': what crosses from one to the other is encrypted.
SCHEDULER = "127.0.0.2" if sys.platform.startswith("linux") else "127.0.0.1"


@pytest.fixture
def cluster(clerk: Clerk, tmp_path: Path) -> Iterator[str]:
    """Address of a scheduler with TLS and two OCR workers; the command has what it needs to reach it."""
    with socket.socket() as probe:
        probe.bind((SCHEDULER, 0))
        port = probe.getsockname()[1]
    clerk.environment |= tls(*authority(tmp_path, "ours"))
    clerk.environment |= {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
    clerk.environment["DASK_SCHEDULER_ADDRESS"] = address = f"tls://{SCHEDULER}:{port}"
    where = ["--protocol", "tls", "--host", SCHEDULER, "--port", str(port)]
    quiet = ["--no-dashboard", "--dashboard-address", "127.0.0.1:0"]
    with (tmp_path / "scheduler.log").open("wb") as log:
        scheduler = subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_scheduler", *where, *quiet],
            env=clerk.env(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    workers = clerk.start("worker", "ocr", "-n", "2")
    yield address
    workers.send_signal(signal.SIGTERM)
    workers.communicate(timeout=30)
    scheduler.kill()
    scheduler.wait()


def listening(process: psutil.Process) -> set[str]:
    family = [process, *process.children(recursive=True)]
    return {each.laddr.ip for p in family for each in p.net_connections("tcp") if each.status == "LISTEN"}


def test_a_run_over_an_encrypted_cluster(clerk: Clerk, tmp_path: Path, cluster: str) -> None:
    folder = tmp_path / "in"
    scanned_pdf(folder / "Board" / "2024-03-08.pdf", ["The board approved the budget for the library."] * 4)
    said = clerk("run", "town", "--from", str(folder))
    assert "4 recognised" in said
    assert len(clerk.json("search", "library", "--site", "town")) == 4  # type: ignore[arg-type]
    # Nothing of ours listens on other addresses than those that were named.
    scheduler = next(p for p in clerk.processes() if "dask_scheduler" in " ".join(p.cmdline()))
    assert listening(scheduler) <= {SCHEDULER, "127.0.0.1"}
    workers = next(p for p in clerk.processes() if p.cmdline()[-5:-2] == ["clerk", "worker", "ocr"])
    assert listening(workers) == {"127.0.0.1"}


def test_who_has_no_certificate_of_ours_is_refused(clerk: Clerk, tmp_path: Path, cluster: str) -> None:
    ask = "import sys; from distributed import Client; print(Client(sys.argv[1], timeout=4).submit(int, 7).result(9))"

    def asked(environment: dict[str, str], address: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", ask, address], env=environment, capture_output=True, text=True, timeout=60
        )

    plain = {k: v for k, v in os.environ.items() if not k.startswith("DASK_")}
    wait_until(lambda: asked(clerk.env(), cluster).stdout == "7\n", 60, "our certificate is taken")
    foreign = asked({**plain, **tls(*authority(tmp_path, "foreign"))}, cluster)
    assert foreign.returncode != 0
    assert "7" not in foreign.stdout
    assert asked(plain, cluster.replace("tls://", "tcp://")).returncode != 0
