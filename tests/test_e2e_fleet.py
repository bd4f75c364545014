"""Workers, queues and calling off, on the servers of `clerk up`: bursts end, purges stop, deaths heal."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import psutil
import pytest

from clerk.settings import load
from clerk.tracking import open_tracking
from tests.fixtures_pipeline import Clerk, scanned_pdf, text_pdf, wait_until

pytestmark = pytest.mark.e2e
SERVERS = "postgres,redis,server,scheduler"
KINDS = ("fetch", "ocr", "extraction", "deploy")


@pytest.fixture(scope="module")
def fleet() -> Iterator[Clerk]:
    """The command on the servers of a stack of its own; workers are the tests' own business."""
    # Not pytest's own folder: as root, Postgres runs as another user, to whom each start of pytest closes it again.
    base = Path(tempfile.mkdtemp(prefix="clerk-fleet-", dir="/tmp"))
    for name in ("plugins", "storage"):
        (base / name).mkdir()
    command = Clerk(base / "storage", base / "plugins")
    command.environment |= {"PREFECT_WORKER_QUERY_SECONDS": "1", "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30"}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = base / "up.log"
    with log.open("wb") as stream:
        stack = subprocess.Popen(
            [sys.executable, "-m", "clerk", "up", "--only", SERVERS, "--port", str(port), "--dask-port", "0"],
            env=command.env(),
            cwd=base,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until(lambda: "Ready after" in log.read_text(), 120, "the stack is up")
        command("pools", "apply")
        yield command
    finally:
        stack.send_signal(signal.SIGINT)
        stack.wait(30)
        command.stop()
        shutil.rmtree(base, ignore_errors=True)


@pytest.fixture
def workers(fleet: Clerk) -> Iterator[Callable[..., list[subprocess.Popen[str]]]]:
    """Starts workers; those that still run are stopped after the test."""
    started: list[subprocess.Popen[str]] = []

    def start(*options: str, kinds: tuple[str, ...] = KINDS) -> list[subprocess.Popen[str]]:
        mine = [fleet.start("worker", kind, "-n", "1", *options) for kind in kinds]
        started.extend(mine)
        return mine

    yield start
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    for process in started:
        process.wait(30)


def holder(fleet: Clerk, name: str) -> psutil.Process:
    """The process that holds the lease of a site. Others may run flows too, such as that of the schedule."""
    with closing(open_tracking(load(storage_dir=fleet.storage))) as tracking:
        (lease,) = [each for each in tracking.leases.list() if each.subdomain == name]
    return psutil.Process(lease.pid)


def add(fleet: Clerk, tmp_path: Path, name: str, scanned: int, text: int = 2) -> None:
    folder = tmp_path / name
    text_pdf(folder / "Board" / "2024-03-01.pdf", text)
    words = "the board approved the budget for the library and the road"
    scanned_pdf(
        folder / "Board" / "2024-03-08.pdf", [f"Page {n} of {name}: {words}." for n in range(scanned)]
    )
    fleet("sites", "add", name, "--scraper", "folder", "--extra", f'{{"folder": "{folder}"}}')


def run(fleet: Clerk, name: str) -> dict[str, object]:
    found = fleet.json("status", "--subdomain", name)
    runs = found["runs"]  # type: ignore[index, call-overload]
    return runs[0] if runs else {"state": ""}  # type: ignore[no-any-return]


def in_ocr(fleet: Clerk, name: str, texts: int) -> bool:
    return len(list((fleet.storage / name / "txt").glob("*/2024-03-08/*.txt"))) >= texts


def at_work(fleet: Clerk, name: str) -> list[Path]:
    return list((fleet.storage / name / "_records" / "runs").glob("*/*.span"))


def test_bursts_end_when_all_is_done_and_leave_nothing_due(
    fleet: Clerk, tmp_path: Path, workers: Callable[..., list[subprocess.Popen[str]]]
) -> None:
    for name in ("one", "two"):
        add(fleet, tmp_path, name, scanned=3)
    said = fleet("enqueue", "one", "--priority", "low")
    assert said.startswith("one: queued with low priority")
    fleet("enqueue", "two", "--priority", "high")
    assert "one: is waiting already; not queued twice" in fleet("enqueue", "one")
    bursts = workers("--burst")
    for kind, burst in zip(KINDS, bursts, strict=True):
        output, _ = burst.communicate(timeout=240)
        assert burst.returncode == 0, (kind, output)
    ended = {name: run(fleet, name) for name in ("one", "two")}
    assert {name: row["state"] for name, row in ended.items()} == {"one": "completed", "two": "completed"}
    # With one slot the high one goes first, though it was queued last.
    assert str(ended["two"]["started_at"]) < str(ended["one"]["started_at"])
    assert [ended[name]["priority"] for name in ("one", "two")] == ["low", "high"]


def test_a_purged_site_stops_at_once_and_can_be_queued_again(
    fleet: Clerk, tmp_path: Path, workers: Callable[..., list[subprocess.Popen[str]]]
) -> None:
    add(fleet, tmp_path, "purged", scanned=40)
    workers()
    fleet("enqueue", "purged")
    wait_until(lambda: in_ocr(fleet, "purged", 3), 90, "pages are being recognised")
    said = fleet("purge", "purged", "--yes")
    assert "Its documents stay." in said
    assert at_work(fleet, "purged") == []
    texts = len(list((fleet.storage / "purged" / "txt").glob("*/2024-03-08/*.txt")))
    assert texts < 40
    assert run(fleet, "purged")["state"] == ""
    assert (fleet.storage / "purged" / "pdfs" / "Board" / "2024-03-08.pdf").is_file()
    fleet("enqueue", "purged", "--wait")
    assert run(fleet, "purged")["state"] == "completed"
    assert len(fleet.json("search", "library", "--site", "purged", "--limit", "100")) == 40  # type: ignore[arg-type]


def test_an_emptied_ocr_queue_leaves_pages_pending_and_no_dead_letters(
    fleet: Clerk, tmp_path: Path, workers: Callable[..., list[subprocess.Popen[str]]]
) -> None:
    add(fleet, tmp_path, "halved", scanned=40)
    workers()
    fleet("enqueue", "halved")
    wait_until(lambda: in_ocr(fleet, "halved", 3), 90, "pages are being recognised")
    assert "called off" in fleet("purge-queue", "ocr", "--yes")
    wait_until(lambda: run(fleet, "halved")["state"] != "running", 120, "the run has ended")
    assert run(fleet, "halved")["state"] == "incomplete", run(fleet, "halved")
    assert fleet.json("failures", "halved") == []
    assert len(fleet.json("search", "minutes", "--site", "halved")) == 2  # type: ignore[arg-type]
    fleet("enqueue", "halved", "--wait")
    assert run(fleet, "halved")["state"] == "completed"
    assert len(fleet.json("search", "library", "--site", "halved", "--limit", "100")) == 40  # type: ignore[arg-type]


def test_a_killed_run_is_found_by_the_sweep_and_finished(
    fleet: Clerk, tmp_path: Path, workers: Callable[..., list[subprocess.Popen[str]]]
) -> None:
    add(fleet, tmp_path, "killed", scanned=20)
    workers()
    fleet("enqueue", "killed", "--priority", "high")
    wait_until(lambda: in_ocr(fleet, "killed", 3), 90, "pages are being recognised")
    before = {path: path.stat().st_mtime_ns for path in (fleet.storage / "killed" / "txt").glob("*/*/*.txt")}
    flow = holder(fleet, "killed")
    flow.kill()
    psutil.wait_procs([flow], 10)
    # Two sweeps are enough: one marks what died, and queues it again at the latest in the next.
    said = fleet("sweep") + fleet("sweep")
    assert "died" in said
    assert "queued again" in said
    wait_until(lambda: run(fleet, "killed")["state"] == "completed", 120, "the second run has completed")
    row = run(fleet, "killed")
    assert (row["attempt"], row["priority"]) == (2, "high")
    assert len(fleet.json("search", "library", "--site", "killed")) == 20  # type: ignore[arg-type]
    after = {path: path.stat().st_mtime_ns for path in before}
    assert after == before
    found = fleet.json("status", "--subdomain", "killed")
    assert found["active"] == []  # type: ignore[index, call-overload]
    runs = found["runs"]  # type: ignore[index, call-overload]
    assert [each["state"] for each in runs] == ["completed", "crashed"]  # type: ignore[index]
    assert {(each["waiting"], each["running"]) for each in found["jobs"]} == {(0, 0)}  # type: ignore[index, call-overload]


def test_an_emptied_fetch_queue_cancels_what_waits_and_leaves_the_schedule(
    fleet: Clerk, tmp_path: Path
) -> None:
    add(fleet, tmp_path, "waits", scanned=1)
    api = f"{fleet.json('status')['api']['url']}/flow_runs/count"  # type: ignore[index, call-overload]
    laid_out = {
        "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
        "deployments": {"name": {"any_": ["due"]}},
    }

    def ticks() -> int:
        return int(httpx.post(api, json=laid_out, timeout=30).json())

    wait_until(lambda: ticks() > 0, 90, "the schedule has laid out runs")
    fleet("enqueue", "waits")
    assert "fetch: cancelled 1 waiting" in fleet("purge-queue", "fetch", "--yes")
    assert run(fleet, "waits")["state"] == "cancelled"
    assert ticks() > 0
    assert "waits: queued" in fleet("enqueue", "waits")
    fleet("purge", "waits", "--yes")


def test_a_run_that_is_forced_behind_another_begins_when_that_has_ended(
    fleet: Clerk, tmp_path: Path, workers: Callable[..., list[subprocess.Popen[str]]]
) -> None:
    add(fleet, tmp_path, "twice", scanned=12)
    workers()
    fleet("enqueue", "twice")
    wait_until(lambda: in_ocr(fleet, "twice", 1), 90, "the first run is at work")
    assert "twice: queued" in fleet("enqueue", "twice", "--force", "--wait")
    found = fleet.json("status", "--subdomain", "twice")
    runs = found["runs"]  # type: ignore[index, call-overload]
    assert [each["state"] for each in runs] == ["completed", "completed"]
    second, first = runs
    assert second["started_at"] >= first["finished_at"]
    assert [each["attempt"] for each in runs] == [1, 1]


def test_a_run_that_was_noted_under_a_wrong_id_is_found_and_not_taken_for_deleted(
    fleet: Clerk, tmp_path: Path
) -> None:
    add(fleet, tmp_path, "noted", scanned=1)
    fleet("enqueue", "noted")
    with closing(open_tracking(load(storage_dir=fleet.storage))) as tracking:
        (job,) = [each for each in tracking.jobs.open_runs() if each.subdomain == "noted"]
        tracking.jobs.sent({job.job_id: str(uuid.uuid4())})
        fleet("sweep")
        found = tracking.jobs.get(job.job_id)
    assert found is not None
    assert (found.state.value, found.prefect_run_id) == ("pending", job.prefect_run_id)
    assert "noted: is waiting already" in fleet("enqueue", "noted")
    fleet("purge", "noted", "--yes")
