"""Words of a search, marked on the images of pages: for those that were recognised and those with a text layer."""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import httpx
import pymupdf
import pytest
from PIL import Image

from clerk import layout
from clerk.compile import PageRow, compile_database
from clerk.errors import UsageError
from clerk.isolation import Child
from clerk.layout import WordBox
from clerk.models import Document, DocumentRecord, Kind, Level, PageRecord, RunRef, Source
from clerk.pdf import boxes
from clerk.search import search
from clerk.serve import places
from clerk.serve.hits import MOST_LETTERS, spans
from clerk.storage import SiteStore
from tests.page_sites import ask

SCAN = Document("oak.ca", Kind.MINUTES, "Board", "2024-03-01")
DIGITAL = Document("oak.ca", Kind.AGENDA, "Parks & <b>Rec.", "2024-03-01-2")
TEXT = "Motion by Moreno,\nsecond by Harper.\n\nThe café's budget carried 5-2."
SCAN_PATH = "/oak.ca/Board/2024-03-01/1"
DIGITAL_PATH = f"/oak.ca/_agendas/{quote('Parks & <b>Rec.')}/2024-03-01-2/1"
LINES = ["Budget hearing", "The budget of the harbor.", 'A "quoted" word & <b>bold</b>']


def word_box(number: int) -> WordBox:
    return WordBox(0.1 + number * 0.05, 0.2, 0.14 + number * 0.05, 0.22, 90.0)


def site(tmp_path: Path, rotation: int = 0, *, cropped: bool = False) -> SiteStore:
    """A recognised page with the boxes of its words, and a page with a text layer."""
    store = SiteStore(tmp_path, "oak.ca")
    count = len(layout.words(TEXT))
    recognised = PageRecord(1, "done", source=Source.OCR, confidence=90.0)
    store.write_page(SCAN, recognised, TEXT, layout=layout.encode(TEXT, [word_box(n) for n in range(count)]))
    draw(store.pdf(DIGITAL), rotation, cropped=cropped)
    text = "\n".join(LINES)
    store.write_page(DIGITAL, PageRecord(1, "done", source=Source.TEXT_LAYER), text)
    for document in (SCAN, DIGITAL):
        store.write_record(DocumentRecord(document, "", 1, 0, 1, "2"))
    rows = [
        PageRow(each.kind, each.meeting, each.date, each.stem, 1, body)
        for each, body in ((SCAN, TEXT), (DIGITAL, text))
    ]
    compile_database(store, rows, level=Level.FAST, run=RunRef("r", 1), fingerprint="", guard=lambda: None)
    return store


