"""Builds `meetings.db` beside the live one, checks it, and swaps it in under the site's publish lock."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from clerk.build_info import BuildInfo, built
from clerk.compile.detail_schema import index_meetings, index_people
from clerk.compile.details import DetailWriter
from clerk.compile.files import new_build_file, remove_dead_builds, swap_in
from clerk.compile.ids import IdBook
from clerk.compile.rows import Details, PageNumbers, PageRow, as_json
from clerk.compile.schema import INSERT, TABLES, check, create_indexes, create_tables, write_metadata
from clerk.compile.who import resolve
from clerk.errors import StorageError
from clerk.models import Kind, Level, RunRef
from clerk.storage import SiteStore, locked, sync_file


@dataclass(frozen=True, slots=True)
class Built:
    """Outcome of a build: whether it is live now, its pages, and why it was left out where it was."""

    replaced: bool
    pages: int
    reason: str = ""


def compile_database(
    store: SiteStore,
    rows: Iterable[PageRow],
    *,
    level: Level,
    run: RunRef,
    fingerprint: str | Callable[[], str],
    guard: Callable[[], None],
    details: Details | None = None,
) -> Built:
    """Compile `rows`, streamed in the order given, into the site's database.

    With `details`, the tables of documents, people, votes and names are filled too; the pages of a document must
    then stand together. Without, they are there and empty.

    The live file is intact at every moment: it is the old one or all of the new one. `guard` is called under
    the publish lock right before the swap and raises when this run no longer holds the site (LeaseLostError).
    A build never replaces a fuller one of the same or a later run; then `Built.replaced` is False. `fingerprint` names
    what it is made of: a function is called after the last row, when it is known which rows there are.

    Raises:
        StorageError: the folder cannot be written, or the build failed its checks.
    """
    path = new_build_file(store.folder)
    try:
        store.folder.mkdir(parents=True, exist_ok=True)
        remove_dead_builds(store.folder)
        ids = IdBook(store)
        mark = fingerprint if callable(fingerprint) else lambda: fingerprint
        planned = BuildInfo(level, run.token, run.run_id, fingerprint="", pages=0)
        info = _write(path, store, rows, ids, planned, mark, details)
        return _publish(path, store, ids, info, guard)
    except (sqlite3.Error, OSError) as error:
        raise StorageError(
            f"Cannot compile {store.database}: {error}.",
            advice="Check free space and permissions, then run again.",
        ) from error
    finally:
        path.unlink(missing_ok=True)


def _write(
    path: Path,
    store: SiteStore,
    rows: Iterable[PageRow],
    ids: IdBook,
    planned: BuildInfo,
    fingerprint: Callable[[], str],
    details: Details | None,
) -> BuildInfo:
    """Fill and check a new file; returns what it is, now with its fingerprint and number of pages."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        # Nobody reads this file before it is complete and synced: no journal, and no sync at each step.
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-16000;")
        create_tables(connection)
        counts = _insert(connection, store, rows, ids, details)
        if details is not None:
            resolve(connection, store.subdomain, details.overrides)
        else:
            index_meetings(connection)
            index_people(connection)
        create_indexes(connection)
        info = replace(planned, fingerprint=fingerprint(), pages=sum(counts.values()))
        write_metadata(connection, info.metadata())
        check(connection, counts)
    sync_file(path)
    return info


def _insert(
    connection: sqlite3.Connection,
    store: SiteStore,
    rows: Iterable[PageRow],
    ids: IdBook,
    details: Details | None,
) -> dict[str, int]:
    """Write the rows one by one, so that memory does not grow with the site; returns rows per table."""
    counts = dict.fromkeys(TABLES, 0)
    statements = {kind: INSERT.format(kind.table) for kind in Kind}
    numbers = PageNumbers(store)
    connection.execute("BEGIN")
    writer = DetailWriter(connection, store.subdomain)
    if details is not None:
        writer.documents(details.documents)
    for row in rows:
        identity, number = ids.id_for(row), numbers.number(row)
        values = (
            identity,
            row.meeting,
            row.date,
            number,
            row.clean_text,
            row.image,
            as_json(row.entities),
            as_json(row.votes),
        )
        connection.execute(statements[row.kind], values)
        counts[row.kind.table] += 1
        if details is not None:
            writer.page(row, identity, number)
    writer.flush()
    connection.execute("COMMIT")
    return counts


def _publish(
    path: Path,
    store: SiteStore,
    ids: IdBook,
    info: BuildInfo,
    guard: Callable[[], None],
) -> Built:
    with locked(store.publish_lock):
        guard()
        live = built(store)
        if live is not None and live.outranks(info):
            return Built(
                False, info.pages, f"a {live.level.value} build of run {live.run_id or live.token} is live"
            )
        corrections = ids.settle()
        if corrections:
            _correct(path, corrections)
        swap_in(path, store.database)
    return Built(True, info.pages)


def _correct(path: Path, corrections: dict[str, tuple[Kind, str]]) -> None:
    """Give pages the ids that another build issued for them while this one was made."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN;")
        for value, (kind, right) in corrections.items():
            connection.execute(f"UPDATE [{kind.table}] SET id = ? WHERE id = ?", (right, value))  # noqa: S608
            for table in ("votes", "page_entities"):
                connection.execute(
                    f"UPDATE [{table}] SET page_id = ? WHERE page_id = ?",  # noqa: S608
                    (right, value),
                )
        connection.execute("COMMIT")
    sync_file(path)
