"""Python, and every package that clerk requires: its version, and that the native ones load."""

from __future__ import annotations

import importlib
import platform
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from typing import Any

from clerk import project_root
from clerk.cli.checks.check import Check, guarded, missing, ok, warn
from clerk.cli.version import requirements, version

# Packages whose native libraries can be there and still not load on this machine.
NATIVE = ("pymupdf", "tesserocr", "spacy", "psycopg2", "PIL")
LOAD_SECONDS = 120
PYTHONS = ((3, 11), (3, 12))


def look() -> list[Check]:
    """Checks of the interpreter, of clerk itself and of its requirements."""
    return [_python(), *guarded("clerk", lambda: [_clerk()]), *guarded("packages", _packages), *_loads()]


def _python() -> Check:
    found = f"{platform.python_version()} at {sys.executable}"
    if sys.version_info[:2] in PYTHONS:
        return ok("python", found)
    if sys.version_info[:2] < PYTHONS[0]:
        return missing("python", found, "Use Python 3.11 or 3.12: python3.12 -m venv .venv")
    return warn("python", f"{found}: not tested with clerk", "Use Python 3.11 or 3.12.")


def _clerk() -> Check:
    return ok("clerk", f"{version()}, flows in {project_root.root()}")


def _packages() -> list[Check]:
    parse = importlib.import_module("packaging.requirements").Requirement
    wanted = [parse(line) for line in requirements()]
    checks = [_package(one) for one in wanted if one.marker is None or one.marker.evaluate()]
    return checks or [
        missing("packages", "the list of requirements is not there", "Install civicband-clerk.")
    ]


def _package(wanted: Any) -> Check:
    name = f"package {wanted.name}"
    mend = f"{sys.executable} -m pip install '{wanted.name}{wanted.specifier}'"
    try:
        found = metadata.version(wanted.name)
    except metadata.PackageNotFoundError:
        return missing(name, "is not installed", mend)
    if wanted.specifier.contains(found, prereleases=True):
        return ok(name, found)
    return missing(name, f"{found}, but clerk needs {wanted.specifier}", mend)


def _loads() -> list[Check]:
    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(_load, NATIVE))


def _load(module: str) -> Check:
    """Import `module` in a process of its own: a damaged native library may kill the one that loads it."""
    name = f"load {module}"
    mend = "Install the package again: its native library does not load here."
    try:
        done = subprocess.run(
            [sys.executable, "-c", f"import {module}"], capture_output=True, text=True, timeout=LOAD_SECONDS
        )
    except subprocess.TimeoutExpired:
        return missing(name, f"did not load within {LOAD_SECONDS} s", mend)
    if done.returncode == 0:
        return ok(name, "loads")
    said = done.stderr.strip().splitlines()
    return missing(name, said[-1] if said else f"ended with {done.returncode}", mend)
