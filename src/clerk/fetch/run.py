"""What one fetch of one site shares: the fetcher's base class finds it here, whoever constructs it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from clerk.fetch.client import Client, Limits, Polite
from clerk.fetch.quarantine import Quarantine
from clerk.fetch.shelf import Shelf
from clerk.models import Failure, Stage
from clerk.storage import SiteStore


@dataclass(slots=True)
class FetchRun:
    """One fetch. `retry` tries failed downloads again at once; `broken` is why the last connection failed."""

    store: SiteStore
    limits: Limits
    retry: bool = False
    polite: Polite | None = None
    skipped: list[Failure] = field(default_factory=list)
    broken: str = ""
    _shelf: Shelf | None = None
    _quarantine: Quarantine | None = None
    _client: Client | None = None

    @property
    def shelf(self) -> Shelf:
        """Documents and their origins, read at first use."""
        if self._shelf is None:
            self._shelf = Shelf(self.store)
        return self._shelf

    @property
    def quarantine(self) -> Quarantine:
        """Failed downloads, read at first use."""
        if self._quarantine is None:
            self._quarantine = Quarantine(self.store)
        return self._quarantine

    @property
    def client(self) -> Client:
        """The HTTP client, made at first use."""
        if self._client is None:
            self._client = Client(self.limits, polite=self.polite)
        return self._client

    def close(self) -> None:
        """Close connections."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def skip(self, path: str, reason: str, *, kind: str = "", meeting: str = "", date: str = "") -> None:
        """Leave one file or link out, for a reason that a person reads."""
        entry = Failure(
            subdomain=self.store.subdomain,
            kind=kind,
            meeting=meeting,
            date=date,
            path=path,
            page=None,
            stage=Stage.FETCH,
            reason=f"skipped: {reason}",
        )
        if entry not in self.skipped:
            self.skipped.append(entry)


_CURRENT: ContextVar[FetchRun | None] = ContextVar("clerk_fetch_run", default=None)


def current_run(subdomain: str) -> FetchRun | None:
    """The fetch of that site that is under way in this context, if one is."""
    run = _CURRENT.get()
    return run if run is not None and run.store.subdomain == subdomain else None


@contextmanager
def running(run: FetchRun) -> Iterator[FetchRun]:
    """Let fetchers that are constructed inside find `run`."""
    token = _CURRENT.set(run)
    try:
        yield run
    finally:
        _CURRENT.reset(token)
