"""How is a portal's list asked for, page by page, until its end and no further?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

from connectors.contract import Misconfigured
from connectors.http_fields import key_of
from connectors.http_json import MISSING, at, kind_of, listed, parsed
from connectors.http_options import HttpOptions
from connectors.identity import digest
from connectors.web import Absent, Web, place

_URLS = ("http://", "https://")
Position = int | str
"""Where a page begins: its number, an offset, or a cursor or URL from the page before; empty text for the first."""


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of the list."""

    position: Position
    items: Sequence[Any]
    keys: Sequence[str | None]
    """What says which record each item is; None for one without it."""
    following: Position | None
    """None where nothing follows."""
    cut: bool
    """`next` is not there at all, although the page is full: it may be called otherwise."""
    total: int | None
    etag: str

    @property
    def mark(self) -> str:
        """The same for pages that hold the same records in the same order."""
        return digest([key if key is not None else digest([str(item)]) for key, item in self._pairs()])

    def _pairs(self) -> Iterator[tuple[str | None, Any]]:
        return zip(self.keys, self.items, strict=True)


class Pages:
    """A portal's list over HTTP."""

    def __init__(self, options: HttpOptions, web: Web, headers: Mapping[str, str], secret: Mapping[str, str]) -> None:
        """`headers` and `secret` parameters go with every request."""
        self._options = options
        self._web = web
        self._headers = headers
        self._secret = secret

    @property
    def first(self) -> Position:
        """Where the first page begins."""
        return self._options.first if self._options.paging in ("page", "offset") else ""

    def at(self, position: Position, etag: str = "") -> Page | None:
        """The page there; None where it is still the one with that `etag`. Raises ConnectorError."""
        url, params = self._address(position)
        condition = {"If-None-Match": etag} if etag else {}
        answer = self._web.get(url, {**self._headers, **condition}, {**params, **self._secret})
        if answer.status == 304:
            return None
        value = parsed(answer, url)
        items = listed(value, self._options.items, url)
        keys = [key_of(item, self._options) if isinstance(item, dict) else None for item in items]
        following, cut = self._following(value, position, len(items))
        return Page(position, items, keys, following, cut, self._total(value, url), answer.headers.get("etag", ""))

    def all(self, begun: Page | None = None) -> Iterator[Page]:
        """Every page in its order, from `begun` on where that is the first. Raises ConnectorError."""
        page, marks, count = begun or self._page(self.first), set[str](), 0
        places: set[Position] = {page.position}
        while True:
            count += len(page.items)
            yield page
            marks.add(page.mark)
            if page.following is None:
                return
            if page.following in places:
                raise Misconfigured(f"{self._where}: the next page leads back to one that was read; see `next`")
            if len(places) >= self._options.max_pages:
                raise Misconfigured(
                    f"{self._where} has more than {len(places)} pages; raise `max_pages`, or see `next`"
                )
            places.add(page.following)
            total = page.total
            page = self._next(page.following, whole=total is not None and count >= total)
            if page.items and page.mark in marks and self._options.paging != "cursor":
                self._refuse_repetition(len(marks), whole=total is not None and count >= total)
                return

    def _next(self, position: Position, *, whole: bool) -> Page:
        try:
            return self._page(position)
        except Absent as error:
            if whole:  # Some frameworks have "404 Not Found" for the page after the last.
                return Page(position, (), (), None, cut=False, total=None, etag="")
            raise Misconfigured(
                f"{error} for a page after the first; give `total`, so that the end is known, or page by `next`"
            ) from None

    def _refuse_repetition(self, pages: int, *, whole: bool) -> None:
        """A page that was there before is the end where others differed; else the parameter is not understood."""
        if pages < 2 and not whole:
            raise Misconfigured(
                f"{self._where} answers with the first page again where {self._options.parameter} asks for another: is "
                'the parameter called otherwise? Where the list has no pages, set paging = "none"; else give `total`'
            )

    def _page(self, position: Position) -> Page:
        page = self.at(position)
        if page is None:
            raise Misconfigured(f"{self._where} says that nothing changed, which nobody asked")
        return page

    @property
    def _where(self) -> str:
        return place(self._options.url)

    def _address(self, position: Position) -> tuple[str, Mapping[str, str]]:
        options = self._options
        if isinstance(position, str) and position.startswith(_URLS):
            return position, {}
        size = {options.page_size_parameter: str(options.page_size)} if options.page_size else {}
        if options.paging == "none" or position == "":
            return options.url, size
        return options.url, {**size, options.parameter: str(position)}

    def _following(self, value: Any, position: Position, count: int) -> tuple[Position | None, bool]:
        options = self._options
        if options.next is not None:
            told = at(value, options.next)
            full = options.page_size is not None and count >= options.page_size
            return self._pointed(told), told is MISSING and full
        if isinstance(position, str) or not count:
            return None, False
        return position + (1 if options.paging == "page" else count), False

    def _pointed(self, told: Any) -> Position | None:
        """The cursor or URL that `next` holds. Raises Misconfigured for a page on another host."""
        if told in (MISSING, None, "", False):
            return None
        if not isinstance(told, str | int) or isinstance(told, bool):
            raise Misconfigured(f"{self._where}: at {self._options.next} stands {kind_of(told)}, no cursor and no URL")
        text = str(told)
        # A cursor in base64 may begin with a slash, but has no question mark.
        if not text.startswith((*_URLS, "?")) and not (text.startswith("/") and "?" in text):
            return text
        base, found = urlsplit(self._options.url), urlsplit(urljoin(self._options.url, text))
        if found.hostname != base.hostname:
            raise Misconfigured(f"{self._where}: the next page is on another host, where the token must not go")
        # A portal behind a proxy often names itself with http or an inner port.
        return urlunsplit((base.scheme, base.netloc, found.path, found.query, ""))

    def _total(self, value: Any, url: str) -> int | None:
        path = self._options.total
        told = at(value, path) if path else None
        if told is None or (told is MISSING and self._options.paging == "cursor"):
            return None  # Pages after the first need not count again.
        if isinstance(told, str) and told.isascii() and told.isdigit():
            told = int(told)
        if not isinstance(told, int) or isinstance(told, bool):
            what = "nothing" if told is MISSING else kind_of(told)
            raise Misconfigured(f"{place(url)}: at {path} stands {what}, where the number of all items should be")
        return told
