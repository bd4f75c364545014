"""Closing the runs whose process died without a word."""

from __future__ import annotations

from datetime import datetime

from clerk.tracking.holder import this_host
from clerk.tracking.leases import Leases, bury, locked_row, verdict
from clerk.tracking.session import Database


def reap(database: Database, at: datetime | None = None, *, expired: bool = False) -> list[str]:
    """Mark crashed the runs of dead holders of this host, and free their sites.

    Args:
        at: time to write down as their end, by default the database's.
        expired: also those of other hosts that have not been heard of for the length of a lease.

    Returns:
        Ids of the runs that were marked crashed, by subdomain.
    """
    buried: list[str] = []
    for lease in Leases(database).list():
        if not expired and lease.host != this_host():
            continue
        with database.write() as connection:
            row = locked_row(database, connection, lease.subdomain)
            now = database.now(connection)
            # Decided under the lock: meanwhile the run may have ended, or another may have taken the site.
            current = row["token"] == lease.token and row["run_id"] is not None
            why = verdict(row, now) if current else ""
            if why:
                bury(connection, row, at or now, why)
                buried.append(lease.run_id)
    return buried
