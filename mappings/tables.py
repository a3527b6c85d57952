"""What does a CSV file beside a mapping say: which column's text leads to which column's result?"""

from __future__ import annotations

import csv
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

KEYS = ("file", "key", "value", "parent")
_MOST_TOLD = 5


class BadTable(ValueError):
    """The file cannot be used; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file."""

    line: int
    key: str
    value: str
    parent: str


@dataclass(frozen=True, slots=True)
class Table:
    """A file's lines, in their order."""

    name: str
    rows: Sequence[Row]


def read(folder: Path, spec: Mapping[str, str]) -> Table:
    """The table of `{file, key, value, parent}`, where `file` is relative to the mapping's folder.

    The first row names the columns; without `key` and `value` the first column leads to the second. Raises BadTable.
    """
    path = folder / spec["file"]
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise BadTable(_unreadable(path, error)) from None
    separator = _separator(text)
    lines = csv.reader(text.splitlines(keepends=True), delimiter=separator, strict=True)
    try:
        numbered = [(lines.line_num, cells) for cells in lines if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise BadTable(f"{path.name}:{lines.line_num}: {error}") from None
    if not numbered:
        raise BadTable(f"{path.name} is empty: its first row names the columns, such as dari,menjadi")
    names = [cell.strip() for cell in numbered[0][1]]
    _refuse_data(path.name, names)
    key, value = (_column(path.name, names, spec.get(part), number) for number, part in enumerate(("key", "value")))
    parent = _column(path.name, names, spec["parent"], 0) if "parent" in spec else _position(names, "parent")
    return Table(path.name, _rows(path.name, numbered[1:], key, value, parent))


def _unreadable(path: Path, error: OSError | ValueError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"{path.name} is no UTF-8 text: save it as “CSV UTF-8”"
    reason = error.strerror if isinstance(error, OSError) else "this is no file's name"
    return f"{path.name} cannot be read ({reason}); it is looked for in {path.parent}"


def _separator(text: str) -> str:
    head = text.partition("\n")[0]
    return max(",;\t", key=head.count)


def _refuse_data(name: str, names: Sequence[str]) -> None:
    if len(names) < 2:
        raise BadTable(f"{name}:1: expected at least two columns, separated by a comma or a semicolon")
    if any(one.isdigit() for one in names):
        raise BadTable(f"{name}:1: the first row names the columns, such as dari,menjadi; here it has a number")


def _column(name: str, names: Sequence[str], wanted: str | None, otherwise: int) -> int:
    if wanted is None:
        return otherwise
    found = _position(names, wanted)
    if found is None:
        near = difflib.get_close_matches(wanted, names, n=1)
        hint = f'; did you mean "{near[0]}"?' if near else ""
        raise BadTable(f'{name}:1: there is no column "{wanted}"; there are: {", ".join(names)}{hint}')
    return found


def _position(names: Sequence[str], wanted: str) -> int | None:
    folded = [name.casefold() for name in names]
    return folded.index(wanted.strip().casefold()) if wanted.strip().casefold() in folded else None


def _rows(
    name: str, numbered: Sequence[tuple[int, list[str]]], key: int, value: int, parent: int | None
) -> Sequence[Row]:
    short = [line for line, cells in numbered if len(cells) <= max(key, value) or not cells[key].strip()]
    short += [line for line, cells in numbered if len(cells) > max(key, value) and not cells[value].strip()]
    if short:
        lines = ", ".join(map(str, sorted(short)[:_MOST_TOLD]))
        raise BadTable(f"{name}:{min(short)}: the text or its result is missing (line {lines})")
    return [
        Row(
            line,
            cells[key].strip(),
            cells[value].strip(),
            cells[parent].strip() if parent is not None and parent < len(cells) else "",
        )
        for line, cells in numbered
    ]
