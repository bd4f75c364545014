"""`manifest.csv` of a folder of documents: what a person says of each file. It wins over every name."""

from __future__ import annotations

import csv
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePosixPath

from clerk.errors import UsageError
from clerk.models import Kind

NAME = "manifest.csv"
COLUMNS = ("path", "body", "date", "kind")
_KINDS = {"minutes": Kind.MINUTES, "agenda": Kind.AGENDA, "agendas": Kind.AGENDA}


@dataclass(frozen=True, slots=True)
class Entry:
    """A row: the file's path within the folder, and what it is."""

    path: str
    body: str
    date: str
    kind: Kind


@dataclass(slots=True)
class Manifest:
    """Rows that can be used, by path in their order, and the reasons of those that cannot."""

    entries: dict[str, Entry] = field(default_factory=dict)
    bad: dict[str, str] = field(default_factory=dict)


def read_manifest(folder: Path) -> Manifest:
    """The folder's manifest; an empty one where there is none.

    Raises:
        UsageError: the file cannot be read as CSV in UTF-8, or lacks a column.
    """
    manifest = Manifest()
    path = folder / NAME
    if not path.is_file():
        return manifest
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.DictReader(stream)
            names = {(name or "").strip().lower(): name for name in rows.fieldnames or ()}
            missing = [column for column in COLUMNS if column not in names]
            if missing:
                raise UsageError(f"{path} lacks the column {missing[0]!r}: it needs {','.join(COLUMNS)}.")
            for row in rows:
                cells = {column: (row.get(names[column]) or "").strip() for column in COLUMNS}
                _add(manifest, cells, rows.line_num)
    except (csv.Error, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no CSV file in UTF-8: {error}.") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from error
    return manifest


def path_key(path: str) -> str:
    """A relative path as manifests and scans compare it: forward slashes, composed accents."""
    return unicodedata.normalize("NFC", PurePosixPath(path.replace("\\", "/")).as_posix())


def _add(manifest: Manifest, cells: dict[str, str], line: int) -> None:
    if not any(cells.values()):
        return
    key = path_key(cells["path"]) if cells["path"] else f"line {line}"
    reason = _fault(cells)
    entry = None if reason else Entry(key, cells["body"], cells["date"], _KINDS[cells["kind"].lower()])
    if not reason and manifest.entries.get(key, entry) != entry:
        reason = "names the file again, with other values"
    if reason or entry is None:
        manifest.bad.setdefault(key, f"{NAME}, line {line}: {reason}")
    else:
        manifest.entries[key] = entry


def _fault(cells: dict[str, str]) -> str:
    parts = PurePosixPath(cells["path"].replace("\\", "/")).parts
    if not parts:
        return "names no path"
    if parts[0] == "/" or ".." in parts or ":" in parts[0]:
        return f"the path {cells['path']!r} leaves the folder"
    if not any(character.isalnum() for character in cells["body"]):
        return "names no body"
    try:
        ordered = date.fromisoformat(cells["date"]).isoformat() == cells["date"]
    except ValueError:
        ordered = False
    if not ordered:
        return f"the date {cells['date']!r} is not YYYY-MM-DD"
    if cells["kind"].lower() not in _KINDS:
        return f"the kind {cells['kind']!r} is neither minutes nor agenda"
    return ""
