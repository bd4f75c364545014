"""Which language of a site a page is in, and that its engine is asked for that one first."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from PIL import Image, ImageDraw

from clerk.isolation import Child
from clerk.models import PageRecord
from clerk.ocr import OcrOptions, recognise_page
from clerk.ocr.band import band
from clerk.ocr.engine import GrayImage
from clerk.ocr.tongue import UNKNOWN, Tongue, led_by, tongue_of, worth_asking
from clerk.pdf.tessdata import traineddata

ENGLISH = "A motion was made to approve the minutes of the last meeting, and it was carried by a vote of five to two."
SPANISH = "La moción para aprobar el acta de la sesión fue aprobada con cinco votos a favor y dos en contra."
FRENCH = "La proposition d'adopter le procès-verbal de la séance est acceptée par cinq voix contre deux, dans la salle."
GERMAN = "Der Antrag, das Protokoll der letzten Sitzung zu genehmigen, wurde mit fünf gegen zwei Stimmen angenommen."
RUSSIAN = "Предложение утвердить протокол прошлого заседания одобрено пятью голосами против двух."
UKRAINIAN = (
    "Пропозицію затвердити протокол минулого засідання ради схвалено, що було також у програмі на цей рік."
)
GREEK = "Η πρόταση για την έγκριση των πρακτικών έγινε δεκτή με πέντε ψήφους έναντι δύο."
ARABIC = "تمت الموافقة على محضر الجلسة السابقة بأغلبية خمسة أصوات مقابل صوتين"
CHINESE = "关于通过上次会议记录的动议以五票赞成两票反对获得通过。"
JAPANESE = "前回の会議の議事録を承認する動議は賛成五票反対二票で可決されました。"
KOREAN = "지난 회의의 회의록을 승인하자는 동의는 찬성 다섯 표 반대 두 표로 가결되었다 그리고 폐회되었다"
ALL = "eng+spa+fra+deu+rus+ukr+ell+ara+chi_sim+jpn+kor"


@pytest.mark.parametrize(
    ("text", "languages", "found"),
    [
        (ENGLISH, ALL, "eng"),
        (SPANISH, ALL, "spa"),
        (FRENCH, ALL, "fra"),
        (GERMAN, ALL, "deu"),
        (UKRAINIAN, ALL, "ukr"),
        (GREEK, ALL, "ell"),
        (ARABIC, ALL, "ara"),
        (CHINESE, ALL, "chi_sim"),
        (JAPANESE, ALL, "jpn"),
        (KOREAN, ALL, "kor"),
        (RUSSIAN, "eng+rus", "rus"),
        (RUSSIAN, "rus+eng", "rus"),
        # Its script is of two of them, its words say little: any of the two before English.
        (RUSSIAN, "eng+bel+bul", "bel"),
        (CHINESE, "eng+chi_tra", "chi_tra"),
        # Garbled by recognition, as a bad scan is.
        (RUSSIAN.replace("о", "o").replace("а", "a"), "eng+rus", "rus"),
        # Nothing to tell by.
        ("", ALL, ""),
        ("12/03/2025 - 17:45 $ 1,200.00 (3) " * 5, ALL, ""),
        ("AYES: Moreno, Harper, Lindqvist, Okafor. NOES: Whitcomb, Pruitt. ABSENT: Espinoza.", ALL, ""),
        ("xkj wqp zzt rrk lmn pqr stv wxz bcd fgh jkl mnp", ALL, ""),
        ("Motion", "eng+fra", ""),
        # Words of a language that is not known here may be of that one.
        (ENGLISH, "eng+cat", ""),
        (GREEK, "eng+rus", ""),
        ("\ud7a4\x00\U000e0001" * 50, ALL, ""),
    ],
)
def test_the_language_of_a_few_lines(text: str, languages: str, found: str) -> None:
    tongue = tongue_of(text, languages)
    assert tongue.language == found
    assert (tongue == UNKNOWN) == (found == "")


@pytest.mark.parametrize(
    ("languages", "worth"),
    [
        ("eng", False),
        ("eng+spa", False),
        ("spa+eng", False),
        ("eng+rus", False),
        ("eng+spa+ara", False),
        ("chi_sim", False),
        ("eng+fra", True),
        ("fra+rus+deu", True),
        ("eng+chi_sim", True),
        ("jpn+eng", True),
    ],
)
def test_it_is_asked_only_where_it_makes_a_difference(languages: str, worth: bool) -> None:
    assert worth_asking(languages) is worth


def test_no_language_is_left_out() -> None:
    assert led_by("eng+spa+fra", "fra") == "fra+eng+spa"
    assert led_by("eng+spa", "eng") == "eng+spa"
    assert led_by("eng+spa", "") == led_by("eng+spa", "rus") == "eng+spa"


def test_the_record_tells_the_decision() -> None:
    entry = Tongue("ell", "GREEK", 0.987).to_json()
    assert entry == {"language": "ell", "script": "Greek", "share": 0.99}
    record = PageRecord(1, "done", languages="ell+eng", tongue=entry)
    assert PageRecord.from_json(record.to_json()) == record
    assert "tongue" not in PageRecord(1, "done").to_json()


# --- The strip -----------------------------------------------------------------------------------------------


def gray(image: Image.Image) -> GrayImage:
    return GrayImage(image.width, image.height, image.width, image.tobytes(), 150)


def page_of(lines: list[str], top: int = 900) -> Image.Image:
    """A page of lines from `top` on, with a picture, a black bar and a rule above them."""
    image = Image.new("L", (1240, 1754), 255)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 1240, 90), fill=0)
    draw.line((100, 400, 1100, 400), fill=0, width=3)
    rng = np.random.default_rng(1)
    image.paste(Image.fromarray(rng.integers(90, 250, (300, 60), np.uint8)), (100, 450))
    with pymupdf.open() as document:
        page = document.new_page(width=595, height=842)
        for number, line in enumerate(lines):
            page.insert_text((60, top * 72 / 150 + 16 * number), line, fontsize=11)
        pixmap = page.get_pixmap(dpi=150, colorspace=pymupdf.csGRAY)
    text = Image.frombytes("L", (pixmap.width, pixmap.height), pixmap.samples)
    image.paste(text.crop((0, top - 40, 1240, 1754)), (0, top - 40))
    return image


def test_the_strip_holds_lines_of_text() -> None:
    image = page_of([FRENCH[:80]] * 20)
    strip = band(gray(image))
    assert strip is not None
    assert strip.width == image.width
    assert len(strip.samples) == strip.stride * strip.height
    assert 0.03 < strip.height / image.height < 0.1
    whole = image.tobytes()
    row = whole.index(strip.samples) // image.width
    assert row > 850, "neither the picture nor the bar"


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (3, 2000), (2000, 3), (1240, 30), (41, 41)])
@pytest.mark.parametrize("kind", ["white", "black", "noise"])
def test_a_strip_of_anything(size: tuple[int, int], kind: str) -> None:
    image = Image.new("L", size, 0 if kind == "black" else 255)
    if kind == "noise":
        rng = random.Random(size[0])
        image.putdata([rng.randrange(256) for _ in range(size[0] * size[1])])
    strip = band(gray(image))
    assert strip is None or (
        0 < strip.height <= size[1] and len(strip.samples) == strip.stride * strip.height
    )
    assert strip is None or kind == "noise"


# --- Recognition ---------------------------------------------------------------------------------------------


PLUGIN = """
from types import SimpleNamespace
from clerk import hookimpl

