"""Who is who within a site: one person for all the ways in which the minutes of many meetings print a name.

`Councilmember Smith`, `SMITH, J.` and `John Smith` are one where one body has had no other Smith; two full names with
one surname stay two, and a bare surname between them goes to the one who sat at that meeting, else to nobody.
What a person wrote into the site's override file wins over every rule.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from clerk.errors import ClerkError
from clerk.extraction.names import strip_titles, surname
from clerk.extraction.roster import Attendee
from clerk.extraction.words import SUFFIX
from clerk.findings import Vote

_EDITS = 1  # letters by which recognition may have spoilt a surname
_LONG = 5  # letters of a surname that may be spoilt


@dataclass(frozen=True, slots=True)
class Meeting:
    """What people resolution needs of one meeting. `id` is any stable name of it; `body` the body that met."""

    id: str
    date: str
    body: str
    roster: tuple[Attendee, ...] = ()
    votes: tuple[Vote, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolved:
    """One person of a site.

    `id` stays the same while the name does: 12 hex digits of sha256 over subdomain and plain name. `aliases` are
    the names as printed with how often, `bodies` and `meetings` where the person sat (dates ISO), `roles` the titles
    as printed, most frequent first.
    """

    id: str
    name: str
    aliases: tuple[tuple[str, int], ...] = ()
    bodies: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    first: str = ""
    last: str = ""
    meetings: int = 0


@dataclass(frozen=True, slots=True)
class People:
    """All persons of a site; `links` leads from (meeting id, printed name) to a person's id."""

    persons: tuple[Resolved, ...]
    links: Mapping[tuple[str, str], str]

    def of(self, meeting: str, name: str) -> str:
        """The id of the person whom a meeting prints as `name`; empty where it cannot be told."""
        return self.links.get((meeting, name), "")


@dataclass(slots=True)
class _Group:
    name: str
    aliases: Counter[str] = field(default_factory=Counter)
    bodies: Counter[str] = field(default_factory=Counter)
    roles: Counter[str] = field(default_factory=Counter)
    dates: set[str] = field(default_factory=set)
    meetings: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Overrides:
    """What a person decided: `same` leads from a plain printed name to the name to use; `apart` are names that are
    never joined with another; `drop` are printed names that are no people."""

    same: Mapping[str, str] = field(default_factory=dict)
    apart: frozenset[str] = frozenset()
    drop: frozenset[str] = frozenset()


def read_overrides(data: object) -> Overrides:
    """The overrides of a site from the parsed content of its `people.yaml`.

    Shape: `people: [{name: Maria Lopez, aliases: [M. Lopez, LOPEZ]}]`, `apart: [John Smith, James Smith]`,
    `drop: [Motion]`; every key may be left out.

    Raises:
        ClerkError: the content has another shape.
    """
    if data is None:
        return Overrides()
    if not isinstance(data, Mapping) or not set(data) <= {"people", "apart", "drop"}:
        raise ClerkError("people.yaml: expected the keys people, apart and drop only.")
    same: dict[str, str] = {}
    for entry in _listed(data, "people"):
        if not isinstance(entry, Mapping) or not isinstance(entry.get("name"), str):
            raise ClerkError("people.yaml: each entry of people needs a name and may have aliases.")
        for alias in (entry["name"], *(entry.get("aliases") or ())):
            same[plain(str(alias))] = entry["name"]
    apart = frozenset(plain(str(name)) for name in _listed(data, "apart"))
    return Overrides(same, apart, frozenset(plain(str(name)) for name in _listed(data, "drop")))


def _listed(data: Mapping[object, object], key: str) -> Sequence[object]:
    value = data.get(key)
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise ClerkError(f"people.yaml: {key} must be a list.")
    return value


def resolve_people(subdomain: str, meetings: Iterable[Meeting], overrides: Overrides | None = None) -> People:
    """The persons of a site, from the attendance and the votes of its meetings. A pure function of its arguments."""
    rules = overrides or Overrides()
    ordered = sorted(meetings, key=lambda meeting: (meeting.date, meeting.id))
    full = _full_names(ordered, rules)
    seats: dict[str, set[str]] = {}
    for meeting in ordered:
        seats.setdefault(meeting.body, set()).update(_sat(meeting, full))
    groups: dict[str, _Group] = {}
    links: dict[tuple[str, str], str] = {}
    for meeting in ordered:
        circles = (_sat(meeting, full), seats[meeting.body], set(full.values()))
        for printed, role in _mentions(meeting):
            key = _person(printed, circles, full, rules)
            if not key:
                continue
            group = groups.setdefault(key, _Group(key))
            _note(group, printed, role, meeting)
            links[(meeting.id, printed)] = person_id(subdomain, group.name)
    persons = tuple(_resolved(subdomain, group) for _, group in sorted(groups.items()))
    return People(persons, links)


def person_id(subdomain: str, name: str) -> str:
    """The stable id of a person of a site."""
    return hashlib.sha256(f"{subdomain}\0{plain(name)}".encode()).hexdigest()[:12]


