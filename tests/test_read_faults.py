"""No page is lost where reading, compiling or the disk fails: what is known of it stays, or its loss is listed."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pymupdf
import pytest

from clerk.errors import ChildTimeoutError, StorageError
from clerk.fan_out import DIED
from clerk.isolation import Child
from clerk.models import (
    Document,
    Kind,
    Level,
    PageRecord,
    PageWork,
    RunRef,
    Source,
    Stage,
)
from clerk.pdf import reading
from clerk.settings import load
from clerk.stages.account import account, failures
from clerk.stages.build import compile_site, is_current
from clerk.stages.ocr import recognise_pages
from clerk.stages.plan import documents_to_read, pages_to_recognise, records
from clerk.stages.read import mark_unread, read_documents
from clerk.stages.retry import forget
from clerk.storage import SiteStore, write_json
from tests.fixtures_pipeline import WORDS, scanned_pdf, text_pdf

DOCUMENT = Document("town", Kind.MINUTES, "Board", "2024-03-01")
OTHER = Document("town", Kind.MINUTES, "Board", "2024-04-01")


@pytest.fixture
def store(tmp_path: Path) -> SiteStore:
    return SiteStore(tmp_path, "town")


def work(store: SiteStore, **options: object) -> PageWork:
    known = PageWork(str(store.root), "eng", "tesseract", 60, 1024, str(store.root / "none"), "run 1")
    return replace(known, **options)  # type: ignore[arg-type]


def read_due(store: SiteStore, **options: object) -> list[Document]:
    """Read what is due, as workers do; what that was."""
    due = documents_to_read(store, records(store))
    read_documents(due, work(store, **options))
    return due


def built(store: SiteStore, level: Level = Level.FULL, token: int = 1) -> dict[tuple[str, int], str]:
    """Compile, and return the text of each page of the minutes."""
    run = RunRef("run", token)
    compile_site(store, load(storage_dir=store.root), level=level, run=run, guard=lambda: None)
    with closing(sqlite3.connect(store.database)) as connection:
        found = connection.execute("SELECT date, page, text FROM minutes").fetchall()
    return {(date, page): text for date, page, text in found}


def current(store: SiteStore) -> bool:
    return is_current(store, load(storage_dir=store.root))


def page_of(store: SiteStore, page: int = 1) -> PageRecord:
    record = store.read_record(DOCUMENT)
    assert record is not None
    return record.pages[page]


def recognised(store: SiteStore) -> None:
    """A scanned document of one page, recognised, with the place of its words."""
    scanned_pdf(store.pdf(DOCUMENT), ["The council met and approved the minutes."])
    read_due(store)
    assert recognise_pages(pages_to_recognise(records(store)), work(store)) == 1
    store.fold(DOCUMENT)
    assert page_of(store).source is Source.OCR
    assert store.layout(DOCUMENT, 1).exists()


def touch(path: Path) -> None:
    os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns + 1_000_000_000))


def put_texts(store: SiteStore, *texts: str) -> None:
    """A document of an earlier program: its texts without the PDF."""
    store.text_dir(DOCUMENT).mkdir(parents=True)
    for page, text in enumerate(texts, 1):
        store.text(DOCUMENT, page).write_text(text)


def garble(path: Path) -> None:
    path.write_bytes(b"\0" * 100)


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("harm", [garble, empty, Path.unlink])
@pytest.mark.parametrize("level", [Level.FAST, Level.FULL])
def test_a_text_that_was_lost_is_back_at_the_next_run(
    store: SiteStore, harm: Callable[[Path], None], level: Level
) -> None:
    text_pdf(store.pdf(DOCUMENT), 2)
    read_due(store)
    whole = built(store)
    assert len(whole) == 2
    assert current(store)
    harm(store.text(DOCUMENT, 1))
    assert set(built(store, level, token=2)) == {("2024-03-01", 2)}
    assert [letter.page for letter in failures(store, records(store))] == [1]
    assert not current(store)
    assert read_due(store) == [DOCUMENT]
    assert failures(store, records(store)) == []
    # The full build that left the page out does not pass for one of the page.
    assert not current(store)
    assert built(store, token=3) == whole
    assert current(store)
    assert read_due(store) == []


def test_a_build_without_a_page_that_stays_lost_is_made_once(store: SiteStore) -> None:
    recognised(store)
    store.text(DOCUMENT, 1).unlink()
    assert built(store) == {}
    assert not current(store)
    assert built(store, token=2) == {}
    assert current(store)


def test_a_text_that_cannot_be_read_just_now_ends_the_build_and_marks_nothing(store: SiteStore) -> None:
    recognised(store)
    before, text = built(store), store.text(DOCUMENT, 1)
    text.rename(text.with_suffix(".kept"))
    text.symlink_to(text.name)
    with pytest.raises(StorageError, match=r"Cannot read .*1\.txt"):
        built(store, token=2)
    text.with_suffix(".kept").replace(text)
    assert page_of(store).done
    assert built(store, token=2) == before


def test_a_record_that_cannot_be_read_just_now_costs_nothing(store: SiteStore) -> None:
    recognised(store)
    path = store.record_file(DOCUMENT)
    kept = path.rename(path.with_suffix(".kept"))
    path.symlink_to(path.name)
    with pytest.raises(StorageError):
        read_due(store)
    with pytest.raises(StorageError):
        read_documents([DOCUMENT], work(store))
    kept.replace(path)
    assert page_of(store).done
    assert store.layout(DOCUMENT, 1).exists()
    assert pages_to_recognise(records(store)) == []


@pytest.mark.parametrize("again", [False, True])
def test_a_second_reading_that_times_out_keeps_the_pages(
    store: SiteStore, monkeypatch: pytest.MonkeyPatch, again: bool
) -> None:
    recognised(store)
    before = built(store)
    touch(store.pdf(DOCUMENT))

    def hang(*arguments: object, timeout: float) -> object:
        raise ChildTimeoutError("took longer than 60 s")

    monkeypatch.setattr(Child, "call", hang)
    assert read_due(store, again=again) == [DOCUMENT]
    monkeypatch.undo()
    known = records(store)
    assert known[DOCUMENT].error
    assert known[DOCUMENT].transient
    books = account(store, known)
    assert (books.pages, books.ocr, books.open, books.unreadable) == (1, 1, 0, 0)
    assert [letter.reason for letter in failures(store, known)] == [
        f"keeps its earlier pages: {known[DOCUMENT].error}"
    ]
    assert built(store, token=2) == before
    assert store.layout(DOCUMENT, 1).exists()
    assert read_due(store) == []
    assert documents_to_read(store, records(store), images=True) == []
    assert forget(store) == 1
    assert read_due(store) == [DOCUMENT]
    assert failures(store, records(store)) == []
    assert pages_to_recognise(records(store)) == []
    assert page_of(store).source is Source.OCR


def test_a_document_that_takes_its_worker_down_keeps_its_pages(store: SiteStore) -> None:
    recognised(store)
    mark_unread(store, DOCUMENT, DIED, "run 2")
    record = store.read_record(DOCUMENT)
    assert record is not None
    assert (record.error, record.transient, record.attempts, record.run) == (DIED, True, 1, "run 2")
    assert record.pages[1].done
    mark_unread(store, DOCUMENT, DIED, "run 3")
    again = store.read_record(DOCUMENT)
    assert again is not None
    assert again.attempts == 2
    store.pdf(DOCUMENT).unlink()
    mark_unread(store, DOCUMENT, DIED, "run 4")
    assert page_of(store).done


def test_another_document_that_cannot_be_read_keeps_no_page_of_the_one_before(store: SiteStore) -> None:
    recognised(store)
    store.pdf(DOCUMENT).write_bytes(b"%PDF-1.7\nnothing of the kind")
    read_due(store)
    record = store.read_record(DOCUMENT)
    assert record is not None
    assert (record.readable, record.pages) == (False, {})
    assert built(store) == {}


def test_a_page_that_cannot_be_read_again_keeps_its_text(
    store: SiteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    text_pdf(store.pdf(DOCUMENT), 2)
    read_due(store)
    before = built(store)
    real = Child.call

    def lose_page_2(self: Child, fn: object, *arguments: object, timeout: float) -> object:
        if fn is reading.inside.read_pages and 2 in arguments[1]:  # type: ignore[operator]
            raise ChildTimeoutError("took longer than 60 s")
        return real(self, fn, *arguments, timeout=timeout)  # type: ignore[arg-type]

    monkeypatch.setattr(Child, "call", lose_page_2)
    touch(store.pdf(DOCUMENT))
    read_due(store)
    assert page_of(store, 2).done
    assert built(store, token=2) == before
    letters = failures(store, records(store))
    assert [(letter.page, letter.stage, letter.reason) for letter in letters] == [
        (2, "read", "keeps its earlier text: took longer than 60 s")
    ]
    assert read_due(store) == []
    assert pages_to_recognise(records(store)) == []
    monkeypatch.undo()
    assert forget(store, Stage.OCR.value) == 0
    assert forget(store, Stage.READ.value) == 1
    assert read_due(store) == [DOCUMENT]
    assert page_of(store, 2).source is Source.TEXT_LAYER
    assert failures(store, records(store)) == []


def test_odd_numbers_among_texts_stop_nothing_and_are_listed(store: SiteStore) -> None:
    put_texts(store, "one", "two")
    odd = ["01.txt", "0.txt", "٣.txt", "200000.txt", "20240305.txt", "notes.txt"]
    for name in odd:
        (store.text_dir(DOCUMENT) / name).write_text("odd")
    text_pdf(store.pdf(OTHER), 1)
    assert read_due(store) == [DOCUMENT, OTHER]
    assert {page for date, page in built(store) if date == "2024-03-01"} == {1, 2}
    letters = failures(store, records(store))
    assert sorted(Path(letter.path).name for letter in letters) == sorted(odd)
    assert all(letter.reason.startswith("skipped: ") for letter in letters)
    assert read_due(store) == []


def test_a_text_without_its_pdf_may_be_corrected_by_hand(store: SiteStore) -> None:
    put_texts(store, "Motion by Smlth", "second page")
    read_due(store)
    store.text(DOCUMENT, 1).write_text("Motion by Smith")
    touch(store.text(DOCUMENT, 1))
    assert read_due(store) == [DOCUMENT]
    assert list(built(store).values()) == ["Motion by Smith", "second page"]
    touch(store.record_file(DOCUMENT))
    # With the time of the file as it was, compiling notices it, and the next run takes it.
    store.text(DOCUMENT, 1).write_text("Motion by Smithers")
    touch(store.record_file(DOCUMENT))
    assert list(built(store, token=2).values()) == ["second page"]
    assert read_due(store) == [DOCUMENT]
    assert list(built(store, token=3).values()) == ["Motion by Smithers", "second page"]
    assert failures(store, records(store)) == []


@pytest.mark.parametrize("harm", [garble, empty])
def test_what_a_loss_of_power_leaves_is_no_correction(store: SiteStore, harm: Callable[[Path], None]) -> None:
    put_texts(store, "first page")
    read_due(store)
    harm(store.text(DOCUMENT, 1))
    assert built(store) == {}
    for _ in range(2):
        read_due(store)
        assert [letter.page for letter in failures(store, records(store))] == [1]
    store.text(DOCUMENT, 1).write_text("first page")
    touch(store.text(DOCUMENT, 1))
    read_due(store)
    assert list(built(store, token=2).values()) == ["first page"]
    assert failures(store, records(store)) == []


def test_a_new_document_that_cannot_be_read_is_published(store: SiteStore) -> None:
    text_pdf(store.pdf(DOCUMENT), 1)
    read_due(store)
    built(store)
    assert current(store)
    locked = pymupdf.open()
    locked.new_page()
    locked.save(store.pdf(OTHER), encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="o", user_pw="u")
    assert read_due(store) == [OTHER]
    assert not current(store)
    built(store, token=2)
    with closing(sqlite3.connect(store.database)) as connection:
        rows = connection.execute("SELECT stem, pages, error FROM documents ORDER BY stem").fetchall()
    assert rows == [("2024-03-01", 1, None), ("2024-04-01", 0, "is encrypted with a password")]
    assert current(store)
    write_json(store.source_file(OTHER), {"origin": "https://town.example/a.pdf"})
    assert not current(store)


def test_a_pdf_that_was_away_for_one_run_is_not_recognised_again(store: SiteStore) -> None:
    recognised(store)
    before, away = built(store), store.root / "away.pdf"
    shutil.move(store.pdf(DOCUMENT), away)
    assert read_due(store) == [DOCUMENT]
    assert built(store, token=2) == before
    assert read_due(store) == []
    shutil.move(away, store.pdf(DOCUMENT))
    assert read_due(store) == [DOCUMENT]
    assert pages_to_recognise(records(store)) == []
    assert built(store, token=3) == before
    assert store.layout(DOCUMENT, 1).exists()


def test_texts_of_a_longer_pdf_do_not_come_back(store: SiteStore) -> None:
    text_pdf(store.pdf(DOCUMENT), 3)
    read_due(store)
    write_json(store.extracted(DOCUMENT, 3), {})
    scanned_pdf(store.root / "scan.pdf", ["A page."])
    document = pymupdf.open()
    document.new_page().insert_textbox((72, 72, 520, 700), WORDS)
    document.insert_pdf(pymupdf.open(store.root / "scan.pdf"))
    document.save(store.pdf(DOCUMENT))
    read_due(store)
    assert page_of(store, 2).status == "pending"
    assert store.text_pages(DOCUMENT) == {1}
    assert not store.extracted(DOCUMENT, 3).exists()
    store.pdf(DOCUMENT).unlink()
    read_due(store)
    assert set(built(store)) == {("2024-03-01", 1)}
    assert [letter.page for letter in failures(store, records(store))] == [2]


def test_texts_of_an_earlier_program_outlive_the_reading_of_their_pdf(store: SiteStore) -> None:
    put_texts(store, "one", "two", "three")
    read_due(store)
    text_pdf(store.pdf(DOCUMENT), 2)
    read_due(store)
    assert store.text_pages(DOCUMENT) == {1, 2, 3}
