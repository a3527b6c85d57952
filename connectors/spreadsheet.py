"""How are complaints read from spreadsheets and CSV files that people keep by hand?"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple

from pydantic import Field, field_validator, model_validator

from connectors import contract, sheet_table
from connectors.contract import ChannelContext, Cursor, Entry, Finding, Listing, Misconfigured, Problem, SourceRecord
from connectors.identity import digest, key_text
from connectors.options import ConfigPath
from connectors.sheet_process import Sheet, UnreadableFile, read_sheet, unpacked

_SUFFIXES = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv", ".tsv", ".txt"}
_QUIET_SECONDS = 2.0
_OPEN_END_SECONDS = 60.0
_LARGEST = 200 * 1024 * 1024


class SpreadsheetOptions(contract.Options):
    """`[channels.options]` of spreadsheets."""

    path: ConfigPath = Field(description="a file, a pattern such as laporan/*.xlsx, or a folder")
    sheet: str | int | None = Field(
        default=None, description="name or number (from 1) of the sheet; default: the first"
    )
    header_row: int | Literal["auto"] = Field(
        default="auto", description="number (from 1) of the row with the columns' names"
    )
    key: tuple[str, ...] = Field(default=(), description="the columns that say which record it is")
    identity: tuple[str, ...] = Field(
        default=(), description="for a sheet without a key: the columns that tell rows apart"
    )
    encoding: str | None = Field(default=None, description="of CSV; default: UTF-8, else Windows-1252")
    delimiter: str | None = Field(default=None, min_length=1, max_length=1, description="of CSV; default: found out")
    date_format: tuple[str, ...] = Field(default=(), description='of dates kept as text, such as "%d/%m/%Y"')

    @field_validator("date_format", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_identity(self) -> SpreadsheetOptions:
        if bool(self.key) == bool(self.identity):
            raise ValueError(
                "give either `key` (columns that name a record) or `identity` (columns that tell rows apart)"
            )
        if isinstance(self.header_row, int) and self.header_row < 1:
            raise ValueError("header_row counts from 1")
        return self

    def source(self) -> str:
        by = f"key={','.join(self.key)}" if self.key else f"identity={','.join(self.identity)}"
        return f"{self.path} {by}"


class _Row(NamedTuple):
    """A row as the file holds it, under the names of its columns."""

    names: Sequence[str]
    packed: bytes

    @property
    def version(self) -> str:
        return hashlib.blake2b(self.packed, digest_size=16).hexdigest()


@dataclass(slots=True)
class _Found:
    """What the files hold together."""

    rows: dict[str, _Row] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    troubled: set[str] = field(default_factory=set)
    """Paths of the files that the problems are of."""
    complete: bool = True
    """Every file was read; a row without a key hides no record."""


class Spreadsheet:
    """Files of rows as a source of records. A row's place says nothing: people insert, sort and copy rows."""

    Options: ClassVar[type[contract.Options]] = SpreadsheetOptions

    def __init__(self, options: SpreadsheetOptions, channel: ChannelContext) -> None:
        self._options = options
        self._channel = channel
        self._rows: dict[str, _Row] | None = None
        self.keyed_by_content = bool(options.identity)

    def list(self, after: Cursor | None) -> Listing:
        files = self._files()
        stamps = {str(path): _stamp(path) for path in files}
        cursor = {"files": stamps, "options": digest([self._options.model_dump_json()])}
        if after is not None and dict(after) == cursor:
            return Listing((), cursor, more=False)
        found = self._load(files)
        self._rows = found.rows
        entries = [Entry(key, row.version) for key, row in found.rows.items()]
        # A file with problems is read again in every round, so that its problems stay in sight.
        cursor["files"] = {name: stamp for name, stamp in stamps.items() if name not in found.troubled}
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
        return [Finding(ok=True, text=f"{len(files)} file(s), {len(found.rows)} rows"), *findings]

    def close(self) -> None:
        self._rows = None

    def _files(self) -> Sequence[Path]:
        path = self._options.path
        try:
            files = _files_at(path)
        except OSError as error:
            raise contract.Unreachable(f"{path} cannot be opened ({error.strerror})") from None
        if not files:
            raise contract.Unreachable(f"there is no file at {path}")
        return files

    def _load(self, files: Sequence[Path]) -> _Found:
        found = _Found()
        for file in files:
            try:
                sheet = self._settled(file)
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

    def _absorb(self, file: Path, sheet: Sheet, rows: dict[str, _Row]) -> Sequence[Problem]:
        """Enter the sheet's rows by key. Nothing but the key is looked at: most rows are known."""
        if all(sheet_table.blank(unpacked(row)) for row in sheet.packed):
            return [Problem(file.name, "file_empty", "it holds no rows")]
        header, names = self._header(sheet)
        places = [names.index(sheet_table.heading(name)) for name in self._options.key or self._options.identity]
        keyless, repeated = [], []
        for number, packed in enumerate(sheet.packed[header + 1 :], start=header + 2):
            cells = unpacked(packed)
            if sheet_table.blank(cells):
                continue
            key = self._key([cells[place] if place < len(cells) else None for place in places])
            if key is None:
                keyless.append(number)
            elif rows.setdefault(key, _Row(names, packed)).packed != packed and self._options.key:
                repeated.append(number)
        return [*_rows(file, keyless, "row_without_key"), *_rows(file, repeated, "key_not_unique")]

    def _header(self, sheet: Sheet) -> tuple[int, Sequence[str]]:
        header_row = self._options.header_row if isinstance(self._options.header_row, int) else None
        top = [unpacked(row) for row in sheet.packed[: max(header_row or 0, sheet_table.HEADER_WITHIN)]]
        header = sheet_table.find_header(top, header_row, self._options.key or self._options.identity)
        return header, sheet_table.headings(top[header])

    def _key(self, values: Sequence[contract.Scalar]) -> str | None:
        empty = values.count(None) + values.count("")
        if empty == len(values) or (empty and not self.keyed_by_content):
            return None
        return digest(values) if self.keyed_by_content else key_text(values)

    def _record(self, key: str, row: _Row) -> SourceRecord:
        fields = sheet_table.fields_of(row.names, unpacked(row.packed), self._options.date_format)
        return SourceRecord(key, key, row.version, None, fields)

    def _settled(self, file: Path) -> Sheet:
        """Read a copy of the file, once nobody is writing it."""
        before = _stamp(file)
        if not before:
            raise UnreadableFile("file_unreadable", "it cannot be opened, or is gone")
        if before[0] > _LARGEST:
            raise UnreadableFile("file_too_large", f"it is larger than {_LARGEST // 1024**2} MB")
        age = _age(before)
        if 0 <= age < _QUIET_SECONDS:
            time.sleep(_QUIET_SECONDS - age)
        with tempfile.TemporaryDirectory(dir=self._channel.spool) as folder:
            copy = Path(folder) / "copy"
            try:
                shutil.copyfile(file, copy)
            except OSError as error:
                raise UnreadableFile("file_unreadable", f"it cannot be opened ({error.strerror})") from None
            if _stamp(file) != before:
                raise UnreadableFile("file_changing", "it is being written; the next round tries again")
            sheet = read_sheet(copy, self._options.sheet, self._options.encoding, self._options.delimiter)
        if sheet.open_end and _age(before) < _OPEN_END_SECONDS:
            raise UnreadableFile(
                "file_changing", "its last line is not complete; it is read when it rests for a minute"
            )
        return sheet


def _files_at(path: Path) -> Sequence[Path]:
    if path.is_dir():
        found = [file for file in path.iterdir() if file.suffix.lower() in _SUFFIXES]
    else:
        found = [path] if path.exists() else list(Path(path.anchor).glob(str(path.relative_to(path.anchor))))
    return sorted(file for file in found if file.is_file() and not file.name.startswith(("~$", ".~lock.", ".")))


def _stamp(path: Path) -> Sequence[int]:
    """Size in bytes and time of the last change in nanoseconds; empty for a file that cannot be looked at."""
    try:
        status = path.stat()
    except OSError:
        return []
    return [status.st_size, status.st_mtime_ns]


def _age(stamp: Sequence[int]) -> float:
    """Seconds since the last change."""
    return time.time() - stamp[1] / 1e9


def _rows(file: Path, numbers: Sequence[int], code: str) -> Sequence[Problem]:
    if not numbers:
        return []
    shown = ", ".join(str(number) for number in numbers[:10]) + (", …" if len(numbers) > 10 else "")
    return [Problem(file.name, code, f"rows {shown}")]


def _told(problem: Problem) -> str:
    return f"{problem.where}: {problem.code.replace('_', ' ')} {problem.detail}".rstrip()
