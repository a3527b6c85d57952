"""How is a file of unknown make read without risk to the service? By a child process that may die."""

from __future__ import annotations

import json
import marshal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors import sheet_child
from connectors.contract import Scalar

MEMORY_BYTES = 1_500_000_000
SECONDS = 60


class UnreadableFile(Exception):
    """A file cannot be read; `code` is a reason code, `detail` is for the admin."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of one sheet or CSV, row by row, as they stand in the file."""

    packed: list[bytes]
    """One row each, `marshal`led; equal rows are equal bytes."""
    open_end: bool
    """A text file whose last line has no line end: perhaps still being written."""

    @property
    def rows(self) -> list[list[Scalar]]:
        """All cells, row by row."""
        return [unpacked(row) for row in self.packed]


def unpacked(row: bytes) -> list[Scalar]:
    """The cells of a row."""
    cells: list[Scalar] = marshal.loads(row)
    return cells


def read_sheet(path: Path, sheet: str | int | None, encoding: str | None, delimiter: str | None) -> Sheet:
    """Read a file in a child process of at most 1.5 GB and 60 s.

    Raises UnreadableFile for a file that is damaged, protected, hostile or no spreadsheet.
    """
    request = {
        "path": str(path),
        "sheet": sheet,
        "encoding": encoding,
        "delimiter": delimiter,
        "memory_bytes": MEMORY_BYTES,
        "seconds": SECONDS,
    }
    answer = _ask(json.dumps(request).encode())
    if "error" in answer:
        raise UnreadableFile(answer["error"], answer["detail"])
    return Sheet(answer["rows"], bool(answer.get("open_end")))


def _ask(request: bytes) -> dict[str, Any]:
    command = [sys.executable, "-I", str(Path(sheet_child.__file__))]
    try:
        child = subprocess.run(command, input=request, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise UnreadableFile("file_too_slow", f"reading it takes longer than {SECONDS} s") from None
    try:
        answer: dict[str, Any] = marshal.loads(child.stdout)
    except (EOFError, ValueError, TypeError):
        raise UnreadableFile("file_too_large", "reading it takes more memory or time than allowed") from None
    return answer
