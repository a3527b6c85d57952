"""How does the mock answer: as JSON, as an HTML page, byte by byte, or by hanging up?"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

TRANSPORT = "lapor_mock.transport"
PIECES = 20
HTML_PAGE = "<!DOCTYPE html>\n<html lang='id'><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"


class HangUp(Response):
    """Closes the connection without a byte of an answer; needs DroppableProtocol underneath."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[TRANSPORT].abort()
        await until_gone(receive)


class Dribble(Response):
    """Sends another answer in small pieces spread over `seconds`."""

    def __init__(self, answer: Response, seconds: float) -> None:
        super().__init__(status_code=answer.status_code)
        self.body = bytes(answer.body)
        self.raw_headers = answer.raw_headers
        self._pause = seconds / PIECES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        size = max(1, -(-len(self.body) // PIECES))
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        for start in range(0, len(self.body), size):
            await linger(receive, self._pause)
            piece = self.body[start : start + size]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class DroppableProtocol(H11Protocol):
    """HTTP/1.1 whose application can reach the connection, which ASGI itself does not allow."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app = _with_transport(self.app, transport)


def _with_transport(app: Any, transport: asyncio.Transport) -> ASGIApp:
    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        scope[TRANSPORT] = transport
        await app(scope, receive, send)

    return call


async def until_gone(receive: Callable[[], Awaitable[Any]]) -> None:
    """Return when the client has gone; whatever it still sends is thrown away."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def linger(receive: Callable[[], Awaitable[Any]], seconds: float) -> None:
    """Wait that long, or until the client has gone: nobody is left to wait for then."""
    with suppress(TimeoutError):
        await asyncio.wait_for(until_gone(receive), seconds)


def answer_json(content: object, status: int) -> Response:
    """Return JSON as PHP writes it by default, with everything beyond ASCII escaped."""
    return Response(json.dumps(content, separators=(",", ":")), status, media_type="application/json")


def answer_message(text: str, status: int) -> Response:
    """Return the `{"message"}` object of an error."""
    return answer_json({"message": text}, status)


def answer_page(title: str, status: int) -> Response:
    """Return a small HTML page, as the web server in front of LAPOR would."""
    return HTMLResponse(HTML_PAGE.format(title=title), status)
