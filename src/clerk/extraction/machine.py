"""Joins the events of a meeting to motions and decisions, in the order of the text.

An outcome closes the motion that is open; lists and tallies belong to the decision they stand by. A motion moved
while another is open (an amendment, a substitute) is decided first, then the other is open again. What has no
outcome and no names is no vote, and neither is what a sentence tells of another time or body.
"""

from __future__ import annotations

import re

from clerk.extraction import clauses, recalled
from clerk.extraction.columns import find_columns
from clerk.extraction.events import FAILED, PASSED, Event
from clerk.extraction.motion import Motion
from clerk.extraction.names import Person, surname
from clerk.extraction.tables import find_tables, name_first_answers
from clerk.extraction.tally import find_tally
from clerk.extraction.tellers import Tellers

# A count in a short sentence of its own: `… to close Oak Street. 2-3.`
_ALONE = re.compile(
    r"[.;]\s{1,3}\(?(?:vote\s*:?\s*)?\d{1,2}\s?-\s?\d{1,2}(?:\s?-\s?\d{1,2}){0,2}\)?(?=[.;,]|\s*\n|\s*$)"
)
_CAME_OUT = re.compile(rf"\b(?:{PASSED}|{FAILED})\b")
_PURPOSE = re.compile(r"\b(?:to|that|for)\b")
# `The motion carried |following a second by| Burt.`
_BEHIND = re.compile(r"[^.;\n]{0,40}?\b(?:following|after|upon|with|on)\s+a\s+$")
# A decision that names who proposed it behind.
_DECIDED = ("resolved", "agreed", "was elected", "was unanimously elected", "was duly elected")
_NEWS = 6  # characters of an outcome that stand behind names that are read
_BESIDE = 80  # characters between votes that are told and the words that name their motion


