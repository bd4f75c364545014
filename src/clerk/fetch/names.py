"""Reads the date, the body and the kind of a meeting document from names that people gave it. Pure.

What can be read in two ways is not read: each reader returns a value, or the reason why there is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from clerk.models import Kind


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan enero ene",
            "february feb febrero",
            "march mar marzo",
            "april apr abril abr",
            "may mayo",
            "june jun junio",
            "july jul julio",
            "august aug agosto ago",
            "september sept sep septiembre",
            "october oct octubre",
            "november nov noviembre",
            "december dec diciembre dic",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + ")"
_YEAR = r"(?P<year>(?:19|20)\d{2})"
_SEP = r"[\s._,-]{1,3}"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|º|o\b)?"
# In order: what one finds is taken out of the text before the next one looks.
_WORDED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\d){_YEAR}{_SEP}{_MONTH}{_SEP}{_DAY}(?!\d)",
        rf"(?<!\d){_DAY}(?:{_SEP}|\s+de\s+){_MONTH}\.?(?:{_SEP}|\s+de\s+){_YEAR}(?!\d)",
        rf"(?<![^\W\d_]){_MONTH}\.?[\s._,-]{{0,3}}{_DAY}[\s._,-]{{0,3}}{_YEAR}(?!\d)",
    )
)
_ISO = re.compile(rf"(?<!\d){_YEAR}(?P<sep>[-._/ ])(?P<month>\d{{1,2}})(?P=sep)(?P<day>\d{{1,2}})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)(\d{8})(?!\d)")
_NUMBERS = re.compile(r"(?<!\d)(\d{1,2})([-._/ ])(\d{1,2})\2((?:19|20)\d{2})(?!\d)")
_SHORT = re.compile(r"(?<![\d.])(\d{1,2})([-._/])(\d{1,2})\2(\d{2})(?![\d])")

_KIND_WORDS = {
    "minutes": Kind.MINUTES,
    "minute": Kind.MINUTES,
    "mins": Kind.MINUTES,
    "acta": Kind.MINUTES,
    "actas": Kind.MINUTES,
    "agenda": Kind.AGENDA,
    "agendas": Kind.AGENDA,
}
# A body is taken from a file's name only where a word says that it is one.
_BODY_WORDS = _set(
    """council board commission committee subcommittee authority trustees supervisors selectmen selectboard
    commissioners assembly legislature panel court aldermen corporation agency district senate
    cabildo ayuntamiento concejo consejo junta comision comisión comité"""
)
_FILLER = _set(
    """final draft approved unapproved adopted amended revised signed unsigned packet packets package full
    special regular emergency adjourned joint rescheduled cancelled canceled notice meeting meetings mtg
    session closed open public copy pdf web website posted of the and for on a to with in at
    version rev am pm corrected updated scan scanned combined complete supplemental addendum download view
    monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun"""
)
_SMALL = frozenset(("of", "the", "and", "for", "on", "a", "to", "de", "la", "del", "y"))
_LONGEST_BODY = 8
_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-zà-ÿ]+|[A-ZÀ-Þ][a-zà-ÿ]*|\d+|&")


@dataclass(frozen=True, slots=True)
class Reading:
    """A value, or the reason why it cannot be read (`ambiguous`: there are several)."""

    value: str = ""
    reason: str = ""
    ambiguous: bool = False


_Read = Callable[[re.Match[str]], "frozenset[str] | None"]


def read_date(text: str, *, country: str = "US") -> Reading:
    """The one ISO date that `text` names.

    Numbers like 03-05-2024 are month, day, year where `country` is US. Elsewhere they are read only where one
    order is possible.
    """
    readings, _ = _dates(text, country)
    found = {value for values in readings for value in values}
    if not readings:
        return Reading(reason="names no date")
    if len(found) == 1:
        return Reading(value=found.pop())
    if len(readings) == 1:
        return Reading(reason=f"has a date that {_either(found)}", ambiguous=bool(found))
    return Reading(reason=f"names several dates: {', '.join(sorted(found))}", ambiguous=True)


def read_kind(text: str) -> Reading:
    """`minutes` or `agenda`, whichever of the two words `text` holds."""
    kinds = {_KIND_WORDS[word.lower()] for word in words(text) if word.lower() in _KIND_WORDS}
    if len(kinds) == 1:
        return Reading(value=kinds.pop().value)
    if kinds:
        return Reading(reason="names both agenda and minutes", ambiguous=True)
    return Reading(reason="names neither agenda nor minutes")


def read_body(text: str, *, country: str = "US") -> Reading:
    """The body that `text` names, in one word (`CityCouncil`), where a word such as Council says so."""
    _, rest = _dates(text, country)
    kept = [word for word in words(rest) if not word.isdigit() and not _plain(word)]
    while kept and kept[0].lower() in _FILLER:
        kept.pop(0)
    while kept and kept[-1].lower() in _FILLER:
        kept.pop()
    # A sentence that mentions a body is no name of one.
    if len(kept) > _LONGEST_BODY or not any(word.lower() in _BODY_WORDS for word in kept):
        return Reading(reason="names no body")
    kept = _name_only(kept)
    shouted = all(word.isupper() for word in kept)
    return Reading(value="".join(_cased(word, shouted=shouted) for word in kept))


def only_kind(text: str) -> Kind | None:
    """The kind, where `text` says nothing but that: a folder `Agendas`, a link `Minutes (PDF)`."""
    kind = read_kind(text).value
    rest = [w.lower() for w in words(text) if w.lower() not in _KIND_WORDS and w.lower() not in _FILLER]
    return Kind(kind) if kind and not any(not word.isdigit() for word in rest) else None


def words(text: str) -> list[str]:
    """Words and numbers of `text`, also of a name like `CityCouncil_Agenda-2`."""
    return _TOKEN.findall(text)


def specific(bodies: Iterable[str]) -> str:
    """The first of `bodies`, or a later one that says which Board or Council the first one means."""
    first = ""
    for body in filter(None, bodies):
        if first and first.lower() not in body.lower():
            continue
        first = body
        if first.lower() not in _BODY_WORDS:
            break
    return first


def _name_only(kept: list[str]) -> list[str]:
    """The words up to the one that says what body it is: a City Council's budget workshop is its meeting."""
    last = max(n for n, word in enumerate(kept) if word.lower() in _BODY_WORDS)
    following = kept[last + 1 : last + 2]
    return kept if following and following[0].lower() in _SMALL else kept[: last + 1]


