"""Build the sdist and the wheel of this checkout, and use the wheel as a user would: installed, far from the checkout.

The dependencies are those of the environment that runs this script; clerk itself can come from the wheel only.
Needs no network. Prints a line for each check; the first that fails ends it with exit code 1.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CARRIED = ("flows", "tasks", "alembic", "alembic.ini", "prefect.yaml", "deployments", "samples/town")
PROJECT = "clerk/project"
SECONDS = {"clerk demo": 300}
USUAL_SECONDS = 90

LOAD_ENTRYPOINTS = """
import os, yaml
from clerk import project_root
from prefect.flows import load_flow_from_entrypoint
os.chdir(project_root.on_path())
with open("prefect.yaml", encoding="utf-8") as file:
    entrypoints = [one["entrypoint"] for one in yaml.safe_load(file)["deployments"]]
for entrypoint in entrypoints:
    print(entrypoint, "->", load_flow_from_entrypoint(entrypoint).name)
"""

WHERE_IS_IT = """
import json, sys, clerk
from clerk import project_root
print(json.dumps({"clerk": clerk.__file__, "root": str(project_root.root()), "path": sys.path}))
"""


class CheckError(Exception):
    """A check failed; the text says which and why."""


class Installed:
    """The wheel in an environment and a home of its own, used from an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.venv, self.work, self.home = folder / "venv", folder / "work", folder / "home"
        self.site = Path(sysconfig.get_path("purelib", "venv", {"base": str(self.venv)}))
        self.python = self.venv / "bin" / "python"

    def install(self, wheel: Path) -> None:
        """Make the environment: the wheel, and behind it the packages of the environment that runs this script."""
        self.work.mkdir()
        self.home.mkdir()
        venv.create(self.venv, with_pip=False, symlinks=True)
        pip = [sys.executable, "-m", "pip", "--python", str(self.python), "install", "--quiet"]
        run([*pip, "--disable-pip-version-check", "--no-deps", "--no-index", str(wheel)], what="pip install")
        # The .pth files of a folder that a .pth file names are not read: an editable install stays out of sight.
        folders = dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))
        (self.site / "dependencies.pth").write_text("\n".join(folders) + "\n", encoding="utf-8")
        # Tesseract's language files come as a package, too, which puts them here.
        (self.venv / "share").symlink_to(Path(sys.prefix) / "share", target_is_directory=True)

    def clerk(self, *words: str, may_fail: bool = False) -> str:
        """Run the command `clerk`, and return what it wrote to stdout."""
        return self._run([str(self.venv / "bin" / "clerk"), *words], " ".join(("clerk", *words)), may_fail)

    def code(self, source: str, what: str) -> str:
        """Run Python source in the environment, and return what it wrote to stdout."""
        return self._run([str(self.python), "-c", source], what)

    def _run(self, command: list[str], what: str, may_fail: bool = False) -> str:
        environment = {
            "PATH": f"{self.venv / 'bin'}:/usr/bin:/bin",
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "STORAGE_DIR": str(self.home / "storage"),
        }
        return run(command, what=what, cwd=self.work, env=environment, may_fail=may_fail)


def run(
    command: list[str],
    *,
    what: str,
    cwd: Path = ROOT,
    env: dict[str, str] | None = None,
    may_fail: bool = False,
) -> str:
    """Run a command to its end, and return its stdout.

    Raises:
        CheckError: it ended with another code than 0, or took too long.
    """
    seconds = SECONDS.get(what, USUAL_SECONDS)
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=env,
            capture_output=True,
            text=True,
            timeout=seconds,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        raise CheckError(f"`{what}` was not done after {seconds} s") from None
    if done.returncode != 0 and not may_fail:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-20:])
        raise CheckError(f"`{what}` ended with exit code {done.returncode}:\n{tail}")
    return done.stdout


def require(condition: object, message: str) -> None:
    """Raise a CheckError with the message unless the condition holds."""
    if not condition:
        raise CheckError(message)


def build(folder: Path) -> Path:
    """Build the sdist of the checkout and the wheel of that sdist, as an installer does; return the wheel."""
    hatchling = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder), "--target"]
    run([*hatchling, "sdist"], what="build the sdist")
    sdists = list(folder.glob("*.tar.gz"))
    require(len(sdists) == 1, f"expected one sdist, found {len(sdists)}")
    with tarfile.open(sdists[0]) as archive:
        # Python before 3.11.4 has no filters, and what is unpacked was made a line above.
        safely: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        archive.extractall(folder / "sdist", **safely)  # noqa: S202
    (unpacked,) = (folder / "sdist").iterdir()
    run([*hatchling, "wheel"], what="build the wheel of the sdist", cwd=unpacked)
    wheels = list(folder.glob("*.whl"))
    require(len(wheels) == 1, f"expected one wheel, found {len(wheels)}")
    return wheels[0]


