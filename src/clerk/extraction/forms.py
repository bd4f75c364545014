"""Tells a form that is still to be filled in from the record of a decision."""

from __future__ import annotations

import re

_TICK = r"[x✓✔☒☑]"
# What stands behind words of an outcome where nothing was decided: `carried ____`, `passed / failed`, `carried?`.
_OPEN = re.compile(
    rf"[ ]{{0,3}}(?:[:;][ ]{{0,3}})?(?:_{{2,}}(?!\s?{_TICK}[\s_])|\[\s?\]|\([ ]{{0,3}}\)|[☐□]|\?"
    r"|/\s?(?:fail|den|lost|defeat|reject|no\b|not\b|tabled|pass|carr|approv|continu)"
    r"|yes\s?(?:/|or|_{2,}|[☐□\[]\s?\]?)\s?(?:no\b)?|(?:tbd|to\s+be\s+determined|n/a)\b"
    r"|or\s+(?:failed|defeated|lost|denied|rejected)\b)"
)
_UNTICKED = re.compile(r"(?:[☐□]|\[[ ]?\]|\([ ]{1,3}\))[ ]{0,3}(?:motion[ ]+)?$")
# A name that is still to be written: `motion by ____`, `seconded by [NAME]`.
_SLOT = re.compile(
    r"\b(?:mo(?:tion|ved|ver)(?:\s+(?:by|of))?|second(?:ed|er)?(?:\s+by)?|by)\s{0,3}:?\s{0,3}"
    r"(?:_{3,}|\[\s?(?:name|member|council\s?member|commissioner|mover|seconder|\.{2,}|_*)?\s?\]"
    r"|\((?:name|member)\)|<[a-z ]{2,20}>)"
)
_REACH = 250  # characters before an outcome in which its form begins


def is_blank(low: str, start: int, end: int) -> bool:
    """True where the words of an outcome (from `start` to `end`, small letters) are those of an empty form."""
    if _OPEN.match(low, end) or _UNTICKED.search(low, max(0, start - 14), start):
        return True
    line = max(low.rfind("\n\n", 0, start) + 1, start - _REACH, 0)
    slots = list(_SLOT.finditer(low, line, end))
    if not slots:
        return False
    following = low[slots[-1].end() : end]
    # A name may be written behind the line that was ruled for it, or another motion follow.
    return not re.search(r"\b(?:moved|motion|seconded|second)\s+(?:by|of)\s+(?!_|\[|<|\()[a-z]", following)
