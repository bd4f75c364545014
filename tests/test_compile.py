"""The compiled database: its shape, its ids, and what a build never does to the live file."""

from __future__ import annotations

import json
import sqlite3
import tracemalloc
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from clerk.compile import Built, PageRow, built, compile_database
from clerk.errors import LeaseLostError, StorageError
from clerk.models import Document, DocumentRecord, Kind, Level, RunRef
from clerk.storage import SiteStore

DAY = "2025-03-04"


@pytest.fixture
def store(tmp_path: Path) -> SiteStore:
    return SiteStore(tmp_path, "town.ca")


def page(number: int = 1, text: str = "the culvert on Quarry Road", **changes: Any) -> PageRow:
    values: dict[str, Any] = {
        "kind": Kind.MINUTES,
        "meeting": "CityCouncil",
        "date": DAY,
        "stem": DAY,
        "page": number,
        "text": text,
    }
    return PageRow(**{**values, **changes})


def build(
    store: SiteStore, rows: Iterable[PageRow], level: Level = Level.FAST, token: int = 1, **more: Any
) -> Built:
    options: dict[str, Any] = {"fingerprint": "f", "guard": lambda: None, **more}
    return compile_database(store, rows, level=level, run=RunRef(f"run-{token}", token), **options)


def read(store: SiteStore, sql: str, *arguments: Any) -> list[Any]:
    with closing(sqlite3.connect(store.database)) as connection:
        return connection.execute(sql, arguments).fetchall()


def ids(store: SiteStore, table: str = "minutes") -> dict[str, str]:
    return dict(read(store, f"SELECT page_image, id FROM {table}"))


def test_tables_columns_and_index_are_those_of_the_contract(store: SiteStore) -> None:
    build(store, [])
    columns = ["id", "meeting", "date", "page", "text", "page_image", "entities_json", "votes_json"]
    types = ["TEXT", "TEXT", "TEXT", "INTEGER", "TEXT", "TEXT", "TEXT", "TEXT"]
    for table in ("minutes", "agendas"):
        info = read(store, f"PRAGMA table_info({table})")
        assert [row[1] for row in info] == columns
        assert [row[2] for row in info] == types
        assert [row[1] for row in info if row[5]] == ["id"]
        assert read(store, f"SELECT max(rowid) FROM {table}") == [(None,)]
        sql = read(store, "SELECT sql FROM sqlite_master WHERE name = ?", f"{table}_fts")[0][0]
        assert "USING FTS5" in sql
        assert f"content=[{table}]" in sql
    assert built(store) is not None


def test_values_of_a_row(store: SiteStore) -> None:
    votes = {"votes": [{"result": "passed"}]}
    entities = {"persons": [{"text": "José", "confidence": 0.8}], "orgs": [], "locations": []}
    agenda = page(2, "nul\x00 and \ud800 half", kind=Kind.AGENDA, entities=entities, votes=votes)
    build(store, [page(), agenda], Level.FULL)
    assert read(
        store, "SELECT meeting, date, page, text, page_image, entities_json, votes_json FROM minutes"
    ) == [("CityCouncil", DAY, 1, "the culvert on Quarry Road", f"/CityCouncil/{DAY}/1.png", None, None)]
    row = read(store, "SELECT page, text, page_image, entities_json, votes_json FROM agendas")[0]
    assert row[:3] == (2, "nul and ? half", f"/_agendas/CityCouncil/{DAY}/2.png")
    assert json.loads(row[3]) == entities
    assert json.loads(row[4]) == votes
    assert read(store, "SELECT rowid FROM minutes_fts WHERE minutes_fts MATCH 'culvert'") == [(1,)]


def test_one_complete_file_and_nothing_beside_it(store: SiteStore) -> None:
    build(store, [page(n) for n in range(1, 40)])
    assert sorted(path.name for path in store.folder.iterdir()) == ["_records", "meetings.db"]
    assert read(store, "PRAGMA journal_mode") == [("delete",)]
    assert read(store, "PRAGMA integrity_check") == [("ok",)]


def test_same_rows_give_the_same_content(store: SiteStore, tmp_path: Path) -> None:
    other = SiteStore(tmp_path / "elsewhere", "town.ca")
    for each in (store, other):
        build(each, [page(n, f"text {n}") for n in range(1, 30)])
    dumps = []
    for each in (store, other):
        with closing(sqlite3.connect(each.database)) as connection:
            dumps.append(list(connection.iterdump()))
    assert dumps[0] == dumps[1]
    assert store.database.read_bytes() == other.database.read_bytes()


def test_an_id_stays_when_the_text_changes_and_when_the_database_or_the_file_is_gone(
    store: SiteStore,
) -> None:
    build(store, [page(1, "first reading"), page(2, "second")])
    before = ids(store)
    build(store, [page(1, "better reading"), page(2, "second"), page(3, "new")], token=2)
    assert before.items() <= ids(store).items()
    store.ids_file.unlink()
    build(store, [page(1, "third reading"), page(2, "second")], token=3)
    assert ids(store) == before
    store.database.unlink()
    build(store, [page(1, "fourth reading"), page(2, "x")], token=4)
    assert ids(store) == before


