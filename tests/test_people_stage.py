"""From texts on disk to people in the database: rosters in the cache, and what a change of `people.yaml` makes due."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from clerk.compile import built
from clerk.errors import ClerkError
from clerk.extraction import Attendee, Extracted, attendance, read_cached, write_cached
from clerk.extraction.votes import find_votes
from clerk.models import Document, DocumentRecord, Kind, Level, PageRecord, RunRef, Source
from clerk.settings import Settings, load
from clerk.stages.build import compile_site, is_current
from clerk.storage import SiteStore, write_atomic

TEXT = """ELM CITY COUNCIL
Minutes of the Regular Meeting
PRESENT: Mayor Ruth Calloway, Councilmembers Victor Delgado, Helen Marsh
ABSENT: Councilmember Ann Raman
STAFF PRESENT: Town Manager Greg Summers

4. Housing on Mill Street
Councilmember Marsh moved to adopt Ordinance No. 1042. Councilmember Delgado seconded the motion.
The motion carried by the following vote:
AYES: Calloway, Marsh
NOES: Delgado
ABSENT: Raman
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load(storage_dir=tmp_path)


@pytest.fixture
def store(tmp_path: Path) -> SiteStore:
    """A site with one document that is read and extracted, as the stages leave it, without the model of names."""
    store = SiteStore(tmp_path, "elm")
    document = Document("elm", Kind.MINUTES, "Council", "2025-03-04")
    write_atomic(store.text(document, 1), TEXT.encode())
    digest = hashlib.sha256(TEXT.encode()).hexdigest()
    page = PageRecord(1, "done", source=Source.TEXT_LAYER, sha256=digest)
    store.write_record(DocumentRecord(document, "ab", 1, 1, 1, "1", pages={1: page}))
    texts = {1: TEXT}
    found = Extracted((), find_votes(texts)[1], attendance(texts))
    write_cached(store.extracted(document, 1), digest, found)
    return store


def compile_full(store: SiteStore, settings: Settings, token: int = 1) -> None:
    run = RunRef(f"run-{token}", token)
    assert compile_site(store, settings, level=Level.FULL, run=run, guard=lambda: None).replaced


def ask(store: SiteStore, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(store.database)) as connection:
        return connection.execute(sql).fetchall()


def test_the_attendance_is_kept_with_the_votes_of_its_page(store: SiteStore) -> None:
    document = store.documents()[0]
    digest = hashlib.sha256(TEXT.encode()).hexdigest()
    found = read_cached(store.extracted(document, 1), digest)
    assert found is not None
    assert found.roster == attendance({1: TEXT})
    assert found.roster[0] == Attendee("Ruth Calloway", "mayor", page=1, start=TEXT.index("Ruth"))
    assert [each.name for each in found.roster if each.status == "absent"] == ["Ann Raman"]
    assert [each.name for each in found.roster if not each.seated] == ["Greg Summers"]


def test_a_full_build_says_who_voted_how(store: SiteStore, settings: Settings) -> None:
    compile_full(store, settings)
    assert ask(store, "SELECT person, vote, printed FROM person_votes ORDER BY person") == [
        ("Ann Raman", "absent", "Raman"),
        ("Helen Marsh", "aye", "Marsh"),
        ("Ruth Calloway", "aye", "Calloway"),
        ("Victor Delgado", "nay", "Delgado"),
    ]
    assert ask(store, "SELECT measure, number FROM measure_votes") == [("ordinance", "1042")]


def test_editing_people_yaml_makes_a_build_due_and_nothing_else(store: SiteStore, settings: Settings) -> None:
    compile_full(store, settings)
    assert is_current(store, settings)
    cached = store.extracted(store.documents()[0], 1)
    before = cached.read_bytes()
    store.people_file.write_text(
        "people: [{name: Victor Delgado-Cole, aliases: [Victor Delgado, Delgado]}]\n"
    )
    assert not is_current(store, settings)
    compile_full(store, settings, 2)
    assert is_current(store, settings)
    assert ask(store, "SELECT person FROM person_votes WHERE vote = 'nay'") == [("Victor Delgado-Cole",)]
    assert cached.read_bytes() == before
    store.people_file.unlink()
    assert not is_current(store, settings)


def test_a_broken_people_yaml_leaves_the_live_database_and_fast_builds(
    store: SiteStore, settings: Settings
) -> None:
    compile_full(store, settings)
    before = store.database.read_bytes()
    store.people_file.write_text("people:\n  - aliases: [Smith]\n")
    with pytest.raises(ClerkError, match=r"people\.yaml, line 2: each entry of people needs a name\."):
        compile_full(store, settings, 2)
    assert store.database.read_bytes() == before
    store.people_file.write_bytes(b"ignore:\n - Jos\xe9\n")
    with pytest.raises(ClerkError, match=r"people\.yaml, line 2: no UTF-8"):
        compile_full(store, settings, 2)
    run = RunRef("run-3", 3)
    assert compile_site(store, settings, level=Level.FAST, run=run, guard=lambda: None).replaced
    live = built(store)
    assert live is not None
    assert live.level is Level.FAST
    assert ask(store, "SELECT count(*) FROM people") == [(0,)]
