"""Shows where the words of a search stand on a page's image: as data, as marks to lay over it, or both in one page.

The words are those of the parameter `q`, taken as `clerk search` takes them. Without it the data are of all words of
the page, and nothing is marked.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qs

from clerk import layout
from clerk.errors import ClerkError, UsageError
from clerk.layout import WordBox
from clerk.serve.address import IMAGE, MARKS, WORDS, PageAddress
from clerk.serve.answer import BUSY, HTML, JSON, NOT_FOUND, SVG, Answer, etag_of
from clerk.serve.hits import check_search, spans
from clerk.serve.places import PagePlaces, PlacedText
from clerk.serve.workers import OverloadedError

MOST_WORDS = 20_000
MOST_MARKS = 5_000
# What marks reach beyond the letters, in thousandths of the page.
_ROUND = 2
# The version of what is sent, for browsers that keep it.
_FORM = "2"
# A text may hold them, and no XML may: with one of them a browser shows no mark at all.
_UNKNOWN = "\N{REPLACEMENT CHARACTER}"
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class _Found:
    """Words of a page: start, end and box of each that is `marked`, or of all where nothing is searched for."""

    address: PageAddress
    search: str
    placed: PlacedText
    words: tuple[tuple[int, int, WordBox], ...]


@dataclass(frozen=True, slots=True)
class PageMarks:
    """Answers for the words of pages and their marks."""

    places: PagePlaces

    async def get(self, address: PageAddress, query: str, known: str = "") -> Answer:
        """The answer for `address`; `query` is that of the request, `known` its header If-None-Match."""
        kind = {WORDS: JSON, MARKS: SVG}.get(address.what, HTML)
        search = _search_of(query)
        etag = etag_of(f"{_FORM} {address.what} {search!r} {self.places.mark(address)}")
        if etag in known:
            return Answer(304, etag=etag, kind=kind)
        try:
            if search:
                check_search(search)
            placed = await self.places.get(address)
            if placed is None:
                return _refused(address, NOT_FOUND.status, NOT_FOUND.body.decode())
            # Long texts take a moment, and others are served by this thread too.
            body = await asyncio.to_thread(_body, address, search, placed)
        except OverloadedError:
            return _refused(address, BUSY.status, BUSY.body.decode())
        except UsageError as error:
            return _refused(address, 400, error.message)
        except ClerkError as error:
            return _refused(address, 500, error.message)
        # What cannot be placed now may be later, without a change of the files that the tag is of.
        return Answer(200, body, "" if placed.why else etag, kind)


def _body(address: PageAddress, search: str, placed: PlacedText) -> bytes:
    found = _Found(address, search, placed, tuple(_chosen(placed, search)))
    made = {WORDS: _as_json, MARKS: _as_svg}.get(address.what, _as_html)(found)
    return made.encode("utf-8", "replace")


def _search_of(query: str) -> str:
    """The first `q` of a query string; what is no UTF-8 in it is replaced, empty is none."""
    try:
        values = parse_qs(query, keep_blank_values=True, max_num_fields=100, errors="replace").get("q", [])
    except ValueError:
        return ""
    return values[0].strip() if values else ""


def _chosen(placed: PlacedText, search: str) -> Iterable[tuple[int, int, WordBox]]:
    words = zip(layout.words(placed.text), placed.boxes, strict=True)
    if not search:
        return ((start, end, box) for (start, end), box in words)
    found = iter(spans(placed.text, search))
    return _touched(((start, end, box) for (start, end), box in words), found)


def _touched(
    words: Iterable[tuple[int, int, WordBox]], found: Iterable[tuple[int, int]]
) -> Iterable[tuple[int, int, WordBox]]:
    """The words that a place of `found` touches; both are in the order of the text."""
    places = iter(found)
    place = next(places, None)
    for start, end, box in words:
        while place is not None and place[1] <= start:
            place = next(places, None)
        if place is None:
            return
        if place[0] < end:
            yield start, end, box


def _refused(address: PageAddress, status: int, why: str) -> Answer:
    if address.what == WORDS:
        return Answer(status, json.dumps({"ok": False, "error": why}).encode(), kind=JSON)
    return Answer(status, why.encode("utf-8", "replace"))


def _as_json(found: _Found) -> str:
    text, document = found.placed.text, found.address.document
    return json.dumps(
        {
            "ok": True,
            "kind": document.kind.value,
            "meeting": document.meeting,
            "date": document.date,
            "page": found.address.page,
            "source": found.placed.source.value,
            "q": found.search,
            "why": found.placed.why,
            "truncated": len(found.words) > MOST_WORDS,
            "words": [
                {"text": text[start:end], "start": start, "end": end, **_place(box)}
                for start, end, box in found.words[:MOST_WORDS]
            ],
        },
        ensure_ascii=False,
    )


def _place(box: WordBox) -> dict[str, object]:
    if not box.known:
        return {"box": None, "confidence": box.confidence}
    sides = [round(side, 4) for side in (box.left, box.top, box.right, box.bottom)]
    return {"box": sides, "confidence": box.confidence}


def _as_svg(found: _Found) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" {_FRAME}>{"".join(_rectangles(found))}</svg>'


_FRAME = 'viewBox="0 0 1000 1000" preserveAspectRatio="none" fill="#ffd500" fill-opacity="0.55"'


def _rectangles(found: _Found) -> Iterable[str]:
    if not found.search:
        return
    text = found.placed.text
    placed = [word for word in found.words if word[2].known][:MOST_MARKS]
    for number, (start, end, box) in enumerate(placed, 1):
        left, top, right, bottom = (1000 * side for side in (box.left, box.top, box.right, box.bottom))
        width, height = right - left + 2 * _ROUND, bottom - top + 2 * _ROUND
        sure = "" if box.confidence is None else f" (confidence {box.confidence:g})"
        yield (
            f'<rect id="m{number}" x="{left - _ROUND:.1f}" y="{top - _ROUND:.1f}" '
            f'width="{width:.1f}" height="{height:.1f}">'
            f"<title>{escape(_NO_XML.sub(_UNKNOWN, text[start:end]) + sure)}</title></rect>"
        )


_VIEW = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ margin: 1rem auto; max-width: 80rem; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif; }}
form {{ display: flex; gap: .5rem; margin: .5rem 0 1rem; }}
input {{ flex: 1; max-width: 30rem; font: inherit; }}
figure {{ position: relative; margin: 0; border: 1px solid #ccc; line-height: 0; }}
figure img {{ width: 100%; }}
figure svg {{ position: absolute; inset: 0; width: 100%; height: 100%; mix-blend-mode: multiply; }}
</style></head>
<body><h1>{title}</h1>
<form><input name="q" value="{search}" aria-label="Words to mark"><button>Mark</button></form>
<p>{said}</p>
<figure><img src="{image}" alt="Image of this page"><svg {frame}>{marks}</svg></figure>
</body></html>
"""


def _as_html(found: _Found) -> str:
    document, page = found.address.document, found.address.page
    return _VIEW.format(
        title=escape(f"{document.meeting} {document.date}, {document.kind.value}, page {page}"),
        search=escape(found.search),
        said=escape(_said(found)),
        image=f"{page}.{IMAGE}",
        frame=_FRAME,
        marks="".join(_rectangles(found)),
    )


def _said(found: _Found) -> str:
    if found.placed.why:
        return f"No word can be marked: this page {found.placed.why}."
    if not found.search:
        return "Words that are searched for are marked here."
    placed = sum(box.known for *_, box in found.words)
    if not found.words:
        return "None of these words stands on this page."
    missing = len(found.words) - placed
    unknown = f"; where {missing} more stand is not known" if missing else ""
    return f"{placed} {'word is' if placed == 1 else 'words are'} marked{unknown}."
