"""Files that plug-ins take: each is handed over once, and a plug-in that fails, hangs or dies loses none."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import psutil
import pytest
from PIL import Image

from clerk.errors import RunCancelledError
from clerk.stages import plan, uploads
from clerk.stages.account import failures
from clerk.storage import SiteStore
from tests.fixtures_pipeline import Clerk, text_pdf
from tests.page_sites import AGENDA, MINUTES, process, settings_of, site

PLUGIN = """
import json, pathlib
from clerk import hookimpl

LOG = pathlib.Path({log!r})
FAIL = pathlib.Path({log!r} + ".fail")

class Cdn:
    @hookimpl
    def upload_static_file(self, file_path, storage_path):
        if FAIL.exists() and FAIL.read_text() in storage_path:
            raise OSError("the bucket is full")
        size = pathlib.Path(file_path).stat().st_size
        with LOG.open("a") as stream:
            stream.write(json.dumps([storage_path, size > 100]) + chr(10))
"""
KEYS = [
    "/oak.ca/Board/2024-03-01/1.png",
    "/oak.ca/Board/2024-03-01/2.png",
    "/oak.ca/_agendas/Parks & Rec./2024-03-01-2/1.png",
    "/oak.ca/_agendas/Parks & Rec./2024-03-01-2/2.png",
    "oak.ca/_agendas/_pdfs/Parks & Rec./2024-03-01-2.pdf",
    "oak.ca/_pdfs/Board/2024-03-01.pdf",
]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "cdn.py").write_text(PLUGIN.format(log=str(tmp_path / "log")))
    return tmp_path / "log"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a site whose pages have been read and recognised; nothing of it was uploaded."""
    folder = tmp_path_factory.mktemp("made")
    process(site(folder))
    return folder


@pytest.fixture
def store(made: Path, tmp_path: Path) -> SiteStore:
    """A copy of the site of `made`."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return SiteStore(tmp_path, "oak.ca")


def uploaded(log: Path) -> list[str]:
    lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    assert all(size for _, size in lines)
    return sorted(key for key, _ in lines)


def test_every_file_is_uploaded_once_under_its_key(tmp_path: Path, log: Path) -> None:
    store, seen = site(tmp_path), []
    process(store)
    for document in (AGENDA, MINUTES):
        assert store.image_pages(document) == {1, 2}
        sizes = {Image.open(store.image(document, page)).mode for page in (1, 2)}
        assert sizes == {"L"}
    chosen = settings_of(store)
    assert uploads.due(store, chosen) == 6
    assert uploads.upload(store, chosen, lambda total, done: seen.append((total, done))) == 0
    assert uploaded(log) == KEYS
    assert seen[-1] == (6, 6)
    process(store)
    assert uploads.due(store, chosen) == 0
    assert uploads.upload(store, chosen, lambda total, done: None) == 0
    assert uploaded(log) == KEYS
    # A document that changed is drawn and uploaded anew, and no other.
    text_pdf(store.pdf(AGENDA), 1, "Another text.")
    process(store)
    assert store.image_pages(AGENDA) == {1}
    assert uploads.upload(store, chosen, lambda total, done: None) == 0
    assert uploaded(log) == sorted([*KEYS, KEYS[2], KEYS[4]])


def test_an_upload_that_fails_is_listed_and_tried_again(store: SiteStore, log: Path) -> None:
    chosen, fail = settings_of(store), log.with_suffix(".fail")
    fail.write_text("Board/2024-03-01/2.png")
    assert uploads.upload(store, chosen, lambda total, done: None) == 1
    assert uploads.upload(store, chosen, lambda total, done: None) == 1
    letters = failures(store, plan.records(store))
    assert [(letter.page, letter.stage, letter.attempts) for letter in letters] == [(2, "deploy", 2)]
    assert "the bucket is full" in letters[0].reason
    assert letters[0].path == "oak.ca/images/Board/2024-03-01/2.png"
    fail.unlink()
    assert uploads.upload(store, chosen, lambda total, done: None) == 0
    assert failures(store, plan.records(store)) == []
    assert uploaded(log) == KEYS


def test_a_place_that_fails_altogether_is_not_asked_for_every_file(
    store: SiteStore, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MAX_IN_A_ROW", 2)
    log.with_suffix(".fail").write_text("oak.ca")
    assert uploads.upload(store, settings_of(store), lambda total, done: None) == 6
    letters = failures(store, plan.records(store))
    assert sorted(letter.attempts for letter in letters) == [0, 0, 0, 0, 1, 1]
    assert sum("not tried" in letter.reason for letter in letters) == 4


HOSTILE = """
import os, time
from clerk import hookimpl

