"""Reads the outcome of a motion: which one it decides, how, and what its sentence says of the count."""

from __future__ import annotations

import re

from clerk.extraction import clauses, recalled
from clerk.extraction.ballots import Ballots
from clerk.extraction.events import FAILED, ON_DAY, PASSED, YEAS_NAYS, Event
from clerk.extraction.genre import tells_of_another
from clerk.extraction.lists import read_list
from clerk.extraction.motion import Motion
from clerk.extraction.phrases import list_before, read_counted, read_phrases
from clerk.extraction.state import OPEN, State
from clerk.extraction.tally import find_tally

_BESIDE = 3  # characters between an outcome and how it was voted
_SAME = 25  # characters between a count and the same count
_AGAIN = 260  # characters within which the same outcome is the same decision said twice
_COUNTED = re.compile(r"\bvot|\bon\s+an?\b|\bby\s+an?\b|\b(?:ayes?|yeas?|yes)\b|in\s+favou?r|\bcount")
_NOT_AGAINST = (
    "abstain",
    "abstained",
    "abstaining",
    "abstention",
    "abstentions",
    "absent",
    "excused",
    "present",
)
_NONE_DID = re.compile(r"\bno\s+\w+\s+(?:had|have|has)\s+(?:been\s+)?\w+$")  # `as no amendment had passed`
_SIDES = re.compile(
    r"(?:yes|ayes?|yeas?|(?:in\s)?favou?r)\s?[:-]?\s?\d"
)  # a count says nothing of the outcome
_COLUMN = re.compile(r"[ ]*\n[ ]*\d{1,2}-\d{1,2}[ ]*(?:\n|$)")  # items of an agenda, line by line
_COLUMN_BEFORE = re.compile(r"\n[ ]*\d{1,2}-\d{1,2}[ ]*\n[ ]*$")
# `… all members voting aye. |Those members were: |Hale, Burt and Cole.`
_THOSE_WERE = re.compile(
    r"[.;,\s]{1,4}(?:those|these|the)\s+(?:members|directors|commissioners|trustees|council\s?members|supervisors)\s+"
    r"(?:were|being|are)\s*:\s*"
)
_AWAY = re.compile(r"(?:absent|excused)\s?(?::|-{1,2}|,)\s?")  # `6-1 (Absent: Hale)`
_YEAS_NAYS = re.compile(YEAS_NAYS)
_APART = ("suspended", "agreed to")  # decided before the main question is put
_ON_ANOTHER = re.compile(r"(?:the\s+)?vote\s+on\s+(?:the|this)\s+(?:substitute|amended|main|original)\b")
_PARAGRAPH = re.compile(r"\n\s*\n")
_VOTED_TOO = re.compile(
    r"\s(?:then\s+)?vot(?:ed|ing)\s+(?:(?P<aye>yes|aye|yea|for|in\s+favou?r)|(?:no|nay|against))\b"
)
_COUNT_ENDS = re.compile(
    r"[\s:,(]{0,3}\d{1,2}(?:[ ]?[-/:][ ]?\d{1,2}){1,3}\)?[ ]*\n"
)  # the line, and so the sentence
_COUNTS_BEFORE = 160  # characters before an outcome in which names beside their number are looked for
_WITH_VOTING = re.compile(r"\bwith\s[^.;]{3,140}?\svoting\s")
_READINGS = 8  # times an outcome is said that are looked at
_FAILED = re.compile(FAILED)
_SOFT = re.compile(r"(?:and|it\s+was|then|it|was|\s)*(?:agreed|resolved|decided)")
_ON_MOTION = re.compile(r"[\s,]*(?:on|upon|by)\s+(?:a\s+|the\s+)?motion\s+(?:of|by|from|made)\b")
_REST = re.compile(
    r"(?:[ .]{1,3}\([a-z][^()\d]{2,60}\))?"
    r"(?:\b(?:the|this|said|motion|ordinance|resolution|question|measure|amendment|item|mayor"
    r"|chair\w*|president|was|is"
    r"|has|been|then|thereupon|therefore|thus|hereby|duly|so|and|it)\b|\W)*"
)
_RECHAZADA = re.compile(r"rechaz|derrotad|no\s+aprobada")
_PASSED = re.compile(
    rf"{PASSED}|carrying|\bcrd|elected|so voted|unanim|in favou?r|aye|so ordered|agreed|consent|acclam|aprob"
    r"|\nresolved that|aprueba|adoptada"
)
_VOTED = re.compile(r"voted\b|the\s+vote|by\s+a\s+vote")
_MAIN = re.compile(
    r"\b(?:main|original|amended|underlying|first)\b|\bvote\s+(?:was\s+)?taken\s+on\s+(?:the\s+)?(?:ordinance|resolution)\b"
)
_UNANIMOUS = re.compile(
    r"\bby\s+all\b(?=\s*(?:[.;\n]|$)|\s+(?:members|present|those|council))|\bmcu\b|\bunanimous(?:ly)?\b|\bunanimidad\b"
    r"|\bunánime|\bayes?\s+(?:of|from|by)\s+all\b|\bayes?,?\s+all\b(?!\s+(?:of|the|but|members))"
    r"|\ball\s+(?!others?\b|the\s+(?:others?|rest)\b|remaining\b)(?:\w+\s+){0,4}[\"']?(?:in\s+favou?r|ayes?|yeas?|yes)\b"
    r"|\ball\s+(?:\w+,?\s+){0,3}vot(?:ing|ed)\s+[\"']?(?:aye|yes|in\s+(?:favou?r|the\s+affirmative)|to\s+(?:pass|approve|adopt|accept)\b)"
    r"|\ball\s+(?:(?:members|those|in\s+attendance|present)\s+){1,2}so\s+voted\b|\ball\s+approved\b"
)
_NOT_UNANIMOUS = re.compile(
    r"\bunanimously\s+seconded\b|\basked\s+(?:for\s+)?unanimous\b|\b(?:not|non)[\s-]+unanimous|unanimous\s+consent\s+(?:was\s+not|failed)"
)
_ASIDE = re.compile(
    r"\b(?:(?:that|which|as)\s+(?:was|were|has\s+been|had\s+been)|to\s+be|be|being)\s+(?:\w+\s+)?\w+$"
)
_TO_TABLE = re.compile(r"\bto\s+(?:table|lay\b|postpone|continue|defer)")
_PUT_OFF = re.compile(
    r"\b(?:approv|adopt|pass|accept)\w*\s+(?:the|a|said|this)?\s*motion\s+to\s+(table|postpone|continue|defer)\b"
)
_BOX = {
    "tabled": "tabled",
    "continued": "continued",
    "postponed": "continued",
    "deferred": "continued",
    "held": "continued",
    "referred": "continued",
    "withdrawn": "withdrawn",
    "no second": "no_second",
    "died": "no_second",
    "failed": "failed",
    "defeated": "failed",
    "denied": "failed",
    "rejected": "failed",
    "lost": "failed",
}


