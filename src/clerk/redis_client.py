"""The one way to Redis: a client per process and URL, safe between threads, after a fork and in spawned processes.

Commands wait at most some seconds for a server that is slow, and are tried again, a little later each time, where the
connection broke. The library's own errors come out of commands; `check` turns them into one line for people.
"""

from __future__ import annotations

import os
from urllib.parse import unquote, urlsplit, urlunsplit

import redis
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from clerk.errors import BrokerError

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 5.0
# A connection that was idle for longer is asked whether it still stands before it is used.
HEALTH_SECONDS = 30
# Threads beyond this number wait for a connection instead of opening one each.
MAX_CONNECTIONS = 32
WAIT_SECONDS = 20.0
RETRIES = 3

_clients: dict[tuple[int, str], redis.Redis] = {}


def connect(url: str) -> redis.Redis:
    """This process's client for `url`; nothing is sent yet. Answers are bytes.

    Raises:
        BrokerError: it is no address of a Redis.
    """
    # A child made by fork has another process id, so it never touches the sockets of its parent.
    key = (os.getpid(), url)
    found = _clients.get(key)
    # Two threads may both make one; `setdefault` keeps one of them, and the other never opens a socket.
    return found if found is not None else _clients.setdefault(key, _client(url, RETRIES))


def check(url: str) -> str:
    """The version of the Redis at `url`, asked over a connection of its own, without trying twice.

    Raises:
        BrokerError: it does not answer, or refuses; the line says why and shows no password.
    """
    client = _client(url, 0)
    try:
        return str(client.info("server")["redis_version"])
    except redis.RedisError as error:
        raise BrokerError(f"Redis at {shown(url)}: {_line(error, url)}.") from error
    finally:
        client.close()


def shown(url: str) -> str:
    """`url` as people may see it: no user, no password, no options."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "***"
    host = parts.netloc.rpartition("@")[2]
    hidden = "***@" if "@" in parts.netloc else ""
    return urlunsplit(parts._replace(netloc=f"{hidden}{host}", query="", fragment=""))


def _client(url: str, retries: int) -> redis.Redis:
    try:
        pool = redis.BlockingConnectionPool.from_url(
            url,
            max_connections=MAX_CONNECTIONS,
            timeout=WAIT_SECONDS,
            socket_connect_timeout=CONNECT_SECONDS,
            socket_timeout=ANSWER_SECONDS,
            health_check_interval=HEALTH_SECONDS,
            retry=Retry(ExponentialWithJitterBackoff(base=0.1, cap=2.0), retries),
            retry_on_error=[RedisConnectionError, RedisTimeoutError] if retries else [],
        )
    except (ValueError, redis.RedisError) as error:
        # What the library says may quote a part of the password.
        raise BrokerError(
            "REDIS_URL is no address of a Redis.", advice="Write it like redis://host:6379/0."
        ) from error
    return redis.Redis.from_pool(pool)


def _line(error: Exception, url: str) -> str:
    line = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    try:
        password = urlsplit(url).password or ""
    except ValueError:
        password = ""
    for secret in filter(None, (password, unquote(password))):
        line = line.replace(secret, "***")
    return line
