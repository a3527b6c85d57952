"""What in a channel is allowed and yet most likely a slip?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from connectors.sql_options import SqlOptions
from gateway import toml_lines
from gateway.answers import secret_slips, words
from gateway.config import Channel
from gateway.mistakes import Weight
from mappings.report import OPTIONAL, REQUIRED

_SELF = re.compile(r"(?<![\w.:@`\"])([A-Za-z_][\w.]*)\s*=\s*\1(?![\w.(])", re.IGNORECASE)
Slip = tuple[toml_lines.Path, str, Weight]
"""(place within the channel, what is odd, how bad it is)"""


def slips(channel: Channel, zone: ZoneInfo, now: datetime) -> Iterator[Slip]:
    """Everything that looks odd in the channel; each is certain enough to be worth a look."""
    start = channel.settings.start_moment(zone)
    if start is not None and start > now:
        yield ("start",), f"it lies ahead: nothing that citizens write before {start:%Y-%m-%d %H:%M} is sent", _W
    yield from _unmade(channel)
    yield from _unheard_defaults(channel)
    yield from _senders(channel)
    yield from _guards(channel)
    yield from _templates(channel)


def doubled_sources(channels: Sequence[Channel]) -> Iterator[tuple[Channel, Channel]]:
    """(channel, earlier one) that read the very same."""
    for index, channel in enumerate(channels):
        for other in channels[:index]:
            if (channel.factory, channel.options) == (other.factory, other.options):
                yield channel, other


def same_source(other: Channel) -> str:
    """Why that is bad."""
    return f"it reads the very same as {other.name}: every complaint would be filed twice"


_W = Weight.WARNING


def _unmade(channel: Channel) -> Iterator[Slip]:
    """Fields that LAPOR needs and that nothing ever fills."""
    stated = channel.settings.report_defaults()
    for name in REQUIRED:
        if not channel.mapping.states(name) and stated.get(name) is None:
            text = f"neither the mapping {channel.mapping.name} nor the channel states it: every report would be held"
            yield ("defaults", name), text, _W
    wanted = channel.mapping.hold.get("requires", [])
    for name in wanted:
        if name not in REQUIRED and not channel.mapping.states(name) and stated.get(name) is None:
            yield ("mapping",), f"its [hold] requires {name}, which nothing states: every report would be held", _W


def _unheard_defaults(channel: Channel) -> Iterator[Slip]:
    for name in channel.settings.defaults:
        rule = channel.mapping.rules.get(name)
        if rule is not None and rule.default is not None and name not in OPTIONAL:
            yield ("defaults", name), f"the mapping {channel.mapping.name} has a default of its own, which wins", _W


def _senders(channel: Channel) -> Iterator[Slip]:
    for name in ("form_senders", "own_addresses"):
        for address in getattr(channel.options, name, ()):
            if "@" not in address:
                yield ("options", name), f"{address} is no address: it is compared as a whole and matches nothing", _W


def _guards(channel: Channel) -> Iterator[Slip]:
    back = channel.options.write_back if isinstance(channel.options, SqlOptions) else None
    for each in back.statements if back is not None else ():
        found = _SELF.search(each.sql)
        if found is not None:
            text = f"{found[0]} is always true; did you mean {found[1]} = :previous?"
            yield ("options", "write_back", "statements"), text, _W


def _templates(channel: Channel) -> Iterator[Slip]:
    answers = channel.settings.answers
    if answers is None:
        return
    place = ("answers", "templates" if answers.templates else "agency")
    yield from ((place, text, Weight.MISTAKE) for text in words.mistakes(answers))
    yield from ((place, text, _W) for text in secret_slips.slips(answers.templates))
