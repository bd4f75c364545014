"""Answers from a site's full build: its votes and its people. Reads only; SQLite and nothing heavy."""

from __future__ import annotations

import difflib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from clerk.build_info import open_readonly, read_info
from clerk.compile.detail_schema import DETAIL_TABLES
from clerk.errors import DatabaseError, UsageError
from clerk.models import Level
from clerk.people import Name, compatible, read_name
from clerk.storage import SiteStore

VOTE_FIELDS = (
    "date", "meeting", "page", "item", "topic", "result", "ayes", "nays", "abstain", "absent", "recused", "mover",
    "seconder", "kind", "method", "unanimous", "consent", "section", "ordinances", "resolutions", "confidence",
    "raw_text", "page_id", "id",
)  # fmt: skip
PERSON_FIELDS = (
    "id", "name", "roles", "bodies", "first_date", "last_date", "meetings", "votes", "moved", "seconded", "full_name",
    "from_file", "aliases",
)  # fmt: skip
_MOST_NAMED = 8  # names in an error
_LONGEST_NAME = 100  # characters of a name that is sought

_VOTES = """
SELECT v.*, coalesce(mover.name, v.motion_by) AS mover, coalesce(seconder.name, v.seconded_by) AS seconder,
    (SELECT json_group_array(number) FROM vote_measures WHERE vote_id = v.id AND kind = 'ordinance') AS ordinances,
    (SELECT json_group_array(number) FROM vote_measures WHERE vote_id = v.id AND kind = 'resolution') AS resolutions
FROM votes AS v
LEFT JOIN people AS mover ON mover.id = v.motion_by_id
LEFT JOIN people AS seconder ON seconder.id = v.seconded_by_id
WHERE {conditions} ORDER BY v.date, v.meeting, v.document_id, v.number
"""
_MEMBERS = """
SELECT coalesce(p.name, m.name) AS name, m.vote, m.basis, m.person_id
FROM vote_members AS m LEFT JOIN people AS p ON p.id = m.person_id WHERE m.vote_id = ? ORDER BY m.position
"""
_PRINTED = """
SELECT a.name, m.meeting, m.date FROM meeting_members AS a JOIN meetings AS m ON m.id = a.meeting_id
UNION SELECT motion_by, meeting, date FROM votes WHERE motion_by IS NOT NULL
UNION SELECT seconded_by, meeting, date FROM votes WHERE seconded_by IS NOT NULL
UNION SELECT b.name, v.meeting, v.date FROM vote_members AS b JOIN votes AS v ON v.id = b.vote_id
"""
_SPLIT = "(v.nays > 0 OR EXISTS (SELECT 1 FROM vote_members WHERE vote_id = v.id AND vote = 'nay'))"
_TAKES_PART = """
(v.motion_by_id = :person OR v.seconded_by_id = :person
 OR EXISTS (SELECT 1 FROM vote_members WHERE vote_id = v.id AND person_id = :person))
"""
_ITEM = """
(lower(v.item) = lower(:item)
 OR EXISTS (SELECT 1 FROM vote_measures WHERE vote_id = v.id AND number = :item COLLATE NOCASE))
"""
_TOPIC = "v.rowid IN (SELECT rowid FROM votes_fts WHERE votes_fts MATCH :topic)"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which votes: of a person (an id), on an item or measure by number, split ones, since a day, on a topic (FTS5)."""

    person: str = ""
    item: str = ""
    topic: str = ""
    since: str = ""
    split: bool = False

    def condition(self) -> str:
        parts = [
            text
            for wanted, text in (
                (self.person, _TAKES_PART),
                (self.item, _ITEM),
                (self.topic, _TOPIC),
                (self.since, "v.date >= :since"),
                (self.split, _SPLIT),
            )
            if wanted
        ]
        return " AND ".join(parts) or "1"


@contextmanager
def full_build(store: SiteStore) -> Iterator[sqlite3.Connection]:
    """The site's database, opened for reading.

    Raises:
        UsageError: there is none. DatabaseError: it is no full build of this version, or it is damaged.
    """
    site = store.subdomain
    if not store.database.is_file():
        raise UsageError(
            f"There is no compiled database of {site}.",
            advice=f"Make it with `clerk run {site}`; `clerk sites list` shows all sites.",
        )
    info = read_info(store.database)
    try:
        with open_readonly(store.database) as connection:
            connection.row_factory = sqlite3.Row
            names = {
                row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            }
            if info is None or info.level is not Level.FULL or not set(DETAIL_TABLES) <= names:
                raise DatabaseError(
                    f"The database of {site} has no full build yet, so its votes and people are not known.",
                    advice=f"Make one with `clerk run {site}`; `clerk status --subdomain {site}` shows how far it is.",
                )
            yield connection
    except (sqlite3.Error, json.JSONDecodeError) as error:
        raise DatabaseError(
            f"{store.database} cannot be read ({error}).",
            advice=f"Build it again: clerk extract {site} --force",
        ) from error


def votes(connection: sqlite3.Connection, wanted: Wanted) -> Iterator[dict[str, Any]]:
    """The votes that are wanted, by date: `VOTE_FIELDS`, and `members`, a list of `{name, vote, basis}`.

    With a person, `vote`, `basis` and `part` too: the person's vote where it is known, and `moved` or `seconded`.
    """
    arguments = {key: getattr(wanted, key) for key in ("person", "item", "topic", "since")}
    for row in connection.execute(_VOTES.format(conditions=wanted.condition()), arguments):
        found = {name: row[name] for name in VOTE_FIELDS}
        for key in ("ordinances", "resolutions"):
            found[key] = _list(row[key])
        for key in ("unanimous", "consent"):
            found[key] = bool(row[key])
        members = connection.execute(_MEMBERS, (row["id"],)).fetchall()
        found["members"] = [{name: each[name] for name in ("name", "vote", "basis")} for each in members]
        if wanted.person:
            own = next((each for each in members if each["person_id"] == wanted.person), None)
            found["vote"], found["basis"] = (own["vote"], own["basis"]) if own else (None, None)
            found["part"] = _part(row, wanted.person)
        yield found


def printed_names(connection: sqlite3.Connection) -> Iterator[tuple[str, str, str]]:
    """Name, body and ISO date of everyone whom minutes name as present, moving, seconding or voting; each once."""
    yield from connection.execute(_PRINTED)


def people(connection: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    """Everyone whom the site knows, by surname: `PERSON_FIELDS`; `aliases` are `{name, times}`."""
    for row in connection.execute("SELECT * FROM people ORDER BY surname, name, id"):
        found = {name: row[name] for name in PERSON_FIELDS if name != "aliases"}
        found |= {key: _list(row[key]) for key in ("roles", "bodies")}
        found |= {key: bool(row[key]) for key in ("full_name", "from_file")}
        aliases = connection.execute(
            "SELECT name, times FROM person_aliases WHERE person_id = ? ORDER BY times DESC, name",
            (row["id"],),
        )
        found["aliases"] = [dict(each) for each in aliases]
        yield found


def person(connection: sqlite3.Connection, text: str) -> tuple[str, str]:
    """(id, name) of the one person whom `text` means: an id, a name, an alias, a surname or a first name.

    Raises:
        UsageError: nobody, or several; the message names those who come near.
    """
    text = text if len(text) <= _LONGEST_NAME else f"{text[:_LONGEST_NAME]}…"
    known = connection.execute("SELECT id, name FROM people ORDER BY name").fetchall()
    sought = read_name(text)
    words = sought.words
    prints = connection.execute("SELECT person_id, name FROM person_aliases").fetchall()
    for found in (
        {row["id"] for row in known if row["id"] == text},
        {row["id"] for row in known if row["name"].casefold() == " ".join(text.split()).casefold()},
        {row["id"] for row in known if words and read_name(row["name"]).words == words},
        {row["person_id"] for row in prints if len(words) > 1 and read_name(row["name"]).words == words},
        {row["id"] for row in known if _can_be(read_name(row["name"]), sought)},
        {row["id"] for row in known if words and read_name(row["name"]).ends_with(words)},
        {row["id"] for row in known if words and set(words) <= set(read_name(row["name"]).words)},
    ):
        names = [row["name"] for row in known if row["id"] in found]
        if len(names) == 1:
            return next(iter(found)), names[0]
        if names:
            many = [f"{row['name']} ({row['id']})" for row in known if row["id"] in found]
            raise UsageError(f"{text} can be {_either(many)}.", advice="Give the whole name, or the id.")
    near = _near(" ".join(words) or text, [row["name"] for row in known])
    hint = f"Did you mean {_either(near)}?" if near else "`clerk people` lists everyone who is known."
    raise UsageError(f"Nobody is named {text} here.", advice=hint)


def _can_be(name: Name, sought: Name) -> bool:
    return not name.bare and not sought.bare and compatible(name, sought)


def _near(text: str, names: Sequence[str]) -> list[str]:
    """Names of which the whole or a word is spelt like `text`."""
    keys: dict[str, list[str]] = {}
    for name in names:
        read = read_name(name).words
        for key in {" ".join(read), *read}:
            keys.setdefault(key, []).append(name)
    close = difflib.get_close_matches(text, keys, n=5, cutoff=0.7)
    for word in text.split():
        close += difflib.get_close_matches(word, keys, n=3, cutoff=0.75)
    return list(dict.fromkeys(name for key in close for name in keys[key]))[:5]


def _either(names: Sequence[str]) -> str:
    shown = list(names[:_MOST_NAMED])
    if len(names) > len(shown):
        return f"{', '.join(shown)} or {len(names) - len(shown)} others"
    return " or ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def _part(row: sqlite3.Row, identity: str) -> str | None:
    if row["motion_by_id"] == identity:
        return "moved"
    return "seconded" if row["seconded_by_id"] == identity else None


def _list(text: str | None) -> list[str]:
    return [str(each) for each in json.loads(text)] if text else []
