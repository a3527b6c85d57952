"""What does it mean to a connector that a server gives no answer, or another one than content?

Unreachable
├── Down        no connection, or the server asks for patience: whatever else is asked for there would fail too
└── Dropped     the connection broke off
Misconfigured
└── Absent      there is nothing at this address
"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx

from connectors.contract import ConnectorError, Misconfigured, Unreachable

_PATIENCE = frozenset({429, 502, 503, 504})
_TRY_AGAIN = frozenset({408, 425})
_ABSENT = frozenset({404, 410})
_REFUSALS = {401: "refuses the credentials", 403: "forbids it"}


class Down(Unreachable):
    """No connection, or the server asks for patience: whatever else is asked for there would fail too."""

    def __init__(self, text: str, wait: float = 0.0) -> None:
        """`wait` in seconds, as the server asks for."""
        super().__init__(text)
        self.wait = wait


class Dropped(Unreachable):
    """The connection broke off before the answer was whole."""


class Absent(Misconfigured):
    """There is nothing at this address (404, 410)."""


def place(url: str) -> str:
    """The address in words, without what may be secret: its user, query and fragment."""
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"
    except ValueError:
        return "the address"


def translated(error: httpx.HTTPError, where: str) -> ConnectorError:
    """The contract's error for what httpx met."""
    distrust = _distrust(error)
    if distrust:
        return Misconfigured(f"{where}: its certificate is not trusted ({distrust}); see `ca_file`")
    said = f"{where} does not answer ({type(error).__name__})"
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return Down(said)
    return Dropped(said) if isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError) else Unreachable(said)


def _distrust(error: BaseException | None) -> str | None:
    """What TLS has against the server, found where httpx keeps what it was told."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return str(error.verify_message)
        error = error.__cause__ or error.__context__
    return None


def refuse(response: httpx.Response, where: str, *, conditional: bool) -> None:
    """Raise for every answer that is no content."""
    status = response.status_code
    if status == 200 or (status == 304 and conditional):
        return
    raise _error(status, where, _wait(response.headers.get("retry-after", "")))


def _error(status: int, where: str, wait: float) -> ConnectorError:
    if status in _PATIENCE:
        asked = f" and asks to wait {wait:.0f} s" if wait else ""
        return Down(f"{where} answers HTTP {status}{asked}", wait)
    if status >= 500 or status in _TRY_AGAIN:
        return Unreachable(f"{where} answers HTTP {status}")
    if status in _ABSENT:
        return Absent(f"{where} has nothing there (HTTP {status})")
    if 300 <= status < 400:
        return Misconfigured(f"{where} redirects to another address (HTTP {status}); configure that one")
    return Misconfigured(f"{where} {_REFUSALS.get(status, 'refuses the request')} (HTTP {status})")


def _wait(said: str) -> float:
    """Seconds in a Retry-After, which is a number or a date (RFC 9110, 10.2.3); 0 where there is none."""
    if number(said):
        return float(number(said))
    try:
        moment = parsedate_to_datetime(said)
    except ValueError:
        return 0.0
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def number(text: str) -> int:
    """The whole number that a header says; 0 where it says none."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
