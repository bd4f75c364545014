"""Organisations by their form: a suffix, `Department of X`, a short form in brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from clerk.extraction import org_words as w
from clerk.extraction.lexicon import PLACE_ENDS, is_given, plain
from clerk.extraction.spans import Span
from clerk.extraction.words import STOP, TITLES

Words = list[re.Match[str]]

_PATTERNS = (
    ("suffix", w.BY_SUFFIX),
    ("caps", w.BY_CAPS),
    ("company", w.BY_COMPANY),
    ("partners", w.PARTNERS),
    ("headed", w.HEADED),
    ("dba", w.DBA),
    ("caps", w.CAPS),
)
_KEEP = ("company", "headed", "dba")  # whose form is so plain that a name may be short or hold a possessive


def organisations(text: str) -> Iterator[Span]:
    """Organisations of a text, with the rule that found each."""
    shorts: set[str] = set()
    for rule, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            trimmed = _trimmed(text, *_bounds(rule, match), keep=rule in _KEEP)
            if trimmed is None:
                continue
            yield Span("orgs", *trimmed, rule)
            acronym = w.ACRONYM.match(text, _skip(text, trimmed[1]))
            if acronym and _fits(acronym["short"], text[trimmed[0] : trimmed[1]]):
                shorts.add(acronym["short"])
    yield from (Span("orgs", match.start(), match.end(), "known") for match in w.KNOWN.finditer(text))
    yield from (
        Span("orgs", match.start(), match.end(), "camel")
        for match in w.CAMEL.finditer(text)
        if not {plain(match["head"]), plain(match["rest"])} & (STOP | TITLES)
    )
    for short in shorts:
        yield from (
            Span("orgs", match.start(), match.end(), "acronym")
            for match in re.finditer(rf"(?<![\w]){re.escape(short)}(?!\w)(?![ ][A-Z])", text)
        )


def _bounds(rule: str, match: re.Match[str]) -> tuple[int, int]:
    """Start and end of a name before the words that lead into it are taken off."""
    start, end = match.start("name"), match.end()
    if rule == "company" and "&" in match["name"] and " and " in match["name"]:
        start += match["name"].rindex(" and ") + 5  # "Curtis & Sons and Galls, LLC" are two
    if rule == "suffix" and match["tail"] and not _tail_fits(match):
        end = match.start("tail")
    return start, end


def _led_in(text: str, start: int, end: int) -> int:
    """Where the name begins after words of the sentence: after `for` or a verb, after `Ann Lee of`."""
    begin = start
    words = list(re.finditer(r"\S+", text[start:end]))
    for number, match in enumerate(words[:-1]):
        low = plain(match.group())
        before = [plain(word.group()) for word in words[:number] if start + word.start() >= begin]
        following = words[number + 1].group()
        kept = begin == start and text[max(0, start - 4) : start].lower() == "the "
        if not (low == "the" and before[-1:] == ["of"]) and _leads(low, before, following, kept=kept):
            begin = start + match.end()
    while begin < end and text[begin].isspace():
        begin += 1
    return begin


def _leads(low: str, before: Sequence[str], following: str, *, kept: bool) -> bool:
    """Whether a name begins only after the word `low`, which stands after `before`.

    Args:
        kept: the words before it stand right after `the`, so that they belong to the name: `the Taste of Elm Club`.
    """
    if low in w.ROADS:
        return bool(before) and following[0].isupper()
    if low not in ("of", "for", "and", "&", "on", "de"):
        return low in w.LEADS and bool(before or low not in ("first", "second"))
    if not before:
        return True
    if low in ("and", "&") and len(before) > 1 and (before[-1] in PLACE_ENDS or before[-1] in w.SELF):
        return True
    person = is_given(before[0]) and len(before) in (2, 3) and low != "&"
    if low == "and" and before[-1] in ("city", "town"):
        return True
    heads = w.HEADS - w.SEATS if low == "for" and set(before) & w.SEATS else w.HEADS
    headed = any(word in heads for word in before) and not (low == "for" and set(before) & w.SEATS)
    named = low == "of" and len(before) < 3 and kept
    return person or (low in ("of", "for") and not headed and not named)


def _tail_fits(match: re.Match[str]) -> bool:
    """`Board of Directors` goes on, `Department of`; `Committee on Tuesday` does not."""
    return match["name"].split()[-1] in w.GO_ON and not w.NO_TAIL.search(match["tail"])


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \n,":
        position += 1
    return position


def _fits(short: str, name: str) -> bool:
    """True when the letters of a short form begin words of the name."""
    initials = "".join(word[0] for word in re.findall(r"[A-Za-z]+", name)).lower()
    remaining = iter(initials)
    return all(letter in remaining for letter in short.lower() if letter.isalpha())


def _trimmed(text: str, start: int, end: int, *, keep: bool) -> tuple[int, int] | None:
    """The span without words before the name that belong to the sentence; None where no name is left."""
    if w.OWN_BODY.search(text, start, end) or text.startswith("(s)", end):
        return None
    if seat := w.SEAT.match(text, start, end):
        start = seat.end()
    start, end, whole = _one_line(text, _led_in(text, start, end), end)
    words, end = _core(text, start, end, keep=keep)
    if not _is_name(words, keep=keep):
        return None
    last = start + words[-1].end()
    if not whole and w.POSTS.match(text, last):
        return None
    first = start + words[0].start()
    listed = len(words) > 2 and words[1].group() == "and"
    if listed and (lead := w.LISTED.search(text, max(0, first - 26), first)):
        first = lead.start("first")  # `Parks, Trails and Open Space Committee`
    return first, min(end, last)


def _one_line(text: str, start: int, end: int) -> tuple[int, int, bool]:
    """The line of a name that is printed over two, where they are two things; True when a line is one of its own."""
    line = text.find("\n", start, end)
    if line >= 0 and w.ENDED.search(text[start:line]):
        return start, line, True
    if line >= 0 and text[start:line].isupper() != text[line:end].isupper():
        return line + 1, end, False  # a heading stands before the name
    return start, end, False


def _core(text: str, start: int, end: int, *, keep: bool) -> tuple[Words, int]:
    """The words of a name without those of a sentence before it, and where the name ends."""
    words = list(re.finditer(r"\S+", text[start:end]))
    breaks = [number + 1 for number, word in enumerate(words[:-1]) if _is_stop(word.group())]
    words = words[max(breaks, default=0) :]
    parted = [
        number + 2
        for number in range(len(words) - 2)
        if words[number].group() == "and" and words[number + 1].group() == "the"
    ]
    if parted and not keep and len(words) - parted[-1] > 1:
        words = words[parted[-1] :]
    owner = next((i for i, word in enumerate(words[:-1]) if word.group().endswith("'s") and i > 1), None)
    if owner is not None and keep:
        end = start + words[owner].end() - 2
        words = words[: owner + 1]
    while words and (plain(words[0].group()) in w.LEAD or words[0].group()[-1].isdigit()):
        words.pop(0)
    return words, end


def _is_stop(word: str) -> bool:
    """True for a word that ends a sentence, and no short form."""
    return len(word) > 3 and word[-1] in ".;:" and "." not in word[:-1] and word.lower() not in w.SHORT_FORMS


def _is_name(words: Words, *, keep: bool) -> bool:
    """False for words that any body has, for papers and plans, and for headings."""
    low = [word.group().lower().strip(".,") for word in words]
    if not low or low[0] == "works" or (len(low) < 2 and not (keep and "." in words[0].group())):
        return False
    body = low[-1] in ("department", "commission", "board", "committee") and low[0] not in w.OWN
    common = (w.GENERIC - w.TOPICS if body else w.GENERIC | {"works"}) | w.LINKS
    if all(word in common for word in low) or (low[0] == "general" and low[-1] == "fund"):
        return False
    if all(word.group().isupper() for word in words):
        short = len(words) < 3 and not keep and low[-1] in w.OFTEN
        if short or len(words) > 6:
            return False
    return not w.PAPERS.search(" ".join(low))