class Hostile:
    @hookimpl
    def upload_static_file(self, file_path, storage_path):
        if storage_path == "/oak.ca/Board/2024-03-01/1.png":
            {hostile}
        return lambda: "cannot be pickled"
"""


@pytest.mark.parametrize(
    ("hostile", "said"),
    [
        ("time.sleep(600)", "it took longer than 1 s"),
        ("while True: pass", "it took longer than 1 s"),
        ("os.kill(os.getpid(), 11)", "it crashed its process (SIGSEGV)"),
        ("os._exit(0)", "it ended its process (exit code 0)"),
        ("raise SystemExit(3)", "it called sys.exit(3) (hostile.py, line 9)"),
        ("x = bytearray(8 << 30)", "MemoryError (hostile.py, line 9)"),
    ],
)
def test_an_upload_that_hangs_or_kills_its_process_is_one_failure(
    store: SiteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hostile: str, said: str
) -> None:
    if "longer" in said:
        monkeypatch.setattr(uploads, "UPLOAD_SECONDS", 1.0)
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "hostile.py").write_text(HOSTILE.format(hostile=hostile))
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    chosen = settings_of(store)
    # One of six, and the others are handed over.
    assert uploads.upload(store, chosen, lambda total, done: None) == 1
    letters = failures(store, plan.records(store))
    assert [letter.page for letter in letters] == [1]
    assert all(said in letter.reason and "upload_static_file" in letter.reason for letter in letters)
    assert uploads.due(store, chosen) == 1
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before


def test_a_place_that_hangs_is_not_waited_for_again_and_again(
    store: SiteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "UPLOAD_SECONDS", 1.0)
    (tmp_path / "plugins").mkdir()
    code = HOSTILE.replace("if storage_path ==", "if True or").format(hostile="time.sleep(600)")
    (tmp_path / "plugins" / "hostile.py").write_text(code)
    chosen = settings_of(store)
    assert uploads.upload(store, chosen, lambda total, done: None) == 6
    letters = failures(store, plan.records(store))
    assert sorted(letter.attempts for letter in letters) == [0, 0, 0, 0, 1, 1]
    assert sum("not tried after 2 failures in a row" in letter.reason for letter in letters) == 4
    # Once the place answers again nothing is missing.
    monkeypatch.setattr(uploads, "UPLOAD_SECONDS", 60.0)
    (tmp_path / "plugins" / "hostile.py").write_text(HOSTILE.format(hostile="pass"))
    assert uploads.upload(store, chosen, lambda total, done: None) == 0
    assert failures(store, plan.records(store)) == []


def test_an_upload_that_is_called_off_keeps_what_it_did(store: SiteStore, log: Path) -> None:
    chosen = settings_of(store)

    def stop(total: int, done: int) -> None:
        if done == 2:
            raise RunCancelledError("called off")

    with pytest.raises(RunCancelledError):
        uploads.upload(store, chosen, stop)
    assert uploads.due(store, chosen) == 4
    uploads.upload(store, chosen, lambda total, done: None)
    assert uploaded(log) == KEYS


@pytest.mark.e2e
def test_a_run_uploads_and_a_later_one_only_what_failed(clerk: Clerk, tmp_path: Path) -> None:
    text_pdf(tmp_path / "in" / "Board" / "2024-03-01.pdf", 1)
    log = tmp_path / "log"
    (clerk.plugins / "cdn.py").write_text(PLUGIN.format(log=str(log)))
    log.with_suffix(".fail").write_text("1.png")
    output = clerk("run", "town", "--from", str(tmp_path / "in"))
    assert "incomplete" in output
    assert uploaded(log) == ["town/_pdfs/Board/2024-03-01.pdf"]
    log.with_suffix(".fail").unlink()
    output = clerk("retry", "town")
    assert "completed" in output
    assert uploaded(log) == ["/town/Board/2024-03-01/1.png", "town/_pdfs/Board/2024-03-01.pdf"]
