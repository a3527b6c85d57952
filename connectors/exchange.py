"""How is one HTTP request answered, whatever the status, within limits of size and time?

`connectors/web.py` is for those who want a 200 or an error; this is for those who must read a refusal or a redirect.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import httpx

from connectors.contract import Misconfigured, Unreachable

NOTHING: Mapping[str, str] = MappingProxyType({})
_WAITS = 5
"""An answer may take so many times the timeout of a single wait: one that drips for ever ends."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered."""

    status: int
    headers: Mapping[str, str]
    """Names in small letters."""
    content: bytes

    @property
    def fails(self) -> bool:
        """The server cannot answer now; a later try may help."""
        return self.status >= 500 or self.status in {408, 425, 429}


class Exchange:
    """Sends requests and follows nothing. What it says of errors names hosts alone: a whole URL may be a secret."""

    def __init__(self, timeout: float, most_bytes: int, ca_file: Path | None = None) -> None:
        """`timeout` in seconds for each wait; an answer of more than `most_bytes`, unpacked, is refused."""
        trust = _trusting(ca_file) if ca_file is not None else _usual_trust()
        self._client = httpx.Client(timeout=timeout, verify=trust, follow_redirects=False, trust_env=False)
        self._most = most_bytes
        self._longest = timeout * _WAITS

    def get(self, url: str, headers: Mapping[str, str] = NOTHING, params: Mapping[str, str] = NOTHING) -> Reply:
        """Ask. Raises Unreachable or Misconfigured where there is no answer, or too much of it."""
        asked = {"headers": dict(headers), "params": dict(params) or None}
        return self._send("GET", url, asked)

    def post(self, url: str, form: Mapping[str, str]) -> Reply:
        """Send a form. Raises as `get` does."""
        return self._send("POST", url, {"data": dict(form)})

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def _send(self, method: str, url: str, content: Mapping[str, Any]) -> Reply:
        where = host(url)
        # What one host stores here is no other one's, nor the next request's, business.
        self._client.cookies.clear()
        try:
            with self._client.stream(method, url, **content) as response:
                return Reply(response.status_code, dict(response.headers.items()), self._content(response, where))
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError):
            raise Misconfigured(f"the address at {where} cannot be asked: a character in it is wrong") from None
        except httpx.HTTPError as error:
            raise Unreachable(f"{where} does not answer ({_reason(error)})") from None

    def _content(self, response: httpx.Response, where: str) -> bytes:
        parts, size, end = [], 0, time.monotonic() + self._longest
        for part in response.iter_bytes():
            size += len(part)
            if size > self._most:
                raise Misconfigured(f"{where} answers with more than {self._most / 1_000_000:.0f} MB")
            if time.monotonic() > end:
                raise Unreachable(f"{where} takes longer than {self._longest:.0f} s to answer")
            parts.append(part)
        return b"".join(parts)


def _reason(error: httpx.HTTPError) -> str:
    """What went wrong in a word or two; the error's own text may quote the address."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return "its certificate is not trusted; see `ca_file`"
        cause = cause.__cause__ or cause.__context__
    return type(error).__name__


def host(url: str) -> str:
    """The server that a URL names; nothing else of it."""
    try:
        parts = urlsplit(url)
        return f"{parts.hostname or 'the server'}{f':{parts.port}' if parts.port else ''}"
    except ValueError:
        return "the server"


@cache
def _usual_trust() -> ssl.SSLContext:
    """Made once: reading all authorities takes longer than a small request."""
    return httpx.create_ssl_context(trust_env=False)


def _trusting(ca_file: Path) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(ca_file))
    except OSError as error:
        raise Misconfigured(f"ca_file {ca_file} cannot be used ({error.strerror or 'no certificates in it'})") from None
