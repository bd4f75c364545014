"""Words of procedure that recognition misread: `rnoved`, `canied`, `seco nded`, `Cornmissioner`.

Only words that minutes report votes with are put right, and only where what is printed is no other word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import ascii_lowercase, digits

_WORDS = """
abstain abstained abstaining absent adopted against alderman aldermen alderwoman approve approved ayes board carried
carries chairman chairperson chairwoman commissioner commissioners council councilman councilmember councilmembers
councillor councilor councilwoman dissenting defeated failed favor mayor member members motion motioned moved nays noes
opposed passed recused resolution second seconded selectman seconds supervisor supported tabled trustee trustees
unanimous unanimously voted votes voting yeas
"""
_CONFUSED = (
    ("m", "rn"), ("m", "nn"), ("rm", "nn"), ("rr", "n"), ("d", "cl"), ("i", "l"), ("i", "1"), ("l", "1"), ("l", "i"),
    ("o", "0"), ("o", "c"), ("e", "c"), ("e", "o"), ("c", "e"), ("n", "u"), ("u", "n"), ("t", "l"), ("h", "b"),
    ("a", "o"), ("ri", "n"), ("in", "m"), ("v", "y"),
)  # fmt: skip
_LONG = 6
_REAL = frozenset(
    "nonce ayos yoas voles yeos boord voies noting molion notion passod bored secants foiled oyes".split()
)
_LEAST = 4  # letters: shorter words are other words when misread
# Long words that no other word is like: any one letter may be wrong, missing or too many (`secondedi`, `seconc7ed`).
_UNLIKE = """
seconded carried motion moved approved unanimously unanimous councilman councilwoman councilmember councillor
commissioner supervisor adopted opposed abstained
"""
_LIKE = frozenset(
    """
    seconder secondee married harried curried carries carrier carriers parried tarried motions notion lotion
    potion motioned emotion mover movers moves roved approve approves approver improved unapproved proved
    approved adapted adopter adopters adopts opposes opposer apposed exposed councils councilmen councillors
    councilors councilwomen councilmembers commissioners commissioned supervisors supervise supervised oved
    noved sustained abstainer carded cared carved curved unanimity carrie oppose adoptee supervisory
    """.split()
)


def _misread() -> dict[str, str]:
    """Each reading with one fault, and the word."""
    found: dict[str, str] = {}
    words = _WORDS.split()
    for word in words:
        for right, wrong in _CONFUSED:
            at = word.find(right)
            while at >= 0:
                reading = word[:at] + wrong + word[at + len(right) :]
                found.setdefault(reading, word)
                at = word.find(right, at + 1)
    for word in _UNLIKE.split():
        for reading in _one_off(word):
            if reading not in _LIKE:
                found.setdefault(reading, word)
    return {reading: word for reading, word in found.items() if reading not in words and reading not in _REAL}


def _one_off(word: str) -> Iterator[str]:
    """Each reading of a word with one letter wrong, too many or missing; of a short one with a figure in it."""
    long = len(word) > _LONG
    for at in range(1, len(word) + 1):
        for letter in ascii_lowercase + digits if long else digits:
            yield word[:at] + letter + word[at:]
            yield word[:at] + letter + word[at + 1 :]
        if long:
            yield word[:at] + word[at + 1 :]
        if word[at : at + 1] == "d":
            yield from (word[:at] + shape + word[at + 1 :] for shape in ("c7", "ci", "c1", "a"))


def _broken() -> re.Pattern[str]:
    """A word with one space in it, by first letter."""
    heads: dict[str, list[str]] = {}
    for word in _WORDS.split():
        if len(word) > _LEAST:
            heads.setdefault(word[0], []).extend(
                f"{word[1:at]} {word[at:]}"
                for at in range(1, len(word))
                if not _two_words(word[:at], word[at:])
            )
    groups = "|".join(f"{head}(?:{'|'.join(sorted(tails))})" for head, tails in heads.items())
    return re.compile(rf"(?<![A-Za-z'-])(?:{groups})(?![A-Za-z'-])", re.IGNORECASE)


def _two_words(first: str, rest: str) -> bool:
    return rest in _PARTS or (first in ("a", "i") and rest in _PARTS)


_PARTS = frozenset("member members man men woman person on ion ed s".split()) - {"ion", "ed"}
_READINGS = _misread()
_BROKEN = _broken()
_TOKEN = re.compile(r"[A-Za-z][A-Za-z0-9]{3,15}")


def repaired(plain: str) -> Iterator[tuple[int, int, str]]:
    """Edits (from, to, what stands there instead) that put misread words right; capitals stay as they are."""
    for match in _TOKEN.finditer(plain):
        word = _READINGS.get(match.group().lower())
        if word is not None:
            yield match.start(), match.end(), _cased(match.group(), word)
    for match in _BROKEN.finditer(plain):
        yield match.start(), match.end(), match.group().replace(" ", "")


def is_word(plain: str, start: int, end: int) -> bool:
    """True where what stands before and behind a hyphen and a line break is one word: `COUNCIL-`, `MEMBER`."""
    before = re.search(r"[A-Za-z]*$", plain[max(0, start - 16) : start])
    after = re.match(r"[A-Za-z]*", plain[end : end + 16])
    return bool(before and after) and (before.group() + after.group()).lower() in _ALL  # type: ignore[union-attr]


_ALL = frozenset(_WORDS.split())


def _cased(printed: str, word: str) -> str:
    if printed[:2].isupper() and sum(letter.isupper() for letter in printed) > 2:
        return word.upper()
    return word.capitalize() if printed[0].isupper() else word
