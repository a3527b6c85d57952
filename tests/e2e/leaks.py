"""Which traces would a leak of personal data or secrets leave, and where could one look?"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

NAME = "Zulaikha Kanarinda"
EMAIL = "zulaikha.k@kenari-uji.example"
PHONE = "081299887766"
NIK = "6472019912310077"
SENTENCE = "Burung kenari itu bersiul tiga kali di loket"
PERSON = {
    "name": ("zulaikha", "kanarinda"),
    "e-mail": ("zulaikha.k@",),
    "phone": ("81299887766", "812-9988-7766"),
    "NIK": (NIK,),
}
"""Traces of the person, in lower case."""
TEXT = {"sentence": ("kenari itu bersiul", "bersiul tiga kali")}
PASSWORDS = {"token": "token-rahasia-91fa7", "database": "sandi-basis-7c2e", "mailbox": "rahasia-uji"}
SECRETS = {name: (value,) for name, value in PASSWORDS.items()}


def traces(text: str, *of: dict[str, tuple[str, ...]]) -> list[str]:
    """What of these can be read in the text, with the line that says it."""
    found = []
    for line in text.splitlines():
        small = line.lower()
        names = [name for kinds in of for name, marks in kinds.items() if any(mark in small for mark in marks)]
        found += [f"{name}: {line[:300]}" for name in names]
    return found


@dataclass
class CommandLines:
    """The command lines of a process and of all its descendants, as `ps` shows them to everybody."""

    seen: set[str] = field(default_factory=set)

    @contextmanager
    def of(self, pid: int) -> Iterator[None]:
        """Look again and again while the body runs."""
        ended = threading.Event()
        thread = threading.Thread(target=self._watch, args=(pid, ended), daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _watch(self, pid: int, ended: threading.Event) -> None:
        family = {pid}
        while not ended.wait(0.01):
            for child in sorted(int(name) for name in os.listdir("/proc") if name.isdigit()):  # noqa: PTH208
                if child in family or (child > pid and _parent(child) in family):
                    family.add(child)
                    self.seen.add(_read(child, "cmdline").replace("\0", " "))


def _parent(pid: int) -> int:
    fields = _read(pid, "stat").rpartition(")")[2].split()
    return int(fields[1]) if len(fields) > 1 else 0


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


class _Parrot(BaseHTTPRequestHandler):
    """Quotes whatever it is sent, in every place of an answer that a client might show."""

    def do_POST(self) -> None:
        said = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "replace")
        self._answer(said)

    def do_GET(self) -> None:
        self._answer(self.path)

    def _answer(self, said: str) -> None:
        server = self.server
        assert isinstance(server, ParrotServer)
        server.heard.append(said)
        body = server.body(said)
        self.send_response(server.status, "Zulaikha Kanarinda")
        self.send_header("Content-Type", server.media_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Retry-After", "Zulaikha Kanarinda")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class ParrotServer(ThreadingHTTPServer):
    """A LAPOR that quotes the report in its answers."""

    daemon_threads = True
    status = 422
    media_type = "application/json"

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Parrot)
        self.heard: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def body(self, said: str) -> bytes:
        """A 422 whose texts and field names quote the content, or a page that does."""
        if self.media_type != "application/json":
            return f"<html><body><h1>{said}</h1></body></html>".encode()
        quoted = json_text(" ".join(said.split()))
        return f'{{"message": {quoted}, "errors": {{"content": [{quoted}], {quoted}: [{quoted}]}}}}'.encode()


def json_text(text: str) -> str:
    """A JSON string."""
    return json.dumps(text, ensure_ascii=False)


@contextmanager
def parrot() -> Iterator[ParrotServer]:
    """Run a LAPOR that answers every request by quoting it; `status` and `media_type` may be changed meanwhile."""
    server = ParrotServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
