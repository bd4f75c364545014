"""Services under systemd: golden units, `systemd-analyze verify`, and what install and uninstall change."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from clerk.cli import main
from clerk.errors import StorageError, UsageError
from clerk.install import launch, parts, services, systemd
from clerk.install.manager import ServiceManagerError
from clerk.install.place import Place
from clerk.settings import get_settings
from tests.install_helpers import (
    SECRET,
    VALUES,
    Recorder,
    check_golden,
    golden_place,
    golden_plan,
    numbers,
    real_place,
)

ROOT = Path(__file__).resolve().parent.parent
Install = Callable[..., str]


@pytest.fixture
def systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recorder:
    recorder = Recorder(tmp_path / "bin", "systemctl")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    return recorder


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return real_place(tmp_path)


@pytest.fixture
def install(place: Place) -> Install:
    """Install with so many workers; the value is what was said."""

    def call(*, dry_run: bool = False, **workers: int) -> str:
        said: list[str] = []
        services.install(parts.plan(numbers(**workers), VALUES), place, dry_run=dry_run, say=said.append)
        return "\n".join(said)

    return call


def remove(place: Place, *, dry_run: bool = False) -> str:
    said: list[str] = []
    services.uninstall(place, dry_run=dry_run, say=said.append)
    return "\n".join(said)


def held(place: Place) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in place.units.glob("*")}


@pytest.mark.parametrize("system", [True, False])
def test_units_are_the_golden_ones(system: bool) -> None:
    files = systemd.files(golden_plan(), golden_place(system=system))
    check_golden("systemd-system" if system else "systemd-user", files)


@pytest.mark.parametrize("system", [True, False])
def test_no_unit_holds_a_secret(system: bool) -> None:
    for text in systemd.files(golden_plan(), golden_place(system=system)).values():
        assert SECRET not in text
        assert "example.org" not in text


def test_every_template_is_used() -> None:
    used = systemd.files(golden_plan(), golden_place()).keys()
    templates = {path.name for path in (ROOT / "deployments" / "systemd").iterdir() if path.suffix != ".conf"}
    assert templates == used


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on PATH")
@pytest.mark.parametrize("system", [True, False])
def test_systemd_finds_nothing_wrong(tmp_path: Path, system: bool) -> None:
    place = real_place(tmp_path / "a folder, 100% odd $HOME", system=system)
    place = replace(place, user="daemon" if system else "")
    assert verify(tmp_path, systemd.files(golden_plan(), place), system) == ""


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on PATH")
def test_systemd_would_find_what_is_wrong(tmp_path: Path) -> None:
    files = systemd.files(golden_plan(), replace(real_place(tmp_path, system=True), user="daemon"))
    files["clerk-sweep.service"] = files["clerk-sweep.service"].replace("ProtectClock=", "ProtectClocks=")
    assert "ProtectClocks" in verify(tmp_path, files, True)


def verify(tmp_path: Path, files: dict[str, str], system: bool) -> str:
    folder, runtime = tmp_path / "units", tmp_path / "runtime"
    folder.mkdir()
    runtime.mkdir(mode=0o700)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    units = [str(folder / name.replace("@.", "@1.")) for name in files]
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no"]
    done = subprocess.run(
        [*command, "--system" if system else "--user", *units],
        capture_output=True,
        text=True,
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{folder}:", "XDG_RUNTIME_DIR": str(runtime)},
    )
    # Units of this machine may be broken; ours are what counts.
    said = [
        line for line in (done.stdout + done.stderr).splitlines() if str(folder) in line or "clerk" in line
    ]
    return "\n".join(said) or ("" if done.returncode == 0 else done.stderr)


def test_paths_are_escaped(tmp_path: Path) -> None:
    odd = replace(
        golden_place(system=True),
        folder=Path("/srv/a b"),
        storage=Path('/srv/50% "x"'),
        python=Path("/opt/a b/python"),
    )
    unit = systemd.files(golden_plan(), odd)["clerk-sweep.service"]
    assert "WorkingDirectory=/srv/a b\n" in unit
    assert 'ExecStart="/opt/a b/python" -m clerk.install.launch clerk sweep --loop\n' in unit
    assert 'ReadWritePaths="/srv/50%% \\"x\\""\n' in unit


def test_a_folder_under_tmp_is_not_hidden() -> None:
    inside = replace(golden_place(system=True), storage=Path("/tmp/clerk"))
    assert "PrivateTmp=no\n" in systemd.files(golden_plan(), inside)["clerk-ocr@.service"]
    usual = systemd.files(golden_plan(), golden_place(system=True))
    assert "PrivateTmp=yes\n" in usual["clerk-ocr@.service"]


def test_install_shows_writes_and_starts(place: Place, install: Install, systemctl: Recorder) -> None:
    shown = install(dry_run=True)
    assert not place.units.exists()
    assert systemctl.calls() == []
    said = install()
    for name, text in held(place).items():
        assert str(place.units / name) in said
        assert all(line in said and line in shown for line in text.splitlines())
    assert held(place) == systemd.files(golden_plan(), place)
    assert systemctl.calls() == [
        "--user daemon-reload",
        "--user start clerk.target",
        "--user enable clerk.target",
    ]
    assert place.storage.is_dir()


def test_a_second_call_changes_nothing_and_says_so(
    place: Place, install: Install, systemctl: Recorder
) -> None:
    install()
    systemctl.calls()
    systemctl.says_yes()
    times = {path: path.stat().st_mtime_ns for path in place.units.iterdir()}
    assert "Nothing was changed" in install()
    assert systemctl.calls() == []
    assert {path: path.stat().st_mtime_ns for path in place.units.iterdir()} == times


def test_what_could_not_be_started_is_started_by_the_next_call(
    place: Place, install: Install, systemctl: Recorder
) -> None:
    systemctl.refuse()
    with pytest.raises(ServiceManagerError, match="daemon-reload` failed: Access denied"):
        install()
    systemctl.refuse(False)
    systemctl.calls()
    install()
    assert systemctl.calls()[-1] == "--user enable clerk.target"


def test_fewer_workers_take_the_surplus_away(place: Place, install: Install, systemctl: Recorder) -> None:
    install()
    systemctl.calls()
    said = install(ocr_workers=2, fetch_workers=1)
    assert "-Wants=clerk-ocr@4.service" in said
    calls = systemctl.calls()
    assert calls[0] == "--user stop clerk-fetch@2.service clerk-ocr@3.service clerk-ocr@4.service"
    # No unit file has changed, so what runs goes on.
    assert not [call for call in calls if "restart" in call]
    wants = systemd.wanted(held(place)["clerk.target"])
    assert [name for name in wants if "@" in name] == [
        "clerk-fetch@1.service", "clerk-ocr@1.service", "clerk-ocr@2.service",
        "clerk-extraction@1.service", "clerk-deploy@1.service",
    ]  # fmt: skip


def test_a_unit_that_changed_is_restarted(place: Place, install: Install, systemctl: Recorder) -> None:
    install()
    systemctl.calls()
    install(page_memory_mb=2048)
    restarts = [call for call in systemctl.calls() if "restart" in call]
    assert restarts == [
        "--user try-restart " + " ".join(f"clerk-ocr@{number}.service" for number in range(1, 5))
    ]


def test_uninstall_removes_exactly_what_was_installed(
    place: Place, install: Install, systemctl: Recorder
) -> None:
    place.units.mkdir(parents=True)
    (place.units / "clerk-web.service").write_text("[Unit]\nDescription=of somebody else\n", encoding="utf-8")
    (place.units / "other.service").write_text("", encoding="utf-8")
    before = held(place)
    install()
    systemctl.calls()
    assert "removed    " in remove(place, dry_run=True)
    assert "clerk.target" in held(place)
    remove(place)
    assert held(place) == before
    calls = systemctl.calls()
    assert calls[0] == "--user disable --now clerk.target"
    assert "clerk-ocr@4.service" in calls[1]
    assert calls[2:] == ["--user daemon-reload"]
    assert "nothing of clerk to remove" in remove(place)


def test_a_file_that_was_changed_by_hand_is_left_alone_and_named(
    place: Place, install: Install, systemctl: Recorder
) -> None:
    install()
    edited = place.units / "clerk-fetch@.service"
    edited.write_text(edited.read_text(encoding="utf-8").replace("RestartSec=5", "RestartSec=50"), "utf-8")
    text = edited.read_text(encoding="utf-8")
    with pytest.raises(services.LeftAloneError, match="clerk-fetch@"):
        install(ocr_workers=1)
    assert "clerk-ocr@2.service" not in held(place)["clerk.target"]
    with pytest.raises(services.LeftAloneError, match="clerk-fetch@"):
        remove(place)
    assert held(place) == {"clerk-fetch@.service": text}


def test_a_file_of_somebody_else_is_not_overwritten(
    place: Place, install: Install, systemctl: Recorder
) -> None:
    place.units.mkdir(parents=True)
    foreign = place.units / "clerk-sweep.service"
    foreign.write_text("[Unit]\n", encoding="utf-8")
    with pytest.raises(services.LeftAloneError, match="clerk-sweep"):
        install()
    assert foreign.read_text(encoding="utf-8") == "[Unit]\n"


def test_a_service_that_cannot_be_stopped_keeps_its_file(
    place: Place, install: Install, systemctl: Recorder
) -> None:
    install()
    systemctl.refuse()
    with pytest.raises(ServiceManagerError, match="still there"):
        remove(place)
    assert "clerk.target" in held(place)


def test_without_systemctl_the_files_are_written_and_the_commands_said(
    place: Place, install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = install()
    assert "clerk.target" in held(place)
    assert "there is no systemctl on PATH" in said
    assert "systemctl --user enable clerk.target" in said
    assert "no service was stopped" in remove(place)
    assert held(place) == {}


def test_services_do_not_run_as_root(tmp_path: Path) -> None:
    place = replace(real_place(tmp_path, system=True), user="root")
    with pytest.raises(UsageError, match="belongs to root"):
        services.install(golden_plan(), place, dry_run=True, say=lambda _: None)


def test_a_folder_that_cannot_be_written_is_named(
    place: Place, install: Install, systemctl: Recorder
) -> None:
    place.units.parent.mkdir(parents=True)
    place.units.write_text("a file where the folder belongs", encoding="utf-8")
    with pytest.raises(StorageError, match="systemd/user"):
        install()


def test_servers_of_another_machine_are_not_installed_here() -> None:
    values = {
        "PREFECT_API_URL": "http://prefect.example.org/api",
        "DASK_SCHEDULER_ADDRESS": "tcp://192.0.2.7:8786",
    }
    found = parts.plan(numbers(), values)
    assert [part.name for part in found.parts] == list(parts.WORKERS)
    assert len(found.notes) == 2
    asked = parts.plan(numbers(), values, ["ocr", "scheduler"])
    assert [part.name for part in asked.parts] == ["scheduler", "ocr"]


def test_server_and_services_are_one_process_without_redis_and_postgres() -> None:
    whole = {part.name: part for part in parts.plan(numbers(), {}).parts}
    assert "services" not in whole
    assert "--no-services" not in whole["server"].arguments
    split = {part.name: part for part in golden_plan().parts}
    assert "--no-services" in split["server"].arguments
    assert split["services"].arguments == ("prefect", "server", "services", "start")


def test_ocr_workers_0_is_one_a_core() -> None:
    found = {part.name: part.count for part in parts.plan(numbers(ocr_workers=0), {}).parts}
    assert found["ocr"] == os.cpu_count()


def test_servers_listen_where_env_says() -> None:
    values = {
        "PREFECT_API_URL": "http://localhost:4299/api",
        "DASK_SCHEDULER_ADDRESS": "tls://127.0.0.1:8700",
    }
    found = {part.name: " ".join(part.arguments) for part in parts.plan(numbers(), values).parts}
    assert found["server"].endswith("--host 127.0.0.1 --port 4299")
    assert "--protocol tls --host 127.0.0.1 --port 8700" in found["scheduler"]


def test_the_command_installs_and_uninstalls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], systemctl: Recorder
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / ".env").write_text(f"REDIS_URL=redis://:{SECRET}@127.0.0.1/0\nOCR_WORKERS=1 # one\n", "utf-8")
    monkeypatch.chdir(work)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    get_settings.cache_clear()
    units = tmp_path / "home" / ".config" / "systemd" / "user"
    assert main(["install-workers", "--user", "--only", "ocr,scheduler"]) == 0
    said = capsys.readouterr()
    assert SECRET not in said.out + said.err
    assert "STORAGE_DIR is set in this shell" in said.err
    assert {path.name for path in units.iterdir()} == {
        "clerk.target",
        "clerk-ocr@.service",
        "clerk-scheduler.service",
    }
    assert f"WorkingDirectory={work}\n" in (units / "clerk-ocr@.service").read_text(encoding="utf-8")
    assert main(["install-workers", "--user", "--only", "web"]) == 2
    assert "no part is called web" in capsys.readouterr().err
    assert main(["install-workers", "--user", "--system"]) == 2
    assert "exclude each other" in capsys.readouterr().err
    assert main(["uninstall-workers", "--user"]) == 0
    assert list(units.iterdir()) == []


def test_a_service_reads_env_as_clerk_does(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        'STORAGE_DIR="my papers"  # a remark\nREDIS_URL=redis://:x@h:6379/0\nFETCH_WORKERS=3\nLOG_LEVEL=\n'
    )
    found = launch.environment("prefect", tmp_path, {"FETCH_WORKERS": "5", "PATH": "/bin", "LANG": ""})
    assert found["STORAGE_DIR"] == "my papers"
    assert found["FETCH_WORKERS"] == "5"
    assert "LOG_LEVEL" not in found
    assert found["LANG"] == "C.UTF-8"
    assert found["PREFECT_REDIS_MESSAGING_URL"] == "redis://:x@h:6379/0"
    assert found["PREFECT_SERVER_DOCKET_URL"] == "redis://:x@h:6379/1"
    assert found["PREFECT_API_URL"] == launch.API_URL
    assert found["PREFECT_HOME"].startswith(str(tmp_path / "my papers" / ".prefect"))
    assert found["PATH"].endswith(":/bin")
    assert "PREFECT_MESSAGING_BROKER" not in launch.environment("clerk", tmp_path, {})


def test_a_service_becomes_the_module(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PREFECT_API_KEY=from-the-file\n", encoding="utf-8")
    (tmp_path / "show.py").write_text(
        "import os, sys; print(sys.argv[1:], os.environ['PREFECT_API_KEY'])", encoding="utf-8"
    )
    command = [str(real_place(tmp_path).python), "-m", "clerk.install.launch"]
    without = {name: value for name, value in os.environ.items() if name != "STORAGE_DIR"}
    done = subprocess.run(
        [*command, "show", "-n", "1"], cwd=tmp_path, capture_output=True, text=True, env=without
    )
    assert done.stdout == "['-n', '1'] from-the-file\n"
    # A server without PostgreSQL keeps its database there, and does not make the folder.
    assert [path.is_dir() for path in (tmp_path / "storage" / ".prefect").iterdir()] == [True]
    alone = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (alone.returncode, "Usage" in alone.stderr) == (1, True)
