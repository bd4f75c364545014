"""Recognising again: which pages, what stays, and what a killed redo leaves."""

from __future__ import annotations

import hashlib
import signal
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from clerk.cli import cli
from clerk.errors import UsageError
from clerk.models import (
    Document,
    DocumentRecord,
    Kind,
    Level,
    PageRecord,
    PageSpan,
    PageWork,
    RunRef,
    Site,
    Source,
    Stage,
)
from clerk.settings import load
from clerk.stages.account import account, failures
from clerk.stages.build import compile_site
from clerk.stages.ocr import mark_lost, recognise_pages
from clerk.stages.plan import pages_to_recognise, records
from clerk.stages.redo import Redo, mark
from clerk.stages.retry import forget
from clerk.storage import SiteStore
from clerk.tracking import open_tracking
from tests.fixtures_pipeline import Clerk, scanned_pdf, wait_until

OLD, NOW, LATER = "2026-01-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00", "2026-03-01T00:00:00+00:00"
FIRST = Document("town", Kind.MINUTES, "Board", "2024-03-01")
SECOND = Document("town", Kind.AGENDA, "Board", "2024-03-01")
REDO = Redo(NOW, "tesseract")


def recognised(page: int, confidence: float, text: str = "old text") -> PageRecord:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return PageRecord(
        page, "done", Source.OCR, engine="tesseract", confidence=confidence, sha256=digest, at=OLD
    )


def site(tmp_path: Path) -> SiteStore:
    """Two documents: pages 1 and 3 of the first were recognised, page 2 has a text layer; the second has one."""
    store = SiteStore(tmp_path, "town")
    for document, pages in (
        (
            FIRST,
            [
                recognised(1, 95),
                replace(recognised(2, 0), source=Source.TEXT_LAYER, confidence=None),
                recognised(3, 60),
            ],
        ),
        (SECOND, [recognised(1, 40)]),
    ):
        scanned_pdf(store.pdf(document), [f"Page {entry.page} of the minutes." for entry in pages])
        for entry in pages:
            store.text(document, entry.page).parent.mkdir(parents=True, exist_ok=True)
            store.text(document, entry.page).write_text("old text")
        entries = {entry.page: entry for entry in pages}
        stat = store.pdf(document).stat()
        store.write_record(
            DocumentRecord(document, "sha", stat.st_size, stat.st_mtime_ns, len(pages), "1", pages=entries)
        )
    return store


def due(store: SiteStore) -> dict[Document, tuple[int, ...]]:
    return {span.document: span.pages for span in pages_to_recognise(records(store))}


def work(store: SiteStore, plugins: Path | None = None) -> PageWork:
    return PageWork(str(store.root), "eng", "tesseract", 60, 1024, str(plugins or store.root / "none"), NOW)


@pytest.mark.parametrize(
    ("redo", "pages"),
    [
        (REDO, {FIRST: (1, 3), SECOND: (1,)}),
        (replace(REDO, below_confidence=60), {SECOND: (1,)}),
        (replace(REDO, below_confidence=60.5), {FIRST: (3,), SECOND: (1,)}),
        (replace(REDO, documents=("minutes/Board/2024-03-01",)), {FIRST: (1, 3)}),
        (replace(REDO, documents=("Board/2024-03-01",), below_confidence=50), {SECOND: (1,)}),
        (replace(REDO, documents=("town/_agendas/pdfs/Board/2024-03-01.pdf",)), {SECOND: (1,)}),
        (replace(REDO, since=OLD), {}),
    ],
)
def test_only_recognised_pages_that_were_asked_for_are_due(
    tmp_path: Path, redo: Redo, pages: dict[Document, tuple[int, ...]]
) -> None:
    store = site(tmp_path)
    assert due(store) == {}
    assert mark(store, redo) == sum(map(len, pages.values()))
    assert due(store) == pages
    # Their texts are there all the while, and the books say that they wait.
    books = account(store, records(store))
    assert (books.pages, books.ocr, books.failed, books.open) == (4, 3, 0, 0)
    assert books.waiting == sum(map(len, pages.values()))


def test_a_document_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="2024-03-09"):
        mark(site(tmp_path), replace(REDO, documents=("Board/2024-03-01", "Board/2024-03-09")))


