"""Fixtures that every test may use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from clerk.isolation import Child
from clerk.settings import get_settings

pytest_plugins = [
    "tests.fixtures_postgres",
    "tests.fixtures_pipeline",
    "tests.fixtures_prefect",
    "tests.fixtures_redis",
]

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real documents and labels, kept beside the checkout; CLERK_TEST_DATA names another place."""
    folder = Path(os.environ.get("CLERK_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real documents at {folder}: set CLERK_TEST_DATA to the folder that holds them")
    return folder


@pytest.fixture
def samples() -> Path:
    """Folder of the project's own sample documents."""
    return ROOT / "samples" / "town"


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    """The process in which pages are read."""
    made = Child(1024)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads the developer's `.env` or storage folder."""
    for name in ("DATABASE_URL", "REDIS_URL", "PREFECT_API_URL", "DASK_SCHEDULER_ADDRESS", "OCR_LANGUAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("STORAGE_DIR", str(tmp_path / "storage"))
    get_settings.cache_clear()
    monkeypatch.setattr("clerk.settings.ENV_FILE", str(tmp_path / "no.env"))
