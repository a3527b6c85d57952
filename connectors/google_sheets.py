"""How are complaints read from a Google Sheet that is shared with nobody but its people and this gateway?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors import contract, table_rows
from connectors.contract import ChannelContext, Cursor, Finding, Listing, SourceRecord, Unreachable
from connectors.discovery import Discoverer
from connectors.google_api import SheetsApi
from connectors.google_book import Book, Tab, book_of
from connectors.google_discover import GoogleDiscoverer
from connectors.google_grid import cells_of
from connectors.google_options import GoogleOptions
from connectors.sheet_process import Sheet
from connectors.table_rows import Records, records_of

_TRIES = 3


class GoogleSheet:
    """One sheet as a source of records, read whole in each round: the API has no cheaper way to tell a change."""

    Options: ClassVar[type[contract.Options]] = GoogleOptions
    discoverer: ClassVar[Discoverer] = GoogleDiscoverer()

    def __init__(self, options: GoogleOptions, channel: ChannelContext) -> None:
        self._options = options
        self._zone = channel.timezone
        self._api: SheetsApi | None = None
        self._records: Records | None = None
        self.keyed_by_content = bool(options.identity)

    def list(self, after: Cursor | None) -> Listing:
        _, _, sheet = self._sheet()
        seen = {"options": table_rows.options_mark(self._options)}
        known = after if after is not None and after.get("options") == seen["options"] else {}
        mark = table_rows.content_mark(sheet)
        if known.get("content") == mark:
            return Listing((), known, more=False)
        self._records = records = self._of(sheet).compared(known)
        # A sheet with problems is looked through in every round, so that its problems stay in sight.
        content = {} if records.problems else {"content": mark}
        return records.listing({**seen, **content})

    def read(self, locators: Sequence[str]) -> Iterator[SourceRecord]:
        if not locators:
            return
        if self._records is None:
            self._records = self._of(self._sheet()[2])
        yield from self._records.read(locators, self._options)

    def check(self) -> Sequence[Finding]:
        book, tab, sheet = self._sheet()
        records = self._of(sheet)
        seen = Finding(ok=True, text=f"sheet {tab.title} of {book.title}: {records.told()}")
        told = [Finding(ok=False, text=table_rows.told(problem)) for problem in records.problems]
        return [seen, *self._hidden(book, tab, sheet), *self._clock(book), *self._key_file(), *told]

    def close(self) -> None:
        self._records = None
        if self._api is not None:
            self._api.close()
            self._api = None

    def _sheet(self) -> tuple[Book, Tab, Sheet]:
        options = self._options
        if self._api is None:
            self._api = SheetsApi(options.credentials, options.endpoint, options.timeout, options.ca_file)
        for _ in range(_TRIES):
            book, tab = self._tab(self._api)
            sheet = cells_of(self._api, tab, options)
            # A sheet that is filled to its last row may have grown meanwhile, and its last rows are then not read.
            if len(sheet.packed) < tab.rows or self._tab(self._api)[1].rows == tab.rows:
                return book, tab, sheet
        raise Unreachable("people add rows just now; the next round tries again")

    def _tab(self, api: SheetsApi) -> tuple[Book, Tab]:
        book = book_of(api, self._options.spreadsheet_id)
        return book, book.tab(self._options.sheet, self._options.tab)

    def _of(self, sheet: Sheet) -> Records:
        return records_of(f"sheet {sheet.name}", sheet, self._options)

    def _hidden(self, book: Book, tab: Tab, sheet: Sheet) -> Sequence[Finding]:
        """What people who look at the spreadsheet do not see of it, or the gateway does not."""
        found = []
        if tab.hidden:
            found.append("the sheet is hidden, and read because the configuration names it")
        others = [other.title for other in book.tabs if other.id != tab.id]
        if others:
            found.append(f"sheets that are not read: {', '.join(others)}")
        if sheet.hidden_rows:
            done = "left out" if self._options.hidden_rows == "skip" else "read like the others"
            found.append(f"{sheet.hidden_rows} hidden row(s) are {done}")
        return [Finding(ok=True, text=text) for text in found]

    def _clock(self, book: Book) -> Sequence[Finding]:
        """A form writes its time stamps in the spreadsheet's own zone, which is often still another country's."""
        now = datetime.now(UTC)
        try:
            theirs = now.astimezone(ZoneInfo(book.time_zone))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return []
        if theirs.utcoffset() == now.astimezone(self._zone).utcoffset():
            return []
        text = (
            f"the spreadsheet's time zone is {book.time_zone}, the gateway's {self._zone.key}: times would be"
            " misread; change it in Google Sheets under File, Settings"
        )
        return [Finding(ok=False, text=text)]

    def _key_file(self) -> Sequence[Finding]:
        exposed = self._options.credentials.exposed
        if exposed is None:
            return []
        text = f"every user of this machine can read the key {exposed}, and with it the sheet: run `chmod 600` on it"
        return [Finding(ok=False, text=text)]
