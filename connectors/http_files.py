"""Which files does an item name, and may they be fetched? A citizen may have written the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urljoin, urlsplit

from connectors import spool
from connectors.contract import Attachment, ConnectorError
from connectors.http_options import HttpOptions, origin
from connectors.web import Down, Fetched, Web, safe_url

_MOST_FILES = 20
_HTML = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True)
class Had:
    """What became of an item's files."""

    attachments: Sequence[Attachment]
    missing: Sequence[tuple[str, str]]
    """Name of each that cannot be had, and why, in Indonesian: it goes into the report."""


class _NotThere(Exception):
    """This file cannot be had; `why` is for citizens and officials, the exception's text for admins."""

    def __init__(self, why: str, in_english: str) -> None:
        super().__init__(in_english)
        self.why = why


def _away() -> _NotThere:
    return _NotThere("tidak dapat diambil dari sumbernya", "it cannot be fetched")


def _elsewhere() -> _NotThere:
    return _NotThere("alamatnya di luar tempat yang diizinkan", "its address is outside of what the options allow")


class Files:
    """The files of a portal's items."""

    def __init__(self, options: HttpOptions, web: Web, headers: Mapping[str, str], secret: Mapping[str, str]) -> None:
        """`headers` and `secret` parameters go to the portal alone, never to `attachment_hosts`."""
        self._options = options
        self._web = web
        self._headers = headers
        self._secret = secret

    def had(self, links: Sequence[str], folder: Path) -> Had:
        """Fetch them into the spool's `folder`. Raises Down where the portal is away, Unreachable for a full disk."""
        attachments: list[Attachment] = []
        missing = [(_name(link), f"lebih dari {_MOST_FILES} berkas") for link in links[_MOST_FILES:]]
        done: set[str] = set()
        for link in links[:_MOST_FILES]:
            try:
                url = self._address(link)
                if url not in done:
                    attachments.append(self._kept(url, folder))
                done.add(url)
            except _NotThere as error:
                missing.append((_name(link), error.why))
        return Had(attachments, missing)

    def problem(self, link: str) -> str | None:
        """Why this file cannot be had, for an admin; None where it can. Raises Down."""
        try:
            self._fetched(self._address(link))
        except _NotThere as error:
            return str(error)
        return None

    def _kept(self, url: str, folder: Path) -> Attachment:
        answer = self._fetched(url)
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        return spool.keep(folder, _name(url), kind or "application/octet-stream", answer.content)

    def _fetched(self, url: str) -> Fetched:
        own = origin(url) == origin(self._options.url)
        headers, secret = (self._headers, self._secret) if own else ({}, {})
        try:
            answer = self._web.get(url, headers, secret, most_bytes=self._options.max_file_bytes)
        except Down:
            if own:
                raise
            raise _away() from None
        except ConnectorError:
            # One file must not keep all later complaints from coming in.
            raise _away() from None
        kind = answer.headers.get("content-type", "").lower()
        if kind.startswith(_HTML) and not _name(url).lower().endswith((".html", ".htm", ".xhtml")):
            raise _NotThere("sumbernya memberi halaman web, bukan berkas", "a web page comes instead of it")
        return answer

    def _address(self, link: str) -> str:
        """The address that a link means, if it lies where the options allow."""
        options = self._options
        base = options.attachment_base
        try:
            url = safe_url(urljoin(_folder(base) if base else options.url, link))
            within = origin(url) == origin(base or options.url) or _host(url) in options.attachment_hosts
        except ValueError:
            within = False
        if not within or _climbs(url):
            raise _elsewhere()
        if base and origin(url) == origin(base) and not urlsplit(url).path.startswith(urlsplit(_folder(base)).path):
            raise _elsewhere()
        return url


def _folder(base: str) -> str:
    return base if base.endswith("/") else f"{base}/"


def _host(url: str) -> str:
    return str(urlsplit(url).hostname)


def _climbs(url: str) -> bool:
    """Whether a server may read the path as one that leaves its folder."""
    path = urlsplit(url).path
    for _ in range(3):
        path = unquote(path)
    return ".." in path.replace("\\", "/").split("/")


def _name(link: str) -> str:
    try:
        path = urlsplit(link).path
    except ValueError:
        path = ""
    return spool.safe_name(unquote(PurePosixPath(path).name))
