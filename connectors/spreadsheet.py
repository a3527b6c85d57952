"""How are complaints read from spreadsheets and CSV files that people keep by hand?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from connectors import contract
from connectors.contract import ChannelContext, Cursor, Entry, Finding, Listing, Misconfigured, Problem, SourceRecord
from connectors.discovery import Discoverer
from connectors.identity import digest
from connectors.sheet_answer import CARRIED, SheetAnswers
from connectors.sheet_discover import SheetDiscoverer
from connectors.sheet_files import files_of, settled, stamp
from connectors.sheet_findings import told_of
from connectors.sheet_options import SpreadsheetOptions
from connectors.sheet_process import File, Sheet, UnreadableFile, unpacked
from connectors.sheet_rows import Row, Table, forms_in, is_like_any, record_of, table_of
from connectors.sheet_table import blank
from connectors.table_forms import refuse_other_forms
from connectors.table_rows import divided

_NOWHERE = "column_missing"


@dataclass(slots=True)
class _Found:
    """What the files hold together."""

    rows: dict[str, Row] = field(default_factory=dict)
    copies: Counter[str] = field(default_factory=Counter)
    """Keys made of content that several rows have, and how many more than one."""
    tables: list[tuple[Path, Sheet, Table]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    troubled: set[str] = field(default_factory=set)
    """Paths of the files that the problems are of."""
    forms: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """How the columns that tell records apart are written, by the sheet's path and name."""
    complete: bool = True
    """Every sheet was read; a row without a key hides no record."""


