"""What is behind a link, and is it still what it was? Redirects are followed a few steps, and never into clear text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

from connectors.contract import ConnectorError, Misconfigured, Unreachable
from connectors.exchange import Exchange, Reply
from connectors.web import LOOPBACK, safe_url

_STEPS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SETTLED = 60
"""Seconds after which a time of change is sure to name one content only (RFC 9110, 8.8.2.2)."""
_LOGIN_HOSTS = frozenset({"accounts.google.com", "login.microsoftonline.com", "login.live.com"})
_UNPUBLISHED = (
    "the table is not, or no longer, public: publish it again, as CSV, and take the new link, or better, use"
    ' connector = "google_sheets"'
)


@dataclass(frozen=True, slots=True)
class Download:
    """What a link led to."""

    content: bytes | None
    """None where it is still what it was."""
    conditions: Mapping[str, str]
    """Headers for the next request, so that an unchanged table costs no transfer; empty where the server gives none."""


def download(exchange: Exchange, url: str, conditions: Mapping[str, str], place: str) -> Download:
    """Ask for the table; `place` names it in errors. Raises Unreachable or Misconfigured."""
    origin = url
    for _ in range(_STEPS):
        reply = exchange.get(url, conditions)
        if reply.status not in _REDIRECTS:
            return _taken(reply, conditions, place)
        url = _next(url, reply, origin, place)
    raise Misconfigured(f"{place} is redirected more than {_STEPS} times")


def _next(url: str, reply: Reply, origin: str, place: str) -> str:
    """Where a redirect leads."""
    try:
        there = safe_url(urljoin(url, reply.headers.get("location", "")))
    except ValueError:
        raise Misconfigured(f"{place} is redirected to something else than https") from None
    server = urlsplit(there).hostname
    if server in _LOGIN_HOSTS or "ServiceLogin" in there:
        raise Misconfigured(f"{place} leads to a sign-in page: {_UNPUBLISHED}")
    if server in LOOPBACK and urlsplit(origin).hostname not in LOOPBACK:
        # A stranger's redirect must not make the gateway ask services of its own machine.
        raise Misconfigured(f"{place} is redirected to this machine itself")
    return there


def _taken(reply: Reply, conditions: Mapping[str, str], place: str) -> Download:
    if reply.status == 304 and conditions:
        return Download(None, conditions)
    if reply.status != 200:
        raise _refused(reply, place)
    if reply.headers.get("content-type", "").lower().startswith("text/html"):
        raise Misconfigured(f"{place} leads to a web page instead of a table: {_UNPUBLISHED}")
    return Download(reply.content, _conditions(reply.headers))


def _refused(reply: Reply, place: str) -> ConnectorError:
    if reply.fails:
        return Unreachable(f"{place} answers HTTP {reply.status}")
    if reply.status in {401, 403, 404, 410}:
        return Misconfigured(f"{place} answers HTTP {reply.status}: {_UNPUBLISHED}")
    return Misconfigured(f"{place} refuses the request (HTTP {reply.status})")


def _conditions(headers: Mapping[str, str]) -> Mapping[str, str]:
    etag = headers.get("etag", "")
    if etag and etag.isascii() and etag.isprintable():
        return {"If-None-Match": etag}
    try:
        changed, now = (parsedate_to_datetime(headers[name]) for name in ("last-modified", "date"))
        settled = (now - changed).total_seconds() >= _SETTLED
    except (KeyError, ValueError, TypeError):
        return {}
    return {"If-Modified-Since": headers["last-modified"]} if settled else {}
