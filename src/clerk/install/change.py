"""The difference between the files that services need and those that are there: shown first, then made."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from clerk.errors import StorageError
from clerk.install.marks import Found, look


@dataclass(frozen=True, slots=True)
class Change:
    """What to do in `folder`, by file name. `kept` files are none of ours any more, and stay as they are."""

    folder: Path
    new: dict[str, str]
    changed: dict[str, tuple[str, str]]
    removed: dict[str, str]
    kept: dict[str, Found]
    same: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """True when nothing is to be written or removed."""
        return not (self.new or self.changed or self.removed)


def compare(folder: Path, wanted: Mapping[str, str], patterns: tuple[str, ...]) -> Change:
    """What makes `folder` hold the `wanted` files and no other file of ours that matches `patterns`.

    Raises:
        StorageError: a file cannot be read.
    """
    new, changed, same = {}, {}, []
    kept: dict[str, Found] = {}
    for name, text in wanted.items():
        found, before = look(folder / name)
        if found is Found.NOTHING:
            new[name] = text
        elif before == text:
            same.append(name)
        elif found is Found.OURS:
            changed[name] = (before, text)
        else:
            kept[name] = found
    removed = {}
    for path in _matching(folder, patterns):
        found, before = look(path)
        if path.name in wanted or found is Found.FOREIGN:
            continue
        if found is Found.OURS:
            removed[path.name] = before
        elif found is Found.EDITED:
            kept[path.name] = found
    return Change(folder, new, changed, removed, kept, tuple(same))


def _matching(folder: Path, patterns: tuple[str, ...]) -> list[Path]:
    return sorted({path for pattern in patterns for path in folder.glob(pattern) if path.is_file()})


def describe(change: Change) -> Iterator[str]:
    """Lines for a person: every new file whole, every change as a diff, and what is removed, kept and the same."""
    for name, text in change.new.items():
        yield f"new        {change.folder / name}"
        yield from (f"    {line}".rstrip() for line in text.splitlines())
    for name, (before, after) in change.changed.items():
        yield f"changed    {change.folder / name}"
        yield from (f"    {line}".rstrip() for line in _diff(before, after))
    for name in change.removed:
        yield f"removed    {change.folder / name}"
    for name, found in change.kept.items():
        yield f"left alone {change.folder / name}: {found}"
    for name in change.same:
        yield f"unchanged  {change.folder / name}"


def _diff(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), "installed", "new", n=1, lineterm=""
    )
    return list(lines)


def write(change: Change) -> None:
    """Write and remove what `change` says; a file is replaced whole or not at all.

    Raises:
        StorageError: the folder cannot be written.
    """
    try:
        if change.new or change.changed:
            change.folder.mkdir(parents=True, exist_ok=True)
        for name, text in change.new.items():
            _replace(change.folder / name, text)
        for name, (_, text) in change.changed.items():
            _replace(change.folder / name, text)
        for name in change.removed:
            (change.folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(
            f"Cannot write {error.filename or change.folder}: {error.strerror}.",
            advice="--system needs root (sudo), --user does not.",
        ) from error


def _replace(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.chmod(0o644)
        os.replace(beside, path)
    except OSError:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
