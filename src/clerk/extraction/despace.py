"""Repairs text that recognition has spaced out: `CO UN CIL MEM BER WEI ST MOV ED`.

Only the words by which minutes report a vote are put together, and what lies between them in name lists is
joined by `squeeze`; anything else stays as it is.
"""

from __future__ import annotations

import re

_WORDS = """
absent abstain abstained aldermen adopted approve approved ayes being call called carried chairman commissioner
commissioners council councilman councilmember councilmembers declared duly failed follows following mayor member
members minutes motion moved nays noes none opposed passed present resolution result resulted resulted roll seconded
supervisor the trustee trustees unanimously upon vote voted votes were
"""


def _known() -> re.Pattern[str]:
    """Any of the words with spaces between its letters; by first letter, so that most places are passed quickly."""
    heads: dict[str, list[str]] = {}
    for word in sorted(set(_WORDS.split()), key=len, reverse=True):
        heads.setdefault(word[0], []).append(" ?".join(word[1:]))
    groups = "|".join(f"{head} ?(?:{'|'.join(tails)})" for head, tails in heads.items())
    return re.compile(rf"(?<![A-Za-z])(?:{groups})(?![A-Za-z])", re.IGNORECASE)


_KNOWN = _known()
_WORD = re.compile(r"[A-Za-z]++")
_SHORT = frozenset(
    """
    a i an as at be by do he if in is it me mr ms my no of on or so to up us we the and for was are not
    has had his her all any can may who new two one six ten act aye nay yes out see use via aug sep oct
    nov dec jan feb mar apr jun jul mrs ave inc llc pm am nos per its age fee tax map lot day end due own
    """.split()
)


def is_spaced(text: str) -> bool:
    """True when so many words are splinters that the letters must have been spaced out."""
    sample = text[:20_000]
    words = _WORD.findall(sample)
    if len(words) < 40:
        return False
    splinters = sum(1 for word in words if len(word) <= 3 and word.lower() not in _SHORT)
    return splinters / len(words) > 0.25


def despaced(text: str) -> list[tuple[int, int, str]]:
    """Edits that put the known words together, and the splinters between capital names and commas."""
    edits: list[tuple[int, int, str]] = []
    end = 0
    for match in _KNOWN.finditer(text):
        edits += _joined(text, end, match.start())
        word = match.group().replace(" ", "")
        if word != match.group():
            edits.append((*match.span(), word))
        end = match.end()
    return edits + _joined(text, end, len(text))


def _joined(text: str, start: int, end: int) -> list[tuple[int, int, str]]:
    """Edits that join splinters of names between two known words: `Br ads haw, Ot i s`."""
    edits: list[tuple[int, int, str]] = []
    if not 0 < end - start <= 120:
        return edits
    position = start
    for part in re.split(r"([,;.:\n])", text[start:end]):
        pieces = part.split()
        if 2 <= len(pieces) <= 8 and pieces[0][0].isupper() and (joined := _words(pieces)):
            lead = len(part) - len(part.lstrip())
            tail = len(part) - len(part.rstrip())
            edits.append((position + lead, position + len(part) - tail, joined))
        position += len(part)
    return edits


def _words(pieces: list[str]) -> str:
    """Splinters put together, each word from a capital on; empty where they are no names."""
    if not all(piece.isalpha() for piece in pieces):
        return ""
    if all(piece.isupper() for piece in pieces):
        return "".join(pieces) if len(pieces) <= 4 else ""
    if not all(piece[0].isupper() or piece.islower() for piece in pieces):
        return ""
    if any(len(piece) > 2 and piece.islower() and piece in _SHORT for piece in pieces):
        return ""
    joined = pieces[0]
    for piece in pieces[1:]:
        joined += piece if piece.islower() else " " + piece
    return joined