class Spreadsheet:
    """Files of rows as a source of records. A row's place says nothing: people insert, sort and copy rows."""

    Options: ClassVar[type[contract.Options]] = SpreadsheetOptions
    discoverer: ClassVar[Discoverer] = SheetDiscoverer()
    tells: ClassVar[frozenset[contract.News]] = frozenset()

    def __init__(self, options: SpreadsheetOptions, channel: ChannelContext) -> None:
        self._options = options
        self._channel = channel
        self._rows: dict[str, Row] | None = None
        self._doubts: tuple[str, ...] = ()
        self._divided: Sequence[Row] = ()
        self._answers = SheetAnswers(options, options.write_back, channel) if options.write_back else None
        self.keyed_by_content = bool(options.identity)
        self.carries = CARRIED if self._answers else frozenset()

    def list(self, after: Cursor | None) -> Listing:
        files = self._files()
        stamps = {str(path): stamp(path) for path in files}
        cursor = {"files": stamps, "options": digest([self._options.model_dump_json()])}
        if after is not None and cursor.items() <= after.items():
            return Listing((), after, more=False)
        found = self._load(files, _forms(after, cursor, files))
        self._rows = found.rows
        # Without the rest, nobody can tell whether a row without a key is new or is a known one that was edited.
        blind = self.keyed_by_content and not found.complete and after is not None
        self._doubts = ("source_incomplete",) if blind else ()
        self._divided = divided(after, found.copies, found.rows)
        cursor["copies"] = dict(found.copies)
        cursor["forms"] = found.forms
        entries = [Entry(key, row.version) for key, row in found.rows.items()]
        # A file with problems is read again in every round, so that its problems stay in sight.
        cursor["files"] = {name: one for name, one in stamps.items() if name not in found.troubled}
        columns = sorted({name for _, _, table in found.tables if table.rows for name in table.columns.names if name})
        shape = {"rows": len(entries), "columns": columns}
        return Listing(entries, cursor, more=False, shape=shape, problems=found.problems, complete=found.complete)

    def read(self, locators: Sequence[str]) -> Iterator[SourceRecord]:
        if self._rows is None:
            self._rows = self._load(self._files()).rows
        for key in locators:
            row = self._rows.get(key)
            if row is not None:
                alike = ("copy_edited",) if is_like_any(row, self._divided, self._options) else ()
                yield record_of(key, row, self._options, (*self._doubts, *alike))

    def check(self) -> Sequence[Finding]:
        files = self._files()
        found = self._load(files)
        findings = [Finding(ok=True, text=f"{len(files)} file(s), {len(found.rows)} rows")]
        for path, sheet, table in found.tables:
            findings += told_of(path.name, sheet, table)
        findings += [Finding(ok=False, text=_told(problem)) for problem in found.problems]
        return [*findings, self._answers.check(files)] if self._answers else findings

    def write_back(self, answer: contract.Answer) -> None:
        if self._answers is None:
            raise Misconfigured("the channel has no write_back")
        self._answers.carry(answer)

    def close(self) -> None:
        self._rows = None

    def _files(self) -> Sequence[Path]:
        return files_of(self._options.path)

    def _load(self, files: Sequence[Path], forms: Mapping[str, Mapping[str, str]] | None = None) -> _Found:
        """Read the files; `forms` says how their columns were written before, as far as that is known."""
        found = _Found(forms=dict(forms or {}))
        for path in files:
            before = len(found.problems)
            try:
                self._absorb_all(path, settled(path, self._channel.spool, self._options), found)
            except UnreadableFile as error:
                found.problems.append(Problem(path.name, error.code, error.detail))
                found.complete = False
            if len(found.problems) > before:
                found.troubled.add(str(path))
        if not found.rows and found.problems and all(one.code == _NOWHERE for one in found.problems):
            raise Misconfigured(f"{found.problems[0].where}: {found.problems[0].detail}")
        return found

    def _absorb_all(self, path: Path, file: File, found: _Found) -> None:
        for sheet in file.sheets:
            where = f"{path.name}, {sheet.name}" if len(file.sheets) > 1 else path.name
            try:
                found.problems += self._absorb(path, where, sheet, found)
            except Misconfigured as error:
                found.problems.append(Problem(where, _NOWHERE, str(error)))
                found.complete = False
        for name in file.missing:
            found.problems.append(Problem(path.name, "sheet_missing", f"there is no sheet {name!r}"))
            found.complete = False

    def _absorb(self, path: Path, where: str, sheet: Sheet, found: _Found) -> Sequence[Problem]:
        """Enter the sheet's rows by key. Nothing but the key is looked at: most rows are known."""
        if all(blank(unpacked(row)) for row in sheet.packed):
            return [Problem(where, "file_empty", "it holds no rows")]
        table = table_of(sheet, self._options)
        self._compare_forms(path, sheet, table, found)
        found.tables.append((path, sheet, table))
        keyless, repeated = [], []
        for number, key, row in table.rows:
            if key is None:
                keyless.append(number)
                continue
            first = found.rows.setdefault(key, row)
            if first is row:
                continue
            if not self._options.key:
                found.copies[key] += 1
            elif first.version != row.version:
                repeated.append(number)
        return [*_rows(where, keyless, "row_without_key"), *_rows(where, repeated, "key_not_unique")]

    def _compare_forms(self, path: Path, sheet: Sheet, table: Table, found: _Found) -> None:
        """Raises Misconfigured where a mere format would make new records of all rows."""
        now, name = forms_in(table, self._options), f"{path}\n{sheet.name}"
        refuse_other_forms({"forms": found.forms.get(name)}, now)
        found.forms[name] = now


def _forms(after: Cursor | None, now: Cursor, files: Sequence[Path]) -> Mapping[str, Mapping[str, str]]:
    """The forms that the last round saw in these files, with the same options."""
    known = after.get("forms") if after is not None and after.get("options") == now["options"] else None
    if not isinstance(known, Mapping):
        return {}
    paths = {str(path) for path in files}
    return {name: one for name, one in known.items() if name.split("\n")[0] in paths and isinstance(one, Mapping)}


def _rows(where: str, numbers: Sequence[int], code: str) -> Sequence[Problem]:
    if not numbers:
        return []
    shown = ", ".join(str(number) for number in numbers[:10]) + (", …" if len(numbers) > 10 else "")
    return [Problem(where, code, f"rows {shown}")]


def _told(problem: Problem) -> str:
    return f"{problem.where}: {problem.code.replace('_', ' ')} {problem.detail}".rstrip()
