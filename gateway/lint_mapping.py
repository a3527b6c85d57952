"""Is a mapping file right by itself? Its mistakes with their lines, likely slips, and whether its examples come out."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from gateway import config_files, toml_lines
from gateway.config_files import Source
from gateway.mistakes import Mistake, Weight
from mappings import examples
from mappings import load as mapping_load
from mappings.engine import FieldMapping
from mappings.forms import OTHERS
from mappings.load import MappingError
from mappings.rules import lookup_key


def mistakes(path: Path, zone: ZoneInfo, now: datetime) -> Iterator[Mistake]:
    """Everything that is wrong with the file or looks so. Raises ConfigError where it is no TOML at all."""
    source = config_files.parse(path)
    wrong = [_at(source, place, text) for place, text in examples.mistakes(source.content.get("tests", []))]
    try:
        mapping = mapping_load.load(path)
    except MappingError as error:
        yield from (_at(source, tuple(found.key.split(".")), found.text) for found in error.mistakes)
        yield from wrong
        return
    yield from wrong
    yield from _slips(source, mapping)
    if not wrong:
        yield from _examples(source, mapping, zone, now)


def _examples(source: Source, mapping: FieldMapping, zone: ZoneInfo, now: datetime) -> Iterator[Mistake]:
    for example in examples.examples(source.content.get("tests", [])):
        for difference in examples.differences(mapping, example, zone, now):
            line = toml_lines.nearest_line(source.lines, ("tests", example.number, "expect"))
            yield Mistake(source.path, line, f'tests["{example.name}"]', str(difference))


def _slips(source: Source, mapping: FieldMapping) -> Iterator[Mistake]:
    entries = {f"form_{name}" for name in (*mapping.form.labels, OTHERS)} if mapping.form else set()
    for name, rule in mapping.rules.items():
        asked = (*rule.sources, *(each for _, columns in rule.lines for each in columns))
        for column in dict.fromkeys(each for each in asked if each.startswith("form_") and each not in entries):
            yield _at(source, ("fields", name), _strange_entry(column, entries), Weight.WARNING)
    for name, spec in source.content.get("fields", {}).items():
        yield from _clashing_lookups(source, name, spec)


def _strange_entry(column: str, entries: set[str]) -> str:
    if not entries:
        return f"{column} is an entry of a form, but the mapping has no [form]"
    near = difflib.get_close_matches(column, entries, n=1)
    return f"{column} is no entry of [form.labels]" + (f'; did you mean "{near[0]}"?' if near else "")


def _clashing_lookups(source: Source, name: str, spec: Mapping[str, Any]) -> Iterator[Mistake]:
    """Two spellings of one value, for case and blanks do not count."""
    lookup = spec.get("lookup")
    seen: dict[str, Any] = {}
    for key, result in lookup.items() if isinstance(lookup, dict) else ():
        folded = lookup_key(key)
        if folded in seen and seen[folded] != result:
            text = f'"{key}" stands there twice but for its case or blanks, with another result: the last one counts'
            yield _at(source, ("fields", name, "lookup"), text, Weight.WARNING)
        seen[folded] = result


def _at(source: Source, place: toml_lines.Path, text: str, weight: Weight = Weight.MISTAKE) -> Mistake:
    key = ".".join(str(part + 1 if isinstance(part, int) else part) for part in place)
    return Mistake(source.path, toml_lines.nearest_line(source.lines, place), key, text, weight)
