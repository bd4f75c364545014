"""Sites, jobs, progress, failures and leases.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _text(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _numbers(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _times(*names: str, nullable: bool = True) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.DateTime(timezone=True), nullable=nullable) for name in names]


def _of_site(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["subdomain"], ["sites.subdomain"], name=f"fk_{table}_subdomain", ondelete="CASCADE"
    )


def upgrade() -> None:
    op.create_table(
        "sites",
        *_text("subdomain", "name", "state", "country", "kind", "scraper"),
        *_numbers("start_year", "pages"),
        sa.Column("lat", sa.Float()),
        sa.Column("lng", sa.Float()),
        sa.Column("has_finance_data", sa.Boolean(), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("subdomain", name="pk_sites"),
    )
    op.create_table(
        "job_tracking",
        *_text("job_id", "run_id", "prefect_run_id", "subdomain", "job_type", "stage", "state", "priority"),
        *_numbers("attempt", "items_total", "items_done", "items_failed"),
        *_text("error_class", "error_message"),
        *_times("created_at", nullable=False),
        *_times("started_at", "finished_at"),
        sa.PrimaryKeyConstraint("job_id", name="pk_job_tracking"),
        _of_site("job_tracking"),
    )
    op.create_index("ix_job_tracking_run_id", "job_tracking", ["run_id"])
    op.create_index("ix_job_tracking_state", "job_tracking", ["state"])
    op.create_index("ix_job_tracking_subdomain_created_at", "job_tracking", ["subdomain", "created_at"])
    op.create_table(
        "site_progress",
        *_text("subdomain", "run_id", "state", "stage"),
        *_numbers("total", "completed", "failed"),
        *_times("started_at", "updated_at", nullable=False),
        sa.Column("stage_counts", sa.JSON(), nullable=False),
        *_text("error_stage", "error_message"),
        *_times("error_at", "last_updated", "last_deployed", "last_extracted"),
        sa.PrimaryKeyConstraint("subdomain", name="pk_site_progress"),
        _of_site("site_progress"),
    )
    op.create_table(
        "page_failures",
        sa.Column("id", sa.Integer(), nullable=False),
        *_text("subdomain", "kind", "meeting", "date", "path"),
        sa.Column("page", sa.Integer()),
        *_text("stage", "reason"),
        *_numbers("attempts"),
        *_times("first_seen", "last_seen", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_page_failures"),
        _of_site("page_failures"),
    )
    op.create_index("ix_page_failures_subdomain", "page_failures", ["subdomain"])
    op.create_table(
        "site_leases",
        *_text("subdomain"),
        sa.Column("run_id", sa.String()),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("host", sa.String()),
        sa.Column("pid", sa.Integer()),
        sa.Column("pid_started", sa.Float()),
        *_times("heartbeat_at"),
        sa.PrimaryKeyConstraint("subdomain", name="pk_site_leases"),
    )


def downgrade() -> None:
    for table in ("site_leases", "page_failures", "site_progress", "job_tracking", "sites"):
        op.drop_table(table)
