"""Finds what a page prints around its text, so that sentences and lists run on over a page break."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

_NUMBER = re.compile(
    r"\s*+(?:page\s*+|p\s*a\s*g\s*e\s*+)?[-–—|]?\s*\d{1,4}\s*[-–—|]?(?:\s*(?:of|/)\s*\d{1,4})?\s*"
    r"(?:\|?\s*p\s?age)?\s*",
    re.IGNORECASE,
)
# A line in the middle of a text that can only be a page's foot or head: a body and a date with a page number.
_RUNNING = re.compile(
    r"^[ \t]*+(?:(?:page[ ]\d{1,3}(?:[ ]of[ ]\d{1,3})?|\d{1,3}[ ]of[ ]\d{1,3}|\d{1,3}[ ]?\|[ ]?p[ ]?age)[ \t]*+"
    r"|(?=[^\n]{8,90}$)[A-Z][A-Z ,']{3,40}+\s\d{1,3}\s[A-Z]{3,9}\s\d{1,2},\s\d{4}[ \t]*+"
    r"|(?=[^\n]{8,110}$)[^\n]{4,80}?[ ]{2,}page[ ]\d{1,3}[ ]of[ ]\d{1,3}[ ]*|(?=[^\n]{8,110}$)(?:minutes\b[^\n]{4,60}?"
    r"|[^\n]{4,80}?\bminutes\b[^\n]{0,40}?)[ ]page[ ]\d{1,3}\b[^\n]{0,30})$",
    re.IGNORECASE | re.MULTILINE,
)
_DIGITS = re.compile(r"\d+")
_LONGEST = 160  # characters of a line that can be furniture
_VOTING = re.compile(
    r"\b(?:ayes?|nays?|noes|yeas?|motion|moved|seconded|carried|none|absent|abstain\w*|approved)\b",
    re.IGNORECASE,
)
_EDGE = 3  # lines at each end of a page that are looked at


class Edge(NamedTuple):
    """A line near a page's end: where it stands, and how many lines lie between it and that end."""

    start: int
    end: int
    text: str
    depth: int


def furniture(pages: Sequence[str]) -> list[list[tuple[int, int]]]:
    """Of each page the spans (start, end) of lines that are page numbers, running heads or feet."""
    lines = [_edges(page) for page in pages]
    shared = Counter(key for found in lines for key in {_key(edge.text) for edge in found})
    return [_spans(page, found, shared) for page, found in zip(pages, lines, strict=True)]


def _spans(page: str, edges: list[Edge], shared: Counter[str]) -> list[tuple[int, int]]:
    spans = {(edge.start, edge.end) for edge in edges if _is_furniture(edge, shared)}
    if len(spans) >= len(edges):
        return []  # a page of nothing else is its own text
    spans.update(match.span() for match in _RUNNING.finditer(page))
    return sorted(spans)


def _is_furniture(edge: Edge, shared: Counter[str]) -> bool:
    if len(edge.text) > _LONGEST or _VOTING.search(edge.text):
        return False
    times = shared[_key(edge.text)]
    return bool(_NUMBER.fullmatch(edge.text)) or (
        len(edge.text) > 3 and times > (1 if edge.depth == 0 else 2)
    )


def _edges(page: str) -> list[Edge]:
    """The first and the last lines that print something."""
    found: list[Edge] = []
    head = page[:1000]
    position = 0
    for line in head.split("\n")[:-1] if len(page) > 1000 else head.split("\n"):
        if line.strip() and len(found) < _EDGE:
            found.append(Edge(position, position + len(line), line.strip(), len(found)))
        position += len(line) + 1
    tail: list[Edge] = []
    position = len(page)
    for line in reversed(page[-1000:].split("\n")[1 if len(page) > 1000 else 0 :]):
        if line.strip() and len(tail) < _EDGE:
            tail.append(Edge(position - len(line), position, line.strip(), len(tail)))
        position -= len(line) + 1
    return found + [each for each in reversed(tail) if not found or each.start > found[-1].start]


def _key(line: str) -> str:
    return _DIGITS.sub("#", " ".join(line.split()).casefold())
