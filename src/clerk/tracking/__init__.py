"""The civic database: sites, jobs, progress, failures and leases. No other package knows its tables.

    tracking = open_tracking(settings)
    tracking.jobs.transition(job_id, State.RUNNING, expect={State.PENDING})

Opens are cheap and connections are shared between threads; every process opens its own.
"""

from __future__ import annotations

import importlib
from datetime import datetime

from clerk.errors import DatabaseError
from clerk.settings import Settings
from clerk.tracking.failures import Failures
from clerk.tracking.holder import Holder
from clerk.tracking.jobs import Jobs
from clerk.tracking.leases import LEASE_SECONDS, Leases
from clerk.tracking.overview import JobCounts, Overview
from clerk.tracking.patience import insist, patient
from clerk.tracking.progress import ProgressRows
from clerk.tracking.reap import reap
from clerk.tracking.session import Database, name_of, sqlite_file
from clerk.tracking.sites import Sites
from clerk.tracking.tables import HEAD
from clerk.tracking.values import Job, Lease, NewJob, Progress, SeenFailure, StageCounts

__all__ = [
    "HEAD",
    "LEASE_SECONDS",
    "Holder",
    "Job",
    "JobCounts",
    "Lease",
    "NewJob",
    "Progress",
    "SeenFailure",
    "StageCounts",
    "Tracking",
    "open_tracking",
    "reap",
]


class Tracking:
    """The civic database by its parts. Raises DatabaseError from any call when the server is gone."""

    def __init__(self, database: Database, patience: float = 0.0) -> None:
        self.database = database
        self.sites = patient(Sites(database), patience)
        self.jobs = patient(Jobs(database), patience)
        self.progress = patient(ProgressRows(database), patience)
        self.failures = patient(Failures(database), patience)
        self.leases = patient(Leases(database), patience)
        self.overview = patient(Overview(database), patience)

    def reap(self, now: datetime | None = None, *, expired: bool = False) -> list[str]:
        """Mark crashed the runs of this host whose process is dead; see `clerk.tracking.reap`. Their ids."""
        return reap(self.database, now, expired=expired)

    def forget(self, subdomain: str) -> int:
        """Clear jobs, progress and failures of a site; number of rows. The site itself stays registered."""
        return self.jobs.clear(subdomain) + self.progress.clear(subdomain) + self.failures.clear(subdomain)

    def close(self) -> None:
        """Close the idle connections."""
        self.database.close()


def open_tracking(settings: Settings, *, patience: float = 0.0) -> Tracking:
    """Open the civic database of the settings; `patience` is how many seconds calls wait for one that is away.

    The embedded SQLite file is made and migrated where needed; a database of the operator's is not.

    Raises:
        DatabaseError: it cannot be reached, or its schema is not the one this version needs.
    """
    database = Database(settings.civic_url)
    revision = insist(lambda: _revision(database), patience)
    if revision != HEAD and settings.embedded_database and not _newer(revision):
        # Alembic takes longer to import than a whole open at head, hence by name and only here.
        importlib.import_module("clerk.tracking.migrate").upgrade(settings.civic_url)
        revision = database.revision()
    if revision != HEAD:
        advice = "Install a newer clerk." if _newer(revision) else "Run `clerk db upgrade`."
        raise DatabaseError(
            f"{name_of(database.url)}: schema is at {revision or 'nothing'}, this clerk needs {HEAD}.",
            advice=advice,
        )
    return Tracking(database, patience)


def _revision(database: Database) -> str | None:
    path = sqlite_file(database.url)
    # Looking into a SQLite file that is not there would make an empty one.
    return None if path is not None and not path.exists() else database.revision()


def _newer(revision: str | None) -> bool:
    return revision is not None and revision > HEAD
