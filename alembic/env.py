"""Runs the migrations of the civic database, all of them in one transaction.

`clerk.tracking.migrate` hands its engine over in `config.attributes`; on Alembic's own command line the
database is the one that the settings name.
"""

from __future__ import annotations

from alembic import context
from sqlalchemy import Engine, text

from clerk.settings import load
from clerk.tracking.migrate import prepare
from clerk.tracking.session import make_engine, parse_url
from clerk.tracking.tables import metadata

# Any number will do, as long as everyone who migrates this database takes the same.
ADVISORY_LOCK = 7_305_210_461


def offline() -> None:
    """Print the SQL instead of running it."""
    context.configure(
        url=parse_url(load().civic_url), target_metadata=metadata, literal_binds=True, render_as_batch=True
    )
    with context.begin_transaction():
        context.run_migrations()


def own_engine() -> Engine:
    """An engine on the database of the settings."""
    url = parse_url(load().civic_url)
    prepare(url)
    return make_engine(url, foreign_keys=False)


def online() -> None:
    """Migrate through the engine of the caller, or through one of our own."""
    given = context.config.attributes.get("engine")
    engine = given or own_engine()
    with engine.connect() as connection:
        # SQLite can roll its schema back as well: a migration that is killed leaves nothing half done.
        context.configure(
            connection=connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=True
        )
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
            context.run_migrations()
    if given is None:
        engine.dispose()


if context.is_offline_mode():
    offline()
else:
    online()
