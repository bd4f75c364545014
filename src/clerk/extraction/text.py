"""One text of all pages of a document, made regular, that still knows where each character came from.

What changes: quotes and dashes become plain ones, words broken at a line's end are joined, stray marks that
recognition leaves before a word go, a title glued to a name is set off, page furniture and verbatim transcripts
are left out. Every position of the result leads back to its page and the offset in that page's text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from clerk.extraction.despace import despaced, is_spaced
from clerk.extraction.genre import is_transcript
from clerk.extraction.misread import is_word, repaired
from clerk.extraction.pages import furniture

Edit = tuple[int, int, str]  # from, to, what stands there instead

_LONGEST = 100_000  # characters of a page that are read: more is no page, and each costs time

_PLAIN = str.maketrans(
    {
        "’": "'", "‘": "'", "`": "'", "´": "'",
        "“": '"', "”": '"', "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-",
        "\u00a0": " ", "\u202f": " ", "\t": " ", "\r": " ", "\f": "\n", "\v": "\n", "\u2028": "\n",
    }
)  # fmt: skip
_REPAIR = re.compile(
    r"""
    (?P<broken>(?<=[a-z])-[ ]*+(?:\n[ ]*+){1,2}(?=[a-z])(?!(?:aye|yes|yea|nay|no|none|nil|abstain|absent)\b))
  | (?P<count>(?<=[a-z0-9])-[ ]*+\n[ ]*+(?=\d|(?:aye|yes|yea|nay|no|none|nil|abstain|absent)\b))
  | (?P<hyphen>(?<=[A-Za-z])-[ ]*+(?:\n[ ]*+){1,2}(?=[A-Z]))
  | (?P<flat>(?<=[a-z])-[ ](?=[a-z])(?!(?:ayes?|yes|yeas?|nays?|noe?s?|none|nil|abst\w*|absent|all|motion
      |the|that|this|to|and|of|for|in|is|was|with|by)\b))
  | (?P<star>(?<=[\s(])\*{1,3}(?=[A-Z][a-z]))
  | (?P<stray>(?<=[\s(])[.,:_~]{1,2}+(?=[A-Za-z]{2}))
  | (?P<dash>(?<=\s)-(?=(?:moved|seconded|by|with|carried|motion|approved|the)\b))
  | (?P<the>(?<=\b[Tt]he)[.,](?=[ ][a-z]))
  | (?P<zero>(?<=\d-)[oO](?=[\s.,;)]|-\d))
  | (?P<one>(?<=\d-)[lI|](?=[\s.,;)]|-\d))
  | (?P<em>\brn(?=(?:oved|otion|over)\b))
  | (?P<lead>(?<=[ (])-(?=[A-Z][A-Za-z]{2})(?!-(?i:aye|yes|yea|nay|no|abs|exc|pres|rec|sec|not|mot|vot)))
  | (?P<page>(?<=\s)(?:Page|PAGE)[ ]\d{1,3}[ ](?:of|OF)[ ]\d{1,3}\b[ ]*+)
  | (?P<by>(?<=(?i:ved|ded|ion)[ ](?i:by))[.,](?=[ ][A-Z]))
  | (?P<of>(?<=\bvote[ ]o)f(?=\d))
  | (?P<motion>(?<=[Mm]otion)\.(?=[ ](?:carried|passed|failed|was|by|made)))
  | (?P<before>(?<=[A-Za-z0-9)])[ ]{1,2}(?=[,.;:](?:[ \n]|$)))
  | (?P<gap>(?<=[a-z,;])[ ]{2,3}(?=[a-z])|(?<=[,;])[ ]{2,3}(?=[A-Z]))
  | (?P<double>(?<=,)[.](?=\s))
  | (?P<nd>(?<=\b2)[ ](?=nd\b))
  | (?P<glued>\b(?:Moved|Seconded|Mayor|Council(?:member|man|woman|or|lor)|Commissioner|Trustee|Alderman|Supervisor
        |Selectman|Director|(?<=oved[ ])by:?|(?<=nded[ ])by:?)(?=[A-Z][a-z]))
    """,
    re.VERBOSE,
)
_INSTEAD = {"of": "f ", "hyphen": "-", "count": "-", "gap": " ", "zero": "0", "one": "1", "em": "m"}


@dataclass(frozen=True)
class Source:
    """`text` is the regular text; positions in it are those of every event and vote until they are stored."""

    text: str
    whole: str  # the pages as they are, joined by line breaks
    numbers: tuple[int, ...]  # page numbers
    starts: tuple[int, ...]  # where in `whole` each page begins
    _at: tuple[int, ...]  # where in `text` each unchanged piece begins
    _from: tuple[int, ...]  # where in `whole` that piece begins

    @cached_property
    def low(self) -> str:
        """The text in small letters, of the same length."""
        low = self.text.lower()
        if len(low) == len(self.text):
            return low
        return "".join(small if len(small := each.lower()) == 1 else each for each in self.text)

    def origin(self, position: int) -> int:
        """Position in `whole` of a position in `text`."""
        piece = bisect_right(self._at, position) - 1
        limit = self._from[piece + 1] if piece + 1 < len(self._from) else len(self.whole)
        return min(self._from[piece] + position - self._at[piece], limit)

    def place(self, position: int) -> tuple[int, int]:
        """Page number and offset in that page's text."""
        return self.page_of(self.origin(position))

    def page_of(self, origin: int) -> tuple[int, int]:
        """Page number and offset of a position in `whole`."""
        index = max(0, bisect_right(self.starts, origin) - 1)
        return self.numbers[index], origin - self.starts[index]

    def pages_at(self) -> list[int]:
        """Where in `text` each page begins."""
        found = []
        for start in self.starts:
            piece = max(0, bisect_right(self._from, start) - 1)
            limit = self._at[piece + 1] if piece + 1 < len(self._at) else len(self.text)
            found.append(min(self._at[piece] + start - self._from[piece], limit))
        return found

    def raw(self, start: int, end: int) -> str:
        """The text as it is printed, between two positions in `text`."""
        return self.whole[self.origin(start) : self.origin(end)]


