"""How is something fetched over HTTP for a connector, within limits and without telling secrets?"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

import httpx

from connectors.contract import ConnectorError, Misconfigured, Unreachable

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_NONE: Mapping[str, str] = MappingProxyType({})
_TRY_AGAIN = frozenset({408, 425, 429})
_REFUSALS = {401: "refuses the credentials", 403: "forbids it", 404: "has nothing there", 410: "has nothing there"}


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server answered: status 200, or 304 where the request had a condition."""

    status: int
    headers: Mapping[str, str]
    """Names in small letters."""
    content: bytes


def safe_url(text: str) -> str:
    """The URL, if it may be asked: https, or http on loopback, and no password in it. Raises ValueError."""
    try:
        url = urlsplit(text)
        url.port  # noqa: B018 - raises where it is none
    except ValueError:
        raise ValueError('expected a URL such as "https://…"') from None
    if url.scheme not in {"http", "https"} or not url.hostname:
        raise ValueError('expected a URL such as "https://…"')
    if url.username or url.password:
        raise ValueError("a password stands in the URL")
    if url.scheme == "http" and url.hostname not in LOOPBACK:
        raise ValueError("http sends citizens' data in clear text; it is allowed on loopback only")
    return text


class Web:
    """Asks servers with GET. One object serves one round; close it after."""

    def __init__(
        self, timeout: float, most_bytes: int, headers: Mapping[str, str] = _NONE, ca_file: Path | None = None
    ) -> None:
        """`timeout` in seconds for each wait; an answer of more than `most_bytes` is refused."""
        verify = ssl.create_default_context(cafile=str(ca_file)) if ca_file else True
        self._client = httpx.Client(
            timeout=timeout, headers=dict(headers), verify=verify, follow_redirects=False, trust_env=False
        )
        self._most = most_bytes

    def get(self, url: str, headers: Mapping[str, str] = _NONE, params: Mapping[str, str] = _NONE) -> Fetched:
        """One answer. Raises Unreachable where a later try may help, Misconfigured where a person must act."""
        where = place(url)
        try:
            with self._client.stream("GET", url, headers=dict(headers), params=dict(params) or None) as response:
                _refuse(response, where)
                return Fetched(response.status_code, dict(response.headers.items()), self._content(response, where))
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise Misconfigured(f"{where} is no URL that can be asked") from None
        except httpx.HTTPError as error:
            raise Unreachable(f"{where} does not answer ({type(error).__name__})") from None

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def _content(self, response: httpx.Response, where: str) -> bytes:
        parts, size = [], 0
        for part in response.iter_bytes():
            size += len(part)
            if size > self._most:
                raise Misconfigured(f"{where} answers with more than {self._most} bytes")
            parts.append(part)
        return b"".join(parts)


def place(url: str) -> str:
    """The address in words, without what may be secret: its user, query and fragment."""
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"
    except ValueError:
        return "the address"


def _refuse(response: httpx.Response, where: str) -> None:
    """Raise for every answer that is no content."""
    status = response.status_code
    if status in (200, 304):
        return
    raise _error(status, where)


def _error(status: int, where: str) -> ConnectorError:
    if status >= 500 or status in _TRY_AGAIN:
        return Unreachable(f"{where} answers HTTP {status}")
    if 300 <= status < 400:
        return Misconfigured(f"{where} redirects to another address (HTTP {status}); configure that one")
    return Misconfigured(f"{where} {_REFUSALS.get(status, 'refuses the request')} (HTTP {status})")
