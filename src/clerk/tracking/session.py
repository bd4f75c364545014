"""Connections to the civic database: the same transactions on SQLite and on Postgres."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    Table,
    create_engine,
    event,
    func,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from clerk.errors import DatabaseAwayError, DatabaseError

BUSY_SECONDS = 30
CONNECT_SECONDS = 10
_WRITE = "clerk_write"


class Database:
    """One engine on the civic database; safe to share between threads, remade quietly after a fork.

    Args:
        url: SQLAlchemy URL of a SQLite file or of a Postgres database.

    Raises:
        DatabaseError: the URL cannot be used.
    """

    def __init__(self, url: str) -> None:
        self.url = parse_url(url)
        self.engine = make_engine(self.url)
        self._pid = os.getpid()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection on one consistent state (SQLite) or on what is committed (Postgres)."""
        with self._errors(), self._connect(write=False) as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction, committed at the end; SQLite takes its one write lock at the beginning.

        Raises:
            DatabaseError: the server is gone, or the file stayed locked for `BUSY_SECONDS`.
            IntegrityError: a constraint was broken; the caller says what that means.
        """
        with self._errors(), self._connect(write=True) as connection:
            yield connection

    def now(self, connection: Connection) -> datetime:
        """The one clock all times come from: the server's on Postgres, this machine's on SQLite."""
        if self.engine.dialect.name == "postgresql":
            at: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
            return at.astimezone(UTC)
        return datetime.now(UTC)

    def insert(self, table: Table) -> Any:
        """An INSERT of the dialect, which can say what happens on conflict."""
        if self.engine.dialect.name == "postgresql":
            return postgresql.insert(table)
        return sqlite.insert(table)

    def revision(self) -> str | None:
        """Revision of the schema, None for a database without one.

        Raises:
            DatabaseError: the database cannot be reached.
        """
        with self.read() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()

    def close(self) -> None:
        """Close the idle connections; the next use opens new ones."""
        self.engine.dispose()

    @contextmanager
    def _connect(self, *, write: bool) -> Iterator[Connection]:
        if self._pid != os.getpid():
            # A socket inherited through fork is the parent's: forget it without a word to the server.
            self.engine.dispose(close=False)
            self._pid = os.getpid()
        with self.engine.connect().execution_options(**{_WRITE: write}) as connection, connection.begin():
            yield connection

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            kind = DatabaseAwayError if is_away(error) else DatabaseError
            raise kind(f"{name_of(self.url)}: {one_line(error, self.url)}.") from error


def is_away(error: SQLAlchemyError) -> bool:
    """True when the database may answer again by itself: no connection, a server that restarts, a lock that was held.

    What is wrong with a statement, the schema, a password or a file stays wrong, and is False.
    """
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
        return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    state = getattr(error.orig, "pgcode", None)
    if state:
        return str(state).startswith(_AWAY_STATES)
    if isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated:
        # The server refuses before it has a code to give: only the text tells a refusal from an absence.
        return not any(words in str(error.orig) for words in _REFUSALS)
    return False


# SQLSTATE classes: connection lost, transaction rolled back (deadlock), out of resources, server stops or starts.
_AWAY_STATES = ("08", "40", "53", "57P01", "57P02", "57P03")
_REFUSALS = ("authentication failed", "does not exist", "pg_hba.conf", "no password supplied", "invalid")


def parse_url(url: str | URL) -> URL:
    """`url` with the driver that clerk brings along.

    Raises:
        DatabaseError: it is no URL of a SQLite file or a Postgres database.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise DatabaseError("DATABASE_URL is no URL of a database.", advice=_URL_ADVICE) from error
    backend = parsed.get_backend_name()
    if backend == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return parsed
    if backend == "postgresql":
        # Plain "postgresql" means another driver, which clerk does not bring along.
        return parsed.set(drivername="postgresql+psycopg2")
    raise DatabaseError("DATABASE_URL names neither a SQLite file nor Postgres.", advice=_URL_ADVICE)


_URL_ADVICE = "Use sqlite:///folder/file.db or postgresql://user:password@host:5432/name."


def make_engine(url: URL, *, foreign_keys: bool = True) -> Engine:
    """An engine whose transactions behave as `Database` says; migrations switch `foreign_keys` off."""
    if url.get_backend_name() == "postgresql":
        arguments = {} if "connect_timeout" in url.query else {"connect_timeout": CONNECT_SECONDS}
        return create_engine(url, pool_pre_ping=True, connect_args=arguments)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})

    def connected(connection: Any, _record: Any) -> None:
        # The driver would begin transactions by its own rules, and only at the first write.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        connection.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")

    def begun(connection: Connection) -> None:
        # A transaction that reads first and writes later can be refused in the middle: take the lock at once.
        write = connection.get_execution_options().get(_WRITE, True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
    return engine


def sqlite_file(url: URL) -> Path | None:
    """The file of a SQLite database, None on Postgres."""
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def name_of(url: URL) -> str:
    """The database as people may see it: no password, no options."""
    if (path := sqlite_file(url)) is not None:
        return f"Civic database {path}"
    return f"Civic database {url.set(query={}).render_as_string(hide_password=True)}"


def one_line(error: SQLAlchemyError, url: URL) -> str:
    """First line of what the driver said, without the password, should it be in there."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    lines = [line.strip() for line in str(cause).splitlines() if line.strip()]
    line = lines[0] if lines else type(cause).__name__
    for secret in (url.password, url.query.get("password")):
        if secret:
            line = line.replace(str(secret), "***")
    return line.rstrip(".")
