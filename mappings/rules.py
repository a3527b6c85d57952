"""What value does one rule of a mapping make of a record's cells?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from mappings.classifying import Words
from mappings.report import OPTIONAL, PRIVACY
from mappings.trace import Lookup, Way
from mappings.transforms import TRANSFORMS, Scalar, Unreadable, as_text


@dataclass(frozen=True, slots=True)
class Rule:
    """How one report field is made."""

    sources: tuple[str, ...] = ()
    lines: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(label, fields): the first field that says something becomes "label: value". With an empty label it is the value
    alone, and without it there is nothing: a place is no complaint."""
    then: tuple[tuple[str, Any], ...] = ()
    lookup: Mapping[str, Scalar] | None = None
    default: Scalar = None
    by_words: Words | None = None
    """How a class is told from the words, where the default is `engine.BY_WORDS`."""


def cell_name(name: str) -> str:
    """How column names are compared: `Nama Pelapor`, `nama_pelapor` and `NAMA-PELAPOR` are one."""
    return name if name.startswith("@") else re.sub(r"[\W_]+", "_", name.casefold()).strip("_")


def lookup_key(value: Scalar) -> str:
    """How values are compared with a lookup table's keys: without regard to case and repeated blanks."""
    return " ".join(as_text(value).split()).casefold()


def value_of(name: str, rule: Rule, cells: Mapping[str, Scalar], zone: ZoneInfo, way: Way | None) -> Scalar:
    """What the rule of a report field makes of a record's cells, which stand under their `cell_name`.

    Raises Unreadable for what a person must look at. Into `way` goes which way the value took.
    """
    if rule.lines:
        value = _lines(rule, cells, zone, way)
    elif name in OPTIONAL:
        value = _first_readable(rule, cells, zone, way)
    else:
        value = _first(rule.sources, cells, rule.then, zone, way)
    if value is not None and rule.lookup is not None:
        value = _looked_up(name, rule, value, way)
    if value is None and way is not None:
        way.default = rule.default
    return rule.default if value is None else value


def _first_readable(rule: Rule, cells: Mapping[str, Scalar], zone: ZoneInfo, way: Way | None) -> Scalar:
    """As `_first`, but a broken Reply-To or a phone "tidak ada" does not hide a good one after it."""
    unread: Unreadable | None = None
    for source in rule.sources:
        try:
            value = _first((source,), cells, rule.then, zone, way)
        except Unreadable as error:
            unread = unread or error
            if way is not None:
                way.unreadable(error.code)
            continue
        if value is not None:
            return value
    if unread is not None:
        raise unread
    return None


def _first(
    names: Sequence[str],
    cells: Mapping[str, Scalar],
    then: Sequence[tuple[str, Any]],
    zone: ZoneInfo,
    way: Way | None,
    label: str = "",
) -> Scalar:
    """The first source that still says something after its transforms; a zero date or `-` lets the next one speak."""
    for name in names:
        cell = cells.get(name)
        if way is not None:
            way.ask(name, label, cells)
        value = None if cell is None else _transformed(cell, then, zone, way)
        if value is not None:
            return value
    return None


def _lines(rule: Rule, cells: Mapping[str, Scalar], zone: ZoneInfo, way: Way | None) -> Scalar:
    lines = []
    for label, names in rule.lines:
        value = _first(names, cells, rule.then, zone, way, label)
        if value is None and not label:
            return None
        if value is not None:
            lines.append(f"{label}: {as_text(value)}" if label else as_text(value))
    return "\n".join(lines) or None


def _transformed(value: Scalar, then: Sequence[tuple[str, Any]], zone: ZoneInfo, way: Way | None) -> Scalar:
    value = _emptied(value)
    for name, argument in then:
        if value is None:
            return None
        if way is not None:
            way.step(name, argument, value)
        value = _emptied(TRANSFORMS[name](value, argument, zone))
        if way is not None:
            way.stepped(value)
    return value


def _emptied(value: Scalar) -> Scalar:
    if not isinstance(value, str):
        return value
    return value.strip() or None


def _looked_up(name: str, rule: Rule, value: Scalar, way: Way | None) -> Scalar:
    """The table's entry; an unknown value without a default raises, for it means that the table is incomplete.

    Of a wish for secrecy it always does: a default must not take the place of a word that was not understood.
    """
    found = (rule.lookup or {}).get(lookup_key(value))
    if way is not None:
        way.lookup = Lookup(value, found)
    if found is None and (rule.default is None or name in PRIVACY):
        raise Unreadable("lookup_unknown")
    return found
