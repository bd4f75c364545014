"""Searches the compiled databases of all sites. Light: SQLite only."""

from __future__ import annotations

import heapq
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from clerk.errors import DatabaseError, UsageError
from clerk.models import Kind
from clerk.storage import SiteStore, check_subdomain

MARK = "**"  # stands before and after each matched word of a snippet

_WORD = re.compile(r'"([^"]*)"(\*?)|([^\s"]+)')
_MOST_WORDS = 100
_QUERY = """
SELECT page.id, page.meeting, page.date, page.page, page.page_image,
       snippet([{0}_fts], 0, ?, ?, ' … ', 24), bm25([{0}_fts]) AS score
FROM [{0}_fts] JOIN [{0}] AS page ON page.rowid = [{0}_fts].rowid
WHERE [{0}_fts] MATCH ? ORDER BY score LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class Hit:
    """One page that matches. `snippet` is one line of its text with matches between `MARK`s."""

    subdomain: str
    kind: Kind
    meeting: str
    date: str
    page: int
    snippet: str
    page_image: str
    id: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def search(
    root: Path, words: str, *, site: str | None = None, kind: Kind | None = None, limit: int = 20
) -> list[Hit]:
    """Pages that hold all of `words`, best first (bm25), over all sites below `root` or one.

    `"several words"` in quotes must stand together, `word*` matches beginnings; nothing else has a meaning of
    its own. Sites without a database are left out.

    Raises:
        UsageError: no word to search for, or too many.
        DatabaseError: a database is damaged; the message names it.
    """
    query = match_expression(words)
    kinds = [kind] if kind else list(Kind)
    found = (
        (score, hit)
        for subdomain in _sites(root, site)
        for score, hit in _hits(root, subdomain, kinds, query, limit)
    )
    best = heapq.nsmallest(limit, found, key=lambda pair: (pair[0], pair[1].subdomain, pair[1].id))
    return [hit for _, hit in best]


def match_expression(words: str) -> str:
    """`words` as an FTS5 query in which nothing but phrases and endings in `*` is syntax.

    Raises:
        UsageError: no word to search for, or too many.
    """
    return " ".join(match_terms(words))


def match_terms(words: str) -> list[str]:
    """The terms of `words`, each an FTS5 query by itself.

    Raises:
        UsageError: there is none, or there are too many.
    """
    terms: list[str] = []
    for phrase, star, word in _WORD.findall(words.replace("\x00", " ").encode("utf-8", "ignore").decode()):
        text = phrase or word
        prefix = bool(star) or (bool(word) and word.endswith("*"))
        # A term without any letter or digit matches nothing, and with it the whole query.
        if any(character.isalnum() for character in text):
            terms.append(f'"{text}"' + (" *" if prefix else ""))
    if not terms:
        raise UsageError("There is no word to search for.", advice='Try: clerk search "budget hearing"')
    if len(terms) > _MOST_WORDS:
        raise UsageError(f"A search takes {_MOST_WORDS} words at most, not {len(terms)}.")
    return terms


def _sites(root: Path, site: str | None) -> list[str]:
    if site is not None:
        return [check_subdomain(site)]
    return sorted(
        path.parent.name for path in root.glob("*/meetings.db") if not path.parent.name.startswith(".")
    )


def _hits(
    root: Path, subdomain: str, kinds: list[Kind], query: str, limit: int
) -> Iterator[tuple[float, Hit]]:
    path = SiteStore(root, subdomain).database
    if not path.is_file():
        return
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
        ) as connection:
            for kind in kinds:
                arguments = (MARK, MARK, query, limit)
                for row in connection.execute(_QUERY.format(kind.table), arguments).fetchall():
                    identity, meeting, date, page, image, snippet, score = row
                    yield (
                        score,
                        Hit(subdomain, kind, meeting, date, page, " ".join(snippet.split()), image, identity),
                    )
    except sqlite3.Error as error:
        raise DatabaseError(
            f"{path} cannot be searched ({error}).", advice=f"Build it again: clerk run {subdomain} --force"
        ) from error
