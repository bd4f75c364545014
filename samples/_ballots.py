"""Prints a motion in the ways that minutes have, and says which members it names with their votes."""

from __future__ import annotations

from collections.abc import Callable

from _layout import Typesetter
from _model import Ballot, Meeting
from _town import Person

Named = list[tuple[str, str]]


class Motion:
    """A ballot of a meeting, with its people found and its votes counted."""

    def __init__(self, ballot: Ballot, meeting: Meeting) -> None:
        self.meeting = meeting
        self.noes, self.abstain, self.text = ballot.noes, ballot.abstain, ballot.motion
        self.mover = meeting.member(ballot.mover)
        self.seconder: Person | None = meeting.member(ballot.seconder) if ballot.seconder else None
        others = (*ballot.noes, *ballot.abstain)
        self.ayes = tuple(member.last for member in meeting.present if member.last not in others)
        self.taken = ballot.style not in ("died", "withdrawn")
        self.passed = self.taken and len(self.ayes) > len(ballot.noes)
        self.result = ("passed" if self.passed else "failed") if self.taken else ballot.style

    @property
    def by(self) -> str:
        return self.mover.short

    @property
    def second(self) -> str:
        return self.seconder.short if self.seconder else ""

    @property
    def tally(self) -> str:
        count = f"{len(self.ayes)}-{len(self.noes)}"
        return f"{count}-{len(self.abstain)}" if self.abstain else count

    def names(self, lasts: tuple[str, ...]) -> str:
        return " and ".join(self.meeting.member(last).short for last in lasts)


def _roll(put: Typesetter, m: Motion) -> tuple[int, Named]:
    end = "carried" if m.passed else "failed"
    page = put.para(
        f"MOTION by {m.by}, seconded by {m.second}, {m.text}. "
        f"The motion {end} by the following roll call vote:"
    )
    groups = (
        ("AYES:", m.ayes, "aye"),
        ("NOES:", m.noes, "nay"),
        ("ABSTAIN:", m.abstain, "abstain"),
        ("ABSENT:", m.meeting.absent, "absent"),
    )
    for label, names, _ in groups:
        put.labelled(label, ", ".join(names) or "None")
    put.gap(6)
    return page, [(last, vote) for _, names, vote in groups for last in names]


def _lines(put: Typesetter, m: Motion) -> tuple[int, Named]:
    page = put.para(f"{m.by} moved {m.text}. {m.second} seconded the motion.")
    named = []
    for member in m.meeting.present:
        word = "No" if member.last in m.noes else "Abstain" if member.last in m.abstain else "Aye"
        put.labelled(word, member.short, width=60)
        named.append((member.last, "nay" if word == "No" else word.lower()))
    put.gap(4)
    put.para(f"Motion {'passed' if m.passed else 'failed'} {m.tally}.")
    return page, named


def _sentence(put: Typesetter, m: Motion) -> tuple[int, Named]:
    parts = [f"{m.names(m.noes)} voting no"] if m.noes else []
    parts += [f"{m.names(m.abstain)} abstaining"] if m.abstain else []
    page = put.para(
        f"On a motion by {m.by} and a second by {m.second} {m.text}, the motion "
        f"{'carried' if m.passed else 'failed'} {m.tally}, with {' and '.join(parts)}."
    )
    return page, [(last, "nay") for last in m.noes] + [(last, "abstain") for last in m.abstain]


def _unanimous(put: Typesetter, m: Motion) -> tuple[int, Named]:
    return put.para(
        f"{m.by} moved {m.text}; {m.second} seconded. The motion carried unanimously, {len(m.ayes)}-0."
    ), []


def _voice(put: Typesetter, m: Motion) -> tuple[int, Named]:
    return put.para(
        f"It was moved by {m.by}, seconded by {m.second}, and carried by voice vote {m.text}."
    ), []


def _died(put: Typesetter, m: Motion) -> tuple[int, Named]:
    return put.para(f"{m.by} moved {m.text}. The motion died for lack of a second."), []


def _withdrawn(put: Typesetter, m: Motion) -> tuple[int, Named]:
    return put.para(
        f"{m.by} moved {m.text}. {m.second} seconded. After discussion {m.by} withdrew the motion."
    ), []


PRINTERS: dict[str, Callable[[Typesetter, Motion], tuple[int, Named]]] = {
    "roll": _roll,
    "lines": _lines,
    "sentence": _sentence,
    "unanimous": _unanimous,
    "voice": _voice,
    "died": _died,
    "withdrawn": _withdrawn,
}
