"""What the recogniser found and no rule did: kept where nothing speaks against it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from clerk.extraction.person_rules import NO_PERSON
from clerk.extraction.spans import Span
from clerk.extraction.words import STOP, TITLES

_KINDS = {"PERSON": "persons", "ORG": "orgs", "GPE": "locations", "LOC": "locations", "FAC": "locations"}
_PAPER = re.compile(
    r"\b(?:project|program|plan|act|fund|ordinance|resolution|agreement|agenda|item|code|award|grant|report"
    r"|budget|policy|section|permit|exhibit"
    r"|minutes|motion|amendment|certificate|recognition|specifications|standards|review|improvements?|street"
    r"|avenue|bond|zoning|meeting|election|hearing|services?|equipment|session|calendar|conference"
    r"|department\(s|fy|am|pm|administration|finance|technology|trustees?|interim|award|awareness|phase|cost"
    r"|recommended)\b",
    re.IGNORECASE,
)
_BEFORE_PLACE = re.compile(
    r"(?:\b(?:in|of|from|to|at|near|for|visit|within|around|outside|the)|,)\s$", re.IGNORECASE
)


def guesses(text: str, recognised: Sequence[tuple[int, int, str]], ruled: Sequence[Span]) -> Iterator[Span]:
    """Recognised names (start, end, label) of a text that may stand beside those that rules found."""
    surnames = {
        text[span.start : span.end].rsplit(maxsplit=1)[-1].lower() for span in ruled if span.kind == "persons"
    }
    for first, last, label in recognised:
        kind = _KINDS.get(label)
        if kind is None or last - first > 120:
            continue
        for start, end in _pieces(text, first, last):
            span = _guess(text, kind, start, end, surnames)
            if span is not None:
                yield span


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The parts of a name between line breaks, titles and marks."""
    begin = -1
    last = -1
    for match in re.finditer(r"\n|[^\s]+", text[start:end]):
        word = match.group()
        bare = word.strip(".,;:()\"'").lower()
        if word == "\n" or bare in TITLES or any(char.isdigit() for char in word):
            if begin >= 0:
                yield begin, last
            begin = -1
            continue
        if begin < 0:
            begin = start + match.start()
        last = start + match.end()
        if word[-1] in ";:":
            yield begin, last
            begin = -1
    if begin >= 0:
        yield begin, last


def _guess(text: str, kind: str, start: int, end: int, surnames: set[str]) -> Span | None:
    name = text[start:end].strip(" .,;:()\"'*_-")
    start += text[start:end].find(name)
    end = start + len(name)
    words = [word.strip(".,'\"()").lower() for word in name.split()]
    if not words or len(name) < 3 or not name[0].isupper():
        return None
    if kind == "persons":
        return _person(text, name, words, start, end, surnames)
    if kind == "orgs":
        return _organisation(name, words, start, end)
    return _place(text, name, words, start, end)


def _person(text: str, name: str, words: list[str], start: int, end: int, surnames: set[str]) -> Span | None:
    if len(words) > 4 or any(word in STOP or word in NO_PERSON for word in words) or _PAPER.search(name):
        return None
    if name.isupper() and words[-1] not in surnames:
        return None
    if not all(part[0].isupper() or part in ("de", "la", "van", "von", "der") for part in name.split()):
        return None
    if (
        re.match(r"[A-Z]\.\s[A-Z][a-z]+$", name)
        and text[max(0, start - 2) : start].strip(" ") in ("", "\n")
        and words[-1] not in surnames
    ):
        return None
    if len(words) == 1:
        return Span("persons", start, end, "guess_known") if words[0] in surnames else None
    return Span("persons", start, end, "guess")


def _organisation(name: str, words: list[str], start: int, end: int) -> Span | None:
    if _PAPER.search(name) or any(word in STOP - {"the", "of", "and", "for", "on"} for word in words):
        return None
    if len(words) == 1:
        inner = any(char.isupper() for char in name[1:])
        return Span("orgs", start, end, "guess_short") if inner and not name.isupper() else None
    return None  # longer ones that no rule knows were right one time in nine


def _place(text: str, name: str, words: list[str], start: int, end: int) -> Span | None:
    if (
        _PAPER.search(name)
        or any(word in STOP or word in NO_PERSON for word in words)
        or len(words) > 4
        or len(name) < 4
    ):
        return None
    if name.isupper():
        return None
    if not _BEFORE_PLACE.search(text, max(0, start - 9), start):
        return Span("locations", start, end, "guess_bare") if len(words) > 1 else None
    return Span("locations", start, end, "guess")
