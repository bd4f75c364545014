"""How commands find a stack that runs, its ports, and the plan of what is started."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from clerk.errors import UsageError
from clerk.models import Site
from clerk.settings import load
from clerk.stack import plan as planning
from clerk.stack import ports, postgres, register, running
from clerk.stack.layout import Layout, StackError, default_folder
from clerk.stack.parts import START_ORDER, STOP_ORDER, Part, chosen
from clerk.stack.plan import Options
from clerk.tracking import migrate, open_tracking

ADDRESSES = {
    "PREFECT_API_URL": "http://127.0.0.1:4200/api",
    "DATABASE_URL": "postgresql://clerk:secret@127.0.0.1:5555/clerk",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "DASK_SCHEDULER_ADDRESS": "tcp://127.0.0.1:8786",
}


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout(default_folder(tmp_path / "storage"))
    made.make()
    return made


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A port that somebody listens on, who never answers."""
    monkeypatch.setattr(ports, "ANSWER_SECONDS", 0.2)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def old_server() -> Iterator[int]:
    """The port of a server that says it is a Prefect server of another version."""

    class Old(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'"3.1.4"' if self.path == "/api/admin/version" else b"true")

        def log_message(self, *_: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Old) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize(
    ("values", "parts"),
    [
        ((), set(Part)),
        (("fetch,ocr",), {Part.FETCH, Part.OCR}),
        (("fetch", " OCR , sweeper,"), {Part.FETCH, Part.OCR, Part.SWEEPER}),
    ],
)
def test_parts_are_named_with_commas_or_repeated(values: tuple[str, ...], parts: set[Part]) -> None:
    assert chosen(values) == parts


def test_an_unknown_part_names_those_that_exist() -> None:
    with pytest.raises(UsageError, match=r"'worker'.*postgres, redis, scheduler"):
        chosen(("fetch,worker",))


def test_every_part_is_started_and_stopped_once() -> None:
    for order in (START_ORDER, STOP_ORDER):
        assert sorted(part for group in order for part in group) == sorted(Part)


def test_a_running_stack_is_found_by_the_settings(layout: Layout) -> None:
    storage = layout.folder.parent
    with running.held(layout):
        assert load(storage_dir=storage).prefect_api_url == ""
        running.write_addresses(layout, ADDRESSES)
        found = load(storage_dir=storage)
        assert {name: getattr(found, name.lower()) for name in ADDRESSES} == ADDRESSES
    # Its lines are still there, as after a kill, and mean nothing.
    assert layout.env.exists()
    assert load(storage_dir=storage).database_url == ""


def test_what_is_set_wins_and_halves_of_two_fleets_are_not_mixed(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = layout.folder.parent
    with running.held(layout):
        running.write_addresses(layout, ADDRESSES)
        monkeypatch.setenv("DATABASE_URL", ADDRESSES["DATABASE_URL"])
        assert load(storage_dir=storage).redis_url == ADDRESSES["REDIS_URL"]
        monkeypatch.setenv("DATABASE_URL", "postgresql://other@db/clerk")
        found = load(storage_dir=storage)
        assert (found.database_url, found.redis_url) == ("postgresql://other@db/clerk", "")


def test_the_stack_of_another_machine_on_a_shared_folder_is_not_ours(layout: Layout) -> None:
    with running.held(layout):
        running.write_addresses(layout, ADDRESSES)
        layout.lock.write_text(json.dumps({"pid": 1, "host": "elsewhere"}))
        assert running.addresses(layout.folder.parent) == {}


def test_lines_of_the_env_file_come_back_as_they_were(layout: Layout) -> None:
    odd = ADDRESSES | {"DATABASE_URL": "postgresql://u:p%23 #x$HOME@h/d", "REDIS_URL": ""}
    with running.held(layout):
        running.write_addresses(layout, odd)
        found = running.addresses(layout.folder.parent)
    assert found == {name: value for name, value in odd.items() if value}
    assert layout.env.stat().st_mode & 0o777 == 0o600


def test_a_second_stack_on_the_folder_is_refused_and_the_first_is_named(layout: Layout) -> None:
    with (
        running.held(layout),
        pytest.raises(StackError, match=rf"already \(process {os.getpid()} "),
        running.held(layout),
    ):
        pass
    with running.held(layout):
        pass


def test_a_stopped_stack_is_told_apart_from_none(layout: Layout) -> None:
    storage = layout.folder.parent
    assert running.stopped_note(storage) == ""
    layout.postgres.mkdir()
    (layout.postgres / "PG_VERSION").write_text("18\n")
    assert "clerk up" in running.stopped_note(storage)
    with running.held(layout):
        running.write_addresses(layout, ADDRESSES)
        assert running.stopped_note(storage) == ""


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "storage").write_text("a file")
    with pytest.raises(StackError, match=r"Cannot make .*storage/\.stack"):
        Layout(default_folder(tmp_path / "storage")).make()


