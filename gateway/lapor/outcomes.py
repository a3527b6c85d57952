"""What does the end of a request mean? The one table of outcomes, for requests that file and requests that only read.

| how it ended                                                       | filing       | reading     |
|--------------------------------------------------------------------|--------------|-------------|
| no connection (refused, DNS, TLS, time-out while connecting)       | Unavailable  | Unavailable |
| connection broken, time-out while writing or reading               | Unknown      | Unavailable |
| 200, 201 with a tracking id                                        | filed        | answer      |
| 200, 201 with anything else, other 2xx                             | Unknown      | Unavailable |
| 301–308, 404, 405, 410                                             | Refused      | Refused     |
| 401, 403, 407                                                      | Refused      | Refused     |
| 408, 425, 429, 503                                                 | Unavailable  | Unavailable |
| other 4xx (400, 409, 413, 415, 422 …)                              | Rejected     | Refused     |
| 500, 502, 504 and other 5xx                                        | Unknown      | Unavailable |

A redirect after a form was sent often says that it was taken: the refused report is in doubt too, and looked up.
408 says that the request did not arrive whole (RFC 9110, 15.5.9), so nothing was filed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from gateway.lapor.errors import LaporError, OutcomeUnknown, Refused, Rejected, Unavailable

LONGEST_WAIT = timedelta(hours=1)
_NOT_CONNECTED = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.ProxyError,
)
_LATER = {408, 425, 429, 503}
_WRONG_ADDRESS = {404, 405, 410}
_WRONG_TOKEN = {401, 403, 407}


def not_connected(error: BaseException) -> bool:
    """Whether no byte of the request can have arrived."""
    return isinstance(error, _NOT_CONNECTED)


def broken(error: httpx.TransportError, where: str) -> LaporError:
    """The meaning of a request to file that ended without an answer."""
    kind = type(error).__name__
    if not_connected(error):
        return Unavailable("no_connection", f"{where} cannot be reached ({kind})")
    return OutcomeUnknown("no_answer", f"{where} broke off without an answer ({kind})")


FieldErrors = Mapping[str, Sequence[str]]


def filing_error(
    response: httpx.Response, where: str, now: datetime, read_errors: Callable[[httpx.Response], FieldErrors]
) -> LaporError | None:
    """The meaning of an answer to a request to file; None for one that may hold a receipt."""
    status = response.status_code
    if status in {200, 201}:
        return None
    common = _common(response, where, now)
    if common is not None:
        return common
    if 400 <= status < 500:
        return Rejected(f"{where} refuses the report (HTTP {status})", read_errors(response))
    return OutcomeUnknown(f"http_{status}", f"{where} answered HTTP {status}; it may have filed the report")


def reading_error(response: httpx.Response, where: str, now: datetime) -> LaporError | None:
    """The meaning of an answer to a request that only reads; None for a good one."""
    status = response.status_code
    if status == 200:
        return None
    common = _common(response, where, now)
    if common is not None:
        return common
    if 400 <= status < 500:
        return Refused("refused", f"{where} refuses the question (HTTP {status})")
    return Unavailable(f"http_{status}", f"{where} answered HTTP {status}")


def retry_after(response: httpx.Response, now: datetime) -> timedelta | None:
    """LAPOR's wish, in seconds or as an HTTP date (RFC 9110, 10.2.3), at most one hour."""
    text = response.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(moment - now, timedelta(0)), LONGEST_WAIT)


def field_errors(response: httpx.Response) -> FieldErrors:
    """All errors of a 422 by field; of any other shape, the message or the status alone."""
    body = json_object(response) or {}
    errors = body.get("errors")
    named = errors if isinstance(errors, dict) else {}
    told = {str(name): texts for name, given in named.items() if (texts := _texts(given))}
    return told or {"": [str(body.get("message") or f"HTTP {response.status_code}")]}


def _texts(texts: Any) -> Sequence[str]:
    return [str(text) for text in (texts if isinstance(texts, list) else [texts])]


def json_object(response: httpx.Response) -> dict[str, Any] | None:
    """The answer as a JSON object; None for anything else, such as a maintenance page."""
    try:
        body = response.json()
    except (ValueError, UnicodeDecodeError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _common(response: httpx.Response, where: str, now: datetime) -> LaporError | None:
    status = response.status_code
    if status in _LATER:
        return Unavailable(f"http_{status}", f"{where} answered HTTP {status}: later", retry_after(response, now))
    if status in _WRONG_TOKEN:
        return Refused("unauthorized", f"{where} refuses the token (HTTP {status}); check [lapor] token")
    if 300 <= status < 400:
        return Refused("redirected", f"{where} redirects (HTTP {status}); check [lapor] base_url")
    if status in _WRONG_ADDRESS:
        return Refused("wrong_address", f"{where} answered HTTP {status}; check [lapor] base_url and paths")
    return None
