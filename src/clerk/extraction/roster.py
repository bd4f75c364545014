"""Who sat at a meeting: names, roles and attendance, from the lists at the head of its minutes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from clerk.extraction.names import Person, parse, parse_before, surname
from clerk.extraction.text import Source
from clerk.extraction.words import SEATED, TITLES

_HEAD = re.compile(
    r"""(?:(?<=^)|(?<=\n)|(?<=[\s.;(]))(?:
    (?P<staff>(?:also\s+(?:present|attending|in\s+attendance)|others?\s+(?:present|in\s+attendance)|staff(?:\s+
        (?:members?|present|in\s+attendance))*
        |(?:city|town|village|county)?\s?staff\s+present|guests?(?:\s+present)?|visitors(?:\s+present)?|audience
            |public\s+present
        |also\s*:|in\s+addition)\b\s*[:;.-]{0,2})
  | (?P<absent>(?:(?:members?|commissioners?|trustees?|councill?ors?|council\s?members?|supervisors?|board
      (?:\s+members?)?|council|directors?)\s+)?(?:absent|excused|regrets|ausentes?)
        (?:\s+(?:were|was|members?|commissioners?|councilmembers?))?\s*[:;-]|absent\s*:)
  | (?P<present>(?:(?:members?|commissioners?|trustees?|councill?ors?|council\s?members?|supervisors?|board
      (?:\s+members?)?|council|directors?|those|attendance)\s+)?
        (?:present|presentes|in\s+attendance|attending)(?:\s+(?:were|was|at\s+roll\s+call|on\s+roll\s+call
            |remotely|in\s+person))?\s*(?:members?|commissioners?|councilmembers?)?\s*[:;-]
      |(?:those|members?|the\s+following(?:\s+\w+){0,3})\s+(?:were\s+)?present(?:\s+were)?\s*[:;-]?
      |(?:present|in\s+attendance)\s+(?:were|was)\b\s*[:;]?|roll\s+call\s*[:.-]?\s*(?:present\s*[:-]?)?
          (?=\s*\n?\s*(?:mayor|council|commissioner|trustee|chair|alder|members?\s+present))
      |attendance\b\s*:?|(?:via|by)\s+(?:zoom|teleconference|telephone|phone|video)\s*:|present\s*:))""",
    re.VERBOSE,
)
_WERE_PRESENT = re.compile(r"\b(?:were|was)\s+(?P<not>not\s+)?(?P<state>present|absent|in\s+attendance)\b")
_LATE = re.compile(
    r"\s*\(?\s*(?:arrived|joined|entered)(?:\s+(?:late|at))*\s*(?:at\s+)?(?P<at>\d{1,2}\s?:\s?\d{2}\s*"
    r"(?:[ap]\.?m\.?)?)?",
    re.I,
)
_LEFT = re.compile(
    r"\b(?P<verb>left|arrived|joined|departed|entered|returned)\b(?:\s+(?:the|this|meeting|dais|chambers?|room"
    r"|late|early|to)){0,4}"
    r"(?:\s+at)?\s+(?P<at>\d{1,2}\s?:\s?\d{2}\s*(?:[ap]\.?m\.?)?)",
    re.I,
)
_BALLOT = re.compile(r"\b(?:ayes?|noes|nays?|yeas?|abstain(?:ed|ing)?|abstentions?|result)\s*[:;-]")
_BALLOT_REACH = 300  # characters from the sides of a recorded vote to its "Absent:"
_WRAPPED = 45  # characters of a line that can have been broken for its length
_REST = re.compile(r"[ ]{0,3}\|?[ ]{0,3}\n{1,2}[ ]{0,3}(?=[^\W\d_a-z])")
_ENDS = re.compile(r"\s{0,3}(?:[,;.)|(]|\n|$|and\b)")
_AFTER_ROLE = re.compile(r"[,(-]?\s*((?:[A-Za-z]+[ -]?){1,4})")
_CROWD = 15  # people without any title: more than sit on a body
_LONGEST = 900  # characters of an attendance list


@dataclass(frozen=True, slots=True)
class Attendee:
    """One person in a meeting's attendance.

    `role` is the title as printed (small letters), `status` is present, absent, late or left, `seated` tells
    members of the body from staff and guests, `arrived` and `left` are times as printed; `page` and `start` say
    where the name stands in the text.
    """

    name: str
    role: str = ""
    status: str = "present"
    seated: bool = True
    arrived: str = ""
    left: str = ""
    page: int = 0
    start: int = 0

    @property
    def surname(self) -> str:
        return surname(self.name)

    def to_json(self) -> dict[str, Any]:
        """Plain dict without empty fields."""
        return {key: value for key, value in asdict(self).items() if value not in ("", 0)} | {
            "seated": self.seated
        }


def attendee_from_json(data: dict[str, Any], page: int) -> Attendee:
    """The inverse of `Attendee.to_json`."""
    return Attendee(**{**data, "page": page})


def find_roster(source: Source) -> tuple[Attendee, ...]:
    """Everyone whom the attendance lists of a document name, members first as printed."""
    found: dict[str, Attendee] = {}
    for side, start, limit in _sections(source.low):
        named = _members(list(_people(source.text, start, limit)), side)
        audience = side == "present" and len(named) > _CROWD and not any(role for _, role, _ in named)
        for person, role, status in named:
            attendee = _attendee(
                source, person, role, status if side == "present" else side, "staff" if audience else side
            )
            key = person.name.casefold()
            if key not in found and not _known_already(found, attendee):
                found[key] = attendee
    _movements(source, found)
    return tuple(found.values())


def _members(named: list[tuple[Person, str, str]], side: str) -> list[tuple[Person, str, str]]:
    """The names of a list without what can be none: towns after full names, runs of people without commas."""
    full = bool(named) and " " in named[0][0].name
    return [
        (person, role, status)
        for person, role, status in named
        if not (" " not in person.name and not person.title and (full or side == "staff"))
        and not (len(person.name.split()) > 3 and all(len(word) > 3 for word in person.name.split()))
        and not any(character.isdigit() for character in person.name)
    ]


def surnames(roster: tuple[Attendee, ...]) -> frozenset[str]:
    """Surnames of the members, in small letters."""
    return frozenset(each.surname for each in roster if each.seated and len(each.surname) > 1)


def _known_already(found: dict[str, Attendee], new: Attendee) -> bool:
    return " " not in new.name and any(each.surname == new.surname for each in found.values())


def _sections(low: str) -> Iterator[tuple[str, int, int]]:
    """(kind, start, limit) of each attendance list; a document may hold several meetings."""
    heads = list(_HEAD.finditer(low))
    for number, match in enumerate(heads):
        if match.lastgroup == "absent" and _BALLOT.search(
            low, max(0, match.start() - _BALLOT_REACH), match.start()
        ):
            continue  # of a recorded vote, not of the meeting
        following = heads[number + 1].start() if number + 1 < len(heads) else len(low)
        yield match.lastgroup or "present", match.end(), min(following, match.end() + _LONGEST)
    for match in _WERE_PRESENT.finditer(low):
        begin = max(0, match.start() - 400)
        start = max(
            low.rfind(". ", begin, match.start()) + 1,
            low.rfind(".\n", begin, match.start()) + 1,
            low.rfind("\n\n", begin, match.start()) + 1,
            begin,
        )
        kind = "absent" if match["not"] or match["state"] == "absent" else "present"
        yield kind, start, match.start()


_SEPARATOR = re.compile(r"[\s,;:&.()~*\d|-]{0,12}+(?:and\s++|y\s++)?", re.IGNORECASE)


def _people(text: str, start: int, limit: int) -> Iterator[tuple[Person, str, str]]:
    """Names one after the other; the list ends at the first words that are no name, title or separator."""
    position = start
    inherited = ""
    misses = 0
    full = False  # whether this list prints first names
    while position < limit:
        gap = _SEPARATOR.match(text, position, limit)
        position = gap.end() if gap else position
        title = _titles_at(text, position, limit)
        person = parse(text, position, (), limit)
        if person is None:
            if not title or misses > 3:
                return
            inherited = title[0]
            position = title[1]
            misses += 1
            continue
        misses = 0
        if not person.title and text[position : position + 1].islower():
            return
        if full and " " not in person.name:
            person = _unbroken(text, person, limit)
        full = full or " " in person.name
        position = person.end
        role, position = _role_after(text, position, limit)
        inherited = person.title or inherited if person.title else inherited
        late = _LATE.match(text, position, limit)
        status = "present"
        if late and late.group().strip(" ("):
            status, position = "late", late.end()
        yield person, role or person.title or inherited, status
        if text[position : position + 1] in (":",):
            return


def _unbroken(text: str, person: Person, limit: int) -> Person:
    """A first name at the end of a long line with the surname that the next line begins with."""
    gap = _REST.match(text, person.end, limit)
    if gap is None or person.end - (text.rfind("\n", 0, person.end) + 1) < _WRAPPED:
        return person
    rest = parse(text, gap.end(), (), limit)
    if rest is None or rest.title or rest.start != gap.end() or not _ENDS.match(text, rest.end):
        return person
    return replace(person, name=f"{person.name} {rest.name}", end=rest.end)


def _titles_at(text: str, start: int, limit: int) -> tuple[str, int] | None:
    words: list[str] = []
    end = start
    for match in re.compile(r"[A-Za-z-]++\.?").finditer(text, start, limit):
        if text[end : match.start()].strip() or match.group().lower().rstrip(".") not in TITLES:
            break
        words.append(match.group().lower())
        end = match.end()
    return (" ".join(words), end) if words else None


def _role_after(text: str, position: int, limit: int) -> tuple[str, int]:
    """`Ruth Okonkwo, Vice Chair`: a title after a name and a comma."""
    match = re.compile(r"\s{0,3}[,(-]\s{0,3}\n?").match(text, position, limit)
    if match is None:
        return "", position
    found = _titles_at(text, match.end(), limit)
    if found is None:
        return "", position
    rest = re.compile(r"[ ]{1,2}(?!and\b)[A-Z]").match(text, found[1])
    if rest and text[found[1] : found[1] + 1] != "\n" and parse(text, match.end(), (), limit) is not None:
        following = parse(text, match.end(), (), limit)
        if following is not None and following.title and following.start <= match.end():
            return "", position  # the title belongs to the next name
    return found


def _attendee(source: Source, person: Person, role: str, status: str, side: str) -> Attendee:
    page, start = source.place(person.at)
    words = role.replace("-", " ").split()
    serving = bool(words) and not any(word in SEATED for word in words)
    chief = any(
        word in ("clerk", "attorney", "manager", "secretary", "director", "engineer", "planner", "chief")
        for word in words
    )
    seated = (
        side != "staff"
        and not serving
        and not (chief and not {"member", "board"} & set(words) and "council" not in role)
    )
    state = {"staff": "present"}.get(status, status)
    return Attendee(person.name, role, state, seated, page=page, start=start)


def _movements(source: Source, found: dict[str, Attendee]) -> None:
    """Times at which members came and went."""
    for match in _LEFT.finditer(source.text):
        person = parse_before(source.text, match.start())
        if person is None:
            continue
        for key, each in list(found.items()):
            if each.surname == person.surname and each.seated:
                left = match["verb"].lower() in ("left", "departed")
                found[key] = _changed(each, " ".join(match["at"].split()), left=left)


def _changed(each: Attendee, at: str, *, left: bool) -> Attendee:
    if left:
        return replace(each, left=at, status="left" if each.status == "present" else each.status)
    return replace(
        each,
        arrived=each.arrived or at,
        status="late" if each.status in ("present", "absent") and not each.left else each.status,
    )