class Engine:
    name = version = "odd"
    ordered = {ordered}
    def __init__(self, languages):
        self.languages = languages
    def recognise(self, image):
        if image.height < 200:
            return SimpleNamespace(text={strip!r}, confidence=50)
        return SimpleNamespace(text="read as " + self.languages, confidence=95)

class Odd:
    @hookimpl
    def ocr_engine(self, name, languages):
        return Engine(languages) if name == "odd" else None
"""


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages in English, in French, and a blank one."""
    path = tmp_path_factory.mktemp("scans") / "a.pdf"
    with pymupdf.open() as document:
        for text in (ENGLISH, FRENCH, ""):
            image = page_of([text[:60], text[60:]] * 8 if text else [])
            image.save(path.with_suffix(".png"))
            page = document.new_page(width=595, height=842)
            if text:
                page.insert_image(page.rect, filename=path.with_suffix(".png"))
        document.save(path)
    return path


@pytest.mark.parametrize(
    ("languages", "ordered", "strip", "used"),
    [
        ("eng+chi_sim", True, CHINESE, "chi_sim+eng"),
        ("eng+chi_sim", True, ENGLISH, "eng+chi_sim"),
        ("eng+chi_sim", True, "", "eng+chi_sim"),
        ("eng+chi_sim", False, CHINESE, "eng+chi_sim"),
        ("eng+rus", True, RUSSIAN, "eng+rus"),
        ("eng+fra+rus", True, RUSSIAN, "rus+eng+fra"),
        ("eng+spa", True, SPANISH, "eng+spa"),
        ("eng+spa+fra", True, FRENCH, "fra+eng+spa"),
    ],
)
def test_an_engine_is_asked_for_the_language_of_the_page_first(
    tmp_path: Path, scans: Path, child: Child, languages: str, ordered: bool, strip: str, used: str
) -> None:
    (tmp_path / "odd.py").write_text(PLUGIN.format(ordered=ordered, strip=strip))
    made = recognise_page(scans, 2, OcrOptions("odd", languages, plugins_dir=str(tmp_path)), child)
    assert made.text == f"read as {used}"
    assert made.record.languages == used
    told = bool(strip) and ordered and worth_asking(languages)
    assert made.record.tongue.get("language", "") == (used.partition("+")[0] if told else "")


def test_tesseract_reads_each_page_with_its_own_language_first(
    tmp_path: Path, scans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the file of English under another name: which one is read with does not matter here."""
    english = traineddata("eng")
    assert english is not None
    for code in ("eng", "fra", "deu"):
        shutil.copyfile(english, tmp_path / f"{code}.traineddata")
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    own = Child(1024)
    try:
        options = OcrOptions(languages="eng+fra+deu")
        records = [recognise_page(scans, page, options, own).record for page in (1, 2, 3, 2, 1)]
    finally:
        own.close()
    assert [record.status for record in records] == ["done"] * 5
    assert [record.languages for record in records] == [
        "eng+fra+deu",
        "fra+eng+deu",
        "eng+fra+deu",
        "fra+eng+deu",
        "eng+fra+deu",
    ]
    assert [record.tongue.get("language", "") for record in records] == ["eng", "fra", "", "fra", "eng"]
    assert records[1].sha256 == records[3].sha256, "equal pages give equal texts, whatever came before"
