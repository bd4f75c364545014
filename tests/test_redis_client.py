"""The Redis client: many threads, forks, spawned processes, servers that are slow or gone."""

from __future__ import annotations

import multiprocessing
import pickle
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from clerk import redis_client
from clerk.errors import BrokerError, ClerkError
from clerk.redis_client import check, connect, shown
from tests.fixtures_redis import RedisServer

THREADS = 64


def count(url: str, times: int) -> int:
    client = connect(url)
    for _ in range(times):
        client.incr("count")
    return id(client)


def test_many_threads_share_one_client(redis_url: str) -> None:
    start = threading.Barrier(THREADS)

    def work(number: int) -> int:
        start.wait(30)
        client = connect(redis_url)
        for turn in range(25):
            key, value = f"thread-{number}", f"{number}/{turn}".encode()
            client.set(key, value)
            # An answer that belongs to another thread's question would be seen here.
            assert client.get(key) == value
        return count(redis_url, 25)

    with ThreadPoolExecutor(THREADS) as pool:
        clients = set(pool.map(work, range(THREADS)))
    client = connect(redis_url)
    assert clients == {id(client)}
    assert client.get("count") == str(THREADS * 25).encode()
    assert client.info("clients")["connected_clients"] <= redis_client.MAX_CONNECTIONS + 1


@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_child_processes_have_connections_of_their_own(redis_url: str, method: str) -> None:
    before = count(redis_url, 1)
    context = multiprocessing.get_context(method)
    children = [context.Process(target=count, args=(redis_url, 50)) for _ in range(3)]
    for child in children:
        child.start()
    # While they work, this process goes on with the connection that a fork has copied.
    assert count(redis_url, 50) == before
    for child in children:
        child.join(60)
    assert [child.exitcode for child in children] == [0, 0, 0]
    assert connect(redis_url).get("count") == b"201"


def test_a_forked_child_gets_another_client(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = connect(redis_url)
    first.ping()
    monkeypatch.setattr("clerk.redis_client.os.getpid", lambda: -1)
    assert connect(redis_url) is not first


def test_a_server_that_starts_again_is_found_again(redis_servers: Callable[..., RedisServer]) -> None:
    server = redis_servers()
    client = connect(server.url)
    client.set("a", "1")
    server.stop()
    with pytest.raises(redis.ConnectionError):
        client.get("a")
    assert server.start()
    assert client.get("a") is None


def test_a_short_outage_is_waited_out(
    redis_servers: Callable[..., RedisServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_client, "RETRIES", 30)
    server = redis_servers()
    client = connect(server.url)
    client.ping()
    server.stop()
    back = threading.Thread(target=server.start)
    back.start()
    try:
        assert client.ping()
    finally:
        back.join()


def test_check_tells_the_version(redis_url: str) -> None:
    assert check(redis_url).startswith("6.")


def test_check_hides_the_password(redis_servers: Callable[..., RedisServer]) -> None:
    server = redis_servers("open-sesame")
    assert check(server.url)
    wrong = server.url.replace("open-sesame", "guessed-wrongly")
    with pytest.raises(BrokerError) as caught:
        check(wrong)
    assert f"Redis at redis://***@127.0.0.1:{server.port}/0: " in caught.value.message
    assert "guessed-wrongly" not in str(caught.value)
    with pytest.raises(BrokerError, match=r"(?i)auth"):
        check(server.url.replace(":open-sesame@", ""))


def test_check_of_a_server_that_is_gone_is_one_line_with_advice() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"redis://:secret@127.0.0.1:{probe.getsockname()[1]}/0"
        with pytest.raises(BrokerError) as caught:
            check(url)
    error = caught.value
    assert isinstance(error, ClerkError)
    assert error.transient
    assert "\n" not in str(error)
    assert "secret" not in str(error)
    assert error.advice == "Start Redis, or correct REDIS_URL."
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.message) == (BrokerError, error.message)


def test_check_does_not_wait_for_a_server_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_client, "ANSWER_SECONDS", 0.3)
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        began = time.monotonic()
        with pytest.raises(BrokerError, match=r"(?i)time"):
            check(f"redis://127.0.0.1:{mute.getsockname()[1]}/0")
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "url", ["http://:secret@host/0", "redis://:secret/x@host:6379/0", "redis://h:secret"]
)
def test_a_bad_address_is_said_without_quoting_it(url: str) -> None:
    with pytest.raises(BrokerError, match="no address of a Redis") as caught:
        connect(url)
    assert "secret" not in str(caught.value)


def test_what_people_see_of_an_address() -> None:
    assert shown("redis://user:pw@h:1/2?password=x") == "redis://***@h:1/2"
    assert shown("rediss://h/0") == "rediss://h/0"
    assert shown("unix:///run/redis.sock?db=1") == "unix:/run/redis.sock"
    assert shown("redis://[::1") == "***"
