"""What the recogniser found and no rule did: kept where nothing speaks against it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from clerk.extraction.lexicon import is_given
from clerk.extraction.person_rules import core, is_place
from clerk.extraction.person_words import NO_PERSON
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
    r"(?:\b(?:in|of|from|to|at|near|for|visit|within|around|outside|the)|,|[A-Z]\w+,? and)\s$"
)
_IN_PLACE = re.compile(r"\b(?:in|near|around|outside|through|throughout)\s$")
_BEFORE_BODY = re.compile(r"\b(?:with|by|from|between|for|to|extend|hire|hired|employ|thanked)\s(?:the\s)?$")


def guesses(text: str, recognised: Sequence[tuple[int, int, str]], ruled: Sequence[Span]) -> Iterator[Span]:
    """Recognised names (start, end, label) of a text that may stand beside those that rules found."""
    surnames = {
        text[span.start : span.end].rsplit(maxsplit=1)[-1].lower() for span in ruled if span.kind == "persons"
    }
    for first, last, label in recognised:
        kind = _KINDS.get(label)
        if kind is None or last - first > 120:
            continue
        for start, end in _pieces(text, first, last, titles=kind != "orgs"):
            span = _guess(text, kind, start, end, surnames)
            if span is not None:
                yield span


def _pieces(text: str, start: int, end: int, *, titles: bool) -> Iterator[tuple[int, int]]:
    """The parts of a name between line breaks, titles and marks."""
    begin = -1
    last = -1
    for match in re.finditer(r"\n|[^\s]+", text[start:end]):
        word = match.group()
        bare = word.strip(".,;:()\"'").lower()
        if word == "\n" or (titles and bare in TITLES) or any(char.isdigit() for char in word):
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
    if kind == "persons" and _IN_PLACE.search(text, max(0, start - 12), start) and not is_given(words[0]):
        kind = "locations"  # nobody is met "in" a person
    if kind == "persons":
        return _person(text, start, end, surnames)
    if kind == "orgs":
        return _organisation(text, name, words, start, end, surnames)
    return _place(text, name, words, start, end, surnames)


def _person(text: str, start: int, end: int, surnames: set[str]) -> Span | None:
    if text[max(0, start - 2) : start - 1].isdigit():
        return None  # a street after its number
    start, end = core(text, start, end)
    name = text[start:end]
    words = [word.strip(".,'\"()").lower() for word in name.split()]
    if len(words) > 1 and is_place(name):
        near = _BEFORE_PLACE.search(text, max(0, start - 9), start)
        return Span("locations", start, end, "guess") if near else None
    known = bool(words) and words[-1] in surnames
    if not _is_person(name, words) or (not known and (name.isupper() or len(words) == 1)):
        return None
    heading = re.match(r"[A-Z]\.\s[A-Z][a-z]+$", name) and text[max(0, start - 2) : start].strip(" ") in (
        "",
        "\n",
    )
    if heading and not known:
        return None
    return Span("persons", start, end, "guess_known" if len(words) == 1 else "guess")


def _is_person(name: str, words: Sequence[str]) -> bool:
    if not 0 < len(words) < 5 or any(word in STOP or word in NO_PERSON for word in words):
        return False
    capital = all(part[0].isupper() or part in ("de", "la", "van", "von", "der") for part in name.split())
    return capital and not _PAPER.search(name)


def _organisation(
    text: str, name: str, words: list[str], start: int, end: int, surnames: set[str]
) -> Span | None:
    if _PAPER.search(name) or any(word in STOP - {"the", "of", "and", "for", "on"} for word in words):
        return None
    if len(words) > 1 and _BEFORE_BODY.search(text, max(0, start - 14), start) and _is_body(name, words):
        return Span("orgs", start, end, "guess")
    if len(words) == 1:
        inner = any(char.isupper() for char in name[1:])
        known = words[0] in surnames
        return Span("orgs", start, end, "guess_short") if inner and not name.isupper() and not known else None
    return None  # longer ones that no rule knows were right one time in nine


def _is_body(name: str, words: list[str]) -> bool:
    plainly = all(part[0].isupper() or part in ("of", "and", "&", "for", "the") for part in name.split())
    return plainly and not name.isupper() and not set(words) & (TITLES - {"water", "land", "community"})


def _place(text: str, name: str, words: list[str], start: int, end: int, surnames: set[str]) -> Span | None:
    if (
        _PAPER.search(name)
        or any(word in STOP or word in NO_PERSON for word in words)
        or len(words) > 4
        or len(name) < 4
    ):
        return None
    if len(words) == 1 and words[0] in surnames:
        return None
    if name.isupper() or words[-1] in ("route", "highway", "interstate"):
        return None
    if not _BEFORE_PLACE.search(text, max(0, start - 24), start):
        return Span("locations", start, end, "guess_bare") if len(words) > 1 else None
    return Span("locations", start, end, "guess")
