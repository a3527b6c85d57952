"""How do tables, JSON, moments and masked personal data look?"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import PurePath
from typing import Any
from zoneinfo import ZoneInfo

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gateway.cli.exits import Exit
from gateway.config import Config

_PERSONAL = ("reporter_name", "reporter_email", "reporter_phone", "reporter_nik")
_EMAIL = re.compile(r"\b([\w.+-])[\w.+-]*@([\w-]+(?:\.[\w-]+)+)")
_NUMBER = re.compile(r"(?<!\d)(\+?\d{3,4})[\d .-]{4,}(\d{3})(?!\d)")
_TIME = r"(?:[T ]\d\d?[:.]\d\d(?:[:.]\d\d(?:[.,]\d+)?)?(?: ?[AaPp][Mm]|Z|[+-]\d\d:?\d\d)?)?"
_DATE = re.compile(rf"(?:\d{{4}}-\d\d-\d\d|\d\d?([/.-])\d\d?\1\d{{4}}){_TIME}")
_PLAIN_WIDTH = 140


def console() -> Console:
    """Standard output; wide enough where it is no terminal, so that no column is lost in a file."""
    out = Console(highlight=False)
    return out if out.is_terminal else Console(highlight=False, width=_PLAIN_WIDTH)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under headings. Cells are printed as they are: nothing in them is markup."""
    grid = Table(title=title or None, title_justify="left", header_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for position, column in enumerate(columns):
        grid.add_column(column, overflow="fold", no_wrap=position == 0)
    for row in rows:
        grid.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    console().print(grid)


def line(text: str) -> None:
    """Print a line."""
    typer.echo(text)


def as_json(value: Any) -> None:
    """Print JSON for programs, with moments as ISO 8601."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def moment(value: datetime | None, zone: ZoneInfo) -> str:
    """A moment in the gateway's zone, or a dash."""
    return value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if value else "–"


def short_moment(value: datetime | None, zone: ZoneInfo) -> str:
    """A moment of these days: day, month and time."""
    return value.astimezone(zone).strftime("%d/%m %H:%M") if value else "–"


def indonesian(value: Any) -> str:
    """A value of a field as an operator reads it."""
    return ("ya" if value else "tidak") if isinstance(value, bool) else str(value)


def refuse_unknown_channel(config: Config, channel: str | None) -> None:
    """End the command with status 2 where a channel is named that the configuration lacks."""
    if channel is not None and channel not in {known.name for known in config.channels}:
        typer.echo(f"Tidak ada kanal {channel} dalam konfigurasi.", err=True)
        raise typer.Exit(Exit.USAGE)


def masked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a report without what names the citizen; a secret report's text is left out as a whole."""
    shown = {name: (_mask(value) if name in _PERSONAL else masked_text(value)) for name, value in values.items()}
    if values.get("is_secret") is not False:
        shown |= {name: "(dirahasiakan)" for name in ("title", "content") if values.get(name)}
    return shown


def masked_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Raw fields of a source with every word shortened: enough to see what is where."""
    return {name: _mask(value) for name, value in fields.items()}


def nameless(attachment: Mapping[str, Any]) -> dict[str, Any]:
    """A stored file without its name, which may be its sender's; what kind it is stays."""
    sent = attachment["sent"]
    return {**attachment, "name": _suffix(attachment["name"]), "sent": sent and {**sent, "name": _suffix(sent["name"])}}


def _suffix(name: str) -> str:
    return f"…{PurePath(name).suffix}"


def masked_text(value: Any) -> Any:
    """A text without the addresses and numbers in it."""
    if not isinstance(value, str):
        return value
    return _NUMBER.sub(r"\1…\2", _EMAIL.sub(r"\1…@\2", value))


def _mask(value: Any) -> Any:
    """`Budi Santoso` becomes `B… S…`, a number keeps its ends."""
    if not isinstance(value, str):
        return value if value is None or isinstance(value, bool) or abs(value) < 1e7 else f"{str(value)[:3]}…"
    if _DATE.fullmatch(value):
        return value
    if "@" in value and " " not in value:
        return _EMAIL.sub(r"\1…@\2", value)
    if re.fullmatch(r"[\d+ .-]{8,}", value):
        return f"{value[:4]}…{value[-3:]}"
    return " ".join(word if len(word) < 2 else f"{word[0]}…" for word in value.split()[:12])


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)
