"""What cells are in this workbook or CSV? Runs as a process of its own, under memory and time limits.

Hostile or broken files may eat all memory or never end; here they take down only this process. It imports nothing of
ours, reads one JSON request from standard input and writes one `marshal`led answer to standard output:
`{"rows": [row, …], "sheet": name}` or `{"error": code, "detail": text}`. Each row is a list of cells, `marshal`led by
itself, for most are known and only compared. Cells are None, bool, int, float or str; dates are ISO 8601 text.
"""

from __future__ import annotations

import csv
import gc
import io
import json
import marshal
import re
import resource
import sys
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

_PACKING = 2
"""The version of marshal's format in which equal rows are equal bytes."""
_SAMPLE = 64 * 1024
_ENCODINGS = ("utf-8-sig", "cp1252")


class Refused(Exception):
    """The file cannot be read: a reason code, and a detail for the admin."""


def main() -> None:
    """Answer the one request on standard input."""
    # Everything lives until the end: collecting in between only costs time.
    gc.disable()
    request = json.load(sys.stdin)
    _limit(request["memory_bytes"], request["seconds"])
    try:
        answer: dict[str, Any] = _read(Path(request["path"]), request)
        answer["rows"] = [marshal.dumps(row, _PACKING) for row in answer["rows"]]
    except Refused as refusal:
        answer = {"error": refusal.args[0], "detail": refusal.args[1]}
    except MemoryError:
        answer = {"error": "file_too_large", "detail": "reading it takes more memory than allowed"}
    marshal.dump(answer, sys.stdout.buffer)


def _limit(memory: int, seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _read(path: Path, request: dict[str, Any]) -> dict[str, Any]:
    with path.open("rb") as file:
        head = file.read(_SAMPLE)
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return _workbook(path, request["sheet"])
    if (
        head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200]
        .lower()
        .startswith((b"<!doctype", b"<html", b"<table", b"<?xml", b"<meta"))
    ):
        raise Refused("file_not_a_sheet", "it is a web page under a spreadsheet's name; save it as xlsx or csv")
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refused("file_not_a_sheet", "it is neither a workbook nor text")
    return _csv(path, head, request)


def _workbook(path: Path, wanted: str | int | None) -> dict[str, Any]:
    from python_calamine import (
        CalamineError,
        CalamineWorkbook,
        PasswordError,
    )

    try:
        book = CalamineWorkbook.from_path(str(path))
        names = book.sheet_names
        name = wanted if isinstance(wanted, str) else names[(wanted or 1) - 1]
        if name not in names:
            raise Refused("sheet_missing", f"there is no sheet {name!r}; the file has: {', '.join(names)}")
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except IndexError:
        raise Refused("sheet_missing", f"there is no sheet number {wanted}") from None
    except PasswordError:
        raise Refused("file_password", "it is protected by a password") from None
    except (CalamineError, OSError, ValueError) as error:
        raise Refused("file_unreadable", f"it is damaged or incomplete ({type(error).__name__})") from None
    return {"rows": [[_cell(value) for value in row] for row in rows], "sheet": name}


def _cell(value: Any) -> Any:
    kind = type(value)
    if kind is str:
        return value or None
    if kind is float or kind is int or kind is bool or value is None:
        return value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value) if isinstance(value, timedelta) else repr(value)


def _csv(path: Path, head: bytes, request: dict[str, Any]) -> dict[str, Any]:
    text = _decode(path.read_bytes(), head, request["encoding"])
    delimiter = request["delimiter"] or _delimiter(text[:_SAMPLE])
    csv.field_size_limit(10_000_000)
    try:
        rows = [
            [cell or None for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        ]
    except csv.Error as error:
        raise Refused("file_unreadable", f"it is not a valid CSV ({error})") from None
    return {"rows": rows, "sheet": "", "open_end": bool(text) and not text.endswith(("\n", "\r"))}


def _decode(raw: bytes, head: bytes, encoding: str | None) -> str:
    if encoding is None and head.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    for name in (encoding,) if encoding else _ENCODINGS:
        try:
            return raw.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    raise Refused("file_encoding", f"its text is not in the encoding {encoding or 'UTF-8'}; set `encoding`")


def _delimiter(sample: str) -> str:
    """The separator that splits the first lines, without quoted texts, most often into the same number of columns."""
    bare = re.sub(r'"[^"]*"', "", sample)
    lines = [line for line in bare.splitlines() if line.strip()][:30]
    return max(",;\t|", key=lambda mark: _agreement(line.count(mark) for line in lines))


def _agreement(counts: Iterable[int]) -> tuple[int, int]:
    found = [count for count in counts if count]
    typical = max(found, key=found.count, default=0)
    return (found.count(typical) if typical else 0, typical)


if __name__ == "__main__":
    main()
