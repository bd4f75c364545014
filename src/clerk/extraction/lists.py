"""Reads a list of names: with commas and `and`, one on each line, a count before or behind, or `None`."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from clerk.extraction.names import Person, parse
from clerk.extraction.tally import NUMBERS
from clerk.extraction.words import STOP, SUFFIX

_LONGEST = 1200  # characters of a list


@dataclass(slots=True)
class Listing:
    """What stands in a list: `count` as printed, `none` for a list that says so, `everyone` for "All"."""

    people: list[Person]
    end: int
    count: int | None = None
    none: bool = False
    everyone: bool = False


_HEAD = re.compile(
    r"[\s:;=.(*-]{0,6}+(?:(?P<count>\d{1,2})(?![\d/.%,]\d|\d|:\d|\s?(?:a\.?m|p\.?m))\)?[\s:;,(-]{0,5}+|"
    r"(?P<word>one|two|three"
    r"|four|five|six|seven|eight|nine|ten)\b[\s:;,()-]{0,5}+)?",
    re.IGNORECASE,
)
_NONE = re.compile(r"\(?(?:none|nil|zero|n/a|no\s?one|nobody|ninguno|ninguna|-?0-?)\b\)?", re.IGNORECASE)
_ALL = re.compile(r"all\b(?!\s+[a-z]+\s+moved)|unanimous\b|todos\b", re.IGNORECASE)
_BETWEEN = re.compile(
    r"[ ]?\*{0,3}(?P<gap>[ \n]*+)(?P<mark>(?:[,;&/]|\band\b|\by\b|-(?=\s))?+)[\s,;&*]*+(?:and\b\s*+)?\*{0,3}",
    re.IGNORECASE,
)
_GIVEN = re.compile(r",\s[A-Z]\.(?:\s?[A-Z]\.)?(?=\s*(?:;|\n|and\b|$))")
_TRAILING = re.compile(
    r"\s*+(?:\((?!\d)[^()\n]{1,30}\))?+"
    r"\s{0,2}+(?:[-=]\s?(?P<count>\d{1,2})\b(?![-/:])|\((?P<paren>\d{1,2})\))?+",
    re.IGNORECASE,
)


def read_list(text: str, start: int, known: Collection[str], limit: int) -> Listing:
    """The names that begin at `start`, with commas, semicolons, `and`, or one on each line."""
    limit = min(limit, start + _LONGEST, len(text))
    head = _HEAD.match(text, start, limit)
    listing = Listing([], start)
    position = start
    if head:
        position = head.end()
        number = head["count"] or head["word"]
        if number:
            listing.count = NUMBERS.get(number.lower()) if not number.isdigit() else int(number)
            listing.end = position
    group = _GROUP.match(text, position, limit)
    if group and (group["colon"] or _NONE.match(text, group.end(), limit)):
        position = group.end()
    if (match := _NONE.match(text, position, limit)) or (match := _ALL.match(text, position, limit)):
        listing.none = not match.group().lower().startswith(("all", "unan", "todos"))
        listing.everyone = not listing.none
        listing.end = match.end()
        return listing
    _people(text, position, limit, known, listing)
    _split_flat(listing)
    if listing.count == 0 and not listing.people:
        listing.none = True
    return listing


def _split_flat(listing: Listing) -> None:
    """`3 - Hart Ruiz Tull`: a column of surnames whose line breaks are lost; the count tells."""
    if len(listing.people) != 1 or not listing.count or listing.count < 2:
        return
    person = listing.people[0]
    words = person.name.split()
    if len(words) == listing.count and all(len(word) > 2 for word in words):
        listing.people = [Person(word, person.title, person.start, person.end) for word in words]


_GROUP = re.compile(
    r"[\s:]{0,3}(?:(?:city|town|board|village)\s+)?(?:council\s?(?:members?|persons?|men)|members?"
    r"|commissioners?|trustees?|supervisors?|directors?"
    r"|councill?ors?|alder(?:men|persons)|selectmen)\s*(?P<colon>:)?[\s-]{0,3}",
    re.IGNORECASE,
)


_DIGIT = re.compile(r"\d")


def _people(text: str, position: int, limit: int, known: Collection[str], listing: Listing) -> None:
    mark, gap = ",", ""
    lines = 0
    after_suffix = False
    while position < limit:
        person = parse(text, position, known, limit)
        if (
            person is None
            or _DIGIT.search(person.name)
            or not (
                _continues(person, mark, gap, known, text, lines, len(listing.people), after_suffix)
                or ("." not in gap and _is_titled_pair(listing.people, person, text))
            )
        ):
            return
        listing.people += _apart(person, known)
        after_suffix = person.name.split()[-1].lower().rstrip(".") in SUFFIX
        given = None if " " in person.name else _GIVEN.match(text, person.end, limit)
        stands = given.end() if given else person.end
        trailing = _TRAILING.match(text, stands, limit)
        full = trailing is not None and bool(trailing.group().strip())
        listing.end = position = trailing.end() if trailing and full else stands
        count = trailing and (trailing["count"] or trailing["paren"])
        if count:
            listing.count = int(count) if listing.count is None else listing.count
            return
        between = _BETWEEN.match(text, position, limit)
        if between is None or not between.group():
            between = re.compile(r"(?P<gap>\.\s{1,3})(?P<mark>)").match(text, position, limit)
            if between is None:
                return
        mark, gap = between["mark"], between["gap"]
        if text[person.end - 1] == "." and not mark:
            gap = "." + gap
        lines += "\n" in gap and not mark
        position = between.end()


def _apart(person: Person, known: Collection[str]) -> list[Person]:
    """`Hart Ruiz Tull` where each is a surname of the roster: commas that were lost."""
    words = [word.rstrip(".") for word in person.name.split()]
    if (
        len(words) < 2
        or not all(word.lower() in known for word in words)
        or person.surname != words[-1].lower()
    ):
        return [person]
    if " ".join(words).lower() in known:
        return [person]
    return [Person(word, person.title, person.start, person.end, person.at) for word in words]


_LIST_GOES_ON = re.compile(
    r"\s*(?:[.,;)]|$|(?:and|mr|mrs|ms|dr|vot(?:ed|ing|es)|yes|aye|no|nay|abstain\w*|oppos\w+|dissent\w*)\b)",
    re.IGNORECASE,
)


def _is_titled_pair(before: list[Person], person: Person, text: str) -> bool:
    """True for `Ms. Hart |Mr. Ruiz| and`: titles tell the names apart where commas are lost."""
    if not (before and before[-1].title and person.title):
        return False
    return text[person.end - 1] == "." or bool(_LIST_GOES_ON.match(text, person.end))


def _continues(
    person: Person,
    mark: str,
    gap: str,
    known: Collection[str],
    text: str,
    lines: int,
    so_far: int,
    after_suffix: bool,
) -> bool:
    """Whether a name after a comma, a line's end or a space still belongs to the list."""
    if mark and mark != "-":
        return not (mark.lower() == "and" and not person.title and person.name.lower() in STOP)
    sentence = text[person.end - 1 : person.end] != "." and text[person.end : person.end + 1] not in (
        ".",
        ",",
        ";",
        "\n",
        ")",
        "",
    )
    if "." in gap and sentence:
        return False  # "Mayor Odom voted aye" is a sentence of its own
    if person.seated or person.surname in known or (after_suffix and "\n" not in gap):
        return True
    if "." in gap or mark == "-" or "\n" not in gap:
        return False
    # One name on each line: nothing else stands on it.
    rest = text[person.end : person.end + 40].split("\n", maxsplit=1)[0].strip(" ,;")
    return not rest and not person.title and (lines > 0 or so_far == 1)
