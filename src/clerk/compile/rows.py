"""One page as it goes into the compiled database, and what its columns hold."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from clerk.models import STEM, Document, Kind
from clerk.people import Overrides
from clerk.storage import SiteStore


@dataclass(frozen=True, slots=True)
class PageRow:
    """One page: `page` counts from 1 within its PDF, `stem` is the PDF's name, `date` its ISO date.

    `entities` and `votes` have the shapes that `clerk.extraction` makes, `roster` the members and others whom the page
    lists as present or absent; None: not extracted (yet).
    """

    kind: Kind
    meeting: str
    date: str
    stem: str
    page: int
    text: str
    entities: dict[str, Any] | None = None
    votes: dict[str, Any] | None = None
    roster: list[dict[str, Any]] | None = None

    @property
    def image(self) -> str:
        """The column `page_image`; the stem tells two meetings of one day apart."""
        prefix = "/_agendas" if self.kind is Kind.AGENDA else ""
        return f"{prefix}/{self.meeting}/{self.stem}/{self.page}.png"

    @property
    def clean_text(self) -> str:
        """The text as SQLite can hold it: no NUL (it would cut the text short), no lone surrogates."""
        return self.text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One document: `pages` of its PDF, `pages_read` that have a text, `source` its URL, `error` why it has none."""

    kind: Kind
    meeting: str
    date: str
    stem: str
    pages: int
    pages_read: int
    sha256: str = ""
    source: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Details:
    """What a full build needs besides its pages: every document, and a person's word on who is who."""

    documents: Iterable[DocumentRow] = ()
    overrides: Overrides = field(default_factory=Overrides)


def as_json(value: dict[str, Any] | None) -> str | None:
    """Text of a JSON column."""
    return None if value is None else json.dumps(value, ensure_ascii=False)


class PageNumbers:
    """Numbers for the column `page`, unique within a body's day.

    Readers of the database take (table, meeting, date, page) for the key of a page. So the pages of the
    second document of a day count on where the first one ends; files and images keep the number in the PDF.
    """

    def __init__(self, store: SiteStore) -> None:
        self._store = store
        self._seen: dict[tuple[Kind, str, str], int] = {}
        self._offsets: dict[tuple[Kind, str, str], int] = {}

    def number(self, row: PageRow) -> int:
        """Value of the column `page` for `row`."""
        key = (row.kind, row.meeting, row.stem)
        self._seen[key] = max(self._seen.get(key, 0), row.page)
        if row.stem == row.date:
            return row.page
        if key not in self._offsets:
            self._offsets[key] = self._offset(row)
        return self._offsets[key] + row.page

    def _offset(self, row: PageRow) -> int:
        """Pages of that day's documents before this one; from their records, so that a failed page counts."""
        own = ordinal(row.stem)
        folder = self._store.record_dir(
            Document(self._store.subdomain, row.kind, row.meeting, row.stem)
        ).parent
        known = {path.name for path in folder.glob(f"{row.date}*")} if folder.is_dir() else set()
        known |= {stem for kind, meeting, stem in self._seen if (kind, meeting) == (row.kind, row.meeting)}
        earlier = [stem for stem in known if stem[:10] == row.date and 0 < ordinal(stem) < own]
        return sum(self._pages(row, stem) for stem in earlier)

    def _pages(self, row: PageRow, stem: str) -> int:
        record = self._store.read_record(Document(self._store.subdomain, row.kind, row.meeting, stem))
        return max(record.page_count if record else 0, self._seen.get((row.kind, row.meeting, stem), 0))


def ordinal(stem: str) -> int:
    """1 for the first document of a day, 2 for `-2`; 0 for a name that is no stem."""
    match = STEM.fullmatch(stem)
    return int(match.group(2) or 1) if match else 0
