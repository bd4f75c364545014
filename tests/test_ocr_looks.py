"""Second looks: which are made, which is kept, and that none of them costs what was read before."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pymupdf
import pytest
from PIL import Image, ImageChops, ImageDraw

from clerk import layout
from clerk.isolation import Child
from clerk.models import PageRecord
from clerk.ocr import OcrOptions, recognise_page
from clerk.ocr.condition import Condition, condition
from clerk.ocr.engine import GrayImage
from clerk.ocr.looks import FIRST, Look, Seen, Taken, best, further_looks, turned_looks
from clerk.ocr.posture import lost, posture
from clerk.ocr.repair import repaired

LINES = (
    "The regular meeting of the town council was called",
    "to order at seven in the evening by the chair.",
    "A motion was made by Councillor Harper and seconded",
    "by Councillor Moreno to approve the minutes of May.",
    "The motion carried by a vote of five to two, with",
    "one member absent. Public comment was then heard from",
    "several residents who objected to the new parking fee.",
    "The board reviewed the budget and the report of the",
    "engineer about the bridge, the pump and the culvert.",
    "There being no further business, the meeting closed.",
)
GOOD = Seen("Motion carried", b"", 95.0, "e", "1", "eng", words=100, known=0.95, height=16.0)


def printed(dpi: int = 200) -> Image.Image:
    """A printed page, two hundred words in all."""
    with pymupdf.open() as document:
        page = document.new_page()
        for number in range(22):
            page.insert_text((60, 90 + 26 * number), LINES[number % len(LINES)], fontsize=13)
        pixmap = page.get_pixmap(dpi=dpi, colorspace=pymupdf.csGRAY)
        return Image.frombytes("L", (pixmap.width, pixmap.height), pixmap.samples)


def as_pdf(image: Image.Image, path: Path, dpi: int = 200) -> Path:
    picture = path.with_suffix(".png")
    image.save(picture)
    with pymupdf.open() as document:
        page = document.new_page(width=image.width * 72 / dpi, height=image.height * 72 / dpi)
        page.insert_image(page.rect, filename=str(picture))
        document.save(path)
    return path


def gray(image: Image.Image, dpi: int = 150) -> GrayImage:
    return GrayImage(image.width, image.height, image.width, image.tobytes(), dpi)


def spoilt(image: Image.Image) -> Image.Image:
    """Faded, in a shadow that grows to the right, and full of specks."""
    rng = random.Random(3)
    made = image.point(lambda value: 100 + value * 120 // 255)
    shadow = Image.linear_gradient("L").rotate(90).resize(image.size).point(lambda value: value // 3)
    made = Image.composite(Image.new("L", image.size, 40), made, shadow)
    pixels = made.load()
    assert pixels is not None
    for _ in range(image.width * image.height // 60):
        pixels[rng.randrange(image.width), rng.randrange(image.height)] = rng.choice((0, 255))
    return made


@pytest.mark.parametrize("angle", [-5.0, -1.3, 0.0, 0.7, 4.0])
def test_how_far_a_page_slopes(angle: float) -> None:
    lies = posture(gray(printed(150).rotate(angle, Image.Resampling.BICUBIC, fillcolor=255)))
    assert lies.skew == pytest.approx(-angle, abs=0.21)
    assert not lies.sideways


@pytest.mark.parametrize("degrees", [90, 270])
def test_a_page_on_its_side(degrees: int) -> None:
    assert posture(gray(printed(150).rotate(degrees, expand=True))).sideways


@pytest.mark.parametrize("size", [(1275, 1650), (5, 5), (4000, 3), (1, 1)])
def test_a_page_without_lines_lies_as_it_lies(size: tuple[int, int]) -> None:
    lies = posture(gray(Image.new("L", size, 255)))
    assert (lies.skew, lies.sideways) == (0.0, False)
    noise = Image.effect_noise(size, 60)
    assert not posture(gray(noise)).sideways


def test_ink_outside_of_all_words() -> None:
    image = Image.new("L", (400, 400), 255)
    draw = ImageDraw.Draw(image)
    draw.rectangle((40, 40, 200, 60), fill=0)
    draw.rectangle((40, 240, 200, 260), fill=0)
    assert lost(gray(image), [(40, 40, 200, 61), (40, 240, 200, 261)]) == 0.0
    assert lost(gray(image), [(40, 40, 200, 61)]) == pytest.approx(0.5, abs=0.05)
    assert lost(gray(image), []) == 1.0
    assert lost(gray(Image.new("L", (50, 50), 255)), []) == 0.0


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("skew", [0.0, 3.0, -4.5])
def test_boxes_are_led_back_to_the_page(turn: int, skew: float) -> None:
    """A black mark is found on the repaired image, and its box leads to where it was."""
    image = Image.new("L", (600, 400), 255)
    ImageDraw.Draw(image).rectangle((420, 60, 459, 79), fill=0)
    made = repaired(gray(image), turn=turn, skew=skew)
    shown = Image.frombytes("L", (made.image.width, made.image.height), made.image.samples)
    box = shown.point(lambda value: 255 if value < 128 else 0).getbbox()
    assert box is not None
    left, top, right, bottom = made.back(*box)
    middle = ((left + right) / 2 * 600, (top + bottom) / 2 * 400)
    assert middle == pytest.approx((440, 70), abs=2)
    assert (right - left) * 600 == pytest.approx(40, abs=8)


def test_cleaning_takes_specks_and_shadows_away() -> None:
    made = repaired(gray(spoilt(printed()), 200), clean=True)
    assert made.image.even
    shown = Image.frombytes("L", (made.image.width, made.image.height), made.image.samples)
    counts = shown.crop((100, 20, shown.width - 100, 150)).histogram()
    assert sum(counts[230:]) > 0.98 * sum(counts)


def test_what_is_wrong_with_a_scan() -> None:
    good = printed(150)
    assert condition(gray(good)) == Condition(rough=False, uneven=False)
    assert condition(gray(spoilt(good))) == Condition(rough=True, uneven=True)
    specks = good.copy()
    rng = random.Random(1)
    for _ in range(10_000):
        specks.putpixel((rng.randrange(specks.width), rng.randrange(specks.height)), 0)
    assert condition(gray(specks)) == Condition(rough=True, uneven=False)
    shadow = Image.linear_gradient("L").resize(good.size).point(lambda value: 120 + value // 2)
    assert condition(gray(ImageChops.multiply(good, shadow))) == Condition(rough=False, uneven=True)
    for size in ((1, 1), (3, 500), (500, 3)):
        assert condition(gray(Image.new("L", size, 255))) == Condition(rough=False, uneven=False)


def test_looks_that_a_good_page_needs_none_of() -> None:
    assert turned_looks(GOOD, (180,)) == []
    assert list(further_looks(lambda: GOOD, second=True)) == []


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"confidence": 88.0}, []),
        ({"confidence": 88.0, "rough": True}, ["clean 200", "clean 150"]),
        ({"confidence": 92.0, "uneven": True}, ["clean 200", "clean 150"]),
        ({"confidence": 94.0, "rough": True}, []),
        ({"confidence": 60.0}, ["clean 200", "clean 150", "second 200"]),
        ({"lost": 0.3}, []),
        ({"lost": 0.3, "confidence": 91.0}, ["clean 200", "clean 150"]),
        ({"jumps": 7, "confidence": 91.0}, ["clean 200", "clean 150"]),
        ({"height": 9.0}, ["fine 200"]),
        ({"height": 7.0}, ["fine 300"]),
        ({"text": " .", "confidence": 5.0}, []),
    ],
)
def test_looks_that_a_page_is_worth(change: dict[str, object], names: list[str]) -> None:
    seen = replace(GOOD, **change)  # type: ignore[arg-type]
    found = [f"{look.name} {look.dpi}" for look in further_looks(lambda: seen, second=True)]
    assert [name for name in found if not (name == "second 200" and not seen.text.strip(" ."))] == names


def test_looks_end_when_the_page_is_read_well() -> None:
    seen = [replace(GOOD, confidence=70.0)]
    looks = further_looks(lambda: seen[-1], second=True)
    assert next(looks).name == "clean"
    seen.append(GOOD)
    assert list(looks) == []


def test_the_quarter_turns_add_up() -> None:
    fallen = replace(GOOD, confidence=40.0, turn=90)
    assert [look.turn for look in turned_looks(fallen, (90, 180, 270))] == [180, 270, 0]
    assert turned_looks(replace(fallen, text="-- . --"), (90,)) == []


def test_which_look_is_kept() -> None:
    first = Taken(FIRST, GOOD)
    surer = Taken(Look("clean"), replace(GOOD, confidence=97.0, words=70))
    assert best([first, surer]) == 0
    assert best([first, Taken(Look("clean"), replace(GOOD, words=105))]) == 1
    assert best([first, Taken(Look("clean"), GOOD)]) == 0
    assert best([first, Taken(Look("clean"), None, "crashed")]) == 0
    assert (
        best([first, Taken(Look("a"), replace(GOOD, words=120)), Taken(Look("b"), replace(GOOD, words=110))])
        == 1
    )


def test_a_sloping_page_is_read_whole_at_the_first_look(tmp_path: Path, child: Child) -> None:
    path = as_pdf(printed().rotate(3.5, Image.Resampling.BICUBIC, fillcolor=255), tmp_path / "slope.pdf")
    made = recognise_page(path, 1, OcrOptions(languages="eng"), child)
    assert made.text.split() == " ".join(LINES[n % len(LINES)] for n in range(22)).split()
    assert made.record.looks == ()
    assert made.record.cpu > 0
    found = layout.decode(made.layout, made.text)
    assert found is not None
    assert all(box.known for box in found)
    # The page slopes up to the right, so the first line ends higher than it begins.
    assert found[0].top > found[8].top + 0.01


def test_a_spoilt_page_is_read_better_and_says_how(tmp_path: Path, child: Child) -> None:
    path = as_pdf(spoilt(printed()), tmp_path / "spoilt.pdf")
    made = recognise_page(path, 1, OcrOptions(languages="eng"), child)
    looks = made.record.looks
    assert [look["look"] for look in looks][:2] == ["first", "clean"]
    (kept,) = [look for look in looks if look.get("kept")]
    assert kept["look"] == "clean"
    assert kept["confidence"] == made.record.confidence
    assert made.record.cpu == pytest.approx(sum(look["cpu"] for look in looks), abs=0.05)
    assert "seconded by Councillor Moreno" in " ".join(made.text.split())
    again = PageRecord.from_json(made.record.to_json())
    assert again == made.record


PLUGIN = """
import time
from clerk import hookimpl