def plain(name: str) -> str:
    """A name for comparison: small ASCII letters, no title, no suffix, `SMITH, J.` turned round."""
    text = unicodedata.normalize("NFKD", name.replace("’", "'")).encode("ascii", "ignore").decode()
    last, comma, first = text.partition(",")
    if comma and first.strip() and first.strip(" .").lower() not in SUFFIX:
        text = f"{first.strip()} {last.strip()}"
    words = [word.strip(".,").lower() for word in strip_titles(text).replace(".", ". ").split()]
    return " ".join(word for word in words if word and word not in SUFFIX)


def _mentions(meeting: Meeting) -> list[tuple[str, str]]:
    """(printed name, role) of everyone who sat, moved, seconded or voted; each once."""
    found: dict[str, str] = {each.name: each.role for each in meeting.roster if each.seated}
    for vote in meeting.votes:
        for name in (vote.motion_by, vote.seconded_by, *(name for name, _ in vote.individual)):
            if name:
                found.setdefault(name, "")
    return list(found.items())


def _full_names(meetings: Sequence[Meeting], rules: Overrides) -> dict[str, str]:
    """From each plain printed name of more than one word to the fullest name of that person."""
    printed: Counter[str] = Counter()
    shown: dict[str, str] = {}
    for meeting in meetings:
        for name, _ in _mentions(meeting):
            key = plain(name)
            if " " in key and key not in rules.drop:
                printed[key] += 1
                shown.setdefault(key, _shown(name))
    chosen: dict[str, str] = {}
    for key in sorted(printed, key=lambda each: (-len(_given(each)), -printed[each], each)):
        chosen[key] = rules.same.get(key) or _fuller(key, chosen, shown, rules) or shown[key]
    return chosen


def _fuller(key: str, chosen: Mapping[str, str], shown: Mapping[str, str], rules: Overrides) -> str:
    """The one longer name of which `key` is a short form (`j smith` of `john smith`); empty where two fit."""
    if key in rules.apart:
        return ""
    fitting = {
        name
        for other, name in chosen.items()
        if other not in rules.apart and other in shown and _short_of(key, other)
    }
    return fitting.pop() if len(fitting) == 1 else ""


def _short_of(short: str, long: str) -> bool:
    if surname(short) != surname(long):
        return False
    first, other = _given(short).split(), _given(long).split()
    if not first or not other:
        return False
    same_start = other[0].startswith(first[0]) if len(first[0]) == 1 else first[0] == other[0]
    return same_start and (len(first) == 1 or first[1][0] == (other[1][0] if len(other) > 1 else first[1][0]))


def _given(key: str) -> str:
    return key.removesuffix(surname(key)).strip()


def _shown(name: str) -> str:
    """A name to show: turned round and without capitals throughout."""
    last, comma, first = name.partition(",")
    if comma and first.strip(" .").lower() not in SUFFIX:
        name = f"{first.strip()} {last.strip()}"
    return name.title() if name.isupper() else name


def _sat(meeting: Meeting, full: Mapping[str, str]) -> set[str]:
    return {name for each in meeting.roster if each.seated and (name := full.get(plain(each.name)))}


def _person(printed: str, circles: Sequence[set[str]], full: Mapping[str, str], rules: Overrides) -> str:
    """The name under which a printed name belongs; empty where it cannot be told.

    Args:
        circles: full names to look among for a bare surname: of the meeting, of its body, of the site.
    """
    key = plain(printed)
    if not key or key in rules.drop:
        return ""
    if key in rules.same:
        return rules.same[key]
    if " " in key and key in full:
        return full[key]
    for circle in circles:
        fitting = [name for name in circle if surname(plain(name)) == key]
        if fitting:
            return fitting[0] if len(fitting) == 1 else ""
    spoilt = [name for name in circles[0] if _nearly(surname(plain(name)), key)]
    return spoilt[0] if len(spoilt) == 1 else _shown(printed)


def _nearly(one: str, two: str) -> bool:
    """True for surnames that differ by one letter, as recognition spoils them."""
    if min(len(one), len(two)) < _LONG or abs(len(one) - len(two)) > _EDITS:
        return False
    if len(one) == len(two):
        return sum(a != b for a, b in zip(one, two, strict=True)) <= _EDITS
    short, long = sorted((one, two), key=len)
    return any(long[:at] + long[at + 1 :] == short for at in range(len(long)))


def _note(group: _Group, printed: str, role: str, meeting: Meeting) -> None:
    group.aliases[printed] += 1
    group.bodies[meeting.body] += 1
    group.dates.add(meeting.date)
    group.meetings.add(meeting.id)
    if role:
        group.roles[role] += 1


def _resolved(subdomain: str, group: _Group) -> Resolved:
    return Resolved(
        person_id(subdomain, group.name),
        group.name,
        tuple(sorted(group.aliases.items(), key=lambda each: (-each[1], each[0]))),
        tuple(body for body, _ in group.bodies.most_common()),
        tuple(role for role, _ in group.roles.most_common()),
        min(group.dates),
        max(group.dates),
        len(group.meetings),
    )
