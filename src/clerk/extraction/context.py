"""What a vote was about: the section and agenda item above it, ordinances and resolutions, a topic."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from clerk.extraction.clauses import sentence_end
from clerk.extraction.text import Source

_SECTION = re.compile(
    r"(?:^|(?<=\n)|(?<=\d\.\s)|(?<=[ivx]\.\s))[ \t]*+(?:[0-9ivx]{1,4}[.)]\s*+|[a-z][.)]\s*+)?"
    r"(?P<name>consent\s+(?:calendar|agenda|items?)|public\s+hearings?|new\s+business"
    r"|(?:old|unfinished)\s+business|business\s+calendar|public\s+comments?|closed\s+session"
    r"|executive\s+session|approval\s+of\s+(?:the\s+)?minutes"
    r"|adjourn(?:ment)?|call\s+to\s+order|reports?|ordinances|resolutions|calendario\s+de\s+consentimiento"
    r"|audiencias?\s+p[úu]blicas?"
    r"|asuntos\s+nuevos)\b(?=[^\n]{0,60}(?:\n|$)|\s*(?:item|ordinance|resolution|council)\b)"
)
_NAMES = {
    "consent": "consent_calendar",
    "calendario": "consent_calendar",
    "public hearing": "public_hearing",
    "audiencia": "public_hearing",
    "new": "new_business",
    "asuntos": "new_business",
    "old": "old_business",
    "unfinished": "old_business",
    "business": "business_calendar",
    "public comment": "public_comment",
    "closed": "closed_session",
    "executive": "closed_session",
    "approval": "minutes",
    "adjourn": "adjournment",
    "call": "call_to_order",
    "report": "reports",
    "ordinances": "ordinances",
    "resolutions": "resolutions",
}
_ITEM = re.compile(
    r"\b(?:agenda\s+)?items?\s*(?:no\.?|nos\.?|number|#)?\s*(?P<n>\d{1,3}(?:\.?[a-z0-9]{1,2})*"
    r"(?:\.?\(\w{1,2}\))?|[a-z]-?\d{1,3})(?![\w/])"
)
_NUMBERED = re.compile(
    r"(?:^|(?<=\n))[ \t]*+(?:(?:agenda\s+)?item\s+(?:no\.?\s*)?(?P<word>\d{1,3}(?:\.?[a-z0-9]{1,2})*"
    r"(?:\.?\(\w{1,2}\))?)(?=[\s.:])|(?:item\s+)?(?P<n>(?:\d{1,3}(?:\.\d{1,2}){0,2}(?:\.?[a-z])?"
    r"|[ivx]{1,5}\.?[a-z]?|[a-z]\d{0,2}))[.):]{1,2}\s*+(?=[a-z*\"(]))"
)
_PAPER = re.compile(
    r"\b(?P<kind>ordinance|resolution|res\.|ord\.|by-?law|bill)\s*(?:no\.?|number|nos\.?|#)?\s*(?P<n>"
    r"(?:[a-z]{1,3}-?)?\d{1,5}(?:-\d{1,5}){0,2}(?:-?[a-z]\b)?)(?![\w%,]\d|/)"
)
_TOPIC = re.compile(
    r"\b(?:moved|motion(?:ed)?|move)\b[^.;:\n]{0,80}?\b(?:to|that|for|approval\s+of|adoption\s+of)\s+(?=[a-z0-9])"
    r"|\bto\s+(?=[a-z]{3})"
)
_REOPENED = re.compile(
    r"\b(?:return\w*|reconven\w*|resum\w*|came\s+back|back|re-?open\w*|re-?enter\w*|convened)\b[^.;\n]{0,50}?\b(?:open|regular|public)\s+(?:session|meeting)\b"
    r"|\b(?:came|come|coming)\s+out\s+of\s+(?:closed|executive)\s+session\b"
    r"|\b(?:closed|executive)\s+session\s+(?:was\s+)?(?:adjourned|ended|concluded|closed)\b|\breconvened\s+(?:at|the\s+meeting)\b"
)
_ENDS = re.compile(
    r"(?i),?\s(?:which\s|and\s)?(?:was\s)?(?:seconded\b|second\s(?:by|of|from)\b|second$"
    r"|(?:carried|passed)\b(?=\s?(?:[.;,\d(]|$|unanim|by\b|with\b|on\b)))"
)
# What leads to the names behind a topic: `… was made by`, `, with a second by`, `; support from`.
_TAIL = re.compile(
    r"(?i)(?:[\s,;(-]*\b(?:was|were|is|and|with|a|the|which|on|upon|then)\b)*[\s,;(-]*(?:motion\s+)?"
    r"(?:\b(?:made|moved|offered|introduced|proposed|second(?:ed)?|2nd(?:ed)?|support(?:ed)?|seconder|mover)\b[\s:]*(?:\b(?:was|made|offered|given)\b\s*)*"
    r"(?:\b(?:by|from|of)\b)?)?(?:\s+by)?[\s,;:(-]*$"
)
_LIMIT = 150


@dataclass(frozen=True, slots=True)
class Around:
    """`item` is a number as printed, `section` one of a few fixed names; empty where the text does not say."""

    section: str
    item: str
    ordinances: tuple[str, ...]
    resolutions: tuple[str, ...]
    topic: str
    consent: bool


class Context:
    """Headings and numbered items of a document, found once."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._low = source.low
        self._sections = [(m.start(), _section(m["name"])) for m in _SECTION.finditer(self._low)]
        self._items = [(m.start(), (m["n"] or m["word"]).strip(".")) for m in _NUMBERED.finditer(self._low)]

    def of(self, start: int, end: int, previous: int, cuts: Sequence[int] = ()) -> Around:
        """What stands around a vote whose text runs from `start` to `end`; the last vote ended at `previous`.

        Args:
            cuts: where names of those who moved and seconded begin, and the outcome: a topic ends before them.
        """
        low = self._low
        heading = self._heading(start, previous)
        words = low[start:end]
        near = low[heading:end] if start - heading < 600 else words
        papers = list(_PAPER.finditer(words)) or list(_PAPER.finditer(near))
        section = self._section_before(start)
        consent = "consent calendar" in words or "consent agenda" in words
        return Around(
            section=section,
            item=self._item(words, start, previous),
            ordinances=_numbers(papers, ("ordinance", "ord.", "by-law", "bylaw", "bill")),
            resolutions=_numbers(papers, ("resolution", "res.")),
            topic=self._topic(start, end, cuts),
            consent=consent,
        )

    def _heading(self, start: int, previous: int) -> int:
        index = bisect_left(self._items, (start + 1, ""))
        at = self._items[index - 1][0] if index else 0
        return at if at >= previous else max(previous, start - 300)

    def _section_before(self, start: int) -> str:
        index = bisect_left(self._sections, (start + 1, ""))
        at, name = self._sections[index - 1] if index else (0, "")
        if name == "closed_session" and _REOPENED.search(self._low, max(at, start - 20_000), start):
            return ""
        return name

    def _item(self, words: str, start: int, previous: int) -> str:
        if match := _ITEM.search(words):
            return match["n"].strip(".")
        before = self._low[max(previous, start - 400) : start]
        if found := list(_ITEM.finditer(before)):
            return found[-1]["n"].strip(".")
        index = bisect_left(self._items, (start + 1, ""))
        if index and start - self._items[index - 1][0] < 4000 and not self._reopened(start):
            return self._items[index - 1][1]
        return ""

    def _reopened(self, start: int) -> bool:
        """True where the body came back from a closed session behind the last numbered item."""
        section, item = (
            bisect_left(self._sections, (start + 1, "")),
            bisect_left(self._items, (start + 1, "")),
        )
        after = max(self._sections[section - 1][0] if section else 0, self._items[item - 1][0] if item else 0)
        return bool(_REOPENED.search(self._low, max(after, start - 4000), start))

    def _topic(self, start: int, end: int, cuts: Sequence[int]) -> str:
        stop = min(max(end, start + 60), start + 700)
        match = _TOPIC.search(self._low, start, stop)
        if match is None:
            return ""
        last = min(sentence_end(self._low, match.end()), match.end() + 400)
        last = min([last, *(cut for cut in cuts if cut > match.end())])
        topic = _ENDS.split(" ".join(self._source.text[match.end() : last].split()))[0]
        topic = _TAIL.sub("", topic)
        return topic[:_LIMIT].rstrip(" ,;:")


def _section(name: str) -> str:
    joined = " ".join(name.split())
    return next((value for key, value in _NAMES.items() if joined.startswith(key)), "")


def _numbers(papers: list[re.Match[str]], kinds: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(match["n"].upper() for match in papers if match["kind"] in kinds))
