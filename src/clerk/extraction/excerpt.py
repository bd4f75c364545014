"""The part of a page that the recogniser must see: sentences with capitals that no rule has explained.

The recogniser takes nine tenths of the time; lists of amounts and plain sentences hold no name it could add.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from clerk.extraction.spans import Span
from clerk.extraction.words import STOP, TITLES

_SENTENCE = re.compile(r"[^\n.;]*+(?:[.;](?!\s)[^\n.;]*+|\.(?<=\b[A-Z]\.)[^\n.;]*+)*+[.;\n]?\s*+")
_CAPITALS = re.compile(
    r"(?<![\w'-])(?:[A-Z][a-z'-]{1,20}+\.?(?:[ \n](?:[A-Z]\.|of|the|and|de|la|van"
    r"|&)){0,2}+[ \n][A-Z][A-Za-z'-]{1,20}+|(?:in|of|from|to|at|near|for|the)[ \n][A-Z][a-z]{3,20}+"
    r"|[A-Z]\.[ ]?[A-Z][a-z]{2,20}+|[A-Z][a-z]{1,10}[A-Z][A-Za-z]{1,10})"
)
_PLAIN = (
    frozenset(
        """
    city town village county council board commission committee department public works state government
    code section street avenue community development planning services water park fire police human
    resources building fiscal year project program general district
    """.split()
    )
    | STOP
    | TITLES
)
_LEAD = 140  # characters of context before a kept sentence


@dataclass(frozen=True, slots=True)
class Excerpt:
    """`text` is what is read; `origin` leads from a position in it to the page's text."""

    text: str
    _at: tuple[int, ...]
    _from: tuple[int, ...]

    def origin(self, position: int) -> int:
        """Position in the page of a position in the excerpt."""
        piece = bisect_right(self._at, position) - 1
        return self._from[piece] + position - self._at[piece]


def excerpt(text: str, ruled: Sequence[Span]) -> Excerpt:
    """The sentences of a page that may hold a name which no rule has found."""
    covered = bytearray(len(text))
    for span in ruled:
        covered[span.start : span.end] = b"\x01" * (span.end - span.start)
    kept: list[tuple[int, int]] = []
    for match in _SENTENCE.finditer(text):
        if match.end() > match.start() and _unexplained(text, match.start(), match.end(), covered):
            if kept and kept[-1][1] == match.start():
                kept[-1] = (kept[-1][0], match.end())
            else:
                kept.append(match.span())
    parts, at, origins = [], [0], [0]
    length = 0
    for start, end in kept:
        at.append(length)
        origins.append(start)
        parts.append(text[start:end])
        length += end - start
        if not text[start:end].endswith("\n"):
            parts.append("\n")
            length += 1
    return Excerpt("".join(parts), tuple(at), tuple(origins))


def _unexplained(text: str, start: int, end: int, covered: bytearray) -> bool:
    for match in _CAPITALS.finditer(text, start, end):
        if all(covered[match.start() : match.end()]):
            continue
        words = [word.strip(".'").lower() for word in match.group().split() if word[0].isupper()]
        fresh = [word for word in words if word not in _PLAIN]
        if fresh and not covered[match.end() - 1]:
            return True
    return False
