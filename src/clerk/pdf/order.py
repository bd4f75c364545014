"""Finds the order in which a person reads the words of a page. Pure: words in, text out.

The order of the content stream is that of the program that wrote the page: often right, sometimes all numbers
of an agenda before all its items, or three columns line by line across. Sorting by height mends the first and
spoils columns. Here the page is cut into runs of rows that share a gutter, an empty strip from top to bottom,
and each run is read as what it is: columns of prose one after the other, anything else row by row.
"""

from __future__ import annotations

from collections.abc import Iterable

from clerk.pdf.gutters import runs_of
from clerk.pdf.lines import Line, Word, lines_of
from clerk.pdf.rows import text_of_rows

_MOST_WORDS = 20_000
_RIGHT_TO_LEFT = range(0x0590, 0x0900)


def read_in_order(words: Iterable[Word]) -> str:
    """The text of a page as a person reads it, or "" where the order of the stream is the better guess.

    Args:
        words: (x0, y0, x1, y1, word, block, line, number) in the order of the stream, in points.
    """
    lines = lines_of(words)
    upright = [line for line in lines if not line.turned]
    if not upright or len(lines) > _MOST_WORDS or len(upright) * 2 < len(lines) or _right_to_left(lines):
        return ""
    parts = _read(upright, depth=0)
    # What runs up the margin is no part of the text around it.
    parts += [line.text for line in lines if line.turned]
    return "\n".join(parts)


def _read(lines: list[Line], depth: int) -> list[str]:
    parts: list[str] = []
    for run in runs_of(lines):
        if run.columns and depth < 4 and run.prose:
            for column in run.columns:
                parts += _read(column, depth + 1)
        else:
            parts += text_of_rows(run)
    return parts


def _right_to_left(lines: list[Line]) -> bool:
    letters = [word[0] for line in lines for word in line.words if word]
    return sum(ord(letter) in _RIGHT_TO_LEFT for letter in letters) * 3 > len(letters)