def check_contents(wheel: Path) -> str:
    """The wheel holds every file that git knows or would take in the folders it carries, and only `clerk` on top."""
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"]
    for carried in CARRIED:
        files = [name for name in run([*listed, carried], what="git ls-files").split("\0") if name]
        files = [name for name in files if (ROOT / name).is_file()]
        require(files, f"the checkout has no file in {carried}")
        missing = [name for name in files if f"{PROJECT}/{name}" not in names]
        require(not missing, f"the wheel lacks {', '.join(missing[:5])} under {PROJECT}/")
    require("clerk/py.typed" in names, "the wheel lacks clerk/py.typed")
    litter = [name for name in names if name.endswith(".pyc") or "__pycache__" in name]
    require(not litter, f"the wheel carries {litter[:3]}")
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    require(tops == {"clerk"}, f"the wheel installs more than clerk on top: {', '.join(sorted(tops))}")
    return f"{len(names)} files, {', '.join(CARRIED)} under {PROJECT}/, nothing but clerk on top"


def check_place(installed: Installed) -> str:
    """What is imported is the wheel, and no folder of the checkout's sources can be imported from."""
    said = json.loads(installed.code(WHERE_IS_IT, "import clerk"))
    inside = Path(said["clerk"]).is_relative_to(installed.site)
    require(inside, f"clerk is imported from {said['clerk']}, not from the wheel")
    require(Path(said["root"]) == installed.site / PROJECT, f"the project root is {said['root']}")
    sources = [path for path in said["path"] if Path(path) in (ROOT, ROOT / "src")]
    require(not sources, f"the checkout can be imported from: {sources}")
    return "clerk and its project root are those of the wheel"


def check_help(installed: Installed) -> str:
    """`--help` and `--version` answer."""
    require("Usage:" in installed.clerk("--help"), "`clerk --help` shows no usage")
    said = installed.clerk("--version").strip()
    match = re.search(
        r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE
    )
    require(match, "pyproject.toml names no version")
    version = match[1] if match else ""
    require(version in said, f"`clerk --version` says {said!r}, pyproject.toml {version!r}")
    return said


def check_database(installed: Installed) -> str:
    """The migrations of the wheel make the civic database."""
    installed.clerk("db", "upgrade")
    said = installed.clerk("db", "current").strip()
    require("(newest)" in said, f"`clerk db current` says {said!r} after `clerk db upgrade`")
    return said


def check_doctor(installed: Installed) -> str:
    """Nothing that is needed is missing; warnings are named."""
    checks = json.loads(installed.clerk("doctor", "--json", may_fail=True))["checks"]
    missing = [f"{one['name']}: {one['detail']}" for one in checks if one["status"] not in {"ok", "warn"}]
    require(not missing, f"`clerk doctor` misses {'; '.join(missing)}")
    warned = [check["name"] for check in checks if check["status"] == "warn"]
    return f"{len(checks)} checks" + (f", warnings: {', '.join(warned)}" if warned else "")


def check_entrypoints(installed: Installed) -> str:
    """Prefect loads the flow of every deployment."""
    lines = installed.code(LOAD_ENTRYPOINTS, "load the entrypoints of prefect.yaml").splitlines()
    require(lines, "prefect.yaml names no deployment")
    return "; ".join(lines)


def check_demo(installed: Installed) -> str:
    """The samples of the wheel run through the pipeline, and a word of theirs is found."""
    installed.clerk("demo")
    hits = json.loads(installed.clerk("search", "culvert", "--json"))
    require(hits, "`clerk search culvert` finds nothing after `clerk demo`")
    return f"culvert is found on {len(hits)} pages"


CHECKS: dict[str, Callable[[Installed], str]] = {
    "place": check_place,
    "help": check_help,
    "database": check_database,
    "doctor": check_doctor,
    "entrypoints": check_entrypoints,
    "demo": check_demo,
}


def check(folder: Path) -> None:
    """Run all checks in a folder of their own.

    Raises:
        CheckError: the first that failed.
    """
    wheel = build(folder)
    say("build", wheel.name)
    say("contents", check_contents(wheel))
    installed = Installed(folder)
    installed.install(wheel)
    for name, one in CHECKS.items():
        say(name, one(installed))
    litter = [path.name for path in installed.work.iterdir()]
    require(not litter, f"clerk left files in the working folder: {', '.join(litter)}")


def say(name: str, detail: str) -> None:
    """Print the line of a check that passed."""
    sys.stdout.write(f"ok  {name.ljust(12)}{detail}\n")
    sys.stdout.flush()


def main() -> int:
    """Check the wheel; the exit code is 1 when something is wrong with it."""
    with tempfile.TemporaryDirectory(prefix="clerk-wheel-") as folder:
        try:
            check(Path(folder).resolve())
        except CheckError as error:
            sys.stderr.write(f"The wheel is not fit: {error}\n")
            return 1
    return 0


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())
