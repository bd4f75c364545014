"""Fixtures of the tests of fetching."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from clerk.fetch.client import Limits
from clerk.fetch.run import FetchRun
from clerk.storage import SiteStore
from tests.fetch_server import Server


@pytest.fixture
def server() -> Iterator[Server]:
    """A server on a free port of 127.0.0.1."""
    running = Server()
    yield running
    running.close()


@pytest.fixture
def fetch_run(tmp_path: Path) -> Iterator[FetchRun]:
    """A fetch of the site `town.ca` that may reach this machine, without politeness."""
    limits = Limits(
        max_bytes=100_000, timeout=5, total=20, per_second=1e6, burst=1000, allow_private_hosts=True
    )
    run = FetchRun(SiteStore(tmp_path / "sites", "town.ca"), limits)
    yield run
    run.close()
