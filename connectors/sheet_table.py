"""Which cells are the header, and which rows are records?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from connectors.contract import Misconfigured, Scalar

HEADER_WITHIN = 50


def find_header(rows: Sequence[Sequence[Scalar]], header_row: int | None, columns: Iterable[str]) -> int:
    """The index of the header: the given row (from 1), else the first that holds all `columns`.

    Raises Misconfigured when there is none: a preamble must never be read as records.
    """
    wanted = {heading(name) for name in columns}
    if header_row is not None:
        names = headings(rows[header_row - 1]) if header_row <= len(rows) else []
        missing = sorted(wanted - set(names))
        if missing:
            raise Misconfigured(
                f"row {header_row} has no column {', '.join(missing)}; it has: {', '.join(filter(None, names))}"
            )
        return header_row - 1
    for index, row in enumerate(rows[:HEADER_WITHIN]):
        if wanted <= set(headings(row)):
            return index
    raise Misconfigured(
        f"none of the first {HEADER_WITHIN} rows holds the column{'s' if len(wanted) > 1 else ''} "
        f"{', '.join(sorted(wanted))}; set `header_row` to see what a row holds"
    )


def headings(row: Sequence[Scalar]) -> list[str]:
    """Names of the columns: line breaks become blanks, a repeated name gets a number, an empty cell an empty name."""
    names: list[str] = []
    for cell in row:
        name = heading(cell)
        repeats = sum(1 for other in names if name and (other == name or other.rpartition(" #")[0] == name))
        names.append(f"{name} #{repeats + 1}" if repeats else name)
    return names


def heading(cell: Scalar) -> str:
    """A column's name as people would say it: blanks and line breaks folded."""
    return "" if cell is None else " ".join(str(cell).split())


def blank(cells: Sequence[Scalar]) -> bool:
    """Whether a row holds nothing."""
    return all(cell is None or cell == "" for cell in cells)


def fields_of(names: Sequence[str], cells: Sequence[Scalar], date_formats: Sequence[str]) -> Mapping[str, Scalar]:
    """The cells of a row by their columns' names."""
    fields = dict(zip(names, _dated(cells, date_formats) if date_formats else cells, strict=False))
    fields.pop("", None)
    return fields


def _dated(row: Sequence[Scalar], formats: Sequence[str]) -> list[Scalar]:
    return [_iso(cell, formats) if isinstance(cell, str) and cell[:1].isdigit() else cell for cell in row]


def _iso(cell: str, formats: Sequence[str]) -> str:
    """The cell as ISO 8601 where the whole of it is a date in one of the declared formats."""
    for form in formats:
        try:
            moment = datetime.strptime(cell.strip(), form)  # noqa: DTZ007 - the channel's zone applies later
        except ValueError:
            continue
        return moment.isoformat() if "%H" in form or "%I" in form else moment.date().isoformat()
    return cell
