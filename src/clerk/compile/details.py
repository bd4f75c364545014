"""Writes documents, meetings, attendance, votes and names of pages while the pages go by, a document at a time."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable
from typing import Any

from clerk.compile.rows import DocumentRow, PageRow, ordinal
from clerk.compile.unanimous import inferred_ayes
from clerk.models import Kind
from clerk.people import read_name

ENTITY_KINDS = {"persons": "person", "orgs": "organisation", "locations": "place"}
_SIDES = ("ayes", "nays", "abstain", "absent", "recused")
_VOTE = (
    "id, meeting_id, document_id, page_id, meeting, date, page, number, kind, result, method, unanimous, consent,"
    " motion_by, seconded_by, ayes, nays, abstain, absent, recused, section, item, topic, confidence, raw_text,"
    " start_page, start, end_page, [end]"
)


def key_of(*parts: object) -> str:
    """An id: 12 hex digits of sha256 over what stays the same from build to build."""
    return hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "replace")).hexdigest()[:12]


class DetailWriter:
    """Fills the tables of one site; the page tables are written by others.

    Votes and attendance are those of minutes: an agenda's packet often holds the minutes of another day.
    """

    def __init__(self, connection: sqlite3.Connection, subdomain: str) -> None:
        self._connection = connection
        self._subdomain = subdomain
        self._document: tuple[str, str] | None = None  # ids of the document at hand and of its meeting
        self._roster: list[dict[str, Any]] = []
        self._votes: list[tuple[str, dict[str, Any]]] = []
        self._keys: set[str] = set()

    def documents(self, documents: Iterable[DocumentRow]) -> None:
        """Every document of the site, those without a page too, and their meetings."""
        for row in documents:
            document, meeting = self._ids(row.kind, row.meeting, row.stem)
            self._meeting(meeting, row.meeting, row.date, row.stem)
            values = (
                document,
                meeting,
                row.kind.value,
                row.meeting,
                row.date,
                row.stem,
                row.pages,
                row.pages_read,
            )
            self._insert("documents", *values, row.sha256 or None, row.source or None, row.error or None)

    def page(self, row: PageRow, page_id: str, number: int) -> None:
        """What was found on a page; `number` is its value in the column `page`."""
        ids = self._ids(row.kind, row.meeting, row.stem)
        if ids != self._document:
            self.flush()
            self._document = ids
            self._meeting(ids[1], row.meeting, row.date, row.stem)
            self._connection.execute(
                "INSERT OR IGNORE INTO documents (id, meeting_id, kind, meeting, date, stem) VALUES (?, ?, ?, ?, ?, ?)",
                (*ids, row.kind.value, row.meeting, row.date, row.stem),
            )
        self._entities(row, page_id, number)
        if row.kind is Kind.MINUTES:
            offset = number - row.page
            self._roster += [each | {"page": number} for each in row.roster or ()]
            for vote in (row.votes or {}).get("votes", ()):
                self._vote(row, vote, page_id, number, offset)

    def flush(self) -> None:
        """Write what waits for the end of its document."""
        if self._document is None:
            return
        _, meeting = self._document
        self._members(meeting)
        for vote_id, vote in self._votes:
            named = [(each["name"], each["vote"], "named") for each in vote.get("individual_votes") or ()]
            every = named + [(name, "aye", "unanimous") for name in inferred_ayes(vote, self._roster)]
            rows = [(vote_id, position, None, *each) for position, each in enumerate(every, 1)]
            self._connection.executemany("INSERT INTO vote_members VALUES (?, ?, ?, ?, ?, ?)", rows)
        self._document, self._roster, self._votes = None, [], []
        self._keys.clear()

    def _ids(self, kind: Kind, meeting: str, stem: str) -> tuple[str, str]:
        document = key_of(self._subdomain, "document", kind.value, meeting, stem)
        return document, key_of(self._subdomain, "meeting", meeting, stem)

    def _meeting(self, key: str, meeting: str, date: str, stem: str) -> None:
        self._connection.execute(
            "INSERT OR IGNORE INTO meetings VALUES (?, ?, ?, ?)", (key, meeting, date, ordinal(stem))
        )

    def _members(self, meeting: str) -> None:
        rows = [
            (
                meeting, position, None, each["name"], each.get("role", ""), each.get("status", "present"),
                int(each.get("seated", True)), each.get("arrived"), each.get("left"), each["page"],
                each.get("start", 0),
            )
            for position, each in enumerate(self._roster, 1)
        ]  # fmt: skip
        self._connection.executemany(
            "INSERT OR IGNORE INTO meeting_members VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows
        )

    def _vote(self, row: PageRow, vote: dict[str, Any], page_id: str, number: int, offset: int) -> None:
        assert self._document is not None
        document, meeting = self._document
        start_page, start, end_page, end = vote.get("span") or (row.page, 0, row.page, 0)
        place = (document, start_page, start, vote.get("result"))
        key, attempt = key_of(*place), 0
        while key in self._keys:
            attempt += 1
            key = key_of(*place, attempt)
        self._keys.add(key)
        self._votes.append((key, vote))
        tally = vote.get("tally") or {}
        values = (
            key, meeting, document, page_id, row.meeting, row.date, number, len(self._votes),
            vote.get("kind") or "main", vote["result"], vote.get("method") or None, bool(vote.get("unanimous")),
            bool(vote.get("consent")), vote.get("motion_by"), vote.get("seconded_by"),
            *(tally.get(side) for side in _SIDES), vote.get("section") or None, vote.get("agenda_item_ref") or None,
            vote.get("topic") or None, vote.get("confidence"), vote.get("raw_text") or "",
            start_page + offset, start, end_page + offset, end,
        )  # fmt: skip
        marks = ", ".join("?" * len(values))
        self._connection.execute(f"INSERT INTO votes ({_VOTE}) VALUES ({marks})", values)  # noqa: S608
        for kind in ("ordinances", "resolutions"):
            for measure in vote.get(kind) or ():
                self._connection.execute(
                    "INSERT OR IGNORE INTO vote_measures VALUES (?, ?, ?)", (key, kind[:-1], str(measure))
                )

    def _entities(self, row: PageRow, page_id: str, number: int) -> None:
        assert self._document is not None
        named: dict[str, tuple[str, str, str]] = {}
        found: dict[str, list[Any]] = {}
        for group, kind in ENTITY_KINDS.items():
            for each in (row.entities or {}).get(group, ()):
                key = key_of(self._subdomain, kind, entity_key(kind, each["text"]))
                if key in found:  # the same name in other letters
                    found[key][6] += each.get("count", 1)
                    continue
                named[key] = (key, kind, each["text"])
                found[key] = [
                    page_id, key, self._document[0], number, each["text"], each["confidence"], each.get("count", 1),
                    each.get("start"), each.get("end"), each.get("role"), each.get("rule"),
                ]  # fmt: skip
        self._connection.executemany(
            "INSERT OR IGNORE INTO entities (id, kind, name) VALUES (?, ?, ?)", named.values()
        )
        self._connection.executemany(
            "INSERT INTO page_entities VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", found.values()
        )

    def _insert(self, table: str, *values: object) -> None:
        marks = ", ".join("?" * len(values))
        self._connection.execute(f"INSERT OR IGNORE INTO [{table}] VALUES ({marks})", values)  # noqa: S608


def entity_key(kind: str, text: str) -> str:
    """What makes two printed names one entity: letters and digits, and for people no title."""
    if kind == "person":
        name = read_name(text)
        if name.words:
            return name.plain
    return " ".join("".join(c if c.isalnum() else " " for c in text.casefold()).split()) or text
