"""Labels of lists whose count stands in brackets, without a colon: `Ayes (3) Hart, Ruiz, Tull`, `Noes (0)`.

Such words also stand in sentences, so that a label is one only where as many names follow as its count says.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from clerk.extraction.lists import read_list
from clerk.extraction.tally import NUMBERS

_WORDS = "one|two|three|four|five|six|seven|eight|nine|ten"
_NO_NAME = (
    r"(?!(?i:ayes?|yeas?|nays?|noes?|yes|abst\w*|absent|excused|motion|carried|passed|failed|the|and|none)\b)"
)
COUNTED = re.compile(
    rf"""
    (?:^|(?<=[\s;.,:(-]))(?i:(?:those\s)?(?:voting|voted|votes?)\s)?
    (?:(?P<aye>(?i:ayes?|yeas?|yes|in\sfavou?r)|For|FOR)
      |(?P<nay>(?i:nays?|noes|against|opposed)|No|NO)
      |(?P<abstain>(?i:abstain(?:ed|ing)?|abstentions?|not\svoting))
      |(?P<absent>(?i:absent|excused))
      |(?P<recused>(?i:recused)))(?P<count>)
    (?=[ ]?\((?:0|(?i:none|nil|zero))\)(?![ ]?[:=])
      |[ ]?\((?:\d{{1,2}}|(?i:{_WORDS}))\)[\s-]{{1,4}}{_NO_NAME}[A-Z][\w.']
      |(?<=s)[ ]\d{{1,2}},[ ]{_NO_NAME}[A-Z][\w.'])
    """,
    re.VERBOSE | re.MULTILINE,
)
_COUNT = re.compile(rf"\((?:\d{{1,2}}|(?i:none|nil|zero|{_WORDS}))\)|(?<=[a-zA-Z][sS])[ ]\d{{1,2}},[ ]")
_LABEL = 24  # characters that a label takes at most
_NUMBER = re.compile(rf"[ ]?\(?(?P<number>\d{{1,2}}|none|nil|{_WORDS}|zero)\b")
_BARE = re.compile(r"\d\)?[\s,;.]*(?:and\s)?$")  # the count of another side: `Ayes (4) |Nays (0)` is a tally


def counted_labels(text: str) -> Iterator[re.Match[str]]:
    """All such labels of a text, found by the counts, which are rare."""
    done = 0
    for count in _COUNT.finditer(text):
        match = COUNTED.search(text, max(done, count.start() - _LABEL), count.end() + 8)
        done = count.start()
        if match is not None and match.end() > count.start() - 2:
            yield match


def is_counted_list(text: str, low: str, label: re.Match[str], known: Collection[str]) -> bool:
    """True where as many names follow a label as its count says, none where it is 0."""
    number = _NUMBER.match(low, label.end())
    if number is None:
        return False
    value = number["number"]
    count = int(value) if value.isdigit() else NUMBERS.get(value, 0)
    if count == 0:
        return not _BARE.search(low, max(0, label.start() - 8), label.start())
    people = read_list(text, label.end(), known, len(text)).people
    return len(people) == count == len({person.start for person in people})
