"""Which sheets are in these files, where are their headings, and what tells the rows apart?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from pydantic import BaseModel

from connectors import discovery
from connectors.contract import ChannelContext, Misconfigured
from connectors.discovery import Discovery, Question
from connectors.options import ConfigPath
from connectors.sheet_files import files_of
from connectors.sheet_process import Reading, UnreadableFile
from connectors.spool import scratch
from connectors.table_discover import places_in


class SheetAccess(discovery.Access):
    """What suffices to look into spreadsheets."""

    path: ConfigPath
    sheet: str | int | None = None
    encoding: str | None = None
    delimiter: str | None = None


class SheetDiscoverer:
    """Looks into the newest file; the others are taken to be alike."""

    Access: ClassVar[type[BaseModel]] = SheetAccess
    source: ClassVar[str] = "Hotline Service"
    questions: ClassVar[Sequence[Question]] = (
        Question("path", "Where is the file? A path, a pattern such as laporan/*.xlsx, or a folder"),
    )

    def options(self, answers: Mapping[str, str]) -> dict[str, object]:
        return {"path": answers["path"]}

    def discover(self, access: SheetAccess, channel: ChannelContext) -> Discovery:
        files = files_of(access.path)
        newest = max(files, key=lambda file: file.stat().st_mtime)
        notes = [f"{len(files)} files; {newest.name} is the newest and was looked into"] if len(files) > 1 else []
        try:
            with scratch(channel.spool) as folder:
                copy = folder / "copy"
                copy.write_bytes(newest.read_bytes())
                places = list(places_in(copy, Reading(access.sheet, access.encoding, access.delimiter)))
        except OSError as error:
            raise Misconfigured(f"{newest.name} cannot be opened ({error.strerror})") from None
        except UnreadableFile as error:
            raise Misconfigured(f"{newest.name}: {error.detail}") from None
        return Discovery(places, notes)
