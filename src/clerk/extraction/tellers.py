"""Reads who voted how: lists under a label, roll calls, tables and rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby, pairwise

from clerk.extraction import clauses
from clerk.extraction.counted import COUNTED, is_counted_list
from clerk.extraction.events import ROLL_SHORT, Event
from clerk.extraction.lists import Listing, read_list
from clerk.extraction.motion import Motion
from clerk.extraction.names import Person, parse, parse_before
from clerk.extraction.outcomes import Outcomes
from clerk.extraction.phrases import list_before
from clerk.extraction.state import NEAR, OPEN
from clerk.extraction.tables import Table
from clerk.extraction.tally import NUMBERS, find_tally

_COUNT_NEAR = 160  # characters behind names in which their count stands
_REPEAT = 120  # characters within which a list can be the same one again
_SIDES = {
    "y": "aye",
    "n": "nay",
    "a": "absent",
    "not present": "absent",
    "yes": "aye",
    "yea": "aye",
    "aye": "aye",
    "ayes": "aye",
    "sí": "aye",
    "nay": "nay",
    "nays": "nay",
    "no": "nay",
    "in the affirmative": "aye",
    "in favor": "aye",
    "in favour": "aye",
    "in the negative": "nay",
    "against": "nay",
    "for": "aye",
    "opposed": "nay",
}


_COUNT_BEFORE = re.compile(r"\d\)?[\s,;.]*(?:and\s)?$")
_FOLLOWING = re.compile(r"(?:^|[.;:\n]|\bfollowing)\s*$")
_PUT_TO_VOTE = re.compile(r"\b(?:vot(?:e|ed|ing)|roll|poll)\b")
# What the chair asks before a roll call of its own.
_PUT = re.compile(
    r"\bshall\s+(?:the|this)\s+(?:\w+\s+)?(?:ordinance|resolution|by-?law|clause)\s[^.;\n]{0,40}?\bpass"
)
_TIE = re.compile(r"\b(?:break(?:s|ing)?|broke)\s+(?:the|a)\s+tie")


def _without_towns(rolls: list[tuple[Person, str, int]]) -> list[tuple[Person, str, int]]:
    """`Acton, Jon Hale Yes   Boxborough, Ruth Burt No`: the town of each member before the name is left out."""
    answers = [list(told) for _, told in groupby(rolls, key=lambda told: told[2])]
    pairs = [told for told in answers if len(told) > 1]
    towns = len(pairs) > 2 and all(
        len(told) == 2 and " " in told[1][0].name and not (" " in told[0][0].name or told[0][0].title)
        for told in pairs
    )
    return [told[-1] for told in answers] if towns else rolls


class Tellers(Outcomes):
    """Handles events of the kinds `label`, `roll`, `row`, and tables."""

    def _label(self, event: Event, limit: int) -> None:
        side = next(
            side
            for side in ("aye", "nay", "abstain", "absent", "recused")
            if event.match.groupdict().get(side)
        )
        motion = self._ballot_for(event, side)
        if motion is None:
            return
        if not self._labels and (queued := clauses.labels_in_a_row(self.low, event.end, side)):
            self._columns(motion, queued, limit)
            return
        listing = read_list(self.text, event.end, self.known, limit)
        count = event.match["count"]
        if listing.count is None and count:
            listing.count = int(count)
        if not (listing.people or listing.none or listing.everyone or listing.count is not None):
            self._empty = (side, event.end)
            return
        if side != "aye" and self._is_heading(motion, event, listing):
            return
        if side != "aye" and self._under_labels(motion, event, side, listing):
            return
        if side == "aye":
            self.current = motion
        self._note_list(motion, side, listing.people, listing.count, none=listing.none)
        if listing.everyone and side == "aye":
            motion.ballots.unanimous = True
            motion.explicit = motion.explicit or motion.decided
            motion.ballots.counted.pop("aye", None)
            motion.decide("passed", "list", event.start, listing.end, explicit=True)
        motion.end = max(motion.end, listing.end)
        self._done = max(self._done, listing.end)

    def _is_heading(self, motion: Motion, event: Event, listing: Listing) -> bool:
        """True for lines in capitals under an empty label, where the names above are in small letters."""
        ayes = motion.ballots.names.get("aye", ())
        return (
            bool(listing.people and ayes)
            and "\n" in self.text[event.end : listing.people[0].start]
            and all(each.name.isupper() and " " in each.name for each in listing.people)
            and not any(each.name.isupper() for each in ayes)
        )

    def _under_labels(self, motion: Motion, event: Event, side: str, listing: Listing) -> bool:
        """`AYES`, `NAYS`, then names line by line: whose they are only a count can tell."""
        before, end = self._empty
        if (
            before != "aye"
            or not 0 <= event.start - end < 8
            or not listing.people
            or "\n" not in self.text[event.start : listing.people[0].start]
        ):
            return False
        self._empty = ("", 0)
        self._share(motion, (before, side), listing.people, listing.end)
        self._done = max(self._done, listing.end)
        return True

    def _share(self, motion: Motion, sides: Sequence[str], people: list[Person], end: int) -> None:
        """Give each side as many of the names as a count near by says; none where it does not fit."""
        tally = find_tally(self.low, end, min(len(self.low), end + _COUNT_NEAR))
        counts = motion.ballots.printed or (tally[0] if tally else {})
        numbers = [counts.get(side, 0) for side in sides]
        motion.end = max(motion.end, end)
        if sum(numbers) != len(people):
            return
        position = 0
        for side, number in zip(sides, numbers, strict=True):
            self._note_list(motion, side, people[position : position + number], None, none=not number)
            position += number

    def opens_names(self, event: Event) -> bool:
        """True for `Ayes, Tolley, Urban`, not for `5 ayes, 2 nays` or `all ayes, motion carried`."""
        if event.match.re is COUNTED:
            return is_counted_list(self.text, self.low, event.match, self.known)
        if not event.match.group().endswith((",", "-")):
            return True
        spoken = '",' in event.match.group() and self._inside_sentence(
            event.start
        )  # `Hart "Aye", Ruiz "Aye"`
        if spoken or self.text.startswith("0", event.end):  # "No-0" of a list, not of "Yes-5, No-0"
            return not (spoken or _COUNT_BEFORE.search(self.low, max(0, event.start - 8), event.start))
        before = self.low[max(0, event.start - 12) : event.start].split()
        if before and (before[-1].isdigit() or before[-1].strip("():") in NUMBERS or before[-1] == "all"):
            return False
        if event.match.group().startswith(("vot", "trustees", "member")) and not _FOLLOWING.search(
            self.low, max(0, event.start - 24), event.start
        ):
            return False  # "Hart voted yes, Ruiz voted no"
        listing = read_list(self.text, event.end, self.known, len(self.text))
        return bool(listing.people) or listing.none or event.match.group().endswith("-")

    def _inside_sentence(self, position: int) -> bool:
        return self.low[max(0, position - 12) : position].rstrip()[-1:] not in (".", ";", ":", "")

    def _columns(self, motion: Motion, queued: tuple[list[str], int], limit: int) -> None:
        """`Ayes: Nays: Absent: A, B. None. C.`: labels first, then the lists in the same order."""
        sides, position = queued
        self.current = motion
        ends = self._line_ends(position, len(sides))
        for number, side in enumerate(sides):
            listing = read_list(self.text, position, self.known, ends[number] if ends else limit)
            if not (listing.people or listing.none or listing.count is not None):
                break
            if number == 0 and len(listing.people) > 1 and self._nothing_at(listing.end, limit):
                self._share(motion, sides, listing.people, listing.end)
                position = listing.end
                break
            self._note_list(motion, side, listing.people, listing.count, none=listing.none)
            position = re.compile(r"[\s.;,]*").match(self.text, listing.end).end()  # type: ignore[union-attr]
        motion.end = self._done = max(motion.end, position)

    def _nothing_at(self, position: int, limit: int) -> bool:
        """True where no list follows the first one."""
        begin = re.compile(r"[\s.;,]*").match(self.text, position).end()  # type: ignore[union-attr]
        listing = read_list(self.text, begin, self.known, limit)
        return not (listing.people or listing.none or listing.count is not None)

    def _line_ends(self, position: int, count: int) -> list[int]:
        """Ends of the lines under a row of labels where each list has a line of its own, else nothing."""
        ends: list[int] = []
        for _ in range(count):
            begin = re.compile(r"[ \n]*").match(self.text, position).end()  # type: ignore[union-attr]
            end = self.text.find("\n", begin)
            end = len(self.text) if end < 0 else end
            listing = read_list(self.text, begin, self.known, end)
            if self.text[listing.end : end].strip(" .;,") or not (
                listing.people or listing.none or listing.count is not None
            ):
                return []
            ends.append(end)
            position = end
        return ends

    def _note_list(
        self, motion: Motion, side: str, people: list[Person], count: int | None, *, none: bool
    ) -> None:
        ballots = motion.ballots
        if none:
            ballots.counted.setdefault(side, 0)
        elif count is not None and (not people or count >= len(people)):
            ballots.counted[side] = count
        if people:
            if ballots.counted.get(side) == 0:
                del ballots.counted[side]
            ballots.add(side, people)
            ballots.listed.add(side)

    def _ballot_for(self, event: Event, side: str) -> Motion | None:
        """The motion to which a list of names belongs."""
        current = self.current
        if current is not None and self._takes_list(current, event, side):
            return current
        if side != "aye":
            return None
        if (
            current is not None
            and current.decided
            and current.by != "consent"
            and self._repeats(event, current)
        ):
            return None
        if current is not None and current.nested and (waiting := self._resume(event.start)):
            return waiting
        if not read_list(self.text, event.end, self.known, len(self.text)).people:
            return None
        self._finish(current)
        self.pending = []
        return Motion(event.start)

    def _takes_list(self, current: Motion, event: Event, side: str) -> bool:
        gap = event.start - max(current.end, current.start)
        if current.decided and side == "aye" and _PUT.search(self.low, current.end, event.start):
            return False
        if side != "aye":
            known = current.decided or current.ballots.known
            return (known or current.opened) and gap < (NEAR if known else OPEN)
        if not current.decided and 0 <= gap < 30:
            return True  # "YES Hart", "YES Ruiz", line by line
        free = not current.ballots.names.get("aye") and current.by != "consent"
        return free and gap < (NEAR if current.decided else OPEN)

    def _repeats(self, event: Event, current: Motion) -> bool:
        """True when a list gives the same names once more."""
        if event.start - current.end >= _REPEAT:
            return False
        listing = read_list(self.text, event.end, self.known, len(self.text))
        held = {person.surname for person in current.ballots.names.get("aye", ())}
        return {person.surname for person in listing.people} == held

    def _roll(self, event: Event, limit: int) -> None:
        del limit
        spoken = bool(re.match(r"\s(?i:voted\s|votes\s)?[^\W\d_]", event.match.group()))
        floor = self._rolls[-1][2] if self._rolls else clauses.sentence_start(self.low, event.start)
        listed = spoken or (
            event.match.group().strip()[:1] in (",", "-") and self._opens_list(floor, event.start)
        )
        people = list_before(self.text, self.low, floor, event.start, self.known) if listed else []
        person = people[0] if people else parse_before(self.text, event.start, self.known)
        if person is None or (event.start - person.end > 25 and not people) or re.search(r"\d", person.name):
            return
        if (
            event.match.re is ROLL_SHORT
            and len(event.match["vote"]) > 1
            and not (self._rolls or person.seated or person.surname in self.known)
            and not _PUT_TO_VOTE.search(self.low, max(floor, event.start - 160), person.start)
        ):
            return  # those who spoke: "Reed - against; Poe - for"
        named = (
            person.title
            or person.surname in self.known
            or people[1:]
            or "vote" in event.match.group().lower()
        )
        vote = event.match["vote"].lower()
        side = _SIDES.get(
            vote,
            "recused"
            if vote.startswith("recus")
            else "absent"
            if vote in ("absent", "excused")
            else "abstain",
        )
        if vote == "present" and not self._rolls:
            return
        if self._rolls and person.start - self._rolls[-1][2] > 90:
            self._flush_rolls()
        self._rolls += ((each, side, event.end) for each in people or [person])
        self._loose |= spoken and not named

    def _opens_list(self, floor: int, position: int) -> bool:
        """True for `…: Councilors Lathrop, Minto, and Mayor Orne|, yes`: names with commas, one vote for all."""
        begin = max(floor, position - 200)
        border = max(self.text.rfind(":", begin, position), self.text.rfind(";", begin, position)) + 1
        return "," in self.text[max(begin, border) : position]

    def _flush_rolls(self) -> None:
        rolls, self._rolls = _without_towns(self._rolls), []
        loose, self._loose = self._loose, False
        motion = self.current
        if not rolls or motion is None:
            return
        first = rolls[0][0].start
        apart = any(after[0].start - before[2] > 14 for before, after in pairwise(rolls))
        if loose and (len(rolls) < 2 or apart):
            return  # "Parcel No, File No" are no members
        if (
            len(rolls) == 1
            and "aye" in motion.ballots.names
            and (
                _TIE.search(self.low, rolls[0][2] - 60, rolls[0][2] + 60)
                or self._alone_against(motion, *rolls[0])
            )
        ):
            motion.ballots.add(rolls[0][1], [rolls[0][0]])
            motion.end = max(motion.end, rolls[0][2])
            return
        if len(rolls) < 2 and not (motion.decided and first - motion.end < 30):
            return
        if (motion.ballots.names.get("aye") and motion.decided) or (
            motion.decided and first - motion.end > NEAR
        ):
            return
        if not (motion.opened or motion.decided):
            return
        for person, side, _ in rolls:
            motion.ballots.add(side, [person])
            motion.ballots.listed.add(side)
        self._all_for_it(motion, {side for _, side, _ in rolls})
        motion.end = max(motion.end, rolls[-1][2])

    def _alone_against(self, motion: Motion, person: Person, side: str, end: int) -> bool:
        """`… voted aye: Hale, Burt and Cole. |Alderman Dunn voted nay.|`."""
        names = motion.ballots.names
        return (
            side in ("nay", "abstain")
            and not names.get(side)
            and -1 <= person.start - motion.end < 24
            and " vot" in self.low[person.end : end]
            and person.surname not in {each.surname for each in names["aye"]}
        )

    def _all_for_it(self, motion: Motion, sides: set[str]) -> None:
        """Where all answers are told and none is against it, it was unanimous."""
        if "aye" in sides and "nay" not in sides and "nay" not in motion.ballots.counted:
            motion.ballots.unanimous = True

    def _table(self, table: Table) -> None:
        if table.mover is not None and (
            self.current is None or self.current.decided or not self.current.opened
        ):
            self._open(Motion(table.start, table.mover, table.seconder))
        motion = self.current
        if motion is None or motion.ballots.names.get("aye") or not (motion.opened or motion.decided):
            return
        if motion.decided and table.start - motion.end > NEAR:
            return
        for person, side in table.rows:
            motion.ballots.add(side, [person])
            motion.ballots.listed.add(side)
        self._all_for_it(motion, {side for _, side in table.rows})
        motion.end = max(motion.end, table.end)
        self._done = max(self._done, table.end)

    def _row(self, event: Event, limit: int) -> None:
        """A line of a printed ballot: `No Councilmember Whitfield`."""
        person = parse(self.text, event.end, self.known, limit)
        motion = self.current
        if person is None or motion is None or (motion.decided and event.start - motion.end > NEAR):
            return
        side = _SIDES.get(
            event.match["vote"].lower(), "absent" if "absent" in event.match["vote"].lower() else "abstain"
        )
        motion.ballots.add(side, [person])
        motion.ballots.listed.add(side)
        motion.end = max(motion.end, person.end)
