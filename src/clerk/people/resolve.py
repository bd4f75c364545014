"""Who is meant by each name in the minutes of a meeting."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from clerk.people.evidence import collect
from clerk.people.identities import Identity, best_print, file_person, identify, persons, stable_id
from clerk.people.names import Name, nearly, read_name
from clerk.people.overrides import Overrides
from clerk.people.values import MeetingNames, Person, day_number

# Days around the first and the last full name of a person in which a surname alone means that person, and those in
# which it may, so that it is nobody else's.
_NEAR, _FAR = 2 * 365, 6 * 365

Sitting = list[tuple[Name, Person]]  # the members of a meeting whose person is known, as printed


class People:
    """All people of a site; `of` says who the names of one meeting are."""

    def __init__(
        self,
        subdomain: str,
        meetings: Callable[[], Iterable[MeetingNames]],
        overrides: Overrides | None = None,
    ) -> None:
        """Read the evidence of all meetings.

        Args:
            meetings: gives all meetings of the site, in any order; they are read once here.
        """
        self._subdomain = subdomain
        self._rules = overrides or Overrides()
        self._evidence = collect(meetings(), self._rules)
        self._names = identify(self._evidence, self._rules)
        self._persons = persons(subdomain, self._names.all)
        self._by_first: dict[str, list[Identity]] = {}
        self._by_last: dict[tuple[str, str], list[Identity]] = {}
        for identity in self._names.all:
            for first in sorted({name.given[0] for name in identity.names}):
                self._by_first.setdefault(first, []).append(identity)
            for circle in identity.spans:
                for last in sorted({name.words[-1] for name in identity.names}):
                    self._by_last.setdefault((circle, last), []).append(identity)

    def of(self, meeting: MeetingNames) -> dict[str, Person]:
        """The person of each name that the meeting prints; a name that cannot be told is left out.

        A surname alone means the one member of that name who sat there; else the one whom its body had at that
        time; with two of them it is nobody's. Where a body never prints more than surnames, a surname is a person.
        """
        found: dict[str, Person] = {}
        sitting: Sitting = []
        for full_first in (True, False):
            for seat in meeting.seats:
                name = read_name(seat.name)
                if name.bare is not full_first and seat.name not in found:
                    person = self._person(name, meeting, sitting)
                    if person is not None:
                        found[seat.name] = person
                        sitting.append((name, person))
        for printed in dict.fromkeys(meeting.named):
            if printed not in found:
                person = self._person(read_name(printed), meeting, sitting)
                if person is not None:
                    found[printed] = person
        return found

    def known(self, printed: str) -> Person | None:
        """The person of a full name wherever it is printed; None for any other name."""
        identity = self._names.of.get(read_name(printed))
        return self._persons[id(identity)] if identity else None

    def _person(self, name: Name, meeting: MeetingNames, sitting: Sitting) -> Person | None:
        if not name.words or name in self._rules.ignored:
            return None
        entry = self._rules.entry(name, meeting.body, meeting.date)
        if entry is not None:
            return file_person(self._subdomain, entry)
        identity = self._names.of.get(name)
        if identity is not None:
            return self._persons[id(identity)] if self._trusted(identity, sitting) else None
        if name in self._names.doubtful:
            return self._doubtful(name, meeting, sitting)
        return self._surname(name, meeting, sitting)

    @staticmethod
    def _trusted(identity: Identity, sitting: Sitting) -> bool:
        """False for a name that is rather misprinted than a person's: one that never sat, though attendance is known.

        `C. Smith` moves where Ann Smith sits; or `Museum Foundation` votes, once.
        """
        if identity.seated or identity.entry is not None or not sitting:
            return True
        family = identity.names[0].family
        if identity.initials and any(printed.words[-len(family) :] == family for printed, _ in sitting):
            return False
        return identity.times > 1

    def _doubtful(self, name: Name, meeting: MeetingNames, sitting: Sitting) -> Person | None:
        """A short form that fits several people: the one of them who sat there, or whom the body had then."""
        every = [self._persons[id(each)] for each in self._names.doubtful[name]]
        sat = {person.id: person for _, person in sitting if person in every}
        if not sat:
            circle, day = self._evidence.circle(meeting.body), day_number(meeting.date)
            then = [each for each in self._names.doubtful[name] if each.near(circle, day, day, 0)]
            sat = {(person := self._persons[id(each)]).id: person for each in then}
        return _only(sat)

    def _surname(self, name: Name, meeting: MeetingNames, sitting: Sitting) -> Person | None:
        """The person of a surname alone, from the surest evidence that there is; with two who fit, nobody."""
        words = name.words
        sat = {
            person.id: person
            for printed, person in sitting
            if printed.ends_with(words) or read_name(person.name).ends_with(words)
        }
        then = {} if sat else {(p := self._persons[id(each)]).id: p for each in self._then(name, meeting)}
        if sat or then:
            return _only(sat or then)
        held = {person.id: person for printed, person in sitting if _holds(printed, words)}
        spoilt = {person.id: person for printed, person in sitting if _spoilt(printed, words)}
        return _only(held) or _only(spoilt) or self._bare(name, meeting)

    def _then(self, name: Name, meeting: MeetingNames) -> list[Identity]:
        """People of the body with that surname at the time of the meeting, or shortly before or after."""
        circle, day = self._evidence.circle(meeting.body), day_number(meeting.date)
        same = self._same(name, circle)
        return next((then for days in (0, _NEAR) if (then := _around(same, circle, day, days))), [])

    def _same(self, name: Name, circle: str) -> list[Identity]:
        """People whom the circle ever had whose full name ends with these words."""
        every = self._by_last.get((circle, name.words[-1]), ())
        return [each for each in every if any(full.ends_with(name.words) for full in each.names)]

    def _bare(self, name: Name, meeting: MeetingNames) -> Person | None:
        """A person of whom only the surname is known, one of each circle of bodies."""
        circle, day = self._evidence.circle(meeting.body), day_number(meeting.date)
        if _around(self._same(name, circle), circle, day, _FAR):
            return None
        if any(each.near(circle, day, day, _NEAR) for each in self._by_first.get(name.words[0], ())):
            return None  # rather a first name whose surname was lost
        uses = self._evidence.bare.get((circle, name.words))
        if uses is None or not uses.stands:
            return None
        words = " ".join(name.words)
        return Person(
            stable_id(self._subdomain, words, circle), best_print(uses.prints, name), words, full=False
        )


def _around(every: list[Identity], circle: str, day: int, days: int) -> list[Identity]:
    return [each for each in every if each.near(circle, day, day, days)]


def _only(found: dict[str, Person]) -> Person | None:
    return next(iter(found.values())) if len(found) == 1 else None


def _holds(printed: Name, words: tuple[str, ...]) -> bool:
    """True for the first of two surnames: `Lopez` of `Maria Lopez Garcia`."""
    return len(words) == 1 and words[0] in printed.words[1:] and len(words[0]) > 1


def _spoilt(printed: Name, words: tuple[str, ...]) -> bool:
    return len(words) == 1 and nearly(printed.words[-1], words[0])
