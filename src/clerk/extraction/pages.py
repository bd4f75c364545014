"""Leaves out what a page prints around its text, so that sentences and lists run on over a page break."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_NUMBER = re.compile(r"\s*(?:page\s+)?[-–—]?\s*\d{1,4}\s*[-–—]?(?:\s*(?:of|/)\s*\d{1,4})?\s*", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")


def without_furniture(pages: Sequence[str]) -> list[str]:
    """The pages without page numbers at their ends and without a first or last line that several share."""
    split = [page.strip("\n ").split("\n") for page in pages]
    firsts = Counter(_key(lines[0]) for lines in split if lines[0])
    lasts = Counter(_key(lines[-1]) for lines in split if len(lines) > 1)
    return ["\n".join(_body(lines, firsts, lasts)) for lines in split]


def _body(lines: list[str], firsts: Counter[str], lasts: Counter[str]) -> list[str]:
    first, last = 0, len(lines)
    if last > 2 and (_NUMBER.fullmatch(lines[0]) or firsts[_key(lines[0])] > 1):
        first = 1
    if last > 2 and (_NUMBER.fullmatch(lines[-1]) or lasts[_key(lines[-1])] > 1):
        last -= 1
    return lines[first:last]


def _key(line: str) -> str:
    return _DIGITS.sub("#", " ".join(line.split()).casefold())
