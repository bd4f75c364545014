"""The tables of the civic database. The migrations under `alembic/` make them; a test compares the two."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
)

# Newest migration. Kept here so that an open at head needs no Alembic; a test checks it against the scripts.
HEAD = "0002"

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in Python; `timestamptz` on Postgres, naive UTC text (which sorts by time) on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _text(name: str, *more: Any, **options: Any) -> Column[str]:
    return Column(name, String(), *more, nullable=False, **options)


def _number(name: str) -> Column[int]:
    return Column(name, Integer(), nullable=False)


def _time(name: str, *, nullable: bool = True) -> Column[datetime]:
    return Column(name, UtcDateTime(), nullable=nullable)


def _site(**options: Any) -> Column[str]:
    return _text("subdomain", ForeignKey("sites.subdomain", ondelete="CASCADE"), **options)


sites = Table(
    "sites",
    metadata,
    _text("subdomain", primary_key=True),
    _text("name"),
    _text("state"),
    _text("country"),
    _text("kind"),
    _text("scraper"),
    _number("start_year"),
    _number("pages"),
    Column("lat", Float()),
    Column("lng", Float()),
    Column("has_finance_data", Boolean(), nullable=False),
    Column("extra", JSON(), nullable=False),
)

job_tracking = Table(
    "job_tracking",
    metadata,
    _text("job_id", primary_key=True),
    _text("run_id", index=True),
    _text("prefect_run_id", index=True),
    _site(),
    _text("job_type"),
    _text("stage"),
    _text("state", index=True),
    _text("priority"),
    _number("attempt"),
    _number("items_total"),
    _number("items_done"),
    _number("items_failed"),
    _text("error_class"),
    _text("error_message"),
    _time("created_at", nullable=False),
    _time("started_at"),
    _time("finished_at"),
    # Parameters of a site run; other units have none.
    Column("request", JSON()),
    Index(None, "subdomain", "created_at"),
)

site_progress = Table(
    "site_progress",
    metadata,
    _site(primary_key=True),
    _text("run_id"),
    _text("state"),
    _text("stage"),
    _number("total"),
    _number("completed"),
    _number("failed"),
    _time("started_at", nullable=False),
    _time("updated_at", nullable=False),
    Column("stage_counts", JSON(), nullable=False),
    _text("error_stage"),
    _text("error_message"),
    _time("error_at"),
    _time("last_updated"),
    _time("last_deployed"),
    _time("last_extracted"),
)

page_failures = Table(
    "page_failures",
    metadata,
    Column("id", Integer(), primary_key=True),
    _site(index=True),
    _text("kind"),
    _text("meeting"),
    _text("date"),
    _text("path"),
    # No page: the whole document.
    Column("page", Integer()),
    _text("stage"),
    _text("reason"),
    _number("attempts"),
    _time("first_seen", nullable=False),
    _time("last_seen", nullable=False),
)

# No foreign key, and rows are never deleted: the token of a site goes up even when the site is removed and
# added again, so that no run of old can publish into the new one.
site_leases = Table(
    "site_leases",
    metadata,
    _text("subdomain", primary_key=True),
    Column("run_id", String()),
    Column("token", BigInteger(), nullable=False),
    Column("host", String()),
    Column("pid", Integer()),
    Column("pid_started", Float()),
    _time("heartbeat_at"),
)
