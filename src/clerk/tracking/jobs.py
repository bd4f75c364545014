"""Units of work and their states: every change of state is compare-and-set."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, bindparam, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from clerk.errors import UnknownSiteError
from clerk.models import JobType, Priority, Stage, State
from clerk.tracking.session import Database
from clerk.tracking.tables import job_tracking, sites
from clerk.tracking.values import Job, NewJob

OPEN = tuple(state for state in State if not state.terminal)
_WELL = (State.COMPLETED, State.INCOMPLETE, State.NO_DOCUMENTS)
_BAD = (State.FAILED, State.CRASHED)
_JOB = job_tracking.c
# SQLite takes a limited number of values.
_CHUNK = 500


class Jobs:
    """Rows of `job_tracking`, as `Job` values."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, jobs: Sequence[NewJob]) -> None:
        """Record units of work as pending, all of them or none; those already recorded stay as they are.

        Raises:
            UnknownSiteError: a job is for a site that is not registered.
        """
        if not jobs:
            return
        query = self._database.insert(job_tracking).on_conflict_do_nothing(index_elements=["job_id"])
        try:
            with self._database.write() as connection:
                now = self._database.now(connection)
                connection.execute(query, [_new_row(job, now) for job in jobs])
        except IntegrityError as error:
            names = ", ".join(sorted({job.subdomain for job in jobs}))
            raise UnknownSiteError(f"Jobs for a site that is not registered: {names}.") from error

    def transition(
        self,
        job_id: str,
        to: State,
        *,
        expect: Collection[State],
        error_class: str = "",
        error_message: str = "",
        prefect_run_id: str | None = None,
    ) -> bool:
        """Move a job to `to` if its state is one of `expect`; False when it was in another, or is unknown.

        Sets `started_at` at running and `finished_at` at a terminal state; the error is replaced, so a job
        that is well again shows none.
        """
        with self._database.write() as connection:
            values = _times(to, self._database.now(connection))
            values |= {"state": to.value, "error_class": error_class, "error_message": error_message}
            if prefect_run_id is not None:
                values["prefect_run_id"] = prefect_run_id
            query = update(job_tracking).where(_JOB.job_id == job_id, _JOB.state.in_(_values(expect)))
            return connection.execute(query.values(**values)).rowcount == 1

    def set_items(self, job_id: str, *, total: int, done: int, failed: int) -> bool:
        """Set the numbers of a job, as counted from its items; False for an unknown job."""
        query = update(job_tracking).where(_JOB.job_id == job_id)
        with self._database.write() as connection:
            changed = connection.execute(
                query.values(items_total=total, items_done=done, items_failed=failed)
            ).rowcount
        return changed == 1

    def close_run(self, run_id: str, to: State, error_class: str = "", error_message: str = "") -> int:
        """End every open row of a site run, its children too; number of rows that were open."""
        with self._database.write() as connection:
            now = self._database.now(connection)
            return close_run(
                connection, run_id, to, now, error_class=error_class, error_message=error_message
            )

    def get(self, job_id: str) -> Job | None:
        """The job, or None."""
        found = self._select(select(job_tracking).where(_JOB.job_id == job_id))
        return found[0] if found else None

    def find(self, job_ids: Sequence[str]) -> dict[str, Job]:
        """Those of the jobs that are there, by id, a few hundred a query."""
        found: dict[str, Job] = {}
        for start in range(0, len(job_ids), _CHUNK):
            wanted = _JOB.job_id.in_(job_ids[start : start + _CHUNK])
            found |= {job.job_id: job for job in self._select(select(job_tracking).where(wanted))}
        return found

    def for_run(self, run_id: str) -> list[Job]:
        """Jobs of a site run, oldest first, its own row among them."""
        return self._select(_oldest_first().where(_JOB.run_id == run_id))

    def open_jobs(self, subdomain: str | None = None) -> list[Job]:
        """Jobs that wait or run, of one site or of all, oldest first."""
        query = _oldest_first().where(_JOB.state.in_(_values(OPEN)))
        return self._select(query if subdomain is None else query.where(_JOB.subdomain == subdomain))

    def runs(self, subdomain: str | None = None, limit: int = 20) -> list[Job]:
        """Rows of site runs, newest first."""
        query = select(job_tracking).where(_JOB.job_type == JobType.SITE_RUN.value)
        if subdomain is not None:
            query = query.where(_JOB.subdomain == subdomain)
        return self._select(query.order_by(_JOB.created_at.desc(), _JOB.job_id.desc()).limit(limit))

    def open_runs(self) -> list[Job]:
        """Rows of site runs that wait or run, oldest first."""
        site_runs = _JOB.job_type == JobType.SITE_RUN.value
        return self._select(_oldest_first().where(site_runs, _JOB.state.in_(_values(OPEN))))

    def last_starts(self) -> dict[str, datetime]:
        """When the newest run of each site began, or was queued where it has not begun; by subdomain, one query."""
        # A look into the index for each site, which ends at the newest row: those before it are never read.
        newest = _newest_of_site(lambda row: func.coalesce(row.started_at, row.created_at))
        with self._database.read() as connection:
            rows = connection.execute(select(sites.c.subdomain, newest))
            return {subdomain: at for subdomain, at in rows if at is not None}

    def failed_in_a_row(self) -> dict[str, int]:
        """How many of each site's latest runs failed or crashed since one ended well; sites without are left out."""
        well = _newest_of_site(lambda row: row.created_at, _WELL)
        count = (
            select(func.count())
            .select_from(job_tracking)
            .where(
                _JOB.subdomain == sites.c.subdomain,
                _JOB.job_type == JobType.SITE_RUN.value,
                _JOB.state.in_(_values(_BAD)),
                or_(well.is_(None), _JOB.created_at > well),
            )
        )
        query = select(sites.c.subdomain, count.correlate(sites).scalar_subquery())
        with self._database.read() as connection:
            return {subdomain: number for subdomain, number in connection.execute(query) if number}

    def crashed_last(self) -> list[Job]:
        """Rows of site runs that crashed and are the newest of their site, oldest first."""
        site_run = _JOB.job_type == JobType.SITE_RUN.value
        newest = select(_JOB.subdomain, func.max(_JOB.created_at).label("at")).where(site_run)
        newest_of = newest.group_by(_JOB.subdomain).subquery()
        mine = and_(_JOB.subdomain == newest_of.c.subdomain, _JOB.created_at == newest_of.c.at)
        query = _oldest_first().join(newest_of, mine)
        return self._select(query.where(site_run, _JOB.state == State.CRASHED.value))

    def sent(self, flow_runs: Mapping[str, str]) -> None:
        """Note the Prefect flow runs, by job, that carry jobs out."""
        if not flow_runs:
            return
        query = update(job_tracking).where(_JOB.job_id == bindparam("job"))
        rows = [{"job": job, "flow_run": flow_run} for job, flow_run in flow_runs.items()]
        with self._database.write() as connection:
            connection.execute(query.values(prefect_run_id=bindparam("flow_run")), rows)

    def clear(self, subdomain: str) -> int:
        """Forget every job of a site; their number."""
        query = delete(job_tracking).where(_JOB.subdomain == subdomain)
        with self._database.write() as connection:
            return connection.execute(query).rowcount

    def _select(self, query: Select[Any]) -> list[Job]:
        with self._database.read() as connection:
            return [_job(row) for row in connection.execute(query).mappings()]


