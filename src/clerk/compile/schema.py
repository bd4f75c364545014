"""The tables of `meetings.db`, and the checks that a build must pass.

The tables `minutes` and `agendas` and their full-text indexes are a contract with the web sites and search
products that read the file; columns and tables may be added after these, never changed. `_clerk_build` is
ours: what the build is. Front ends leave tables out of their lists whose name starts with an underscore.
"""

from __future__ import annotations

import sqlite3

from clerk.build_info import BUILD_TABLE
from clerk.compile.detail_schema import create_detail_indexes, create_detail_tables
from clerk.errors import StorageError

TABLES = ("minutes", "agendas")
INSERT = "INSERT INTO [{}] VALUES (?, ?, ?, ?, ?, ?, ?, ?)"

# Column order and FTS options are those of sqlite-utils' enable_fts(["text"]).
_TABLE = """
CREATE TABLE [{0}] (
   [id] TEXT PRIMARY KEY,
   [meeting] TEXT,
   [date] TEXT,
   [page] INTEGER,
   [text] TEXT,
   [page_image] TEXT,
   [entities_json] TEXT,
   [votes_json] TEXT
);
"""
_INDEXES = """
CREATE INDEX [idx_{0}_meeting_date_page] ON [{0}] ([meeting], [date], [page]);
CREATE INDEX [idx_{0}_date] ON [{0}] ([date]);
"""
_FTS = """
CREATE VIRTUAL TABLE [{0}_fts] USING FTS5 (
    [text],
    content=[{0}]
);
INSERT INTO [{0}_fts] (rowid, [text]) SELECT rowid, [text] FROM [{0}];
"""
_BUILD = f"CREATE TABLE [{BUILD_TABLE}] ([key] TEXT PRIMARY KEY, [value] TEXT) WITHOUT ROWID"


def create_tables(connection: sqlite3.Connection) -> None:
    """All tables, always: those of pages, those of people and votes, and the one that says what the build is."""
    for table in TABLES:
        connection.executescript(_TABLE.format(table))
    create_detail_tables(connection)
    connection.execute(_BUILD)


def create_indexes(connection: sqlite3.Connection) -> None:
    """Full-text and plain indexes, and views, once the rows are in."""
    for table in TABLES:
        connection.executescript("BEGIN;" + _INDEXES.format(table) + _FTS.format(table) + "COMMIT;")
    create_detail_indexes(connection)


def write_metadata(connection: sqlite3.Connection, values: dict[str, str]) -> None:
    """Say what the build is."""
    connection.executemany(f"INSERT INTO [{BUILD_TABLE}] VALUES (?, ?)", sorted(values.items()))  # noqa: S608


def check(connection: sqlite3.Connection, expected: dict[str, int]) -> None:
    """Check a finished build: sound file, every row there, every row in the full-text index.

    Raises:
        StorageError: the build is not what it should be; it must not be published.
    """
    verdict = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if verdict != "ok":
        raise StorageError(
            f"The compiled database is damaged ({verdict}).", advice="Check the disk and run again."
        )
    for table in TABLES:
        rows = connection.execute(f"SELECT count(*) FROM [{table}]").fetchone()[0]  # noqa: S608
        # The FTS table itself answers from its content table: only the size table says what is indexed.
        indexed = connection.execute(f"SELECT count(*) FROM [{table}_fts_docsize]").fetchone()[0]  # noqa: S608
        if not rows == indexed == expected[table]:
            raise StorageError(
                f"The compiled database has {rows} {table}, {indexed} in its index, not {expected[table]}.",
                advice="Check the disk and run again.",
            )
    broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    if broken:
        raise StorageError(
            f"A row of {broken[0]} in the compiled database names one of {broken[2]} that is not there.",
            advice="Run the site again; if it stays so, report it.",
        )
