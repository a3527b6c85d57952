"""How do a source's fields become a report? By a mapping: for each report field where from, how, and what else.

The vocabulary is closed: `from`, `lines`, `then`, `lookup`, `default`, and `[hold]`. There are no expressions; a new
need is a new named transform or check.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from mappings import dates
from mappings.checks import CHECKS
from mappings.forms import Form
from mappings.report import OPTIONAL, PRIVACY, Reason, capped, problems
from mappings.transforms import TRANSFORMS, Scalar, Unreadable, as_text

RECEIVED = "@received_at"
"""In `from`: when the connector says that the record came, as ISO 8601 text."""
_NOT_TEXT = frozenset({*PRIVACY, "latitude", "longitude"})
_ONE_LINE = frozenset({"title", "reporter_name"})
_UNSENDABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


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


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """A mapping ready for use."""

    name: str
    rules: Mapping[str, Rule]
    hold: Mapping[str, Any] = field(default_factory=dict)
    form: Form | None = None
    """How a form's mail is read, where the records are such."""

    def states(self, name: str) -> bool:
        """Whether the mapping says anything about a report field."""
        return name in self.rules


@dataclass(frozen=True, slots=True)
class Context:
    """What the channel adds to every record."""

    timezone: ZoneInfo
    defaults: Mapping[str, Scalar]
    now: datetime


@dataclass(frozen=True, slots=True)
class Mapped:
    """What came of one record."""

    values: Mapping[str, Any]
    """Report fields; incomplete where `reasons` says so."""
    received_at: datetime | date | None
    """When the citizen wrote, as the mapping reads it from the record."""
    reasons: Sequence[Reason]
    """Why a person must look; empty for a report that may be filed."""
    notes: Sequence[Reason]
    """Optional values that were left out because they cannot be read."""


def apply(
    mapping: FieldMapping, fields: Mapping[str, Scalar], context: Context, received_at: datetime | date | None
) -> Mapped:
    """Map one record's fields. Nothing is raised for any content: what cannot be mapped comes back as reasons."""
    cells = _cells(fields)
    if received_at is not None:
        cells[RECEIVED] = received_at.isoformat()
    values: dict[str, Any] = {}
    unread = _read_form(mapping.form, cells) if mapping.form is not None else []
    for name, rule in mapping.rules.items():
        try:
            value = _finished(name, _value(name, rule, cells, context.timezone))
        except Unreadable as error:
            unread.append(Reason(error.code, name))
            continue
        if value is not None:
            values[name] = value
    received = _received(values.pop("received_at", None), context.timezone, unread) or received_at
    _complete(values, context, {reason.field for reason in unread})
    return _judged(mapping, values, unread, received, context)


def _read_form(form: Form, cells: dict[str, Scalar]) -> list[Reason]:
    """Add the form's entries to the cells, as `form_NAME`; a mail that is no such form is for a person."""
    texts = (as_text(cells.get(cell_name(source))) for source in form.sources)
    entries = form.read(next((text for text in texts if text.strip()), ""))
    cells.update({cell_name(f"form_{name}"): value for name, value in entries.items()})
    return [] if entries else [Reason("form_unread")]


def judge(mapping: FieldMapping, values: Mapping[str, Any], now: datetime) -> list[Reason]:
    """Every reason, of LAPOR's form and of the mapping's `[hold]`, why these values may not be filed as they are."""
    reasons = problems(values, now)
    for name, parameter in mapping.hold.items():
        reasons += CHECKS[name](values, parameter)
    return list(dict.fromkeys(reasons))


def _judged(
    mapping: FieldMapping,
    values: dict[str, Any],
    unread: Sequence[Reason],
    received: datetime | date | None,
    context: Context,
) -> Mapped:
    notes = [reason for reason in unread if reason.field in OPTIONAL]
    held = [reason for reason in unread if reason.field not in OPTIONAL]
    said = {reason.field for reason in held}
    reasons = [*held, *(r for r in judge(mapping, values, context.now) if r.field not in said)]
    return Mapped(values, received, reasons, notes)


