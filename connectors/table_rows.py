"""Which records does one table hold, and which of its rows are in trouble?"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from connectors.contract import Cursor, Entry, Listing, Problem, SourceRecord
from connectors.identity import digest
from connectors.sheet_columns import TableOptions
from connectors.sheet_process import Sheet, unpacked
from connectors.sheet_rows import Row, forms_in, is_like_any, record_of, table_of
from connectors.sheet_table import blank
from connectors.table_forms import refuse_other_forms

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Records:
    """The rows of a table by their keys."""

    rows: dict[str, Row]
    problems: Sequence[Problem]
    columns: Sequence[str]
    """Names, sorted."""
    header: int
    """Number (from 1) of the lowest row with the columns' names; 0 for a table without any cell."""
    forms: Mapping[str, str]
    """How the columns that tell records apart are written."""
    copies: Mapping[str, int]
    """Keys made of content that several rows have, and how many more than one."""
    divided: Sequence[Row] = ()
    """Rows of which there are fewer copies than in the round before."""

    def compared(self, known: Cursor) -> Records:
        """The same, beside what the last cursor knows of the table. Raises Misconfigured where keys changed form."""
        refuse_other_forms(known, self.forms)
        return replace(self, divided=divided(known, self.copies, self.rows))

    def listing(self, cursor: Cursor) -> Listing:
        """All rows as one page. A table without any cell proves nothing about the records that it held."""
        cursor = {**cursor, "forms": self.forms, "copies": dict(self.copies)}
        entries = [Entry(key, row.version) for key, row in self.rows.items()]
        shape = {"rows": len(entries), "columns": list(self.columns)}
        complete = self.header > 0
        return Listing(entries, cursor, more=False, shape=shape, problems=self.problems, complete=complete)

    def read(self, keys: Sequence[str], options: TableOptions) -> Iterator[SourceRecord]:
        """The rows of these keys, as far as they are there."""
        for key in keys:
            row = self.rows.get(key)
            if row is not None:
                alike = ("copy_edited",) if is_like_any(row, self.divided, options) else ()
                yield record_of(key, row, options, alike)

    def told(self) -> str:
        """What was understood, for an admin."""
        if not self.header:
            return "no cell holds anything yet"
        return f"{len(self.rows)} records; header in row {self.header}; columns: {', '.join(self.columns)}"


def records_of(where: str, sheet: Sheet, options: TableOptions) -> Records:
    """Find them; `where` names the table in what is told. Raises Misconfigured when a column is missing."""
    if all(blank(unpacked(row)) for row in sheet.packed):
        return Records({}, [Problem(where, "file_empty", "it holds no rows")], (), header=0, forms={}, copies={})
    table = table_of(sheet, options)
    rows: dict[str, Row] = {}
    copies: Counter[str] = Counter()
    keyless, repeated = [], []
    for number, key, row in table.rows:
        if key is None:
            keyless.append(number)
        elif rows.setdefault(key, row) is row:
            continue
        elif not options.key:
            copies[key] += 1
        elif rows[key].version != row.version:
            repeated.append(number)
    problems = [*_rows(where, keyless, "row_without_key"), *_rows(where, repeated, "key_not_unique")]
    columns = sorted({name for name in table.columns.names if name})
    return Records(rows, problems, columns, table.header + 1, forms_in(table, options), copies)


def divided(known: Cursor | None, copies: Mapping[str, int], rows: Mapping[str, Row]) -> Sequence[Row]:
    """Rows of which there are fewer copies than the last cursor knows: one of them may now be a row of its own."""
    before = known.get("copies") if known is not None else None
    if not isinstance(before, Mapping):
        return []
    return [rows[key] for key, count in before.items() if copies.get(key, 0) < count and key in rows]


def content_mark(sheet: Sheet) -> str:
    """A short hash of all cells: the same as long as nothing was changed."""
    content = hashlib.blake2b(repr(sheet.merged).encode(), digest_size=16)
    for row in sheet.packed:
        content.update(len(row).to_bytes(8, "big"))
        content.update(row)
    return content.hexdigest()


def options_mark(options: TableOptions) -> str:
    """A short hash that changes with every option, and with a secret one as far as `source` tells of it."""
    return digest([options.model_dump_json(), options.source()])


def told(problem: Problem) -> str:
    """A problem as a line of `check`."""
    return f"{problem.where}: {problem.code.replace('_', ' ')} {problem.detail}".rstrip()


def _rows(where: str, numbers: Sequence[int], code: str) -> Sequence[Problem]:
    if not numbers:
        return []
    shown = ", ".join(str(number) for number in numbers[:_SHOWN]) + (", …" if len(numbers) > _SHOWN else "")
    return [Problem(where, code, f"rows {shown}")]
