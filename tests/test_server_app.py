"""A request that met a locked database is made again before its client hears of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, MutableMapping
from typing import Any

import pytest

from clerk.stack import server_app
from clerk.stack.server_app import Patient

Message = MutableMapping[str, Any]


class LockedError(Exception):
    """What the web server is told after it was answered for."""


class Application:
    """Answers with 503 so many times, as Prefect does: the error is raised after the answer was sent."""

    def __init__(self, locked: int) -> None:
        self.bodies: list[bytes] = []
        self.left = locked

    async def __call__(self, scope: Any, receive: Callable[[], Any], send: Callable[[Message], Any]) -> None:
        body = b""
        while True:
            message = await receive()
            body += message["body"]
            if not message.get("more_body"):
                break
        self.bodies.append(body)
        status = 503 if self.left else 201
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"one", "more_body": True})
        await send({"type": "http.response.body", "body": b"two"})
        if self.left:
            self.left -= 1
            raise LockedError


def asked(app: Any, method: str = "POST") -> list[Message]:
    """What a client is sent for a request whose body comes in two parts."""
    parts = iter(
        [
            {"type": "http.request", "body": b"state", "more_body": True},
            {"type": "http.request", "body": b"ment", "more_body": False},
        ]
    )
    sent: list[Message] = []

    async def receive() -> Message:
        return next(parts)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": "/api/flow_runs/"}
    asyncio.run(Patient(app)(scope, receive, send))
    return sent


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_app, "PAUSES", (0.0,) * 5)


@pytest.mark.parametrize("locked", [0, 1, 5])
def test_a_locked_database_is_asked_again_with_the_whole_body(locked: int) -> None:
    app = Application(locked)
    sent = asked(app)
    assert [message.get("status") for message in sent] == [201, None, None]
    assert b"".join(message.get("body", b"") for message in sent) == b"onetwo"
    assert app.bodies == [b"statement"] * (locked + 1)


def test_one_that_stays_locked_is_answered_as_before() -> None:
    app = Application(100)
    with pytest.raises(LockedError):
        asked(app)
    assert len(app.bodies) == 6


def test_reading_requests_are_left_to_their_client() -> None:
    app = Application(1)
    with pytest.raises(LockedError):
        asked(app, "GET")
    assert len(app.bodies) == 1


def test_an_error_of_another_kind_passes() -> None:
    async def broken(_scope: Any, _receive: Any, send: Callable[[Message], Any]) -> None:
        await send({"type": "http.response.start", "status": 500, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        raise LockedError

    with pytest.raises(LockedError):
        asked(broken)


def test_what_is_no_request_passes() -> None:
    seen: list[str] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        seen.append(scope["type"])

    asyncio.run(Patient(app)({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
    assert seen == ["lifespan"]