def draw(path: Path, rotation: int = 0, *, cropped: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with pymupdf.open() as document:
        page = document.new_page(width=500, height=700)
        for number, line in enumerate(LINES):
            page.insert_text((60, 100 + 80 * number), line, fontsize=20)
        if cropped:
            page.set_cropbox(pymupdf.Rect(40, 50, 460, 500))
        page.set_rotation(rotation)
        document.save(path)


def marked(answer: httpx.Response) -> list[str]:
    return [word["text"] for word in answer.json()["words"]]


def rectangles(answer: httpx.Response) -> list[tuple[float, float, float, float]]:
    """Left, top, right and bottom of each mark, as shares of the page."""
    root = ElementTree.fromstring(answer.content)
    found = []
    for each in root:
        x, y, width, height = (float(each.attrib[name]) / 1000 for name in ("x", "y", "width", "height"))
        found.append((x, y, x + width, y + height))
    return found


def test_the_words_of_a_recognised_page_are_told_with_their_places(tmp_path: Path) -> None:
    every, some, none, agenda = ask(
        site(tmp_path),
        f"{SCAN_PATH}.json",
        f"{SCAN_PATH}.json?q=by+cafe",
        f"{SCAN_PATH}.json?q=nowhere",
        f"{DIGITAL_PATH}.json?q=budget",
    )
    assert marked(every) == TEXT.split()
    assert every.json()["q"] == ""
    assert marked(some) == ["by", "by", "café's"]
    first = some.json()["words"][0]
    assert TEXT[first["start"] : first["end"]] == "by"
    assert first["box"] == [0.15, 0.2, 0.19, 0.22]
    assert first["confidence"] == 90.0
    facts = {
        key: some.json()[key] for key in ("kind", "meeting", "date", "page", "source", "why", "truncated")
    }
    assert facts == {
        "kind": "minutes",
        "meeting": "Board",
        "date": "2024-03-01",
        "page": 1,
        "source": "ocr",
        "why": "",
        "truncated": False,
    }
    assert none.json()["words"] == []
    assert marked(agenda) == ["Budget", "budget"]
    assert (agenda.json()["source"], agenda.json()["words"][0]["confidence"]) == ("text-layer", None)


@pytest.mark.parametrize("cropped", [False, True])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_marks_lie_on_the_letters_of_the_image(tmp_path: Path, rotation: int, cropped: bool) -> None:
    image, marks = ask(
        site(tmp_path, rotation, cropped=cropped),
        f"{DIGITAL_PATH}.png",
        f"{DIGITAL_PATH}.svg?q=harbor+hearing",
    )
    page = Image.open(io.BytesIO(image.content))
    found = rectangles(marks)
    assert len(found) == 2
    for left, top, right, bottom in found:
        box = (left * page.width, top * page.height, right * page.width, bottom * page.height)
        inside = page.crop(tuple(map(round, box)))
        ink = inside.point(lambda value: 255 * (value < 128)).getbbox()
        assert ink is not None, "nothing is printed there"
        along, length = (
            (ink[2] - ink[0], inside.width) if rotation % 180 == 0 else (ink[3] - ink[1], inside.height)
        )
        assert along > 0.8 * length
        # All of the word: around the mark the paper is white.
        rim = page.crop((round(box[0]) - 2, round(box[1]) - 2, round(box[2]) + 2, round(box[1])))
        assert rim.getextrema()[0] > 128


def test_a_hit_of_a_search_leads_to_its_page_with_the_words_marked(tmp_path: Path) -> None:
    store = site(tmp_path)
    listing, plain, votes = ask(
        store, "/oak.ca/minutes?_search=budget", "/oak.ca/minutes", "/oak.ca/votes?_search=x"
    )
    (link,) = re.findall(r'<a href="(/oak~2Eca/minutes/\w+\?q=budget)">', listing.text)
    assert "?q=" not in plain.text
    assert votes.status_code == 200
    row = ask(store, link)[0]
    (marks,) = re.findall(r'class="clerk-marks" src="([^"]+)"', row.text)
    (view,) = re.findall(r'<a href="([^"]+\.html\?q=budget)#m1">', row.text)
    svg, page = ask(store, marks, view)
    assert len(rectangles(svg)) == 1
    assert "1 word is marked." in page.text
    assert '<img src="1.png"' in page.text
    assert page.text.count("<rect ") == 1


SEARCHES = [
    "budget",
    "BUDGET",
    '"the budget"',
    '"of the harbor"',
    "harb*",
    '"budget of" har*',
    "budget AND harbor",
    "budget OR nothing",
    "NEAR(budget harbor, 5)",
    "text:budget",
    "^budget",
    "-budget",
    "budget NOT harbor",
    '"budget',
    'budget"',
    '""budget""',
    "{budget}",
    "budget + harbor",
    "'budget'",
    "budget;--",
    "<b>bold</b>",
    '"><script>alert(1)</script>',
    "budget\x00harbor",
    "budget\u0000",
    "b\u00fcdget",
    "budget " * 100,
    "%22budget%",
    "\ud7ff budget",
    "5-2",
    "quoted & bold",
]


@dataclass(frozen=True)
class Searched:
    """A site, and what it answers to each of `SEARCHES`: of each page its data, its marks and its view."""

    store: SiteStore
    answers: dict[str, list[list[httpx.Response]]]


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Searched:
    """All searches in a few calls, since each call starts the processes of a web server anew."""
    store, answers = site(tmp_path_factory.mktemp("searched")), {}
    for path in (SCAN_PATH, DIGITAL_PATH):
        paths = [f"{path}.{what}?q={quote(words)}" for words in SEARCHES for what in ("json", "svg", "html")]
        given = ask(store, *paths)
        for number, words in enumerate(SEARCHES):
            answers.setdefault(words, []).append(given[3 * number : 3 * number + 3])
    return Searched(store, answers)


@pytest.mark.parametrize("words", SEARCHES)
def test_what_is_searched_for_is_taken_as_the_search_takes_it(searched: Searched, words: str) -> None:
    """A page that `clerk search` finds has marks; nothing that is typed breaks an answer or gets into its code."""
    hits = search(searched.store.root, words)
    for (data, svg, page), kind in zip(searched.answers[words], (Kind.MINUTES, Kind.AGENDA), strict=True):
        assert [data.status_code, svg.status_code, page.status_code] == [200, 200, 200]
        assert len(rectangles(svg)) == len(data.json()["words"])
        if any(hit.kind is kind for hit in hits):
            assert data.json()["words"], "a page that was found shows why"
        tags = _Tags()
        tags.feed(page.text)
        assert not tags.names & {"script", "b", "iframe"}
        assert tags.search == words.strip().replace("\x00", "\ufffd") or "\x00" in words
        assert "script" not in page.headers["content-security-policy"]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.search = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        if tag == "input":
            self.search = dict(attrs)["value"] or ""


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("q=" + "a" * (MOST_LETTERS + 1), 400, "1000 characters at most"),
        ("q=" + "a%20" * 101, 400, "100 words at most"),
        ("q=%22%2A%22", 400, "no word"),
        ("q=...", 400, "no word"),
        ("q=%FF%FE+by", 200, ""),
        ("q=", 200, ""),
        ("q=by&q=budget", 200, ""),
        ("x=1&" * 200 + "q=by", 200, ""),
        ("%00=%00", 200, ""),
    ],
)
def test_a_search_that_cannot_be_is_one_line(tmp_path: Path, query: str, status: int, said: str) -> None:
    data, svg, page = ask(
        site(tmp_path), *(f"{SCAN_PATH}.{what}?{query}" for what in ("json", "svg", "html"))
    )
    assert [data.status_code, svg.status_code, page.status_code] == [status] * 3
    assert said in data.json().get("error", "")
    assert data.json()["ok"] == (status == 200)
    assert said in svg.text
    assert len(page.text) < 10_000


