"""Which kinds of connector are there, ours and third parties'?"""

from __future__ import annotations

import difflib
from importlib import import_module
from importlib.metadata import entry_points

from connectors.contract import ConnectorFactory

GROUP = "lapor_gateway.connectors"
"""Third parties register `kind = "module:Class"` in this entry point group."""

OURS = {
    "imap": "connectors.imap:Mailbox",
    "sql": "connectors.sql:Database",
    "spreadsheet": "connectors.spreadsheet:Spreadsheet",
}


class UnknownConnector(ValueError):
    """No connector of that kind is installed; the text names those that are."""


def kinds() -> list[str]:
    """The names that a channel may give as its `connector`."""
    return sorted({*OURS, *(point.name for point in entry_points(group=GROUP))})


def load(kind: str) -> ConnectorFactory:
    """The connector class of that kind, imported only now: an agency without IMAP needs no IMAP library."""
    if kind in OURS:
        module, _, name = OURS[kind].partition(":")
        factory: ConnectorFactory = getattr(import_module(module), name)
        return factory
    for point in entry_points(group=GROUP):
        if point.name == kind:
            loaded: ConnectorFactory = point.load()
            return loaded
    near = difflib.get_close_matches(kind, kinds(), n=1)
    hint = f'; did you mean "{near[0]}"?' if near else ""
    raise UnknownConnector(f"unknown connector, known are: {', '.join(kinds())}{hint}")
