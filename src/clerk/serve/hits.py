"""Where the words of a search stand in a text: the index's own engine says it, so that both agree."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from clerk.errors import UsageError
from clerk.search import match_terms

# A phrase is compared with every place of a text: what is longer takes seconds on a text that is made for it.
MOST_LETTERS = 1000
# No page of a meeting has more letters; and each place of a text that a term matches is compared with every term. The
# product is some 3 ns each time, so that a search takes a second or two at most.
MOST_TEXT, MOST_WORK = 2_000_000, 400_000_000
_OPEN, _CLOSE = "\x01", "\x02"
# Signs that would end the text, or be taken for a mark; a space instead keeps the places of all others.
_PLAIN = str.maketrans({"\x00": " ", _OPEN: " ", _CLOSE: " "})


def check_search(words: str) -> str:
    """Return `words`, what somebody searches for.

    Raises:
        UsageError: it is too long, has too many words, or none.
    """
    if len(words) > MOST_LETTERS:
        raise UsageError(f"A search takes {MOST_LETTERS} characters at most, not {len(words)}.")
    match_terms(words)
    return words


def spans(text: str, words: str) -> list[tuple[int, int]]:
    """Start and end of each place of `text` that a search for `words` finds, by any of its terms.

    Terms are as in `clerk.search`: phrases in quotes, beginnings with `*`, nothing else is syntax.

    Raises:
        UsageError: as `check_search`, or the text is too long for so many terms.
    """
    # A term that stands there twice finds no more, and costs as much again.
    terms = list(dict.fromkeys(match_terms(check_search(words))))
    work = len(text) * max(len(terms) ** 2, sum(term.count(" ") + 1 for term in terms))
    if len(text) > MOST_TEXT or work > MOST_WORK:
        raise UsageError("This page is too long for that search; fewer words may do.")
    query = " OR ".join(terms)
    with closing(sqlite3.connect(":memory:")) as connection:
        # With the tokenizer of the compiled database: the one that FTS5 takes where none is named.
        connection.execute("CREATE VIRTUAL TABLE page USING fts5(text)")
        connection.execute("INSERT INTO page (text) VALUES (?)", (text.translate(_PLAIN),))
        found = connection.execute(
            "SELECT highlight(page, 0, ?, ?) FROM page WHERE page MATCH ?", (_OPEN, _CLOSE, query)
        ).fetchone()
    return _parsed(found[0]) if found else []


def _parsed(marked: str) -> list[tuple[int, int]]:
    before, *pieces = marked.split(_OPEN)
    found = []
    position = len(before)
    for piece in pieces:
        inside, _, after = piece.partition(_CLOSE)
        found.append((position, position + len(inside)))
        position += len(inside) + len(after)
    return found
