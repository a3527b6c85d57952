"""Which rows are the header of a sheet, and what do they call its columns?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice, pairwise
from typing import NamedTuple

from connectors.contract import Misconfigured, Scalar
from connectors.sheet_columns import MOST_HEADER_ROWS, TableOptions
from connectors.sheet_table import HEADER_WITHIN, heading, headings

_DEPTHS = (1, 2, 3)
_FEWEST_NUMBERS = 3

Range = tuple[tuple[int, int], tuple[int, int]]
"""Merged cells: row and column of the first and of the last one, from 0."""
Rows = Sequence[Sequence[Scalar]]


class Header(NamedTuple):
    """The rows with the columns' names, as indices, and the names by place; an empty one where there is none."""

    first: int
    last: int
    names: list[str]


def within(options: TableOptions) -> int:
    """How many rows from the top `find_header` wants to see."""
    given = options.header_row if isinstance(options.header_row, int) else 0
    return max(given, HEADER_WITHIN) + MOST_HEADER_ROWS + 1


def find_header(rows: Rows, options: TableOptions, merged: Sequence[Range] = ()) -> Header:
    """The given rows, else the first that hold all columns that tell records apart.

    A row below that only counts the columns belongs to them. Raises Misconfigured when there is none: a preamble must
    never be read as records.
    """
    wanted = {heading(name) for name in options.naming}
    given = options.header_row if isinstance(options.header_row, int) else None
    starts = [given - 1] if given else range(min(len(rows), HEADER_WITHIN))
    depths = (options.header_rows,) if isinstance(options.header_rows, int) else (1,) if given else _DEPTHS
    blocks = (block for depth in depths for start in starts for block in _blocks(start, depth, options, merged))
    headers = (_header(rows, *block, merged) for block in blocks)
    found = list(islice((one for one in headers if one is not None and wanted <= set(one.names)), 2))
    if not found:
        raise Misconfigured(_missing(rows, options, merged, wanted))
    # A title above a header of several rows must not take the place of one of them.
    titled = len(found) > 1 and found[1].first == found[0].first + 1 and not _holds(rows[found[0].first], wanted)
    header = found[1] if titled and _holds(rows[found[1].first], wanted) else found[0]
    return Header(header.first, _below_numbers(rows, header.last, header.names), header.names)


def header_around(rows: Rows, at: int, merged: Sequence[Range]) -> Header:
    """The header that this row with labels is of: as far as its cells are merged with those of the rows beside it."""
    first, last = _joined(at, at, merged)
    header = _header(rows, first, last, merged) or Header(at, at, headings(rows[at]))
    return Header(header.first, _below_numbers(rows, header.last, header.names), header.names)


def _header(rows: Rows, first: int, last: int, merged: Sequence[Range]) -> Header | None:
    """These rows as a header; None where they end beyond the sheet or in a row without any label."""
    if last >= len(rows) or not any(_labels(rows[last])):
        return None
    return Header(first, last, _names(rows, first, last, merged))


def _holds(row: Sequence[Scalar], wanted: set[str]) -> bool:
    return bool(wanted & set(_labels(row)))


def _blocks(start: int, depth: int, options: TableOptions, merged: Sequence[Range]) -> Iterable[tuple[int, int]]:
    """First and last row: as far as cells of the header are merged from row to row, else these rows alone."""
    plain = (start, start + depth - 1)
    if options.header_rows == "auto":
        wide = _joined(*plain, merged)
        if wide != plain:
            yield wide
    yield plain


def _joined(first: int, last: int, merged: Sequence[Range]) -> tuple[int, int]:
    for (top, _), (bottom, _) in merged:
        if top < bottom < top + MOST_HEADER_ROWS and top <= last and bottom >= first:
            first, last = min(first, top), max(last, bottom)
    return (first, last) if last - first < MOST_HEADER_ROWS else (last, last)


def _names(rows: Rows, first: int, last: int, merged: Sequence[Range]) -> list[str]:
    """The lowest label of each column; where columns share it, the labels above are put before it."""
    if first == last:
        return headings(rows[first])
    block = [_labels(rows[index]) for index in range(first, last + 1)]
    width = max(len(row) for row in block)
    for row in block:
        row += [""] * (width - len(row))
    lowest = [next((row[place] for row in reversed(block) if row[place]), "") for place in range(width)]
    _spread(block, first, merged)
    shared = Counter(lowest)
    return headings(
        [
            _path([row[place] for row in block]) if name and shared[name] > 1 else name
            for place, name in enumerate(lowest)
        ]
    )


def _labels(row: Sequence[Scalar]) -> list[str]:
    return [heading(cell) for cell in row]


def _spread(block: list[list[str]], first: int, merged: Sequence[Range]) -> None:
    """Let the label of a group stand above each of its columns; without merged cells, above those up to the next."""
    for (top, left), (bottom, right) in merged:
        if first <= top and bottom < first + len(block):
            for row in block[top - first : bottom - first + 1]:
                row[left : right + 1] = [block[top - first][left]] * len(row[left : right + 1])
    if not merged:
        for upper, lower in pairwise(block):
            for place in range(1, len(upper)):
                if not upper[place] and lower[place]:
                    upper[place] = upper[place - 1]


def _path(labels: Sequence[str]) -> str:
    return " ".join(dict.fromkeys(label for label in labels if label))


def _below_numbers(rows: Rows, last: int, names: Sequence[str]) -> int:
    """The next row where it only counts the columns, (1) (2) (3) …, as official tables do."""
    cells = [heading(cell).strip("()") for cell in rows[last + 1]] if last + 1 < len(rows) else []
    said = [cell for cell in cells if cell]
    counted = said == [str(number) for number in range(1, len(said) + 1)]
    unnumbered = sum(1 for place, name in enumerate(names) if name and not (place < len(cells) and cells[place]))
    return last + 1 if counted and len(said) >= _FEWEST_NUMBERS and not unnumbered else last


def _missing(rows: Rows, options: TableOptions, merged: Sequence[Range], wanted: set[str]) -> str:
    if not isinstance(options.header_row, int):
        return (
            f"none of the first {HEADER_WITHIN} rows holds the column{'s' if len(wanted) > 1 else ''} "
            f"{', '.join(sorted(wanted))}; set `header_row` to see what a row holds"
        )
    first = options.header_row - 1
    last = first + (options.header_rows - 1 if isinstance(options.header_rows, int) else 0)
    names = _names(rows, first, last, merged) if last < len(rows) else []
    missing = ", ".join(sorted(wanted - set(names)))
    return f"row {options.header_row} has no column {missing}; it has: {', '.join(filter(None, names))}"
