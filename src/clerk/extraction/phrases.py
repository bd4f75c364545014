"""Reads votes told in words: `with A and B voting no`, `C abstained`, `no one opposed`."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import chain

from clerk.extraction.ballots import Ballots
from clerk.extraction.lists import read_list
from clerk.extraction.names import Person
from clerk.extraction.tally import NUMBERS

_NOBODY = re.compile(
    r"\b(?:(?P<nay>(?:no\s+(?:\w+\s+)?(?:voting|voted)\s+(?:against|no|nay|in\s+opposition)|(?:none|no\s?one"
    r"|nobody)"
    r"\s+(?:was\s+|were\s+)?(?:opposed|opposing|against|voted\s+(?:no|against))|(?:no|without(?:\s+an?y?)?)\s+"
    r"(?:nays|noes|(?:nay|no|opposing)\s+votes?|votes?\s+against|opposition|opposed|dissent(?:ing\s+votes?|ers?)?|negative\s+votes?)|none\s+(?:in\s+)?opposed))"
    r"|(?P<abstain>(?:no\s+(?:abstentions?|abstaining)|(?:none|no\s?one|nobody)\s+abstain\w*)))\b(?!\s?:)"
)
_AFTER_NAMES = re.compile(
    r"\b(?:(?P<nay>vot(?:ing|ed|es)\s+['\"]?(?:no|nay|against|in\s+opposition|in\s+the\s+negative|negative"
    r"(?:ly)?)\b"
    r"|dissent(?:ing|ed|s)|(?:is\s+|was\s+|were\s+|being\s+|who\s+)?oppos(?:ed|ing)|in\s+opposition"
    r"|(?:casting"
    r"|cast)\s+(?:a|the)\s+"
    r"(?:no|nay|dissenting|negative)\b"
    r"|requested\s+(?:that\s+)?(?:his|her|their)\s+(?:(?:dissenting|negative|opposing)\s+votes?|votes?\s+against)\b)"
    r"|(?P<aye>vot(?:ing|ed|es)\s+['\"]?(?:aye|yes|yea|for|in\s+(?:favou?r|the\s+affirmative)"
    r"|affirmatively)\b"
    r"|in\s+favou?r)"
    r"|(?P<abstain>(?:was\s+|were\s+)?abstain(?:ing|ed|s)?\b|vot(?:ing|ed)\s+(?:to\s+abstain"
    r"|['\"]?present\b)|"
    r"(?:in\s+)?abstention)"
    r"|(?P<recused>recus(?:ing|ed|es))"
    r"|(?P<absent>(?:was\s+|were\s+|being\s+)?(?:absent(?!\s+(?:for|until|after|from)\s+(?:the\s+)?(?:rest|remain|balance"
    r"|beginning|start|first|part|noon|\d))|not\s+present|excused(?!\s*:)|away\s+from\s+"
    r"(?:the\s+)?dais|out\s+of\s+the\s+room)))"
)
_BEFORE_NAMES = re.compile(
    r"\b(?:(?P<nay>(?:a\s+)?(?:nay|no|dissenting|negative|opposing)\s+votes?\s+(?:from|by|of|was\s+cast\s+by"
    r"|being|were|cast\s+by)"
    r"|opposed\s+by|opposition\s+(?:from|by)|voted\s+against\s+by)"
    r"|(?P<abstain>abstentions?\s+(?:by|from|of)|abstaining\s+(?:was|were))"
    r"|(?P<aye>(?:aye|yes|affirmative)\s+votes?\s+(?:from|by|of)))\s+"
)


_BORDER = re.compile(
    r"\bwith\s+|[;:(]\s*|\.\s+|,\s+(?:and\s+)?|\band\s+|\bbut\s+|\bexcept(?:\s+for)?\s+|\bwhile\s+|\bvote\s+"
    r"|\d\s+|\n\s*|\bof\s+|\bmembers?\s+"
)
_LINK = re.compile(r"(?:all|both|each|was|were|being|is|are|who|had|has|also|then|\s|,)+")
# `The motion was approved by Directors Zamudio, Allred and Coker`
_BY_MEMBERS = re.compile(
    r"\b(?:approved|carried|passed|adopted)\s+by\s+(?=(?:council|commiss|direct|trust|superv|alder"
    r"|member|select|mr|ms|mrs))"
)
# `carried 4-1 (Hewitt no)`
_SAID_NO = re.compile(r"\((?=[a-z])(?:(?!\b(?:yes|aye|no|nay)\b)[^()]){2,80}?\s(?P<at>no|nay)\s?\)")
_EXCEPT = re.compile(
    r"\ball\b[^.;\n]{0,40}?\b(?:ayes?|yes|yeas?|favou?r)[\"']?\s*,?\s+(?:except(?:\s+for|ing)?|with\s+the\s+exception\s+of|but)\s+"
)
# `All in favor except Nelson|, absent|`: why it was no vote for it
_WHY = re.compile(
    r"\s*(?:,|\(|-{1,2}|:)?\s*(?:(?:who|being)\s+)?(?:(?:is|was|were|being|had)\s+)?"
    r"(?:(?P<absent>absent|excused|away|not\s+present|out\s+of\s+the\s+room|had\s+left|left\s+the)\b"
    r"|(?P<abstain>abstain(?:ed|ing|s)?|abstention|not\s+voting|did\s+not\s+vote)\b|(?P<recused>recus(?:ed|ing|es)?)\b)"
)
_AMOUNT = r"\b(?P<number>\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten)"
_SIDE = (
    r"(?:(?P<aye>ayes?|yeas?|yes|for|in\s+favou?r|affirmative)|(?P<nay>nays?|no(?:es)?|against|opposed|in\s+opposition)"
    r"|(?P<abstain>abstain(?:ed|ing)?|abstentions?))(?:\s+votes?)?"
)
_OTHERS = r"(?:the\s+|all\s+|and\s+|with\s+)*(?:rest|others?|remaining|remainder|everyone\s+else)\b"
# `4 for (Hart, Ruiz, Tull and Wynn)`; `2 nays, Hart, Ruiz, rest yeas`
_SIDE_THEN_NAMES = re.compile(rf"{_AMOUNT}\)?\s{{1,3}}{_SIDE}(?P<mark>\s{{0,3}}\(|[\s,:;-]{{1,3}})(?=[a-z])")
# `2 (Hart and Ruiz) against`
_NAMES_THEN_SIDE = re.compile(rf"{_AMOUNT}\s{{1,3}}\((?=[a-z])")
_BEHIND = re.compile(rf"\)\s{{1,3}}(?:vot(?:ing|ed)\s+)?{_SIDE}\b")
_GOES_ON = re.compile(
    rf"[\s,;.-]*(?:{_OTHERS}|(?:the\s+)?motion\b|carried\b|passed\b|failed\b|approved\b|defeated\b)"
)
# `Hart nay, the rest yea`
_REST = re.compile(
    rf"\s(?P<nay>nays?|no|against|opposed)[,;]?\s+{_OTHERS}\s+(?:\w+\s+){{0,2}}(?:ayes?|yes|yeas?|in\s+favou?r)\b"
)
# `5 yes, 1 no (Mr. Gerhart)`
_IN_BRACKETS = re.compile(
    r"\b(?:\d{1,2}|one|two|three|four)\)?\s(?:(?P<nay>(?:no(?:es)?|nays?|negative|dissenting|opposing)(?:\s+votes?)?"
    r"|opposed|against|in\s+opposition)"
    r"|(?P<abstain>abstain(?:ed|ing)?|abstentions?)|(?P<absent>absent|excused)|(?P<recused>recused))\s?"
    r"(?:\(|-{1,2}\s|:\s|,\s(?=(?:council|alder|commiss|trustee|super|direct|member|select|mayor|mr|ms|mrs)))(?=[a-z])"
)


def read_phrases(text: str, low: str, start: int, end: int, known: Collection[str], ballots: Ballots) -> None:
    """Read `with A and B voting no`, `C abstained`, `no one opposed`, `a nay vote from D`."""
    for match in _NOBODY.finditer(low, start, end):
        ballots.counted.setdefault(_side(match), 0)
    _read_lists(text, low, start, end, known, ballots)
    begin = start
    for match in _AFTER_NAMES.finditer(low, start, end):
        if _side(match) in ballots.listed and "aye" in ballots.listed:
            continue  # a roll call told them
        people = list_before(text, low, begin, match.start(), known)
        if people:
            ballots.add(_side(match), people)
            begin = match.end()
            if _side(match) == "aye" and len(people) > 1:
                ballots.listed.add("aye")


def _read_lists(text: str, low: str, start: int, end: int, known: Collection[str], ballots: Ballots) -> None:
    """Read names that follow a word, or stand in brackets: `approved by A and B`, `1 no (C)`, `(C no)`."""
    for match in _BY_MEMBERS.finditer(low, start, end):
        listing = read_list(text, match.end(), known, min(end, match.end() + 300))
        if len(listing.people) > 1 and not ballots.names.get("aye"):
            ballots.add("aye", listing.people)
            ballots.listed.add("aye")
    for match in _SAID_NO.finditer(low, start, end):
        ballots.add("nay", list_before(text, low, match.start() + 1, match.start("at"), known))
    for match in _EXCEPT.finditer(low, start, end):
        listing = read_list(text, match.end(), known, min(end, match.end() + 200))
        if listing.people and (why := _WHY.match(low, listing.people[-1].end, end)):
            ballots.add(_side(why), listing.people)
        elif listing.people and re.match(r"\s*(?:$|[.;,)\n](?!\s*who))", low[listing.end : end][:12]):
            ballots.add("nay", listing.people)
    read_counted(text, low, start, end, known, ballots)
    for match in chain(_IN_BRACKETS.finditer(low, start, end), _BEFORE_NAMES.finditer(low, start, end)):
        listing = read_list(text, match.end(), known, min(end, match.end() + 200))
        if listing.people:
            ballots.add(_side(match), listing.people)


def read_counted(text: str, low: str, start: int, end: int, known: Collection[str], ballots: Ballots) -> None:
    """Read as many names as a number says, beside it and the word for their side."""
    for match in chain(
        _SIDE_THEN_NAMES.finditer(low, start, end), _NAMES_THEN_SIDE.finditer(low, start, end)
    ):
        listing = read_list(text, match.end(), known, min(end, match.end() + 300))
        number = match["number"]
        if len(listing.people) != (int(number) if number.isdigit() else NUMBERS[number]):
            continue
        told: re.Match[str] | None = match
        if match.re is _NAMES_THEN_SIDE:
            told = _BEHIND.match(low, listing.end, end)
        elif "(" in match["mark"]:
            told = match if low.startswith(")", listing.end) else None
        elif not _GOES_ON.match(low, listing.end, end):
            told = None
        if told is not None:
            side = next(each for each in ("aye", "nay", "abstain") if told[each])
            ballots.add(side, listing.people)
            ballots.counted.setdefault(side, len(listing.people))
    for match in _REST.finditer(low, start, end):
        ballots.add("nay", list_before(text, low, start, match.start(), known))


def _side(match: re.Match[str]) -> str:
    return match.lastgroup or "aye"


def list_before(text: str, low: str, start: int, end: int, known: Collection[str]) -> list[Person]:
    """The longest list of names that ends right before `end`, begun at a border of the clause."""
    begin = max(start, end - 400)
    borders = [begin, *(match.end() for match in _BORDER.finditer(low, begin, end))]
    for border in borders:
        listing = read_list(text, border, known, end)
        rest = low[listing.end : end].strip(" ,\n-:")
        if listing.people and (not rest or _LINK.fullmatch(rest)):
            return listing.people
    return []
