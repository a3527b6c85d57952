"""Are the tables that a mapping looks into right: those written in it, and the CSV files beside it?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mappings import tables
from mappings.places import Places
from mappings.report import PRIVACY, Classification, Scalar
from mappings.rules import lookup_key
from mappings.tables import BadTable, Table

_SHAPE = 'expected a CSV file\'s name or {file = "lapor-categories.csv", key = "name", value = "id"}'
_PLACE_KEYS = tables.KEYS
_LOOKUP_KEYS = ("file", "key", "value")
_PLACE_COLUMNS = {"key": "name", "value": "id"}
_MOST_TOLD = 5


class Tables:
    """The files beside one mapping, each read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[tuple[tuple[str, str], ...], Table] = {}

    def lookup(self, spec: str | Mapping[str, Any]) -> Mapping[str, Scalar]:
        """The entries of a `lookup` without mistakes, by how values are compared."""
        if is_inline(spec):
            return {lookup_key(key): value for key, value in _spec(spec).items()}
        return {lookup_key(row.key): row.value for row in self._table(spec).rows}

    def places(self, spec: str | Mapping[str, str]) -> Places:
        """The places of a `find_place` without mistakes."""
        return Places(self._table({**_PLACE_COLUMNS, **_spec(spec)}))

    def lookup_mistakes(self, field: str, spec: Any) -> Iterator[tuple[str, str]]:
        """(dotted key, what is wrong and expected) of a field's `lookup`."""
        key = f"fields.{field}.lookup"
        if is_inline(spec):
            if not all(isinstance(result, str | int | float | bool) for result in spec.values()):
                yield key, "expected a table value = result"
            else:
                yield from _class_mistakes(field, key, spec)
        elif field in PRIVACY:
            yield key, "expected a table value = true or false, written here and not in a file"
        else:
            found = list(self._file_mistakes(key, spec, _LOOKUP_KEYS))
            yield from found or self._entry_mistakes(field, key, spec)

    def place_mistakes(self, key: str, spec: Any) -> Iterator[tuple[str, str]]:
        """(dotted key, what is wrong and expected) of the argument of `find_place`."""
        if isinstance(spec, str | dict) and spec:
            whole = {**_PLACE_COLUMNS, **_spec(spec)} if isinstance(spec, str) or "file" in spec else spec
            yield from self._file_mistakes(key, whole, _PLACE_KEYS)
        else:
            yield key, _SHAPE

    def _file_mistakes(self, key: str, spec: Any, known: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        if not isinstance(spec, str | dict) or not spec:
            yield key, _SHAPE
            return
        table = _spec(spec)
        if "file" not in table or table.keys() - set(known) or not all(_is_text(text) for text in table.values()):
            yield key, _SHAPE
            return
        try:
            self._table(table)
        except BadTable as error:
            yield key, str(error)

    def _entry_mistakes(self, field: str, key: str, spec: str | Mapping[str, str]) -> Iterator[tuple[str, str]]:
        table = self._table(spec)
        seen: dict[str, tables.Row] = {}
        clashes = []
        for row in table.rows:
            first = seen.setdefault(lookup_key(row.key), row)
            if first.value != row.value:
                clashes.append(f'{table.name}:{row.line}: "{row.key}" leads elsewhere in line {first.line}')
        more = f"; and {len(clashes) - _MOST_TOLD} more" if len(clashes) > _MOST_TOLD else ""
        if clashes:
            yield key, "; ".join(clashes[:_MOST_TOLD]) + more
        yield from _class_mistakes(field, key, {row.key: row.value for row in table.rows})

    def _table(self, spec: str | Mapping[str, str]) -> Table:
        table = _spec(spec)
        read = tuple(sorted(table.items()))
        if read not in self._read:
            self._read[read] = tables.read(self._folder, table)
        return self._read[read]


def is_inline(spec: Any) -> bool:
    """Whether the table is written in the mapping itself."""
    return isinstance(spec, dict) and not ("file" in spec and spec.keys() <= set(_LOOKUP_KEYS))


def _spec(spec: str | Mapping[str, Any]) -> Mapping[str, Any]:
    return {"file": spec} if isinstance(spec, str) else spec


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _class_mistakes(field: str, key: str, table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A class that LAPOR does not know would hold every report that has it."""
    wrong = [
        result for result in table.values() if field == "classification" and str(result) not in set(Classification)
    ]
    if wrong:
        yield key, f'"{wrong[0]}" is no class: "1" is pengaduan, "2" permintaan informasi, "3" aspirasi'
