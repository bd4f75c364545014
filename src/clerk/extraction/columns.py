"""Names of those for and against, printed side by side under their headings.

AYES                NAYS
Foss                Pryor
Jett                Sims
"""

from __future__ import annotations

import re
from collections.abc import Collection

from clerk.extraction.names import Person, parse
from clerk.extraction.tables import Table
from clerk.extraction.tally import find_tally

_SIDES = (
    ("aye", r"ayes?|yeas?|yes|for|in\s+favou?r"),
    ("nay", r"nays?|noes?|no|against|opposed"),
    ("abstain", r"abstain(?:ed|ing)?|abstentions?"),
    ("absent", r"absent|excused"),
)
_LABEL = re.compile("|".join(rf"(?P<{side}>\b(?:{words})\b)" for side, words in _SIDES))
_ANY = "(?:" + "|".join(words for _, words in _SIDES) + ")"
_TAIL = r"[ ]?(?:\(?\d{1,2}\)?|:[ ]?\d{0,2})?"  # a colon or a count
# Labels alone; or with the first names behind them, wide apart.
_HEADER = re.compile(
    rf"^[ ]*(?:those[ ])?(?:vot(?:ing|ed)[ ])?(?:{_SIDES[0][1]}){_TAIL}"
    rf"(?:[ |]+(?:those[ ])?(?:vot(?:ing|ed)[ ])?{_ANY}{_TAIL}){{1,3}}[ |]*$"
    rf"|^[ ]*(?:{_SIDES[0][1]})[ ]?:?[ ]{{1,12}}[a-z][\w.' -]{{1,30}}?"
    rf"(?:[ ]{{3,}}{_ANY}[ ]?:?[ ]{{1,12}}[a-z][\w.' -]{{1,30}}?){{1,3}}[ ]*$",
    re.MULTILINE,
)
_CELL = re.compile(r"\S+(?:[ ]\S+)*")
_NONE = re.compile(r"(?i)(?:none|nil|n/a|-+|0)\.?")
_ROWS = 12
_NEAR = 160  # characters around the names in which their count stands


def find_columns(text: str, low: str, known: Collection[str]) -> list[Table]:
    """All lists side by side whose columns can be told: by blanks, else by the count that is printed near."""
    found = []
    for match in _HEADER.finditer(low):
        labels = [(each.start(), each.lastgroup or "") for each in _LABEL.finditer(match.group())]
        if len({side for _, side in labels}) == len(labels) > 1:
            table = _read(text, low, match, labels, known)
            found += [table] if table else []
    return found


def _read(
    text: str, low: str, header: re.Match[str], labels: list[tuple[int, str]], known: Collection[str]
) -> Table | None:
    apart = bool(re.search(r"[ |]{3,}", header.group().strip()))
    if not apart and (alone := _all_for(text, header, labels, known)):
        return alone
    first, columns = _behind_labels(text, header, labels, known)
    rows: list[tuple[Person, str]] = []
    position = end = header.end() + 1
    for _ in range(_ROWS):
        stop = text.find("\n", position)
        stop = len(text) if stop < 0 else stop
        read = _row(text, position, stop, columns, known) if apart else _tight(text, position, stop, labels)
        if read is None:
            break
        rows += read
        position, end = stop + 1, stop
    if not rows or len(rows) + len(first) < 2 or not any(side == "aye" for _, side in [*first, *rows]):
        return None
    rows = [*first, *rows]
    if not apart and not _counted(low, header.start(), end, rows):
        return None
    return Table(header.start(), end, tuple(rows))


def _all_for(
    text: str, header: re.Match[str], labels: list[tuple[int, str]], known: Collection[str]
) -> Table | None:
    """One member with a title in each line, `None` behind the first: nobody stands in the other columns."""
    rows: list[tuple[Person, str]] = []
    position = header.end() + 1
    end = header.end()
    while len(rows) < _ROWS:
        stop = text.find("\n", position)
        stop = len(text) if stop < 0 else stop
        person = parse(text, position, known, stop)
        if person is None or not person.title:
            break
        rest = text[person.end : stop].split()
        if len(rest) != (0 if rows else len(labels) - 1) or not all(_NONE.fullmatch(each) for each in rest):
            break
        rows.append((person, labels[0][1]))
        position, end = stop + 1, stop
    return Table(header.start(), end, tuple(rows)) if len(rows) > 1 else None


def _behind_labels(
    text: str, header: re.Match[str], labels: list[tuple[int, str]], known: Collection[str]
) -> tuple[list[tuple[Person, str]], list[tuple[int, str]]]:
    """The names in the line of the labels; and where columns begin: at labels, and at those names."""
    found: list[tuple[Person, str]] = []
    columns = list(labels)
    for match, (_, side) in zip(_LABEL.finditer(header.group().lower()), labels, strict=True):
        at = re.compile(r"[ ]?:?[ ]*").match(text, header.start() + match.end())
        begin = at.end() if at else header.start() + match.end()
        person = parse(text, begin, known, header.end())
        if person is not None and person.start == begin:
            found.append((person, side))
            columns.append((begin - header.start(), side))
    return found, columns


def _row(
    text: str, start: int, stop: int, labels: list[tuple[int, str]], known: Collection[str]
) -> list[tuple[Person, str]] | None:
    """The names of a line by the column under which each begins; None where it holds anything else."""
    found = []
    for cell in _CELL.finditer(text[start:stop].replace("|", " ")):
        if _NONE.fullmatch(cell.group()):
            continue
        at = start + cell.start()
        person = parse(text, at, known, start + cell.end())
        if person is None or text[person.end : start + cell.end()].strip(" .,*"):
            return None
        found.append((person, min(labels, key=lambda label: abs(label[0] - cell.start()))[1]))
    return found or None


def _tight(
    text: str, start: int, stop: int, labels: list[tuple[int, str]]
) -> list[tuple[Person, str]] | None:
    """A line of one surname for each column, from the first on, where the blanks between columns are lost."""
    words = list(re.finditer(r"\S+", text[start:stop]))
    if not 0 < len(words) <= len(labels):
        return None
    found = []
    for word, (_, side) in zip(words, labels, strict=False):
        if _NONE.fullmatch(word.group()):
            continue
        person = parse(text, start + word.start(), (), start + word.end())
        if person is None or person.title:
            return None
        found.append((person, side))
    return found or None


def _counted(low: str, start: int, end: int, rows: list[tuple[Person, str]]) -> bool:
    """True where a count stands near and is that of the names."""
    tally = find_tally(low, end, min(len(low), end + _NEAR)) or find_tally(low, max(0, start - _NEAR), start)
    sides = [side for _, side in rows]
    return tally is not None and all(tally[0].get(side, 0) == sides.count(side) for side in ("aye", "nay"))
