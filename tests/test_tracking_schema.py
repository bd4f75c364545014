"""The schema: migrations against tables, on SQLite and on Postgres, and what opening a database does."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from clerk import project_root
from clerk.errors import DatabaseError
from clerk.models import Site
from clerk.settings import load
from clerk.tracking import HEAD, migrate, open_tracking
from clerk.tracking.session import Database, make_engine, parse_url
from clerk.tracking.tables import metadata

TABLES = {"sites", "job_tracking", "site_progress", "page_failures", "site_leases"}


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without a schema."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'clerk.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Environment of a child process with a storage folder of the test's."""
    return {**os.environ, "STORAGE_DIR": str(tmp_path / "storage"), "DATABASE_URL": ""}


def tables(url: str) -> set[str]:
    engine = make_engine(parse_url(url))
    try:
        return set(inspect(engine).get_table_names()) - {"alembic_version"}
    finally:
        engine.dispose()


def test_migrations_make_the_tables_of_the_models(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    engine = make_engine(parse_url(empty_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        names = {
            table: [
                inspect(connection).get_pk_constraint(table)["name"],
                *sorted(str(key["name"]) for key in inspect(connection).get_foreign_keys(table)),
            ]
            for table in TABLES
        }
    engine.dispose()
    assert names["job_tracking"] == ["pk_job_tracking", "fk_job_tracking_subdomain"]
    assert names["site_leases"] == ["pk_site_leases"]


def test_a_drifted_table_is_noticed(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    engine = make_engine(parse_url(empty_url))
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE sites ADD COLUMN mayor VARCHAR"))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert [change[0] for change in compare_metadata(context, metadata)] == ["remove_column"]
    engine.dispose()


def test_up_down_and_up_again(empty_url: str) -> None:
    assert migrate.current(empty_url) is None
    migrate.upgrade(empty_url)
    assert (migrate.current(empty_url), tables(empty_url)) == (HEAD, TABLES)
    migrate.upgrade(empty_url)
    migrate.downgrade(empty_url, "base")
    assert (migrate.current(empty_url), tables(empty_url)) == (None, set())
    migrate.upgrade(empty_url)
    assert (migrate.current(empty_url), tables(empty_url)) == (HEAD, TABLES)


def test_every_revision_can_be_taken_back(empty_url: str) -> None:
    for revision, _ in migrate.history():
        migrate.upgrade(empty_url, revision)
        migrate.downgrade(empty_url, "-1")
        migrate.upgrade(empty_url, revision)
    assert tables(empty_url) == TABLES


def test_a_migration_that_fails_leaves_nothing(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    migrate.downgrade(empty_url, "base")
    engine = make_engine(parse_url(empty_url))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE page_failures (x INTEGER)"))
    engine.dispose()
    with pytest.raises(DatabaseError, match="page_failures"):
        migrate.upgrade(empty_url)
    assert tables(empty_url) == {"page_failures"}


def test_head_is_the_newest_script_and_revisions_sort_as_text() -> None:
    revisions = [revision for revision, _ in migrate.history()]
    assert migrate.head() == HEAD == revisions[-1]
    # An older clerk tells a newer schema by this order.
    assert revisions == sorted(revisions)
    assert all(doc for _, doc in migrate.history())


def test_unknown_revision_is_one_line(empty_url: str) -> None:
    with pytest.raises(DatabaseError, match="nonsense") as caught:
        migrate.upgrade(empty_url, "nonsense")
    assert "\n" not in str(caught.value)


def test_embedded_database_is_made_at_the_first_open(tmp_path: Path) -> None:
    settings = load(storage_dir=tmp_path / "deep" / "storage")
    tracking = open_tracking(settings)
    tracking.sites.add(Site("a.example"))
    with tracking.database.read() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
        assert connection.execute(text("PRAGMA busy_timeout")).scalar() == 30_000
    tracking.close()
    assert [site.subdomain for site in open_tracking(settings).sites.list()] == ["a.example"]


OPEN_AT_ONCE = """
import sys, time
from pathlib import Path
from clerk.settings import load
from clerk.tracking import migrate, open_tracking
ready, go = Path(sys.argv[1]), Path(sys.argv[2])
ready.touch()
deadline = time.monotonic() + 30
while not go.exists():
    assert time.monotonic() < deadline
    time.sleep(0.001)
tracking = open_tracking(load())
print(tracking.database.revision(), len(tracking.sites.list()))
"""


def test_processes_that_open_a_fresh_database_at_once_all_succeed(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    go = tmp_path / "go"
    flags = [tmp_path / f"ready{number}" for number in range(3)]
    children = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN_AT_ONCE, str(flag), str(go)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for flag in flags
    ]
    deadline = time.monotonic() + 30
    while not all(flag.exists() for flag in flags):
        assert time.monotonic() < deadline
        assert not any(child.poll() for child in children)
        time.sleep(0.005)
    go.touch()
    answers = [child.communicate(timeout=60) for child in children]
    assert [(child.returncode, out.strip()) for child, (out, _) in zip(children, answers, strict=True)] == [
        (0, f"{HEAD} 0")
    ] * 3, answers


def test_an_open_at_head_imports_no_alembic(tmp_path: Path, environment: dict[str, str]) -> None:
    open_tracking(load(storage_dir=environment["STORAGE_DIR"])).close()
    code = (
        "import sys; from clerk.settings import load; from clerk.tracking import open_tracking; "
        "open_tracking(load()).sites.list(); sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], env=environment, timeout=60).returncode == 0


def test_plain_alembic_migrates_the_database_of_the_settings(environment: dict[str, str]) -> None:
    ini = project_root.root() / "alembic.ini"
    done = subprocess.run(
        [sys.executable, "-m", "alembic", "-c", str(ini), "upgrade", "head"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert migrate.current(f"sqlite:///{environment['STORAGE_DIR']}/clerk.db") == HEAD


def test_a_database_of_the_operator_is_not_migrated_by_an_open(empty_url: str, tmp_path: Path) -> None:
    settings = load(database_url=empty_url, storage_dir=tmp_path)
    with pytest.raises(DatabaseError, match=rf"needs {HEAD}\. Run `clerk db upgrade`\.$"):
        open_tracking(settings)
    assert migrate.current(empty_url) is None
    assert not (tmp_path / "new" / "clerk.db").exists()
    migrate.upgrade(empty_url)
    open_tracking(settings).close()


@pytest.mark.parametrize("embedded", [True, False])
def test_a_schema_of_a_newer_clerk_is_refused(tmp_path: Path, embedded: bool) -> None:
    url = f"sqlite:///{tmp_path / 'clerk.db'}"
    migrate.upgrade(url)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    settings = load(storage_dir=tmp_path, database_url="" if embedded else url)
    with pytest.raises(DatabaseError, match=rf"is at 9999, this clerk needs {HEAD}\. Install a newer clerk"):
        open_tracking(settings)


def test_an_unreachable_server_is_one_line_without_the_password(tmp_path: Path) -> None:
    url = "postgresql://clerk:s3cret-word@127.0.0.1:9/civic?application_name=s3cret-word"
    for call in (lambda: open_tracking(load(database_url=url)), lambda: migrate.upgrade(url)):
        with pytest.raises(DatabaseError) as caught:
            call()
        assert "127.0.0.1" in str(caught.value)
        assert "s3cret" not in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["postgresql://u:p@host:port/x", "sqlite://", "sqlite:///:memory:", "mysql://h/x"]
)
def test_a_url_that_cannot_work_is_refused(url: str) -> None:
    with pytest.raises(DatabaseError, match="DATABASE_URL"):
        Database(url)


def test_a_file_that_is_no_database_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "clerk.db").write_bytes(b"meeting minutes, surely" * 100)
    with pytest.raises(DatabaseError, match=r"clerk\.db: file is not a database"):
        open_tracking(load(storage_dir=tmp_path))


def test_a_storage_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DatabaseError, match="Cannot make the folder"):
        open_tracking(load(storage_dir=tmp_path / "file" / "storage"))