def test_a_phrase_made_to_be_slow_is_not() -> None:
    text = "a " * 200_000
    assert spans(text, '"' + "a " * 498 + '"') == [(0, len(text) - 1)]
    with pytest.raises(UsageError):
        spans(text, '"' + "a " * 600 + '"')


@pytest.mark.parametrize(
    "text", ["", " \n", "\x01a\x02 b\x00c", "a\x02", "\U0001f600 a e\u0301 a", "a" * 1_000_000]
)
def test_places_are_those_of_the_text_whatever_it_holds(text: str) -> None:
    found = spans(text, "a*")
    assert all(text[start].lower() == "a" for start, end in found)
    assert len(found) == sum(1 for _ in re.finditer(r"(?<![^\W_])a", text))


def test_a_page_whose_words_have_no_place_says_why(tmp_path: Path) -> None:
    store = site(tmp_path)
    store.layout(SCAN, 1).unlink()
    store.pdf(DIGITAL).unlink()
    paths = [
        f"{path}.{what}?q=budget" for path in (SCAN_PATH, DIGITAL_PATH) for what in ("json", "svg", "html")
    ]
    recognised, svg, page, digital, digital_svg, digital_page = ask(store, *paths)
    assert marked(recognised) == ["budget"]
    assert recognised.json()["words"][0]["box"] is None
    assert recognised.json()["why"] == places.NO_LAYOUT
    assert "etag" not in recognised.headers
    assert rectangles(svg) == rectangles(digital_svg) == []
    assert "No word can be marked: this page was recognised before" in page.text
    assert digital.json()["why"] == "its PDF is missing"
    assert "its PDF is missing" in digital_page.text


