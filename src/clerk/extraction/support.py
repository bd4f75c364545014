"""`Supported` as the word for seconding: `A moved and B supported to …`, `A moved to pay the bills. B supported.`"""

from __future__ import annotations

import re

from clerk.extraction.names import Person

_RIGHT_BEHIND = re.compile(
    r"\W*(?:(?:so\s+)?(?:moved|motioned)\W*|made\s+(?:a|the)\s+motion\W*)?(?:and\s+|with\s+)?"
)
_CLAUSE_ENDS = re.compile(
    r"\s*(?:[.;\n]|$|,\s*(?:and\s+)?(?:the\s+)?(?:motion|carried|passed|approved|roll|all|vote|unanim|ayes))"
)
_SECONDED = re.compile(r"\b(?:second|2nd)")


def supports(low: str, end: int, mover: Person, person: Person) -> bool:
    """True where `supported`, which ends at `end`, makes a person the seconder of what `mover` moved."""
    between = low[mover.end : person.start]
    if not 0 < len(between) < 400:
        return False
    if _RIGHT_BEHIND.fullmatch(between):
        return True
    opens_clause = between.rstrip(" ").endswith((".", ",", ";", "\n", " and"))
    return (
        opens_clause
        and bool(_CLAUSE_ENDS.match(low, end))
        and not _SECONDED.search(low, mover.end, end + 150)
    )
