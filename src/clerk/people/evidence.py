"""First pass over the meetings of a site: which names are printed where, when, and beside which others.

What is kept grows with the number of different names, not with that of meetings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from clerk.people.names import Name, compatible, read_name
from clerk.people.overrides import Overrides
from clerk.people.values import MeetingNames, day_number

_SHARED = 3  # surnames that two bodies of the same people have in common at least
_SHARE = 0.6  # of those of the smaller one


@dataclass(slots=True)
class Uses:
    """Where a name is printed: days of the first and the last time by body."""

    times: int = 0
    meetings: int = 0
    seated: bool = False
    prints: Counter[str] = field(default_factory=Counter)
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)

    def note(self, printed: str, body: str, day: int) -> None:
        self.times += 1
        self.prints[printed] += 1
        first, last = self.spans.get(body, (day, day))
        self.spans[body] = (min(first, day), max(last, day))

    @property
    def stands(self) -> bool:
        """True where a name is surely somebody's: of a seat, or printed again."""
        return self.seated or self.times > 1


@dataclass(slots=True)
class Evidence:
    """`full` and `bare` are the uses of full names and, by circle, of surnames alone; `apart` are pairs that are two.

    A circle is a body, with others of the same people under another name; `circles` leads from a body to its circle.
    """

    full: dict[Name, Uses] = field(default_factory=dict)
    bare: dict[tuple[str, tuple[str, ...]], Uses] = field(default_factory=dict)
    apart: set[frozenset[Name]] = field(default_factory=set)
    circles: dict[str, str] = field(default_factory=dict)

    def circle(self, body: str) -> str:
        return self.circles.get(body, body)


def collect(meetings: Iterable[MeetingNames], rules: Overrides) -> Evidence:
    """Read all meetings once."""
    found = Evidence()
    bare: dict[tuple[str, tuple[str, ...]], Uses] = {}
    surnames: dict[str, Counter[str]] = {}
    for meeting in meetings:
        day = day_number(meeting.date)
        printed = Counter(meeting.named)
        printed.update(seat.name for seat in meeting.seats)
        seated = {read_name(seat.name) for seat in meeting.seats}
        met: set[Name] = set()
        for text, times in printed.items():
            name = read_name(text)
            if not name.words or name in rules.ignored:
                continue
            uses = _uses(found, bare, name, meeting.body)
            for _ in range(times):
                uses.note(text, meeting.body, day)
            uses.meetings += name not in met
            uses.seated = uses.seated or name in seated
            met.add(name)
        surnames.setdefault(meeting.body, Counter()).update(name.family[-1] for name in met if name in seated)
        _note_apart(found.apart, meeting)
    found.circles = _joined({body: set(names) for body, names in surnames.items()})
    for (body, words), uses in bare.items():
        _add(found.bare.setdefault((found.circle(body), words), Uses()), uses)
    return found


def _uses(found: Evidence, bare: dict[tuple[str, tuple[str, ...]], Uses], name: Name, body: str) -> Uses:
    if name.bare:
        return bare.setdefault((body, name.family), Uses())
    return found.full.setdefault(name, Uses())


def _add(into: Uses, uses: Uses) -> None:
    into.times += uses.times
    into.meetings += uses.meetings
    into.seated = into.seated or uses.seated
    into.prints.update(uses.prints)
    for body, (first, last) in uses.spans.items():
        old = into.spans.get(body, (first, last))
        into.spans[body] = (min(old[0], first), max(old[1], last))


def _note_apart(apart: set[frozenset[Name]], meeting: MeetingNames) -> None:
    for names in meeting.lists():
        same: dict[tuple[str, ...], set[Name]] = {}
        for name in {read_name(each) for each in names}:
            if not name.bare:
                same.setdefault(name.family, set()).add(name)
        for group in same.values():
            # Names that cannot be one person's need no note.
            apart.update(
                frozenset((one, two)) for one in group for two in group if one < two and compatible(one, two)
            )


def _joined(surnames: Mapping[str, set[str]]) -> dict[str, str]:
    """Bodies of the same people, as `CityCouncil` and `CityCouncilSpecial`: the first name stands for all."""
    circles: dict[str, str] = {}
    for body in sorted(surnames):
        known = (
            other for other in sorted(set(circles.values())) if _overlap(surnames[other], surnames[body])
        )
        circles[body] = next(known, body)
    return circles


def _overlap(one: set[str], two: set[str]) -> bool:
    shared = len(one & two)
    return shared >= _SHARED and shared >= _SHARE * min(len(one), len(two))