@pytest.mark.parametrize("depth", [1, 12])
def test_the_socket_of_the_manager_is_short_enough_to_be_bound(tmp_path: Path, depth: int) -> None:
    layout = Layout(tmp_path.joinpath(*["a-long-name"] * depth))
    layout.make()
    # The manager binds a name with its process id and renames it.
    path = layout.socket().with_name(f"{layout.socket().name}.4194304")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
    path.unlink()
    assert layout.socket().parent.stat().st_mode & 0o077 == 0


def test_a_port_is_chosen_once_and_kept_while_it_is_free(layout: Layout) -> None:
    first = ports.choose(layout, Part.REDIS, 0)
    assert ports.choose(layout, Part.REDIS, 0) == first == ports.kept(layout, Part.REDIS)
    assert ports.choose(layout, Part.POSTGRES, 0) != first
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", first))
        listener.listen()
        assert ports.choose(layout, Part.REDIS, 0) != first
    assert ports.choose(layout, Part.REDIS, 7777) == 7777


def test_a_port_that_is_taken_names_who_has_it(taken: int) -> None:
    line = ports.problem(Part.SCHEDULER, "127.0.0.1", taken, "--dask-port")
    assert f"port {taken} of 127.0.0.1 is taken" in line
    assert f"(process {os.getpid()})" in line
    assert "--dask-port" in line


def test_a_port_on_all_addresses_is_taken_by_one_on_loopback(taken: int) -> None:
    assert ports.problem(Part.SERVER, "0.0.0.0", taken, "--port")


def test_a_port_that_is_free_is_no_problem(taken: int) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    assert ports.problem(Part.SERVER, "127.0.0.1", free, "--port") == ""


def test_an_old_prefect_server_on_the_port_is_named_with_its_version(old_server: int) -> None:
    line = ports.problem(Part.SERVER, "127.0.0.1", old_server, "--port")
    assert f"a Prefect server 3.1.4 answers at http://127.0.0.1:{old_server} already" in line


def test_a_database_of_ones_own_takes_the_place_of_the_stacks(layout: Layout) -> None:
    settings = load(storage_dir=layout.folder.parent, database_url="postgresql://u@db.example/civic")
    plan = planning.make(layout, settings, Options())
    assert Part.POSTGRES not in plan.parts
    assert Part.REDIS in plan.parts
    assert plan.database_url == "postgresql://u@db.example/civic"
    assert plan.server_database() == "postgresql+asyncpg://u@db.example/civic_prefect"
    with pytest.raises(StackError, match="DATABASE_URL is set, so there is no postgres to start"):
        planning.make(layout, settings, Options(parts=frozenset({Part.POSTGRES}), named=True))


def test_addresses_that_were_copied_into_env_are_still_the_stacks_own(layout: Layout) -> None:
    storage = layout.folder.parent
    before = planning.make(layout, load(storage_dir=storage), Options())
    copied = load(storage_dir=storage, **{name.lower(): value for name, value in before.addresses.items()})
    plan = planning.make(layout, copied, Options())
    assert plan.parts == before.parts == tuple(Part)
    assert plan.addresses == before.addresses
    assert planning.remarks(plan) == []