def test_ids_of_another_program_are_kept(store: SiteStore) -> None:
    store.folder.mkdir(parents=True)
    with closing(sqlite3.connect(store.database)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(
            "CREATE TABLE minutes (id TEXT PRIMARY KEY, meeting TEXT, date TEXT, page INTEGER, text TEXT,"
            " page_image TEXT, entities_json TEXT, votes_json TEXT)"
        )
        image = f"/CityCouncil/{DAY}/1.png"
        row = ("0123456789ab", "CityCouncil", DAY, 1, "old", image, "{}", "{}")
        connection.execute("INSERT INTO minutes VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        connection.commit()
    assert built(store) is None
    build(store, [page(1, "new reading"), page(2, "second")])
    assert ids(store)[image] == "0123456789ab"
    assert len(set(ids(store).values())) == 2
    assert sorted(path.name for path in store.folder.iterdir()) == ["_records", "meetings.db"]


def test_a_write_ahead_log_of_another_program_does_not_reach_the_new_file(store: SiteStore) -> None:
    store.folder.mkdir(parents=True)
    with closing(sqlite3.connect(store.database)) as writer:
        writer.executescript("PRAGMA journal_mode=WAL; CREATE TABLE other (x); INSERT INTO other VALUES (1);")
        assert store.database.with_name("meetings.db-wal").stat().st_size > 0
        build(store, [page()])
        assert not store.database.with_name("meetings.db-wal").exists()
        assert read(store, "SELECT text FROM minutes") == [("the culvert on Quarry Road",)]
        assert read(store, "PRAGMA integrity_check") == [("ok",)]


def test_blank_pages_of_two_towns_and_two_meetings_of_a_day_have_different_ids(tmp_path: Path) -> None:
    found: set[str] = set()
    for town in ("one.ca", "two.ca"):
        store = SiteStore(tmp_path, town)
        build(store, [page(1, ""), page(1, "", stem=f"{DAY}-2"), page(1, "", kind=Kind.AGENDA)])
        found |= set(ids(store).values()) | set(ids(store, "agendas").values())
    assert len(found) == 6
    assert all(len(each) == 12 and set(each) <= set("0123456789abcdef") for each in found)


def test_page_numbers_of_a_second_meeting_of_a_day_go_on(store: SiteStore) -> None:
    first = Document(store.subdomain, Kind.MINUTES, "CityCouncil", DAY)
    # Its fourth page failed: the number must not move when it is read later.
    store.write_record(DocumentRecord(first, "", 0, 0, 4, "1"))
    build(
        store,
        [page(1), page(2), page(1, stem=f"{DAY}-2"), page(2, stem=f"{DAY}-2"), page(1, stem=f"{DAY}-3")],
    )
    rows = read(store, "SELECT page, date, page_image FROM minutes ORDER BY rowid")
    assert [row[0] for row in rows] == [1, 2, 5, 6, 7]
    assert {row[1] for row in rows} == {DAY}
    assert rows[3][2] == f"/CityCouncil/{DAY}-2/2.png"


def test_the_fuller_build_of_a_run_stays_and_a_later_run_replaces_it(store: SiteStore) -> None:
    assert build(store, [page()], Level.FULL, 7).replaced
    late = build(store, [page()], Level.FAST, 7)
    assert (late.replaced, late.pages) == (False, 1)
    assert "run-7" in late.reason
    live = built(store)
    assert live is not None
    assert (live.level, live.token, live.run_id, live.fingerprint, live.pages) == (
        Level.FULL,
        7,
        "run-7",
        "f",
        1,
    )
    assert build(store, [page(), page(2)], Level.FAST, 8).replaced
    assert not build(store, [page()], Level.FAST, 8, fingerprint="g").reason
    assert build(store, [page()], Level.FULL, 8).replaced


def test_a_run_that_lost_the_site_publishes_nothing(store: SiteStore) -> None:
    build(store, [page()])

    def lost() -> None:
        raise LeaseLostError("town.ca is held by another run.")

    before = store.database.read_bytes(), store.ids_file.read_bytes()
    with pytest.raises(LeaseLostError):
        build(store, [page(), page(2)], Level.FULL, guard=lost)
    assert (store.database.read_bytes(), store.ids_file.read_bytes()) == before
    assert sorted(path.name for path in store.folder.iterdir()) == ["_records", "meetings.db"]


def test_rows_that_fail_leave_the_old_database_and_no_leftovers(store: SiteStore) -> None:
    build(store, [page()])
    before = store.database.read_bytes()

    def failing() -> Iterator[PageRow]:
        yield page(5)
        raise RuntimeError("the disk caught fire")

    with pytest.raises(RuntimeError, match="fire"):
        build(store, failing(), token=2)
    with pytest.raises(StorageError, match=r"meetings\.db"):
        build(store, [page(), page()], token=3)  # the same page twice: the ids would not be unique
    assert store.database.read_bytes() == before
    assert sorted(path.name for path in store.folder.iterdir()) == ["_records", "meetings.db"]


def test_a_damaged_live_database_is_replaced(store: SiteStore) -> None:
    build(store, [page()])
    kept = ids(store)
    store.database.write_bytes(b"not a database at all" * 500)
    assert built(store) is None
    assert build(store, [page(1, "again")]).replaced
    assert ids(store) == kept


def test_a_reader_of_the_old_file_goes_on(store: SiteStore) -> None:
    build(store, [page(1, "old text")])
    with closing(sqlite3.connect(store.database)) as reader:
        assert reader.execute("SELECT text FROM minutes").fetchone() == ("old text",)
        build(store, [page(1, "new text")], token=2)
        assert reader.execute("SELECT text FROM minutes").fetchone() == ("old text",)
    assert read(store, "SELECT text FROM minutes") == [("new text",)]


def test_memory_does_not_grow_with_the_texts(store: SiteStore) -> None:
    text = "word " * 4000  # 20 kB a page, 40 MB in all

    def rows() -> Iterator[PageRow]:
        for number in range(1, 2001):
            yield page(number, f"{number} {text}")

    tracemalloc.start()
    try:
        assert build(store, rows()).pages == 2000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8_000_000
