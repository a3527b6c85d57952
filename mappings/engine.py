"""How do a source's fields become a report? By a mapping: for each report field where from, how, and what else.

The vocabulary is closed: `from`, `lines`, `then`, `lookup`, `by_words`, `default`, and `[hold]`. There are no
expressions; a new need is a new named transform or check.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from mappings import dates, personal_data
from mappings.checks import CHECKS
from mappings.forms import Form
from mappings.report import OPTIONAL, PRIVACY, Reason, capped, problems
from mappings.rules import Rule, cell_name, value_of
from mappings.trace import Trace
from mappings.transforms import Scalar, Unreadable, as_text

RECEIVED = "@received_at"
"""In `from`: when the connector says that the record came, as ISO 8601 text."""
BY_WORDS = "@by_words"
"""As a default: the class that the words of title and content tell."""
_BY_DEFAULT = frozenset({"place_ambiguous"})
"""What cannot be read so is noted where a default, of the mapping or the channel, takes its place."""
_NOT_TEXT = frozenset({*PRIVACY, "latitude", "longitude"})
_ONE_LINE = frozenset({"title", "reporter_name"})
_UNSENDABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


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

    @property
    def columns(self) -> frozenset[str]:
        """The `cell_name` of everything that it asks a record for."""
        asked = {name for rule in self.rules.values() for name in rule.sources}
        asked |= {name for rule in self.rules.values() for _, names in rule.lines for name in names}
        return frozenset(asked | {cell_name(name) for name in (self.form.sources if self.form else ())})


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
    """What a person may want to know and nothing waits for: optional values that were left out because they cannot be
    read, places that were not clear, personal data that was masked."""


def apply(
    mapping: FieldMapping,
    fields: Mapping[str, Scalar],
    context: Context,
    received_at: datetime | date | None,
    trace: Trace | None = None,
) -> Mapped:
    """Map one record's fields. Nothing is raised for any content: what cannot be mapped comes back as reasons.

    Into `trace` goes which way each value took.
    """
    cells = _cells(fields)
    if received_at is not None:
        cells[RECEIVED] = received_at.isoformat()
    values: dict[str, Any] = {}
    unread = _read_form(mapping.form, cells) if mapping.form is not None else []
    for name, rule in mapping.rules.items():
        way = trace.begin(name, rule.default) if trace is not None else None
        try:
            value = _finished(name, value_of(name, rule, cells, context.timezone, way))
        except Unreadable as error:
            unread.append(Reason(error.code, name))
            if way is not None:
                way.fail(error.code)
            continue
        if way is not None:
            way.value = value
        if value is not None:
            values[name] = value
    received = _received(values.pop("received_at", None), context.timezone, unread) or received_at
    notes = _defaulted(mapping, values, unread)
    _complete(values, context, {reason.field for reason in unread})
    unread += [reason for reason in notes if values.get(reason.field) is None]
    notes = [reason for reason in notes if reason not in unread]
    _classify(mapping, values)
    notes += _mask(mapping, values)
    if trace is not None:
        trace.end(values, cells.keys())
    return _judged(mapping, values, unread, notes, received, context)


def _defaulted(mapping: FieldMapping, values: dict[str, Any], unread: list[Reason]) -> list[Reason]:
    """Take out of `unread` whatever a default may stand for, and put the mapping's own in its place."""
    soft = [reason for reason in unread if reason.code in _BY_DEFAULT]
    for reason in soft:
        unread.remove(reason)
        value = _finished(reason.field, mapping.rules[reason.field].default)
        if value is not None:
            values[reason.field] = value
    return soft


def _classify(mapping: FieldMapping, values: dict[str, Any]) -> None:
    """Put the class that the words tell where the mapping leaves it to them."""
    for name, rule in mapping.rules.items():
        if rule.by_words is not None and values.get(name) == BY_WORDS:
            text = f"{values.get('title') or ''}\n{values.get('content') or ''}"
            values[name] = rule.by_words.classify(text).value


def _mask(mapping: FieldMapping, values: dict[str, Any]) -> list[Reason]:
    """Mask personal data in what everyone may read, where the mapping asks for it; a note for each field masked."""
    if mapping.hold.get("personal_data") != "mask":
        return []
    masked = personal_data.masked(values)
    values.update(masked)
    return [Reason("personal_masked", name) for name in masked]


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
        # A likely double is only seen beside other reports, by whoever keeps them.
        reasons += CHECKS[name](values, parameter) if name in CHECKS else ()
    return list(dict.fromkeys(reasons))


def _judged(
    mapping: FieldMapping,
    values: dict[str, Any],
    unread: Sequence[Reason],
    noted: Sequence[Reason],
    received: datetime | date | None,
    context: Context,
) -> Mapped:
    notes = [*(reason for reason in unread if reason.field in OPTIONAL), *noted]
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


def _finished(name: str, value: Scalar) -> Scalar:
    """A text field as text, without what no form can carry: control characters and halves of characters."""
    if value is None or name in _NOT_TEXT:
        return value
    text = _UNSENDABLE.sub("", as_text(value).replace("\r\n", "\n").replace("\r", "\n"))
    return (" ".join(text.split()) if name in _ONE_LINE else text.strip()) or None


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