def test_a_password_and_tls_reach_the_prefect_servers_database(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "postgresql://u:p%40%25@db/civic?sslmode=require"
    plan = planning.make(layout, load(storage_dir=layout.folder.parent, database_url=url), Options())
    assert plan.server_database() == "postgresql+asyncpg://u:p%40%25@db/civic_prefect?ssl=require"
    monkeypatch.setenv("PREFECT_SERVER_DATABASE_CONNECTION_URL", "postgresql+asyncpg://elsewhere/p")
    assert plan.server_database() == ""


def test_without_postgres_the_prefect_server_keeps_a_file(layout: Layout) -> None:
    plan = planning.make(
        layout, load(storage_dir=layout.folder.parent), Options(parts=frozenset({Part.SERVER}))
    )
    assert plan.server_database() == f"sqlite+aiosqlite:///{layout.prefect / 'prefect.db'}"
    assert any("No Redis" in line for line in planning.remarks(plan))


def test_what_other_machines_must_answer_is_asked_first_a_line_each(layout: Layout) -> None:
    storage = layout.folder.parent
    parts = frozenset({Part.FETCH, Part.OCR})
    nothing = planning.make(layout, load(storage_dir=storage), Options(parts=parts, named=True))
    lines = planning.problems(nothing)
    assert len(lines) == 2
    assert "PREFECT_API_URL" in lines[0]
    assert "DASK_SCHEDULER_ADDRESS" in lines[1]
    away = load(
        storage_dir=storage,
        prefect_api_url="http://127.0.0.1:9/api",
        dask_scheduler_address="tcp://127.0.0.1:9",
        redis_url="redis://127.0.0.1:9/0",
    )
    lines = planning.problems(planning.make(layout, away, Options(parts=parts, named=True)))
    assert [name for line in lines for name in ("Redis", "Prefect API", "Dask scheduler") if name in line] == [
        "Redis", "Prefect API", "Dask scheduler",
    ]  # fmt: skip


def test_wheels_that_are_not_installed_are_named_with_the_command(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr("shutil.which", lambda name: None)
    plan = planning.make(layout, load(storage_dir=layout.folder.parent), Options())
    options = Options(dask_port=0)
    lines = planning.problems(planning.make(layout, plan.settings, options))
    own = [line for line in lines if line.startswith(("postgres:", "redis:"))]
    assert len(own) == 2
    assert all("pip install 'civicband-clerk[local]'" in line for line in own)
    assert "DATABASE_URL" in own[0]
    assert "REDIS_URL" in own[1]


def test_open_addresses_are_remarked_upon(layout: Layout) -> None:
    settings = load(storage_dir=layout.folder.parent, prefect_api_url="http://elsewhere/api")
    plan = planning.make(layout, settings, Options(host="0.0.0.0", dask_host="10.0.0.1"))
    lines = planning.remarks(plan)
    assert any("PREFECT_API_URL is set to http://elsewhere/api" in line for line in lines)
    assert any("server listens on 0.0.0.0" in line for line in lines)
    assert any("scheduler listens on 10.0.0.1" in line for line in lines)
    assert plan.api_url == "http://127.0.0.1:4200/api"


def test_dask_with_tls_is_reached_by_tls(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION", "True")
    plan = planning.make(layout, load(storage_dir=layout.folder.parent), Options(dask_host="10.0.0.1"))
    assert plan.scheduler == "tls://10.0.0.1:8786"
    assert planning.remarks(plan) == []


def test_sites_of_the_file_come_along_into_a_new_database(tmp_path: Path) -> None:
    settings = load(storage_dir=tmp_path / "storage")
    civic = load(storage_dir=settings.storage_dir, database_url=f"sqlite:///{tmp_path / 'new.db'}")
    migrate.upgrade(civic.civic_url)
    assert register.bring_sites(settings, civic) == []
    assert not (settings.storage_dir / "clerk.db").exists()

    before, after = open_tracking(settings), open_tracking(civic)
    for site in (Site("a.ca", name="A", extra={"url": "https://a.example"}), Site("b.ca", name="B")):
        before.sites.add(site)
    (said,) = register.bring_sites(settings, civic)
    assert said.startswith("Copied 2 sites")
    assert after.sites.list() == before.sites.list()
    assert register.bring_sites(settings, civic) == []

    before.sites.add(Site("c.ca", name="C"))
    (said,) = register.bring_sites(settings, civic)
    assert "c.ca" in said
    assert "clerk sites add" in said
    assert len(after.sites.list()) == 2


def test_the_password_tells_whose_server_a_url_means(layout: Layout) -> None:
    url = postgres.url(layout, 5433)
    assert postgres.is_own(layout, url) == 5433
    assert postgres.is_own(layout, "postgresql://clerk:other@127.0.0.1:5433/clerk") == 0
    assert postgres.is_own(layout, "no url") == 0
