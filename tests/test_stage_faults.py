"""What goes wrong in stages and in the processes that they start: runs called off, lost texts, dead letters, deaths."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from clerk import site_parts
from clerk.errors import (
    ChildCrashedError,
    ChildMemoryError,
    ChildTimeoutError,
    LeaseLostError,
    RunCancelledError,
    StageFailedError,
)
from clerk.extraction import read_kept
from clerk.isolation import Child
from clerk.models import Document, DocumentRecord, Kind, PageRecord, RunRef, Site, Source, Stage, State
from clerk.ocr import child as inside
from clerk.ocr import recognise
from clerk.ocr.lines import Line, recognition
from clerk.ocr.looks import Look, Seen
from clerk.ocr.recognise import OcrOptions, recognise_page
from clerk.settings import Settings, get_settings
from clerk.stages import account, extract, plan, uploads
from clerk.stages.extract import extract_site
from clerk.storage import SiteStore, write_atomic, write_json
from clerk.tracking import open_tracking
from tests.child_calls import die, die_of_memory, say, slowly
from tests.fixtures_pipeline import text_pdf
from tests.page_sites import MINUTES, process, settings_of, site

TEXT = "Present: Mayor Ruth Calloway.\nCouncilmember Delgado moved to adopt the plan. Motion carried 2-0."


@pytest.fixture
def settings() -> Settings:
    return get_settings()


def document(number: int) -> Document:
    return Document("town", Kind.MINUTES, "Board", f"2024-03-{number:02}")


def put(store: SiteStore, each: Document, text: bytes = TEXT.encode()) -> None:
    """A document of one page with that text."""
    path = store.text(each, 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)
    entry = PageRecord(1, "done", Source.TEXT_LAYER, sha256=hashlib.sha256(text).hexdigest())
    store.write_record(DocumentRecord(each, "d", 1, 1, 1, "reader", {1: entry}))


# --- Extraction -----------------------------------------------------------------------------------------------


def test_a_run_that_is_called_off_ends_what_it_extracts(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SiteStore(settings.storage_dir, "town")
    for number in range(1, 20):
        put(store, document(number), b"long" if number == 2 else b"short")
    monkeypatch.setattr(extract, "extract_pages", slowly)
    monkeypatch.setattr(extract, "WORTH_PAGES", 1)
    calls: list[str] = []
    call = Child.call

    def counted(self: Child, fn: Any, texts: Any, *arguments: Any, timeout: float) -> Any:
        calls.append(texts[1])
        return call(self, fn, texts, *arguments, timeout=timeout)

    monkeypatch.setattr(Child, "call", counted)

    def report(total: int, done: int) -> None:
        if done:
            while "long" not in calls:
                time.sleep(0.01)
            raise RunCancelledError("called off")

    before = set(threading.enumerate())  # other tests of this process may have left theirs
    began = time.monotonic()
    with pytest.raises(RunCancelledError):
        extract_site(store, settings, report, processes=2)
    assert time.monotonic() - began < 60, "the document that was at work was not waited for"
    # One thread hangs on the long one; what the other does until it is told to stop is bounded.
    assert len(calls) < 19
    left = set(threading.enumerate()) - before
    assert not [each for each in left if each.name.startswith("ThreadPoolExecutor")]


@pytest.mark.parametrize(("worth", "most"), [(1, 2), (4, 1)])
def test_as_many_processes_extract_as_there_are_pages_for(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, worth: int, most: int
) -> None:
    store = SiteStore(settings.storage_dir, "town")
    for number in range(1, 7):
        put(store, document(number))
    monkeypatch.setattr(extract, "WORTH_PAGES", worth)
    used: set[Child] = set()
    both = threading.Barrier(most)

    def counted(self: Child, fn: Any, *arguments: Any, timeout: float) -> Any:
        if self not in used:
            used.add(self)
            both.wait(timeout=30)  # a second process is at work while the first one is
        return fn(*arguments)

    monkeypatch.setattr(Child, "call", counted)
    assert extract_site(store, settings, lambda _total, _done: None, processes=2).documents == 6
    assert len(used) == most


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Extraction in this process, where the language model is loaded once."""

    def call(self: Child, fn: Any, *arguments: Any, timeout: float) -> Any:
        return fn(*arguments)

    monkeypatch.setattr(Child, "call", call)


