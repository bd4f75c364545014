"""Writes the rows of a run: numbers before their items, cells before the next cell, figures under their heading."""

from __future__ import annotations

from statistics import median

from clerk.pdf.lines import Line
from clerk.pdf.runs import Row, Run, is_figure, is_label, wrapped

_MOST_COLUMNS = 110
_LABEL_LENGTH = 8
_TIGHT = 0.7
_TABLE_ROWS = 3


def text_of_rows(run: Run) -> list[str]:
    """The lines of text of a run, row by row."""
    if not run.edges:
        return [" ".join(line.text for line in row) for row in run.rows]
    # Two lines whose words are spread to fill a column are no table.
    several = sum(len(row) > 1 for row in run.rows) >= _TABLE_ROWS
    ruler = _Ruler(run)
    parts: list[str] = []
    for record in _records(run):
        if len(record) > 1:
            parts += _set_tall(run, record)
        else:
            parts.append(ruler.set(record[0]) if several else " ".join(line.text for line in record[0]))
    return parts


def _records(run: Run) -> list[list[Row]]:
    """Rows that belong together: a cell that is folded goes on below, and beside it nothing new begins."""
    records: list[list[Row]] = []
    lead = run.lead
    for row in run.rows:
        if records and _continues(run, lead, records[-1][-1], row):
            records[-1].append(row)
        else:
            records.append([row])
    return records


def _continues(run: Run, lead: int, above: Row, row: Row) -> bool:
    gap = min(line.y0 for line in row) - max(line.y1 for line in above)
    if gap > _TIGHT * row[0].height:
        return False
    if min(run.column(line) for line in row) > lead and not any(map(is_figure, row)):
        return True
    # All that stands here must go on from the row above, or a new record begins.
    return all(_goes_on(run, above, line) for line in row)


def _goes_on(run: Run, above: Row, line: Line) -> bool:
    column = run.column(line)
    if column >= len(run.edges):
        right = max(each.x1 for row in run.rows for each in row)
    else:
        right = run.edges[column] - 0.8 * line.height
    return any(
        _follows(run, each, line, folded=wrapped(each, line, right))
        for each in above
        if run.column(each) == column
    )


def _follows(run: Run, above: Line, line: Line, *, folded: bool) -> bool:
    """True when `line` goes on with the cell that `above` belongs to; `folded` says that its first word had no room."""
    if above.index + 1 == line.index and above.block == line.block:
        # Cells come whole in the stream, unless it holds whole columns.
        return folded if run.by_column else not is_label(above)
    return folded and not run.by_column and len(above.words) > 1 and line.y0 - above.y1 < run.close


def _set_tall(run: Run, record: list[Row]) -> list[str]:
    """Cell after cell; a short label stands on the first line of the cell that it labels."""
    cells: list[list[str]] = [[] for _ in range(len(run.edges) + 1)]
    for row in record:
        seen: set[int] = set()
        for line in row:
            column = run.column(line)
            if column in seen:
                cells[column][-1] += " " + line.text
            else:
                cells[column].append(line.text)
                seen.add(column)
    parts: list[str] = []
    label = ""
    for cell in filter(None, cells):
        if len(cell) == 1 and len(cell[0]) <= _LABEL_LENGTH:
            label = f"{label} {cell[0]}".lstrip()
        else:
            parts += [f"{label} {cell[0]}".lstrip(), *cell[1:]]
            label = ""
    return [*parts, label] if label else parts


class _Ruler:
    """Places cells on a line of text about where they stand on the page, so that columns stay columns."""

    def __init__(self, run: Run) -> None:
        lines = [line for row in run.rows for line in row]
        self._left = min(line.x0 for line in lines)
        letter = median((line.x1 - line.x0) / max(len(line.text), 1) for line in lines)
        width = max(line.x1 for line in lines) - self._left
        self._letter = max(letter, width / _MOST_COLUMNS, 0.1)

    def set(self, row: Row) -> str:
        if len(row) == 1:
            return row[0].text
        text = ""
        for index, line in enumerate(row):
            place = round((line.x0 - self._left) / self._letter)
            if index == 1 and is_label(row[0]):
                text += " " + line.text
            else:
                text = text.ljust(place if not text else max(place, len(text) + 2)) + line.text
        return text
