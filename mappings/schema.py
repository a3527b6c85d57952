"""What may stand in a mapping file, as a JSON Schema for editors? Made of the tables that `load` itself checks with.

What a schema cannot say, or says clumsily (a lookup's results for `is_secret`, labels that clash), only `lint` finds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mappings.checks import CHECKS, PARAMETERS
from mappings.load import TARGETS
from mappings.load_form import KEYS as FORM_KEYS
from mappings.transforms import ARGUMENT_TYPES, NEED_ARGUMENT, TRANSFORMS

Schema = Mapping[str, Any]
_SCALAR = {"type": ["string", "number", "boolean"]}
_NAMES = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
_KINDS: Mapping[type, Schema] = {
    int: {"type": "integer", "minimum": 1},
    str: {"type": "string"},
    list: {"type": "array", "items": {"type": "string"}},
    dict: {"type": "object"},
    bool: {"type": "boolean"},
}
_FORM: Mapping[str, Schema] = {
    "from": {**_NAMES, "description": "the record's fields that may hold the form; default: text, html"},
    "labels": {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": _NAMES,
        "description": "entry = under which labels the form writes it; it becomes the column form_ENTRY",
    },
    "last": {"type": "string", "description": "the entry that takes everything below its label"},
    "noise": {**_NAMES, "description": "labels of what the form's program adds at the end"},
}


def schema() -> dict[str, Any]:
    """The schema, draft 2020-12."""
    properties = {
        "description": {"type": "string"},
        "form": _table({key: _FORM.get(key, {}) for key in FORM_KEYS}, ["labels"], "how a form's mail is read"),
        "fields": _table({name: {"$ref": "#/$defs/field"} for name in TARGETS}, [], "report field = how it is made"),
        "hold": _table(_checks(), [], "when a person must look"),
        "tests": {"type": "array", "items": {"$ref": "#/$defs/example"}, "description": "examples that must come out"},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A mapping of lapor-gateway",
        **_table(properties, [], "how a source's fields become a report"),
        "$defs": {"field": _field(), "transform": {"anyOf": list(_transforms())}, "example": _example()},
    }


def _checks() -> dict[str, Schema]:
    """The checks of `[hold]`; of those that take one of a few words only that it is a text."""
    return {name: _KINDS[PARAMETERS[name]] for name in CHECKS}


def _field() -> Schema:
    keys: dict[str, Schema] = {
        "from": {**_NAMES, "description": "column(s): the first that still says something after `then`"},
        "lines": {"type": "object", "additionalProperties": _NAMES, "description": "label = column(s), joined"},
        "then": {"type": "array", "items": {"$ref": "#/$defs/transform"}, "description": "transforms, in order"},
        "default": {**_SCALAR, "description": "when nothing was found"},
    }
    # Lookups have several forms, and more keys may come: what is not described here is for `lint` to judge.
    return {"type": "object", "properties": keys, "not": {"required": ["from", "lines"]}}


def _transforms() -> list[Schema]:
    bare = [name for name in TRANSFORMS if name not in NEED_ARGUMENT]
    with_argument = [
        _table({name: {"anyOf": [_KINDS[kind] for kind in kinds]}}, [name], "")
        for name, kinds in ARGUMENT_TYPES.items()
    ]
    return [{"enum": bare}, *with_argument]


def _example() -> Schema:
    values = {"type": "object", "additionalProperties": _SCALAR}
    properties: dict[str, Schema] = {
        "name": {"type": "string", "description": "what the example shows"},
        "fields": {**values, "description": "the record, as the source has it"},
        "received_at": {"type": "string", "description": "when it came: a date, or a date with time and offset"},
        "expect": _table(dict.fromkeys(TARGETS, _SCALAR), [], 'report field = value; "" for nothing'),
        "holds": {**_KINDS[list], "description": "exactly these reason codes; [] for a report that may be filed"},
    }
    return {**_table(properties, ["name", "fields"], ""), "anyOf": [{"required": ["expect"]}, {"required": ["holds"]}]}


def _table(properties: Mapping[str, Schema], required: list[str], description: str) -> dict[str, Any]:
    table: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    said = {"required": required, "description": description}
    return {**table, **{name: value for name, value in said.items() if value}}
