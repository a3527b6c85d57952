"""How does a test show pages with headers of its own choice, and see what it was asked?"""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.servers.process import LOOPBACK


@dataclass(frozen=True)
class Page:
    """What is shown at a path."""

    content: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """A request, and the status of its answer."""

    path: str
    headers: Mapping[str, str]
    """Names in small letters."""
    status: int


class Pages(ThreadingHTTPServer):
    """A web site on a loopback port. It answers 304 where the request names a page's ETag or time of change."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((LOOPBACK, 0), _Handler)
        self.port: int = self.server_address[1]
        self.url = f"http://{LOOPBACK}:{self.port}"
        self.pages: dict[str, Page] = {}
        self.gzip: dict[str, int] = {}
        """Paths that answer with so many packed zeros."""
        self.requests: list[Asked] = []


class _Handler(BaseHTTPRequestHandler):
    server: Pages

    def do_GET(self) -> None:
        if self.path in self.server.gzip:
            packed = gzip.compress(bytes(self.server.gzip[self.path]))
            page = Page(packed, headers={"Content-Encoding": "gzip"})
        else:
            page = self.server.pages.get(self.path, Page(b"", 404))
        unchanged = page.status == 200 and (
            self.headers.get("If-None-Match", "-") == page.headers.get("ETag")
            or self.headers.get("If-Modified-Since", "-") == page.headers.get("Last-Modified")
        )
        status = 304 if unchanged else page.status
        asked = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append(Asked(self.path, asked, status))
        self.send_response_only(status)
        for name, value in {"Content-Length": str(len(page.content)), **page.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if not unchanged:
            self.wfile.write(page.content)

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - the base class's name
        """Tests are quiet."""


@contextmanager
def pages_server() -> Iterator[Pages]:
    """Run one on a free port."""
    with Pages() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
