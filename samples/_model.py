"""A meeting as data: what was on its agenda, who came, and what was moved."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

from _layout import Sheet
from _town import Body, Person


@dataclass(frozen=True)
class Phrases:
    """Stock sentences: questions come with answers, reports and comments follow a name."""

    questions: tuple[tuple[str, str], ...]
    comments: tuple[str, ...]
    staff_reports: tuple[str, ...]
    member_reports: tuple[str, ...]
    consent: tuple[str, ...]


@dataclass(frozen=True)
class Ballot:
    """A motion and its end; `style` says how minutes print it.

    Styles: roll, lines, sentence, unanimous, voice, died, withdrawn.

    `motion` is an infinitive clause. Movers and voters are last names; whoever is not named votes aye.
    """

    style: str
    motion: str
    mover: str
    seconder: str | None = None
    noes: tuple[str, ...] = ()
    abstain: tuple[str, ...] = ()


@dataclass(frozen=True)
class Item:
    """One matter: what the agenda says of it, and what the meeting made of it."""

    title: str
    action: str
    staff: Person
    background: tuple[str, ...]
    remarks: tuple[str, ...] = ()
    ballot: tuple[Ballot, ...] = ()
    table: tuple[tuple[str, ...], ...] = ()
    widths: tuple[float, ...] = ()
    questions: int = 3
    comments: int = 3


@dataclass(frozen=True)
class Meeting:
    body: Body
    date: dt.date
    item: tuple[Item, ...]
    phrases: Phrases
    absent: tuple[str, ...] = ()
    late: str = ""
    kind: str = "Regular Meeting"
    consent: int = 5
    consent_ballot: Ballot | None = None

    @property
    def day(self) -> str:
        return f"{self.date:%B} {self.date.day}, {self.date.year}"

    @property
    def present(self) -> tuple[Person, ...]:
        return tuple(member for member in self.body.members if member.last not in self.absent)

    def member(self, last: str) -> Person:
        return next(member for member in self.body.members if member.last == last)

    @property
    def consent_lines(self) -> list[str]:
        return self.dice("consent").sample(self.phrases.consent, self.consent)

    def dice(self, what: str) -> random.Random:
        return random.Random(f"{self.body.folder} {self.date} {what}")


@dataclass(frozen=True)
class Made:
    """Pages of one document, the votes on them, and the people it is about."""

    sheets: list[Sheet]
    votes: list[dict[str, object]]
