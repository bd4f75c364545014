"""The HTTP client of fetchers: verified TLS, time-outs, a size limit, retries, a polite rate a host."""

from __future__ import annotations

import email.utils
import random
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import httpx

from clerk import __version__
from clerk.errors import FetchError, FetchRefusedError
from clerk.fetch.hosts import GuardedTransport

TRIES = 3
MAX_REDIRECTS = 6
MAX_WAIT = 30.0
_BUSY = frozenset((429, 500, 502, 503, 504))
_SAFE = frozenset(("GET", "HEAD", "OPTIONS"))


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a download: bytes, seconds without an answer, seconds in all, requests a second and host."""

    max_bytes: int = 200 * 1024 * 1024
    timeout: float = 30.0
    total: float = 900.0
    per_second: float = 4.0
    burst: int = 10
    allow_private_hosts: bool = False


class Polite(Protocol):
    """A limit of requests to one host that is shared with others; see `clerk.fetch.politeness`."""

    def wait(self, host: str, sleep: Callable[[float], None]) -> float:
        """Return when `host` may be asked."""


class Rate:
    """A token bucket for each host, shared by the fetchers of this process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._hosts: dict[str, tuple[float, float]] = {}

    def reserve(self, host: str, per_second: float, burst: int) -> float:
        """Take a token and return the seconds to wait before it may be used."""
        with self._lock:
            now = self._clock()
            tokens, at = self._hosts.get(host, (float(burst), now))
            tokens = min(float(burst), tokens + (now - at) * per_second) - 1.0
            self._hosts[host] = (tokens, now)
        return max(0.0, -tokens / per_second)


_RATE = Rate()


