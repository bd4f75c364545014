"""Finds the count of a vote: `5-2`, `5 ayes, 2 nays`, `four to one`, `(Y-5)`."""

from __future__ import annotations

import re

NUMBERS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split()
    )
}
_MOST = 60  # members of a body
_TALLY = re.compile(
    r"(?<![\w$/.#-])(?<!no\. )(?<!item )\d{1,2}(?:(?:[ ]?-{1,2}\s?|\s+to\s+|\s?[:/]\s?)\d{1,2}(?!\d)){1,4}"
    r"(?![ ]?[-/]\s?\w|:\d|\.\d|\s?[ap]\.?m\b|\s?%|\d)"  # a dash on the next line is a bullet
)
_N = r"(?P<{0}>\d{{1,2}}|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|no|none)"
# Between a number and its side: the number once more, or the names it counts.
_BESIDE = (
    r"(?:\s?-\s?|\s+)(?:\((?:\d+|[a-z][^()\d]{1,160})\)\s+)?"
    r"(?:voting\s+|voted\s+|votes?\s+|members?\s+)?(?:in\s+)?"
)
_NAMED = r"(?:\s?\([a-z][^()\d]{1,240}\))?"  # names behind a side: `4 for (Hart, Ruiz) and 1 against`
_WORDY = re.compile(
    _N.format("a")
    + _BESIDE
    + r"(?:ayes?|yeas?|yes(?:es)?|for|favou?r(?:able|ing)?|affirmative)\b(?:\s+votes?)?"
    + _NAMED
    + r"(?:[\s,;/()-]{0,4}|(?:(?<=ayes)|(?<=yeas)|(?<=\saye))\.\s)(?:and\s+|to\s+|with\s+)?"
    + _N.format("b")
    + _BESIDE
    + r"(?:nays?|noes|nos?|opposed|opposition|against|negative|dissenting)\b(?:\s+votes?)?"
    + rf"(?:{_NAMED}[\s,;/()-]{{0,4}}(?:and\s+|with\s+)?"
    + _N.format("c")
    + r"\s+(?:\([\d]+\)\s+)?(?:abstain\w*|abstention\w*|present))?(?:[\s,;/()-]{0,4}(?:and\s+|with\s+)?"
    + _N.format("d")
    + r"\s+(?:absent|excused))?"
)
# `failed with 3 opposed and 2 in favor`
_REVERSED = re.compile(
    _N.format("b")
    + _BESIDE
    + r"(?:nays?|noes|no|opposed|opposition|against|negative|dissenting)\b(?:\s+votes?)?[\s,;/()-]{1,4}"
    r"(?:and\s+|to\s+|with\s+)?"
    + _N.format("a")
    + _BESIDE
    + r"(?:ayes?|yeas?|yes(?:es)?|for|favou?r|affirmative)\b(?!\s+and\b)"
)
_LABELLED = re.compile(
    r"\b(?:ayes?|yeas?|yes|for|(?:in\s+)?favou?r)(?:\(s\))?\s*[:=,-]?\s*\(?(?P<a>\d{1,2})\)?(?:[\s,;/]{1,12}|\.\s{1,2})(?:and\s+)?(?:nays?|noes"
    r"|no|against|opposed)(?:\(s\))?\s*[:=,-]?\s*\(?(?P<b>\d{1,2})\b"
    r"(?:\)?[\s,;/]{1,4}(?:and\s+)?abst\w*\s*[:=,-]?\s*\(?(?P<c>\d{1,2})\b)?(?:\)?[\s,;/]{1,4}"
    r"(?:and\s+)?absent\s*[:=,-]?\s*\(?(?P<d>\d{1,2})\b)?"
)
_WORDS = "|".join(word for word in NUMBERS if word != "zero")
_SPELT = re.compile(
    rf"\b(?P<a>{_WORDS}|zero)\s?(?:-|\s+to\s+)\s?(?P<b>{_WORDS}|zero)\b(?!\s+(?:year|month|day|week|hour"
    rf"|percent|inch|feet|foot|family|stor))"
)
_FOR_IT = re.compile(
    _N.format("a")
    + r"\s+(?:\w+\s+)?(?:votes?|voted|voting)\s+(?:for|in\s+favou?r\s+of)\s+(?:the\s+\w+\s+)?(?:and|,)\s+(?:with\s+)?"
    + _N.format("b")
    + r"\s+(?:voted\s+|voting\s+)?(?:against|opposed)\b"
)
_VOTES_TO = re.compile(_N.format("a") + r"\s+votes?\s+to\s+" + _N.format("b") + r"\b")
_ONE = re.compile(
    _N.format("a") + r"\s+(?:ayes|yeas|affirmative\s+votes|votes\s+in\s+favou?r"
    r"|(?<=with\s\d\s)yes\b|(?<=with\s\d\d\s)yes\b)\b"
)
# `Motion passed 7 in favor.`, `Vote 4 affirmative and 1 abstention`: the side that was for it alone.
_ONLY_FOR = re.compile(
    r"\b(?:carrie[ds]|passe[ds]|approved|adopted|votes?)\b[\s,:;(-]{1,3}(?:(?:by|with|of|was|a|vote)\s){0,3}"
    + _N.format("a")
    + r"\s+(?:(?:yes|affirmative|favou?rable)\b(?:\s+votes?)?|in\s+favou?r\b|for\b(?=\s?(?:[.,;)\n]|$|and\b)))"
    r"(?:,?\s+(?:and\s+)?" + _N.format("c") + r"\s+(?:abstain\w*|abstention\w*))?"
    r"(?:,?\s+(?:and\s+)?" + _N.format("d") + r"\s+(?:absent\w*|excused))?"
)
# `carried by roll call vote of seven (7).`
_VOTE_OF = re.compile(
    r"\b(?:carried|passed|approved|adopted)\s+(?:unanimously\s+)?(?:by|on|with)\s+(?:an?\s+)?(?:roll\s+call\s+|voice\s+)?"
    r"vote\s+of\s+(?:[a-z]+\s\()?(?P<a>\d{1,2})\)?(?=\s?(?:[.;,\n]|$)|\s+(?:ayes?|yeas?|yes)\b)"
)
# `Motion carried 5 0.`: the dash is lost; where nobody was against it nothing else can be meant.
# `3 in favor, 1 abstained`
_ABSTAINED = re.compile(
    _N.format("a") + r"\s+(?:in\s+favou?r|ayes?|yes|for)[,;]?\s+(?:and\s+)?" + _N.format("c") + r"\s+abst\w+"
)
_DOTTED = re.compile(
    r"(?<=…\s)" + _N.format("a") + r"\s+(?:yes|aye)\s+votes?\b"
)  # `2nd: R. Burt… four yes votes`
_DASH_LOST = re.compile(
    r"\b(?:carried|passed|approved|adopted)\s(?P<a>[1-9]\d?)\s(?P<b>0)(?=[.;,]|\s*\n|\s*$)"
)
# What stands behind a count and tells of more: `. 1 absent (S. Hart)`, `; Absent 1`.
_BEHIND = re.compile(
    r"[\s.,;/()-]{1,4}(?:and\s)?(?:(?P<n>\d)\s?(?P<x>absent|excused)|absent\s?[:=-]?\s?(?P<d>\d)(?=\s?(?:[.,;)\n]|$)))"
)
_PORTLAND = re.compile(r"\(?\by-(?P<a>\d{1,2})\b(?:\s?[;,]?\s?(?:n|nay)-(?P<b>\d{1,2}))?")


