"""Layout data: what is written is read again, and what does not fit is not believed."""

from __future__ import annotations

import random
import zlib
from pathlib import Path

import pymupdf
import pytest

from clerk import layout
from clerk.layout import WordBox
from clerk.models import Document, Kind, PageRecord, PageSpan, PageWork
from clerk.pdf.boxes import word_boxes
from clerk.stages.ocr import recognise_pages
from clerk.stages.read import read_documents
from clerk.storage import SiteStore

TEXT = "Motion by Moreno,\nsecond by Harper.\n\nCarried 5-2."
WORDS = ["Motion", "by", "Moreno,", "second", "by", "Harper.", "Carried", "5-2."]


def boxes(count: int, seed: int = 1) -> list[WordBox]:
    """Words in lines of ten, as they stand on a page."""
    rng = random.Random(seed)
    made = []
    for n in range(count):
        left, top = 0.1 + 0.08 * (n % 10), 0.05 + 0.9 * (n // 10) / (count // 10 + 1)
        made.append(
            WordBox(left, top, left + 0.02 + rng.random() * 0.05, top + 0.012, rng.choice((95.0, 90.0, 40.0)))
        )
    return made


def test_a_page_comes_back_as_it_was_within_the_grid() -> None:
    wanted = boxes(8)
    found = layout.decode(layout.encode(TEXT, wanted), TEXT)
    assert found is not None
    for old, new in zip(wanted, found, strict=True):
        assert new.known
        assert new.confidence == old.confidence
        assert [new.left, new.top, new.right, new.bottom] == pytest.approx(
            [old.left, old.top, old.right, old.bottom], abs=0.0011
        )


@pytest.mark.parametrize(
    ("box", "found"),
    [
        (layout.NOWHERE, layout.NOWHERE),
        (WordBox(0.5, 0.5, 0.50001, 0.5, None), WordBox(0.5, 0.5, 0.501, 0.5, None)),
        (WordBox(-3.0, -0.1, 7.0, 1.2, 180.0), WordBox(0.0, 0.0, 1.0, 1.0, 100.0)),
        (WordBox(0.0, 0.0, 1.0, 1.0, 0.0), WordBox(0.0, 0.0, 1.0, 1.0, 0.0)),
    ],
)
def test_odd_boxes(box: WordBox, found: WordBox) -> None:
    """Between others, since each is told by its difference to the one before."""
    around = boxes(2)
    data = layout.encode("a b c", [around[0], box, around[1]])
    result = layout.decode(data, "a b c")
    assert result is not None
    assert result[1] == found
    assert result[2].left == pytest.approx(around[1].left, abs=0.0011)


def test_a_page_of_a_thousand_words_takes_less_than_three_kilobytes() -> None:
    text = " ".join(f"word{n}" for n in range(1000))
    assert len(layout.encode(text, boxes(1000))) < 3000


def test_no_words() -> None:
    assert layout.decode(layout.encode(" \n", []), " \n") == ()


def test_the_numbers_of_words_must_agree() -> None:
    with pytest.raises(ValueError, match="7 boxes for 8 words"):
        layout.encode(TEXT, boxes(7))


def test_data_of_another_text_or_damaged_data_are_not_believed() -> None:
    data = layout.encode(TEXT, boxes(8))
    assert layout.decode(data, TEXT + "!") is None
    assert layout.decode(b"", TEXT) is None
    assert layout.decode(b"XXXX" + data[4:], TEXT) is None
    for end in range(4, len(data)):
        assert layout.decode(data[:end], TEXT) is None
    rng = random.Random(5)
    for _ in range(500):
        spoilt = bytearray(data)
        spoilt[rng.randrange(12, len(data))] = rng.randrange(256)
        found = layout.decode(bytes(spoilt), TEXT)
        assert found is None or len(found) == 8


def test_a_bomb_is_not_unpacked() -> None:
    bomb = zlib.compress(b"\x01" * 50_000_000)
    assert layout.decode(layout.encode(TEXT, boxes(8))[:12] + bomb, TEXT) is None


def test_words_that_normalising_changed_keep_their_places() -> None:
    given = list(zip(WORDS, boxes(8), strict=True))
    assert layout.placed(TEXT, given) == boxes(8)
    changed = [("M\u0000otion", given[0][1]), *given[1:]]
    assert layout.placed(TEXT, changed) == boxes(8)
    one_more = [*given[:3], ("stray", WordBox(0, 0, 1, 1)), *given[3:]]
    assert layout.placed(TEXT, one_more) == boxes(8)
    one_less = layout.placed(TEXT, given[:2] + given[3:])
    assert one_less[2] == layout.NOWHERE
    assert one_less[3:] == boxes(8)[3:]
    assert layout.placed(TEXT, []) == [layout.NOWHERE] * 8


def test_kept_beside_the_page_and_gone_with_it(tmp_path: Path) -> None:
    store = SiteStore(tmp_path, "town.ca")
    document = Document("town.ca", Kind.MINUTES, "Council", "2024-03-05")
    record = PageRecord(2, "done")
    assert layout.read(TEXT, store, document, 2) is None
    store.write_page(document, record, TEXT, layout=layout.encode(TEXT, boxes(8)))
    found = layout.read(TEXT, store, document, 2)
    assert found is not None
    assert len(found) == 8
    assert layout.read("Another text", store, document, 2) is None
    # A failed second try changes nothing; another text takes the place of both.
    store.write_page(document, PageRecord(2, "failed", error="x"), None)
    assert layout.read(TEXT, store, document, 2) == found
    store.write_page(document, record, "Another text")
    assert not store.layout(document, 2).exists()
    store.write_page(document, record, TEXT, layout=layout.encode(TEXT, boxes(8)))
    store.drop_pages(document)
    assert not store.layout(document, 2).exists()


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_words_of_a_text_layer_are_found_on_the_page_as_it_is_seen(tmp_path: Path, rotation: int) -> None:
    path = tmp_path / "page.pdf"
    with pymupdf.open() as document:
        page = document.new_page(width=600, height=800)
        page.insert_text((60, 100), "Motion carried Motion", fontsize=12)
        page.set_rotation(rotation)
        document.save(path)
    first, carried, second, none = word_boxes(path, 1, "Motion carried\nMotion other")
    assert none == layout.NOWHERE
    middle = ((first.left + first.right) / 2, (first.top + first.bottom) / 2)
    x, y = 80 / 600, 97 / 800
    wanted = {0: (x, y), 90: (1 - y, x), 180: (1 - x, 1 - y), 270: (y, 1 - x)}[rotation]
    assert middle == pytest.approx(wanted, abs=0.02)
    assert len({first, carried, second}) == 3


def test_the_stage_keeps_the_boxes_of_what_it_recognised(tmp_path: Path) -> None:
    store = SiteStore(tmp_path, "town.ca")
    document = Document("town.ca", Kind.MINUTES, "Council", "2024-03-05")
    path = store.pdf(document)
    path.parent.mkdir(parents=True)
    with pymupdf.open() as source, pymupdf.open() as scan:
        page = source.new_page()
        for line in range(8):
            page.insert_text((70, 100 + 30 * line), "The motion by Councillor Moreno carried.", fontsize=14)
        picture = page.get_pixmap(dpi=150, colorspace=pymupdf.csGRAY)
        scan.new_page().insert_image(page.rect, pixmap=picture)
        scan.save(path)
    work = PageWork(str(tmp_path), "eng", "tesseract", 60.0, 1024, "", "")
    read_documents([document], work)
    assert recognise_pages([PageSpan(document, (1,))], work) == 1
    text = store.text(document, 1).read_text(encoding="utf-8")
    found = layout.read(text, store, document, 1)
    assert found is not None
    hit = found[text.split().index("Moreno")]
    before = pymupdf.get_text_length("The motion by Councillor ", fontsize=14)
    assert hit.left == pytest.approx((70 + before) / 595, abs=0.01)
    assert hit.bottom == pytest.approx(100 / 842, abs=0.01)
    assert (hit.confidence or 0) >= 80
    assert store.fold(document) is not None
    assert layout.read(text, store, document, 1) == found
    store.remove(document)
    assert not store.layout(document, 1).exists()
