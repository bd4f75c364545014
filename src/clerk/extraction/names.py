"""Names of people as minutes print them: after a title, in lists, before and after a word.

A name is read word by word from where it must begin, so that no text takes longer than its length.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from clerk.extraction.lexicon import is_given
from clerk.extraction.words import (
    BODY_WORDS,
    PARTICLES,
    SEATED,
    SOFT,
    STOP,
    SUFFIX,
    SURNAMES,
    TITLES,
)

_TOKEN = re.compile(r"[^\W\d_](?:(?:[^\W_]|['-]){0,30}+)\.?|\d++|\n|[^\w\s]")
_WINDOW = 130  # characters in which one name must end
_WORDS = 4  # of one name
_WRAPPED = 45  # characters of a line that can have been broken for its length


@dataclass(frozen=True, slots=True)
class Person:
    """A name without its title, as printed, and where title and name stand; `title` is in small letters."""

    name: str
    title: str
    start: int
    end: int
    at: int = -1  # where the name itself begins

    @property
    def surname(self) -> str:
        return surname(self.name)

    @property
    def seated(self) -> bool:
        """True when the title is one of a body's members."""
        return any(word in SEATED for word in self.title.split())


@dataclass(slots=True)
class _Reading:
    words: list[str]
    title: list[str]
    start: int = -1
    end: int = -1
    at: int = -1


def surname(name: str) -> str:
    """The last word of a name that is no suffix, in small letters; with its particles ("de angelis")."""
    words = [word.strip(".,").lower() for word in name.split()]
    while len(words) > 1 and words[-1] in SUFFIX:
        words.pop()
    first = len(words) - 1
    while first > 0 and words[first - 1] in PARTICLES:
        first -= 1
    return " ".join(words[first:])


def is_title(word: str) -> bool:
    """True for a word that is a title or part of one; `Clerk-Treasurer` is both."""
    low = word.lower().strip(".,")
    return low in TITLES or ("-" in low and all(part in TITLES for part in low.split("-")))


def parse(text: str, start: int, known: Collection[str] = (), limit: int | None = None) -> Person | None:
    """The person whose title or name begins at `start`; None where no name does.

    Args:
        known: surnames of the meeting's roster, in small letters: a name ends with them.
    """
    stop = min(len(text), start + _WINDOW, limit if limit is not None else len(text))
    reading = _Reading([], [])
    for match in _TOKEN.finditer(text, start, stop):
        if not _take(reading, match, text, known):
            break
    return _finished(reading, start)


def _take(reading: _Reading, match: re.Match[str], text: str, known: Collection[str]) -> bool:
    """Add a piece to the name being read; False where the name has ended."""
    piece = match.group()
    if piece == "\n":
        if reading.words and match.start() - text.rfind("\n", 0, match.start()) < _WRAPPED:
            return _is_wrapped(reading, text, match)  # else a column of names
        return _is_wrapped(reading, text, match) or not (
            reading.words and (reading.title or len(reading.words) > 1 or text[match.end() :][:1] == "\n")
        )
    if not reading.words and _takes_title(reading, match, text):
        return True
    if not piece[0].isalpha():
        # "Robert C. Claud, Sr.": a comma goes on where a suffix follows
        return piece == "," and bool(reading.words) and _suffix_follows(text, match.end())
    word = piece.rstrip(".")
    low = word.lower()
    if not _fits(reading, piece, low, text, match):
        return False
    reading.at = match.start() if reading.at < 0 else reading.at
    reading.words.append(piece)
    reading.start = match.start() if reading.start < 0 else reading.start
    reading.end = match.end()
    return _goes_on(reading, piece, low, text, match.end(), known)


# The rest of a name at the beginning of a line: `Firkus, `, `Firkus and `.
_REST_OF_NAME = re.compile(r"[ ]{0,3}[A-Z][\w'-]{2,20}(?=[,;]|[ ]and\b|\.?\s*(?:\n|$))")


def _is_wrapped(reading: _Reading, text: str, line_break: re.Match[str]) -> bool:
    """True where a line of names with commas breaks behind a given name."""
    if len(reading.words) != 1 or not is_given(reading.words[0]):
        return False
    first = text.rfind("\n", 0, line_break.start()) + 1
    rest = _REST_OF_NAME.match(text, line_break.end())
    return (
        rest is not None
        and (
            "," in (line := text[first : reading.start]) or (":" in line and text[rest.end() :][:1] in ",;.")
        )
        and rest.group().strip().lower() not in STOP | TITLES
    )


def _takes_title(reading: _Reading, match: re.Match[str], text: str) -> bool:
    """Add a title, or pass over a precinct behind one."""
    piece = match.group()
    low = piece.rstrip(".").lower()
    if piece[0].isalpha() and (
        _is_title_here(low, piece, text, match.end())
        or (low == "first" and _SELECTMAN.match(text, match.end()))
    ):
        reading.title.append(low)
        reading.start = match.start() if reading.start < 0 else reading.start
        return True
    return bool(reading.title) and _is_precinct(piece, text, match.start())


