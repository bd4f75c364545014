"""Hosts whose clocks differ, markers that vanish and workers that sleep: each task ends, and its run knows it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from clerk.fan_out import DIED, _Reading, _Recognition
from clerk.models import PageSpan, RunRequest, Site
from clerk.origin import Origin
from clerk.settings import load
from clerk.site_run import prepare, site_run
from clerk.stages import spans
from clerk.stages.ocr import mark_lost, recognise_pages
from clerk.stages.plan import documents_to_read, pages_to_recognise, records
from clerk.stages.read import read_documents
from clerk.storage import SiteStore
from clerk.tracking import open_tracking
from tests.fixtures_pipeline import scanned_pdf, wait_until
from tests.test_read_faults import DOCUMENT, page_of


@pytest.fixture
def store(tmp_path: Path) -> SiteStore:
    return SiteStore(tmp_path, "town")


def test_the_clock_of_a_worker_that_is_behind_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load(storage_dir=tmp_path, ocr_languages="eng")
    open_tracking(settings).sites.add(Site("town"))
    behind = "2020-01-01T00:00:00+00:00"
    monkeypatch.setattr("clerk.stages.read._now", lambda: behind)
    monkeypatch.setattr("clerk.stages.ocr._now", lambda: behind)
    with site_run(settings, RunRequest("town"), Origin(run_id="run-1")) as run:
        store = run.store
        scanned_pdf(store.pdf(DOCUMENT), ["A page.", "Another."])
        due = documents_to_read(store, records(store))
        stage = _Reading(run, due)
        assert (list(stage.open()), stage.done(tuple(due))) == ([DOCUMENT], 0)
        read_documents(due, run.work)
        os.utime(store.record_file(DOCUMENT), (0, 0))
        assert (list(stage.open()), stage.done(tuple(due))) == ([], 1)
        pages = _Recognition(run, pages_to_recognise(records(store)))
        mark_lost(store, PageSpan(DOCUMENT, (1,)), DIED, run.attempt)
        assert [span.pages for span in pages.open()] == [(2,)]
        recognise_pages([PageSpan(DOCUMENT, (1, 2))], run.work)
        assert page_of(store).error == DIED
        assert list(pages.open()) == []
        first = run.attempt
    with site_run(settings, RunRequest("town", force=True), Origin(run_id="run-1")) as run:
        # The same run started again does not take the results of the one before for its own.
        assert run.attempt != first
        assert list(_Reading(run, [DOCUMENT]).open()) == [DOCUMENT]


class Closed:
    """Counts how often a child is closed."""

    def __init__(self) -> None:
        self.times = 0

    def close(self) -> None:
        self.times += 1


def test_a_task_whose_marker_was_removed_can_still_be_called_off(store: SiteStore) -> None:
    child = Closed()
    with spans.at_work(store, "run-1", child):  # type: ignore[arg-type]
        assert spans.working(store, "run-1") == 1
        shutil.rmtree(store.span_folder("run-1"))
        wait_until(lambda: spans.working(store, "run-1") == 1, 10, "the marker is made anew")
        shutil.rmtree(store.span_folder("run-1"))
        spans.call_off(store, "run-1")
        wait_until(lambda: child.times > 0, 10, "the child is closed")
    assert spans.working(store, "run-1") == 0


def test_a_worker_that_slept_finds_its_token(tmp_path: Path) -> None:
    settings = load(storage_dir=tmp_path, ocr_languages="eng")
    open_tracking(settings).sites.add(Site("town"))
    store = SiteStore(tmp_path, "town")
    asleep, forgotten = store.span_file("asleep", "one"), store.span_file("forgotten", "one")
    for marker, seconds in ((asleep, 60), (forgotten, 2 * spans.FORGOTTEN_SECONDS)):
        marker.parent.mkdir(parents=True)
        marker.touch()
        then = marker.stat().st_mtime - seconds
        os.utime(marker, (then, then))
    spans.call_off(store, "over")
    with site_run(settings, RunRequest("town"), Origin(run_id="run-1")) as run:
        for _ in range(2):
            prepare(run)
            assert spans.called_off(store, "asleep") == spans.WHOLE
            assert asleep.exists()
            assert not forgotten.parent.exists()
            assert not spans.called_off(store, "forgotten")
            assert not spans.called_off(store, "over")
