"""How are complaints read from a portal that gives them as JSON?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import quote

from connectors import contract, http_check
from connectors.contract import (
    ChannelContext,
    ConnectorError,
    Cursor,
    Entry,
    Finding,
    Listing,
    Misconfigured,
    Scalar,
    SourceRecord,
)
from connectors.discovery import Discoverer
from connectors.http_discover import HttpDiscoverer
from connectors.http_fields import fields_of, links_of, version_of
from connectors.http_files import Files
from connectors.http_json import at, kind_of, parsed
from connectors.http_options import HttpOptions
from connectors.http_pages import Page, Pages
from connectors.http_walk import Found, problems_of, walk
from connectors.identity import digest
from connectors.web import Absent, Down, Web, place

_LEFT = "left_in_source"
"""The field whose lines the gateway names in the report as files that do not go along."""
_MISSING_FILE = "file_not_fetched"


class Portal:
    """A list over HTTP as a source of records.

    Every round lists all items, and the ledger tells which are new: no timestamp and no order is trusted. Where every
    page has an ETag and none has changed, a round is one small request a page; once a day all is listed all the same.
    """

    Options: ClassVar[type[contract.Options]] = HttpOptions
    discoverer: ClassVar[Discoverer] = HttpDiscoverer()

    def __init__(self, options: HttpOptions, channel: ChannelContext) -> None:
        self._options = options
        self._channel = channel
        self._web = Web(options.timeout, options.max_bytes, options.headers, options.ca_file, options.rate)
        headers, secret = _credentials(options)
        self._headers = {"Accept": "application/json", **headers}
        self._secret = secret
        self._pages = Pages(options, self._web, self._headers, secret)
        self._files = Files(options, self._web, headers, secret)
        self._found = Found()
        self.keyed_by_content = bool(options.identity)

    def list(self, after: Cursor | None) -> Listing:
        marks = {"options": digest([self._options.model_dump_json()]), "day": datetime.now(UTC).date().isoformat()}
        begun: Page | None = None
        if after is not None and {name: after.get(name) for name in marks} == marks and after.get("pages"):
            unchanged, begun = self._compared(after)
            if unchanged:
                return Listing((), after, more=False)
        self._found = found = walk(self._pages, self._options, begun, known=after is not None)
        problems = problems_of(found, place(self._options.url))
        columns = _columns(found, after)
        # With problems everything is listed again in every round, so that they stay in sight.
        lasting = not problems and all(etag and _may_be_kept(str(position)) for position, etag in found.etags)
        cursor = {**marks, "columns": columns, "pages": found.etags if lasting else []}
        entries = [Entry(key, None if self.keyed_by_content else version) for key, version in found.versions.items()]
        shape = {"rows": len(entries), "columns": columns}
        return Listing(entries, cursor, more=False, shape=shape, problems=problems, complete=found.sure)

    def read(self, locators: Sequence[str]) -> Iterator[SourceRecord]:
        failed: ConnectorError | None = None
        read = 0
        for key, item in self._items(locators):
            try:
                record = self._record(key, item)
            except Down:
                raise
            except Absent:
                continue
            except ConnectorError as error:
                # One bad item must not stop the others; it is listed again in the next round.
                failed = error
                continue
            read += 1
            yield record
        if failed is not None and not read:
            raise failed

    def check(self) -> Sequence[Finding]:
        found = walk(self._pages, self._options, None, known=True)
        findings = http_check.of_list(found, self._options)
        key = next((key for key, version in found.versions.items() if version is not None), None)
        item = found.item(key) if key is not None else None
        if item is None:
            return findings
        whole = self._whole(item)
        findings = [*findings, *http_check.of_item(whole, self._options)]
        links = [link for key in found.items for link in links_of(found.item(key) or {}, self._options)][:1]
        return [
            *findings,
            *http_check.of_file(self._files.problem(link) for link in links or links_of(whole, self._options)[:1]),
        ]

    def close(self) -> None:
        self._found = Found()
        self._web.close()

    def _compared(self, after: Cursor) -> tuple[bool, Page | None]:
        """Whether all pages are as they were, and the first one where it is another."""
        known: Any = after["pages"]
        for position, etag in known:
            try:
                page = self._pages.at(position, etag)
            except Misconfigured:
                if position == self._pages.first:
                    raise
                # A cursor may have grown too old, or the page be gone: listing everything tells.
                return False, None
            if page is not None:
                return False, page if position == self._pages.first else None
        return True, None

    def _items(self, locators: Sequence[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The named items, first those that listing has kept. One that is gone is left out."""
        away = dict.fromkeys(locators)
        for key in locators:
            item = self._found.item(key)
            if item is not None:
                del away[key]
                yield key, item
        if not away:
            return
        for page in self._pages.all():
            for item, found in zip(page.items, page.keys, strict=True):
                if found is not None and found in away:
                    del away[found]
                    yield found, item
            if not away:
                return

    def _record(self, key: str, item: Mapping[str, Any]) -> SourceRecord:
        whole = self._whole(item)
        had = self._files.had(links_of(whole, self._options), self._channel.spool)
        fields: dict[str, Scalar] = fields_of(whole, self._options)
        if had.missing:
            fields[_LEFT] = "\n".join(f"{name} ({why})" for name, why in had.missing)
        doubts = (_MISSING_FILE,) if had.missing else ()
        version = version_of(item, self._options)
        return SourceRecord(key, key, version, None, fields, attachments=had.attachments, doubts=doubts)

    def _whole(self, item: Mapping[str, Any]) -> Mapping[str, Any]:
        """The item with what its own address says. Raises Absent where it is gone."""
        options = self._options
        if options.detail is None:
            return item
        key = str(at(item, options.key[0]))
        if not key.strip("."):
            raise Absent(f"{place(options.url)}: a key of dots names no address")
        url = options.detail.replace("{key}", quote(key, safe=""))
        said = at(parsed(self._web.get(url, self._headers, self._secret), options.detail), options.detail_item)
        if not isinstance(said, dict):
            where = f"{place(options.detail)} at {options.detail_item or 'the top'}"
            raise Misconfigured(f"{where}: expected an object, not {kind_of(said)}")
        return {**item, **said}


def _credentials(options: HttpOptions) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Headers and parameters that hold the token."""
    if options.token is None:
        return {}, {}
    token = options.token.get_secret_value()
    if options.token_parameter:
        return {}, {options.token_parameter: token}
    return {options.token_header: f"{options.token_prefix}{token}"}, {}


def _columns(found: Found, after: Cursor | None) -> Sequence[str]:
    """The fields that the source is known for: what half of its items have, and what was known and is still there.

    Portals leave out what is empty, so a field of a few items comes and goes and must alarm nobody.
    """
    told: Any = after.get("columns") if after else None
    before = {str(name) for name in told or ()}
    if not found.versions:
        return sorted(before)
    usual = {name for name, count in found.names.items() if count * 2 >= len(found.versions)}
    return sorted(usual | (before & set(found.names)))


def _may_be_kept(position: str) -> bool:
    """Whether a page's position may lie in the state: an address may have the portal's token in it."""
    return len(position) < 200 and "://" not in position and "=" not in position