def test_a_redo_that_was_broken_off_is_finished_and_not_begun_anew(tmp_path: Path) -> None:
    store = site(tmp_path)
    mark(store, REDO)
    recognise_pages([PageSpan(FIRST, (1,))], work(store))
    assert "Page 1" in store.text(FIRST, 1).read_text()
    assert store.text(FIRST, 3).read_text() == "old text"
    rest = {FIRST: (3,), SECOND: (1,)}
    assert due(store) == rest
    # The same request once more, as the sweeper sends it, and as a person types it.
    for again in (REDO, replace(REDO, since=LATER)):
        mark(store, again)
        assert due(store) == rest
    recognise_pages([PageSpan(FIRST, (3,)), PageSpan(SECOND, (1,))], work(store))
    assert due(store) == {}
    mark(store, REDO)
    assert due(store) == {}
    # Another backend, or a new wish once it is done, is a redo of its own.
    future = "2999-01-01T00:00:00+00:00"
    mark(store, replace(REDO, since=future))
    assert due(store) == {FIRST: (1, 3), SECOND: (1,)}


def test_another_backend_is_another_redo(tmp_path: Path) -> None:
    store = site(tmp_path)
    mark(store, REDO)
    recognise_pages([PageSpan(FIRST, (1,))], work(store))
    mark(store, Redo("2999-01-01T00:00:00+00:00", "vision"))
    assert due(store) == {FIRST: (1, 3), SECOND: (1,)}


def test_a_span_that_is_given_twice_is_recognised_once(tmp_path: Path) -> None:
    store = site(tmp_path)
    mark(store, REDO)
    assert recognise_pages([PageSpan(SECOND, (1,))], work(store)) == 1
    assert recognise_pages([PageSpan(SECOND, (1,))], work(store)) == 0


def test_a_page_that_fails_keeps_its_text_and_says_so(tmp_path: Path) -> None:
    store = site(tmp_path)
    mark(store, replace(REDO, documents=("minutes/Board/2024-03-01",)))
    store.pdf(FIRST).write_bytes(b"%PDF-1.4 nothing")
    recognise_pages([PageSpan(FIRST, (1,))], work(store))
    mark_lost(store, PageSpan(FIRST, (3,)), "its worker process died", NOW)
    known = records(store)
    assert due(store) == {}
    assert [entry.status for entry in known[FIRST].pages.values()] == ["done"] * 3
    assert {store.text(FIRST, page).read_text() for page in (1, 3)} == {"old text"}
    letters = failures(store, known)
    assert [(letter.page, letter.stage) for letter in letters] == [(1, "ocr"), (3, "ocr")]
    assert all(letter.reason.startswith("keeps its earlier text: ") for letter in letters)
    assert forget(store, Stage.OCR.value) == 1
    assert due(store) == {FIRST: (1, 3)}
    assert failures(store, records(store)) == []


