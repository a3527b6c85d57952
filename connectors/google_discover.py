"""Which sheets does a Google spreadsheet have, and what tells their rows apart?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from pydantic import BaseModel

from connectors import discovery
from connectors.contract import ChannelContext
from connectors.discovery import Discovery, Place, Question
from connectors.google_account import KeyFile
from connectors.google_api import SheetsApi
from connectors.google_book import Tab, book_of
from connectors.google_grid import cells_of
from connectors.google_options import GoogleOptions
from connectors.options import ConfigPath
from connectors.table_discover import MOST_SHEETS, place_of

_STAMPS = ("Timestamp", "Cap waktu", "Stempel waktu")
"""A form's own column: nobody edits it, and the API tells fractions of its seconds."""

_ROWS = 5_000
"""So many of a sheet are looked at: Google answers 60 requests a minute."""


class GoogleAccess(discovery.Access):
    """What suffices to look into a spreadsheet."""

    spreadsheet: str
    credentials: KeyFile
    sheet: str | None = None
    timeout: float = 60.0
    endpoint: str = "https://sheets.googleapis.com"
    ca_file: ConfigPath | None = None


class GoogleDiscoverer:
    """Looks into every sheet of cells, also hidden ones."""

    Access: ClassVar[type[BaseModel]] = GoogleAccess
    source: ClassVar[str] = "Website"
    questions: ClassVar[Sequence[Question]] = (
        Question(
            "spreadsheet", "What is the sheet's address in the browser, https://docs.google.com/spreadsheets/d/…?"
        ),
        Question("credentials", "Where is the JSON key of the service account that it is shared with? A path"),
    )

    def options(self, answers: Mapping[str, str]) -> dict[str, object]:
        given = answers["credentials"]
        key = given if given.startswith(("file:", "env:")) else f"file:{given}"
        return {"spreadsheet": answers["spreadsheet"], "credentials": key}

    def discover(self, access: GoogleAccess, channel: ChannelContext) -> Discovery:
        # No key is known yet; any will do to read cells.
        options = GoogleOptions.model_validate({**dict(access), "key": ("id",)})
        api = SheetsApi(access.credentials, options.endpoint, options.timeout, options.ca_file)
        try:
            book = book_of(api, options.spreadsheet_id)
            usual = book.tab(options.sheet, options.tab)
            tabs = [usual] if access.sheet is not None else book.tabs[:MOST_SHEETS]
            places = list(_places(api, tabs, usual, options))
        finally:
            api.close()
        return Discovery(places, [f"the spreadsheet is called {book.title}"] if book.title else [])


def _places(api: SheetsApi, tabs: Sequence[Tab], usual: Tab, options: GoogleOptions) -> Iterator[Place]:
    """A place for each sheet; the one that the address means needs no name, unless it was given one."""
    for tab in tabs:
        chosen = {} if tab == usual and options.sheet is None else {"sheet": tab.title}
        cells = cells_of(api, replace(tab, rows=min(tab.rows, _ROWS)), options)
        place = place_of(tab.title, chosen, cells, _STAMPS)
        if tab.rows > _ROWS:
            place = replace(place, count=None, note=f"{place.note}; only its first {_ROWS} rows were looked at")
        yield place