def build(texts: Mapping[int, str], *, spoken: bool = False) -> Source:
    """The text of a document's pages (number to text), in their order; `spoken`: transcripts stay in."""
    numbers = tuple(sorted(texts)) or (1,)
    pages = [texts.get(number, "")[:_LONGEST] for number in numbers]
    starts = tuple([0, *accumulate(len(page) + 1 for page in pages)][: len(numbers)])
    whole = "\n".join(pages)
    plain = whole.translate(_PLAIN)
    edits = _left_out(pages, starts, spoken=spoken)
    edits += despaced(plain) if is_spaced(plain) else _repairs(plain)
    return _applied(plain, whole, numbers, starts, sorted(edits))


def _left_out(pages: list[str], starts: tuple[int, ...], *, spoken: bool) -> list[Edit]:
    edits: list[Edit] = []
    for start, page, spans in zip(starts, pages, furniture(pages), strict=True):
        if not spoken and is_transcript(page):
            edits.append((start, start + len(page), "\n\n"))
        else:
            edits.extend((start + first, start + last, "") for first, last in _widened(page, spans))
    return edits


def _widened(page: str, spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Spans of furniture with the empty lines that it leaves at a page's ends, so that a sentence runs on."""
    first, last = 0, len(page.rstrip())
    for start, end in spans:
        leading = not page[first:start].strip()
        after = len(page) - len(page[end:].lstrip())
        yield (first, after) if leading else (start, end)
        first = after if leading else first
    for start, end in reversed(spans):
        if page[end:last].strip():
            return
        last = len(page[:start].rstrip())
        yield last, len(page)


def _repairs(plain: str) -> list[Edit]:
    edits: list[Edit] = []
    for match in _REPAIR.finditer(plain):
        kind = match.lastgroup or ""
        if kind == "glued":
            edits.append((match.end(), match.end(), " "))
        else:
            instead = _INSTEAD.get(kind, "")
            if kind == "hyphen" and is_word(plain, match.start(), match.end()):
                instead = ""
            edits.append((match.start(), match.end(), instead))
    if _is_wide(plain):
        edits += [(match.start(), match.end(), " ") for match in _WIDE.finditer(plain)]
    edits += [(match.end() - 1, match.end(), match["name"].upper()) for match in _SMALL.finditer(plain)]
    if len(_BARS.findall(plain)) > 2:
        edits += _unbarred(plain)
    return edits + list(repaired(plain))


# Cells of a table that stand in lines of their own between bars, as pages of the web have them when they are copied.
_BARS = re.compile(r"(?<=\n)[ ]*+\|[ |]*+\n")
_CELL = re.compile(
    r"^(?:(?P<bars>(?:[ ]*+\|[ |]*+\n)++)|(?P<lead>[ ]*+\|[ |]*+)?(?P<cell>[^|\n]++)(?P<tail>\|[ |]*+)?$)",
    re.M,
)


def _unbarred(plain: str) -> Iterator[Edit]:
    for match in _CELL.finditer(plain):
        if match["bars"]:
            yield match.start(), match.end(), "\n" if match["bars"].count("\n") > 2 else ""
            continue
        for part in ("lead", "tail"):
            if match[part]:
                yield match.start(part), match.end(part), ""


# `Moved by councillor mead`: a name in small letters, where nothing but a name can stand.
_SMALL = re.compile(
    r"\b[Bb][Yy]:?[ ](?:[Cc]ouncill?or|[Aa]lder(?:man|woman)|[Cc]ommissioner|[Tt]rustee|[Cc]llr\.?|[Ss]upervisor)[ ]"
    r"(?P<name>[a-z])(?=[a-z'-]{2,20}\b)"
)
_WIDE = re.compile(r"(?<=\S)[ ]{2}(?=\S)")


def _is_wide(plain: str) -> bool:
    """True where two spaces stand between most words: they are no columns."""
    sample = plain[:20_000]
    return len(_WIDE.findall(sample)) * 2 > len(re.findall(r"(?<=\S)[ ]{1,2}(?=\S)", sample)) > 20


def _applied(
    plain: str, whole: str, numbers: tuple[int, ...], starts: tuple[int, ...], edits: list[Edit]
) -> Source:
    parts: list[str] = []
    at, origins = [0], [0]
    done = length = 0
    for first, last, instead in edits:
        if first < done:
            continue
        parts += (plain[done:first], instead)
        length += first - done + len(instead)
        done = last
        at.append(length)
        origins.append(done)
    parts.append(plain[done:])
    return Source("".join(parts), whole, numbers, starts, tuple(at), tuple(origins))
