"""What cells are in a CSV of any dialect and encoding? Runs in the reading process, and imports nothing heavy."""

from __future__ import annotations

import csv
import marshal
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from connectors.sheet_refused import Refused

_PACKING = 2
_SAMPLE = 64 * 1024
_ENCODINGS = ("utf-8-sig", "cp1252")
_BOMS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_LONGEST_CELL = 10_000_000
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\x0b\x0c\x1a"))
_MOST_CONTROLS = 0.02
"""Share of control characters up to which a file is a damaged text; programs and pictures have more."""
_STATED = re.compile(r'"?sep=(.)"?[ \t,;]*(?:\r\n|\r|\n|\Z)', re.IGNORECASE)
"""The first line by which Excel is told the delimiter."""
_END = "\x00end"


def read(path: Path, head: bytes, request: dict[str, Any]) -> dict[str, Any]:
    """The rows as one sheet without a name. Raises Refused."""
    text = _decode(path.read_bytes(), head, request["encoding"]).removeprefix("\ufeff").replace("\x00", "")
    stated = _STATED.match(text)
    delimiter = request["delimiter"] or (stated[1] if stated else _delimiter(text[:_SAMPLE]))
    rows = _rows(_without_backslashes(text, delimiter), delimiter)
    if stated and rows:
        rows[0] = []
    packed = [marshal.dumps([cell or None for cell in row], _PACKING) for row in rows]
    sheet = {"name": "", "rows": packed, "merged": [], "hidden_rows": 0, "notes": []}
    return {"sheets": [sheet], "missing": [], "open_end": bool(text) and not text.endswith(("\n", "\r"))}


def _decode(raw: bytes, head: bytes, encoding: str | None) -> str:
    encoding = encoding or next((name for bom, name in _BOMS if head.startswith(bom)), None) or _wide(head)
    if encoding is None and len(head.translate(None, _CONTROLS)) < len(head) * (1 - _MOST_CONTROLS):
        raise Refused("file_not_a_sheet", "it is neither a workbook nor text")
    for name in (encoding,) if encoding else _ENCODINGS:
        try:
            return raw.decode(name)
        except (UnicodeError, LookupError):
            continue
    raise Refused("file_encoding", f"its text is not in the encoding {encoding or 'UTF-8'}; set `encoding`")


def _wide(head: bytes) -> str | None:
    """UTF-16 without its mark: every other byte of a text in Latin letters is nothing."""
    half = len(head) // 2
    if half < 2:
        return None
    for odd, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        empty, other = head[odd::2].count(0), head[1 - odd :: 2].count(0)
        if empty > half * 0.6 and other < half * 0.05:
            return name
    return None


def _delimiter(sample: str) -> str:
    """The separator that splits the first lines, without quoted texts, most often into the same number of columns."""
    bare = re.sub(r'"[^"]*"', "", sample)
    lines = [line for line in bare.splitlines() if line.strip()][:30]
    return max(",;\t|", key=lambda mark: _agreement(line.count(mark) for line in lines))


def _agreement(counts: Iterable[int]) -> tuple[int, int]:
    found = [count for count in counts if count]
    typical = max(found, key=found.count, default=0)
    return (found.count(typical) if typical else 0, typical)


def _without_backslashes(text: str, delimiter: str) -> str:
    r"""Quotes that a program wrote as \" doubled, as it is usual: where they are, reading them otherwise joins rows.

    In the usual way a quote inside a quoted text is doubled, or the delimiter or a line's end comes after it. So other
    quotes after a backslash show that they are written the other way.
    """
    if '\\"' not in text or not re.search(rf'[^\\]\\"(?![{re.escape(delimiter)}\r\n"]|\Z)', text):
        return text
    return re.sub(r'\\\\"|\\"', lambda found: '\\"' if len(found[0]) == 3 else '""', text)


def _rows(text: str, delimiter: str) -> list[list[str]]:
    """All rows. Raises Refused where a quotation mark joins several, for then complaints would be lost unseen."""
    csv.field_size_limit(_LONGEST_CELL)
    lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", text)
    reader = csv.reader([*lines, _END], delimiter=delimiter)
    rows: list[list[str]] = []
    begun = 0
    try:
        for row in reader:
            if reader.line_num > begun + 1 and row != [_END]:
                _refuse_joined(lines[begun : reader.line_num], begun + 1, delimiter)
            begun = reader.line_num
            rows.append(row)
    except csv.Error as error:
        raise Refused("file_unreadable", f"it is not a valid CSV in line {reader.line_num} ({error})") from None
    return rows[:-1]


def _refuse_joined(lines: Sequence[str], number: int, delimiter: str) -> None:
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        told = f"a quotation mark in line {number} or soon after has no other one, so rows cannot be told apart"
        raise Refused("file_unreadable", told) from None
