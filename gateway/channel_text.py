"""How is a new channel written as a commented file of its own in `channels.d`?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.proposals.mapping_text import toml

_COMMENTS = {
    "connector": "which kind of source: docs/connectors.md",
    "mapping": "a preset (docs/mappings.md), or the path to a file of your own",
    "start": "older records are known, never sent",
    "institution_id": "leave out to let national verification route the report",
    "source": "LAPOR's vocabulary of sources",
    "release": '"review" would hold every report for a person',
    "location_id": "LAPOR's id of the place",
    "is_anonymous": "where the source itself says nothing",
    "is_secret": "where the source itself says nothing",
    "password": "by reference; the secret itself never stands here",
    "token": "by reference; the secret itself never stands here",
    "key": "the columns that say which record it is",
    "identity": "no column numbers the records: equal ones in these columns are one record",
    "form_senders": "the web form's sender: its mails never pass for a machine's own",
}
_COLUMN = 40
_SQL = "query"


@dataclass(frozen=True, slots=True)
class NewChannel:
    """What goes into the files of a new channel. No secret is in it, only references."""

    name: str
    settings: Mapping[str, Any]
    """`connector`, `mapping`, `start` and what else stands at the top."""
    defaults: Mapping[str, Any]
    options: Mapping[str, Any]
    mapping_text: str = ""
    """A mapping of its own, for `mappings/NAME.toml`; empty with a preset."""
    remarks: tuple[str, ...] = field(default=())


def channel_text(channel: NewChannel) -> str:
    """The file of a channel, in TOML."""
    lines = [f"# Channel {channel.name}. `lapor-gateway preview {channel.name}` shows what its records become."]
    lines += [f"# {remark}" for remark in channel.remarks]
    lines += _table(channel.settings)
    lines += ["", "[defaults]", *_table(channel.defaults)] if channel.defaults else []
    lines += ["", "[options]", *_table(channel.options)]
    return "\n".join(lines) + "\n"


def _table(values: Mapping[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        said = f"{name} = {_lines(str(value)) if name == _SQL else toml(value)}"
        yield f"{said:{_COLUMN}} # {_COMMENTS[name]}" if name in _COMMENTS else said


def _lines(value: str) -> str:
    """A query of several lines as it is, where TOML can hold it so; a line end more does not matter to it."""
    plain = "\n" in value and "'''" not in value and all(sign in "\n\t" or sign.isprintable() for sign in value)
    return f"'''\n{value}\n'''" if plain else toml(value)
