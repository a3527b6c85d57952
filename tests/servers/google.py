"""What stands in for Google's token service, Sheets API and published links, as far as they are documented?"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import threading
import time
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import formatdate
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.servers.google_documents import Document, Tab, as_csv, described, mask_of, masked
from tests.servers.process import LOOPBACK, free_port

_SCOPE = "https://www.googleapis.com/auth/spreadsheets.readonly"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_SPAN = re.compile(r"'((?:[^']|'')*)'!(\d+):(\d+)")
_HOURS = 3600


class Refusal(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, content: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.content = content
        self.headers = headers or {}


class Google:
    """A service on a loopback port; documents, accounts and troubles are set from outside."""

    def __init__(self, port: int) -> None:
        """Only remember the port; `start` listens on it."""
        self.port = port
        self.documents: dict[str, Document] = {}
        self.requests: list[str] = []
        """Method and path of each request so far, and how it ended."""
        self.troubles: list[Refusal] = []
        """What the next requests to the API get instead of an answer."""
        self.clock_ahead = 0.0
        """Seconds by which Google's clock is ahead of the true time."""
        self._keys: dict[str, tuple[str, rsa.RSAPublicKey]] = {}
        self._tokens: dict[str, tuple[str, float]] = {}
        self._numbers = itertools.count(1)
        self._server: _Server | None = None

    @property
    def url(self) -> str:
        """The endpoint of all services."""
        return f"http://{LOOPBACK}:{self.port}"

    def start(self) -> None:
        """Listen, in a thread, until `stop`; also again after it, with all that it knows."""
        self._server = _Server(self)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        """Refuse connections; nothing if not started."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()

    def new_account(self, folder: Path) -> tuple[str, Path]:
        """A service account: its address, and the key file that it is given."""
        number = next(self._numbers)
        email = f"gateway-{number}@uji.iam.gserviceaccount.com"
        key = _key()
        self._keys[email] = (f"kid{number}", key.public_key())
        content = {
            "type": "service_account",
            "project_id": "uji",
            "private_key_id": f"kid{number}",
            "private_key": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
            "client_email": email,
            "token_uri": f"{self.url}/token",
        }
        file = folder / f"{email}.json"
        file.touch(mode=0o600)
        file.write_text(json.dumps(content, indent=2))
        return email, file

    def delete_account(self, email: str) -> None:
        """Forget it and its key."""
        del self._keys[email]

    def replace_key(self, email: str) -> None:
        """Let the account have another key than the one in its file."""
        kid, _ = self._keys[email]
        self._keys[email] = (kid, rsa.generate_private_key(65537, 1024).public_key())

    def revoke_tokens(self) -> None:
        """No token that was given so far is good any longer."""
        self._tokens.clear()

    def new_document(self, *tabs: Tab, title: str = "Pengaduan") -> Document:
        """A spreadsheet that is shared with nobody."""
        name = f"1{next(self._numbers):0>43}"
        document = self.documents[name] = Document(name, title, list(tabs))
        return document

    def now(self) -> float:
        """The time that Google has, in seconds since 1970."""
        return time.time() + self.clock_ahead

    def grant(self, form: Mapping[str, str]) -> Mapping[str, Any]:
        """The answer of the token service."""
        if form.get("grant_type") != _GRANT:
            raise Refusal(400, {"error": "unsupported_grant_type", "error_description": "Invalid grant_type"})
        email = self._verified(form.get("assertion", ""))
        token = f"ya29.{next(self._numbers)}"
        self._tokens[token] = (email, self.now() + _HOURS)
        return {"access_token": token, "expires_in": 3599, "token_type": "Bearer"}

    def spreadsheet(self, name: str, query: Mapping[str, str], authorization: str) -> Mapping[str, Any]:
        """The answer of `spreadsheets.get`."""
        email = self._known(authorization)
        if self.troubles:
            raise self.troubles.pop(0)
        document = self.documents.get(name)
        if document is None:
            raise api_error(404, "NOT_FOUND", "Requested entity was not found.")
        if email not in document.shared_with:
            raise api_error(403, "PERMISSION_DENIED", "The caller does not have permission")
        if document.is_office_file:
            raise api_error(400, "FAILED_PRECONDITION", "This operation is not supported for this document")
        if "ranges" in query and document.before_read is not None:
            document.before_read()
        try:
            return masked(described(document, _span(document, query)), mask_of(query.get("fields", "")))
        except ValueError:
            raise api_error(400, "INVALID_ARGUMENT", "Invalid field selection") from None

    def _verified(self, assertion: str) -> str:
        """Whose assertion it is."""
        try:
            head, body, signature = assertion.split(".")
            claims, kid = json.loads(_raw(body)), json.loads(_raw(head))["kid"]
        except (ValueError, KeyError):
            raise _invalid("Bad Request") from None
        if claims.get("iss") not in self._keys:
            raise _invalid("Invalid grant: account not found")
        known, key = self._keys[claims["iss"]]
        try:
            key.verify(_raw(signature), f"{head}.{body}".encode(), PKCS1v15(), SHA256())
        except InvalidSignature:
            raise _invalid("Invalid JWT Signature.") from None
        lived = claims["exp"] - claims["iat"]
        if known != kid or lived > _HOURS or not claims["iat"] - 300 <= self.now() <= claims["exp"]:
            raise _invalid("Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.")
        if claims.get("aud") != f"{self.url}/token" or claims.get("scope") != _SCOPE:
            raise Refusal(
                400, {"error": "invalid_scope", "error_description": "Invalid OAuth scope or ID token audience"}
            )
        return str(claims["iss"])

    def _known(self, authorization: str) -> str:
        email, until = self._tokens.get(authorization.removeprefix("Bearer "), ("", 0.0))
        if not authorization.startswith("Bearer ") or self.now() > until:
            text = "Request had invalid authentication credentials. Expected OAuth 2 access token"
            raise api_error(401, "UNAUTHENTICATED", text)
        return email


def api_error(status: int, code: str, message: str, reason: str = "", **headers: str) -> Refusal:
    """An error of the API, as Google's services write them."""
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}]
    error = {"code": status, "message": message, "status": code, **({"details": details} if reason else {})}
    return Refusal(status, {"error": error}, {name.replace("_", "-"): value for name, value in headers.items()})