class Machine(Tellers):
    """Takes the events of a text in order."""

    def run(self, events: list[Event]) -> list[Motion]:
        """All decisions that the events tell."""
        tables = find_tables(self.text, self.low, self.known)
        tables += find_columns(self.text, self.low, self.known)
        tables.sort(key=lambda table: table.start)
        # "Yes" on a line under a name is no label of a list.
        answers = name_first_answers(self.text, self.known)
        events = [
            event
            for event in events
            if event.kind != "label" or (event.start not in answers and self.opens_names(event))
        ]
        for number, event in enumerate(events):
            if event.kind != "roll":
                self._flush_rolls()
            while tables and tables[0].start <= event.position:
                self._table(tables.pop(0))
            if (event.end - _NEWS if event.kind == "outcome" else event.start) < self._done:
                continue
            following = self._following(events, number)
            self._after = next(
                (
                    e.position
                    for e in events[number + 1 : number + 60]
                    if e.kind == "outcome" and e.start > event.end
                ),
                len(self.text),
            )
            limit = len(self.text) if following is None else following
            self._until = next(
                (
                    e.start
                    for e in events[number + 1 : number + 30]
                    if e.kind in ("label", "move") and e.start > event.end
                ),
                len(self.text),
            )
            getattr(self, f"_{event.kind}")(event, limit)
        self._flush_rolls()
        for table in tables:
            self._table(table)
        self._close()
        return self.decided

    def _following(self, events: list[Event], number: int) -> int | None:
        """Where the next motion begins, for an outcome also the next list."""
        event = events[number]
        kinds = ("move", "label") if event.kind == "outcome" else ("move",)
        for each in events[number + 1 : number + 60]:
            if each.kind in kinds and each.start > event.end:
                return each.start
        return None

    def _move(self, event: Event, limit: int) -> None:
        kind = event.match.lastgroup or ""
        kind = "msc" if kind == "letters" else kind
        if kind != "passive" and recalled.recalls(self.low, event.start, event.end):
            self._done = recalled.end_of_recalled(self.low, event.end)
            return
        mover, seconder, start = clauses.movers(self.text, self.low, event, self.known)
        current = self.current
        if kind == "passive":
            if current is None or current.decided or not current.opened:
                self._open(Motion(event.start))
            return
        if mover is None:
            if kind == "verb" and clauses.by_pronoun(self.low, event.start):
                self._open(Motion(event.start))
            return
        if current is not None and self._same(current, mover, event, limit):
            if (
                seconder is not None
                and current.decided
                and current.seconder is None
                and current.mover is mover
            ):
                current.seconder = seconder
                self._read_around(current, seconder.end, seconder.end, min(limit, self._until))
            return
        self._open(Motion(start, mover, seconder, clauses.motion_kind(self.low, start, event.end)))
        if seconder is not None:
            self._done = max(self._done, seconder.end)
        if kind == "msc":
            self._letters(event, seconder or mover, limit)
        elif kind == "slash" and seconder is not None and event.match.group().startswith("resolved ["):
            assert self.current is not None
            self.current.decide("passed", "strong", event.start, seconder.end, explicit=True)

    def _same(self, current: Motion, mover: Person, event: Event, limit: int) -> bool:
        """True when a motion is only spoken of again, or its mover is named after its outcome."""
        if current.mover is not None and current.mover.at == mover.at:
            return True  # two forms that tell of one name
        again = current.mover is not None and surname(current.mover.name) == mover.surname
        phrase = self.low[event.start : event.end]
        between = self.low[max(current.end, current.start) : event.start]
        spoken_of = len(between) < _BESIDE and self._speaks_of_it(event, mover)
        if current.mover is None and spoken_of and current.ballots.names.get("aye"):
            current.mover = mover
            return True
        if current.decided:
            boxed = current.by == "box" and len(between) < 200
            last = self._after >= limit and self._until >= limit  # nothing else decides what is moved here
            apart = re.search(r"[.\n]\s*\S", between) or (re.search(r"[.\n]\s*$", between) and not last)
            follows = (
                "mover" in phrase
                or (phrase.startswith("propos") and self.low.startswith(_DECIDED, current.at))
                or boxed
                or (len(between) < 120 and not apart)
                or (len(between) < 120 and last and self.low.startswith("voted", current.at))
            )
            if (
                current.mover is None
                and follows
                and len(between) < 500
                and (":" not in phrase or "mover" in phrase or boxed or phrase.startswith("propos"))
            ):
                current.mover = mover
                current.end = max(current.end, event.end)
                return True
            return again and len(between) < 160 and "'s" in phrase
        if (
            current.mover is None
            and ("'s" in phrase or "motion of" in phrase or "motion by" in phrase)
            and current.seconder
        ):
            current.mover = mover
            return True
        reference = (
            spoken_of or "'s" in phrase or "motion of" in phrase or phrase.startswith(("on ", "upon "))
        )
        return again and (reference or (current.seconder is None and event.start - current.start < 250))

    def _speaks_of_it(self, event: Event, mover: Person) -> bool:
        """True for `|The motion by| A, seconded by B, carried`: of what was voted on, and of no new purpose."""
        phrase = self.low[event.start : event.end]
        definite = self.low.endswith(("the ", "this ", "that "), max(0, event.start - 6), event.start)
        if not ("'s" in phrase or phrase.startswith("motion,") or (definite and "motion" in phrase)):
            return False
        begin = max(mover.end, event.end)
        end = clauses.sentence_end(self.low, begin)
        told = _CAME_OUT.search(self.low, begin, end)
        return told is not None and not _PURPOSE.search(phrase + self.low[begin:end])

    def _letters(self, event: Event, last: Person, limit: int) -> None:
        """`M/S/C (A/B) 5-0`: the letters tell the outcome."""
        assert self.current is not None
        phrase = re.sub(r"[^a-z]", "", event.match.group().lower())
        letters = phrase[2:] or "c"
        end = min(clauses.sentence_end(self.low, last.end), last.end + 300)
        next_one = re.compile(r"\bm\s?/\s?s|\bms[cpuf]\b").search(self.low, last.end, end)
        end = next_one.start() if next_one else end
        if next_one is None and (single := _ALONE.match(self.low, end, limit)):
            end = single.end()
        if len(phrase) > 2 or find_tally(self.low, last.end, end):
            self.current.decide(
                "failed" if "f" in letters else "passed",
                "strong",
                event.start,
                last.end,
                explicit=len(phrase) > 2,
            )
            self.current.ballots.unanimous |= "u" in letters
            self._read_around(self.current, last.end, last.end, end)
            if "aye" not in self.current.ballots.printed and (alone := find_tally(self.low, last.end, end)):
                self._note_tally(self.current, alone[0], last.end, end)
            self.current.end = max(self.current.end, end)

    def _just_moved(self, position: int) -> bool:
        """True right behind a mover: `M: Jonas   S: Klein`."""
        mover = self.current.mover if self.current else None
        return mover is not None and 0 <= position - mover.end < 12

    def _second(self, event: Event, limit: int) -> None:
        if clauses.is_day(self.low, event):
            return
        person, mover = clauses.seconders(
            self.text, self.low, event, self.known, self.current.mover if self.current else None
        )
        current = self.current
        if mover is not None:
            self._open(Motion(mover.start, mover, person))
            moved = clauses.MOVED_TOO.match(self.low, person.end) if person else None
            self._done = moved.end() if moved else event.end
            return
        short = re.match(r"s\s?:", event.match.group())
        if person is None or (short and not self._just_moved(event.start)):
            return
        box = self.low.startswith("seconder", event.start)
        # "… was adopted on a motion by A, seconded by B": the names come after the outcome.
        trailing = bool(
            current
            and current.decided
            and current.mover
            and current.mover.start > current.at
            and event.start - current.mover.end < 60
        )
        if (
            current is not None
            and current.seconder is None
            and (
                not current.decided
                or trailing
                or (event.start - current.end < 60 and _BEHIND.match(self.low, current.end, event.start))
                or (box and event.start - current.end < 400)
                or (current.by == "box" and event.start - current.end < 200)
            )
        ):
            current.seconder = person
            current.end = max(current.end, person.end if current.decided else current.end)
            if trailing:
                self._read_around(current, person.end, person.end, min(limit, self._until))
        elif (current is None or current.decided) and clauses.opens(self.low, event):
            implied = clauses.implied_mover(self.text, self.low, event.start, self.known)
            self._open(Motion(person.start, implied, person, weak_mover=implied is not None))
