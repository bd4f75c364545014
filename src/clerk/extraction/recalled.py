"""Tells what a sentence recalls of another time: `Mr. Lee recalled that in 2016 Ms. Day moved`."""

from __future__ import annotations

import re

from clerk.extraction.clauses import sentence_end, sentence_start

_RECALLED = re.compile(
    r"\b(?:recalled|reminded|noted|stated|said|explained|remembered|mentioned|reported|pointed\s+out"
    r"|commented)\b"
    r"[^.;\n]{0,60}?\b(?:in\s+(?:19|20)\d\d|previously|last\s+(?:year|month|fall|spring|summer"
    r"|winter|meeting)"
    r"|years?\s+ago|months?\s+ago|at\s+(?:the|its|a|their)\s+[^.;]{0,30}meeting|earlier\s+this\s+year)"
    r"|\bread\s+(?:the\s+)?(?:votes?|motions?)\s+of\b"
)
_IN_A_YEAR = re.compile(r"\s+(?:back\s+)?in\s+(?:19|20)\d\d\b")
_SAID_THAT = re.compile(
    r"\b(?:said|stated|noted|recalled|explained|reported|mentioned|asked|added|commented)\b"
)
_LONG_AGO = re.compile(
    r"\b(?:in\s+(?:19|20)\d\d|previously|last\s+(?:year|month|meeting)|(?:years?|months?)\s+ago)\b"
)
_AT_ANOTHER = re.compile(
    r"\bat\s+(?:the|its|their|a)\s+(?:previous|prior|last|earlier|(?:january|february|march|april"
    r"|may|june|july|august"
    r"|september|october|november|december)\s+\d{1,2})\b[^.;\n]{0,60}?\b(?:meeting|hearing|session),\s"
)


def recalls(low: str, position: int, end: int) -> bool:
    """True where a motion is one of another time: `Mr. Lee recalled that in 2016 Ms. Day |moved`."""
    start = sentence_start(low, position)
    if _IN_A_YEAR.match(low, end):
        return True
    if position - start >= 300:
        return False
    return bool(_RECALLED.search(low, start, position) or _AT_ANOTHER.search(low, start, position))


def tells_of_old(low: str, start: int, position: int) -> bool:
    """True for `Mr. Ahl said the old ordinance |passed 5-0| in 2010`."""
    said = _SAID_THAT.search(low, start, position)
    return said is not None and bool(_LONG_AGO.search(low, said.end(), sentence_end(low, position)))


def end_of_recalled(low: str, position: int) -> int:
    """Where a motion of another time ends: its sentence, and the next where that only tells what came of it."""
    end = sentence_end(low, position)
    following = re.compile(r"[.!]?\s*(?:the\s+|that\s+)?motion\b").match(low, end)
    return sentence_end(low, following.end()) if following else end