def _plain(word: str) -> bool:
    """True for a word that belongs to no body's name."""
    lowered = word.lower()
    if lowered in _SMALL:
        return False
    return (
        lowered in _KIND_WORDS or lowered in _FILLER or lowered in _MONTHS or (len(word) == 1 and word != "&")
    )


def _cased(word: str, *, shouted: bool) -> str:
    if word == "&":
        return "And"
    if shouted and len(word) > 3:
        return word.capitalize()
    return word if word.lower() in _SMALL and not shouted else word[:1].upper() + word[1:]


def _dates(text: str, country: str) -> tuple[list[frozenset[str]], str]:
    """For each date of `text` the ways to read it, and the text without them."""
    readings: list[frozenset[str]] = []
    for pattern, read in _readers(country):
        while match := pattern.search(text):
            values = read(match)
            # What is no day of the calendar is taken out too, lest another pattern reads a part of it.
            if values is not None:
                readings.append(values)
            text = f"{text[: match.start()]} \x00 {text[match.end() :]}"
    return readings, text.replace("\x00", " ")


def _readers(country: str) -> Iterator[tuple[re.Pattern[str], _Read]]:
    def worded(match: re.Match[str]) -> frozenset[str]:
        return _days((match["year"], _MONTHS[match["month"].lower()], match["day"]))

    def iso(match: re.Match[str]) -> frozenset[str]:
        return _days((match["year"], match["month"], match["day"]))

    def numbers(match: re.Match[str]) -> frozenset[str]:
        return _ordered(country, match[1], match[3], match[4])

    def compact(match: re.Match[str]) -> frozenset[str] | None:
        n = match[1]
        return (_ordered(country, n[:2], n[2:4], n[4:]) | _days((n[:4], n[4:6], n[6:]))) or None

    def short(match: re.Match[str]) -> frozenset[str] | None:
        first, second, third = match[1], match[3], match[4]
        found = _ordered(country, first, second, _full(third))
        if len(found) == 1 and _days((_full(third), first, second)) and country.upper() == "US":
            return found
        return (found | _days((_full(first), second, third))) or None

    for pattern in _WORDED:
        yield pattern, worded
    yield _ISO, iso
    yield _NUMBERS, numbers
    yield _COMPACT, compact
    yield _SHORT, short


def _ordered(country: str, first: str, second: str, year: str) -> frozenset[str]:
    """Readings of numbers whose order the text does not say; American custom settles it for `US`."""
    american = _days((year, first, second))
    return american if american and country.upper() == "US" else american | _days((year, second, first))


def _days(*candidates: tuple[str, str | int, str]) -> frozenset[str]:
    """ISO dates of those (year, month, day) that are days of the calendar, from 1900 to 2099."""
    found = set()
    for year, month, day in candidates:
        try:
            value = date(int(year), int(month), int(day))
        except ValueError:
            continue
        if 1900 <= value.year <= 2099:
            found.add(value.isoformat())
    return frozenset(found)


def _full(year: str) -> str:
    return f"20{year:0>2}" if int(year) < 50 else f"19{year:0>2}"


def _either(found: set[str]) -> str:
    return f"can be {' or '.join(sorted(found))}" if found else "is no day of the calendar"
