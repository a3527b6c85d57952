"""Which columns does a mapping ask for that the source does not have?"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateway.config import Channel
from mappings.engine import RECEIVED, FieldMapping
from mappings.load import presets
from mappings.report import PRIVACY, REQUIRED
from mappings.rules import Rule, cell_name

_SHOWN = 4
_CONTACT = ("reporter_email", "reporter_phone")


class Effect(StrEnum):
    """What comes of it, as an admin reads it."""

    HOLDS = "every report would be held"
    EMPTY = "it stays empty"
    LINE = "the line is left out"
    OTHERS = "only the other columns are asked"


@dataclass(frozen=True, slots=True)
class Lack:
    """A report field that the source has no column for, or a single column that looks mistyped."""

    field: str
    columns: tuple[str, ...]
    """Those that the mapping asks for."""
    near: Mapping[str, str]
    """What the source calls a column that is nearly so."""
    effect: Effect

    @property
    def holds(self) -> bool:
        """Whether the channel is of no use like that."""
        return self.effect is Effect.HOLDS

    def __str__(self) -> str:
        more = len(self.columns) - _SHOWN
        asked = ", ".join(self.columns[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
        hints = ", ".join(f'"{name}"' for name in dict.fromkeys(self.near.values()))
        meant = f"; did you mean {hints}?" if hints else ""
        return f"{self.field}: the source has no column {asked}{meant} ({self.effect})"


def lacking(channel: Channel, columns: Sequence[str]) -> list[Lack]:
    """What the channel's mapping asks for in vain. Of a preset, which knows many names, what holds every report."""
    stated = channel.settings.report_defaults()
    known = {cell_name(name): name for name in columns}
    own = channel.settings.mapping not in presets()
    found = [lack for name, rule in channel.mapping.rules.items() for lack in _lacks(name, rule, known, stated)]
    found += _contactless(channel.mapping, known, stated)
    return [lack for lack in found if lack.holds or own]


def _lacks(name: str, rule: Rule, known: Mapping[str, str], stated: Mapping[str, object]) -> Iterator[Lack]:
    for label, sources in (("", rule.sources), *rule.lines) if rule.sources else rule.lines:
        missing = tuple(source for source in sources if not _is_there(source, known))
        near = {source: known[meant] for source in missing for meant in _near(source, known, sources)}
        if len(missing) == len(sources):
            yield Lack(name, missing, near, _effect(name, label, rule, stated))
        elif near:
            yield Lack(name, tuple(near), near, Effect.OTHERS)


def _effect(name: str, label: str, rule: Rule, stated: Mapping[str, object]) -> Effect:
    """Of a field for which the source has no column at all."""
    if label:
        return Effect.LINE
    needed = name in REQUIRED or name in PRIVACY
    return Effect.HOLDS if needed and rule.default is None and stated.get(name) is None else Effect.EMPTY


def _contactless(mapping: FieldMapping, known: Mapping[str, str], stated: Mapping[str, object]) -> Iterator[Lack]:
    """A report needs an address or a number."""
    rules = [mapping.rules[name] for name in _CONTACT if name in mapping.rules]
    asked = tuple(source for rule in rules for source in rule.sources)
    can = any(rule.default is not None for rule in rules) or any(_is_there(source, known) for source in asked)
    if not can and not any(stated.get(name) for name in _CONTACT):
        near = {source: known[meant] for source in asked for meant in _near(source, known, asked)}
        yield Lack(" and ".join(_CONTACT), asked or ("for them",), near, Effect.HOLDS)


def _is_there(source: str, known: Mapping[str, str]) -> bool:
    return source == RECEIVED or source.startswith("form_") or source in known


def _near(source: str, known: Mapping[str, str], asked: Sequence[str]) -> list[str]:
    """A column of the source that is nearly so, and that the mapping does not ask for beside it."""
    return [name for name in difflib.get_close_matches(source, known, n=1, cutoff=0.75) if name not in asked]
