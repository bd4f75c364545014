"""How the members voted: name lists, tallies, phrases like `with Marsh voting no`, and roll calls."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from clerk.extraction.names import name_before, name_list, strip_titles

# What stands at the head of a list of names, and which side it is.
SIDES = {
    r"ayes?": "aye",
    r"yeas?": "aye",
    r"yes": "aye",
    r"for": "aye",
    r"in\s+favou?r": "aye",
    r"voting\s+(?:aye|yes|yea)": "aye",
    r"noes": "nay",
    r"nays?": "nay",
    r"napes": "nay",
    r"no": "nay",
    r"against": "nay",
    r"opposed": "nay",
    r"voting\s+(?:nay|no)": "nay",
    r"abstain(?:ed|ing)?": "abstain",
    r"abstentions?": "abstain",
    r"absent": "absent",
    r"excused": "absent",
    r"recused?": "recused",
}
_SIDES = [(re.compile(pattern, re.IGNORECASE), side) for pattern, side in SIDES.items()]

_TALLY = re.compile(
    r"(?<![\d\-–—/.])(\d{1,2})\s?[-–—]\s?(\d{1,2})(?:\s?[-–—]\s?(\d{1,2}))?(?:\s?[-–—]?\s?(\d{1,2}))?(?![\d\-–—/])"
    r"|\b(\d{1,2})\s+to\s+(\d{1,2})\b"
)
_UNANIMOUS = re.compile(
    r"\bunanimous(?:ly)?\b|\ball\s+(?:were\s+)?in\s+favou?r\b|\ball\b[^.]{0,40}\bvoting\s+aye\b|\ball\s+ayes\b",
    re.IGNORECASE,
)
_PHRASE = re.compile(
    r"\b(?:vot(?:ing|ed)\s+(?P<nay>no|nay|against|in\s+opposition)|vot(?:ing|ed)\s+(?P<aye>aye|yes|yea|in\s+favou?r)"
    r"|(?P<dissent>dissenting|dissented|opposed|opposing)|(?P<abstain>abstain(?:ing|ed))"
    r"|(?P<absent>(?:being\s+)?absent|not\s+present))\b",
    re.IGNORECASE,
)
_ROLL = re.compile(r"[\s,:\"'\-–—]{1,4}(?P<vote>aye|yes|yea|nay|no|abstain(?:ed)?|absent)\b", re.IGNORECASE)
_ROLL_SIDE = {"aye": "aye", "yes": "aye", "yea": "aye", "nay": "nay", "no": "nay", "absent": "absent"}
_COUNT = re.compile(r"\(?(\d{1,2})\)?\s*(?:[-–—:]\s*)?")
_NONE = re.compile(r"(?:none|nil|zero|0)\b", re.IGNORECASE)
_CONTINUES = re.compile(
    r"(?:[,;&-]|\band|\b(?:members?|councilmember|commissioner|mayor|vice|pro|tem|tern))\s*$", re.I
)
_LIST = 500  # characters of one list
_INITIAL = re.compile(r"\b(?:[A-Z]|Jr|Sr|Mr|Ms|Mrs|Dr|Hon)$")


@dataclass
class Ballots:
    """Counts and names by side; a printed count wins over the number of names."""

    counts: dict[str, int] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)
    unanimous: bool = False

    @property
    def has_ayes(self) -> bool:
        return "aye" in self.names or "aye" in self.counts

    @property
    def majority(self) -> bool:
        return (self.count("aye") or 0) > (self.count("nay") or 0)

    def add(self, side: str, names: tuple[str, ...]) -> None:
        held = self.names.setdefault(side, [])
        held.extend(name for name in names if name not in held)

    def count(self, side: str) -> int | None:
        """Number of members on a side, None where the text does not say."""
        if side in self.counts:
            return self.counts[side]
        if self.names.get(side):
            return len(self.names[side])
        return 0 if side == "nay" and self.unanimous else None

    def individual(self) -> tuple[tuple[str, str], ...]:
        """(name, vote) of everyone named; the first mention of a name counts."""
        seen: dict[str, str] = {}
        for side, names in self.names.items():
            for name in names:
                seen.setdefault(name, side)
        return tuple(seen.items())


def heads_ayes(label: str) -> bool:
    """True when a list of this label can be the first that is known of a vote."""
    return _side(label) == "aye"


def _side(label: str) -> str:
    return next(side for pattern, side in _SIDES if pattern.match(label))


def read_list(text: str, start: int, end: int, ballots: Ballots) -> int:
    """Read the list whose label spans `start` to `end`; returns where the list ends."""
    label = text[start:end]
    side = _side(label)
    printed = re.search(r"\d{1,2}", label)
    body = _extent(text[end : end + _LIST])
    if counted := _COUNT.match(body):
        printed = printed or counted
        rest = body[counted.end() :]
    else:
        rest = body
    number = re.search(r"\d{1,2}", printed.group()) if printed else None
    if number:
        ballots.counts[side] = int(number.group())
    if _NONE.match(rest.strip()):
        ballots.counts.setdefault(side, 0)
        return end + len(body)
    names = name_list(rest)
    if names:
        ballots.add(side, names)
    return end + len(body)


def _extent(text: str) -> str:
    """The part of `text` that is still the list: it goes on over a line break only where the line is unfinished."""
    next_label = re.search(
        r"(?i)(?:^|[\s;.])(?:ayes?|noes|nays?|yes|no|abstain\w*|abstentions?|absent|against|opposed|recused|motion"
        r"|result|status|excused)\s*(?:\(?\d{1,2}\)?)?\s*(?:[:\-–—]|carried|passed|failed|declared)",
        text,
    )
    if next_label:
        text = text[: next_label.start()]
    taken: list[str] = []
    lines = text.split("\n")
    for number, line in enumerate(lines):
        stop = next(
            (m.start() for m in re.finditer(r"\.(?=\s|$)", line) if not _INITIAL.search(line[: m.start()])),
            None,
        )
        if stop is not None:
            taken.append(line[:stop])
            break
        taken.append(line)
        goes_on = number + 1 < len(lines) and re.match(r"\s*(?:and|&)\s", lines[number + 1])
        if line.strip() and not (goes_on or _CONTINUES.search(line)):
            break
    return "\n".join(taken)


def read_tally(segment: str, ballots: Ballots, *, failed: bool) -> None:
    """Read the first tally like `5-2`, `5-0-0-2` or `5 to 2` of a segment that begins at the outcome."""
    match = _TALLY.search(segment[:160])
    if match is None or "aye" in ballots.counts:
        return
    first, second = int(match[1] or match[5]), int(match[2] or match[6])
    if failed and first > second:
        first, second = second, first
    ballots.counts.update(aye=first, nay=second)
    if match[3] is not None:
        ballots.counts["abstain"] = int(match[3])
    if match[3] is not None and match[4] is not None:
        ballots.counts["absent"] = int(match[4])


def read_phrases(segment: str, ballots: Ballots) -> None:
    """Read `with A and B voting no`, `C abstaining`: the names between one verb and the next."""
    sentence = segment[: _sentence_end(segment)]
    begin = 0
    for match in _PHRASE.finditer(sentence):
        kind = match.lastgroup or ""
        side = "nay" if kind == "dissent" else kind
        before = sentence[begin : match.start()]
        if (opened := re.search(r"(?i).*\bwith\b", before, re.DOTALL)) is not None:
            before = before[opened.end() :]
        names = name_list(re.sub(r"(?i)\b(?:was|were|is|are)\s*$", "", before))
        if names:
            ballots.add(side, names)
        begin = match.end()


def read_roll(segment: str, ballots: Ballots) -> bool:
    """Read a roll call `A - Aye B - Aye`, at least two in a row; False where there is none."""
    found: list[tuple[str, str]] = []
    for match in _ROLL.finditer(segment):
        name = name_before(segment, match.start())
        if name:
            found.append((strip_titles(name), _ROLL_SIDE.get(match["vote"].lower(), "abstain")))
    if len(found) < 2:
        return False
    for name, side in found:
        ballots.add(side, (name,))
    return True


def read_row(text: str, label: re.Match[str], end: int, ballots: Ballots) -> int:
    """Read one line of a ballot, the vote before the name; returns where it ends, 0 where it is no such line."""
    line = text[label.end() : end if end >= 0 else len(text)]
    names = name_list(line)
    if len(names) != 1 or not line.rstrip().endswith(names[0].split()[-1]):
        return 0
    vote = label.group().strip().lower()
    ballots.add(_ROLL_SIDE.get(vote, "abstain"), names)
    return label.end() + len(line)


def unanimous(segment: str) -> bool:
    """True when the text says that nobody was against."""
    return _UNANIMOUS.search(segment[:160]) is not None


def _sentence_end(text: str) -> int:
    for match in re.finditer(r"\.(?=\s)", text):
        if not _INITIAL.search(text[max(0, match.start() - 4) : match.start()]):
            return match.start()
    return len(text)
