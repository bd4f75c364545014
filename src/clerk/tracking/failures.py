"""The dead letters: pages and documents that could not be read, with their reasons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, insert, select

from clerk.models import Failure
from clerk.tracking.session import Database
from clerk.tracking.sites import unknown
from clerk.tracking.tables import page_failures, sites
from clerk.tracking.values import SeenFailure

_ROW = page_failures.c
_IDENTITY = ("kind", "meeting", "path", "page")


class Failures:
    """Rows of `page_failures`, as `Failure` values."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def replace(self, subdomain: str, failures: Sequence[Failure]) -> None:
        """Make `failures` the whole list of a site; one that was there before keeps its first time.

        Raises:
            UnknownSiteError: the site is not registered.
            ValueError: a failure is of another site.
        """
        foreign = {failure.subdomain for failure in failures} - {subdomain}
        if foreign:
            raise ValueError(f"failures of {sorted(foreign)} in the list of {subdomain}")
        with self._database.write() as connection:
            # Two writers of one site take turns; otherwise both would insert their list.
            one_site = select(sites.c.subdomain).where(sites.c.subdomain == subdomain)
            one_site = one_site.with_for_update(key_share=True)
            if connection.execute(one_site).first() is None:
                raise unknown(connection, subdomain)
            now = self._database.now(connection)
            since = _first_seen(connection, subdomain)
            connection.execute(delete(page_failures).where(_ROW.subdomain == subdomain))
            rows = [_new_row(failure, since, now) for failure in failures]
            if rows:
                connection.execute(insert(page_failures), rows)

    def add(self, failure: Failure) -> bool:
        """Note one failure beside the others of its site; False when it is noted already."""
        with self._database.write() as connection:
            same = [_ROW[name] == getattr(failure, name) for name in ("subdomain", "stage", "reason")]
            if connection.execute(select(_ROW.id).where(*same)).first() is not None:
                return False
            now = self._database.now(connection)
            connection.execute(insert(page_failures), [_new_row(failure, {}, now)])
            return True

    def clear(self, subdomain: str) -> int:
        """Forget the failures of a site; their number."""
        with self._database.write() as connection:
            return connection.execute(delete(page_failures).where(_ROW.subdomain == subdomain)).rowcount

    def list(self, subdomain: str | None = None) -> list[Failure]:
        """Failures of one site or of all, by site, kind, meeting, date and page."""
        return [seen.failure for seen in self.seen(subdomain)]

    def seen(self, subdomain: str | None = None) -> tuple[SeenFailure, ...]:
        """The same as `list`, with times."""
        query = select(page_failures)
        if subdomain is not None:
            query = query.where(_ROW.subdomain == subdomain)
        with self._database.read() as connection:
            found = [_seen(row) for row in connection.execute(query).mappings()]
        return tuple(sorted(found, key=_order))

    def count(self, subdomain: str | None = None) -> int:
        """Number of failures of one site or of all."""
        query = select(func.count()).select_from(page_failures)
        if subdomain is not None:
            query = query.where(_ROW.subdomain == subdomain)
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())


def _first_seen(connection: Connection, subdomain: str) -> dict[tuple[Any, ...], datetime]:
    query = select(page_failures).where(_ROW.subdomain == subdomain)
    rows = connection.execute(query).mappings()
    return {tuple(row[name] for name in _IDENTITY): row["first_seen"] for row in rows}


def _new_row(failure: Failure, since: dict[tuple[Any, ...], datetime], now: datetime) -> dict[str, Any]:
    row = failure.to_json()
    key = tuple(row[name] for name in _IDENTITY)
    return row | {"first_seen": since.get(key, now), "last_seen": now}


def _seen(row: RowMapping) -> SeenFailure:
    values = {name: row[name] for name in Failure.__dataclass_fields__}
    return SeenFailure(Failure(**values), row["first_seen"], row["last_seen"])


def _order(seen: SeenFailure) -> tuple[Any, ...]:
    failure = seen.failure
    return (failure.subdomain, failure.kind, failure.meeting, failure.date, failure.path, failure.page or 0)