def _newest_of_site(what: Callable[[Any], Any], states: Collection[State] = tuple(State)) -> Any:
    """`what` (of columns of `job_tracking`) of the newest site run in `states`, for the site in whose row it stands."""
    row = job_tracking.alias().c
    mine = and_(row.subdomain == sites.c.subdomain, row.job_type == JobType.SITE_RUN.value)
    query = select(what(row)).where(mine, row.state.in_(_values(states)))
    return query.order_by(row.created_at.desc()).limit(1).correlate(sites).scalar_subquery()


def close_run(
    connection: Connection, run_id: str, to: State, now: datetime, *, error_class: str, error_message: str
) -> int:
    """`Jobs.close_run` inside a transaction of the caller."""
    if not to.terminal:
        raise ValueError(f"a run cannot be closed as {to.value}")
    query = update(job_tracking).where(_JOB.run_id == run_id, _JOB.state.in_(_values(OPEN)))
    values = {"state": to.value, "error_class": error_class, "error_message": error_message}
    return connection.execute(query.values(**values, finished_at=now)).rowcount


def _times(to: State, now: datetime) -> dict[str, Any]:
    if to is State.RUNNING:
        return {"started_at": now, "finished_at": None}
    if to.terminal:
        return {"finished_at": now}
    return {"started_at": None, "finished_at": None}


def _values(states: Iterable[State]) -> list[str]:
    return [state.value for state in states]


def _oldest_first() -> Select[Any]:
    return select(job_tracking).order_by(_JOB.created_at, _JOB.job_id)


def _new_row(job: NewJob, now: datetime) -> dict[str, Any]:
    return {
        "job_id": job.job_id,
        "run_id": job.run_id,
        "prefect_run_id": job.prefect_run_id,
        "subdomain": job.subdomain,
        "job_type": job.job_type.value,
        "stage": job.stage.value if job.stage else "",
        "state": State.PENDING.value,
        "priority": job.priority.value,
        "attempt": job.attempt,
        "items_total": job.items_total,
        "items_done": 0,
        "items_failed": 0,
        "error_class": "",
        "error_message": "",
        "created_at": now,
        "request": job.request,
    }


def _job(row: RowMapping) -> Job:
    kept = dict(row)
    kept["job_type"] = JobType(row["job_type"])
    kept["stage"] = Stage(row["stage"]) if row["stage"] else None
    kept["state"] = State(row["state"])
    kept["priority"] = Priority(row["priority"])
    return Job(**kept)
