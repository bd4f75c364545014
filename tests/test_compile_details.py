"""The tables of people, votes and names: what a full build fills, and that its answers are true."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from clerk.compile import Built, Details, DocumentRow, PageRow, compile_database
from clerk.compile.detail_schema import DETAIL_TABLES
from clerk.compile.unanimous import inferred_ayes
from clerk.models import Kind, Level, RunRef
from clerk.people import read_overrides
from clerk.storage import SiteStore

ROOT = Path(__file__).resolve().parent.parent
FIRST, SECOND = "2025-03-04", "2025-04-01"
SEATS = ("Ruth Calloway", "Helen Marsh", "Victor Delgado", "Priya Raman")


def vote(start: int, mover: str, seconder: str | None, **changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "result": "passed",
        "tally": {"ayes": None, "nays": None, "abstain": None, "absent": None, "recused": None},
        "motion_by": mover,
        "seconded_by": seconder,
        "individual_votes": [],
        "raw_text": f"Motion by {mover}.",
        "confidence": 0.9,
        "kind": "main",
        "method": "",
        "unanimous": False,
        "section": "NEW BUSINESS",
        "agenda_item_ref": "",
        "ordinances": [],
        "resolutions": [],
        "topic": "",
        "consent": False,
        "span": [1, start, 1, start + 50],
    }
    return values | changes


def tally(ayes: int, nays: int = 0) -> dict[str, int | None]:
    return {"ayes": ayes, "nays": nays, "abstain": 0, "absent": None, "recused": None}


def roll(**sides: str) -> list[dict[str, str]]:
    return [{"name": name, "vote": side} for side, names in sides.items() for name in names.split()]


def roster(*names: str, absent: str = "") -> list[dict[str, Any]]:
    return [
        {"name": name, "role": "councilmember", "status": "absent" if name == absent else "present", "seated": True,
         "page": 1, "start": 40 * number}
        for number, name in enumerate(names)
    ] + [{"name": "Greg Summers", "role": "town manager", "status": "present", "seated": False, "page": 1}]  # fmt: skip


def names(**groups: list[str]) -> dict[str, Any]:
    found = {kind: [{"text": text, "confidence": 0.85} for text in texts] for kind, texts in groups.items()}
    return {"persons": [], "orgs": [], "locations": []} | found


HOUSING = vote(
    100, "Marsh", "DELGADO", tally=tally(3, 1), topic="affordable housing on Mill Street", ordinances=["1042"],
    individual_votes=roll(aye="Calloway Marsh Delgado", nay="Raman"), agenda_item_ref="4",
)  # fmt: skip
CONSENT = vote(
    300, "Raman", "Marsh", tally=tally(4), unanimous=True, consent=True, topic="the consent calendar"
)
BUDGET = vote(100, "Delgado", "Marsh", tally=tally(3), unanimous=True, resolutions=["2025-9"])
FENCE = vote(300, "Smith", None, result="no_second")


def row(date: str, number: int, **changes: Any) -> PageRow:
    values: dict[str, Any] = {
        "kind": Kind.MINUTES,
        "meeting": "CityCouncil",
        "date": date[:10],
        "stem": date,
        "page": number,
        "text": f"page {number} of {date}",
        "entities": names(),
        "votes": {"votes": []},
        "roster": [],
    }
    return PageRow(**(values | changes))


def town() -> list[PageRow]:
    """Two meetings; the agenda's packet prints the first one's minutes again."""
    town_hall = names(orgs=["Cedar County Housing Authority"], persons=["Ruth Calloway", "Jan Poole"])
    again = names(orgs=["CEDAR COUNTY HOUSING AUTHORITY", "Cedar County Housing Authority"])
    return [
        row(SECOND, 1, kind=Kind.AGENDA, votes={"votes": [HOUSING]}, entities=again),
        row(FIRST, 1, roster=roster(*SEATS), entities=town_hall),
        row(FIRST, 2, votes={"votes": [HOUSING, CONSENT]}),
        row(SECOND, 1, roster=roster(*SEATS, absent="Helen Marsh"), votes={"votes": [BUDGET, FENCE]}),
    ]


DOCUMENTS = (
    DocumentRow(Kind.MINUTES, "CityCouncil", FIRST, FIRST, 3, 2, "ab" * 32, "https://elm.example/m.pdf"),
    DocumentRow(Kind.MINUTES, "CityCouncil", SECOND, SECOND, 1, 1),
    DocumentRow(Kind.AGENDA, "CityCouncil", SECOND, SECOND, 1, 1),
    DocumentRow(Kind.MINUTES, "CityCouncil", "2025-05-06", "2025-05-06", 0, 0, error="is encrypted"),
)


def build(
    store: SiteStore, rows: Iterable[PageRow], token: int = 1, rules: str = "", *, full: bool = True
) -> Built:
    return compile_database(
        store,
        rows,
        level=Level.FULL if full else Level.FAST,
        run=RunRef(f"run-{token}", token),
        fingerprint="f",
        guard=lambda: None,
        details=Details(DOCUMENTS, read_overrides(rules)) if full else None,
    )


@pytest.fixture
def store(tmp_path: Path) -> SiteStore:
    return SiteStore(tmp_path, "elm")


@pytest.fixture
def database(store: SiteStore) -> Iterator[sqlite3.Connection]:
    build(store, town())
    with closing(sqlite3.connect(store.database)) as connection:
        yield connection


def ask(connection: sqlite3.Connection, sql: str, *arguments: Any) -> list[Any]:
    return connection.execute(sql, arguments).fetchall()


def test_documents_and_meetings(database: sqlite3.Connection) -> None:
    assert ask(
        database, "SELECT kind, date, pages, pages_read, source, error FROM documents ORDER BY kind, date"
    ) == [
        ("agenda", SECOND, 1, 1, None, None),
        ("minutes", FIRST, 3, 2, "https://elm.example/m.pdf", None),
        ("minutes", SECOND, 1, 1, None, None),
        ("minutes", "2025-05-06", 0, 0, None, "is encrypted"),
    ]
    assert ask(database, "SELECT date, number FROM meetings ORDER BY date") == [
        (FIRST, 1),
        (SECOND, 1),
        ("2025-05-06", 1),
    ]
    both = "SELECT count(*) FROM documents WHERE meeting_id = (SELECT id FROM meetings WHERE date = ?)"
    assert ask(database, both, SECOND) == [(2,)]


def test_how_a_person_voted(database: sqlite3.Connection) -> None:
    sql = "SELECT date, vote, basis FROM person_votes WHERE person = ? ORDER BY date, vote_id <> '', topic"
    assert ask(database, sql, "Priya Raman") == [
        (FIRST, "nay", "named"),
        (FIRST, "aye", "unanimous"),
        (SECOND, "aye", "unanimous"),
    ]
    # She was absent.
    assert [vote for date, vote, _ in ask(database, sql, "Helen Marsh") if date == SECOND] == []


def test_split_votes_measures_movers_and_attendance(database: sqlite3.Connection) -> None:
    assert ask(database, "SELECT date, item, ayes, nays, against FROM split_votes") == [
        (FIRST, "4", 3, 1, "Priya Raman")
    ]
    assert ask(database, "SELECT measure, number, result FROM measure_votes ORDER BY number") == [
        ("ordinance", "1042", "passed"),
        ("resolution", "2025-9", "passed"),
    ]
    assert ask(
        database, "SELECT mover, seconder, motions, passed FROM moves_with ORDER BY mover, seconder"
    ) == [
        ("Helen Marsh", "Victor Delgado", 1, 1),
        ("Priya Raman", "Helen Marsh", 1, 1),
        ("Victor Delgado", "Helen Marsh", 1, 1),
    ]
    assert ask(
        database, "SELECT person, status FROM attendance WHERE date = ? AND person LIKE 'H%'", SECOND
    ) == [("Helen Marsh", "absent")]
    assert ask(database, "SELECT count(*) FROM attendance WHERE printed = 'Greg Summers'") == [(0,)]
    motions = "SELECT mover, seconder, result FROM motions WHERE date = ? ORDER BY page, result"
    assert ask(database, motions, SECOND) == [
        ("Smith", None, "no_second"),
        ("Victor Delgado", "Helen Marsh", "passed"),
    ]


def test_votes_of_agendas_are_left_to_the_minutes(database: sqlite3.Connection) -> None:
    assert ask(database, "SELECT date, number FROM votes ORDER BY date, number") == [
        (FIRST, 1), (FIRST, 2), (SECOND, 1), (SECOND, 2),
    ]  # fmt: skip
    assert "affordable" in ask(database, "SELECT votes_json FROM agendas")[0][0]


def test_topics_are_searched_and_lead_to_the_page(database: sqlite3.Connection) -> None:
    sql = """SELECT v.date, v.page, m.text FROM votes_fts JOIN votes AS v ON v.rowid = votes_fts.rowid
        JOIN minutes AS m ON m.id = v.page_id WHERE votes_fts MATCH 'housing'"""
    assert ask(database, sql) == [(FIRST, 2, f"page 2 of {FIRST}")]


def test_people_with_their_names_and_counts(database: sqlite3.Connection) -> None:
    assert ask(database, "SELECT name, meetings, votes, moved, seconded, roles, bodies FROM people") == [
        ("Ruth Calloway", 2, 3, 0, 0, '["councilmember"]', '["CityCouncil"]'),
        ("Victor Delgado", 2, 3, 1, 1, '["councilmember"]', '["CityCouncil"]'),
        ("Helen Marsh", 1, 2, 1, 2, '["councilmember"]', '["CityCouncil"]'),
        ("Priya Raman", 2, 3, 1, 0, '["councilmember"]', '["CityCouncil"]'),
    ]
    aliases = (
        "SELECT a.name, times FROM person_aliases AS a JOIN people AS p ON p.id = person_id WHERE p.name = ?"
    )
    assert ask(database, aliases + " ORDER BY 1", "Victor Delgado") == [
        ("DELGADO", 1),
        ("Delgado", 2),
        ("Victor Delgado", 2),
    ]
    assert ask(database, "SELECT motion_by, motion_by_id FROM votes WHERE motion_by = 'Smith'") == [
        ("Smith", None)
    ]


def test_entities_and_where_they_are_named(database: sqlite3.Connection) -> None:
    assert ask(database, "SELECT kind, date, page, mentions FROM organisation_pages ORDER BY date, kind") == [
        ("minutes", FIRST, 1, 1),
        ("agenda", SECOND, 1, 2),
    ]
    sql = "SELECT e.name, e.pages, e.mentions, p.name FROM entities AS e LEFT JOIN people AS p ON p.id = e.person_id"
    assert ask(database, sql + " ORDER BY e.name") == [
        ("Cedar County Housing Authority", 2, 3, None),
        ("Jan Poole", 1, 1, None),
        ("Ruth Calloway", 1, 1, "Ruth Calloway"),
    ]


def test_the_same_rows_give_the_same_ids_and_bytes(store: SiteStore, tmp_path: Path) -> None:
    other = SiteStore(tmp_path / "elsewhere", "elm")
    build(store, town())
    build(other, town())
    assert store.database.read_bytes() == other.database.read_bytes()
    before = _ids(store)
    build(store, [*town(), row("2025-05-20", 1, votes={"votes": [HOUSING]}, roster=roster(*SEATS))], token=2)
    assert before <= _ids(store)
    oak = SiteStore(tmp_path, "oak")
    build(oak, town())
    assert not before & _ids(oak)


def _ids(store: SiteStore) -> set[str]:
    with closing(sqlite3.connect(store.database)) as connection:
        tables = ("documents", "meetings", "people", "votes", "entities")
        return {row[0] for table in tables for row in connection.execute(f"SELECT id FROM {table}")}


def test_a_persons_own_word_is_followed(store: SiteStore) -> None:
    build(
        store,
        town(),
        rules="people: [{name: Priya Raman-Cole, aliases: [Priya Raman]}]\nignore: [Ruth Calloway, Calloway]",
    )
    with closing(sqlite3.connect(store.database)) as connection:
        assert ask(connection, "SELECT name FROM people WHERE from_file") == [("Priya Raman-Cole",)]
        assert ask(connection, "SELECT count(*) FROM people WHERE name LIKE '%Calloway'") == [(0,)]
        sql = "SELECT count(*) FROM person_votes WHERE person = 'Priya Raman-Cole'"
        assert ask(connection, sql) == [(3,)]


def test_a_fast_build_has_the_tables_empty(store: SiteStore) -> None:
    build(store, town(), full=False)
    with closing(sqlite3.connect(store.database)) as connection:
        assert {
            table: ask(connection, f"SELECT count(*) FROM {table}")[0][0] for table in DETAIL_TABLES
        } == dict.fromkeys(DETAIL_TABLES, 0)
        assert ask(connection, "SELECT count(*) FROM minutes") == [(3,)]
        assert ask(connection, "SELECT * FROM person_votes") == []


def test_an_id_that_another_build_issued_is_followed_everywhere(store: SiteStore) -> None:
    late = iter(town())
    issued: dict[int, str] = {}

    def rows() -> Iterator[PageRow]:
        for number, each in enumerate(late):
            if number == 3:  # the others have their ids by now
                changed = [row(FIRST, 1, text="x"), row(FIRST, 2, text="y")]
                build(store, changed, token=1, full=False)
                with closing(sqlite3.connect(store.database)) as connection:
                    issued.update(ask(connection, "SELECT page, id FROM minutes"))
            yield each

    build(store, rows(), token=2)
    with closing(sqlite3.connect(store.database)) as connection:
        assert dict(ask(connection, "SELECT page, id FROM minutes WHERE date = ?", FIRST)) == issued
        every = "SELECT id FROM minutes UNION SELECT id FROM agendas"
        for table in ("votes", "page_entities"):
            assert ask(connection, f"SELECT count(*) FROM {table} WHERE page_id NOT IN ({every})") == [(0,)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"unanimous": True}, ["Ann Hart", "Lou Ruiz", "Pat Tull"]),
        ({"unanimous": True, "tally": {"ayes": 3}}, ["Ann Hart", "Lou Ruiz", "Pat Tull"]),
        ({"unanimous": True, "tally": {"ayes": 4}}, ["Ann Hart", "Lou Ruiz", "Pat Tull", "Kim Vale"]),
        ({"unanimous": True, "tally": {"ayes": 5}}, []),
        (
            {"unanimous": True, "individual_votes": [{"name": "Ruiz", "vote": "abstain"}]},
            ["Ann Hart", "Pat Tull"],
        ),
        ({"unanimous": True, "individual_votes": [{"name": "Ruiz", "vote": "aye"}]}, []),
        ({"unanimous": True, "result": "failed"}, []),
        ({}, []),
    ],
)
def test_who_must_have_voted_for_a_unanimous_motion(changes: dict[str, Any], expected: list[str]) -> None:
    there = roster("Ann Hart", "Lou Ruiz", "Pat Tull", "Kim Vale", "Sam Zorn", absent="Sam Zorn")
    there[3]["status"] = "left"
    assert inferred_ayes({"result": "passed", **changes}, there) == expected
    assert inferred_ayes({"result": "passed", "unanimous": True}, []) == []


def test_every_example_of_the_documents_finds_something(database: sqlite3.Connection) -> None:
    text = (ROOT / "docs" / "database.md").read_text(encoding="utf-8")
    section = text.partition("### Questions")[2].partition("\n### ")[0]
    examples = re.findall(r"```sql\n(.*?)```", section, re.DOTALL)
    assert len(examples) >= 7
    for sql in examples:
        assert ask(database, sql), sql


def test_every_table_and_column_is_documented(database: sqlite3.Connection) -> None:
    text = (ROOT / "docs" / "database.md").read_text(encoding="utf-8")
    views = [name for (name,) in ask(database, "SELECT name FROM sqlite_master WHERE type = 'view'")]
    wanted = {*DETAIL_TABLES, *views, "votes_fts"}
    for table in DETAIL_TABLES:
        wanted |= {row[1] for row in ask(database, f"PRAGMA table_info({table})")}
    assert {name for name in wanted if f"`{name}`" not in text} == set()