@pytest.mark.usefixtures("here")
def test_a_text_that_is_gone_costs_its_document_and_no_other(settings: Settings) -> None:
    store = SiteStore(settings.storage_dir, "town")
    for number in (1, 2):
        put(store, document(number))
    store.text(document(1), 1).unlink()
    with pytest.raises(
        StageFailedError, match=r"1 documents could not be extracted, first .*2024-03-01.*page 1"
    ):
        extract_site(store, settings, lambda total, done: None)
    assert store.extracted(document(2), 1).exists()


def test_a_text_that_is_not_the_recorded_one_is_not_extracted_in_its_name(settings: Settings) -> None:
    """What is kept goes by the text's hash: the right text, once it is back, would have what was found in the wrong."""
    store = SiteStore(settings.storage_dir, "town")
    put(store, document(1))
    store.text(document(1), 1).write_bytes(b"\0\0\0")
    with pytest.raises(StageFailedError, match="page 1"):
        extract_site(store, settings, lambda total, done: None)
    assert not store.extracted(document(1), 1).exists()


@pytest.mark.usefixtures("here")
def test_places_in_a_text_count_its_characters_as_the_database_holds_them(settings: Settings) -> None:
    store = SiteStore(settings.storage_dir, "town")
    text = TEXT.replace("\n", "\r\n").encode()
    put(store, document(1), text)
    extract_site(store, settings, lambda total, done: None)
    found = read_kept(store.extracted(document(1), 1), hashlib.sha256(text).hexdigest())
    assert found.entities
    kept = text.decode()
    assert {each.text for each in found.entities} >= {"Ruth Calloway", "Delgado"}
    assert all(kept.startswith(each.text, each.start) for each in found.entities)