class Outcomes(State):
    """Handles events of the kind `outcome`."""

    def _outcome(self, event: Event, limit: int) -> None:
        kind = event.match.lastgroup or ""
        kind = {"word": "box", "spanish": "strong"}.get(kind, kind)
        phrase = event.match.group().lower()
        if kind == "status":
            self._status(event)
            return
        if kind == "put":
            self._tabled(event, limit)
            return
        if clauses.is_no_outcome(self.low, event.start, event.end) or self._foreign(event, kind, phrase):
            return
        if _NONE_DID.search(phrase) or (phrase[:1].isdigit() and self._in_column(event)):
            return
        motion = self._motion_for(event, kind, phrase)
        if motion is None:
            return
        result, explicit = self._result(event, kind, phrase)
        if motion.decided:
            self._one_more(motion, event)
        if _YEAS_NAYS.search(phrase) and not motion.ballots.printed:
            counts = find_tally(self.low, event.start, min(len(self.low), event.end + 14))
            motion.ballots.printed.update(counts[0] if counts else {})
        motion.decide(result, kind, event.start, event.end, explicit=explicit)
        if kind in ("strong", "weak", "box", "consent"):
            begin = clauses.clause_start(self.low, self._floor(motion, event.start), event.start)
            self._read_around(motion, begin, event.start, limit)

    def _in_column(self, event: Event) -> bool:
        return bool(
            _COLUMN.match(self.low, event.end)
            or _COLUMN_BEFORE.search(self.low, max(0, event.start - 14), event.start)
        )

    def _foreign(self, event: Event, kind: str, phrase: str) -> bool:
        """True where the sentence tells of another decision than one of this meeting."""
        open_motion = self.current is not None and not self.current.decided and self.current.opened
        start = clauses.sentence_start(self.low, event.start)
        dated = ON_DAY.search(phrase) is not None  # it would be an aside where the day is not the meeting's
        if open_motion and (dated or not _VOTED.search(phrase)):
            return "motion" not in phrase and recalled.tells_of_old(self.low, start, event.end)
        if open_motion:
            assert self.current is not None
            start = max(start, self._last_end(self.current))
            return tells_of_another(self.low[start : event.end], self._head(start)) and kind != "box"
        if _ASIDE.search(phrase):
            return True
        counted = _COUNT_ENDS.match(self.low, event.end)
        sentence = self.low[start : counted.end() if counted else clauses.sentence_end(self.low, event.end)]
        if phrase.endswith(("failing", "resolved")):
            sentence = self.low[start : event.end]  # what was done then is another matter
        if dated:
            sentence = self.low[start : event.start] + sentence[event.end - start :]
        return kind != "box" and tells_of_another(sentence, self._head(start), self.own)

    def _head(self, start: int) -> str:
        """The head of the document up to a sentence: what names a body there is not the sentence itself."""
        return self.own[:start]

    def _motion_for(self, event: Event, kind: str, phrase: str) -> Motion | None:
        """The motion that an outcome decides; a new one where none is open and the words are plain enough."""
        current = self.current
        if current is not None and not current.decided and event.start - current.start < OPEN:
            return current
        if current is not None and current.decided:
            if self._said_again(current, event, kind, phrase):
                return current
            if kind in ("noname", "withdrawn"):
                return None
        resumes = (kind != "weak" or current is None or current.nested) and "resolved" not in phrase
        if resumes and (waiting := self._resume(event.start)):
            return waiting
        if kind not in ("strong", "box", "consent") and not self._is_tally_alone(event, kind):
            return None
        self._finish(current)
        self.pending = []
        self.current = Motion(clauses.sentence_start(self.low, event.start))
        return self.current

    def _said_again(self, current: Motion, event: Event, kind: str, phrase: str) -> bool:
        """True when an outcome repeats the one before it."""
        if self._is_another(current, event, phrase):
            return False
        if kind == "weak" and phrase.endswith("voice vote") and event.start - current.end < _BESIDE:
            return True  # "failed on a voice vote"
        if current.result in ("no_second", "withdrawn") and self._result(event, kind, phrase)[0] == "failed":
            return event.start - current.end < _AGAIN
        near = event.start - current.end < (_SAME if self._is_tally_alone(event, kind) else _AGAIN)
        same = self._result(event, kind, phrase)[0] == current.result or not current.explicit
        return near and same

    def _is_another(self, current: Motion, event: Event, phrase: str) -> bool:
        """True when an outcome says of itself that it is one of another matter."""
        if current.mover is not None and _ON_MOTION.match(self.low, event.end):
            return True
        paragraph = _PARAGRAPH.search(self.low, current.at, event.start)
        consent = current.by == "consent" and "consent" in self.low[event.start : event.end + 24]
        if paragraph and (consent or "resolved" in phrase or _ON_ANOTHER.match(phrase)):
            return True
        if self.low.startswith(_APART, current.at) and _YEAS_NAYS.search(phrase):
            return True  # "The rules were suspended. Yeas 9. Nays 0. … Passed. Yeas 9. Nays 0."
        if phrase.endswith("as follows"):
            return True  # "Resolution 4 was passed as follows: … Resolution 5 was passed as follows"
        return bool(self.pending and _MAIN.search(self.low, max(0, event.start - 48), event.end))

    def _one_more(self, motion: Motion, event: Event) -> None:
        """`5 for and 2 against. Mayor Orr voted yes, therefore the motion passed, 6-2`: one more voted later."""
        start, end = (
            clauses.sentence_start(self.low, event.start),
            clauses.sentence_end(self.low, event.end),
        )
        voted = _VOTED_TOO.search(self.low, start, event.start)
        tally = find_tally(self.low, event.start, end) if voted else None
        if voted is None or tally is None:
            return
        more = {side: tally[0].get(side, 0) - (motion.ballots.count(side) or 0) for side in ("aye", "nay")}
        side = "aye" if voted["aye"] else "nay"
        if sorted(more.values()) != [0, 1] or more[side] != 1:
            return
        motion.ballots.counted = {}
        motion.ballots.printed.update(tally[0])
        motion.ballots.add(side, list_before(self.text, self.low, start, voted.start(), self.known))

    def _is_tally_alone(self, event: Event, kind: str) -> bool:
        return kind == "weak" and self.low.startswith(("(y-", "y-"), event.start)

    def _result(self, event: Event, kind: str, phrase: str) -> tuple[str, bool]:
        if kind in ("noname", "withdrawn"):
            return {"noname": "no_second"}.get(kind, kind), True
        if kind == "box":
            word = event.match["word"] if "word" in event.match.groupdict() else ""
            return self._put_off(event.start, event.end + 60) or _BOX.get(word or "", "passed"), True
        failed = _FAILED.search(phrase) and "denied" not in phrase.replace("motion denied", "")
        if failed or _RECHAZADA.search(phrase):
            return "failed", True
        if _SOFT.fullmatch(phrase.strip()):
            return "passed", False
        if put := self._put_off(
            clauses.sentence_start(self.low, event.start), clauses.sentence_end(self.low, event.end)
        ):
            return put, True
        counted = phrase.startswith("(") or phrase[0].isdigit() or _SIDES.match(phrase)
        return "passed", bool(_PASSED.search(phrase)) and not counted

    def _put_off(self, start: int, end: int) -> str:
        """`tabled` or `continued` where the words are `approved the motion to table`, else nothing."""
        found = _PUT_OFF.search(self.low, start, end)
        return "" if found is None else "tabled" if found[1] == "table" else "continued"

    def _tabled(self, event: Event, limit: int) -> None:
        """`… moved to table it. Item tabled.`: says what came of a motion that is open or was just decided."""
        motion = self.current
        if motion is None or not motion.opened or clauses.is_no_outcome(self.low, event.start, event.end):
            return
        result = _BOX.get(event.match["put"], "tabled")
        if not motion.decided and event.start - motion.start < OPEN:
            motion.decide(result, "strong", event.start, event.end, explicit=True)
            self._read_around(motion, event.start, event.start, limit)
        elif (
            motion.result == "passed"
            and event.start - motion.end < _SAME
            and _TO_TABLE.search(self.low, motion.start, motion.end)
        ):
            motion.result, motion.explicit = result, True
            motion.end = max(motion.end, event.end)

    def _status(self, event: Event) -> None:
        """`Status: 7-0 - Pass` repeats a decision."""
        found = re.compile(r"\s*\d{1,2}(?:[\s-]{1,4}\d{1,2}){1,4}[\s-]{0,4}(pass|fail)").match(
            self.low, event.end
        )
        if found and self.current is not None:
            self.current.decide(
                "passed" if found[1] == "pass" else "failed", "box", event.start, found.end(), explicit=True
            )

    def _read_around(self, motion: Motion, begin: int, at: int, limit: int) -> None:
        """Tally, phrases and unanimity in the sentence of an outcome and in a short one that follows it."""
        motion.readings += 1
        if motion.readings > _READINGS:
            return
        stop = min(clauses.sentence_end(self.low, at), limit, at + 900)
        following = clauses.short_sentence(self.low, stop, min(limit, max(stop, self._after)))
        if "aye" not in motion.ballots.printed and (
            tally := self._tally(motion, begin, at, max(stop, following))
        ):
            self._note_tally(motion, tally[0], at, stop)
            motion.end = max(motion.end, tally[2])
            self._named_beside(motion, tally[2], limit)
        read_phrases(self.text, self.low, min(begin, at), stop, self.known, motion.ballots)
        if following > stop and clauses.tells_votes(self.low, stop, following):
            read_phrases(self.text, self.low, stop, following, self.known, motion.ballots)
            motion.end = max(motion.end, following)
        self._said_before(motion, begin)
        if not motion.ballots.names.get("aye"):
            first = max(self._last_end(motion), begin - _COUNTS_BEFORE)
            if _WITH_VOTING.search(self.low, first, begin):
                read_phrases(self.text, self.low, first, begin, self.known, motion.ballots)
        clause = self.low[begin : min(stop, at + 160)]
        if motion.mover is None and motion.by != "consent" and "unanimous consent" in clause:
            motion.by, motion.ballots.unanimous = "consent", True
            return
        if _UNANIMOUS.search(clause) and not _NOT_UNANIMOUS.search(clause):
            motion.ballots.unanimous |= motion.by != "consent"
            self._those_were(motion, stop)

    def _those_were(self, motion: Motion, stop: int) -> None:
        told = _THOSE_WERE.match(self.low, stop)
        if told is None or motion.ballots.names.get("aye"):
            return
        listing = read_list(self.text, told.end(), self.known, min(len(self.text), stop + 600))
        if len(listing.people) > 1:
            motion.ballots.add("aye", listing.people)
            motion.ballots.listed.add("aye")
            motion.end = max(motion.end, listing.end)

    def _named_beside(self, motion: Motion, end: int, limit: int) -> None:
        """`carried 4-1 (Sykes)`: as many names as voted against, in brackets beside the count."""
        begin = re.compile(r"\s?\((?=[a-z])").match(self.low, end)
        against = motion.ballots.printed.get("nay")
        if begin is None or not against or self.low.endswith(_NOT_AGAINST, 0, end):
            return
        if missing := _AWAY.match(self.low, begin.end()):
            away = read_list(self.text, missing.end(), self.known, end + 200)
            if len(away.people) == against and self.low.startswith(")", away.end):
                del motion.ballots.printed["nay"]
                motion.ballots.printed["absent"] = against
                motion.ballots.add("absent", away.people)
            return
        listing = read_list(self.text, begin.end(), self.known, min(limit, end + 200))
        if len(listing.people) == against and self.low.startswith(")", listing.end):
            motion.ballots.add("nay", listing.people)

    def _said_before(self, motion: Motion, begin: int) -> None:
        """`Ames, Bly in favor. Nystrom opposed. Motion passed 2-1`: as many names as votes, before the outcome."""
        printed, names = motion.ballots.printed, motion.ballots.names
        open_sides = [side for side in ("nay", "abstain") if printed.get(side) and not names.get(side)]
        if not names.get("aye"):
            start = max(self._floor(motion, begin), begin - _COUNTS_BEFORE)
            read_counted(self.text, self.low, start, begin, self.known, motion.ballots)
        if not open_sides or names.get("aye"):
            return
        told = Ballots()
        end = begin
        for _ in range(2):
            start = clauses.sentence_start(self.low, max(0, end - 3))
            start = max(start, self.low.rfind("; ", start, max(start, end - 3)) + 2)
            stop = start + len(self.low[start:end].rstrip(" .;\n"))
            if not 0 < end - start < 90 or start < self._last_end(motion):
                break
            if not clauses.tells_votes(self.low, start, stop):
                break
            read_phrases(self.text, self.low, start, stop, self.known, told)
            end = start
        for side in (*open_sides, "aye"):
            people = told.names.get(side, [])
            if people and len(people) == printed.get(side):
                motion.ballots.add(side, people)

    def _tally(
        self, motion: Motion, begin: int, at: int, stop: int
    ) -> tuple[dict[str, int], int, int] | None:
        """The count of an outcome at `at`: after it, else before it where words of voting stand by."""
        if found := find_tally(self.low, at, stop):
            return found
        before = find_tally(self.low, begin, at)
        if before and _COUNTED.search(self.low, max(begin, before[1] - 22), min(at, before[2] + 8)):
            return before
        # "Vote 5-0. Motion carried": the count stands in a short sentence of its own.
        found = find_tally(self.low, max(self._floor(motion, at), at - 90), at)
        if found is None or not _REST.fullmatch(self.low, found[2], at):
            return None
        # Items of an agenda stand before `CARRIED` too: `1-1 and 1-2`
        lost = motion.result == "passed" and motion.explicit
        return None if lost and found[0].get("aye", 0) < found[0].get("nay", 0) else found

    def _note_tally(self, motion: Motion, counts: dict[str, int], at: int, stop: int) -> None:
        ayes, nays = counts.get("aye", 0), counts.get("nay")
        if nays is not None and motion.result == "failed" and motion.explicit and ayes > nays:
            counts["aye"], counts["nay"] = nays, ayes
        if "abstain" in counts and "absent" not in counts and counts["abstain"]:
            clause = self.low[at : stop + 60]
            if re.search(r"\babsent\b", clause) and not re.search(r"\babst", clause):
                counts["absent"] = counts.pop("abstain")
        motion.ballots.printed.update(counts)
