"""The limit of requests to one host: shared through a real Redis, in memory without, and whole when Redis goes."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from clerk.fetch import politeness as module
from clerk.fetch.client import Client, Limits
from clerk.fetch.download import download
from clerk.fetch.politeness import Politeness, politeness
from clerk.fetch.run import FetchRun, running
from clerk.fetcher import Fetcher
from clerk.models import Kind, RunRequest, Site
from clerk.settings import load
from clerk.stages import fetch
from clerk.storage import SiteStore
from tests.fetch_server import Answer, Server, pdf
from tests.fixtures_redis import RedisServer

pytest_plugins = ("tests.fixtures_fetch",)
HOST = "town.example"
LIMIT, WINDOW = 8, 2

# Waits for a line, then asks for turns for some seconds and prints when it got each.
WORKER = """
import sys, time
from clerk.fetch.politeness import Politeness
polite = Politeness(int(sys.argv[1]), sys.argv[4], seconds=int(sys.argv[2]))
print("ready", flush=True)
sys.stdin.readline()
end = time.time() + float(sys.argv[3])
while time.time() < end:
    polite.wait("town.example")
    print(time.time())
"""


def turns(processes: int, url: str, seconds: float) -> list[list[float]]:
    """When each of some processes that start together got its turns."""
    command = [sys.executable, "-c", WORKER, str(LIMIT), str(WINDOW), str(seconds), url]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return [[float(line) for line in process.communicate(timeout=60)[0].split()] for process in started]


def most_in_a_window(times: list[float]) -> int:
    """The most turns within any `WINDOW` seconds, less what the clock of a process may lag behind its answer."""
    window = WINDOW - 0.5
    return max(sum(start <= other < start + window for other in times) for start in times)


def test_processes_that_share_a_redis_keep_one_limit(redis_url: str) -> None:
    each = turns(2, redis_url, 3)
    everyone = sorted(time for one in each for time in one)
    assert all(each), "a process never had its turn"
    assert most_in_a_window(everyone) <= LIMIT
    # And it is used: a limit that lets hardly anyone through would pass the check above.
    assert len(everyone) >= 2 * LIMIT


def test_processes_without_a_redis_have_a_limit_each() -> None:
    each = turns(2, "", 0.5)
    assert all(most_in_a_window(one) == LIMIT for one in each)
    assert most_in_a_window(sorted(time for one in each for time in one)) == 2 * LIMIT


def test_threads_keep_the_limit_too(redis_url: str) -> None:
    polite = Politeness(LIMIT, redis_url, seconds=WINDOW)

    def work(_: int) -> float:
        polite.wait(HOST)
        return time.time()

    with ThreadPoolExecutor(2 * LIMIT) as pool:
        assert most_in_a_window(sorted(pool.map(work, range(2 * LIMIT)))) <= LIMIT


def test_each_host_has_its_own_window_and_its_name_is_no_matter_of_case() -> None:
    polite, naps = Politeness(1), []
    assert [polite.wait(host, naps.append) for host in ("a.gov", "b.gov", "c.gov")] == [0, 0, 0]
    assert polite.wait("A.gov", naps.append) >= module.LONGEST_SECONDS


def test_waiting_is_bounded_in_each_sleep_and_in_all(caplog: pytest.LogCaptureFixture) -> None:
    polite, naps = Politeness(1), []
    polite.wait(HOST)
    assert polite.wait(HOST, naps.append) == pytest.approx(sum(naps))
    assert max(naps) <= module.NAP_SECONDS
    assert module.LONGEST_SECONDS <= sum(naps) <= module.LONGEST_SECONDS + module.NAP_SECONDS
    assert f"{HOST} is asked after" in caplog.text


def test_hosts_whose_clocks_differ_share_one_window(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = (Politeness(LIMIT, redis_url, seconds=60) for _ in range(2))
    for _ in range(LIMIT):
        assert here.wait(HOST) == 0
    now = time.time
    for minutes in (-2, 2):
        monkeypatch.setattr(time, "time", lambda minutes=minutes: now() + 60 * minutes)
        assert 0 < there._take(HOST) <= 60


def test_a_redis_that_goes_is_said_once_and_the_limit_stays(
    redis_servers: Callable[..., RedisServer],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("clerk.redis_client.RETRIES", 0)
    monkeypatch.setattr(module, "AWAY_SECONDS", 0.0)
    server = redis_servers("open-sesame")
    polite = Politeness(4, server.url)
    for _ in range(3):
        assert polite.wait(HOST) == 0
    server.stop()
    assert polite.wait(HOST) == 0
    # The three that Redis counted are not forgotten, however often it is asked in vain.
    assert polite.wait(HOST, lambda _: None) >= module.LONGEST_SECONDS
    said = [record.getMessage() for record in caplog.records if "is away" in record.getMessage()]
    assert len(said) == 1
    assert "in this process alone" in said[0]
    assert "open-sesame" not in caplog.text
    assert server.start()
    assert polite.wait("other.example") == 0
    assert caplog.text.count("Redis is back") == 1


def test_a_bad_address_does_not_stop_a_fetch(caplog: pytest.LogCaptureFixture) -> None:
    polite = Politeness(4, "redis://host:port")
    assert [polite.wait(HOST) for _ in range(4)] == [0] * 4
    assert caplog.text.count("is away") == 1


def test_requests_and_downloads_and_redirects_go_through_it(server: Server, fetch_run: FetchRun) -> None:
    asked: list[str] = []

    class Spy:
        def wait(self, host: str, sleep: Callable[[float], None]) -> float:
            asked.append(host)
            return 0.0

    server.pages |= {"/page": Answer(b"", 302, {"Location": "/a.pdf"}), "/a.pdf": Answer(pdf("a"))}
    fetch_run.polite = Spy()
    with running(fetch_run):
        made = Fetcher({"subdomain": "town.ca", "start_year": 2020, "pages": 0, "extra": "{}"})
    assert made.request("GET", f"{server.url}/page") is not None
    assert asked == ["127.0.0.1"] * 2
    assert download(fetch_run, (Kind.MINUTES, "Council", "2024-03-05"), f"{server.url}/a.pdf").status == "new"
    assert asked == ["127.0.0.1"] * 3


def test_a_fetch_that_waits_for_its_turn_is_not_late(server: Server, tmp_path: Path) -> None:
    naps: list[float] = []

    class Slow:
        def wait(self, host: str, sleep: Callable[[float], None]) -> float:
            sleep(0.5)
            return 0.5

    limits = Limits(total=0.4, allow_private_hosts=True)
    run = FetchRun(SiteStore(tmp_path, "town.ca"), limits)
    run._client = Client(
        limits, polite=Slow(), sleep=lambda seconds: (naps.append(seconds), time.sleep(seconds))[0]
    )
    server.pages["/a.pdf"] = Answer(pdf("a"))
    try:
        assert download(run, (Kind.MINUTES, "Council", "2024-03-05"), f"{server.url}/a.pdf").status == "new"
    finally:
        run.close()
    assert naps == [0.5]


def test_the_stage_hands_in_the_limit_of_the_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given: list[Any] = []
    monkeypatch.setattr(fetch, "fetch_site", lambda site, store, options: given.append(options))
    settings = load(storage_dir=tmp_path, host_requests_per_minute=7)
    for _ in range(2):
        fetch.fetch_documents(Site("town"), RunRequest("town"), settings)
    first, second = (options.polite for options in given)
    # One for the process: two fetches of one host share it.
    assert first is second is politeness(7, "")
    assert first._item.amount == 7
    assert load(storage_dir=tmp_path).host_requests_per_minute == 120


def test_the_limit_speaks_up_only_when_it_matters(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    polite = Politeness(120)
    threads = [threading.Thread(target=polite.wait, args=(HOST,)) for _ in range(100)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - began < 2
    assert caplog.records == []
