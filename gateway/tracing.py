"""Which way did each field of a report take, as an admin may see it? The engine's notes, told and masked."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gateway import texts
from mappings.engine import BY_WORDS, FieldMapping
from mappings.rules import cell_name
from mappings.trace import Outcome, Step, Trace, Tried, Way

Mask = Callable[[str, str, Any], Any]
"""(report field, column, value): the value as it may be shown."""

_TEXTS = ("title", "content")
_OPEN = ("classification", "date_of_incident", "received_at", "is_secret", "is_anonymous")
"""Fields that name nobody, also of a secret report."""
_PERSONAL_COLUMN = re.compile(
    r"(^|_)(nama|name|pelapor|pengadu|email|e_mail|surel|telp|telepon|hp|wa|whatsapp|phone|kontak|nik|ktp|alamat|from"
    r"|reply_to|to)(_|$)"
)
_SHORT = 60
"""A longer value is somebody's words."""
_HIDDEN = "(dirahasiakan)"


def told(trace: Trace, columns: Sequence[str], mask: Mask) -> list[dict[str, Any]]:
    """For every report field: what was asked, each value on the way, and why it is empty. JSON values only.

    `columns` are the source's own names, for a hint where one that is asked for is missing.
    """
    known = {cell_name(name): name for name in columns} | {name: name for name in trace.columns}
    return [_way(way, known, mask) for way in trace.ways.values()]


def masking(
    mapping: FieldMapping, values: Mapping[str, Any], word: Callable[[Any], Any], text: Callable[[Any], Any]
) -> Mask:
    """How this record's values may be shown: `word` shortens every word, `text` hides only numbers and addresses.

    A column that any part of the reporter is read from stays hidden also where another field asks for it.
    """
    personal = {
        source for name, rule in mapping.rules.items() if name.startswith("reporter_") for source in rule.sources
    }
    secret = values.get("is_secret") is not False

    def mask(field: str, column: str, value: Any) -> Any:
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            return value
        if field.startswith("reporter_") or column in personal or _PERSONAL_COLUMN.search(column):
            return word(value)
        if secret and field not in _OPEN:
            return _HIDDEN if field in _TEXTS else word(value)
        return text(value) if field in _TEXTS or len(str(value)) <= _SHORT else word(value)

    return mask


def _way(way: Way, known: Mapping[str, str], mask: Mask) -> dict[str, Any]:
    spoke = next((each.column for each in way.tried if each.outcome is Outcome.SPOKE), "")
    lookup = way.lookup and {"value": mask(way.target, spoke, way.lookup.value), "found": way.lookup.found}
    return {
        "field": way.target,
        "value": _final(way, spoke, mask),
        "made_of": _made_of(way),
        "why_empty": _why_empty(way),
        "tried": [_tried(way, each, known, mask) for each in way.tried],
        "lookup": lookup,
        "default": way.default,
        "channel_default": way.channel_default,
    }


def _final(way: Way, spoke: str, mask: Mask) -> Any:
    if way.value is None:
        return way.channel_default
    return mask(way.target, spoke, way.value if way.later is None else way.later)


def _made_of(way: Way) -> str:
    """Where the value comes from, in a word; empty where there is none."""
    if way.value == BY_WORDS:
        return "the words of title and content"
    if way.value is None:
        return "channel default" if way.channel_default is not None else ""
    if way.default is not None:
        return "default"
    if way.lookup is not None:
        return "lookup"
    return ", ".join(each.column for each in way.tried if each.outcome is Outcome.SPOKE) or "mapping"


def _why_empty(way: Way) -> str:
    if way.value is not None or way.channel_default is not None:
        return ""
    if way.code:
        return texts.in_english({"code": way.code, "field": way.target})
    if not way.tried:
        return "the mapping names no column for it"
    if all(each.outcome is Outcome.MISSING for each in way.tried):
        return "the source has none of its columns"
    return "nothing that was asked says anything, and there is no default"


def _tried(way: Way, each: Tried, known: Mapping[str, str], mask: Mask) -> dict[str, Any]:
    return {
        "column": known.get(each.column, each.column),
        "label": each.label,
        "outcome": str(each.outcome),
        "why": _why(way, each, known),
        "cell": mask(way.target, each.column, each.cell),
        "steps": [_step(way, each, step, mask) for step in each.steps],
    }


def _step(way: Way, each: Tried, step: Step, mask: Mask) -> dict[str, Any]:
    before, after = (mask(way.target, each.column, value) for value in (step.before, step.after))
    changed = step.before != step.after
    return {"transform": step.name, "argument": step.argument, "before": before, "after": after, "changed": changed}


def _why(way: Way, each: Tried, known: Mapping[str, str]) -> str:
    """Why the column says nothing; empty where it speaks."""
    if each.outcome is Outcome.MISSING:
        near = difflib.get_close_matches(each.column, list(known), n=1, cutoff=0.75)
        return "the record has no such column" + (f'; did you mean "{known[near[0]]}"?' if near else "")
    if each.outcome is Outcome.EMPTY:
        return "it is empty"
    if each.outcome is Outcome.EMPTIED:
        return f"{each.steps[-1].name} leaves nothing of it"
    if each.outcome is Outcome.UNREADABLE:
        return texts.in_english({"code": each.code, "field": way.target})
    return ""
