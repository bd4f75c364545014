"""How often one host is asked, by all fetch workers together where they share a Redis, else by this process alone."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

from clerk.errors import BrokerError
from clerk.redis_client import connect, shown

PREFIX = "clerk:host"
# A request never waits longer than this: the fetch goes on, however many others want the same host.
LONGEST_SECONDS = 900.0
# Sleeps are short, since a window may open early, as when others have given up.
NAP_SECONDS = 5.0
# While Redis is away, it is not asked at each request anew.
AWAY_SECONDS = 30.0
_log = logging.getLogger("clerk.fetch")


class Politeness:
    """A moving window for each host. Threads may share one.

    Args:
        requests: requests to one host within any `seconds`.
        redis_url: where the counts are shared; empty: they are this process's own.
    """

    def __init__(self, requests: int, redis_url: str = "", *, seconds: int = 60) -> None:
        self._item = RateLimitItemPerSecond(requests, seconds)
        self._own = MovingWindowRateLimiter(MemoryStorage())
        self._url = redis_url
        self._shared: MovingWindowRateLimiter | None = None
        self._away_until = 0.0
        self._lock = threading.Lock()

    def wait(self, host: str, sleep: Callable[[float], None] = time.sleep) -> float:
        """Return when `host` may be asked once more; the value is how long that took, in seconds. Never raises."""
        host, waited = host.lower(), 0.0
        while (seconds := self._take(host)) > 0:
            if waited >= LONGEST_SECONDS:
                _log.warning("%s is asked after %.0f s of waiting for its turn.", host, waited)
                break
            # Those who wait for the same moment do not all wake at once.
            nap = min(seconds + random.uniform(0.01, 0.25), NAP_SECONDS)  # noqa: S311 - no secret
            sleep(nap)
            waited += nap
        return waited

    def _take(self, host: str) -> float:
        """Take a place in the window of `host`: 0, or the seconds until one may be free."""
        if self._url and time.monotonic() >= self._away_until:
            try:
                return self._take_shared(host)
            except (RedisError, BrokerError) as error:
                self._lost(error)
        return _hit(self._own, self._item, host, time.time)

    def _take_shared(self, host: str) -> float:
        if self._shared is None:
            self._shared = MovingWindowRateLimiter(_ServerClock(self._url))
        storage = self._shared.storage
        assert isinstance(storage, _ServerClock)
        seconds = _hit(self._shared, self._item, host, storage.now)
        with self._lock:
            back, self._away_until = self._away_until > 0, 0.0
        if back:
            _log.warning("Redis is back: the limit of requests to a host is shared again.")
        if not seconds:
            # Counted here too, so that the limit holds on without Redis from this very request.
            self._own.hit(self._item, host)
        return seconds

    def _lost(self, error: Exception) -> None:
        with self._lock:
            first, self._away_until = not self._away_until, time.monotonic() + AWAY_SECONDS
        if first:
            text = " ".join(str(error).split()).rstrip(".")
            _log.warning(
                "Redis at %s is away (%s): requests to a host are limited in this process alone.",
                shown(self._url),
                text,
            )


class _ServerClock(RedisStorage):
    """The library's storage on our client, with the server's time: the clocks of the hosts may differ."""

    # Not to be found under any address: it is made here alone.
    STORAGE_SCHEME = []  # noqa: RUF012 - typed by the library

    def __init__(self, url: str) -> None:
        self._client = connect(url)
        super().__init__(url, connection_pool=self._client.connection_pool, key_prefix=PREFIX)

    def now(self) -> float:
        """Seconds since 1970 by the server's clock."""
        seconds, micros = self._client.time()
        return float(seconds) + float(micros) / 1e6

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        arguments = [self.now(), limit, expiry, amount]
        return bool(self.lua_acquire_moving_window([self.prefixed_key(key)], arguments))

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        now = self.now()
        window: Any = self.lua_moving_window([self.prefixed_key(key)], [now - expiry, limit])
        return (float(window[0]), int(window[1])) if window else (now, 0)


@lru_cache(maxsize=8)
def politeness(per_minute: int, redis_url: str) -> Politeness:
    """The one of this process, so that its fetches share their counts also without Redis."""
    return Politeness(per_minute, redis_url)


def _hit(
    limiter: MovingWindowRateLimiter, item: RateLimitItemPerSecond, host: str, now: Callable[[], float]
) -> float:
    if limiter.hit(item, host):
        return 0.0
    window = limiter.get_window_stats(item, host)
    # A place may have come free between the two questions.
    return 0.01 if window.remaining else max(0.01, window.reset_time - now())
