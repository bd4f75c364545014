"""Deploying: the built-in folder of versions, plug-in targets, and the list of sites for front ends."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pluggy
import pytest

from clerk.compile import PageRow, compile_database
from clerk.deploy import announce, deploy_site, export_sites, hook_site, is_published, publish, site_row
from clerk.errors import PluginError, StorageError
from clerk.hookspecs import PROJECT, ClerkSpec, hookimpl
from clerk.models import Kind, Level, RunRef, Site, Stage, State
from clerk.storage import SiteStore

DAY = "2025-03-04"
AT = datetime(2025, 3, 4, 9, 5, 7, 123456, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> SiteStore:
    return SiteStore(tmp_path, "town.ca")


def build(store: SiteStore, text: str, token: int = 1, level: Level = Level.FULL) -> None:
    rows = [PageRow(Kind.MINUTES, "CityCouncil", DAY, DAY, 1, text)]
    compile_database(
        store, rows, level=level, run=RunRef(f"r{token}", token), fingerprint=text, guard=lambda: None
    )


def current_text(store: SiteStore) -> str:
    with closing(sqlite3.connect(store.deployed / "current" / "meetings.db")) as connection:
        return str(connection.execute("SELECT text FROM minutes").fetchone()[0])


def versions(store: SiteStore) -> list[str]:
    return sorted(path.name for path in store.deployed.iterdir() if path.name != "current")


def test_a_version_is_published_and_the_link_switched(store: SiteStore) -> None:
    build(store, "first")
    assert not is_published(store)
    first = publish(store)
    assert first.new
    assert is_published(store)
    assert first.path.samefile(store.database), "a hard link, not a copy"
    assert (store.deployed / "current").is_symlink()
    build(store, "second", 2)
    assert not is_published(store)
    assert current_text(store) == "first", "published is what was deployed, not what was compiled since"
    assert publish(store).new
    assert current_text(store) == "second"
    assert len(versions(store)) == 2


def test_the_same_content_is_published_once(store: SiteStore) -> None:
    build(store, "same", 1)
    version = publish(store).version
    build(store, "same", 2)
    again = publish(store)
    assert (again.version, again.new) == (version, False)
    build(store, "same", 3, Level.FAST)
    assert publish(store).new, "without its entities it is another content"


def test_three_versions_are_kept_and_leftovers_go(store: SiteStore) -> None:
    names = []
    for token in range(1, 7):
        build(store, f"text {token}", token)
        names.append(publish(store).version)
    assert versions(store) == names[-3:]
    (store.deployed / ".20250101T000000000000Z-000000000000.tmp").mkdir()
    (store.deployed / "notes-of-the-operator").mkdir()
    build(store, "text 7", 7)
    publish(store)
    assert (store.deployed / "notes-of-the-operator").is_dir()
    assert not list(store.deployed.glob(".*"))
    assert current_text(store) == "text 7"


def test_going_back_to_an_earlier_content_publishes_it_again(store: SiteStore) -> None:
    for token, text in enumerate(["a", "b", "a"], 1):
        build(store, text, token)
        assert publish(store).new
    assert current_text(store) == "a"


def test_two_deploys_at_once_make_one_version(store: SiteStore) -> None:
    build(store, "once")
    found: list[bool] = []
    threads = [threading.Thread(target=lambda: found.append(publish(store).new)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(found) == [False, False, False, True]
    assert len(versions(store)) == 1


def test_nothing_to_deploy(store: SiteStore) -> None:
    with pytest.raises(StorageError, match=r"town\.ca has no database"):
        publish(store)


@dataclass
class Target:
    calls: list[Any] = field(default_factory=list)
    broken: bool = False

    @hookimpl
    def deploy_municipality(self, subdomain: str) -> None:
        self.calls.append(subdomain)
        if self.broken:
            raise SystemExit("bucket not found")

    @hookimpl
    def post_deploy(self, site: dict[str, Any]) -> None:
        self.calls.append(site)


def plugins(*targets: Target) -> pluggy.PluginManager:
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(ClerkSpec)
    for number, target in enumerate(targets):
        manager.register(target, name=f"target-{number}")
    return manager


def test_plug_in_targets_come_after_the_folder(store: SiteStore) -> None:
    build(store, "text")
    target = Target()
    published = deploy_site(store, plugins(target))
    announce(plugins(target), site_row(Site("town.ca"), None))
    assert target.calls[0] == "town.ca"
    assert target.calls[1]["subdomain"] == "town.ca"
    assert published.new
    with pytest.raises(PluginError, match="bucket not found"):
        deploy_site(store, plugins(Target(broken=True)))
    assert current_text(store) == "text"


@dataclass
class Counted:
    total: int
    completed: int
    failed: int


@dataclass
class Progressed:
    state: State = State.RUNNING
    stage: Stage | None = Stage.OCR
    stage_counts: dict[Stage, Counted] = field(default_factory=dict)
    started_at: datetime | None = AT
    updated_at: datetime | None = AT
    error_stage: str = ""
    error_message: str = ""
    error_at: datetime | None = None
    last_updated: datetime | None = AT
    last_deployed: datetime | None = None
    last_extracted: datetime | None = None


# Every column that the front end's model selects.
CONTRACT = """subdomain name state kind scraper pages start_year extra country lat lng has_finance_data current_stage
started_at updated_at fetch_total fetch_completed fetch_failed ocr_total ocr_completed ocr_failed compilation_total
compilation_completed compilation_failed extraction_total extraction_completed extraction_failed deploy_total
deploy_completed deploy_failed coordinator_enqueued last_error_stage last_error_message last_error_at status
extraction_status last_updated last_deployed last_extracted"""


def test_sites_db_has_every_column_of_the_contract(tmp_path: Path) -> None:
    site = Site(
        "town.ca", "Town", "CA", kind="city", scraper="web", pages=7, lat=37.5, lng=-122.25, extra={"a": "é"}
    )
    progress = Progressed(
        State.COMPLETED, Stage.DEPLOY, {Stage.OCR: Counted(9, 8, 1), Stage.DEPLOY: Counted(1, 1, 0)}
    )
    path = tmp_path / "sites.db"
    assert export_sites([(site, progress), (Site("new.ca"), None)], path) == 2
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        rows = {row["subdomain"]: dict(row) for row in connection.execute("SELECT * FROM sites")}
        key = [row["name"] for row in connection.execute("PRAGMA table_info(sites)") if row["pk"]]
    assert key == ["subdomain"]
    assert set(rows["town.ca"]) == set(CONTRACT.split())
    town, new = rows["town.ca"], rows["new.ca"]
    assert (town["current_stage"], town["status"]) == ("completed", "deployed")
    assert town["last_updated"] == "2025-03-04T09:05:07"
    assert (town["lat"], town["lng"], town["extra"]) == ("37.5", "-122.25", '{"a": "é"}')
    assert (town["ocr_total"], town["ocr_completed"], town["ocr_failed"], town["deploy_completed"]) == (
        9,
        8,
        1,
        1,
    )
    assert new["name"] == "new.ca"
    assert new["lat"] is None
    counted = [name for name in new if name.endswith(("_total", "_completed", "_failed"))]
    assert len(counted) == 15
    assert all(new[name] == 0 for name in [*counted, "coordinator_enqueued", "has_finance_data"])
    assert new["extraction_status"] == "pending"
    assert [each.name for each in tmp_path.iterdir()] == ["sites.db"]


@pytest.mark.parametrize(
    ("state", "stage", "shown"),
    [
        (State.RUNNING, Stage.OCR, ("ocr", "needs_extraction")),
        (State.RUNNING, Stage.DEPLOY, ("completed", "deployed")),
        (State.INCOMPLETE, Stage.DEPLOY, ("completed", "deployed")),
        (State.FAILED, Stage.FETCH, ("fetch", "error")),
        (State.CRASHED, None, ("", "error")),
    ],
)
def test_where_a_site_is(state: State, stage: Stage | None, shown: tuple[str, str]) -> None:
    row = site_row(Site("town.ca"), Progressed(state, stage))
    assert (row["current_stage"], row["status"]) == shown


def test_the_hook_gets_times_as_datetimes() -> None:
    row = hook_site(Site("town.ca"), Progressed())
    assert row["started_at"] == AT
    assert row["last_updated"] == "2025-03-04T09:05:07"
    assert set(row) == set(CONTRACT.split())


def test_the_export_replaces_whole_and_a_reader_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "sites.db"
    export_sites([(Site("one.ca"), None)], path)
    with closing(sqlite3.connect(path)) as reader:
        assert reader.execute("SELECT count(*) FROM sites").fetchone() == (1,)
        export_sites([(Site("one.ca"), None), (Site("two.ca"), None)], path)
        assert reader.execute("SELECT count(*) FROM sites").fetchone() == (1,)
    with closing(sqlite3.connect(path)) as reader:
        assert reader.execute("SELECT count(*) FROM sites").fetchone() == (2,)
