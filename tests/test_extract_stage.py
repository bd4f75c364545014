"""`clerk extract` and its stage: what is kept, what is made anew, and what a missing model leaves."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from clerk.errors import ModelMissingError
from clerk.extraction import cache, read_cached, read_kept
from clerk.models import Document, DocumentRecord, Kind, PageRecord, Source
from clerk.settings import Settings, get_settings
from clerk.stages import extract
from clerk.stages.extract import Extraction, extract_site, mark_again
from clerk.storage import SiteStore
from tests.fixtures_pipeline import Clerk, text_pdf

BOARD = Document("town", Kind.MINUTES, "Board", "2024-03-01")
TEXTS = {
    1: "Present: Mayor Ruth Calloway, Councilmember Victor Delgado\nCouncilmember Delgado moved to adopt the plan.",
    2: "Seconded by Mayor Calloway. Motion carried 2-0.",
}


@pytest.fixture
def settings() -> Settings:
    return get_settings()


@pytest.fixture
def store(settings: Settings) -> SiteStore:
    made = SiteStore(settings.storage_dir, "town")
    write(made, TEXTS)
    return made


def write(store: SiteStore, texts: dict[int, str]) -> None:
    pages = {}
    for page, text in texts.items():
        path = store.text(BOARD, page)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        digest = hashlib.sha256(text.encode()).hexdigest()
        pages[page] = PageRecord(page, "done", Source.TEXT_LAYER, sha256=digest)
    store.write_record(DocumentRecord(BOARD, "d", 1, 1, len(pages), "reader", pages))


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[tuple[tuple[int, ...], tuple[int, ...], bool]]:
    """Each call of the extraction, made in this process: pages, pages whose names were wanted, votes or not."""
    calls = []

    def call(self: Any, work: Any, texts: dict[int, str], model: str, timeout: float) -> Any:
        calls.append((tuple(sorted(texts)), tuple(work.keywords["names"]), work.keywords["votes"]))
        return work(texts, model)

    monkeypatch.setattr(extract.Child, "call", call)
    return calls


def run(store: SiteStore, settings: Settings) -> Extraction:
    return extract_site(store, settings, lambda total, done: None)


def test_only_what_is_due_is_made(
    store: SiteStore, settings: Settings, made: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(store, settings)
    assert made == [((1, 2), (1, 2), True)]
    assert run(store, settings) == Extraction(0, 0)
    first = read(store, 1)

    monkeypatch.setattr(cache, "VOTES", "next")
    run(store, settings)
    assert made[1:] == [((1, 2), (), True)], "new rules for votes leave the names"
    assert read(store, 1) == first

    monkeypatch.setattr(cache, "ENTITIES", "next")
    run(store, settings)
    assert made[2:] == [((1, 2), (1, 2), False)], "new rules for names leave the votes"
    assert read(store, 1) == first

    write(store, {**TEXTS, 2: TEXTS[2] + " Mayor Calloway adjourned the meeting."})
    run(store, settings)
    assert made[3:] == [((1, 2), (2,), True)], "a changed page: its names, and the votes of its document"


def read(store: SiteStore, page: int) -> Any:
    digest = hashlib.sha256(store.text(BOARD, page).read_bytes()).hexdigest()
    found = read_cached(store.extracted(BOARD, page), digest)
    assert found is not None
    return found


def test_votes_and_names_are_those_of_the_whole_document(
    store: SiteStore, settings: Settings, made: list[Any]
) -> None:
    run(store, settings)
    votes = read(store, 1).votes + read(store, 2).votes
    assert [(vote.motion_by, vote.result, vote.ayes) for vote in votes] == [("Delgado", "passed", 2)]
    assert {entity.text for entity in read(store, 1).entities} >= {
        "Ruth Calloway",
        "Victor Delgado",
        "Delgado",
    }
    assert [each.name for each in read(store, 1).roster] == ["Ruth Calloway", "Victor Delgado"]


def test_all_again_goes_on_where_it_was_broken_off(
    store: SiteStore, settings: Settings, made: list[Any]
) -> None:
    run(store, settings)
    for page in TEXTS:
        os.utime(store.extracted(BOARD, page), (1, 1))
    mark_again(store)
    os.utime(store.extracted(BOARD, 2), None)
    run(store, settings)
    assert made[1:] == [((1, 2), (1,), True)], "page 2 was made after the mark"
    assert not store.again_file.exists()
    assert run(store, settings) == Extraction(0, 0)


def test_a_second_mark_keeps_what_was_made_since_the_first(store: SiteStore, settings: Settings) -> None:
    run(store, settings)
    mark_again(store)
    os.utime(store.again_file, (1, 1))
    mark_again(store)
    assert store.again_file.stat().st_mtime == 1


def test_a_missing_model_caches_nothing_and_takes_nothing(
    store: SiteStore, settings: Settings, made: list[Any]
) -> None:
    missing = settings.model_copy(update={"spacy_model": "xx_no_such_model"})
    with pytest.raises(ModelMissingError) as caught:
        run(store, missing)
    assert "python -m spacy download xx_no_such_model" in caught.value.advice
    assert not made
    assert not store.extracted(BOARD, 1).exists()
    run(store, settings)
    before = store.extracted(BOARD, 1).read_bytes()
    mark_again(store)
    with pytest.raises(ModelMissingError):
        run(store, missing)
    assert store.extracted(BOARD, 1).read_bytes() == before
    assert store.again_file.exists(), "it is still due"


def test_another_model_makes_only_the_names_due(
    store: SiteStore, settings: Settings, made: list[Any]
) -> None:
    run(store, settings)
    path = store.extracted(BOARD, 1)
    path.write_text(json.dumps({**json.loads(path.read_text()), "model": "other"}))
    run(store, settings)
    assert made[1:] == [((1,), (1,), False)]


@pytest.mark.e2e
def test_extract_does_nothing_else_and_rebuilds(clerk: Clerk, tmp_path: Path) -> None:
    folder = tmp_path / "pdfs" / "Board"
    folder.mkdir(parents=True)
    text_pdf(
        folder / "2024-03-01.pdf", 2, "Mayor Ruth Calloway moved to pay the bills, seconded by Trustee Hart. "
    )
    clerk("run", "town", "--from", str(tmp_path / "pdfs"))
    store = SiteStore(clerk.storage, "town")
    (document,) = store.documents()
    text_pdf(folder / "2024-04-01.pdf", 1)
    old = store.extracted(document, 1)
    spoiled = {**json.loads(old.read_text()), "extractor": {"votes": "0", "entities": cache.ENTITIES}}
    old.write_text(json.dumps(spoiled))
    kept = store.extracted(document, 2).stat().st_mtime_ns

    output = clerk("extract", "town")
    assert "nothing new" in output, "the database is built from the same texts and rules"
    output = clerk("extract", "town", "--force")
    assert "database rebuilt" in output
    assert "0 fetched, 0 read, 0 pages recognised" in output
    assert list(store.documents()) == [document], "the new file is not fetched"
    assert store.extracted(document, 2).stat().st_mtime_ns > kept
    digest = hashlib.sha256(store.text(document, 1).read_bytes()).hexdigest()
    assert read_kept(old, digest).votes is not None
    with sqlite3.connect(store.database) as connection:
        (names,) = connection.execute("SELECT entities_json FROM minutes WHERE page = 1").fetchone()
    assert "Ruth Calloway" in names

    clerk.environment["SPACY_MODEL"] = "xx_no_such_model"
    assert "spacy download xx_no_such_model" in clerk("extract", "town", "--force", code=1)
    assert store.database.exists(), "a published database is not taken back"
