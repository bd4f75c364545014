"""Migrations of the civic database: the only module that imports Alembic."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError

from clerk import project_root
from clerk.errors import DatabaseError
from clerk.storage import locked
from clerk.tracking.session import Database, make_engine, name_of, one_line, parse_url, sqlite_file


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the schema to `revision`; a SQLite file and its folder are made where missing.

    Raises:
        DatabaseError: the database cannot be reached, or holds a revision that this clerk does not know.
    """
    parsed = parse_url(url)
    with _alone(parsed):
        prepare(parsed)
        _run(parsed, lambda config: command.upgrade(config, revision))


def downgrade(url: str, revision: str) -> None:
    """Take the schema back to `revision`, `base` for an empty one.

    Raises:
        DatabaseError: as for `upgrade`.
    """
    parsed = parse_url(url)
    with _alone(parsed):
        _run(parsed, lambda config: command.downgrade(config, revision))


def current(url: str) -> str | None:
    """Revision the database is at, None for one without a schema.

    Raises:
        DatabaseError: the database cannot be reached.
    """
    parsed = parse_url(url)
    path = sqlite_file(parsed)
    if path is not None and not path.exists():
        return None
    database = Database(url)
    try:
        return database.revision()
    finally:
        database.close()


def head() -> str:
    """Revision that this clerk needs, by the scripts."""
    return str(_scripts().get_current_head())


def history() -> list[tuple[str, str]]:
    """Revisions with the first lines of their descriptions, oldest first."""
    return [(script.revision, script.doc) for script in reversed(list(_scripts().walk_revisions()))]


def config() -> Config:
    """Configuration of Alembic on the scripts of the checkout, or of the installed package."""
    folder = project_root.root()
    made = Config(str(folder / "alembic.ini"))
    made.set_main_option("script_location", str(folder / "alembic").replace("%", "%%"))
    return made


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(config())


def _run(url: URL, action: Callable[[Config], None]) -> None:
    made = config()
    engine = make_engine(url, foreign_keys=False)
    made.attributes["engine"] = engine
    try:
        action(made)
    except CommandError as error:
        raise DatabaseError(
            f"{name_of(url)}: {str(error).rstrip('.')}.", advice="See `clerk db history`."
        ) from error
    except SQLAlchemyError as error:
        raise DatabaseError(f"{name_of(url)}: {one_line(error, url)}.") from error
    finally:
        engine.dispose()


@contextmanager
def _alone(url: URL) -> Iterator[None]:
    """Between processes on one machine, one migrates a SQLite file at a time (Postgres locks in env.py)."""
    path = sqlite_file(url)
    if path is None:
        yield
        return
    _make_folder(path)
    with locked(path.with_name(f"{path.name}.lock")):
        yield


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseError(f"Cannot make the folder of {path}: {error.strerror or error}.") from error


def prepare(url: URL) -> None:
    """Make a SQLite file ready for several processes; nothing to do on Postgres.

    Raises:
        DatabaseError: the file cannot be made or opened.
    """
    path = sqlite_file(url)
    if path is None:
        return
    _make_folder(path)
    # Write-ahead logging is a property of the file, and switching to it needs the file to oneself.
    engine = make_engine(url)
    try:
        connection = engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA journal_mode=WAL")
        finally:
            connection.close()
    except SQLAlchemyError as error:
        raise DatabaseError(f"{name_of(url)}: {one_line(error, url)}.") from error
    finally:
        engine.dispose()
