"""The site lease: one run works on a site at a time, and a run that lost it can publish nothing.

A lease is a row that is never deleted. Its token goes up with every acquisition, for ever; who publishes
compares its token with the row's first. Times are those of the database server on Postgres, so that the
clocks of the hosts do not matter.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, Update, and_, select, update

from clerk.errors import LeaseHeldError, LeaseLostError
from clerk.models import State
from clerk.tracking.holder import Holder
from clerk.tracking.jobs import close_run
from clerk.tracking.progress import crash
from clerk.tracking.session import Database
from clerk.tracking.tables import site_leases
from clerk.tracking.values import Lease

LEASE_SECONDS = 120
_ROW = site_leases.c


class Leases:
    """Rows of `site_leases`, as `Lease` values."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def acquire(self, subdomain: str, run_id: str, *, holder: Holder | None = None) -> Lease:
        """Take the site for a run of `holder`, by default this process.

        A holder on this host that is dead is taken over at once, one on another host when it has not been
        heard of for `LEASE_SECONDS`; the rows that its run left open are marked crashed. A process that holds
        the site for this very run gets a new token: an attempt started again shuts out the one before.

        Raises:
            LeaseHeldError: another run holds the site.
        """
        holder = holder or Holder.current()
        with self._database.write() as connection:
            row = locked_row(self._database, connection, subdomain)
            now = self._database.now(connection)
            if row["run_id"] is not None and not (row["run_id"] == run_id and _holder(row) == holder):
                why = verdict(row, now)
                if not why:
                    raise LeaseHeldError(
                        f"Site {subdomain!r} is held by run {row['run_id']} ({_place(row)}, "
                        f"last heard of at {row['heartbeat_at']:%Y-%m-%d %H:%M:%S} UTC)."
                    )
                if row["run_id"] != run_id:
                    bury(connection, row, now, why)
            values = {
                "run_id": run_id,
                "token": row["token"] + 1,
                "host": holder.host,
                "pid": holder.pid,
                "pid_started": holder.pid_started,
                "heartbeat_at": now,
            }
            connection.execute(update(site_leases).where(_ROW.subdomain == subdomain).values(**values))
        return Lease(subdomain=subdomain, **values)

    def heartbeat(self, lease: Lease) -> bool:
        """Say that the holder is alive; False when the lease is lost."""
        with self._database.write() as connection:
            now = self._database.now(connection)
            return connection.execute(_update(lease).values(heartbeat_at=now)).rowcount == 1

    def release(self, lease: Lease) -> bool:
        """Give the site back; False when the lease was lost before. The row stays, for its token."""
        with self._database.write() as connection:
            return connection.execute(_update(lease).values(**_FREE)).rowcount == 1

    def revoke(self, subdomain: str) -> None:
        """Take the site from whoever holds it: what that run still does can publish nothing."""
        with self._database.write() as connection:
            row = locked_row(self._database, connection, subdomain)
            values = {**_FREE, "token": row["token"] + 1}
            connection.execute(update(site_leases).where(_ROW.subdomain == subdomain).values(**values))

    def check(self, subdomain: str, token: int) -> None:
        """Return only if `token` is that of the lease in force.

        Raises:
            LeaseLostError: it is not.
        """
        query = select(site_leases).where(_ROW.subdomain == subdomain)
        with self._database.read() as connection:
            row = connection.execute(query).mappings().first()
        if row is None or row["run_id"] is None:
            raise LeaseLostError(f"Site {subdomain!r} is held by no run, so nothing may be published.")
        if row["token"] != token:
            raise LeaseLostError(
                f"Site {subdomain!r} has been taken over by run {row['run_id']} ({_place(row)})."
            )

    def list(self) -> list[Lease]:
        """Leases that are held, by subdomain."""
        with self._database.read() as connection:
            rows = connection.execute(select(site_leases).where(_ROW.run_id.is_not(None))).mappings().all()
        return sorted((Lease(**row) for row in rows), key=lambda lease: lease.subdomain)


def locked_row(database: Database, connection: Connection, subdomain: str) -> RowMapping:
    """The lease row of a site, made where missing, and no one else's until the transaction ends."""
    blank = database.insert(site_leases).values(subdomain=subdomain, token=0)
    connection.execute(blank.on_conflict_do_nothing(index_elements=["subdomain"]))
    query = select(site_leases).where(_ROW.subdomain == subdomain).with_for_update()
    return connection.execute(query).mappings().one()


def verdict(row: RowMapping, now: datetime) -> str:
    """Why the holder of a lease counts as dead, or "" while it counts as alive."""
    holder = _holder(row)
    if holder.local:
        # However long it has been silent: a laptop sleeps, and its processes go on where they were.
        return "" if holder.alive else f"process {holder.pid} on host {holder.host} died"
    if now - row["heartbeat_at"] > timedelta(seconds=LEASE_SECONDS):
        return f"process {holder.pid} on host {holder.host} was not heard of for {LEASE_SECONDS} s"
    return ""


def bury(connection: Connection, row: RowMapping, now: datetime, why: str) -> None:
    """Free a lease and mark crashed what its run left open, all in the caller's transaction."""
    mine = and_(_ROW.subdomain == row["subdomain"], _ROW.token == row["token"])
    connection.execute(update(site_leases).where(mine).values(**_FREE))
    close_run(connection, row["run_id"], State.CRASHED, now, error_class="ProcessDied", error_message=why)
    crash(connection, row["subdomain"], row["run_id"], now, why)


_FREE = {"run_id": None, "host": None, "pid": None, "pid_started": None, "heartbeat_at": None}


def _update(lease: Lease) -> Update:
    mine = and_(_ROW.subdomain == lease.subdomain, _ROW.token == lease.token, _ROW.run_id == lease.run_id)
    return update(site_leases).where(mine)


def _holder(row: RowMapping) -> Holder:
    return Holder(row["host"], row["pid"], row["pid_started"])


def _place(row: RowMapping) -> str:
    return f"process {row['pid']} on host {row['host']}"
