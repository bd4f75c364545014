"""Lines of a page as they lie on it: what the reading order is found over. Pure: words in, lines out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

# (x0, y0, x1, y1, word, block, line, number), in points, in the order of the content stream.
Word = tuple[float, float, float, float, str, int, int, int]
# A gap wider than this many heights of the line parts it: two cells of a row, or two columns.
WIDE_GAP = 1.6
UPRIGHT = 1.5


@dataclass(slots=True)
class Line:
    """Words that stand beside each other without a wide gap. `index` counts in the order of the stream."""

    x0: float
    y0: float
    x1: float
    y1: float
    words: list[str]
    block: int
    index: int
    first: float
    turned: bool = False

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def text(self) -> str:
        return " ".join(self.words)


def lines_of(words: Iterable[Word]) -> list[Line]:
    """The lines of a page, in the order of the stream. Lines whose words run up or down are `turned`."""
    lines: list[Line] = []
    for _, group in groupby(words, key=lambda word: (word[5], word[6])):
        members = list(group)
        if _turned(members):
            lines.append(_line(members, len(lines), turned=True))
        else:
            for part in _parts(members):
                lines.append(_line(part, len(lines)))
    return lines


def _turned(members: list[Word]) -> bool:
    """True when the words stand on their side: higher than wide, though of several letters, or stacked."""
    high = wide = 0.0
    for word in members:
        if len(word[4]) >= 3:
            high += word[3] - word[1]
            wide += word[2] - word[0]
    return high > wide * UPRIGHT


def _parts(members: list[Word]) -> list[list[Word]]:
    parts = [[members[0]]]
    for word in members[1:]:
        last = parts[-1][-1]
        gap = word[0] - last[2]
        height = last[3] - last[1]
        # A word that steps back starts anew, unless it merely overlaps: letters set tight, or printed twice.
        if gap > WIDE_GAP * height or gap < -height - (last[2] - last[0]):
            parts.append([word])
        else:
            parts[-1].append(word)
    return parts


def _line(members: list[Word], index: int, *, turned: bool = False) -> Line:
    x0 = min(word[0] for word in members)
    return Line(
        x0=x0,
        y0=min(word[1] for word in members),
        x1=max(word[2] for word in members),
        y1=max(word[3] for word in members),
        words=[word[4] for word in members],
        block=members[0][5],
        index=index,
        first=members[0][2] - members[0][0],
        turned=turned,
    )
