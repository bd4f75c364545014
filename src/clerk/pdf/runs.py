"""Runs of rows: what their columns hold, and whether each column is prose to be read on its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

from clerk.pdf.lines import Line

_PROSE_LINES = 4

_PROSE_WORDS = 2.5

_WRAPPED = 0.5

_AMID = 0.2

_SAME_BREAKS = 0.6

_LABELS = 0.7

_LABEL_LENGTH = 8

_STRAYS = 0.06

_ALIGNED = 0.8

_NAME_WORDS = 2.5

_LEAD = 0.15

_LABEL = re.compile(r"[(\[]?(?:\d{1,3}|[A-Za-z]|[ivxlcIVXLC]{1,6})(?:[.)\]:-](?:\d{1,3}|[A-Za-z])?)*|\W{1,3}")

_FIGURE = re.compile(r"[$(+-]*[\d.,/%:$]+[)%]*|[XxYN✓✔√☐☒☑-]|\W{1,3}")

Row = list[Line]


@dataclass
class Run:
    """Rows, from top to bottom, and what lies left and right of the gutters that they share.

    `columns` is empty where there is no gutter; `prose` says that each is to be read on its own, `by_column` that
    the stream holds one after the other. `edges` are where the columns but the first begin.
    """

    rows: list[Row]
    columns: list[list[Line]] = field(default_factory=list)
    edges: list[float] = field(default_factory=list)
    prose: bool = False
    by_column: bool = False

    @cached_property
    def close(self) -> float:
        """Space above a row that is less than between others: such a row may go on with the one above it."""
        gaps = sorted(min(x.y0 for x in b) - max(x.y1 for x in a) for a, b in pairwise(self.rows))
        spread = bool(gaps) and gaps[-1] - gaps[0] > 0.4 * self.rows[0][0].height
        return (gaps[0] + gaps[-1]) / 2 if spread else float("-inf")

    @property
    def lead(self) -> int:
        """Number of the first column that holds more than a stray line: where rows begin."""
        least = max(2, round(_LEAD * len(self.rows)))
        return next((n for n, column in enumerate(self.columns) if len(column) >= least), 0)

    def column(self, line: Line) -> int:
        """Number of the column in which a line begins."""
        return sum(line.x0 >= edge for edge in self.edges)


def rows_of(lines: Sequence[Line]) -> list[Row]:
    """Lines side by side make a row; rows go from top to bottom, lines in a row from left to right."""
    rows: list[Row] = []
    top = bottom = 0.0
    for line in sorted(lines, key=lambda each: (each.y0 + each.y1, each.x0)):
        middle = (line.y0 + line.y1) / 2
        if rows and top < middle < bottom:
            rows[-1].append(line)
        else:
            rows.append([line])
            # The inner half: lines set tight overlap with their edges.
            top, bottom = middle - line.height * 0.35, middle + line.height * 0.35
    return [_once(sorted(row, key=lambda each: (each.x0, each.index))) for row in rows]


def _once(row: Row) -> Row:
    """The row without lines that were printed a second time, a hair aside, to look bold or to throw a shadow."""
    kept = row[:1]
    for line in row[1:]:
        last = kept[-1]
        if line.text != last.text or line.x0 - last.x0 > 0.25 * line.height:
            kept.append(line)
    return kept


def split(run: Run) -> None:
    """Fill in the columns of a run, and whether they are prose."""
    run.columns = _columns(run)
    run.by_column = _by_column(run)
    kinds = [_labels(column) for column in run.columns]
    if len(run.columns) == 1:
        return
    # A column of labels belongs to what stands right of it.
    joined = [edge for edge, labels in zip(run.edges, kinds[:-1], strict=True) if not labels]
    if len(joined) < len(run.edges):
        reduced = Run(run.rows, edges=joined)
        reduced.columns = _columns(reduced)
        reduced.by_column = _by_column(reduced)
        if len(reduced.columns) > 1 and _is_prose(reduced):
            run.edges, run.columns, run.prose = reduced.edges, reduced.columns, True
        return
    run.prose = _is_prose(run)


def _columns(run: Run) -> list[list[Line]]:
    columns: list[list[Line]] = [[] for _ in range(len(run.edges) + 1)]
    for row in run.rows:
        for line in row:
            columns[run.column(line)].append(line)
    return columns


def _labels(column: list[Line]) -> bool:
    """True for numbers and bullets that belong to what stands beside them."""
    return sum(map(is_label, column)) >= _LABELS * len(column)


def is_label(line: Line) -> bool:
    """True for a number, a letter or a bullet that belongs to what stands beside it."""
    return len(line.text) <= _LABEL_LENGTH and bool(_LABEL.fullmatch(line.text))


def is_figure(line: Line) -> bool:
    """True for an amount, a share, or the mark in a column of votes."""
    return bool(_FIGURE.fullmatch(line.text))


def _figures(column: list[Line]) -> bool:
    return sum(map(is_figure, column)) >= _LABELS * len(column)


def _is_prose(run: Run) -> bool:
    if any(_figures(column) for column in run.columns) or min(map(len, run.columns)) < 3:
        return False
    if not all(_is_text(column) for column in run.columns):
        # Lists side by side: the program that set them one after the other meant them so, unless the first only
        # names what stands beside it.
        return run.by_column and not _names_rows(run)
    # Pieces of several lines that change sides look like cells: then fewer breaks need to agree.
    lines = sum(map(len, run.columns))
    share = _SAME_BREAKS if _changes(run) >= lines / 2 else _SAME_BREAKS / 2
    return run.by_column or not _same_breaks(run.columns, share)


def _by_column(run: Run) -> bool:
    """True when the stream holds one column after the other, but for a few lines."""
    lines = sum(map(len, run.columns))
    return _changes(run) <= max(2 * (len(run.columns) - 1), _STRAYS * lines)


def _changes(run: Run) -> int:
    """How often the stream goes on in another column."""
    indices = sorted((line.index, number) for number, column in enumerate(run.columns) for line in column)
    return sum(a[1] != b[1] for a, b in pairwise(indices))


def _names_rows(run: Run) -> bool:
    """True when each row begins with a short entry of the first column."""
    first = run.columns[0]
    both = sum(len({run.column(line) for line in row}) > 1 for row in run.rows)
    words = sum(len(line.words) for line in first) / len(first)
    return both >= _ALIGNED * len(run.rows) and words <= _NAME_WORDS


def _is_text(column: list[Line]) -> bool:
    column = [_joined(row) for row in rows_of(column)]
    if len(column) < _PROSE_LINES:
        return False
    right = max(line.x1 for line in column)
    pairs = list(pairwise(column))
    folded = sum(wrapped(a, b, right) for a, b in pairs)
    words = sum(len(line.words) for line in column) / len(column)
    # Entries of a list begin with capitals or figures; sentences that are folded do not.
    amid = sum(line.words[0][:1].islower() for line in column)
    return words >= _PROSE_WORDS and folded >= _WRAPPED * len(pairs) and amid >= _AMID * len(column)


def _joined(row: Row) -> Line:
    """A row as one line: those that are spread to fill their column may have come in pieces."""
    if len(row) == 1:
        return row[0]
    first, last = row[0], row[-1]
    words = [word for line in row for word in line.words]
    return replace(first, x1=last.x1, words=words)


def wrapped(line: Line, following: Line, right: float) -> bool:
    """True when the first word of the following line would not have fitted on this one, which may reach to `right`."""
    return line.x1 + line.height * 0.25 + following.first > right


def _same_breaks(columns: list[list[Line]], share: float) -> bool:
    """True when a share of the breaks of the columns are at the same heights, as the rows of a table are."""
    breaks = [_breaks(column) for column in columns]
    fewest = min(breaks, key=len)
    if len(fewest) < 2:
        return False
    others = [each for each in breaks if each is not fewest]
    height = columns[0][0].height
    shared = sum(all(any(abs(y - z) < height / 2 for z in other) for other in others) for y in fewest)
    return shared >= share * len(fewest)


def _breaks(column: list[Line]) -> list[float]:
    gaps = [b.y0 - a.y1 for a, b in pairwise(column)]
    usual = sorted(gaps)[len(gaps) // 4] if gaps else 0.0
    return [b.y0 for (a, b), gap in zip(pairwise(column), gaps, strict=True) if gap > usual + 0.3 * a.height]
