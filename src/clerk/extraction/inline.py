"""Motions that are told in one line with their outcome, by two names or by none: `Hart/Ruiz carried`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from clerk.extraction.named import PAIR

# `Hale/Burt   Carried`: the names behind what was moved.
_AT_LINE = re.compile(
    rf"(?P<slash>^[ ]*+(?:(?={PAIR}(?::[ ]{{1,2}}(?i:to|motion)\b|[ ](?i:m/s)\b))|\((?={PAIR}\)[ ](?i:motion)\b)))",
    re.MULTILINE,
)
_AT_END = re.compile(
    rf"(?P<slash>(?:^[ ]*+|(?<=[.;]\s))(?={PAIR}[ ]{{1,4}}(?i:carried|lost|passed|approved|failed)\b))",
    re.MULTILINE,
)
_BEHIND_PAIR = re.compile(rf"(?:{PAIR})[ ]{{1,4}}")
_CAME = re.compile(r"(?P<weak>(?i:passed|approved|failed)\b(?=\s?(?:[.,;(\n]|unanim|\d|$)))")
# `2nd: R. Burt… four yes votes`
_DOTS = re.compile(
    r"(?<=…\s)(?P<weak>(?i:two|three|four|five|six|seven|eight|nine)\s(?i:ayes?|yeas?|yes)\s(?i:votes?)\b)"
)
# `4.1 Accounts for August That the accounts be received. Carried.`, in one line and without who moved it
_INLINE = re.compile(r"(?P<passive>(?<=[\w.)][ ])That(?=\s(?:the|an?)\s))")
_CARRIED_NEXT = re.compile(r"\.\s{1,2}(?:carried|defeated)\b")
_TO_BE = re.compile(r"\bbe\s[a-z]+")
_MOVES = re.compile(r"\b(?:mov|motion|second|propos|resolv)")
_SENTENCE, _HEADING = 600, 80


def inline_forms(text: str, low: str) -> Iterator[tuple[str, re.Match[str]]]:
    """Kind of event and match of each motion and outcome in such a form.

    Args:
        text: a text as it is printed.
        low: the same in small letters.
    """
    for match in _INLINE.finditer(text) if "Carried" in text else ():
        end = _CARRIED_NEXT.search(low, match.end(), match.end() + _SENTENCE)
        words = low[match.start() : end.start()] if end else ""
        before = low[max(0, match.start() - _HEADING) : match.start()]
        if _TO_BE.search(words) and not (_MOVES.search(words) or _MOVES.search(before)):
            yield "move", match
    if "/" in text:
        yield from (("move", match) for match in _AT_LINE.finditer(text))
    for match in _AT_END.finditer(text) if "/" in text else ():
        yield "move", match
        pair = _BEHIND_PAIR.match(text, match.end())
        if pair and (came := _CAME.match(text, pair.end())):
            yield "outcome", came
    if "…" in text:
        yield from (("outcome", match) for match in _DOTS.finditer(text))
