"""The site lease: who may take it from whom, and what becomes of a run whose process died."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from clerk.errors import LeaseHeldError, LeaseLostError
from clerk.models import JobType, Site, Stage, State
from clerk.tracking import LEASE_SECONDS, Holder, Lease, NewJob, Tracking, holder, session
from clerk.tracking.tables import site_leases

SITE = "town.example"
REMOTE = Holder("elsewhere", 4711, 17.0)
OTHER_REMOTE = Holder("further", 4711, 17.0)


@pytest.fixture(autouse=True)
def _site(tracking: Tracking) -> None:
    tracking.sites.add(Site(SITE))


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    """A process that waits to be killed."""
    child = subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE)
    yield child
    child.kill()
    child.communicate()


def holder_of(child: subprocess.Popen[bytes]) -> Holder:
    started = holder.started(child.pid)
    assert started is not None
    return Holder(holder.this_host(), child.pid, started)


def silence(tracking: Tracking, seconds: float) -> None:
    """Make the last heartbeat that much older."""
    with tracking.database.write() as connection:
        at = connection.execute(select(site_leases.c.heartbeat_at)).scalar_one()
        connection.execute(update(site_leases).values(heartbeat_at=at - timedelta(seconds=seconds)))


def begin(tracking: Tracking, run_id: str, who: Holder) -> Lease:
    """A run of the site in full swing: its jobs, its lease, its progress."""
    jobs = [
        NewJob(run_id, run_id, SITE, JobType.SITE_RUN, None),
        NewJob(f"{run_id}/1", run_id, SITE, JobType.OCR_SPAN, Stage.OCR),
    ]
    tracking.jobs.add(jobs)
    tracking.jobs.transition(run_id, State.RUNNING, expect={State.PENDING})
    lease = tracking.leases.acquire(SITE, run_id, holder=who)
    tracking.progress.set(
        SITE, run_id=run_id, state=State.RUNNING, stage=Stage.OCR, total=9, completed=1, failed=0
    )
    return lease


def assert_crashed(tracking: Tracking, run_id: str, message: str) -> None:
    rows = tracking.jobs.for_run(run_id)
    assert len(rows) == 2
    assert {job.state for job in rows} == {State.CRASHED}
    assert all(message in job.error_message and job.finished_at for job in rows)


def test_a_lease_is_taken_kept_and_given_back(tracking: Tracking) -> None:
    lease = tracking.leases.acquire(SITE, "r1")
    assert (lease.subdomain, lease.run_id, lease.host) == (SITE, "r1", holder.this_host())
    assert tracking.leases.list() == [lease]
    tracking.leases.check(SITE, lease.token)
    assert tracking.leases.heartbeat(lease)
    assert tracking.leases.list()[0].heartbeat_at > lease.heartbeat_at
    assert tracking.leases.release(lease)
    assert tracking.leases.list() == []
    assert not tracking.leases.release(lease)
    assert not tracking.leases.heartbeat(lease)


def test_the_token_goes_up_for_ever(tracking: Tracking) -> None:
    tokens = []
    for number in range(4):
        lease = tracking.leases.acquire(SITE, f"r{number}")
        tokens.append(lease.token)
        tracking.leases.release(lease)
    assert tokens == sorted(set(tokens))


def test_check_raises_for_any_token_but_the_present_one(tracking: Tracking) -> None:
    with pytest.raises(LeaseLostError, match="held by no run"):
        tracking.leases.check(SITE, 0)
    first = tracking.leases.acquire(SITE, "r1")
    tracking.leases.release(first)
    with pytest.raises(LeaseLostError, match="held by no run"):
        tracking.leases.check(SITE, first.token)
    second = tracking.leases.acquire(SITE, "r2", holder=REMOTE)
    with pytest.raises(LeaseLostError, match=r"taken over by run r2 \(process 4711 on host elsewhere\)"):
        tracking.leases.check(SITE, first.token)
    with pytest.raises(LeaseLostError):
        tracking.leases.check(SITE, second.token + 1)
    tracking.leases.check(SITE, second.token)


def test_a_living_local_holder_keeps_the_site_however_long_it_is_silent(
    tracking: Tracking, process: subprocess.Popen[bytes]
) -> None:
    lease = tracking.leases.acquire(SITE, "r1", holder=holder_of(process))
    silence(tracking, 10 * LEASE_SECONDS)
    with pytest.raises(LeaseHeldError, match=rf"held by run r1 \(process {process.pid} on host"):
        tracking.leases.acquire(SITE, "r2")
    tracking.leases.check(SITE, lease.token)


@pytest.mark.parametrize("reaped", [True, False], ids=["gone", "zombie"])
def test_a_dead_local_holder_is_taken_over_at_once(
    tracking: Tracking, process: subprocess.Popen[bytes], reaped: bool
) -> None:
    old = begin(tracking, "r1", holder_of(process))
    process.kill()
    if reaped:
        process.wait()
    else:
        deadline = time.monotonic() + 10
        while holder.started(process.pid) is not None:
            assert time.monotonic() < deadline
    new = tracking.leases.acquire(SITE, "r2")
    assert new.token > old.token
    assert_crashed(tracking, "r1", f"process {process.pid} on host {holder.this_host()} died")
    with pytest.raises(LeaseLostError, match="r2"):
        tracking.leases.check(SITE, old.token)
    assert not tracking.leases.heartbeat(old)
    assert not tracking.leases.release(old)
    assert tracking.leases.list() == [new]


def test_a_reused_process_number_is_another_process(
    tracking: Tracking, process: subprocess.Popen[bytes]
) -> None:
    present = holder_of(process)
    tracking.leases.acquire(SITE, "r1", holder=Holder(present.host, present.pid, present.pid_started - 60))
    assert tracking.leases.acquire(SITE, "r2").run_id == "r2"


def test_a_remote_holder_is_taken_over_when_its_heartbeat_has_expired(tracking: Tracking) -> None:
    old = begin(tracking, "r1", REMOTE)
    silence(tracking, LEASE_SECONDS - 20)
    with pytest.raises(LeaseHeldError, match="elsewhere"):
        tracking.leases.acquire(SITE, "r2")
    assert tracking.leases.heartbeat(old)
    silence(tracking, LEASE_SECONDS - 20)
    with pytest.raises(LeaseHeldError):
        tracking.leases.acquire(SITE, "r2", holder=OTHER_REMOTE)
    silence(tracking, 21)
    new = tracking.leases.acquire(SITE, "r2", holder=OTHER_REMOTE)
    assert (new.token, new.host) == (old.token + 1, "further")
    assert_crashed(tracking, "r1", "was not heard of")
    assert not tracking.leases.heartbeat(old)


def test_the_clocks_of_the_hosts_do_not_matter_on_postgres(
    tracking: Tracking, monkeypatch: pytest.MonkeyPatch
) -> None:
    if tracking.database.engine.dialect.name == "sqlite":
        pytest.skip("a SQLite file is used from one machine")

    class Fast(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(tz) + timedelta(hours=1)

    lease = tracking.leases.acquire(SITE, "r1", holder=REMOTE)
    monkeypatch.setattr(session, "datetime", Fast)
    assert Fast.now(UTC) - datetime.now(UTC) > timedelta(minutes=59)
    with pytest.raises(LeaseHeldError):
        tracking.leases.acquire(SITE, "r2")
    assert tracking.leases.heartbeat(lease)
    monkeypatch.undo()
    silence(tracking, LEASE_SECONDS + 1)
    assert tracking.leases.acquire(SITE, "r2").token == lease.token + 1


def test_the_same_run_of_the_same_process_gets_a_new_token(tracking: Tracking) -> None:
    tracking.jobs.add([NewJob("r1", "r1", SITE, JobType.SITE_RUN, None)])
    first = tracking.leases.acquire(SITE, "r1")
    second = tracking.leases.acquire(SITE, "r1")
    assert second.token > first.token
    with pytest.raises(LeaseLostError):
        tracking.leases.check(SITE, first.token)
    assert not tracking.leases.release(first)
    job = tracking.jobs.get("r1")
    assert job is not None
    assert job.open
    with pytest.raises(LeaseHeldError):
        tracking.leases.acquire(SITE, "r1", holder=REMOTE)


@pytest.mark.parametrize("fresh", [True, False], ids=["no row yet", "released"])
def test_of_those_who_race_for_a_site_one_wins(opened: Callable[[], Tracking], fresh: bool) -> None:
    handles = [opened() for _ in range(4)]
    if not fresh:
        handles[0].leases.release(handles[0].leases.acquire(SITE, "r"))
    start = threading.Barrier(len(handles))

    def race(number: int) -> Lease | None:
        start.wait(10)
        try:
            return handles[number].leases.acquire(SITE, f"r{number}")
        except LeaseHeldError:
            return None

    with ThreadPoolExecutor(len(handles)) as pool:
        won = [lease for lease in pool.map(race, range(len(handles))) if lease]
    assert won == handles[0].leases.list()
    assert len(won) == 1


def test_reap_closes_what_dead_processes_of_this_host_left(
    tracking: Tracking, process: subprocess.Popen[bytes]
) -> None:
    for name in ("alive.example", "remote.example"):
        tracking.sites.add(Site(name))
    mine = tracking.leases.acquire("alive.example", "alive")
    remote = tracking.leases.acquire("remote.example", "remote", holder=REMOTE)
    dead = begin(tracking, "r1", holder_of(process))
    assert tracking.reap(datetime.now(UTC)) == []
    process.kill()
    process.wait()
    at = datetime(2026, 11, 1, 12, 30, tzinfo=UTC)
    assert tracking.reap(at) == ["r1"]
    message = f"process {process.pid} on host {holder.this_host()} died"
    assert_crashed(tracking, "r1", message)
    assert {job.finished_at for job in tracking.jobs.for_run("r1")} == {at}
    row = tracking.progress.get(SITE)
    assert row is not None
    assert (row.state, row.error_stage, row.error_message) == (State.CRASHED, "ocr", message)
    assert tracking.leases.list() == [mine, remote]
    assert tracking.reap(datetime.now(UTC)) == []
    assert tracking.leases.acquire(SITE, "r2").token == dead.token + 1


def test_reap_leaves_alone_what_had_ended_before_its_process(
    tracking: Tracking, process: subprocess.Popen[bytes]
) -> None:
    begin(tracking, "r1", holder_of(process))
    tracking.jobs.close_run("r1", State.COMPLETED)
    tracking.progress.set(
        SITE, run_id="r1", state=State.COMPLETED, stage=Stage.DEPLOY, total=9, completed=9, failed=0
    )
    process.kill()
    process.wait()
    assert tracking.reap() == ["r1"]
    assert {job.state for job in tracking.jobs.for_run("r1")} == {State.COMPLETED}
    row = tracking.progress.get(SITE)
    assert row is not None
    assert (row.state, row.error_message) == (State.COMPLETED, "")


def test_reap_of_expired_holders_elsewhere_is_asked_for(tracking: Tracking) -> None:
    begin(tracking, "r1", REMOTE)
    assert tracking.reap(expired=True) == []
    silence(tracking, LEASE_SECONDS + 1)
    assert tracking.reap() == []
    assert tracking.reap(expired=True) == ["r1"]
    assert_crashed(tracking, "r1", "was not heard of")


def test_started_knows_processes_apart() -> None:
    me = Holder.current()
    assert me.local
    assert me.alive
    assert not Holder(me.host, me.pid, me.pid_started + 5).alive
    assert not REMOTE.local
    assert holder.started(2**22 + 1) is None
