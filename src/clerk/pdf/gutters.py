"""Cuts the lines of a page into runs of rows that share gutters: empty strips from top to bottom."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from clerk.pdf.lines import Line
from clerk.pdf.runs import Row, Run, rows_of, split

# Steps into which the width is divided to look for gutters.
_STEPS = 360

_GUTTER = 0.75

_BREAK = 1.8
_FEWEST_ROWS = 4


def runs_of(lines: Sequence[Line]) -> list[Run]:
    """All lines as runs, from top to bottom."""
    if not lines:
        return []
    cutter = _Cutter(rows_of(lines))
    runs: list[Run] = []
    for first, last in cutter.cut():
        run = cutter.describe(first, last)
        cuts = [first + cut for cut in _cuts(run)] if run.prose else []
        parts = pairwise([first, *cuts, last + 1])
        runs += [cutter.describe(start, end - 1) for start, end in parts] if cuts else [run]
    return runs


class _Cutter:
    """Finds the runs. The width of the lines is a number whose bits are set where a row has ink."""

    def __init__(self, rows: list[Row]) -> None:
        lines = [line for row in rows for line in row]
        self.rows = rows
        self.left = min(line.x0 for line in lines)
        self.step = max((max(line.x1 for line in lines) - self.left) / _STEPS, 0.01)
        self.height = median(line.height for line in lines)
        self.masks = [self._mask(row) for row in rows]
        self._empty = re.compile(f"0{{{max(2, round(self.height * _GUTTER / self.step))},}}")

    def cut(self) -> list[tuple[int, int]]:
        """First and last row of each run."""
        found: list[tuple[int, int]] = []
        start, ink = 0, self.masks[0]
        for index in range(1, len(self.rows)):
            both = ink | self.masks[index]
            if (
                self._apart(index)
                or self._opens(index, both)
                or (both != ink and self._closes(start, index, ink, both))
            ):
                found.append((start, index - 1))
                start, both = index, self.masks[index]
            ink = both
        return [*found, (start, len(self.rows) - 1)]

    def describe(self, first: int, last: int) -> Run:
        """The run of these rows, its columns and what they are."""
        ink = 0
        for mask in self.masks[first : last + 1]:
            ink |= mask
        run = Run(self.rows[first : last + 1])
        run.edges = [self.left + end * self.step for _, end in self._gaps(ink)]
        if run.edges:
            split(run)
        return run

    def _mask(self, row: Row) -> int:
        mask = 0
        for line in row:
            start = int((line.x0 - self.left) / self.step)
            end = max(start + 1, round((line.x1 - self.left) / self.step))
            mask |= ((1 << (end - start)) - 1) << start
        return mask

    def _gaps(self, ink: int) -> list[tuple[int, int]]:
        """Empty strips between ink, as (start, end) in steps from the left."""
        bits = f"{ink:b}"[::-1]
        return [
            match.span() for match in self._empty.finditer(bits) if match.start() and match.end() < len(bits)
        ]

    def _apart(self, index: int) -> bool:
        """True when white space across the whole width parts this row from those above."""
        above = max(line.y1 for line in self.rows[index - 1])
        below = min(line.y0 for line in self.rows[index])
        return below - above > _BREAK * self.height

    def _opens(self, index: int, both: int) -> bool:
        """True when a gutter begins at `index` that the rows above would hide."""
        pair = self.masks[index] | (self.masks[index + 1] if index + 1 < len(self.masks) else 0)
        return not self._gaps(both) and bool(self._gaps(pair))

    def _closes(self, start: int, index: int, ink: int, both: int) -> bool:
        """True when the row at `index` bridges every gutter that the rows from `start` on have made clear."""
        gaps = self._gaps(ink)
        clear = [gap for gap in gaps if self._clear(start, index, gap)]
        if not clear:
            return False
        open_still = self._gaps(both)
        ends = {gap: after[0] for gap, after in pairwise(gaps)}
        return not any(
            any(gap[0] < end and begin < gap[1] for begin, end in open_still)
            and not self._foreign(self.rows[index], gap, ends.get(gap, ink.bit_length()))
            for gap in clear
        )

    def _foreign(self, row: Row, gap: tuple[int, int], end: int) -> bool:
        """True when a line begins within the gutter and does not stand over the column right of it."""
        for line in row:
            left, right = (line.x0 - self.left) / self.step, (line.x1 - self.left) / self.step
            if gap[0] < left < gap[1] and min(right, end) - gap[1] < (right - left) / 2:
                return True
        return False

    def _clear(self, start: int, index: int, gap: tuple[int, int]) -> bool:
        low = (1 << gap[0]) - 1
        left = right = 0
        for mask in self.masks[start:index]:
            left += bool(mask & low)
            right += bool(mask >> gap[1])
            if left > 1 and right > 1:
                return True
        return False


def _cuts(run: Run) -> list[int]:
    """Rows at which to part a run of columns: below what stands above them, like a page's head, and where they end."""
    if len(run.rows) < _FEWEST_ROWS:
        return []
    gaps = [min(x.y0 for x in b) - max(x.y1 for x in a) for a, b in pairwise(run.rows)]
    wide = median(gaps) + 0.5 * median(line.height for line in run.rows[0])
    last = max(n for n, row in enumerate(run.rows) if len({run.column(line) for line in row}) > 1 or not n)
    tail = range(min(last, len(gaps) - 2), len(gaps))
    cuts = [index + 1 for index in (0, 1) if gaps[index] > wide]
    cuts += next(([index + 1] for index in tail if gaps[index] > wide), [])
    return sorted(set(cuts))
