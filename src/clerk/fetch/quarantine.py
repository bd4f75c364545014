"""Downloads that failed: their reasons, how often they were tried, and the bytes where there were any."""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from clerk.models import Failure, Stage
from clerk.storage import SiteStore, read_json, safe_name, write_json

FIRST_WAIT = timedelta(hours=1)
LONGEST_WAIT = timedelta(days=7)
_STALE_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Rejected:
    """One failed download. `origin` is a URL, a source path, or the path it was written to in the layout.

    `at` is UTC ISO 8601; `size` (bytes), `mtime_ns`, `etag`, `last_modified` tell whether the origin changed.
    """

    origin: str
    kind: str
    meeting: str
    date: str
    reason: str
    transient: bool = False
    attempts: int = 1
    at: str = ""
    size: int = 0
    mtime_ns: int = 0
    etag: str = ""
    last_modified: str = ""

    @property
    def name(self) -> str:
        """Name of its file in the quarantine folder."""
        key = hashlib.sha256(f"{self.kind}/{self.meeting}/{self.date}\n{self.origin}".encode()).hexdigest()
        return safe_name(f"{self.meeting[:60]}-{self.date}-{self.kind}-{key[:12]}.pdf")

    def failure(self, subdomain: str) -> Failure:
        """As the failure that people read."""
        return Failure(
            subdomain=subdomain,
            kind=self.kind,
            meeting=self.meeting,
            date=self.date,
            path=self.origin,
            page=None,
            stage=Stage.FETCH,
            reason=self.reason,
            attempts=self.attempts,
        )

    def waits(self, now: datetime) -> bool:
        """True while it is too early to try again what has not changed."""
        try:
            since = datetime.fromisoformat(self.at)
        except ValueError:
            return False
        return now < since + min(FIRST_WAIT * (1 << min(self.attempts - 1, 10)), LONGEST_WAIT)


class Quarantine:
    """The quarantine folder of one site."""

    def __init__(self, store: SiteStore) -> None:
        self._folder = store.quarantine
        self._known: dict[str, Rejected] = {}
        if self._folder.is_dir():
            for path in sorted(self._folder.glob("*.pdf.json")):
                entry = _read(path)
                if entry is not None:
                    self._known[entry.name] = entry

    def all(self) -> list[Rejected]:
        """Every failed download that has not succeeded since, in a stable order."""
        return [self._known[name] for name in sorted(self._known)]

    def known(self, entry: Rejected) -> Rejected | None:
        """What was recorded for the same document and origin."""
        return self._known.get(entry.name)

    def put(self, entry: Rejected, body: Path | None) -> Rejected:
        """Record a failure, counting on from an earlier one; the file `body` is moved here."""
        earlier = self._known.get(entry.name)
        attempts = earlier.attempts + 1 if earlier else 1
        entry = replace(entry, attempts=attempts, at=utc_now().isoformat(timespec="seconds"))
        self._folder.mkdir(parents=True, exist_ok=True)
        if body is not None:
            os.replace(body, self._folder / entry.name)
        write_json(self._folder / f"{entry.name}.json", asdict(entry))
        self._known[entry.name] = entry
        return entry

    def clear(self, entry: Rejected) -> None:
        """The download has succeeded, or its origin is gone: drop what was kept of its failure."""
        if self._known.pop(entry.name, None) is not None:
            for name in (entry.name, f"{entry.name}.json"):
                (self._folder / name).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what downloads left behind that were killed."""
        if self._folder.is_dir():
            for path in self._folder.glob(".*.part"):
                if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                    path.unlink(missing_ok=True)


def utc_now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


def _read(path: Path) -> Rejected | None:
    data = read_json(path)
    if not isinstance(data, dict):
        return None
    try:
        return Rejected(**{name: data[name] for name in Rejected.__dataclass_fields__ if name in data})
    except TypeError:
        return None
