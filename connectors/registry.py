"""Which kinds of connector are there, ours and third parties'?"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from connectors.contract import ConnectorFactory, Options

GROUP = "lapor_gateway.connectors"
"""Third parties register `kind = "module:Class"` in this entry point group."""

OURS = {
    "imap": "connectors.imap:Mailbox",
    "sql": "connectors.sql:Database",
    "spreadsheet": "connectors.spreadsheet:Spreadsheet",
    "google_sheets": "connectors.google_sheets:GoogleSheet",
    "csv_link": "connectors.csv_link:PublishedTable",
    "http": "connectors.http:Portal",
}


class UnknownConnector(ValueError):
    """No connector of that kind can be used; the text says why, or names those that can."""


def kinds() -> list[str]:
    """The names that a channel may give as its `connector`."""
    return sorted({*OURS, *(point.name for point in entry_points(group=GROUP))})


def load(kind: str) -> ConnectorFactory:
    """The connector class of that kind, imported only now: an agency without IMAP needs no IMAP library."""
    if kind in OURS:
        module, _, name = OURS[kind].partition(":")
        factory: ConnectorFactory = getattr(import_module(module), name)
        return factory
    offered = [point for point in entry_points(group=GROUP) if point.name == kind]
    if offered:
        return _third_party(offered)
    near = difflib.get_close_matches(kind, kinds(), n=1)
    hint = f'; did you mean "{near[0]}"?' if near else ""
    raise UnknownConnector(f"unknown connector, known are: {', '.join(kinds())}{hint}")


def _third_party(offered: Sequence[EntryPoint]) -> ConnectorFactory:
    """The class that a package offers. Raises UnknownConnector where that is none, or several packages offer one."""
    packages = sorted(point.dist.name if point.dist else point.value for point in offered)
    if len(packages) > 1:
        raise UnknownConnector(f"several packages offer it, uninstall all but one: {', '.join(packages)}")
    point = offered[0]
    try:
        loaded = point.load()
    except AttributeError:
        raise UnknownConnector(f"the package {packages[0]} offers {point.value}, which is not in it") from None
    options = getattr(loaded, "Options", None)
    if not (isinstance(options, type) and issubclass(options, Options)):
        text = f"the package {packages[0]} offers {point.value}, whose Options are none of connectors.contract.Options"
        raise UnknownConnector(text)
    factory: ConnectorFactory = loaded
    return factory
