"""How are complaints read from a table that was published under a link, such as a Google Sheet's as CSV?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from connectors import contract, spool, table_rows
from connectors.contract import ChannelContext, Cursor, Finding, Listing, Misconfigured, Problem, SourceRecord
from connectors.csv_link_discover import LinkDiscoverer
from connectors.csv_link_download import Download, download
from connectors.csv_link_options import LinkOptions
from connectors.discovery import Discoverer
from connectors.exchange import Exchange
from connectors.sheet_process import Sheet, UnreadableFile, read_sheet
from connectors.table_rows import Records, records_of


class PublishedTable:
    """A CSV or workbook behind a link. Nothing new costs one short answer where the server knows ETag."""

    Options: ClassVar[type[contract.Options]] = LinkOptions
    discoverer: ClassVar[Discoverer] = LinkDiscoverer()

    def __init__(self, options: LinkOptions, channel: ChannelContext) -> None:
        self._options = options
        self._spool = channel.spool
        self._exchange: Exchange | None = None
        self._records: Records | None = None
        self.keyed_by_content = bool(options.identity)

    def list(self, after: Cursor | None) -> Listing:
        seen = {"options": table_rows.options_mark(self._options)}
        known = after if after is not None and after.get("options") == seen["options"] else {}
        found = self._download(_conditions(known))
        if found.content is None:
            return Listing((), known, more=False)
        mark = hashlib.blake2b(found.content, digest_size=16).hexdigest()
        whole = {"content": mark, "conditions": dict(found.conditions)}
        if known.get("content") == mark:
            return Listing((), {**known, **whole}, more=False)
        try:
            records = self._of(found.content)
        except UnreadableFile as error:
            # What was known of the columns' forms outlives a broken file.
            kept = {name: value for name, value in known.items() if name not in whole}
            return Listing((), {**seen, **kept}, more=False, problems=[self._problem(error)])
        self._records = records = records.compared(known)
        # A table with problems is looked through in every round, so that its problems stay in sight.
        content = {} if records.problems else whole
        return records.listing({**seen, **content})

    def read(self, locators: Sequence[str]) -> Iterator[SourceRecord]:
        if locators:
            yield from self._loaded().read(locators, self._options)

    def check(self) -> Sequence[Finding]:
        records = self._loaded()
        told = [Finding(ok=False, text=table_rows.told(problem)) for problem in records.problems]
        return [Finding(ok=True, text=f"{self._options.place}: {records.told()}"), *told]

    def close(self) -> None:
        self._records = None
        if self._exchange is not None:
            self._exchange.close()
            self._exchange = None

    def _loaded(self) -> Records:
        """The records, fetched where they are not known. Raises Misconfigured for a table that cannot be read."""
        if self._records is None:
            try:
                self._records = self._of(self._download({}).content or b"")
            except UnreadableFile as error:
                raise Misconfigured(table_rows.told(self._problem(error))) from None
        return self._records

    def _download(self, conditions: Mapping[str, str]) -> Download:
        options = self._options
        if self._exchange is None:
            self._exchange = Exchange(options.timeout, options.max_bytes, options.ca_file)
        return download(self._exchange, options.url.get_secret_value(), conditions, options.place)

    def _of(self, content: bytes) -> Records:
        return records_of(self._options.place, self._sheet(content), self._options)

    def _sheet(self, content: bytes) -> Sheet:
        """The cells, read in a process of its own: whoever can change the table is no friend for certain."""
        with spool.scratch(self._spool) as folder:
            copy = folder / "table"
            try:
                copy.write_bytes(content)
            except OSError as error:
                raise spool.unusable(self._spool, error) from None
            return read_sheet(copy, self._options.sheet, self._options.encoding, self._options.delimiter)

    def _problem(self, error: UnreadableFile) -> Problem:
        return Problem(self._options.place, error.code, error.detail)


def _conditions(known: Cursor) -> Mapping[str, str]:
    """What the last answer named for the next request."""
    found = known.get("conditions")
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, Mapping) else {}
