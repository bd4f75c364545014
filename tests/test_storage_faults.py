"""What the storage folder can hold that nobody meant: odd names, damaged and unreadable files, newer records."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from clerk.compile import PageRow, compile_database
from clerk.errors import StorageError
from clerk.models import Document, DocumentRecord, Kind, Level, PageRecord, RunRef, Source, Stage, is_stem
from clerk.storage import SiteStore, page_number, read_json
from clerk.strays import strays

DOCUMENT = Document("town", Kind.MINUTES, "Board", "2024-03-01")


@pytest.fixture
def store(tmp_path: Path) -> SiteStore:
    return SiteStore(tmp_path, "town")


def put(path: Path, content: str | bytes = "text") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def make_unreadable(path: Path) -> None:
    """Leave a name there that cannot be opened, also by root: a link to itself."""
    path.unlink()
    path.symlink_to(path.name)


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("1", 1),
        ("20", 20),
        ("20000", 20_000),
        *((name, None) for name in ("20001", "20240305", "0", "01", "٣", "²", "-1", "", "1 ", "1\n")),
    ],
)
def test_a_page_is_named_by_its_number_in_one_way(name: str, page: int | None) -> None:
    assert page_number(name) == page


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("2024-02-29", True),
        ("2024-02-29-2", True),
        ("2023-02-29", False),
        ("2024-13-45", False),
        ("2024-02-30-2", False),
        ("٢٠٢٤-٠٣-٠١", False),
        ("2024-3-1", False),
        ("0000-01-01", False),
    ],
)
def test_a_document_is_named_by_a_day_of_the_calendar(name: str, is_one: bool) -> None:
    assert is_stem(name) is is_one


def test_what_is_passed_over_is_listed_with_its_reason(store: SiteStore) -> None:
    meeting = store.pdf_dir(Kind.AGENDA) / "Board"
    texts = store.text_root(Kind.MINUTES) / "Board"
    put(store.pdf(DOCUMENT))
    put(store.text(DOCUMENT, 1))
    put(store.text_dir(DOCUMENT) / "notes.txt")
    put(meeting / ".2024-13-45.pdf")
    (meeting / "folder.pdf").mkdir()
    expected = {
        put(meeting / "2024-13-45.pdf"): "is no date (YYYY-MM-DD.pdf)",
        put(meeting / "2024-01-05.PDF"): "does not end in .pdf",
        put(texts / "2024-13-45" / "1.txt").parent: "is no date (YYYY-MM-DD)",
        put(texts / "2024-01-05" / "01.txt"): "is no number of a page (1.txt to 20000.txt)",
    }
    assert strays(store) == expected
    assert [document.stem for document in store.documents()] == ["2024-01-05", "2024-03-01"]


def test_a_record_comes_back_as_it_was_written() -> None:
    plain = PageRecord(1, "pending")
    assert plain.to_json() == {"page": 1, "status": "pending"}
    for entry in (
        plain,
        PageRecord(0, "done"),
        PageRecord(1, "done", source=Source.OCR, confidence=0.0, attempts=0, looks=({"dpi": 300},), redo="x"),
        PageRecord(1, "failed", stage=Stage.OCR, transient=True, layer={"rule": "none"}, run="run-1 7"),
    ):
        assert PageRecord.from_json(json.loads(json.dumps(entry.to_json()))) == entry


def test_a_record_of_a_newer_clerk_is_read() -> None:
    entry = PageRecord.from_json(
        {"page": 1, "status": "done", "source": "web", "stage": "polish", "colour": "red", "chars": 3}
    )
    assert entry == PageRecord(1, "done", chars=3)


def test_a_sidecar_with_a_page_without_number_is_read(store: SiteStore) -> None:
    """Earlier sidecars of folders with a `0.txt` have such an entry."""
    store.write_record(DocumentRecord(DOCUMENT, "", 0, 0, 1, "2", pages={1: PageRecord(1, "done")}))
    data = read_json(store.record_file(DOCUMENT))
    data["pages"] |= {"0": {"status": "done"}, "1": {"status": "done"}}
    put(store.record_file(DOCUMENT), json.dumps(data))
    record = store.read_record(DOCUMENT)
    assert record is not None
    assert record.pages == {1: PageRecord(1, "done")}


def test_a_document_with_pages_is_readable_though_the_last_reading_failed() -> None:
    record = DocumentRecord(DOCUMENT, "sha", 1, 1, 2, "2", pages={1: PageRecord(1, "done")}, error="hung")
    assert record.readable
    assert record.pending == (2,)
    assert not replace(record, page_count=0, pages={}).readable


def test_what_cannot_be_read_just_now_is_neither_missing_nor_damaged(store: SiteStore) -> None:
    path = put(store.record_file(DOCUMENT), "{}")
    assert read_json(path) == {}
    assert read_json(put(path, "{")) is None
    make_unreadable(path)
    with pytest.raises(StorageError, match=r"Cannot read .*document\.json") as caught:
        store.read_record(DOCUMENT)
    assert "Check the disk" in caught.value.advice
    path.unlink()
    assert read_json(path) is None


def compile_page(store: SiteStore) -> None:
    rows = [PageRow(Kind.MINUTES, "Board", "2024-03-01", "2024-03-01", 1, "text")]
    compile_database(store, rows, level=Level.FAST, run=RunRef("run", 1), fingerprint="", guard=lambda: None)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"minutes": {"Board/2024-03-01": {"one": "0123"}}}', None]
)
def test_damaged_ids_are_not_issued_anew(store: SiteStore, content: str | None) -> None:
    compile_page(store)
    ids, database = read_json(store.ids_file), store.database.read_bytes()
    # The page is not in the live database at this time: only the file knows its id.
    kept = store.folder / "kept.json"
    shutil.copy(store.ids_file, kept)
    if content is None:
        make_unreadable(store.ids_file)
    else:
        put(store.ids_file, content)
    with pytest.raises(StorageError, match=r"ids\.json") as caught:
        compile_page(store)
    assert caught.value.advice
    assert store.database.read_bytes() == database
    kept.replace(store.ids_file)
    compile_page(store)
    assert read_json(store.ids_file) == ids
