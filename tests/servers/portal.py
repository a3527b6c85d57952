"""How does a test get a provincial portal: a JSON list over HTTP with a token, pages, ETags, files and bad days?"""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.servers.process import LOOPBACK, free_port

LIST = "/api/pengaduan"


@dataclass(frozen=True)
class Asked:
    """One request."""

    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in small letters."""


@dataclass
class Answer:
    """What a server says."""

    status: int = 200
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def json_answer(value: object, status: int = 200) -> Answer:
    """The value as JSON."""
    return Answer(status, json.dumps(value).encode(), {"Content-Type": "application/json"})


class Portal:
    """A portal whose items a test may change at any moment."""

    def __init__(self) -> None:
        self.port = free_port()
        self.items: dict[int, dict[str, Any]] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        self.token: str | None = None
        self.paging = "none"
        self.size = 100
        self.etags = False
        self.total = True
        self.newest_first = False
        self.before: Callable[[Asked], None] = lambda asked: None
        """Called before each answer: a list may change while it is read."""
        self.instead: Callable[[Asked], Answer | None] = lambda asked: None
        """What is answered in place of the portal's own words."""
        self.asked: list[Asked] = []
        self._server: _Server | None = None

    @property
    def url(self) -> str:
        """Of the list."""
        return f"{self.root}{LIST}"

    @property
    def root(self) -> str:
        """Of the server."""
        return f"http://{LOOPBACK}:{self.port}"

    def start(self) -> None:
        """Serve, in threads, until `stop`; also again after it, with what there was."""
        handler = type("Handler", (_Handler,), {"portal": self})
        self._server = _Server((LOOPBACK, self.port), handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        """Refuse connections; nothing if not started."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()

    def answer(self, asked: Asked) -> Answer:
        """What the portal says."""
        self.asked.append(asked)
        self.before(asked)
        other = self.instead(asked)
        if other is not None:
            return other
        if self.token is not None and asked.headers.get("authorization") != f"Bearer {self.token}":
            return json_answer({"message": "Unauthenticated."}, 401)
        if asked.path in self.files:
            kind, content = self.files[asked.path]
            return Answer(200, content, {"Content-Type": kind})
        if asked.path == LIST:
            return self._with_etag(asked, json_answer(self._page(asked.params)))
        number = asked.path.removeprefix(f"{LIST}/")
        if number.isdigit() and int(number) in self.items:
            return json_answer({"data": self.items[int(number)]})
        return json_answer({"message": "Not found."}, 404)

    def _page(self, params: Mapping[str, str]) -> Mapping[str, Any]:
        items = [self.items[number] for number in sorted(self.items, reverse=self.newest_first)]
        following: str | None = None
        if self.paging == "page":
            at = (int(params.get("page", "1")) - 1) * self.size
        elif self.paging == "offset":
            at = int(params.get("offset", "0"))
        else:
            at = 0
        if self.paging in ("cursor", "link"):
            after = int(params.get("cursor", "-1"))
            items = [item for item in items if item["id"] > after]
            following = str(items[self.size - 1]["id"]) if len(items) > self.size else None
        if self.paging != "none":
            items = items[at : at + self.size]
        if self.paging == "link" and following:
            following = f"{LIST}?cursor={following}"
        total = {"total": len(self.items)} if self.total else {}
        return {"data": {"items": items, "meta": {**total, "next": following}}}

    def _with_etag(self, asked: Asked, answer: Answer) -> Answer:
        if not self.etags:
            return answer
        etag = f'"{hashlib.sha256(answer.content).hexdigest()[:16]}"'
        if asked.headers.get("if-none-match") == etag:
            return Answer(304, b"", {"ETag": etag})
        return Answer(answer.status, answer.content, {**answer.headers, "ETag": etag})


class _Handler(BaseHTTPRequestHandler):
    portal: Portal
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.portal.answer(Asked(parts.path, dict(parse_qsl(parts.query)), headers))
        content = answer.content
        packed = len(content) > 500 and "gzip" in headers.get("accept-encoding", "")
        self.send_response(answer.status)
        if packed and "Content-Encoding" not in answer.headers:
            content = gzip.compress(content, 1)
            self.send_header("Content-Encoding", "gzip")
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if "Content-Length" not in answer.headers and answer.status != 304:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = self.close_connection or "Content-Length" in answer.headers

    def log_message(self, *_words: object) -> None:
        """Say nothing: pytest shows what fails."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_request: object) -> None:
        """Say nothing where a client hangs up, as those do that have read enough."""


@contextmanager
def portal_server() -> Iterator[Portal]:
    """Run a portal on a free port."""
    portal = Portal()
    portal.start()
    try:
        yield portal
    finally:
        portal.stop()