class Found:
    def __init__(self, text, confidence):
        self.text, self.confidence = text, confidence

class Engine:
    name = "odd"
    version = "odd 1"
    seen = 0
    def __init__(self, languages):
        self.languages = languages
    def turns(self, image):
        return ()
    def recognise(self, image):
        if not image.even:
            {first}
            return Found("the first words of it", 50.0)
        {later}
        return Found("the second words of it", 60.0)

class Odd:
    @hookimpl
    def ocr_engine(self, name, languages):
        return Engine(languages) if name == "odd" else None
"""


@pytest.mark.parametrize(
    ("first", "later", "text", "error"),
    [
        ("pass", "pass", "the second words of it", ""),
        ("pass", "__import__('os').kill(__import__('os').getpid(), 11)", "the first words of it", "SIGSEGV"),
        ("pass", "time.sleep(60)", "the first words of it", "longer than"),
        ("pass", "1 / 0", "the first words of it", "ZeroDivisionError"),
        ("time.sleep(0.9)", "pass", "the first words of it", "no time was left"),
    ],
)
def test_a_later_look_costs_nothing_of_what_was_read(
    tmp_path: Path, child: Child, first: str, later: str, text: str, error: str
) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "odd.py").write_text(PLUGIN.format(first=first, later=later))
    path = as_pdf(printed(100), tmp_path / "page.pdf", 100)
    options = OcrOptions("odd", "eng", 2.0, str(tmp_path / "plugins"))
    made = recognise_page(path, 1, options, child)
    assert (made.text, made.record.done) == (text, True)
    assert made.layout == b""
    assert error in made.record.looks[1].get("error", "")
