"""Fixtures that every test may use."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clerk.isolation import Child
from clerk.settings import get_settings

# PyMuPDF imports a layout model with its runtime where there is one, which takes longer than all of PyMuPDF.
for needless in ("pymupdf.layout", "pymupdf4llm"):
    sys.modules.setdefault(needless, None)  # type: ignore[arg-type]

pytest_plugins = [
    "tests.fixtures_postgres",
    "tests.fixtures_pipeline",
    "tests.fixtures_prefect",
    "tests.fixtures_redis",
]

ROOT = Path(__file__).resolve().parent.parent
# Modules whose end-to-end tests take minutes, the longest first: begun last, one would leave the other cores idle.
LONG = (
    "fleet",
    "up",
    "run",
    "fuzz",
    "chaos",
    "flows",
    "pools",
    "ha",
    "due",
    "netns",
    "tls",
    "retries",
    "deployment",
)


# Nothing that is imported and collected is garbage; looking through all of it took a tenth of the tests' time.
gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """From here on the collector looks at what the tests make."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long modules of end-to-end tests go first; all else stays in its random order."""

    def rank(item: pytest.Item) -> int:
        name = item.path.stem.rpartition("_")[2]
        return LONG.index(name) if name in LONG and item.get_closest_marker("e2e") else len(LONG)

    items.sort(key=rank)


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


@pytest.fixture(scope="session")
def child() -> Iterator[Child]:
    """The process in which pages are read; it is started again where a test kills it."""
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
