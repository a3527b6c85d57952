"""Do a mapping's own examples come out? Its `[[tests]]`: the fields of a record, and what the report must be.

[[tests]]
name = "a usual row"
fields = {judul = "Jalan rusak", telp = "0812-3456-7890"}
received_at = "2026-11-02T09:30:00+07:00"     # optional
expect = {title = "Jalan rusak", reporter_phone = "+6281234567890", reporter_email = ""}   # "": nothing
holds = ["contact_missing"]                   # optional: exactly these reasons; [] for a report that may be filed
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from mappings.engine import Context, FieldMapping, Mapped, apply
from mappings.report import FIELDS

Path = tuple[str | int, ...]
_KEYS = ("name", "fields", "received_at", "expect", "holds")
_TARGETS = (*FIELDS, "received_at")
_CHANNEL: Mapping[str, Any] = {"is_anonymous": True, "is_secret": False, "location_id": "0", "source": "Contoh"}
"""What a channel would state, wherever the example itself expects nothing else."""


@dataclass(frozen=True, slots=True)
class Example:
    """One of a mapping's `[[tests]]`."""

    number: int
    name: str
    fields: Mapping[str, Any]
    expect: Mapping[str, Any]
    received_at: datetime | date | None
    holds: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What did not come out: the report field, or `holds`."""

    field: str
    expected: Any
    got: Any

    def __str__(self) -> str:
        return f"{self.field}: expected {_shown(self.expected)}, got {_shown(self.got)}"


def mistakes(tests: Any) -> Iterator[tuple[Path, str]]:
    """(place, what is wrong and expected) of everything in `tests` that is no example."""
    if not isinstance(tests, list) or not all(isinstance(item, dict) for item in tests):
        yield ("tests",), "expected tables [[tests]]"
        return
    for number, item in enumerate(tests):
        place = ("tests", number)
        yield from (((*place, name), _unknown("key", name, _KEYS)) for name in item if name not in _KEYS)
        if not isinstance(item.get("name"), str):
            yield (*place, "name"), "expected a text: what the example shows"
        yield from _table_mistakes(place, item)
        if not isinstance(item.get("holds", []), list) or not all(isinstance(c, str) for c in item.get("holds", [])):
            yield (*place, "holds"), 'expected a list of reason codes, such as ["contact_missing"]'
        if "received_at" in item and _moment(item["received_at"]) is None:
            yield (*place, "received_at"), "expected a date, or a date with time and its offset"


def examples(tests: Sequence[Mapping[str, Any]]) -> list[Example]:
    """The examples of `tests` without mistakes."""
    return [_example(number, item) for number, item in enumerate(tests)]


def differences(mapping: FieldMapping, example: Example, zone: ZoneInfo, now: datetime) -> list[Difference]:
    """Where the mapping makes something else of the example; nothing where it comes out."""
    defaults = {name: value for name, value in _CHANNEL.items() if name not in example.expect}
    made = apply(mapping, example.fields, Context(zone, defaults, now), example.received_at)
    found = [
        Difference(name, wanted, got)
        for name, wanted in example.expect.items()
        if not _same(wanted, got := _got(made, name))
    ]
    codes = sorted({reason.code for reason in made.reasons})
    if example.holds is not None and codes != sorted(set(example.holds)):
        found.append(Difference("holds", sorted(set(example.holds)), codes))
    return found


def _table_mistakes(place: Path, item: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    for key in ("fields", "expect"):
        table = item.get(key, {} if key == "expect" and "holds" in item else None)
        if not isinstance(table, dict):
            yield (*place, key), "expected a table name = value"
            continue
        for name, value in table.items():
            if isinstance(value, list | dict):
                yield (*place, key, name), "expected a text, a number, a date or true/false"
            if key == "expect" and name not in _TARGETS:
                yield (*place, key, name), _unknown("report field", name, _TARGETS)


def _example(number: int, item: Mapping[str, Any]) -> Example:
    return Example(
        number,
        item["name"],
        {name: _as_source(value) for name, value in item["fields"].items()},
        {name: _as_source(value) for name, value in item.get("expect", {}).items()},
        _moment(item.get("received_at")),
        tuple(item["holds"]) if "holds" in item else None,
    )


def _as_source(value: Any) -> Any:
    """Dates travel as ISO 8601 text, as connectors hand them over."""
    return value.isoformat() if isinstance(value, date | datetime | time) else value


def _moment(value: Any) -> datetime | date | None:
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value if value.tzinfo else None
    return value if isinstance(value, date) else None


def _got(made: Mapped, name: str) -> Any:
    return _as_source(made.received_at) if name == "received_at" else made.values.get(name)


def _same(wanted: Any, got: Any) -> bool:
    if wanted == "":
        return got is None
    return bool(wanted == got) and isinstance(wanted, bool) == isinstance(got, bool)


def _shown(value: Any) -> str:
    if value in (None, ""):
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(value) or "no reason"
    return f'"{value}"'.replace("\n", "\\n") if isinstance(value, str) else str(value)


def _unknown(what: str, name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f'unknown {what} "{name}"; ' + (f'did you mean "{near[0]}"?' if near else f"known are: {', '.join(known)}")
