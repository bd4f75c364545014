"""A thin client of the Prefect REST API: patient with a server that restarts, plain about one that is not there."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any

import httpx

from clerk.errors import ServerError
from clerk.settings import Settings

PAGE = 200
# For work that must not stop half-way: longer than several answers of a server that is very busy may take.
PATIENT = 150.0
_TRY_AGAIN = frozenset(
    {
        httpx.codes.TOO_MANY_REQUESTS,
        # What a server says whose Redis or database is away for a moment.
        httpx.codes.INTERNAL_SERVER_ERROR,
        httpx.codes.BAD_GATEWAY,
        httpx.codes.SERVICE_UNAVAILABLE,
        httpx.codes.GATEWAY_TIMEOUT,
    }
)
_ADVICE = "Start it with `clerk up`, or check PREFECT_API_URL."


class PrefectApi:
    """The API at `url`. Use as a context manager, or call `close`. Threads may share one.

    Args:
        url: address of the API, ending in /api.
        auth: "user:password" for a server that asks for it.
        key: bearer key for a server that asks for one.
        patience: seconds to go on asking a server that does not answer, or says that it is busy.
    """

    def __init__(self, url: str, *, auth: str = "", key: str = "", patience: float = 20.0) -> None:
        self.url = url.rstrip("/")
        self.patience = patience
        user, _, password = auth.partition(":")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.Client(
            base_url=self.url,
            auth=httpx.BasicAuth(user, password) if auth else None,
            headers=headers,
            timeout=httpx.Timeout(30, connect=5),
        )

    def __enter__(self) -> PrefectApi:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def get(self, path: str) -> Any:
        """What is at `path`, or None when there is nothing (404).

        Raises:
            ServerError: the API does not answer, or answers with an error.
        """
        return self.call("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        """Send `body` as JSON; the answer, or None for an empty one or where there is nothing (404).

        Raises:
            ServerError: the API does not answer, or answers with an error.
        """
        return self.call("POST", path, body)

    def call(self, method: str, path: str, body: Any = None, *, accept: tuple[int, ...] = ()) -> Any:
        """The same with any method; a status in `accept` counts as no answer instead of an error."""
        response = self._send(method, path, body)
        if response.status_code in (httpx.codes.NOT_FOUND, *accept):
            return None
        if response.is_error:
            raise ServerError(f"{method} {self.url}{path}: {_line(response)}.", advice="")
        return response.json() if response.content else None

    def pages(self, path: str, body: dict[str, Any], *, size: int = PAGE) -> Iterator[dict[str, Any]]:
        """Every object that a filter endpoint has for `body`, asked for `size` at a time."""
        offset = 0
        while True:
            found = self.post(path, {**body, "limit": size, "offset": offset}) or []
            yield from found
            if len(found) < size:
                return
            offset += size

    def _send(self, method: str, path: str, body: Any) -> httpx.Response:
        end, pause = time.monotonic() + self.patience, 0.25
        cause: httpx.TransportError | None
        while True:
            try:
                response = self._client.request(method, path, json=body)
            except httpx.TransportError as error:
                problem, cause = f"does not answer ({type(error).__name__})", error
            else:
                if response.status_code not in _TRY_AGAIN:
                    return response
                problem, cause = f"is busy (HTTP {response.status_code})", None
            if time.monotonic() + pause > end:
                raise ServerError(f"The Prefect API at {self.url} {problem}.", advice=_ADVICE) from cause
            time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - only spreads the calls
            pause = min(pause * 2, 5)


def connect(settings: Settings, *, patience: float = 20.0) -> PrefectApi:
    """The API of the settings; nothing is sent yet.

    Raises:
        ServerError: no PREFECT_API_URL is set.
    """
    if not settings.prefect_api_url:
        raise ServerError(
            "No Prefect API is set.",
            advice="Start one with `clerk up` and set PREFECT_API_URL to the address it prints.",
        )
    return PrefectApi(
        settings.prefect_api_url,
        auth=settings.prefect_api_auth_string,
        key=settings.prefect_api_key,
        patience=patience,
    )


def _line(response: httpx.Response) -> str:
    try:
        detail = response.json().get("detail") or response.json().get("exception_message")
    except (ValueError, AttributeError):
        detail = None
    text = " ".join(str(detail or response.text or response.reason_phrase).split())
    return f"HTTP {response.status_code}: {text[:300]}"