class Client:
    """Sends requests for one fetcher. Threads may share it.

    `polite` limits requests to one host beyond this process, `sleep` is what it waits with, `context` the TLS context
    in place of the usual one.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        polite: Polite | None = None,
        sleep: Callable[[float], None] = time.sleep,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.limits = limits
        self._polite = polite
        self._sleep = sleep
        self._http = httpx.Client(
            transport=GuardedTransport(allow_private_hosts=limits.allow_private_hosts, context=context),
            timeout=httpx.Timeout(limits.timeout),
            follow_redirects=True,
            max_redirects=MAX_REDIRECTS,
            trust_env=False,
            headers={"User-Agent": f"civicband-clerk/{__version__}"},
            event_hooks={"request": [self._before]},
        )

    def close(self) -> None:
        """Close its connections; using it again opens new ones."""
        self._http.close()

    def request(self, method: str, url: str, **parts: Any) -> httpx.Response:
        """The whole response, whatever its status; a busy server's is asked for again first.

        Raises:
            FetchError: no response (time-out, connection, name), or one that never ends.
            FetchRefusedError: a forbidden host or scheme, a bad certificate, or a body over the size limit.
        """
        with self.stream(method, url, **parts) as response:
            started = time.monotonic()
            body = b"".join(self.chunks(response, started))
        # Built anew from the counted body: `Response.read` knows no limit.
        headers = [
            (name, value)
            for name, value in response.headers.multi_items()
            if name.lower() not in ("content-encoding", "transfer-encoding", "content-length")
        ]
        whole = httpx.Response(
            response.status_code,
            headers=headers,
            content=body,
            request=response.request,
            extensions=response.extensions,
            history=response.history,
        )
        whole.elapsed = response.elapsed
        return whole

    @contextmanager
    def stream(self, method: str, url: str, **parts: Any) -> Iterator[httpx.Response]:
        """The response with its body unread; see `request` for what it raises. Read it with `chunks`."""
        response = self._send(method.upper(), url, {key: value for key, value in parts.items() if value})
        try:
            yield response
        finally:
            response.close()
            # One call's cookies are not the next one's: fetchers hand over those they mean.
            self._http.cookies.clear()

    def chunks(self, response: httpx.Response, started: float) -> Iterator[bytes]:
        """Pieces of the decoded body, until it ends or breaks a limit.

        Raises:
            FetchError: the connection broke, or `Limits.total` seconds have passed since `started`.
            FetchRefusedError: there is more than `Limits.max_bytes`.
        """
        limit = self.limits.max_bytes
        declared = response.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > limit:
            raise FetchRefusedError(_too_large(limit))
        size = 0
        try:
            for chunk in response.iter_bytes():
                size += len(chunk)
                if size > limit:
                    raise FetchRefusedError(_too_large(limit))
                if time.monotonic() - started > self.limits.total:
                    raise FetchError(f"The download did not end within {self.limits.total:.0f} s.")
                yield chunk
        except httpx.HTTPError as error:
            raise FetchError(f"The download broke off: {_plain(error)}.") from error

    def _send(self, method: str, url: str, parts: dict[str, Any]) -> httpx.Response:
        for left in range(TRIES - 1, -1, -1):
            try:
                request = self._http.build_request(method, url, **parts)
                response = self._http.send(request, stream=True)
            except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
                raise FetchRefusedError(f"{url} is no web address: {_plain(error)}.") from error
            except httpx.TooManyRedirects as error:
                raise FetchRefusedError(f"{url} redirects more than {MAX_REDIRECTS} times.") from error
            except httpx.HTTPError as error:
                self._after_error(method, url, error, left)
                continue
            wait = _wait(response, TRIES - left)
            if response.status_code not in _BUSY or method not in _SAFE or not left or wait > MAX_WAIT:
                return response
            response.close()
            self._http.cookies.clear()
            self._sleep(wait)
        raise AssertionError("unreachable")

    def _after_error(self, method: str, url: str, error: httpx.HTTPError, left: int) -> None:
        """Wait before the next try, or raise what ends the tries."""
        if _is_certificate(error):
            raise FetchRefusedError(f"{_host(url)} has no valid certificate: {_plain(error)}.") from error
        # What may have reached the server is not sent twice, unless sending it twice is harmless.
        unsent = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
        if not left or not (unsent or method in _SAFE):
            raise FetchError(f"No answer from {_host(url)}: {_plain(error)}.") from error
        self._sleep(_delay(TRIES - left))

    def _before(self, request: httpx.Request) -> None:
        """Runs before every request, each redirect too."""
        if request.url.scheme not in ("http", "https") or not request.url.host:
            raise FetchRefusedError(f"{request.url} is no web address.")
        wait = _RATE.reserve(request.url.host, self.limits.per_second, self.limits.burst)
        if wait:
            self._sleep(wait)
        if self._polite is not None:
            self._polite.wait(request.url.host, self._sleep)


def status_error(response: httpx.Response) -> FetchError | FetchRefusedError | None:
    """The error that a status other than 200 stands for."""
    status = response.status_code
    if status == httpx.codes.OK:
        return None
    text = f"The server answered {status} {response.reason_phrase}".rstrip() + "."
    return FetchError(text) if status in _BUSY or status == 408 else FetchRefusedError(text)


def _wait(response: httpx.Response, attempt: int) -> float:
    """Seconds that the server asks for, or those of our own back-off."""
    asked = response.headers.get("retry-after", "").strip()
    if asked.isdigit():
        return float(asked)
    if asked:
        try:
            at = email.utils.parsedate_to_datetime(asked)
        except ValueError:
            return _delay(attempt)
        return max(0.0, (at.astimezone(UTC) - datetime.now(UTC)).total_seconds())
    return _delay(attempt)


def _delay(attempt: int) -> float:
    return 0.5 * 2.0 ** (attempt - 1) * random.uniform(0.75, 1.25)  # noqa: S311 - spreads retries, no secret


def _is_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _plain(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__


def _host(url: str) -> str:
    return httpx.URL(url).host or url


def _too_large(limit: int) -> str:
    return f"The download is larger than {limit / 1024 / 1024:.0f} MB."
