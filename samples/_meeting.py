"""The agenda and the minutes of a meeting as pages, with the truth about the votes in them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

from _ballots import PRINTERS, Motion
from _layout import Typesetter
from _model import Ballot, Item, Made, Meeting
from _town import CLERK, MANAGER, PLANNER, RESIDENTS, STAFF, address

T = TypeVar("T")


def shuffled(dice: random.Random, things: Sequence[T]) -> list[T]:
    return dice.sample(things, len(things))


class _Minutes:
    def __init__(self, meeting: Meeting, family: str, size: float) -> None:
        self.meeting = meeting
        self.sheet = Typesetter(family, size)
        self.votes: list[dict[str, object]] = []
        dice = meeting.dice("minutes")
        self.questions = shuffled(dice, meeting.phrases.questions)
        self.comments = shuffled(dice, meeting.phrases.comments)
        self.residents = shuffled(dice, RESIDENTS)
        self.dice = dice

    def opening(self) -> None:
        meeting, put = self.meeting, self.sheet
        put.masthead(
            (
                "ALDER HOLLOW",
                f"{meeting.body.name} {meeting.kind}",
                f"Minutes of {meeting.day}",
                meeting.body.place,
            )
        )
        chair = meeting.present[0]
        put.heading("1. CALL TO ORDER AND ROLL CALL")
        put.para(
            f"{chair.office} {chair.full} called the meeting to order at {meeting.body.hour} "
            "and led the pledge of allegiance."
        )
        put.labelled("Present:", "; ".join(f"{m.office} {m.full}" for m in meeting.present))
        gone = "; ".join(
            f"{meeting.member(last).office} {meeting.member(last).full}" for last in meeting.absent
        )
        put.labelled("Absent:", gone or "None")
        staff = {item.staff: None for item in meeting.item} | {MANAGER: None, CLERK: None}
        put.labelled("Staff:", "; ".join(f"{p.office} {p.full}" for p in staff))
        if meeting.late:
            put.gap(4)
            put.para(f"{meeting.member(meeting.late).short} arrived at 7:12 p.m.")
        put.gap(6)

    def speakers(self, count: int) -> None:
        for _ in range(count):
            resident = self.residents.pop()
            self.sheet.para(f"{resident.full}, {address(resident)}, {self.comments.pop()}.", indent=18)

    def public_comment(self, count: int) -> None:
        self.sheet.heading("2. PUBLIC COMMENT")
        self.sheet.para("The following persons spoke on matters that were not on the agenda:")
        self.speakers(count)

    def consent(self) -> None:
        meeting = self.meeting
        self.sheet.heading("3. CONSENT CALENDAR")
        for place, line in enumerate(meeting.consent_lines):
            self.sheet.para(f"{chr(65 + place)}. {line}", indent=18)
        if meeting.consent_ballot:
            self.ballot(meeting.consent_ballot)

    def item(self, number: int, item: Item) -> None:
        put = self.sheet
        put.heading(f"{number}. {item.title.upper()}")
        put.para(f"{item.staff.short} presented the report. {item.background[0]}")
        for text in item.background[1:]:
            put.para(text)
        for _ in range(item.questions):
            question, answer = self.questions.pop()
            asker = self.dice.choice(self.meeting.present)
            put.para(f"{asker.short} asked {question}. {item.staff.short} replied that {answer}.")
        if item.comments:
            put.para(f"{self.meeting.present[0].short} invited comments from the public.")
            self.speakers(item.comments)
        for text in item.remarks:
            put.para(text)
        for ballot in item.ballot:
            self.ballot(ballot)

    def reports(self, number: int) -> int:
        put = self.sheet
        put.heading(f"{number}. REPORTS OF STAFF")
        reports = self.dice.sample(self.meeting.phrases.staff_reports, 4)
        for person, text in zip(self.dice.sample(STAFF, 4), reports, strict=True):
            put.para(f"{person.short} {text}.")
        put.heading(f"{number + 1}. REPORTS OF MEMBERS")
        for person, text in zip(
            self.dice.sample(self.meeting.present, 3),
            self.dice.sample(self.meeting.phrases.member_reports, 3),
            strict=True,
        ):
            put.para(f"{person.short} {text}.")
        return number + 2

    def closing(self, number: int) -> Made:
        put, meeting = self.sheet, self.meeting
        put.heading(f"{number}. ADJOURNMENT")
        put.para(
            f"There being no further business, {meeting.present[0].short} adjourned the meeting at 9:40 p.m."
        )
        put.sign(
            CLERK.full if meeting.body.folder == "CityCouncil" else PLANNER.full, "Secretary of the meeting"
        )
        return Made(put.finish(f"Alder Hollow {meeting.body.name}, minutes of {meeting.day}"), self.votes)

    def ballot(self, ballot: Ballot) -> None:
        """Print one motion in its style, and keep what is true of it."""
        motion = Motion(ballot, self.meeting)
        page, named = PRINTERS[ballot.style](self.sheet, motion)
        counted = motion.taken and ballot.style != "voice"
        self.votes.append(
            {
                "page": page,
                "page_end": self.sheet.page,
                "motion": ballot.motion,
                "mover": motion.mover.full,
                "seconder": motion.seconder.full if motion.seconder else None,
                "result": motion.result,
                "unanimous": motion.taken and not (ballot.noes or ballot.abstain),
                "ayes": len(motion.ayes) if counted else None,
                "nays": len(ballot.noes) if counted else None,
                "abstain": len(ballot.abstain) if counted else None,
                "absent": len(self.meeting.absent) if ballot.style == "roll" else None,
                "members": [{"name": self.meeting.member(last).full, "vote": vote} for last, vote in named],
            }
        )
        self.sheet.gap(4)


def minutes(meeting: Meeting, family: str = "times", size: float = 12.5, comments: int = 3) -> Made:
    """The minutes of `meeting` as pages, with the truth about every motion."""
    book = _Minutes(meeting, family, size)
    book.opening()
    book.public_comment(comments)
    number = 3
    if meeting.consent:
        book.consent()
        number = 4
    for item in meeting.item:
        book.item(number, item)
        number += 1
    return book.closing(book.reports(number))


def agenda(meeting: Meeting, family: str = "times", size: float = 12.5, columns: int = 1) -> Made:
    """The agenda of `meeting` as pages; an agenda has no votes."""
    put = Typesetter(family, size, columns=columns, margin=60 if columns > 1 else 74)
    put.masthead(
        (
            "ALDER HOLLOW",
            f"{meeting.body.name} {meeting.kind}",
            f"Agenda for {meeting.day}, {meeting.body.hour}",
            meeting.body.place,
        )
    )
    put.start_columns()
    put.para(
        "Members of the public may speak on any item for three minutes. Persons who need an interpreter "
        f"or another accommodation should call {CLERK.short} at least two days before the meeting. "
        "The packet is available at the library.",
        italic=True,
    )
    put.heading("1. CALL TO ORDER AND ROLL CALL")
    put.para("; ".join(f"{m.office} {m.full}" for m in meeting.body.members), indent=14)
    put.heading("2. PUBLIC COMMENT")
    put.para("Matters that are within the power of the body and are not listed below.", indent=14)
    number = 3
    if meeting.consent:
        put.heading("3. CONSENT CALENDAR")
        for place, line in enumerate(meeting.consent_lines):
            put.para(f"{chr(65 + place)}. {line}", indent=14)
        number = 4
    for item in meeting.item:
        put.heading(f"{number}. {item.title.upper()}")
        for text in item.background:
            put.para(text, indent=14)
        if item.table:
            put.table(item.table, item.widths)
        put.para(f"Recommended action: {item.action}", indent=14)
        put.para(f"Staff: {item.staff.office} {item.staff.full}", indent=14, italic=True)
        number += 1
    put.heading(f"{number}. REPORTS OF STAFF AND MEMBERS")
    put.heading(f"{number + 1}. ADJOURNMENT")
    put.para(f"Posted on the board at 412 Main Street by {CLERK.office} {CLERK.full}.", indent=14)
    return Made(put.finish(f"Alder Hollow {meeting.body.name}, agenda for {meeting.day}"), [])