def test_a_page_that_hangs_its_reader_is_not_read_for_every_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = site(tmp_path)
    calls: list[Any] = []
    call = Child.call

    def late(child: Child, fn: Any, *arguments: Any, timeout: float) -> Any:
        calls.append(fn)
        return call(child, fn, *arguments, timeout=0.0001)

    monkeypatch.setattr(Child, "call", late)
    answers = ask(store, *(f"{DIGITAL_PATH}.json?q={word}" for word in ("budget", "harbor", "hearing")))
    assert [answer.json()["why"] for answer in answers] == ["its PDF took longer than 0.0001 s"] * 3
    assert calls == [boxes.word_boxes]


def test_a_page_without_text_or_site_is_not_found(tmp_path: Path) -> None:
    store = site(tmp_path)
    store.text(SCAN, 1).unlink()
    data, svg, other, outside, number, upper = ask(
        store,
        f"{SCAN_PATH}.json?q=by",
        f"{SCAN_PATH}.svg?q=by",
        "/other.ca/Board/2024-03-01/1.json",
        "/oak.ca/..%2F..%2Fetc/2024-03-01/1.json",
        "/oak.ca/Board/2024-03-01/0.svg",
        "/oak.ca/Board/2024-03-01/1.JSON",
    )
    assert [each.status_code for each in (data, svg, other, outside, number, upper)] == [404] * 6
    assert data.json() == {"ok": False, "error": "There is no such page."}


def test_what_a_browser_keeps_is_of_this_page_and_this_search(tmp_path: Path) -> None:
    store = site(tmp_path)
    path = f"{SCAN_PATH}.svg?q=budget"
    first, other = ask(store, path, f"{SCAN_PATH}.svg?q=by")
    tag = first.headers["etag"]
    assert other.headers["etag"] != tag
    again = ask(store, path, headers={"If-None-Match": tag})[0]
    assert (again.status_code, again.content) == (304, b"")
    # Recognised again: another text, other places.
    text = f"New {TEXT}"
    made = layout.encode(text, [word_box(n) for n in range(len(layout.words(text)))])
    store.write_page(SCAN, PageRecord(1, "done", source=Source.OCR), text, layout=made)
    later = ask(store, path, headers={"If-None-Match": tag})[0]
    assert later.status_code == 200
    assert rectangles(later) != rectangles(first)


def test_a_page_of_very_many_words_is_told_in_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clerk.serve.marks.MOST_WORDS", 3)
    monkeypatch.setattr("clerk.serve.marks.MOST_MARKS", 1)
    data, svg = ask(site(tmp_path), f"{SCAN_PATH}.json", f"{SCAN_PATH}.svg?q=by")
    assert data.json()["truncated"]
    assert len(data.json()["words"]) == 3
    assert len(rectangles(svg)) == 1


def test_layout_data_that_are_damaged_are_none(tmp_path: Path) -> None:
    store = site(tmp_path)
    data = bytearray(store.layout(SCAN, 1).read_bytes())
    for spoilt in (b"", bytes(data[:10]), b"CLW1" + bytes(200), bytes(data) + b"x" * 50):
        store.layout(SCAN, 1).write_bytes(spoilt)
        (answer,) = ask(store, f"{SCAN_PATH}.json?q=budget")
        assert answer.status_code == 200
        assert answer.json()["why"] in ("", places.NO_LAYOUT)
        json.loads(answer.content)
