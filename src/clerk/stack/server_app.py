"""The Prefect server of a single run: Prefect's own, which asks its SQLite file again when that was just locked.

Prefect answers such a request with 503, and its client waits two seconds before it asks again. Two subflows that begin
in the same instant meet that at nearly every run; the lock is gone after some milliseconds. What was answered with 503
was rolled back, so that the same request can be made again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

PAUSES = (0.02, 0.05, 0.1, 0.2, 0.4)
_WRITING = ("POST", "PUT", "PATCH", "DELETE")
_UNAVAILABLE = 503


class Patient:
    """An ASGI application that makes a request again, up to five times in a second, that `app` answers with 503."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] != "http" or scope["method"] not in _WRITING:
            await self._app(scope, receive, send)
            return
        body = await _body(receive)
        for pause in PAUSES:
            if await self._answered(dict(scope), _again(body, receive), send):
                return
            await asyncio.sleep(pause)
        await self._app(scope, _again(body, receive), send)

    async def _answered(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> bool:
        """False when the application answered with 503; nothing was sent then."""
        unavailable = False

        async def watched(message: Message) -> None:
            nonlocal unavailable
            if message["type"] == "http.response.start":
                unavailable = message["status"] == _UNAVAILABLE
            if not unavailable:
                await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:
            # What was answered with an error is raised after it, for the web server's log.
            if not unavailable:
                raise
        return not unavailable


async def _body(receive: Receive) -> list[Message]:
    """The messages that make up the body of a request, or tell that its client is gone."""
    messages = [await receive()]
    while messages[-1].get("more_body"):
        messages.append(await receive())
    return messages


def _again(body: list[Message], receive: Receive) -> Receive:
    left = iter(body)

    async def next_message() -> Message:
        message = next(left, None)
        return await receive() if message is None else message

    return next_message


def create_app() -> App:
    """The factory that uvicorn calls."""
    from prefect.server.api import server

    return Patient(server.create_app())
