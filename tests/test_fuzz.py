"""Damaged documents through the real reading child: the fuzz run in a short form, and hostile files to the end."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from random import Random

import psutil
import pymupdf
import pytest
from PIL import Image

from benchmarks import fuzz
from benchmarks.mutations import MUTATIONS, Mutation
from clerk.models import Document, DocumentRecord, Kind, Level, PageWork, RunRef
from clerk.pdf import picture
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


def through_all(store: SiteStore, files: list[Path], seconds: float = 4) -> dict[Document, DocumentRecord]:
    """Read and recognise `files` as documents of a site, `seconds` a page, and keep their images."""
    for number, path in enumerate(files):
        document = Document("town", Kind.MINUTES, "Board", f"{2000 + number // 28}-01-{number % 28 + 1:02d}")
        store.pdf(document).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, store.pdf(document))
    work = PageWork(
        str(store.root), "eng", "tesseract", seconds, 512, str(store.root / "none"), "2000-01-01", images=True
    )
    read_documents(plan.documents_to_read(store, {}, images=True), work)
    recognise_pages(plan.pages_to_recognise(plan.records(store)), work)
    return settle(store)


def drawn(store: SiteStore, known: dict[Document, DocumentRecord]) -> tuple[int, int]:
    """How many pages have an image that a browser can show, and how many say why they have none."""
    shown = excused = 0
    for document, record in known.items():
        kept = store.image_pages(document)
        assert kept <= set(record.pages)
        for page, entry in record.pages.items() if record.readable else ():
            # Beside its image a page says nothing, and without it why.
            assert (page in kept) != bool(entry.image_error), (document, page, entry.image_error)
            excused += page not in kept
        for page in kept:
            with Image.open(store.image(document, page)) as image:
                image.load()
                assert (image.format, image.mode) == ("PNG", "L")
                assert image.width * image.height <= picture.MAX_PIXELS * 1.01
            shown += 1
    assert not list(store.root.rglob("*.tmp"))
    return shown, excused


def hostile_samples(folder: Path) -> list[Path]:
    """Pages that are hard to draw, each in a document of its own, and a sound one."""
    made: list[Path] = []

    def keep(name: str, document: pymupdf.Document) -> None:
        made.append(folder / f"{len(made):02d}-{name}.pdf")
        document.save(made[-1])
        document.close()

    text_pdf(folder / "sound.pdf", 2)
    made.append(folder / "sound.pdf")
    for name, width, height in (("sheet", 9000, 9000), ("strip", 3, 14400), ("dot", 1, 1)):
        document = pymupdf.open()
        document.new_page(width=width, height=height).insert_text((10, 50), "Motion carried", fontsize=40)
        keep(name, document)
    for name, code in (
        ("loop", b"/X Do"),
        ("flood", b"0 0 600 800 re f " * 300_000),
        ("unclosed", b"q " * 100_000 + b"BT /F1 12 Tf (x"),
        ("nonsense", bytes(range(256)) * 100),
    ):
        document = pymupdf.open()
        page = document.new_page()
        page.insert_text((72, 100), "The motion was carried by the council on this day.")
        content = page.get_contents()[0]
        document.update_stream(content, code)
        if name == "loop":
            # A form that draws itself.
            form = document.get_new_xref()
            own = f"<</XObject<</X {form} 0 R>>>>"
            document.update_object(form, f"<</Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources{own}>>")
            document.update_stream(form, b"/X Do " * 50)
            document.xref_set_key(page.xref, "Resources", own)
        keep(name, document)
    data = (folder / "sound.pdf").read_bytes()
    for name, damaged in (
        ("cut", data[: len(data) // 2]),
        ("empty", b""),
        ("head", b"%PDF-1.7\n"),
        ("page", b"<html>no PDF</html>"),
    ):
        made.append(folder / f"{len(made):02d}-{name}.pdf")
        made[-1].write_bytes(damaged)
    return made


def test_pages_that_are_hard_to_draw_have_an_image_or_a_reason(tmp_path: Path) -> None:
    store = SiteStore(tmp_path / "sites", "town")
    (tmp_path / "made").mkdir()
    files = hostile_samples(tmp_path / "made")
    known = through_all(store, files, seconds=1)
    shown, _ = drawn(store, known)
    assert shown >= 5
    assert store.image_pages(Document("town", Kind.MINUTES, "Board", "2000-01-01")) == {1, 2}
    # A second run finds nothing to draw, and draws nothing.
    assert plan.documents_to_read(store, known, images=True) == []


@pytest.mark.e2e
def test_hostile_documents_go_through_every_stage(shared_data: Path, tmp_path: Path) -> None:
    """Read, recognise, draw, compile: every page of every file ends in the database or in the list of failures."""
    store = SiteStore(tmp_path, "town")
    files = sorted((shared_data / "hostile-pdfs").glob("*.pdf"))
    known = through_all(store, files)
    shown, excused = drawn(store, known)
    assert shown > 50
    assert excused < shown
    books = account(store, known)
    assert (books.documents, books.unread, books.waiting) == (len(files), 0, 0)
    assert books.pages == books.text_layer + books.ocr + books.failed
    made = compile_site(
        store, load(storage_dir=tmp_path), level=Level.FAST, run=RunRef("r", 1), guard=lambda: None
    )
    assert made.pages == books.text_layer + books.ocr > 50
    letters = failures(store, known)
    # A page that has its text and no image is listed too.
    undrawn = sum(
        bool(each.done and each.image_error) for record in known.values() for each in record.pages.values()
    )
    assert len(letters) == books.failed + books.unreadable + undrawn
    assert all(letter.reason for letter in letters)
    assert not list(tmp_path.rglob("*.tmp"))
