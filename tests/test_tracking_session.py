"""Connections: threads, forks, lost servers, locked files, and times."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from clerk.errors import DatabaseAwayError, DatabaseError
from clerk.models import Site
from clerk.settings import load
from clerk.tracking import Tracking, open_tracking, session
from clerk.tracking.tables import site_leases

FORK = """
import os, sys
from sqlalchemy import text
from clerk.models import Site
from clerk.settings import load
from clerk.tracking import open_tracking

def backend(tracking):
    with tracking.database.read() as connection:
        return connection.execute(text("SELECT pg_backend_pid()")).scalar()

tracking = open_tracking(load(database_url=sys.argv[1]))
mine = backend(tracking)
child = os.fork()
if not child:
    tracking.sites.add(Site("child.example"))
    os._exit(0 if backend(tracking) != mine else 3)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert backend(tracking) == mine
tracking.sites.get("child.example")
"""


def test_a_fork_does_not_share_its_parents_connection(postgres_at_head: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORK, postgres_at_head],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_idle_connections_that_the_server_closed_are_replaced(postgres_at_head: str) -> None:
    settings = load(database_url=postgres_at_head)
    tracking, other = open_tracking(settings), open_tracking(settings)
    with other.database.read() as connection:
        query = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        mine = " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        assert connection.execute(text(query + mine)).scalar() == 1
    tracking.sites.add(Site("a.example"))
    assert other.sites.find("a.example")
    tracking.close()
    other.close()


def test_a_connection_lost_in_a_transaction_is_one_line(postgres_at_head: str) -> None:
    tracking = open_tracking(load(database_url=postgres_at_head))
    with pytest.raises(DatabaseAwayError) as caught, tracking.database.write() as connection:
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert "\n" not in str(caught.value)
    assert tracking.sites.list() == []
    tracking.close()


def test_a_file_that_stays_locked_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "BUSY_SECONDS", 0)
    tracking = open_tracking(load(storage_dir=tmp_path))
    holder = sqlite3.connect(tmp_path / "clerk.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseAwayError, match=r"clerk\.db: database is locked\.$"):
        tracking.sites.add(Site("a.example"))
    # Readers are not held up by a writer.
    assert tracking.sites.list() == []
    holder.execute("ROLLBACK")
    holder.close()
    tracking.sites.add(Site("a.example"))
    tracking.close()


def test_a_server_that_is_not_there_may_come_back() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"postgresql://clerk:s3cret@127.0.0.1:{probe.getsockname()[1]}/civic"
        with pytest.raises(DatabaseAwayError) as caught:
            open_tracking(load(database_url=url))
    assert caught.value.transient
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "state",
    ["57P01", "57P03", "40P01", "53300", "08006"],
    ids=["shut down", "starting", "deadlock", "too many clients", "connection lost"],
)
def test_what_the_server_says_will_pass(postgres_at_head: str, state: str) -> None:
    assert raised(postgres_at_head, f"DO $$ BEGIN RAISE 'no' USING ERRCODE = '{state}'; END $$").transient


@pytest.mark.parametrize("statement", ["SELECT * FROM nowhere", "SELEC", "SELECT 1 / 0", "SELECT 'x'::int"])
def test_a_wrong_statement_stays_wrong(postgres_at_head: str, statement: str) -> None:
    assert not raised(postgres_at_head, statement).transient


def test_a_wrong_statement_stays_wrong_on_sqlite_too(tmp_path: Path) -> None:
    open_tracking(load(storage_dir=tmp_path)).close()
    for statement in ("SELECT * FROM nowhere", "SELEC"):
        assert not raised(f"sqlite:///{tmp_path}/clerk.db", statement).transient


def raised(url: str, statement: str) -> DatabaseError:
    """What `Database` makes of a statement that fails."""
    database = session.Database(url)
    with pytest.raises(DatabaseError) as caught, database.read() as connection:
        connection.execute(text(statement))
    database.close()
    return caught.value


def test_a_database_that_refuses_will_refuse_again(postgres_at_head: str) -> None:
    name = postgres_at_head.rpartition("/")[2].partition("?")[0]
    url = postgres_at_head.replace(f"/{name}", "/nosuchdatabase")
    with pytest.raises(DatabaseError, match="does not exist") as caught:
        open_tracking(load(database_url=url))
    assert not caught.value.transient


def test_a_schema_of_another_version_stays_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="schema") as caught:
        open_tracking(load(database_url=f"sqlite:///{tmp_path}/own.db"))
    assert not caught.value.transient


def test_a_transaction_that_raises_leaves_nothing(tracking: Tracking) -> None:
    twice = insert(site_leases).values(subdomain="a.example", token=1)

    def write() -> None:
        with tracking.database.write() as connection:
            connection.execute(twice)
            connection.execute(twice)

    with pytest.raises(IntegrityError):
        write()
    with tracking.database.read() as connection:
        assert connection.execute(select(site_leases)).all() == []


def test_times_are_utc_whatever_the_zone(tracking: Tracking) -> None:
    zone = timezone(timedelta(hours=-7))
    given = datetime(2026, 11, 3, 18, 30, 1, 250_000, tzinfo=zone)
    with tracking.database.write() as connection:
        connection.execute(
            insert(site_leases).values(subdomain="a.example", token=1, heartbeat_at=given, run_id="r")
        )
    kept = tracking.leases.list()[0].heartbeat_at
    assert (kept, kept.tzinfo) == (given, UTC)
    with pytest.raises(DatabaseError, match="no time zone"), tracking.database.write() as connection:
        connection.execute(
            insert(site_leases).values(subdomain="b", token=1, heartbeat_at=given.replace(tzinfo=None))
        )


def test_the_password_never_shows() -> None:
    url = session.parse_url("postgresql://clerk:s3cret@db.example/civic?password=s3cret")
    assert "s3cret" not in session.name_of(url)
    assert "db.example" in session.name_of(url)
