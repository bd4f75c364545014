"""The engines that cannot run here, at their outermost edge; and what is said where one is missing."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from clerk.cli import main
from clerk.cli.checks import recognition as recognition_checks
from clerk.errors import OcrUnavailableError, UsageError
from clerk.local_run import check
from clerk.models import RunRequest, Site
from clerk.ocr import check_backend, rapidocr, vision
from clerk.ocr.engine import GrayImage
from clerk.ocr.lines import Line, recognition
from clerk.ocr_choice import check_codes, ocr_choice
from clerk.settings import load

PAGE = GrayImage(width=1000, height=500, stride=1000, samples=b"\xff" * 500_000, dpi=150)


@pytest.fixture
def ocrmac(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """`ocrmac.ocrmac` as it is documented: an OCR object whose `recognize` gives (text, confidence, box).

    Boxes are x, y, width and height as shares of the image, counted from the left lower corner.
    """
    asked: dict[str, Any] = {}

    class Recogniser:
        def __init__(
            self,
            image: Any,
            framework: str = "vision",
            recognition_level: str = "accurate",
            language_preference: list[str] | None = None,
        ) -> None:
            asked.update(
                image=image, framework=framework, level=recognition_level, languages=language_preference
            )

        def recognize(self) -> list[tuple[str, float, list[float]]]:
            return [
                ("seconded by Moreno.", 0.5, [0.1, 0.68, 0.4, 0.1]),
                ("Motion carried,", 1.0, [0.1, 0.8, 0.3, 0.1]),
            ]

    package, module = ModuleType("ocrmac"), ModuleType("ocrmac.ocrmac")
    module.OCR = Recogniser  # type: ignore[attr-defined]
    package.ocrmac = module  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "ocrmac", package)
    monkeypatch.setitem(sys.modules, "ocrmac.ocrmac", module)
    monkeypatch.delitem(sys.modules, "clerk.ocr._vision", raising=False)
    monkeypatch.setattr(sys, "platform", "darwin")
    yield asked
    sys.modules.pop("clerk.ocr._vision", None)


def test_vision_reads_a_page(ocrmac: dict[str, Any]) -> None:
    engine = vision.ocr_engine(name="vision", languages="eng+spa+xyz")
    assert engine is not None
    assert (engine.name, engine.languages) == ("vision", "eng+spa")
    made = engine.recognise(PAGE)
    assert made.text == "Motion carried,\nseconded by Moreno."
    # Weighted by the length of the lines.
    assert made.confidence == pytest.approx((15 * 100 + 19 * 50) / 34, abs=0.1)
    assert isinstance(ocrmac["image"], Image.Image)
    assert (ocrmac["framework"], ocrmac["level"]) == ("vision", "accurate")
    assert ocrmac["languages"] == ["en-US", "es-ES"]
    first = made.words[0]
    assert (first.text, first.left, first.top, first.bottom) == (
        "Motion",
        100,
        pytest.approx(50),
        pytest.approx(100),
    )
    assert made.words[1].right == pytest.approx(400)


def test_vision_without_a_language_that_it_knows_reads_english(ocrmac: dict[str, Any]) -> None:
    engine = vision.ocr_engine(name="vision", languages="xyz")
    assert engine is not None
    engine.recognise(PAGE)
    assert (engine.languages, ocrmac["languages"]) == ("eng", ["en-US"])


def test_vision_needs_a_mac_and_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(OcrUnavailableError, match="needs macOS"):
        vision.ocr_engine(name="vision", languages="eng")
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setitem(sys.modules, "ocrmac", None)
    monkeypatch.delitem(sys.modules, "clerk.ocr._vision", raising=False)
    with pytest.raises(OcrUnavailableError, match="pip install ocrmac"):
        vision.ocr_engine(name="vision", languages="eng")
    assert vision.ocr_engine(name="tesseract", languages="eng") is None


@pytest.fixture
def neural(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """`rapidocr.RapidOCR` as version 3 has it; nothing found on a page that is all black."""
    asked: dict[str, Any] = {}

    class RapidOCR:
        def __init__(self, config_path: str | None = None, params: dict[str, Any] | None = None) -> None:
            asked["params"] = params

        def __call__(self, image: Any) -> SimpleNamespace:
            asked["shape"] = image.shape
            if not image.any():
                return SimpleNamespace(boxes=None, txts=None, scores=None)
            boxes = [[[10, 20], [110, 20], [110, 40], [10, 40]], [[130, 21], [230, 21], [230, 41], [130, 41]]]
            return SimpleNamespace(boxes=boxes, txts=("Motion", "carried 5-2"), scores=(0.9, 0.8))

    module = ModuleType("rapidocr")
    module.RapidOCR = RapidOCR  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "rapidocr", module)
    monkeypatch.delitem(sys.modules, "clerk.ocr._rapidocr", raising=False)
    monkeypatch.setattr("importlib.metadata.version", lambda name: "3.10.0")
    yield asked
    sys.modules.pop("clerk.ocr._rapidocr", None)


def test_rapidocr_reads_a_page(neural: dict[str, Any]) -> None:
    engine = rapidocr.ocr_engine(name="rapidocr", languages="eng")
    assert engine is not None
    assert engine.version == "rapidocr 3.10.0"
    made = engine.recognise(PAGE)
    assert made.text == "Motion carried 5-2"
    assert [word.text for word in made.words] == ["Motion", "carried", "5-2"]
    assert neural["shape"] == (500, 1000, 3)
    # One thread: the cores are shared out among processes already.
    assert neural["params"]["EngineConfig.onnxruntime.intra_op_num_threads"] == 1
    black = engine.recognise(GrayImage(10, 10, 10, bytes(100), 150))
    assert (black.text, black.confidence, black.words) == ("", 0.0, ())


def test_a_missing_backend_is_one_line_with_the_command() -> None:
    if importlib.util.find_spec("rapidocr") is None:
        with pytest.raises(OcrUnavailableError, match="rapidocr is not installed") as caught:
            check_backend("rapidocr", "eng", "")
        assert "pip install rapidocr" in caught.value.advice


def test_pieces_become_rows_words_and_paragraphs() -> None:
    made = recognition(
        [
            Line("Total", 10, 100, 60, 112, 90),
            Line("12.50", 200, 103, 250, 115, 80),
            Line("  ", 0, 0, 5, 5, 10),
            Line("Minutes of May", 10, 10, 150, 22, 95),
            Line("and June", 10, 26, 90, 38, 95),
        ]
    )
    assert made.text == "Minutes of May\nand June\n\nTotal 12.50"
    assert [word.text for word in made.words] == ["Minutes", "of", "May", "and", "June", "Total", "12.50"]
    assert made.words[2].right == pytest.approx(150)


def test_what_a_run_asks_for_wins_over_the_site_and_that_over_the_settings() -> None:
    settings = load(default_ocr_backend="tesseract", second_ocr_backend="rapidocr", ocr_languages="eng")
    plain = Site("town.ca")
    own = Site("town.ca", extra={"ocr_backend": "vision", "ocr_languages": "eng+qqq"})
    assert (ocr_choice(settings).backend, ocr_choice(settings, plain).languages) == ("tesseract", "eng")
    choice = ocr_choice(settings, own)
    assert (choice.backend, choice.second, choice.languages, choice.missing) == (
        "vision",
        "rapidocr",
        "eng",
        ("qqq",),
    )
    assert ocr_choice(settings, own, "tesseract-cli").backend == "tesseract-cli"
    assert ocr_choice(settings, own, "rapidocr").second == ""


@pytest.mark.parametrize("value", ["eng,spa", "eng+", "+", "../x", "eng spa"])
def test_languages_that_are_none(value: str) -> None:
    with pytest.raises(UsageError):
        check_codes(value)
    assert check_codes("eng+chi_sim") == "eng+chi_sim"


def test_what_the_extra_of_a_site_says_of_its_recognition_is_checked_and_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for wrong in ('{"ocr_languages": "eng,spa"}', '{"ocr_languages": 1}', '{"ocr_backend": []}'):
        assert main(["sites", "add", "town.ca", "--extra", wrong]) == 2
        assert "of --extra" in capsys.readouterr().err
    assert main(["sites", "add", "town.ca", "--extra", '{"ocr_languages": "eng+qqq"}']) == 0
    captured = capsys.readouterr()
    assert "town.ca is recognised by tesseract in eng." in captured.out
    assert "OCR language qqq is not installed" in captured.err


def test_a_site_has_its_own_and_the_doctor_looks_at_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sites", "add", "town.ca", "--ocr-languages", "eng+qqq"]) == 0
    capsys.readouterr()
    assert main(["sites", "set", "town.ca", "--ocr-backend", "vision"]) == 0
    said = capsys.readouterr()
    assert "recognised by vision in eng" in said.out
    assert "apt-get install tesseract-ocr-qqq" in said.err
    assert "Not on this machine: The OCR backend vision needs macOS." in said.err
    found = {check.name: check for check in recognition_checks.look(load())}
    assert found["OCR language qqq"].status == "warn"
    assert "tesseract-ocr-qqq" in found["OCR language qqq"].advice
    assert found["OCR backend of town.ca"].status == "missing"
    assert "needs macOS" in found["OCR backend of town.ca"].detail
    assert main(["sites", "set", "town.ca", "--ocr-backend", "", "--ocr-languages", ""]) == 0
    assert "OCR backend of town.ca" not in {check.name for check in recognition_checks.look(load())}
    assert main(["sites", "set", "town.ca", "--ocr-languages", "eng,spa"]) == 2


def test_the_doctor_names_each_site_that_has_no_language(capsys: pytest.CaptureFixture[str]) -> None:
    for name, codes in (("one.ca", "qqq"), ("two.ca", "qqx"), ("three.ca", "eng+qqy")):
        assert main(["sites", "add", name, "--ocr-languages", codes]) == 0
    assert main(["sites", "set", "three.ca", "--ocr-languages", "qqz"]) == 0
    assert "No language file of Tesseract for qqz" in capsys.readouterr().err
    found = {check.name: check for check in recognition_checks.look(load())}
    for name, code in (("one.ca", "qqq"), ("two.ca", "qqx"), ("three.ca", "qqz")):
        assert found[f"OCR of {name}"].status == "missing"
        assert f"tesseract-ocr-{code}" in found[f"OCR of {name}"].advice


def test_a_site_whose_backend_is_missing_is_told_before_any_work(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sites", "add", "town.ca", "--ocr-backend", "nothing"]) == 0
    with pytest.raises(OcrUnavailableError, match="no OCR backend named 'nothing'"):
        check(load(), RunRequest("town.ca"))
