"""What may a channel's configuration say about a table behind a link?"""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr, model_validator

from connectors.exchange import host
from connectors.identity import digest
from connectors.options import ConfigPath
from connectors.secret_reference import referred
from connectors.sheet_columns import TableOptions
from connectors.web import safe_url


def _link(value: object) -> object:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    text = value.strip() if isinstance(value, str) else ""
    url = referred(text) if text.startswith(("env:", "file:")) else text
    if url is None:
        return "https://absent.invalid/"
    safe_url(url)
    if "docs.google.com/spreadsheets/" in url and "/pub" not in url and "/export" not in url:
        raise ValueError(
            "this is the address of the sheet itself: take the link of File, Share, Publish to web (CSV), or better,"
            ' leave the sheet private and use connector = "google_sheets"'
        )
    return url


Link = Annotated[SecretStr, BeforeValidator(_link)]
"""A URL that is never printed: who knows it can read what is behind it."""


class LinkOptions(TableOptions):
    """`[channels.options]` of `csv_link`."""

    url: Link = Field(description="the link, or better env:NAME or file:PATH of where it stands")
    anyone_can_read: bool = Field(default=False, description="true: the agency accepts that the link is no lock")
    sheet: str | int | None = Field(default=None, description="of a workbook; default: the first")
    encoding: str | None = Field(default=None, description="of CSV; default: UTF-8, else Windows-1252")
    delimiter: str | None = Field(default=None, min_length=1, max_length=1, description="of CSV; default: found out")
    timeout: float = Field(default=60.0, gt=0, le=600, description="seconds")
    max_bytes: int = Field(default=50_000_000, gt=0, description="a larger file is refused")
    ca_file: ConfigPath | None = Field(default=None, description="a certificate authority of your own")

    @model_validator(mode="after")
    def _accepted(self) -> LinkOptions:
        if not self.anyone_can_read:
            raise ValueError(
                "everybody who knows this link can read the complaints and the names in them, without a login. Better"
                ' leave the sheet private and use connector = "google_sheets"; if the agency accepts it, say'
                " anyone_can_read = true"
            )
        return self

    @property
    def place(self) -> str:
        """The table in words that give nothing away: the server, and a hash that tells links apart."""
        url = self.url.get_secret_value()
        return f"link {digest([url])[:8]} to {host(url)}"

    def source(self) -> str:
        sheet = "" if self.sheet is None else f" {self.sheet}"
        by = f"key={','.join(self.key)}" if self.key else f"identity={','.join(self.identity)}"
        return f"{self.place}{sheet} {by}"
