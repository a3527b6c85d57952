"""What is there to be read, before anybody has said which table, sheet or folder it is?

A connector class may have `discoverer`, an object that fulfils `Discoverer`. It needs no more than what suffices to log
in, for a channel that is being set up has no table and no key yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from pydantic import BaseModel, ConfigDict

from connectors.contract import ChannelContext, Scalar

SAMPLE_ROWS = 100
"""So many records of a place are looked at, the newest where that can be told."""

_NUMBERS = ("id", "no", "nomor", "kode", "number")
_NUMBERED = (
    "",
    "laporan",
    "aduan",
    "pengaduan",
    "keluhan",
    "tiket",
    "ticket",
    "register",
    "registrasi",
    "urut",
    "agenda",
)
_KEYS = frozenset({"tiket", "ticket", "uuid", *(f"{one}{other}" for one in _NUMBERS for other in _NUMBERED)})


class Access(BaseModel):
    """Base of an `Access`: frozen, other options of the channel are left aside."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that an admin is asked to reach a source, in plain words."""

    name: str
    text: str
    default: str | None = None
    """What Enter means; None where something must be said, "" where it may be left out."""
    choices: tuple[str, ...] = ()
    hidden: bool = False
    """A secret: it is not shown while it is typed, and is never written into the configuration."""
    only_if: tuple[str, tuple[str, ...]] | None = None
    """Another question's name, and the answers after which this one makes sense."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table or sheet, a field of an item, or a part of a mail."""

    name: str
    kind: str = ""
    """Its type in the source's own words, such as `varchar(16)`; empty where it has none."""


@dataclass(frozen=True, slots=True)
class Place:
    """A folder, table, join or sheet that could be a channel's."""

    name: str
    options: Mapping[str, object]
    """Those of the channel that choose it, such as {"table": "pengaduan"}."""
    count: int | None = None
    """How many records it holds; None where that is not known."""
    columns: Sequence[Column] = ()
    key: Sequence[str] = ()
    """Columns that say which record it is; empty where the connector finds them by itself, or there are none."""
    needs_key: bool = True
    """The channel must name `key` or `identity`."""
    rows: Sequence[Mapping[str, Scalar]] = field(default=(), repr=False)
    """Some records as they are: personal data, which the gateway masks before anybody sees it."""
    dates: Sequence[str] = ()
    """Columns that could be the option `updated`: they seem to change with every edit."""
    note: str = ""
    """For an admin, without personal data."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found."""

    places: Sequence[Place]
    notes: Sequence[str] = ()


class Discoverer(Protocol):
    """Looks around in one kind of source, reading only."""

    Access: ClassVar[type[BaseModel]]
    """What suffices to look around. All that it does not know of a channel's options is left aside."""
    questions: ClassVar[Sequence[Question]]
    source: ClassVar[str]
    """LAPOR's usual word for such a source, such as `Email Instansi`."""

    def options(self, answers: Mapping[str, str]) -> dict[str, object]:
        """The channel's options that these answers mean. Raises ValueError, with what is expected."""
        ...

    def discover(self, access: Any, channel: ChannelContext) -> Discovery:
        """Look around. `access` is an `Access` of this class. Raises ConnectorError as a connector does."""
        ...


def unique_key(columns: Sequence[str], rows: Sequence[Mapping[str, Scalar]], more: Sequence[str] = ()) -> list[str]:
    """The first column that is called like a number of complaints, or as one of `more`, filled and different in all.

    A number alone is none: under a citizen's telephone number all their complaints would be one.
    """
    for name in columns:
        plain = "".join(sign for sign in name.casefold() if sign.isalnum())
        values = [row.get(name) for row in rows]
        filled = bool(rows) and all(value not in (None, "") for value in values)
        if filled and len(set(values)) == len(values) and (plain in _KEYS or name in more):
            return [name]
    return []
