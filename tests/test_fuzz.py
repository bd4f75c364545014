"""Damaged documents through the real reading child: the fuzz run in a short form, and hostile files to the end."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from random import Random

import psutil
import pytest

from benchmarks import fuzz
from benchmarks.mutations import MUTATIONS, Mutation
from clerk.models import Document, Kind, Level, PageWork, RunRef
from clerk.settings import load
from clerk.stages import plan
from clerk.stages.account import account, failures, settle
from clerk.stages.build import compile_site
from clerk.stages.ocr import recognise_pages
from clerk.stages.read import read_documents
from clerk.storage import SiteStore
from tests.fixtures_pipeline import text_pdf


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
def test_every_kind_of_damage_damages_and_is_the_same_for_a_seed(mutation: Mutation, tmp_path: Path) -> None:
    text_pdf(tmp_path / "a.pdf", 3)
    data = (tmp_path / "a.pdf").read_bytes()
    made = [mutation(data, Random(seed)) for seed in range(20)]
    assert made == [mutation(data, Random(seed)) for seed in range(20)]
    assert sum(each != data for each in made) >= 15


@pytest.mark.e2e
def test_a_hundred_damaged_documents_leave_nothing_behind(capsys: pytest.CaptureFixture[str]) -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    code = fuzz.main(["--count", "100", "--seed", "test", "--timeout", "4"])
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert code == 0, found["faults"]
    assert found["documents"] == 100
    assert sum(found["ends"].values()) == 100
    assert found["ends"]["read"] > 50
    assert found["drawn"]["drawn"] > 20
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before


@pytest.mark.e2e
def test_hostile_documents_go_through_every_stage(shared_data: Path, tmp_path: Path) -> None:
    """Read, recognise, compile: every page of every hostile file ends in the database or in the list of failures."""
    store = SiteStore(tmp_path, "town")
    files = sorted((shared_data / "hostile-pdfs").glob("*.pdf"))
    for number, path in enumerate(files):
        document = Document("town", Kind.MINUTES, "Board", f"{2000 + number // 28}-01-{number % 28 + 1:02d}")
        store.pdf(document).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, store.pdf(document))
    work = PageWork(
        str(tmp_path),
        "eng",
        "tesseract",
        4,
        512,
        str(tmp_path / "none"),
        "2000-01-01",
    )
    read_documents(plan.documents_to_read(store, {}), work)
    recognise_pages(plan.pages_to_recognise(plan.records(store)), work)
    known = settle(store)
    books = account(store, known)
    assert (books.documents, books.unread, books.waiting) == (len(files), 0, 0)
    assert books.pages == books.text_layer + books.ocr + books.failed
    made = compile_site(
        store, load(storage_dir=tmp_path), level=Level.FAST, run=RunRef("r", 1), guard=lambda: None
    )
    assert made.pages == books.text_layer + books.ocr > 50
    letters = failures(store, known)
    assert len(letters) == books.failed + books.unreadable
    assert all(letter.reason for letter in letters)
    assert not list(tmp_path.rglob("*.tmp"))
