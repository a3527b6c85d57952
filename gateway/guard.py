"""Does a source look as it did the last time? A half-loaded or emptied one must not pass for the whole."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from gateway.config import Channel
from mappings.rules import cell_name

_FEWEST = 10
_SHARE = 0.5


def asked(channel: Channel) -> frozenset[str]:
    """The columns that the channel's mapping or options name, each as its `cell_name`."""
    named = _texts(channel.options.model_dump(mode="json"))
    return frozenset({*channel.mapping.columns, *(cell_name(text) for text in named)})


def objection(before: Mapping[str, Any] | None, now: Mapping[str, Any], asked: Collection[str]) -> str | None:
    """Why a person must look before the channel goes on, or None.

    `columns` and `rows` are compared where both listings tell them. Columns that nobody asks for may come and go, such
    as people's notes, and a source may grow as it likes: floods are real.
    """
    if not before:
        return None
    gone = set(before.get("columns", ())) - set(now.get("columns", before.get("columns", ())))
    lost = sorted(name for name in gone if cell_name(name) in asked)
    if lost:
        return f"it has lost the column{'s' if len(lost) > 1 else ''} {', '.join(lost)}"
    rows, fewer = before.get("rows"), now.get("rows")
    if isinstance(rows, int) and isinstance(fewer, int) and rows >= _FEWEST and fewer < rows * _SHARE:
        return f"it has shrunk from {rows} to {fewer} records"
    return None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
