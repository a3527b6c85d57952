"""How is something fetched over HTTP for a connector, within limits and without telling secrets?

Unreachable
├── Down        no connection, or the server asks for patience: whatever else is asked for there would fail too
└── Dropped     the connection broke off
Misconfigured
└── Absent      there is nothing at this address
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from connectors.contract import Misconfigured, Unreachable
from connectors.pace import Pace
from connectors.tls import trusting
from connectors.web_body import Damaged, TooLarge, contents
from connectors.web_errors import Absent, Down, Dropped, number, place, refuse, translated

__all__ = ["LOOPBACK", "Absent", "Down", "Dropped", "Fetched", "Web", "place", "safe_url"]

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_NONE: Mapping[str, str] = MappingProxyType({})
_ATTEMPTS = 3
_LONGEST_WAIT = 5.0
"""Seconds that are waited within a round; a server that asks for more is asked in the next one."""
_WAIT = wait_random_exponential(multiplier=0.1, max=1.0)
_DEADLINE = 10
"""An answer may take so many times `timeout` in all: each wait for a byte alone says nothing of its end."""


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
        self,
        timeout: float,
        most_bytes: int,
        headers: Mapping[str, str] = _NONE,
        ca_file: Path | None = None,
        rate: float | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`timeout` in seconds for each wait; an answer of more than `most_bytes`, unpacked, is refused.

        `rate` in requests a second. Raises Misconfigured for headers that cannot be sent and a useless `ca_file`.
        """
        self._client = httpx.Client(
            timeout=timeout,
            headers={**_sendable(headers), "Accept-Encoding": "gzip"},
            verify=trusting(ca_file),
            follow_redirects=False,
            trust_env=False,
        )
        self._most = most_bytes
        self._longest = timeout * _DEADLINE
        self._pace = Pace(rate, sleep=sleep)
        self._again = Retrying(
            stop=stop_after_attempt(_ATTEMPTS),
            wait=_patience,
            retry=retry_if_exception(_is_worth_another),
            sleep=sleep,
            reraise=True,
        )

    def get(
        self,
        url: str,
        headers: Mapping[str, str] = _NONE,
        params: Mapping[str, str] = _NONE,
        most_bytes: int | None = None,
    ) -> Fetched:
        """One answer. Raises Unreachable where a later try may help, Misconfigured where a person must act.

        `params` come to those of the URL; `most_bytes` takes the place of the object's own. What broke off or may be
        over in seconds is asked for again within the call.
        """
        sent = _sendable(headers)
        return self._again(self._once, url, sent, params, self._most if most_bytes is None else most_bytes)

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def _once(self, url: str, headers: Mapping[str, str], params: Mapping[str, str], most: int) -> Fetched:
        where = place(url)
        self._pace.turn()
        try:
            whole = httpx.URL(url).copy_merge_params(dict(params)) if params else httpx.URL(url)
            with self._client.stream("GET", whole, headers=dict(headers)) as response:
                refuse(response, where, conditional=any(name.lower() == "if-none-match" for name in headers))
                return Fetched(
                    response.status_code, dict(response.headers.items()), self._content(response, where, most)
                )
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise Misconfigured(f"{where} is no URL that can be asked") from None
        except httpx.HTTPError as error:
            raise translated(error, where) from None

    def _content(self, response: httpx.Response, where: str, most: int) -> bytes:
        if response.status_code == 304:
            return b""
        if number(response.headers.get("content-length", "")) > most:
            raise Misconfigured(f"{where} answers with more than {most} bytes")
        encoding = response.headers.get("content-encoding", "").strip().lower()
        try:
            return contents(self._in_time(response, where), encoding, most)
        except TooLarge:
            raise Misconfigured(f"{where} answers with more than {most} bytes") from None
        except Damaged:
            raise Dropped(f"{where} answers with bytes that cannot be unpacked, or only part of them") from None

    def _in_time(self, response: httpx.Response, where: str) -> Iterator[bytes]:
        end = time.monotonic() + self._longest
        for part in response.iter_raw():
            if time.monotonic() > end:
                raise Unreachable(f"{where} takes longer than {self._longest:.0f} s to answer")
            yield part


def _sendable(headers: Mapping[str, str]) -> Mapping[str, str]:
    """The headers, unless a library's own complaint about one of them would tell its value."""
    for name, value in headers.items():
        if not (value.isascii() and value.isprintable() and name.isascii() and name.isprintable()):
            raise Misconfigured(f"the value for the header {name!r} has characters that cannot be sent")
    return headers


def _is_worth_another(error: BaseException) -> bool:
    return isinstance(error, Dropped) or (isinstance(error, Down) and error.wait <= _LONGEST_WAIT)


def _patience(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    return error.wait if isinstance(error, Down) and error.wait else float(_WAIT(state))