def _complete(values: dict[str, Any], context: Context, unread: set[str]) -> None:
    """Add the channel's defaults, never in place of a wish that could not be read."""
    for name, value in context.defaults.items():
        if values.get(name) is None and not (name in unread and name not in OPTIONAL):
            values[name] = value
    day = values.get("date_of_incident")
    if isinstance(day, str):
        try:
            values["date_of_incident"] = capped(date.fromisoformat(day), context.now, context.timezone).isoformat()
        except ValueError:
            return


def _value(name: str, rule: Rule, cells: Mapping[str, Scalar], zone: ZoneInfo) -> Scalar:
    if rule.lines:
        value = _lines(rule, cells, zone)
    elif name in OPTIONAL:
        value = _first_readable(rule, cells, zone)
    else:
        value = _first(rule.sources, cells, rule.then, zone)
    if value is not None and rule.lookup is not None:
        value = _looked_up(name, rule, value)
    return rule.default if value is None else value


def _first_readable(rule: Rule, cells: Mapping[str, Scalar], zone: ZoneInfo) -> Scalar:
    """As `_first`, but a broken Reply-To or a phone "tidak ada" does not hide a good one after it."""
    unread: Unreadable | None = None
    for source in rule.sources:
        try:
            value = _first((source,), cells, rule.then, zone)
        except Unreadable as error:
            unread = unread or error
            continue
        if value is not None:
            return value
    if unread is not None:
        raise unread
    return None


def _first(
    names: Sequence[str], cells: Mapping[str, Scalar], then: Sequence[tuple[str, Any]], zone: ZoneInfo
) -> Scalar:
    """The first source that still says something after its transforms; a zero date or `-` lets the next one speak."""
    for name in names:
        cell = cells.get(name)
        value = None if cell is None else _transformed(cell, then, zone)
        if value is not None:
            return value
    return None


def _lines(rule: Rule, cells: Mapping[str, Scalar], zone: ZoneInfo) -> Scalar:
    lines = []
    for label, names in rule.lines:
        value = _first(names, cells, rule.then, zone)
        if value is None and not label:
            return None
        if value is not None:
            lines.append(f"{label}: {as_text(value)}" if label else as_text(value))
    return "\n".join(lines) or None


def _transformed(value: Scalar, then: Sequence[tuple[str, Any]], zone: ZoneInfo) -> Scalar:
    value = _emptied(value)
    for name, argument in then:
        if value is None:
            return None
        value = _emptied(TRANSFORMS[name](value, argument, zone))
    return value


def _emptied(value: Scalar) -> Scalar:
    if not isinstance(value, str):
        return value
    return value.strip() or None


def _looked_up(name: str, rule: Rule, value: Scalar) -> Scalar:
    """The table's entry; an unknown value without a default raises, for it means that the table is incomplete.

    Of a wish for secrecy it always does: a default must not take the place of a word that was not understood.
    """
    found = (rule.lookup or {}).get(lookup_key(value))
    if found is None and (rule.default is None or name in PRIVACY):
        raise Unreadable("lookup_unknown")
    return found


def _finished(name: str, value: Scalar) -> Scalar:
    """A text field as text, without what no form can carry: control characters and halves of characters."""
    if value is None or name in _NOT_TEXT:
        return value
    text = _UNSENDABLE.sub("", as_text(value).replace("\r\n", "\n").replace("\r", "\n"))
    return (" ".join(text.split()) if name in _ONE_LINE else text.strip()) or None


def lookup_key(value: Scalar) -> str:
    """How values are compared with a lookup table's keys: without regard to case and repeated blanks."""
    return " ".join(as_text(value).split()).casefold()


def cell_name(name: str) -> str:
    """How column names are compared: `Nama Pelapor`, `nama_pelapor` and `NAMA-PELAPOR` are one."""
    return name if name.startswith("@") else re.sub(r"[\W_]+", "_", name.casefold()).strip("_")


def _cells(fields: Mapping[str, Scalar]) -> dict[str, Scalar]:
    cells: dict[str, Scalar] = {}
    for name, value in fields.items():
        cells.setdefault(cell_name(name), value)
    return cells


def _received(value: Scalar, zone: ZoneInfo, unread: list[Reason]) -> datetime | date | None:
    """A day or an aware moment, also of a mapping that forgot its `timestamp`; what cannot be read is noted."""
    try:
        return dates.parse(value, (), zone)
    except dates.UnreadableDate as error:
        unread.append(Reason(error.code, "received_at"))
        return None