def test_killed_between_text_and_record_the_page_is_still_due_and_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = site(tmp_path)
    mark(store, replace(REDO, below_confidence=50))

    def die(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("clerk.storage.write_json", die)
    with pytest.raises(KeyboardInterrupt):
        recognise_pages([PageSpan(SECOND, (1,))], work(store))
    monkeypatch.undo()
    assert store.text(SECOND, 1).read_text() != "old text"
    assert due(store) == {SECOND: (1,)}
    assert built_pages(store)[SECOND.kind.table, 1] == store.text(SECOND, 1).read_text()
    recognise_pages([PageSpan(SECOND, (1,))], work(store))
    assert due(store) == {}
    assert failures(store, records(store)) == []


def test_page_ids_stay(tmp_path: Path) -> None:
    store = site(tmp_path)
    before, ids = built_pages(store), page_ids(store)
    mark(store, REDO)
    recognise_pages([PageSpan(FIRST, (1, 3)), PageSpan(SECOND, (1,))], work(store))
    after = built_pages(store)
    assert page_ids(store) == ids
    assert len(set(ids.values())) == 4
    assert {key for key in before if before[key] != after[key]} == {
        ("minutes", 1),
        ("minutes", 3),
        ("agendas", 1),
    }


def built_pages(store: SiteStore) -> dict[tuple[str, int], str]:
    """Compile, and return the text of each page."""
    compile_site(
        store, load(storage_dir=store.root), level=Level.FAST, run=RunRef("run", 1), guard=lambda: None
    )
    return {(table, page): text for table, page, text, _ in rows(store)}


def page_ids(store: SiteStore) -> dict[tuple[str, int], str]:
    return {(table, page): value for table, page, _, value in rows(store)}


def rows(store: SiteStore) -> list[tuple[str, int, str, str]]:
    with closing(sqlite3.connect(store.database)) as connection:
        return [
            (kind.table, *row)
            for kind in Kind
            for row in connection.execute(f"SELECT page, text, id FROM {kind.table}")
        ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--below-confidence", "80"), "--redo-ocr"),
        (("--document", "Board/2024-03-01"), "--redo-ocr"),
        (("--redo-ocr", "--force"), "--force"),
        (("--redo-ocr", "--all-years"), "fetches nothing"),
        (("--redo-ocr", "--from", "."), "fetches nothing"),
        (("--redo-ocr", "--below-confidence", "nan"), "--below-confidence nan is no confidence"),
        (("--redo-ocr", "--below-confidence", "0"), "--below-confidence 0 is no confidence"),
        (("--redo-ocr", "--below-confidence", "-5"), "--below-confidence -5 is no confidence"),
        (("--redo-ocr", "--below-confidence", "100.5"), "--below-confidence 100.5 is no confidence"),
        (("--redo-ocr", "--below-confidence", "inf"), "--below-confidence inf is no confidence"),
        (("--redo-ocr", "--document", "Board/2024-03-09"), "no document 'Board/2024-03-09'. Did you mean"),
        (("--redo-ocr", "--document", "board/2024-03-01"), "Did you mean 'Board/2024-03-01'?"),
        (("--redo-ocr", "--document", "elsewhere"), "Name it like"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    chosen = load()
    site(chosen.storage_dir)
    with closing(open_tracking(chosen)) as civic:
        civic.sites.add(Site("town"))
    result = CliRunner().invoke(cli, ["run", "town", *arguments])
    assert isinstance(result.exception, UsageError)
    assert said in str(result.exception)


def test_a_document_of_a_site_that_does_not_exist_or_was_never_run() -> None:
    arguments = ["run", "town", "--redo-ocr", "--document", "Board/2024-03-01"]
    assert "No site 'town'" in str(CliRunner().invoke(cli, arguments).exception)
    with closing(open_tracking(load())) as civic:
        civic.sites.add(Site("town"))
    assert "town has no documents yet. Run `clerk run town` first." in str(
        CliRunner().invoke(cli, arguments).exception
    )


@pytest.mark.e2e
def test_a_redo_from_end_to_end(clerk: Clerk, tmp_path: Path) -> None:
    text = "The board approved the budget for the library and the parks after a short public hearing. " * 3
    folder = tmp_path / "source"
    scanned_pdf(folder / "Board" / "2024-03-01.pdf", [f"Page {page}. {text}" for page in range(1, 7)])
    clerk("run", "town", "--from", str(folder))
    store = SiteStore(clerk.storage, "town")
    ids = page_ids(store)
    scanned_pdf(folder / "Board" / "2024-03-02.pdf", ["A new one that a redo must not fetch."])
    first = clerk.start("run", "town", "--redo-ocr", "--ocr-backend", "tesseract-cli")
    document = store.documents()[0]
    wait_until(lambda: len(store.page_records(document)) >= 2, 120, "two pages recognised again")
    first.send_signal(signal.SIGKILL)
    first.wait()
    wait_until(lambda: not clerk.processes(), 15, "all processes of the killed run are gone")
    left = records(store)[document].redo
    assert 0 < len(left) < 6
    assert len(rows(store)) == 6
    output = clerk("run", "town", "--redo-ocr", "--ocr-backend", "tesseract-cli")
    assert f"0 fetched, 0 read, {len(left)} pages recognised" in output
    assert {entry.engine for entry in records(store)[document].pages.values()} == {"tesseract-cli"}
    assert page_ids(store) == ids
