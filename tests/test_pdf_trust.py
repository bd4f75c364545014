"""When a text layer is trusted: facts and verdicts, without a PDF."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from clerk.pdf.facts import PageFacts
from clerk.pdf.paint import cells, cover, covered
from clerk.pdf.tessdata import traineddata, traineddata_files
from clerk.pdf.trust import judge
from clerk.pdf.words import read_dawg, word_list

ENGLISH = (
    "The regular meeting of the council was called to order at seven by the mayor. A motion was made and "
    "seconded to approve the minutes of the previous meeting. The motion carried unanimously. "
) * 4
SPANISH = (
    "El alcalde abrió la sesión a las siete de la tarde y pidió un minuto de silencio. Los regidores presentes "
    "aprobaron por unanimidad el acta de la sesión anterior, así como la contratación de una empresa para "
    "reparar el techo del edificio municipal."
)
RUSSIAN = (
    "Городской совет собрался на очередное заседание во вторник. Мэр открыл заседание и объявил, что кворум "
    "имеется. Протокол предыдущего заседания был утверждён единогласно, так как возражений не было."
)
VIETNAMESE = (
    "Hội đồng thành phố đã họp phiên thường kỳ vào ngày thứ ba. Thị trưởng khai mạc cuộc họp và điểm danh các "
    "thành viên có mặt. Biên bản của cuộc họp trước được thông qua với sự đồng ý của tất cả."
)
SOMALI = (
    "Golaha magaalada ayaa yeeshay kulankiisa caadiga ah maalintii talaadada. Duqa magaalada ayaa furay kulanka "
    "wuxuuna sheegay in xubnihii la rabay ay joogaan. Waxaa la ansixiyay qoraalkii kulankii hore."
)
PAGE = PageFacts(text=ENGLISH, image_cover=0.0, images=0, paths=0, spans=20, invisible=0, covered=0)


def shifted(text: str, by: int) -> str:
    return "".join(chr(ord(letter) + by) if letter.isalpha() else letter for letter in text)


@pytest.mark.parametrize(
    ("page", "trusted", "why"),
    [
        (PAGE, True, "100% known words"),
        (replace(PAGE, text=""), True, "blank page"),
        (replace(PAGE, text="Page 4"), True, "hardly any text"),
        (replace(PAGE, text="Page 4", image_cover=0.9, images=1), False, "5 characters of text on a page"),
        (replace(PAGE, text="", paths=900), False, "no characters of text on a page"),
        (replace(PAGE, text="\ufffd\ue001" + ENGLISH[:60]), False, "4% of the characters have no meaning"),
        (replace(PAGE, text=shifted(ENGLISH, -1)), False, "known words"),
        (replace(PAGE, text=shifted(ENGLISH, 1)), False, "known words"),
        (replace(PAGE, invisible=20, image_cover=1.0, images=1), True, "hidden text layer"),
        (replace(PAGE, covered=20, image_cover=1.0, images=1), False, "an image is painted over"),
        (replace(PAGE, covered=3, image_cover=0.2, images=1), True, "known words"),
        (replace(PAGE, text=ENGLISH[:180], image_cover=0.8, images=1), False, "beside an image over 80%"),
        (replace(PAGE, image_cover=0.8, images=1), True, "known words"),
        (replace(PAGE, text="1,250.00 3,410.75 12/31/2025 99.5% 4,300.00 17,250"), True, "few words"),
        (replace(PAGE, text="市议会会议议程 欢迎公众参加并发表意见 " * 9), True, "in Chinese"),
        (
            replace(PAGE, text="鼯鼢鼨鼱鼷齁 齇齆齉龂龇龆 龊龌龘虋虌 蘷蘸虂蘺蘻蠿" * 9),
            False,
            "letters that make no words",
        ),
        (replace(PAGE, text="Ξςωψ φζξκρ θλδχσ ωψζγ πλκτρν ξςφω " * 9), False, "letters that make no words"),
        (replace(PAGE, text=RUSSIAN), True, "in Russian"),
        (replace(PAGE, text=VIETNAMESE), True, "in Vietnamese"),
        (replace(PAGE, text=VIETNAMESE * 3, invisible=20, image_cover=1.0, images=1), True, "in Vietnamese"),
        (replace(PAGE, text=shifted(VIETNAMESE, 1)), False, "known words"),
        (replace(PAGE, text=SPANISH), True, "known words"),
        (replace(PAGE, text=shifted(SPANISH, 1)), False, "known words"),
        (replace(PAGE, damaged=True), True, "the file is damaged here"),
    ],
)
def test_verdicts(page: PageFacts, trusted: bool, why: str) -> None:
    verdict = judge(page, word_list((*traineddata_files("eng"), ("spa", ""))))
    assert (verdict.trusted, why in verdict.why) == (trusted, True), verdict


def test_a_hidden_layer_must_be_better_than_a_visible_one() -> None:
    words = word_list(traineddata_files("eng"))
    text = ENGLISH[:300] + " nilersliy eciiild iding ixce frpmc vsqqe tgrrz opwwq drtyy cvbbn " * 3
    page = replace(PAGE, text=text)
    assert judge(page, words).trusted
    assert not judge(replace(page, invisible=page.spans, images=1, image_cover=1.0), words).trusted


def test_without_a_dictionary_the_vowels_tell() -> None:
    words = word_list((*traineddata_files("eng"), ("xyz", "")))
    good = judge(replace(PAGE, text=SOMALI), words)
    assert good.trusted
    assert "no dictionary" in good.why
    for by in (-1, 1, 3):
        bad = judge(replace(PAGE, text=shifted(ENGLISH, by)), words)
        assert not bad.trusted
        assert "vowels" in bad.why
        assert bad.rule == "sound"


def test_a_language_that_is_known_by_its_commonest_words_only() -> None:
    words = word_list((("fra", ""),))
    assert not words.usable
    text = (
        "Le conseil s'est réuni en séance et le maire a dit que la ville est dans le rouge pour cette année."
    )
    assert judge(replace(PAGE, text=text), words).trusted
    assert not judge(replace(PAGE, text=shifted(text * 3, 1)), words).trusted


def test_the_verdict_holds_what_was_measured() -> None:
    page = replace(PAGE, covered=15, invisible=2, image_cover=1 / 3, images=1, paths=4)
    verdict = judge(page, word_list(traineddata_files("eng")))
    assert (verdict.trusted, verdict.rule) == (False, "covered")
    assert verdict.figures == {
        "chars": len("".join(ENGLISH.split())), "images": 1, "image": 0.33, "outlines": 4, "hidden": 0.1,
        "covered": 0.75,
    }  # fmt: skip
    good = judge(PAGE, word_list(traineddata_files("eng")))
    assert good.rule == "words"
    assert set(good.figures) == {"chars", "words", "known"}


def test_the_word_graph_of_a_language_is_read() -> None:
    path = traineddata("eng")
    assert path is not None
    dawg = read_dawg(path)
    assert dawg is not None
    assert all(word in dawg for word in ("council", "adjourned", "Tuesday", "minutes"))
    assert not any(word in dawg for word in ("", "councilxq", "adjourne", "frpmcjm", "日本"))


@pytest.mark.parametrize("content", [b"", b"\x00" * 400, b"\xff" * 400, b"not a language file at all"])
def test_a_damaged_language_file_has_no_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.traineddata"
    path.write_bytes(content)
    assert read_dawg(path) is None


def test_cover_counts_overlaps_once_and_only_inside_the_page() -> None:
    frame = (0.0, 0.0, 600.0, 800.0)
    assert cover([(0, 0, 600, 400), (0, 0, 600, 400)], frame) == pytest.approx(0.5)
    assert cover([(-900, -900, 9000, 9000)], frame) == 1.0
    assert cover([(700, 0, 900, 100)], frame) == 0.0
    assert not cells((0, 0, 1, 1), (0, 0, 0, 0))
    assert not cells((float("nan"), 0, float("nan"), 1), frame)


def test_only_images_painted_later_hide_text() -> None:
    frame, text, image = (0.0, 0.0, 600.0, 800.0), (50.0, 50.0, 500.0, 62.0), (0.0, 0.0, 600.0, 800.0)
    assert covered([("fill-text", text), ("fill-image", image)], frame) == 1
    assert covered([("fill-image", image), ("fill-text", text)], frame) == 0
    assert covered([("ignore-text", text), ("fill-image", image)], frame) == 0
