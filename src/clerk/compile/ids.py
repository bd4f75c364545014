"""Page ids. Readers of the database keep pages by id for ever, so an id, once issued for a page, stays.

Ids already issued come from the site's ids file, and from the live `meetings.db` where another program made
it. A new id is the first 12 hex digits of a sha256 over the page's place and text, salted with the subdomain:
blank pages of two cities, or of two meetings of one day, must not share one.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import sqlite3

from clerk.build_info import built, open_readonly
from clerk.compile.rows import PageRow
from clerk.errors import StorageError
from clerk.models import Kind
from clerk.storage import SiteStore, read_bytes, write_json

_IMAGE = re.compile(r"/(?:_agendas/)?[^/]+/(\d{4}-\d{2}-\d{2}(?:-\d+)?)/(\d+)\.png")
_log = logging.getLogger(__name__)

Key = tuple[str, str, str, int]  # kind, meeting, stem, page within the PDF


class IdBook:
    """Ids of one site: those issued, and those of the build at hand."""

    def __init__(self, store: SiteStore) -> None:
        self._store = store
        self._issued = _read_ids(store)
        on_file = len(self._issued)
        if on_file == 0 or built(store) is None:
            for key, value in _ids_of_database(store):
                self._issued.setdefault(key, value)
        self._dirty = len(self._issued) != on_file
        self._used = set(self._issued.values())
        self._new: dict[Key, str] = {}

    def id_for(self, row: PageRow) -> str:
        """The id of a page: the one it has, or a new one."""
        key = (row.kind.value, row.meeting, row.stem, row.page)
        if key not in self._issued:
            value = _fresh_id(self._store.subdomain, row, self._used)
            self._issued[key] = self._new[key] = value
            self._used.add(value)
        return self._issued[key]

    def settle(self) -> dict[str, tuple[Kind, str]]:
        """Record the new ids; call under the publish lock.

        Returns:
            Corrections to make in the build: where another build issued an id for the same page meanwhile,
            the id used here mapped to the page's kind and its id.
        """
        corrections: dict[str, tuple[Kind, str]] = {}
        on_file = _read_ids(self._store)
        for key, value in self._new.items():
            other = on_file.get(key, value)
            if other != value:
                corrections[value] = (Kind(key[0]), other)
        if self._dirty or self._new.keys() - on_file.keys():
            _write_ids(self._store, self._issued | on_file)
        return corrections


def _fresh_id(subdomain: str, row: PageRow, used: set[str]) -> str:
    place: dict[str, str | int] = {
        "subdomain": subdomain,
        "kind": row.kind.value,
        "meeting": row.meeting,
        "date": row.stem,
        "page": row.page,
        "text": row.clean_text,
    }
    for attempt in range(1, 1000):
        value = hashlib.sha256(json.dumps(place, sort_keys=True).encode()).hexdigest()[:12]
        if value not in used:
            return value
        place["attempt"] = attempt
    raise AssertionError("a thousand ids of 48 bits cannot all be taken")


def _read_ids(store: SiteStore) -> dict[Key, str]:
    """Ids that were issued; none where there is no file of them yet.

    Raises:
        StorageError: the file cannot be read, or is damaged: ids issued anew would break every link to these pages.
    """
    data = read_bytes(store.ids_file)
    if data is None:
        return {}
    try:
        return {
            (kind, *_place(name), int(page)): str(value)
            for kind, documents in json.loads(data).items()
            for name, pages in documents.items()
            for page, value in pages.items()
        }
    except (AttributeError, ValueError) as error:
        raise StorageError(
            f"{store.ids_file} is damaged, so the ids of pages are not known.",
            advice="Restore it from a backup, or remove it: then only pages of the live database keep their ids.",
        ) from error


def _place(name: str) -> tuple[str, str]:
    meeting, _, stem = name.rpartition("/")
    return meeting, stem


def _write_ids(store: SiteStore, ids: dict[Key, str]) -> None:
    data: dict[str, dict[str, dict[str, str]]] = {}
    for (kind, meeting, stem, page), value in sorted(ids.items()):
        data.setdefault(kind, {}).setdefault(f"{meeting}/{stem}", {})[str(page)] = value
    write_json(store.ids_file, data)


def _ids_of_database(store: SiteStore) -> list[tuple[Key, str]]:
    """Ids of the live database, the first row of a page winning; nothing where it cannot be read."""
    found: dict[Key, str] = {}
    if not store.database.is_file():
        return []
    try:
        with open_readonly(store.database) as connection:
            for kind in Kind:
                _ids_of_table(connection, kind, found)
    except sqlite3.Error as error:
        _log.warning("The page ids of %s cannot be read and are issued anew: %s.", store.database, error)
    return list(found.items())


def _ids_of_table(connection: sqlite3.Connection, kind: Kind, found: dict[Key, str]) -> None:
    columns = {row[1] for row in connection.execute(f"PRAGMA table_info([{kind.table}])")}
    if not {"id", "meeting", "date", "page"} <= columns:
        return
    image = "page_image" if "page_image" in columns else "NULL"
    sql = f"SELECT id, meeting, date, page, {image} FROM [{kind.table}] ORDER BY rowid"  # noqa: S608
    for value, meeting, date, page, path in connection.execute(sql):
        # The image's path names the PDF; date and page alone do not where a body met twice on one day.
        match = _IMAGE.fullmatch(path or "")
        stem, number = (match.group(1), int(match.group(2))) if match else (date, page)
        if value and meeting and stem and isinstance(number, int):
            found.setdefault((kind.value, str(meeting), str(stem), number), str(value))
