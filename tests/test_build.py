"""What an installation from a fresh clone relies on: the lock, the metadata, the targets, and what is committed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
HOME_FOLDER = re.compile(
    rb"(?<![\w.~}-])/(?:home|Users)/(?!user/|you/|me/|clerk/)[a-z][\w.-]*/|(?<![\w.-])/root/"
)
OTHER_LOCKS = {"uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml"}
LITTER = re.compile(r"(^|/)(\.env|\.venv/.*|__pycache__/.*|.*\.pyc|.*\.egg-info/.*|dist/.*|build/.*)$")


def project() -> dict[str, object]:
    data = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return data["project"]


def locked() -> list[str]:
    """The entries of requirements.lock, each as one line."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def tracked() -> list[str]:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]


def requirement(entry: str) -> Requirement:
    return Requirement(entry.split("--hash=", 1)[0].strip())


def test_every_locked_package_is_pinned_with_hashes() -> None:
    entries = locked()
    assert len(entries) > 100
    for entry in entries:
        assert re.fullmatch(r"==[^,*]+", str(requirement(entry).specifier)), entry[:80]
        assert HASH.search(entry), entry[:80]


def test_the_lock_names_no_index_and_no_address() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    options = [line for line in text.splitlines() if line.startswith("-")]
    assert not options
    assert not [entry for entry in locked() if requirement(entry).url]


@pytest.mark.parametrize("version", ["3.11", "3.12"])
def test_the_lock_holds_what_the_project_asks_for(version: str) -> None:
    environment = {"python_version": version, "python_full_version": f"{version}.0", "extra": ""}
    pins = {}
    for entry in locked():
        one = requirement(entry)
        if one.marker is None or one.marker.evaluate(environment):
            assert canonicalize_name(one.name) not in pins, f"{one.name} is pinned twice on {version}"
            pins[canonicalize_name(one.name)] = next(iter(one.specifier)).version
    optional = project()["optional-dependencies"]
    # The other extras are further OCR engines: large, and on one system only.
    wanted = [*project()["dependencies"], *optional["local"], *optional["dev"]]
    for one in map(Requirement, wanted):
        name = canonicalize_name(one.name)
        if name != "civicband-clerk":
            assert name in pins, f"{name} is not locked on {version}"
            assert one.specifier.contains(pins[name], prereleases=True), f"{one} is locked at {pins[name]}"


def test_the_lock_holds_what_builds_the_project() -> None:
    data = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    names = {canonicalize_name(requirement(entry).name) for entry in locked()}
    assert {canonicalize_name(Requirement(one).name) for one in data["build-system"]["requires"]} <= names


def test_the_project_is_named_and_versioned() -> None:
    assert project()["name"] == "civicband-clerk"
    assert project()["version"] == "1.0.0.dev0"
    assert project()["scripts"] == {"clerk": "clerk.cli:main"}
    supported = SpecifierSet(str(project()["requires-python"]))
    assert [minor for minor in range(9, 15) if f"3.{minor}.1" in supported] == [11, 12]


def test_the_makefile_has_its_targets() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z0-9-]+):", text, re.MULTILINE))
    assert {"demo", "test", "check", "bench", "serve", "clean", "wheel"} <= targets
    declared = set(re.findall(r"^\.PHONY: (.+)$", text, re.MULTILINE)[0].split())
    assert targets == declared, "each target is phony, and each phony name a target"


def test_no_committed_file_names_a_home_folder() -> None:
    found = {}
    for name in tracked():
        content = (ROOT / name).read_bytes()
        match = None if b"\0" in content[:8192] or name.endswith(".pdf") else HOME_FOLDER.search(content)
        if match and name != "tests/test_build.py":
            found[name] = match[0].decode()
    assert not found


def test_nothing_is_committed_that_belongs_to_one_machine() -> None:
    names = tracked()
    assert not [name for name in names if Path(name).name in OTHER_LOCKS or LITTER.search(name)]
    assert "requirements.lock" in names
    assert "deployments/README.md" in names, "git keeps no empty folder, and the wheel carries this one"


def bootstrap(folder: Path, *, path: str, chosen: str = "") -> subprocess.CompletedProcess[str]:
    """Run the script that makes .venv in an empty folder, with nothing but these programs."""
    return subprocess.run(
        [
            "/bin/sh",
            str(ROOT / "scripts" / "bootstrap.sh"),
            ".venv/.installed",
            *([chosen] if chosen else []),
        ],
        cwd=folder,
        env={"PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
    )


def program(folder: Path, name: str, source: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{source}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def tools(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    for name in ("mktemp", "rm", "grep"):
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    return folder


def test_a_python_that_is_too_old_is_one_clear_line(tmp_path: Path) -> None:
    program(tmp_path / "old", "python3", 'case "$1" in --version) echo Python 3.9.2;; *) exit 1;; esac')
    done = bootstrap(tmp_path, path=os.pathsep.join([str(tmp_path / "old"), str(tools(tmp_path / "tools"))]))
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "3.11 or 3.12" in line
    assert "Python 3.9.2" in line
    assert not (tmp_path / ".venv").exists()


def test_a_chosen_python_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = bootstrap(tmp_path, path=str(tools(tmp_path / "tools")), chosen="/nowhere/python")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "/nowhere/python is not there" in line


def test_every_python_is_tried_that_could_make_an_environment(tmp_path: Path) -> None:
    """Neither can: each is asked, the partial folder goes away, and the line says what to install."""
    tried = tmp_path / "tried"
    lame = (
        f'case "$1" in -m) echo "$0" >> {tried}; mkdir .venv; exit 1;; *) exec {sys.executable} "$@";; esac'
    )
    for name in ("one", "two"):
        program(tmp_path / name, "python3", lame)
    path = [str(tmp_path / "one"), str(tmp_path / "two"), str(tools(tmp_path / "tools"))]
    done = bootstrap(tmp_path, path=os.pathsep.join(path))
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "python3-venv" in line
    assert [Path(one).parent.name for one in tried.read_text(encoding="utf-8").splitlines()] == ["one", "two"]
    assert not (tmp_path / ".venv").exists()
