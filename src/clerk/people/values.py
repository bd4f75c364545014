"""What goes into the resolution of people, and what comes out: frozen values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_NEAR = 250  # characters between two names of one list


@dataclass(frozen=True, slots=True)
class Seat:
    """A member in the attendance of a meeting: the name as printed, and where it stands (page, offset)."""

    name: str
    page: int = 0
    start: int = 0


@dataclass(frozen=True, slots=True)
class MeetingNames:
    """The names that the minutes of one meeting print.

    `id` is any stable name of the meeting, `body` the body that met. `seats` are its members as attendance lists them,
    `movers` who moved and seconded, `rolls` the names of each recorded vote.
    """

    id: str
    date: str
    body: str
    seats: tuple[Seat, ...] = ()
    movers: tuple[str, ...] = ()
    rolls: tuple[tuple[str, ...], ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """Every name in a motion or a vote, as often as it is printed."""
        return self.movers + tuple(name for roll in self.rolls for name in roll)

    def lists(self) -> Iterator[list[str]]:
        """Names that stand in one list: no two of them are one person's."""
        yield from (list(roll) for roll in self.rolls)
        current: list[str] = []
        last: Seat | None = None
        for seat in sorted(self.seats, key=lambda each: (each.page, each.start)):
            if last is not None and (seat.page != last.page or seat.start - last.start > _NEAR):
                yield current
                current = []
            current.append(seat.name)
            last = seat
        yield current


@dataclass(frozen=True, slots=True)
class Person:
    """One person of a site.

    `id` is 12 hex digits, the same in every build from the same names. `full` is False where only a surname is
    known; such a person is one of one body. `source` is `file` for a person whom the override file names, else `names`.
    """

    id: str
    name: str
    surname: str
    full: bool = True
    source: str = "names"


def day_number(date: str) -> int:
    """Days since a fixed day, near enough to compare; `date` is ISO, and may name a day that no calendar has."""
    year, month, day = (int(part) for part in date.split("-"))
    return year * 365 + month * 30 + day
