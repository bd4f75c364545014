"""What a site run was asked to do, so that a run that was never sent, or died, can be started again.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job_tracking", sa.Column("request", sa.JSON()))
    op.create_index("ix_job_tracking_prefect_run_id", "job_tracking", ["prefect_run_id"])


def downgrade() -> None:
    op.drop_index("ix_job_tracking_prefect_run_id", "job_tracking")
    with op.batch_alter_table("job_tracking") as table:
        table.drop_column("request")
