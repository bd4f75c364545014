"""Services under launchd: golden property lists, what launchctl is asked, and the scripts."""

from __future__ import annotations

import os
import plistlib
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from clerk.cli import main
from clerk.errors import ClerkError
from clerk.install import launchd, parts, services
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

SCRIPTS = Path(__file__).resolve().parent.parent / "deployments" / "launchd"
DOMAIN = f"gui/{os.getuid()}"


@pytest.fixture
def launchctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recorder:
    recorder = Recorder(tmp_path / "bin", "launchctl")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    return recorder


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return real_place(tmp_path, mac=True)


def install(place: Place, **workers: int) -> str:
    said: list[str] = []
    services.install(parts.plan(numbers(**workers), VALUES), place, dry_run=False, say=said.append)
    return "\n".join(said)


def remove(place: Place) -> None:
    services.uninstall(place, dry_run=False, say=lambda _: None)


def held(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*")}


@pytest.mark.parametrize("system", [True, False])
def test_property_lists_are_the_golden_ones(system: bool) -> None:
    files = launchd.files(golden_plan(), golden_place(mac=True, system=system))
    check_golden("launchd-system" if system else "launchd-user", files)
    assert not [name for name, text in files.items() if SECRET in text or "example.org" in text]


@pytest.mark.parametrize("system", [True, False])
def test_property_lists_hold_what_launchd_knows(system: bool) -> None:
    files = launchd.files(golden_plan(), golden_place(mac=True, system=system))
    assert len(files) == 14
    for name, text in files.items():
        found = plistlib.loads(text.encode())
        assert f"{found.pop('Label')}.plist" == name
        arguments = found.pop("ProgramArguments")
        assert arguments[:3] == ["/opt/clerk/bin/python", "-m", "clerk.install.launch"]
        assert all(isinstance(argument, str) and argument for argument in arguments)
        assert found.pop("UserName", "") == ("clerk" if system else "")
        assert found.pop("WorkingDirectory") == "/srv/clerk"
        assert found.pop("StandardOutPath") == found.pop("StandardErrorPath")
        once = any(word in name for word in ("schema", "pools"))
        assert found.pop("KeepAlive") == ({"SuccessfulExit": False} if once else True)
        assert found.pop("Umask") == 0o027
        limits = found.pop("SoftResourceLimits")
        assert limits == {"Core": 0, "NumberOfFiles": 8192}
        assert found == {
            "RunAtLoad": True,
            "ThrottleInterval": 10,
            "ExitTimeOut": 30,
            "ProcessType": "Standard",
        }


def test_paths_are_escaped() -> None:
    odd = replace(golden_place(mac=True), folder=Path("/srv/a & b <c>"), python=Path("/opt/a&b/python"))
    found = plistlib.loads(launchd.files(golden_plan(), odd)["band.civic.clerk.sweep.plist"].encode())
    assert found["WorkingDirectory"] == "/srv/a & b <c>"
    assert found["ProgramArguments"][0] == "/opt/a&b/python"


@pytest.mark.skipif(shutil.which("plutil") is None, reason="no plutil on PATH: it comes with macOS")
def test_plutil_finds_nothing_wrong(tmp_path: Path) -> None:
    for name, text in launchd.files(golden_plan(), golden_place(mac=True)).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        subprocess.run(["plutil", "-lint", str(tmp_path / name)], check=True)


def test_install_loads_each_service(place: Place, launchctl: Recorder) -> None:
    install(place)
    assert held(place.units) == launchd.files(golden_plan(), place)
    calls = launchctl.calls()
    assert len(calls) == 14
    assert f"bootstrap {DOMAIN} {place.units}/band.civic.clerk.ocr-4.plist" in calls
    assert place.logs.is_dir()


def test_a_second_call_changes_nothing(place: Place, launchctl: Recorder) -> None:
    install(place)
    launchctl.calls()
    launchctl.says_yes()
    assert "Nothing was changed" in install(place)
    assert launchctl.calls() == []


def test_what_is_not_loaded_is_loaded_by_the_next_call(place: Place, launchctl: Recorder) -> None:
    install(place)
    launchctl.calls()
    install(place)
    assert len(launchctl.calls()) == 14


def test_fewer_workers_take_the_surplus_away(place: Place, launchctl: Recorder) -> None:
    install(place)
    launchctl.calls()
    install(place, ocr_workers=2)
    assert launchctl.calls() == [
        f"bootout {DOMAIN}/band.civic.clerk.ocr-3",
        f"bootout {DOMAIN}/band.civic.clerk.ocr-4",
    ]
    assert [name for name in sorted(held(place.units)) if ".ocr-" in name] == [
        "band.civic.clerk.ocr-1.plist",
        "band.civic.clerk.ocr-2.plist",
    ]


def test_a_service_that_changed_is_loaded_anew(place: Place, launchctl: Recorder) -> None:
    install(place)
    launchctl.calls()
    install(replace(place, folder=place.folder / "sub"))
    calls = launchctl.calls()
    assert [call.split()[0] for call in calls] == ["bootout"] * 14 + ["bootstrap"] * 14


def test_uninstall_unloads_and_removes_exactly_that(place: Place, launchctl: Recorder) -> None:
    place.units.mkdir(parents=True)
    (place.units / "org.example.other.plist").write_text("<plist/>", encoding="utf-8")
    install(place)
    edited = place.units / "band.civic.clerk.deploy-1.plist"
    edited.write_text(edited.read_text(encoding="utf-8").replace("10", "60"), encoding="utf-8")
    launchctl.calls()
    with pytest.raises(services.LeftAloneError, match="deploy-1"):
        remove(place)
    assert set(held(place.units)) == {"org.example.other.plist", edited.name}
    assert len(launchctl.calls()) == 13


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A tree like a checkout: the scripts, and a clerk beside them that takes this machine for a Mac."""
    root = tmp_path / "checkout"
    shutil.copytree(SCRIPTS, root / "deployments" / "launchd")
    program = root / ".venv" / "bin" / "clerk"
    program.parent.mkdir(parents=True)
    program.write_text(
        f"#!{sys.executable}\n"
        "import sys\n"
        "from clerk.install import place\n"
        "place.is_mac = lambda: True\n"
        "from clerk.cli import main\n"
        "sys.exit(main())\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    (root / ".env").write_text(f"REDIS_URL=redis://:{SECRET}@127.0.0.1/0\nOCR_WORKERS=2\n", encoding="utf-8")
    return root


def script(checkout: Path, name: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"HOME": str(checkout / "home")}
    environment.pop("STORAGE_DIR", None)
    command = ["sh", str(checkout / "deployments" / "launchd" / name), *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)


def test_the_scripts_write_and_remove_the_same_files_as_the_commands(
    checkout: Path, launchctl: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = script(checkout, "install-workers.sh", "--user", cwd=elsewhere)
    assert (done.returncode, done.stderr.count("no .env")) == (0, 0), done.stderr
    agents = checkout / "home" / "Library" / "LaunchAgents"
    by_script = held(agents)
    assert "band.civic.clerk.ocr-2.plist" in by_script
    assert "band.civic.clerk.ocr-3.plist" not in by_script
    assert not [name for name, text in by_script.items() if SECRET in text]
    monkeypatch.chdir(checkout)
    monkeypatch.delenv("STORAGE_DIR")
    monkeypatch.setattr("clerk.install.place.is_mac", lambda: True)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    get_settings.cache_clear()
    assert main(["install-workers", "--user"]) == 0
    by_command = held(tmp_path / "home" / "Library" / "LaunchAgents")
    # The logs lie in the home folder, which differs; so the marks do, too.
    assert {name: settled(text, checkout / "home") for name, text in by_script.items()} == {
        name: settled(text, tmp_path / "home") for name, text in by_command.items()
    }
    assert script(checkout, "uninstall-workers.sh", "--user", cwd=elsewhere).returncode == 0
    assert held(agents) == {}


def settled(text: str, home: Path) -> str:
    lines = text.replace(str(home), "HOME").splitlines()
    return "\n".join(line for line in lines if "sha256" not in line)


def test_a_script_without_clerk_says_so(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout / ".venv" / "bin" / "clerk").unlink()
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    done = script(checkout, "install-workers.sh", cwd=checkout)
    assert done.returncode == 1
    assert "There is no clerk" in done.stderr


def test_launchctl_that_refuses_is_an_error(
    place: Place, launchctl: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clerk.install.manager._PAUSE_SECONDS", 0)
    launchctl.refuse()
    with pytest.raises(ClerkError, match=r"launchctl bootstrap .* failed: Access denied"):
        install(place)