_SELECTMAN = re.compile(r"\s{1,2}select(?:man|woman|person)\b", re.IGNORECASE)


def _is_precinct(piece: str, text: str, start: int) -> bool:
    """True for a part of the seat in `Commissioner Pct. 2 Garza`."""
    if piece.isdigit():
        return len(piece) == 1 and bool(_PRECINCT.search(text, max(0, start - 12), start))
    return piece.rstrip(".").lower() in ("pct", "precinct")


_PRECINCT = re.compile(r"\b(?:pct\.?|precinct)\s?$", re.IGNORECASE)


def _is_title_here(low: str, piece: str, text: str, end: int) -> bool:
    if low == "the":
        return True
    if not is_title(low) or (piece.islower() and low in BODY_WORDS):
        return is_title(low) and bool(
            re.match(r"\s{1,2}(?:member|council|commission|trustee)", text[end : end + 14], re.I)
        )
    # "Council Member Director": the last title of a row is the name where no other name follows
    return True


def _fits(reading: _Reading, piece: str, low: str, text: str, match: re.Match[str]) -> bool:
    initial = len(low) == 1 and piece[0].isupper() and piece.endswith(".")
    if (
        len(low) > 24
        or (len(low) == 1 and text[match.end() :][:1] == "_")
        or (
            low in STOP
            and not initial
            and not (low in SOFT and _is_soft_name(reading, text, match.start(), match.end()))
        )
    ):
        return False
    if reading.words and low in TITLES and low not in SUFFIX:
        return False
    if low in PARTICLES and not piece[0].isupper():
        following = re.compile(r"\s((?:de|la|las|los|der|den|van)\s){0,2}[^\W\d_]").match(text, match.end())
        return following is not None and following.group()[-1].isupper()
    if low in SUFFIX:
        return bool(reading.words)
    if reading.words and len(piece) > 3 and piece.isupper() and not reading.words[-1].isupper():
        return False  # "Ruiz VOTE: …": a heading follows
    return piece[0].isupper()


def _is_soft_name(reading: _Reading, text: str, start: int, end: int) -> bool:
    """True where `Page`, `May` or `Bill` is a name: after a title, where a name goes on, or where one must stand."""
    if not reading.words and (
        _NAMED_NEXT.match(text, end)
        or (_NAMED_BEFORE.search(text, max(0, start - 24), start) and _NAME_ENDS.match(text, end))
    ):
        return True
    following = _TOKEN.match(text, end + 1)
    if following is None or not following.group()[0].isalpha():
        return bool(reading.title) and not (following and following.group()[0].isdigit())
    word = following.group()
    capital = word[0].isupper() and word.rstrip(".").lower() not in STOP | TITLES
    return bool(reading.title) or (capital and not reading.words and not word.isupper())


# `Will, yes`, `Page moved`: what stands behind a name only; `moved by Will,`: what stands before one.
_NAMED_NEXT = re.compile(
    r"(?i:\s?[,:-]{1,2}\s{0,2}(?:yes|no|aye|nay|yea|abstain(?:ed)?|absent)\b(?!\s\w)|\s(?:moved|seconded|motioned)(?:\s?[.;,]|\s(?:to|that|the|for|approv|by)\b)|\s(?:made|makes|offered)\s(?:a|the)\smotion\b)"
)
_NAMED_BEFORE = re.compile(
    r"(?i:\b(?:motion|moved|made|offered|second|seconded|support|supported|2nd|proposed)\s+by|\b(?:mover|seconder|moved|seconded|motion|second)\s?:)\s{1,3}$"
)
_NAME_ENDS = re.compile(r"\s?(?:[,;.)/\n]|$|(?:and|to|that|second|seconded)\b)")


def _goes_on(reading: _Reading, piece: str, low: str, text: str, end: int, known: Collection[str]) -> bool:
    words = [word for word in reading.words if word.rstrip(".").lower() not in SUFFIX]
    if len(words) >= _WORDS + 1:
        return False
    if _suffix_follows(text, end):
        return True
    if low in SUFFIX:
        return False
    if surname(" ".join(words)) in known and low not in PARTICLES:
        if piece.endswith(".") and len(low) > 2:
            return False  # "seconded by Dunlap. Abney, Bright in favor"
        return _longer_known(words, text, end, known)
    # A full stop ends the sentence but after an initial or a short form.
    return not piece.endswith(".") or len(low) == 1 or low in ("st", "wm", "geo", "chas", "jos", "thos", "ch")