def test_an_extraction_whose_run_lost_the_site_ends_and_tells_nothing_of_itself(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    civic = open_tracking(settings)
    civic.sites.add(Site("town"))
    lost = civic.leases.acquire("town", "lost")
    gone_on = []

    def taken_over(store: SiteStore, chosen: Settings, report: Any, *, processes: int) -> None:
        report(2, 0)
        civic.leases.release(lost)
        civic.leases.acquire("town", "winner")
        begin("winner")
        report(2, 1)
        gone_on.append(True)

    def begin(run_id: str) -> None:
        civic.progress.set(
            "town", run_id=run_id, state=State.RUNNING, stage=Stage.FETCH, total=0, completed=0, failed=0
        )

    monkeypatch.setattr(site_parts, "extract_site", taken_over)
    begin("lost")
    with pytest.raises(LeaseLostError):
        site_parts.extract_part("town", RunRef("lost", lost.token))
    assert not gone_on
    progress = civic.progress.get("town")
    assert progress is not None
    assert (progress.run_id, progress.stage_counts) == ("winner", {})


# --- Uploads --------------------------------------------------------------------------------------------------


def test_failed_uploads_are_forgotten_where_their_pdf_or_their_plugin_is_gone(tmp_path: Path) -> None:
    store = site(tmp_path)
    process(store)
    known = plan.records(store)
    failed = {"done": ["1"], "failed": {"pdf": {"reason": "the bucket is full", "attempts": 1}}}
    write_json(store.uploads_file(MINUTES), {"sha256": known[MINUTES].sha256, **failed})
    assert [letter.reason for letter in account.failures(store, known)] == [
        "was not uploaded: the bucket is full"
    ]

    text_pdf(store.pdf(MINUTES), 1, "Another document.")
    process(store)
    known = plan.records(store)
    assert account.failures(store, known) == [], "they are of another PDF"

    write_json(store.uploads_file(MINUTES), {"sha256": known[MINUTES].sha256, **failed})
    uploads.forget_unwanted(store, settings_of(store))
    assert account.failures(store, known) == [], "nobody takes files"
    assert json.loads(store.uploads_file(MINUTES).read_text())["done"] == ["1"], "what was taken was"


# --- Files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o027, 0o640)])
def test_files_have_the_mode_that_the_umask_leaves(tmp_path: Path, mask: int, mode: int) -> None:
    """A web server of another user is to read images that are kept."""
    before = os.umask(mask)
    try:
        write_atomic(tmp_path / "1.png", b"an image")
        write_atomic(tmp_path / "1.png", b"another")
    finally:
        os.umask(before)
    assert (tmp_path / "1.png").stat().st_mode & 0o777 == mode
    assert [path.name for path in tmp_path.iterdir()] == ["1.png"]


# --- Child processes ------------------------------------------------------------------------------------------


def test_a_death_is_not_explained_by_what_an_earlier_call_printed() -> None:
    made = Child(8192)
    try:
        made.call(say, timeout=30)
        assert made.pid is not None, "the same process runs the next call"
        with pytest.raises(ChildCrashedError, match="SIGSEGV"):
            made.call(die, timeout=30)
        made.call(say, timeout=30)
        with pytest.raises(ChildMemoryError):
            made.call(die_of_memory, timeout=30)
    finally:
        made.close()


# --- Recognition ----------------------------------------------------------------------------------------------


def columns(count: int, rows: int, *, step: float, pitch: float = 20, height: float = 16) -> list[Line]:
    """Pieces of `count` columns, each `step` pixels lower than the one before."""
    return [
        Line(
            f"c{c}l{n}", 100 + 300 * c, step * c + pitch * n, 350 + 300 * c, step * c + pitch * n + height, 90
        )
        for c in range(count)
        for n in range(rows)
    ]


@pytest.mark.parametrize(
    ("step", "pitch"), [(7.0, 20.0), (6.0, 18.0), (0.0, 20.0), (-7.0, 20.0), (4.0, 14.0)]
)
def test_columns_that_are_not_level_keep_their_lines_apart(step: float, pitch: float) -> None:
    text = recognition(columns(3, 5, step=step, pitch=pitch)).text
    assert text.split("\n") == [f"c0l{n} c1l{n} c2l{n}" for n in range(5)]


def test_a_line_of_a_page_that_lies_askew_stays_one() -> None:
    pieces = [Line(f"w{n}", 100 * n, 3 * n, 100 * n + 95, 3 * n + 16, 90) for n in range(10)]
    below = [Line(f"v{n}", 100 * n, 40 + 3 * n, 100 * n + 95, 56 + 3 * n, 90) for n in range(10)]
    text = recognition([*below, *pieces]).text
    assert text.split("\n") == [" ".join(f"{letter}{n}" for n in range(10)) for letter in "wv"]


def test_boxes_that_touch_a_little_are_one_line() -> None:
    found = [Line("Motion", 100, 0, 206, 16, 90), Line("carried", 200, 1, 300, 17, 90)]
    assert recognition(found).text == "Motion carried"


class Slow:
    """Stands in for the child: a first look that reads badly, and turns that hang or take their time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, turns: float, *, hang: bool) -> None:
        self.now = 0.0
        self.looks: list[tuple[str, float]] = []
        self._turns, self._hang = turns, hang
        monkeypatch.setattr(recognise.time, "monotonic", lambda: self.now)

    def call(self, fn: Any, *arguments: Any, timeout: float) -> Any:
        if fn is inside.turns:
            self.now += min(self._turns, timeout)
            if self._hang:
                raise ChildTimeoutError("took longer")
            return (90, 180)
        look: Look = arguments[2]
        self.looks.append((look.name, timeout))
        self.now += 10
        return seen(10.0)


def seen(seconds: float) -> Seen:
    return Seen(
        text="bad text", layout=b"", confidence=40.0, engine="e", version="1", languages="eng", words=2,
        known=0, height=20.0, lost=0.0, jumps=0, rough=False, uneven=False, skew=0.0, turn=0, seconds=seconds,
    )  # fmt: skip


def test_time_that_finding_the_turn_takes_is_the_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    child: Any = Slow(monkeypatch, 30.0, hang=False)
    recognise_page(Path("x.pdf"), 1, OcrOptions("tesseract", "eng", 60.0), child)
    assert child.looks == [("first", 60.0), ("turned", 20.0)]
    assert child.now <= 60


def test_turns_that_hang_leave_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    child: Any = Slow(monkeypatch, 1000.0, hang=True)
    page = recognise_page(Path("x.pdf"), 1, OcrOptions("tesseract", "eng", 60.0), child)
    assert child.looks == [("first", 60.0)]
    assert child.now <= 60
    assert page.text == "bad text"
