"""How is a file of unknown make read without risk to the service? By a child process that may die."""

from __future__ import annotations

import json
import marshal
import signal
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from connectors import sheet_child
from connectors.contract import Scalar

MEMORY_BYTES = 1_000_000_000
SECONDS = 60
PACKING = 2
"""The version of marshal's format in which equal rows are equal bytes."""

UNFORESEEN = "reading it met an error of the gateway itself: please report it"
_AT_A_BUG = {1, -signal.SIGSEGV, -signal.SIGBUS, -signal.SIGILL}


class UnreadableFile(Exception):
    """A file cannot be read; `code` is a reason code, `detail` is for the admin.

    `sheets` are the names of those that there are, where another one was asked for.
    """

    def __init__(self, code: str, detail: str, sheets: Sequence[str] = ()) -> None:
        super().__init__(f"{code}: {detail}")
        self.sheets = sheets
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of one sheet or CSV, row by row, as they stand in the file."""

    packed: Sequence[bytes]
    """One row each, `marshal`led; equal rows are equal bytes."""
    open_end: bool = False
    """A text file whose last line has no line end: perhaps still being written."""
    name: str = ""
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]] = ()
    """Merged cells near the top: row and column of the first and of the last one, from 0."""
    hidden_rows: int | None = 0
    """How many rows are hidden; None where that kind of file does not tell."""
    notes: Sequence[tuple[bool, str]] = ()
    """What an admin should know of how it was read, and whether that is as the options want it."""

    @classmethod
    def of(cls, rows: Iterable[Sequence[Scalar]]) -> Sheet:
        """A sheet of these cells, for sources that are no files."""
        return cls([marshal.dumps(list(row), PACKING) for row in rows])

    @property
    def rows(self) -> list[list[Scalar]]:
        """All cells, row by row."""
        return [unpacked(row) for row in self.packed]


@dataclass(frozen=True, slots=True)
class File:
    """What was read of one file."""

    sheets: Sequence[Sheet]
    """At least one."""
    missing: Sequence[str] = ()
    """Names of sheets that were asked for and are not there."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read: the options of the same names."""

    sheet: str | int | Sequence[str] | None = None
    encoding: str | None = None
    delimiter: str | None = None
    hidden_rows: str = "read"
    merged_cells: str = "first"


def unpacked(row: bytes) -> list[Scalar]:
    """The cells of a row."""
    cells: list[Scalar] = marshal.loads(row)
    return cells


def read_sheet(path: Path, sheet: str | int | None, encoding: str | None, delimiter: str | None) -> Sheet:
    """Read one sheet of a file, as `read_file` does."""
    return read_file(path, Reading(sheet, encoding, delimiter)).sheets[0]


def read_file(path: Path, reading: Reading) -> File:
    """Read a file in a child process of at most 1 GB and 60 s.

    Raises UnreadableFile for a file that is damaged, protected, hostile or no spreadsheet.
    """
    request = {**asdict(reading), "path": str(path), "memory_bytes": MEMORY_BYTES, "seconds": SECONDS}
    answer = _ask(json.dumps(request).encode())
    if "error" in answer:
        raise UnreadableFile(answer["error"], answer["detail"], answer.get("sheets", ()))
    open_end = bool(answer["open_end"])
    sheets = [
        Sheet(one["rows"], open_end, one["name"], one["merged"], one["hidden_rows"], one["notes"])
        for one in answer["sheets"]
    ]
    return File(sheets, answer["missing"])


def _ask(request: bytes) -> dict[str, Any]:
    command = [sys.executable, "-I", str(Path(sheet_child.__file__))]
    try:
        child = subprocess.run(command, input=request, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise UnreadableFile("file_too_slow", f"reading it takes longer than {SECONDS} s") from None
    try:
        answer: dict[str, Any] = marshal.loads(child.stdout)
    except (EOFError, ValueError, TypeError):
        raise ended(child.returncode, child.stderr) from None
    return answer


def ended(status: int, said: bytes) -> UnreadableFile:
    """Why a child that answered nothing has ended, by its status and its error output, which may hold cells."""
    if status == -signal.SIGXCPU:
        return UnreadableFile("file_too_slow", f"reading it takes longer than {SECONDS} s")
    if status == 1 and b"PanicException" not in said:
        return UnreadableFile("file_unreadable", UNFORESEEN)
    if status in _AT_A_BUG:
        return UnreadableFile("file_unreadable", "it is damaged in a way that its reader cannot cope with")
    return UnreadableFile("file_too_large", "reading it takes more memory than allowed")