@cache
def _key() -> rsa.RSAPrivateKey:
    """Google's have 2,048 bits; shorter ones are read ten times as fast."""
    return rsa.generate_private_key(65537, 1024)


def _invalid(description: str) -> Refusal:
    return Refusal(400, {"error": "invalid_grant", "error_description": description})


def _raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _span(document: Document, query: Mapping[str, str]) -> tuple[str, int, int] | None:
    if "ranges" not in query:
        return None
    found = _SPAN.fullmatch(query["ranges"])
    title = found[1].replace("''", "'") if found else ""
    if found is None or title not in [tab.title for tab in document.tabs]:
        raise api_error(400, "INVALID_ARGUMENT", f"Unable to parse range: {query['ranges']}")
    return title, int(found[2]), int(found[3])


class _Server(ThreadingHTTPServer):
    """A server that its requests know the service by."""

    def __init__(self, google: Google) -> None:
        super().__init__((LOOPBACK, google.port), _Handler)
        self.google = google


class _Handler(BaseHTTPRequestHandler):
    """Which service does a request go to?"""

    server: _Server

    def do_POST(self) -> None:
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._answer(lambda: self.server.google.grant(_single(form)))

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        parts = url.path.strip("/").split("/")
        if parts[:2] == ["v4", "spreadsheets"]:
            asked = _single(url.query)
            self._answer(lambda: self.server.google.spreadsheet(parts[2], asked, self.headers.get("Authorization", "")))
        elif parts[0] == "lucu":
            self._send(200, b"<html>ini proksi</html>", {"Content-Type": "text/html"})
        elif parts[-1] == "pub":
            self._redirect(parts[-2])
        else:
            self._published(parts[-1])

    def _answer(self, made: Any) -> None:
        try:
            self._send(200, json.dumps(made()).encode(), {"Content-Type": "application/json; charset=UTF-8"})
        except Refusal as refusal:
            self._send(refusal.status, json.dumps(refusal.content).encode(), refusal.headers)

    def _redirect(self, secret: str) -> None:
        """Published tables lie on another host, and only there anybody can read them."""
        if secret in {document.published for document in self.server.google.documents.values()}:
            where = f"http://localhost:{self.server.google.port}/pub/{secret}"
        else:
            where = "https://accounts.google.com/v3/signin/identifier?continue=x"
        self._send(307, b"<HTML>Temporary Redirect</HTML>", {"Location": where, "Set-Cookie": "NID=1"})

    def _published(self, secret: str) -> None:
        found = [document for document in self.server.google.documents.values() if document.published == secret]
        if self.server.google.troubles or not found:
            trouble = self.server.google.troubles.pop(0) if self.server.google.troubles else Refusal(404, {})
            self._send(trouble.status, b"<html>", trouble.headers)
            return
        content = as_csv(found[0].tabs[0])
        tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        if self.headers.get("If-None-Match") == tag:
            self._send(304, b"", {"ETag": tag})
        else:
            self._send(200, content, {"ETag": tag, "Content-Type": "text/csv"})

    def _send(self, status: int, content: bytes, headers: Mapping[str, str]) -> None:
        self.server.google.requests.append(f"{self.command} {self.path} {status}")
        self.send_response_only(status)
        self.send_header("Date", formatdate(self.server.google.now(), usegmt=True))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - the base class's name
        """Tests are quiet."""


def _single(query: str) -> Mapping[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}


@contextmanager
def google_server() -> Iterator[Google]:
    """Run it on a free port."""
    google = Google(free_port())
    google.start()
    try:
        yield google
    finally:
        google.stop()
