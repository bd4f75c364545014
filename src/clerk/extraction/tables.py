"""Roll calls printed as tables: an X under AYE or NAY beside each name, or boxes ticked in a row."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from clerk.extraction.names import Person, parse

_LABEL = re.compile(
    r"\b(?:(?P<aye>ayes?|yes|yeas?|for)|(?P<nay>nays?|noes?|no|against|opposed)|(?P<abstain>abstain(?:ed)?"
    r"|abstentions?|abst)"
    r"|(?P<absent>absent|excused)|(?P<recused>recused?)|(?P<mover>motion|moved?|mover|mot|1st)"
    r"|(?P<seconder>second(?:ed)?|seconder|sec|2nd)|(?P<other>present|member|name|vote))\b\.?"
)
_HEADER = re.compile(
    r"^(?=[^\n:.]{7,140}$)[^\n]{0,60}?\b(?:ayes?|yes|yeas?|for)\b[ |/]{1,60}+(?:nays?|noes?|no"
    r"|against|opposed"
    r"|abstain)\b[^\n]{0,80}$",
    re.MULTILINE,
)
_MARK = re.compile(r"(?<![A-Za-z'.])[xX✓✔√☒☑■●](?![A-Za-z'.])")
_TICK = r"[\[(|_]{1,4}[ ]?[xX✓✔√*■●][ ]?[\])|_]{1,4}|[☒☑✔✓■]"
_ANY_TICK = re.compile(_TICK)
_EMPTY = r"\[[ ]{0,3}\]|\([ ]{0,3}\)|[☐□]|_{2,8}"
_VOTES = r"aye|yes|yea|nay|no|abstain(?:ed)?|absent|recused?"
# A line of boxes, each with the vote that it stands for behind it or before it.
_BOXES = re.compile(
    rf"^[^\n]{{3,60}}?(?:(?:{_TICK}|{_EMPTY})[ ]{{0,2}}(?:aye|yes|yea|nay|no)\b"
    rf"|\b(?:aye|yes|yea|nay|no)[ ]?:?[ ]{{0,2}}(?:{_TICK}|{_EMPTY}))[^\n]*$",
    re.IGNORECASE | re.MULTILINE,
)
_PIECE = re.compile(rf"(?P<tick>{_TICK})|(?P<empty>{_EMPTY})|\b(?P<vote>{_VOTES})\b", re.IGNORECASE)
_ROWS = 25  # members of a body
_SIDES = {"aye": "aye", "yes": "aye", "yea": "aye", "nay": "nay", "no": "nay"}


@dataclass(frozen=True, slots=True)
class Table:
    """Who voted how, and where the table stands."""

    start: int
    end: int
    rows: tuple[tuple[Person, str], ...]
    mover: Person | None = None  # where columns tell them
    seconder: Person | None = None


def find_tables(text: str, low: str, known: Collection[str]) -> list[Table]:
    """All roll-call tables of a text whose columns can be told."""
    tables = [table for match in _HEADER.finditer(low) if (table := _marked(text, match, known))]
    tables += _crossed(text, known)
    return sorted([*tables, *_ticked(text, known)], key=lambda table: table.start)


# Surnames in a row, and below them a row of boxes for each vote: `VOTE Hale Burt Ruiz`, `Aye ☒ ☒ ☐`, `Nay ☐ ☐ ☒`.
_CROSSED = re.compile(
    r"\b(?:VOTES?|Votes?):?\s+(?P<names>(?:[A-Z][\w'-]{1,20}\s+){3,12}?)(?P<rows>(?:(?i:aye|yes|yea|nay|no|abstain|absent)s?:?"
    r"\s+(?:[☒☑✔✓☐□]\s*){3,12}){2,5})"
)
_CROSSED_ROW = re.compile(r"([A-Za-z]+):?\s+([☒☑✔✓☐□\s]+)")


def _crossed(text: str, known: Collection[str]) -> list[Table]:
    found = []
    for match in _CROSSED.finditer(text) if "☐" in text or "□" in text else ():
        start = match.start("names")
        names = [
            parse(text, start + each.start(), known, start + each.end())
            for each in re.finditer(r"\S+", match["names"])
        ]
        rows: list[tuple[Person, str]] = []
        for row in _CROSSED_ROW.finditer(match["rows"]):
            boxes = "".join(row[2].split())
            if len(boxes) != len(names):
                break
            side = _side_of(row[1].lower().removesuffix("s") if row[1].lower() != "yes" else "yes")
            rows += [(name, side) for name, box in zip(names, boxes, strict=True) if name and box not in "☐□"]
        else:
            if len(rows) > 1:
                found.append(Table(match.start(), match.end(), tuple(rows)))
    return found


def _marked(text: str, header: re.Match[str], known: Collection[str]) -> Table | None:
    piped = header.group().count("|") > 1
    columns = [
        (
            float(header.group().count("|", 0, match.start()))
            if piped
            else (match.start() + match.end()) / 2,
            next(side for side, value in match.groupdict().items() if value),
        )
        for match in _LABEL.finditer(header.group())
    ]
    rows: list[tuple[Person, str]] = []
    movers: dict[str, Person] = {}
    position, misses = header.end() + 1, 0
    while position < len(text) and misses < 3 and len(rows) < _ROWS:
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        if end - position > 200:
            break
        row = _row(text, position, end, columns, known, piped=piped)
        misses = 0 if row else misses + 1
        if row and row[1]:
            rows.append((row[0], row[1]))
        for side in row[2] if row else ():
            movers.setdefault(side, row[0])  # type: ignore[index]
        position = end + 1
        if not row and text[position - 2 : position - 1].isalpha() and misses > 1:
            break
    if len(rows) < 2:
        return None
    return Table(header.start(), rows[-1][0].end, tuple(rows), movers.get("mover"), movers.get("seconder"))


def _row(
    text: str, start: int, end: int, columns: list[tuple[float, str]], known: Collection[str], *, piped: bool
) -> tuple[Person, str, list[str]] | None:
    """The name of a line, the side under which it is marked, and `mover` or `seconder` where it is marked so.

    No side where the marks do not tell.
    """
    marks = [match.start() for match in _MARK.finditer(text, start, end)]
    if not marks:
        return None
    begin = start + len(text[start:end]) - len(text[start:end].lstrip(" |"))
    person = parse(text, begin, known, marks[0])
    if person is None:
        return None
    cells = [
        _cell(text.count("|", start, mark), columns) if piped else _column(mark - start + 0.5, columns)
        for mark in marks
    ]
    sides = {side for side in cells if side not in ("other", "", "mover", "seconder")}
    return (
        person,
        sides.pop() if len(sides) == 1 else "",
        [side for side in cells if side in ("mover", "seconder")],
    )


def _cell(number: int, columns: list[tuple[float, str]]) -> str:
    return next((side for index, side in columns if index == number), "")


_ANSWER = re.compile(
    r"^[ ]*+(?P<name>[A-Z][^\n:]{2,40})\n[ ]*+(?P<vote>yes|yea|aye|no|nay|abstain(?:ed)?|absent)[ ]*$",
    re.IGNORECASE | re.MULTILINE,
)


def name_first_answers(text: str, known: Collection[str]) -> frozenset[int]:
    """Where answers stand that have a line of their own under each name: `Mr. Hart`, `Yes`, `Ms. Ruiz`, `No`."""
    found: list[list[int]] = []
    last = -1
    for match in _ANSWER.finditer(text):
        start = match.start("name")
        person = parse(text, start, known, match.end("name"))
        if person is None or text[person.end : match.end("name")].strip(" .,"):
            continue
        if not found or start - last > 3:
            found.append([])
        line = text.rfind("\n", 0, match.start("vote")) + 1
        found[-1] += range(line, match.start("vote") + 1)
        last = match.end()
    return frozenset(position for group in found if len(group) > 1 for position in group)


def _column(mark: float, columns: list[tuple[float, str]]) -> str:
    distances = sorted((abs(mark - middle), side) for middle, side in columns)
    # Between two columns, or far from all, a mark tells nothing.
    near, following = distances[0], distances[1]
    return near[1] if near[0] <= 6 and following[0] - near[0] >= 1.5 else ""


def _ticked(text: str, known: Collection[str]) -> list[Table]:
    tables: list[Table] = []
    rows: list[tuple[Person, str]] = []
    begin = last = -1
    if not _ANY_TICK.search(text):
        return tables
    for line in _BOXES.finditer(text):
        found = _in_line(text, line, known)
        if not found:
            continue
        if rows and line.start() - last > 120:
            tables.append(Table(begin, last, tuple(rows)))
            rows = []
        begin = begin if rows else line.start()
        rows += found
        last = line.end()
    if len(rows) > 1:
        tables.append(Table(begin, last, tuple(rows)))
    return tables


def _in_line(text: str, line: re.Match[str], known: Collection[str]) -> list[tuple[Person, str]]:
    """Who ticked what in a line: of one person, or of several behind each other; nothing where any is not plain."""
    groups: list[list[re.Match[str]]] = []
    done = line.start()
    for piece in _PIECE.finditer(text, line.start() + 2, line.end()):
        if not groups or _NAMED.search(text, done, piece.start()):
            groups.append([])
        groups[-1].append(piece)
        done = piece.end()
    found = []
    done = line.start()
    for group in groups:
        first = _NAME_BEGINS.match(text, done)
        begin = first.end() if first else done
        if group is groups[0] and (label := _CALLED.match(text, begin, group[0].start())):
            begin = label.end()
        person = parse(text, begin, known, group[0].start())
        votes = _chosen(group)
        done = group[-1].end()
        if person is None or (groups[1:] and text[person.end : group[0].start()].strip(" .:,-")):
            return []
        if len(votes) > 1 or (len(groups) > 1 and not votes):
            return []
        found += [(person, _side_of(each)) for each in votes]
    return found


_CALLED = re.compile(r"[^\n:]{0,30}\b(?:vote|roll|call|voting|poll)[ ]?:[ ]*", re.IGNORECASE)
_NAMED = re.compile(r"[^\W\d_]{2}")
_NAME_BEGINS = re.compile(r"[\s;,|/]*")


def _side_of(vote: str) -> str:
    return _SIDES.get(vote, "absent" if vote == "absent" else "abstain")


def _chosen(pieces: Sequence[re.Match[str]]) -> list[str]:
    """The votes (small letters) whose boxes are ticked, where there are as many boxes as votes."""
    boxes = [piece for piece in pieces if not piece["vote"]]
    votes = [piece for piece in pieces if piece["vote"]]
    if len(boxes) != len(votes) or not boxes:
        return []
    # Boxes stand all before their votes or all behind them.
    if any(
        (box.start() < vote.start()) != (boxes[0].start() < votes[0].start())
        for box, vote in zip(boxes, votes, strict=True)
    ):
        return []
    return [vote["vote"].lower() for box, vote in zip(boxes, votes, strict=True) if box["tick"]]
