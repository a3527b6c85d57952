"""How does an item of a list become a record's fields, key and version?"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from connectors.contract import Scalar
from connectors.http_json import MISSING, at
from connectors.http_options import HttpOptions
from connectors.identity import digest, key_text

_DEEPEST = 6
"""Levels of objects that become fields; what lies deeper stays JSON in one field."""
_NAIVE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?")
_UNKEEPABLE = re.compile("[\0\ud800-\udfff]")
"""What JSON may hold and no database takes."""
_BETWEEN = ", "


def fields_of(item: Mapping[str, Any], options: HttpOptions) -> dict[str, Scalar]:
    """The item for the mapping: `options.fields`, or everything in it under its path, with `_` for dots."""
    if options.fields:
        found = {name: at(item, path) for name, path in options.fields.items()}
        return {name: value_of(value, options.timezone) for name, value in found.items() if value is not MISSING}
    flat: dict[str, Scalar] = {}
    # Outer names first: where `a.b` and `a_b` are both there, the outer one keeps its name.
    for path, value in sorted(_leaves(item, ()), key=lambda leaf: len(leaf[0])):
        name = "_".join(path)
        flat[name if name not in flat else ".".join(path)] = value_of(value, options.timezone)
    return flat


def key_of(item: Mapping[str, Any], options: HttpOptions) -> str | None:
    """Which record it is; None where the item lacks it."""
    values = [value_of(at(item, path), None) for path in options.naming]
    empty = sum(value is None or value == "" for value in values)
    if empty == len(values) or (empty and options.key):
        return None
    return key_text(values) if options.key else digest(values)


def version_of(item: Mapping[str, Any], options: HttpOptions) -> str:
    """What the item says: `options.updated`, else a hash over its fields, whatever their order."""
    stamp = value_of(at(item, options.updated), None) if options.updated else None
    if stamp is not None and stamp != "":
        return str(stamp)[:200]
    fields = fields_of(item, options)
    # Links to files are often signed anew for each answer.
    files = sorted(str(link).partition("?")[0] for link in links_of(item, options))
    signed = {value_of(at(item, path), options.timezone) for path in options.attachments} - {None}
    said = [part for name in sorted(fields) if fields[name] not in signed for part in (name, fields[name])]
    return digest([*said, *files])


def links_of(item: Mapping[str, Any], options: HttpOptions) -> Sequence[str]:
    """What the item names as its files, each once."""
    found = [link for path in options.attachments for link in _texts(at(item, path))]
    return list(dict.fromkeys(link.strip() for link in found if link.strip()))


def value_of(value: Any, zone: ZoneInfo | None) -> Scalar:
    """A value as a field holds it: lists joined, objects as JSON, times without an offset in `zone`."""
    if isinstance(value, str):
        return _zoned(_UNKEEPABLE.sub("", value), zone)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, list):
        return _BETWEEN.join(str(one) for one in (value_of(each, zone) for each in value) if one not in (None, ""))
    if isinstance(value, dict):
        return _UNKEEPABLE.sub("", json.dumps(value, ensure_ascii=False, sort_keys=True))
    return None if value is MISSING else value


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Everything in an object that is no object itself; elements of a list of objects lie together."""
    if len(path) < _DEEPEST and isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        names = dict.fromkeys(name for one in value for name in one)
        value = {name: [one[name] for one in value if name in one] for name in names}
    if len(path) < _DEEPEST and isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, (*path, _UNKEEPABLE.sub("", name)))
    elif path:
        yield path, value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def _zoned(text: str, zone: ZoneInfo | None) -> str:
    if zone is None or not _NAIVE.fullmatch(text):
        return text
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone).isoformat()
    except ValueError:
        return text