def find_tally(low: str, start: int, end: int) -> tuple[dict[str, int], int, int] | None:
    """The first tally between two positions of a text in small letters: counts, start and end."""
    found = None
    for pattern in (
        _WORDY,
        _REVERSED,
        _FOR_IT,
        _LABELLED,
        _PORTLAND,
        _SPELT,
        _VOTES_TO,
        _ABSTAINED,
        _DASH_LOST,
        _TALLY,
    ):
        for match in pattern.finditer(low, start, end):
            if pattern is _TALLY and not _is_tally(low, match):
                continue
            if found is None or match.start() < found.start():
                found = match
            break
    for pattern in (_ONE, _ONLY_FOR, _VOTE_OF, _DOTTED):
        found = found or pattern.search(low, start, end)
    if found is None:
        return None
    sides = ("aye", "nay", "abstain", "absent")
    if found.re is _TALLY:
        values = [int(value) for value in re.findall(r"\d+", found.group())]
        return dict(zip(sides, values, strict=False)), found.start(), found.end()
    counts = {}
    for side, group in zip(sides, "abcd", strict=True):
        value = found.groupdict().get(group)
        if value is not None:
            counts[side] = int(value) if value.isdigit() else NUMBERS.get(value, 0)
    stop = found.end()
    if counts.keys() >= {"aye", "nay"} and "absent" not in counts and (more := _BEHIND.match(low, stop, end)):
        counts["absent"] = int(more["n"] or more["d"])
        stop = more.end()
    return counts, found.start(), stop


_OPENS_LINE = re.compile(r"[.\n]\s*$")
_GOES_ON = re.compile(r"[ ]{1,3}(?!vote|with|in\s+favou?r|against|ayes?|yeas?|for\b)[a-z]")


def _is_tally(low: str, match: re.Match[str]) -> bool:
    printed = match.group()
    values = [int(value) for value in re.findall(r"\d+", printed)]
    if re.search(r"[-\s]0\d", printed):
        return False  # "Permit 22-09"
    if not 0 < sum(values) <= _MOST or (values[0] == values[1] == 0):
        return False
    before = low[max(0, match.start() - 16) : match.start()]
    if _OPENS_LINE.search(before) and _GOES_ON.match(low, match.end()) and values[0] < values[1]:
        return False  # "… motion carried.\n11:20 The clerk …"
    if ":" in printed or "/" in printed:  # a time or a date but where a vote is spoken of
        cue = re.search(r"vot|carrie|passe|fail|motion|approved|adopted", before)
        return (
            bool(cue)
            and not re.search(r"[:/]\s?0\d", printed)
            and not before.rstrip().endswith((" at", " on"))
        )
    return not re.search(
        r"\b(?:items?|nos?\.?|section|sections|page|pages|lots?|chapter|article|district|wards?|r|zone|ordinance"
        r"|resolution|order|contract|agreement|project|bill|case|rule|fund|title|permit|application|file|plan|policy|number|form|plat|petition)\s?#?$|&\s?$",
        before,
    )
