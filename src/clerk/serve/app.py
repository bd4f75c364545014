"""A Datasette over databases that are replaced while it runs.

Datasette keeps its connections open, and an open connection stays on the file that was replaced; its immutable
mode would also go on counting what was in it. So each database here is opened for reading only and anew as soon
as another file has taken its place; a query that runs meanwhile ends on the file it began with.

Datasette asks every database something at each request, so one that cannot be read would take all others with it: it
is empty instead until it can be read again.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from datasette.app import Datasette
from datasette.database import Database
from datasette.utils import tilde_encode

from clerk.build_info import BUILD_TABLE
from clerk.serve import site_databases
from clerk.serve.address import is_page_path
from clerk.serve.answer import respond
from clerk.serve.cache import FileCache
from clerk.serve.pages import Pages
from clerk.serve.workers import PageWorkers
from clerk.storage import SiteStore, image_cache

SETTINGS = {
    "max_returned_rows": 1000,  # search products ask for pages of 1000
    "default_page_size": 50,
}
ALIAS = "meetings"
CACHE_BYTES = 512 * 1024 * 1024
TEMPLATES = Path(__file__).parent / "templates"

Asgi = Callable[[dict[str, Any], Any, Any], Awaitable[None]]

log = logging.getLogger(__name__)


class ReplacedDatabase(Database):  # type: ignore[misc]
    """A database file that is replaced whole now and then; empty while there is none, or a damaged one."""

    def __init__(self, datasette: Datasette, path: Path) -> None:
        super().__init__(datasette, path=str(path.absolute()), is_mutable=True)
        self._held = threading.local()
        self._guard = threading.Lock()
        self._problem = ""

    @property
    def size(self) -> int:
        """Bytes of the file, 0 where there is none."""
        try:
            return Path(self.path).stat().st_size
        except OSError:
            return 0

    def connect(self, write: bool = False) -> sqlite3.Connection:
        """A connection that can read only, whatever characters the path has."""
        if write:
            raise sqlite3.OperationalError(f"{self.name} is read-only")
        uri = f"{Path(self.path).as_uri()}?mode=ro"
        connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        self._all_file_connections.append(connection)
        return connection

    async def execute_fn(self, fn: Callable[[sqlite3.Connection], Any]) -> Any:
        """Run `fn(connection)` in a thread of Datasette's, on the file that is in place now."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.ds.executor, lambda: fn(self._current()))

    def _current(self) -> sqlite3.Connection:
        """This thread's connection, renewed where the file was replaced."""
        identity = _identity(Path(self.path))
        held: sqlite3.Connection | None = getattr(self._held, "connection", None)
        if held is not None and self._held.identity == identity:
            return held
        if held is not None:
            self._all_file_connections.remove(held)
            held.close()
        problem = "" if identity else "there is no such file any more"
        try:
            connection = self._opened() if identity else self._empty()
        except sqlite3.Error as error:
            problem, connection = str(error), self._empty()
            if isinstance(error, sqlite3.OperationalError):
                identity = None  # it says nothing of the file, which is tried again at the next query
        self._note(problem)
        self.ds._prepare_connection(connection, self.name)
        self._held.connection, self._held.identity = connection, identity
        return connection

    def _opened(self) -> sqlite3.Connection:
        """A connection to the file, whose list of tables can be read.

        Raises:
            sqlite3.Error: it cannot.
        """
        connection = self.connect()
        try:
            connection.execute("SELECT name, sql FROM sqlite_master").fetchall()
        except sqlite3.Error:
            self._all_file_connections.remove(connection)
            connection.close()
            raise
        return connection

    def _empty(self) -> sqlite3.Connection:
        connection = sqlite3.connect(":memory:", check_same_thread=False)
        self._all_file_connections.append(connection)
        return connection

    def _note(self, problem: str) -> None:
        """Say once that nothing of this database is served."""
        with self._guard:
            said, self._problem = self._problem, problem
        if problem and not said:
            log.warning("%s: %s: %s; it is served again once it is built.", self.name, self.path, problem)


def _identity(path: Path) -> tuple[int, int, int] | None:
    """Names a file's content; None where there is no file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_mtime_ns


def make_datasette(root: Path, site: str | None = None) -> Datasette:
    """A Datasette over every site below `root`, or one.

    Raises:
        UsageError: there is no database to serve.
    """
    # Where rich is installed, Datasette prints each error with it, and fails on an address without a page.
    vars(importlib.import_module("datasette.handle_exception"))["rich"] = None
    databases = site_databases(root, site)
    names = dict(databases)
    if len(databases) == 1:
        names.setdefault(ALIAS, next(iter(databases.values())))
    hidden = {"tables": {BUILD_TABLE: {"hidden": True}}}
    datasette = Datasette(
        [],
        settings=SETTINGS,
        template_dir=str(TEMPLATES),
        metadata={"title": "Meetings", "databases": dict.fromkeys(names, hidden)},
    )
    if "_memory" in datasette.databases:
        datasette.remove_database("_memory")  # Datasette adds an empty one where it is given no files
    for name, path in names.items():
        datasette.add_database(ReplacedDatabase(datasette, path), name=name)
    return datasette


def served_pages(root: Path, datasette: Datasette, timeout: float, memory_mb: int) -> Pages:
    """The pages of every database that `datasette` serves, by the same names, with images and marks."""
    stores = {
        name: SiteStore(root, Path(database.path).parent.name)
        for name, database in datasette.databases.items()
        if isinstance(database, ReplacedDatabase)
    }
    return Pages(stores, FileCache(image_cache(root), CACHE_BYTES), PageWorkers(timeout, memory_mb))


def make_app(datasette: Datasette, pages: Pages | None = None) -> Asgi:
    """Its web application, in which a subdomain with dots can stand in an address as it is, and pages have
    images.

    Datasette itself takes what follows a dot for a format and wants the dot written `~2E`.
    """
    inner: Asgi = datasette.app()
    dotted = {name: tilde_encode(name) for name in datasette.databases if "." in name}

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await inner(scope, receive, send)
            if pages is not None:
                pages.close()
            return
        if scope["type"] == "http":
            raw = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
            path, _, query = raw.partition("?")
            if pages is not None and scope["method"] in ("GET", "HEAD") and is_page_path(path):
                known = dict(scope["headers"]).get(b"if-none-match", b"").decode("latin-1")
                asked = scope["query_string"].decode("latin-1")
                await respond(await pages.get(path, asked, known), scope["method"], send)
                return
            name, slash, rest = path.removeprefix("/").partition("/")
            encoded = dotted.get(unquote(name)) or _with_format(unquote(name), dotted)
            if encoded:
                path = f"/{encoded}{slash}{rest}"
                raw = f"{path}?{query}" if query else path
                scope = dict(scope, path=path, raw_path=raw.encode("latin-1"))
        await inner(scope, receive, send)

    return app


def _with_format(name: str, dotted: dict[str, str]) -> str | None:
    stem, _, extension = name.rpartition(".")
    return f"{dotted[stem]}.{extension}" if stem in dotted and extension in ("json", "csv") else None
