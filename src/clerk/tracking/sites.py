"""The register of sites."""

from __future__ import annotations

import difflib
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from clerk.errors import LeaseHeldError, UnknownSiteError, UsageError
from clerk.models import Site
from clerk.storage import check_subdomain
from clerk.tracking.session import Database
from clerk.tracking.tables import site_leases, sites

_FIELDS = frozenset(field.name for field in fields(Site)) - {"subdomain"}


class Sites:
    """Rows of `sites`, as `Site` values."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, site: Site) -> None:
        """Register a site.

        Raises:
            UsageError: its subdomain is taken, or is no subdomain.
        """
        check_subdomain(site.subdomain)
        try:
            with self._database.write() as connection:
                connection.execute(insert(sites).values(**asdict(site)))
        except IntegrityError as error:
            raise UsageError(
                f"Site {site.subdomain!r} exists already.", advice=f"See `clerk sites show {site.subdomain}`."
            ) from error

    def find(self, subdomain: str) -> Site | None:
        """The site, or None."""
        with self._database.read() as connection:
            row = connection.execute(select(sites).where(sites.c.subdomain == subdomain)).mappings().first()
        return None if row is None else _site(row)

    def get(self, subdomain: str) -> Site:
        """The site.

        Raises:
            UnknownSiteError: none of that subdomain; the message names those with a similar one.
        """
        site = self.find(subdomain)
        if site is None:
            with self._database.read() as connection:
                raise unknown(connection, subdomain)
        return site

    def list(self) -> list[Site]:
        """All sites by subdomain."""
        with self._database.read() as connection:
            found = [_site(row) for row in connection.execute(select(sites)).mappings()]
        return sorted(found, key=lambda site: site.subdomain)

    def update(self, subdomain: str, **values: Any) -> Site:
        """Change fields of a site, named as in `Site`, and return the site.

        Raises:
            UnknownSiteError: none of that subdomain.
            UsageError: a field is unknown.
        """
        wrong = sorted(set(values) - _FIELDS)
        if wrong:
            raise UsageError(
                f"A site has no field {', '.join(wrong)} to change.",
                advice=f"Use one of: {', '.join(sorted(_FIELDS))}.",
            )
        if values:
            with self._database.write() as connection:
                query = update(sites).where(sites.c.subdomain == subdomain).values(**values)
                if not connection.execute(query).rowcount:
                    raise unknown(connection, subdomain)
        return self.get(subdomain)

    def remove(self, subdomain: str) -> None:
        """Forget a site with its jobs, progress and failures; its files stay.

        Raises:
            UnknownSiteError: none of that subdomain.
            LeaseHeldError: a run is working on it.
        """
        with self._database.write() as connection:
            held = select(site_leases.c.run_id).where(site_leases.c.subdomain == subdomain).with_for_update()
            run_id = connection.execute(held).scalar()
            if run_id is not None:
                raise LeaseHeldError(f"Site {subdomain!r} is held by run {run_id}.")
            if not connection.execute(delete(sites).where(sites.c.subdomain == subdomain)).rowcount:
                raise unknown(connection, subdomain)


def unknown(connection: Connection, subdomain: str) -> UnknownSiteError:
    """The error for a subdomain that is not registered; it names those that are spelt alike."""
    known = list(connection.execute(select(sites.c.subdomain)).scalars())
    near = difflib.get_close_matches(subdomain, known, n=3, cutoff=0.6)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return UnknownSiteError(f"No site {subdomain!r} is registered.{hint}")


def _site(row: RowMapping) -> Site:
    return Site(**{**row, "extra": row["extra"] or {}})