def _longer_known(words: list[str], text: str, end: int, known: Collection[str]) -> bool:
    """True when the roster has a longer surname that begins here (Knox White beside Knox)."""
    following = _TOKEN.match(text, end + 1)
    if following is None:
        return False
    return (
        f"{words[-1]} {following.group()}".lower().rstrip(".") in known or following.group().lower() in known
    )


def _suffix_follows(text: str, end: int) -> bool:
    return bool(re.match(r",?\s{0,2}(?:Jr|JR|Sr|SR|II|III|IV|Ir)\b", text[end : end + 7]))


def _finished(reading: _Reading, start: int) -> Person | None:
    words = reading.words
    while words and words[-1].lower().rstrip(".") in PARTICLES:
        words.pop()
    title = [word for word in reading.title if word != "the"]
    if not words:
        return _title_as_name(reading, title)
    if all(len(word.rstrip(".")) == 1 for word in words):
        return None
    name = " ".join(word.rstrip("-") for word in words)
    name = re.sub(r"(?<=\b[A-Z]\.)(?=[A-Z][A-Za-z])", " ", name)
    core = name.rstrip(".")
    last = core.split()[-1]
    if last.lower() not in SUFFIX and len(last) > 1:
        name = core
    return Person(name, " ".join(title), max(reading.start, start), reading.end, reading.at)


def _title_as_name(reading: _Reading, title: list[str]) -> Person | None:
    """`Council Member Parks` is a person, `Council President` is nobody that has a name."""
    if len(title) > 1 and title[-1] in SURNAMES and title[-2] in SEATED:
        return Person(title[-1].capitalize(), " ".join(title[:-1]), reading.start, reading.start + 1)
    return None


def parse_before(text: str, end: int, known: Collection[str] = ()) -> Person | None:
    """The person whose name ends right before `end`, as in `Councilmember Marsh| moved`.

    The title, where there is one, tells where it begins; without one the capitals next to `end` are the name.
    """
    pieces = list(_TOKEN.finditer(text, max(0, end - 80), end))
    while pieces and pieces[-1].group() in (",", "\n", "-", ":"):
        pieces.pop()
    first = len(pieces)
    breaks = 0
    while first > 0 and len(pieces) - first < _WORDS + 5:
        if pieces[first - 1].group() == "\n":
            breaks += 1
            if breaks > 1 or (first >= 2 and pieces[first - 2].group() in ".:;!?"):
                break
        elif not _goes_back(pieces, first):
            break
        first -= 1
    return _best(text, pieces[first:], end, known)


def _goes_back(pieces: list[re.Match[str]], first: int) -> bool:
    """Whether the piece before `first` can belong to the name that follows it."""
    piece = pieces[first - 1].group()
    low = piece.rstrip(".").lower()
    after = first < len(pieces)
    if piece == ",":
        return after and pieces[first].group().rstrip(".").lower() in SUFFIX
    if not piece[0].isalpha():
        return False
    if low in STOP and low != "the":
        return not after and low in SOFT and piece[0].isupper()
    if piece.islower() and low not in TITLES | PARTICLES:
        return False
    # A sentence that ended before the name: "... for the item. Marsh moved"
    return not (piece.endswith(".") and after and len(low) > 2 and low not in TITLES | SUFFIX)


def _best(text: str, tokens: list[re.Match[str]], end: int, known: Collection[str]) -> Person | None:
    """The person read from the first piece from which the reading reaches `end`, at a title if there is one."""
    titles = [index for index, each in enumerate(tokens) if is_title(each.group())]
    order = []
    if titles:
        first = titles[-1]
        while first > 0 and is_title(tokens[first - 1].group()):
            first -= 1
        order.append(first)
    lines = [index for index, each in enumerate(tokens) if each.group() == "\n"]
    if lines:
        order.append(lines[-1] + 1)
    order += range(len(tokens))
    for index in order:
        if index >= len(tokens) or tokens[index].group() in "\n,":
            continue
        person = parse(text, tokens[index].start(), known, end)
        if person and not text[person.end : end].strip(" ,.\n:-"):
            return person
    return None


def strip_titles(text: str) -> str:
    """A name without titles before or after it, in one line; empty where only titles are left."""
    words = " ".join(text.split()).strip(" .,;:-–—()[]\"'").split()
    while words and (is_title(words[0]) or words[0].lower() == "the"):
        words.pop(0)
    while len(words) > 1 and is_title(words[-1]) and (words[-2].endswith(",") or is_title(words[-2])):
        words.pop()
    return " ".join(words).strip(" ,;:").removesuffix(",")


def title_before(text: str, start: int) -> str:
    """The title right before `start` ("vice mayor"), empty where there is none."""
    words: list[str] = []
    for match in reversed(list(_TOKEN.finditer(text, max(0, start - 40), start))):
        word = match.group().rstrip(".").lower()
        if word not in TITLES or match.group().islower():
            break
        words.insert(0, word)
    return "" if all(word in BODY_WORDS for word in words) else " ".join(words)
