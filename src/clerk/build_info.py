"""What a compiled database says about itself. Not in `compile`, whose imports are heavy, for those that only ask."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from clerk.models import Level
from clerk.storage import SiteStore

BUILD_TABLE = "_clerk_build"


@dataclass(frozen=True, slots=True)
class BuildInfo:
    """Which run built a database (`token`: of its lease), how full, from which input, with how many pages."""

    level: Level
    token: int
    run_id: str
    fingerprint: str
    pages: int

    def metadata(self) -> dict[str, str]:
        """As the database keeps it."""
        return {
            "level": self.level.value,
            "token": str(self.token),
            "run_id": self.run_id,
            "fingerprint": self.fingerprint,
            "pages": str(self.pages),
        }

    def outranks(self, other: BuildInfo) -> bool:
        """True when `other` must not replace this build.

        A lower level never replaces a higher one of the same or a later run. A later run's fast build may:
        it carries what was extracted before.
        """
        return self.level.rank > other.level.rank and self.token >= other.token


@contextmanager
def open_readonly(path: Path) -> Iterator[sqlite3.Connection]:
    """A read-only connection that never creates the file; raises sqlite3.Error where it cannot be opened."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=30)) as connection:
        yield connection


def built(store: SiteStore) -> BuildInfo | None:
    """The build that is live; None where there is none, or it is damaged, or another program made it."""
    return read_info(store.database)


def read_info(path: Path) -> BuildInfo | None:
    """Like `built`, for any file."""
    try:
        with open_readonly(path) as connection:
            values = dict(connection.execute(f"SELECT key, value FROM [{BUILD_TABLE}]").fetchall())  # noqa: S608
        return BuildInfo(
            Level(values["level"]),
            int(values["token"]),
            values["run_id"],
            values["fingerprint"],
            int(values["pages"]),
        )
    except (sqlite3.Error, KeyError, ValueError):
        return None
