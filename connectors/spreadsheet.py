"""How are complaints read from spreadsheets and CSV files that people keep by hand?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from connectors import contract, sheet_table
from connectors.contract import ChannelContext, Cursor, Entry, Finding, Listing, Misconfigured, Problem, SourceRecord
from connectors.identity import digest
from connectors.sheet_answer import CARRIED, SheetAnswers
from connectors.sheet_files import files_of, settled, stamp
from connectors.sheet_options import SpreadsheetOptions
from connectors.sheet_process import Sheet, UnreadableFile, unpacked
from connectors.sheet_rows import Row, table_of


@dataclass(slots=True)
class _Found:
    """What the files hold together."""

    rows: dict[str, Row] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    troubled: set[str] = field(default_factory=set)
    """Paths of the files that the problems are of."""
    complete: bool = True
    """Every file was read; a row without a key hides no record."""


class Spreadsheet:
    """Files of rows as a source of records. A row's place says nothing: people insert, sort and copy rows."""

    Options: ClassVar[type[contract.Options]] = SpreadsheetOptions
    tells: ClassVar[frozenset[contract.News]] = frozenset()

    def __init__(self, options: SpreadsheetOptions, channel: ChannelContext) -> None:
        self._options = options
        self._channel = channel
        self._rows: dict[str, Row] | None = None
        self._answers = SheetAnswers(options, options.write_back, channel) if options.write_back else None
        self.keyed_by_content = bool(options.identity)
        self.carries = CARRIED if self._answers else frozenset()

    def list(self, after: Cursor | None) -> Listing:
        files = self._files()
        stamps = {str(path): stamp(path) for path in files}
        cursor = {"files": stamps, "options": digest([self._options.model_dump_json()])}
        if after is not None and dict(after) == cursor:
            return Listing((), cursor, more=False)
        found = self._load(files)
        self._rows = found.rows
        entries = [Entry(key, row.version) for key, row in found.rows.items()]
        # A file with problems is read again in every round, so that its problems stay in sight.
        cursor["files"] = {name: one for name, one in stamps.items() if name not in found.troubled}
        columns = sorted({name for row in found.rows.values() for name in row.names if name})
        shape = {"rows": len(entries), "columns": columns}
        return Listing(entries, cursor, more=False, shape=shape, problems=found.problems, complete=found.complete)

    def read(self, locators: Sequence[str]) -> Iterator[SourceRecord]:
        if self._rows is None:
            self._rows = self._load(self._files()).rows
        for key in locators:
            row = self._rows.get(key)
            if row is not None:
                yield self._record(key, row)

    def check(self) -> Sequence[Finding]:
        files = self._files()
        found = self._load(files)
        findings = [Finding(ok=False, text=_told(problem)) for problem in found.problems]
        findings += [self._answers.check(files)] if self._answers else []
        return [Finding(ok=True, text=f"{len(files)} file(s), {len(found.rows)} rows"), *findings]

    def write_back(self, answer: contract.Answer) -> None:
        if self._answers is None:
            raise Misconfigured("the channel has no write_back")
        self._answers.carry(answer)

    def close(self) -> None:
        self._rows = None

    def _files(self) -> Sequence[Path]:
        return files_of(self._options.path)

    def _load(self, files: Sequence[Path]) -> _Found:
        found = _Found()
        for file in files:
            try:
                sheet = settled(file, self._channel.spool, self._options)
                problems = self._absorb(file, sheet, found.rows)
            except UnreadableFile as error:
                problems, found.complete = [Problem(file.name, error.code, error.detail)], False
            except Misconfigured as error:
                problems, found.complete = [Problem(file.name, "column_missing", str(error))], False
            if problems:
                found.troubled.add(str(file))
            found.problems += problems
        if not found.rows and found.problems and all(one.code == "column_missing" for one in found.problems):
            raise Misconfigured(f"{found.problems[0].where}: {found.problems[0].detail}")
        return found

    def _absorb(self, file: Path, sheet: Sheet, rows: dict[str, Row]) -> Sequence[Problem]:
        """Enter the sheet's rows by key. Nothing but the key is looked at: most rows are known."""
        if all(sheet_table.blank(unpacked(row)) for row in sheet.packed):
            return [Problem(file.name, "file_empty", "it holds no rows")]
        keyless, repeated = [], []
        for number, key, row in table_of(sheet, self._options).rows:
            if key is None:
                keyless.append(number)
            elif rows.setdefault(key, row).packed != row.packed and self._options.key:
                repeated.append(number)
        return [*_rows(file, keyless, "row_without_key"), *_rows(file, repeated, "key_not_unique")]

    def _record(self, key: str, row: Row) -> SourceRecord:
        fields = sheet_table.fields_of(row.names, unpacked(row.packed), self._options.date_format)
        return SourceRecord(key, key, row.version, None, fields)


def _rows(file: Path, numbers: Sequence[int], code: str) -> Sequence[Problem]:
    if not numbers:
        return []
    shown = ", ".join(str(number) for number in numbers[:10]) + (", …" if len(numbers) > 10 else "")
    return [Problem(file.name, code, f"rows {shown}")]


def _told(problem: Problem) -> str:
    return f"{problem.where}: {problem.code.replace('_', ' ')} {problem.detail}".rstrip()
