"""What is in the table behind a link, and what tells its rows apart?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from pydantic import BaseModel

from connectors import discovery, spool
from connectors.contract import ChannelContext, Misconfigured
from connectors.csv_link_download import download
from connectors.csv_link_options import Link, LinkOptions
from connectors.discovery import Discovery, Question
from connectors.exchange import Exchange
from connectors.options import ConfigPath
from connectors.sheet_process import Reading, UnreadableFile
from connectors.table_discover import places_in


class LinkAccess(discovery.Access):
    """What suffices to fetch a table."""

    url: Link
    anyone_can_read: bool = False
    sheet: str | int | None = None
    encoding: str | None = None
    delimiter: str | None = None
    ca_file: ConfigPath | None = None


class LinkDiscoverer:
    """Fetches the table once, where the agency accepts that anyone with the link can do so."""

    Access: ClassVar[type[BaseModel]] = LinkAccess
    source: ClassVar[str] = "Website"
    questions: ClassVar[Sequence[Question]] = (
        Question("url", "What is the link to the published CSV or workbook?", hidden=True),
        Question(
            "anyone_can_read",
            "Everybody who knows the link can read the complaints and the names in them. Does the agency accept that?",
            choices=("yes", "no"),
        ),
    )

    def options(self, answers: Mapping[str, str]) -> dict[str, object]:
        return {"url": answers["url"], "anyone_can_read": answers["anyone_can_read"] == "yes"}

    def discover(self, access: LinkAccess, channel: ChannelContext) -> Discovery:
        # No key is known yet; any will do to fetch the table.
        options = LinkOptions.model_validate({**dict(access), "key": ("id",)})
        exchange = Exchange(options.timeout, options.max_bytes, options.ca_file)
        try:
            content = download(exchange, options.url.get_secret_value(), {}, options.place).content or b""
        finally:
            exchange.close()
        with spool.scratch(channel.spool) as folder:
            copy = folder / "table"
            try:
                copy.write_bytes(content)
            except OSError as error:
                raise spool.unusable(channel.spool, error) from None
            try:
                places = list(places_in(copy, Reading(access.sheet, access.encoding, access.delimiter)))
            except UnreadableFile as error:
                raise Misconfigured(f"{options.place}: {error.detail}") from None
        return Discovery(places)
