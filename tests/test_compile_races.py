"""Builds that run at once, and builds that are killed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from clerk.compile import Built, PageRow, built, compile_database
from clerk.models import Kind, Level, RunRef
from clerk.storage import SiteStore

DAY = "2025-03-04"


def rows(count: int, word: str, gate: threading.Event | None = None) -> Iterator[PageRow]:
    for number in range(1, count + 1):
        yield PageRow(Kind.MINUTES, "CityCouncil", DAY, DAY, number, f"{word} {number}")
    if gate is not None:
        assert gate.wait(30)


def build(store: SiteStore, level: Level, pages: Iterator[PageRow], token: int = 1) -> Built:
    run = RunRef(f"run-{token}", token)
    return compile_database(store, pages, level=level, run=run, fingerprint="f", guard=lambda: None)


@pytest.mark.parametrize("last", [Level.FAST, Level.FULL])
def test_whichever_ends_last_the_fuller_stays(tmp_path: Path, last: Level) -> None:
    store = SiteStore(tmp_path, "town")
    gates = {Level.FAST: threading.Event(), Level.FULL: threading.Event()}
    results: dict[Level, Built] = {}

    def work(level: Level) -> None:
        results[level] = build(store, level, rows(200, "text", gates[level]))

    threads = {level: threading.Thread(target=work, args=(level,)) for level in gates}
    for thread in threads.values():
        thread.start()
    first = Level.FULL if last is Level.FAST else Level.FAST
    for level in (first, last):
        gates[level].set()
        threads[level].join(30)
    live = built(store)
    assert live is not None
    assert live.level is Level.FULL
    assert results[Level.FULL].replaced
    assert results[Level.FAST].replaced == (last is Level.FULL)


def test_two_builds_with_different_texts_agree_on_the_ids(tmp_path: Path) -> None:
    store = SiteStore(tmp_path, "town")
    gate = threading.Event()
    slow = threading.Thread(target=build, args=(store, Level.FULL, rows(20, "late", gate)))
    slow.start()
    deadline = time.monotonic() + 30
    while not list(store.folder.glob(".meetings~*")):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    build(store, Level.FAST, rows(20, "early"))
    issued = _ids(store)
    gate.set()
    slow.join(30)
    with closing(sqlite3.connect(store.database)) as connection:
        assert connection.execute("SELECT text FROM minutes WHERE page = 1").fetchone() == ("late 1",)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        found = connection.execute("SELECT count(*) FROM minutes_fts WHERE minutes_fts MATCH 'late'")
        assert found.fetchone() == (20,)
    assert _ids(store) == issued


def _ids(store: SiteStore) -> list[str]:
    with closing(sqlite3.connect(store.database)) as connection:
        return [row[0] for row in connection.execute("SELECT id FROM minutes ORDER BY page")]


_BUILDER = """
import sys
from pathlib import Path
from clerk.compile import PageRow, compile_database
from clerk.models import Kind, Level, RunRef
from clerk.storage import SiteStore

def rows():
    for n in range(1, 3001):
        yield PageRow(Kind.MINUTES, "CityCouncil", "2025-03-04", "2025-03-04", n, f"page {n} " + "word " * 300)
        if n == 1500:
            print("half", flush=True)

store = SiteStore(Path(sys.argv[1]), "town")
compile_database(store, rows(), level=Level.FULL, run=RunRef("killed", 2), fingerprint="f", guard=lambda: None)
print("done", flush=True)
"""


def test_a_killed_build_leaves_the_old_database_and_the_next_cleans_up(tmp_path: Path) -> None:
    store = SiteStore(tmp_path, "town")
    build(store, Level.FULL, rows(3, "old"))
    process = subprocess.Popen(
        [sys.executable, "-c", _BUILDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "half\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait(20)
    process.stdout.close()
    assert list(store.folder.glob(".meetings~*"))
    live = built(store)
    assert live is not None
    assert live.run_id == "run-1"
    with closing(sqlite3.connect(store.database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    build(store, Level.FULL, rows(3, "new"), token=3)
    assert sorted(path.name for path in store.folder.iterdir()) == ["_records", "meetings.db"]
