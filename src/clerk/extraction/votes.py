"""Finds the decisions of a body in the text of its minutes, by rules: no model, the same answer every time.

The text of all pages is scanned once for events (a motion, a second, an outcome, a list of names under AYES
or NOES). A small state machine joins them: an outcome closes the motion that is open, lists and tallies belong
to the decision they stand by, on either side of a page break. What has neither an outcome nor names is no vote.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import accumulate

from clerk.extraction.ballots import (
    SIDES,
    Ballots,
    heads_ayes,
    read_list,
    read_phrases,
    read_roll,
    read_row,
    read_tally,
    unanimous,
)
from clerk.extraction.names import name_after, name_before
from clerk.extraction.pages import without_furniture
from clerk.models import Vote

_AFTER = 420  # characters after an outcome in which its tally and names are looked for
_MOTION = 6000  # characters after which an open motion no longer belongs to an outcome
_RAW = 600  # characters of the source text that a vote keeps

_PASSED = r"carrie[ds]|carries|pass(?:ed|es)|adopted|approved|accepted"
_FAILED = r"fail(?:ed|s)|defeated|lost|denied|rejected"
_SIDE_WORDS = "|".join(SIDES)
_EVENT = re.compile(
    rf"""
    (?P<mover>\b(?:mover|moved\s+by|motion(?:ed)?(?:\s+(?:was|is))?(?:\s+made)?\s+by)\b\s*+:?\s*+)
  | (?P<seconder>\b(?:seconder|seconded\s+by|(?:a\s+)?second\s+by|2nd\s+by|supported\s+by)\b\s*+:?\s*+)
  | (?P<no_second>\b(?:die[ds]|fail(?:ed|s))\s+(?:for|due\s+to|from)\s+(?:the\s+|a\s+)?(?:lack|want)\s+of
        \s+(?:a\s+)?second\b
      | \bthere\s+(?:was|being)\s+no\s+second\b | \bfor\s+lack\s+of\s+a\s+second\b)
  | (?P<withdrawn>\bwithdrew\s+(?:the|his|her|their|that)\s+motion\b | \bmotion\s+(?:was|is)\s+withdrawn\b)
  | (?P<outcome>
      \bmotion[\s,.]+(?:(?:was|is|has|then|declared|been|hereby|duly|unanimously)\s+){{0,3}}(?:{_PASSED}|{_FAILED})\b
      | \b(?:and|was|it)\s+(?:unanimously\s+|duly\s+)?carried\b
      | (?:(?<=[.;:,]\s)|^[ \t]*+)(?:carried|passed|adopted|approved)(?=\s*[,.:]?\s*(?:unanimously|all\b|\(?\d|by\s))
      | \b(?:{_PASSED}|{_FAILED})\s+(?:unanimously\b|by\s+(?:a\s+)?(?:unanimous|voice|roll\s+call)\b)
      | \b(?:carried|adopted|passed|failed|approved)\s+by\s+the\s+following\b
      | \bunanimously\s+(?:adopted|approved|carried|passed)\b
      | \b(?:passed|carried|adopted)\s+with\b | \bwith\s+a\s+unanimous\s+(?:roll\s+call\s+)?vote\b
      | \bresult\s*+:\s*(?:{_PASSED}|{_FAILED})\b
      | \bvote\s*+[:\-]\s*(?:unanimous|\d{{1,2}}\s*[-–]\s*\d)
      | \ball\s+(?:were\s+)?(?:in\s+favou?r|ayes)\b
    )
  | (?P<move>\b(?:moved(?!\s+(?:its|their|his|her|from|into|out|away|here|up|down|forward|on)\b)|motioned
      | made\s+(?:a|the)\s+motion|offered\s+a\s+motion)\b)
  | (?P<second>\bseconded\b)
  | (?P<roll>\broll\s+(?:call\s+)?vote\b | \bvote\s+by\s+roll\s+call\b | \broll\s+call[:.]
      | \bvoted\s+(?:to|as\s+follows)\b)
  | (?P<row>^[ \t]*+(?:aye|yea|yes|nay|no|abstain|absent)[ \t]++(?=[^\n]{{2,50}}$))
  | (?P<list>(?:^|(?<=[\s;.,(]))(?:{_SIDE_WORDS})\s*+(?:\(\d{{1,2}}\)|\d{{1,2}})?\s*+[:\-–—][^\S\n]*)
    """,
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)
_FAILING = re.compile(_FAILED, re.IGNORECASE)
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\u00a0": " ", "\r": " ", "\f": "\n"})


@dataclass
class _Motion:
    """A motion on its way, and the decision once there is one."""

    start: int
    mover: str | None = None
    seconder: str | None = None
    at: int | None = None
    result: str = ""
    end: int = 0
    ballots: Ballots = field(default_factory=Ballots)


def find_votes(texts: Mapping[int, str]) -> dict[int, tuple[Vote, ...]]:
    """Votes of a document, by the page on which the outcome stands.

    Args:
        texts: page number to text, of one document.
    """
    pages = sorted(texts)
    parts = without_furniture([texts[page].translate(_QUOTES) for page in pages])
    starts = [0, *accumulate(len(part) + 1 for part in parts)][: len(pages)]
    text = "\n".join(parts)
    found: dict[int, list[Vote]] = {page: [] for page in pages}
    for motion in _decisions(text):
        assert motion.at is not None
        page = pages[bisect_right(starts, motion.at) - 1]
        found[page].append(replace(_vote(motion, text), page=page))
    return {page: tuple(votes) for page, votes in found.items()}


def _decisions(text: str) -> list[_Motion]:
    events = list(_EVENT.finditer(text))
    machine = _Machine(text)
    for number, event in enumerate(events):
        following = events[number + 1].start() if number + 1 < len(events) else len(text)
        machine.take(event, following)
    machine.close()
    return machine.decided


class _Machine:
    """Joins events in the order of the text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.decided: list[_Motion] = []
        self.current: _Motion | None = None

    def take(self, event: re.Match[str], following: int) -> None:
        kind = event.lastgroup
        if kind in ("mover", "move"):
            self._move(event, kind)
        elif kind in ("seconder", "second"):
            self._second(event, kind)
        elif kind == "list":
            self._list(event)
        elif kind == "roll":
            self._roll(event, following)
        elif kind == "row":
            self._row(event)
        elif kind is not None:
            self._outcome(event, kind, following)

    def close(self) -> None:
        """Finish the motion at hand: without an outcome it is a vote only where names were counted."""
        motion, self.current = self.current, None
        if motion is None:
            return
        if not motion.result and motion.ballots.has_ayes:
            motion.at = motion.end
            motion.result = "passed" if motion.ballots.majority else "failed"
        if motion.result:
            self.decided.append(motion)

    def _move(self, event: re.Match[str], kind: str) -> None:
        after = kind == "mover"
        name = name_after(self.text, event.end()) if after else name_before(self.text, event.start())
        header = after and event.group().rstrip().lower().endswith("mover:")
        if header and self.current is not None and self.current.result and self.current.mover is None:
            self.current.mover = name
            return
        if name is None and not after:
            return  # "the fire station moved to Water Street", "it was moved that"
        self.close()
        self.current = _Motion(event.start(), mover=name)

    def _second(self, event: re.Match[str], kind: str) -> None:
        motion = self.current
        if motion is None or motion.seconder is not None:
            return
        before, after = name_before(self.text, event.start()), name_after(self.text, event.end())
        motion.seconder = after if kind == "seconder" else before

    def _list(self, event: re.Match[str]) -> None:
        motion = self.current
        if motion is None or event.start() - max(motion.start, motion.end) > _MOTION:
            if not heads_ayes(event.group()):
                return  # an attendance header has its ABSENT too
            self.close()
            motion = self.current = _Motion(event.start())
        motion.end = max(motion.end, read_list(self.text, event.start(), event.end(), motion.ballots))

    def _roll(self, event: re.Match[str], following: int) -> None:
        if self.current is not None:
            limit = min(following, event.end() + _AFTER)
            if read_roll(self.text[event.end() : limit], self.current.ballots):
                self.current.end = limit

    def _row(self, event: re.Match[str]) -> None:
        """A line of a printed ballot: `No Councilmember Whitfield`."""
        motion = self.current
        end = self.text.find("\n", event.end())
        if motion is not None and not motion.result:
            motion.end = max(motion.end, read_row(self.text, event, end, motion.ballots))

    def _outcome(self, event: re.Match[str], kind: str, following: int) -> None:
        result = kind if kind != "outcome" else ("failed" if _FAILING.search(event.group()) else "passed")
        motion = self.current
        if motion is None or event.start() - motion.start > _MOTION or self._another(motion, event, result):
            self.close()
            motion = self.current = _Motion(event.start())
        if not motion.result:
            motion.at, motion.result = event.start(), result
        limit = min(max(following, event.end()), event.end() + _AFTER)
        segment = self.text[event.start() : limit]
        if kind == "outcome":
            read_tally(segment, motion.ballots, failed=motion.result == "failed")
            read_phrases(segment, motion.ballots)
            read_roll(segment, motion.ballots)
            if unanimous(segment):
                motion.ballots.unanimous = True
        motion.end = max(motion.end, event.end())

    def _another(self, motion: _Motion, event: re.Match[str], result: str) -> bool:
        """Whether an outcome after a decided motion is another decision, not the same one said twice."""
        if not motion.result:
            return False
        return result != motion.result or event.start() - motion.end > 160


def _vote(motion: _Motion, text: str) -> Vote:
    ballots = motion.ballots
    raw = " ".join(text[motion.start : motion.end].split())[:_RAW]
    return Vote(
        page=0,
        result=motion.result,
        motion_by=motion.mover,
        seconded_by=motion.seconder,
        ayes=ballots.count("aye"),
        nays=ballots.count("nay"),
        abstain=ballots.count("abstain"),
        absent=ballots.count("absent"),
        individual=ballots.individual(),
        raw_text=raw,
    )
