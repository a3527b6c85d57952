"""What may a channel's configuration say about a Google Sheet?"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from connectors.google_account import KeyFile
from connectors.options import ConfigPath
from connectors.sheet_columns import TableOptions
from connectors.web import safe_url

_ID = re.compile(r"[A-Za-z0-9_-]{20,}")
_IN_URL = re.compile(
    r"https://docs\.google\.com/(?:a/[^/]+/)?spreadsheets/(?:u/\d+/)?d/([A-Za-z0-9_-]{20,})(?:[/?#]|$)"
)
_TAB = re.compile(r"[?&#]gid=(\d+)")


def _spreadsheet(text: str) -> str:
    text = text.strip()
    if "/spreadsheets/d/e/" in text:
        raise ValueError(
            "this is a published link, which anyone can read: take the address of the sheet as you edit it"
        )
    if "/forms/" in text:
        raise ValueError("this is a form: open its answers in Google Sheets and take the address from there")
    if not (_ID.fullmatch(text) or _IN_URL.match(text)):
        raise ValueError('expected the address of the sheet in the browser, "https://docs.google.com/spreadsheets/d/…"')
    return text


class GoogleOptions(TableOptions):
    """`[channels.options]` of `google_sheets`."""

    spreadsheet: Annotated[str, AfterValidator(_spreadsheet)] = Field(
        description="the address of the sheet in the browser, or its id"
    )
    sheet: str | None = Field(
        default=None, min_length=1, description="name of the sheet; default: that of the address, else the first"
    )
    credentials: KeyFile = Field(description="the service account's JSON key, as file:PATH")
    hidden_rows: Literal["read", "skip"] = Field(default="read", description="rows that people have hidden")
    merged_cells: Literal["first", "every_row"] = Field(
        default="first", description="whether a merged cell's value counts for every row that it covers"
    )
    timeout: float = Field(default=60.0, gt=0, le=600, description="seconds")
    endpoint: Annotated[str, AfterValidator(safe_url)] = Field(
        default="https://sheets.googleapis.com", description="where the Sheets API is"
    )
    ca_file: ConfigPath | None = Field(default=None, description="a certificate authority of your own")

    @property
    def spreadsheet_id(self) -> str:
        """What the API knows it by."""
        found = _IN_URL.match(self.spreadsheet)
        return found[1] if found else self.spreadsheet

    @property
    def tab(self) -> int | None:
        """The sheet that the address names by its number, where no name is configured."""
        found = _TAB.search(self.spreadsheet)
        return int(found[1]) if found and self.sheet is None else None

    def source(self) -> str:
        sheet = self.sheet if self.sheet is not None else "" if self.tab is None else f"gid={self.tab}"
        by = f"key={','.join(self.key)}" if self.key else f"identity={','.join(self.identity)}"
        return f"google {self.spreadsheet_id} {sheet} {by}"
