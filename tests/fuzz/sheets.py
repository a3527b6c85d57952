"""What can be wrong with a spreadsheet file? Bytes flip, and parts of a workbook say what no program would write."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random

import openpyxl

_LARGEST = 300_000
"""Bytes: what a larger file holds beyond says nothing new."""
_SUFFIXES = {".xlsx", ".xls", ".ods", ".csv", ".tsv"}
_ODD_TEXTS = (
    b"", b"-1", b"0", b"1e400", b"NaN", b"A0", b"XFD1048576", b"AAAA1", b"A99999999999", b"4294967296", b"&amp;" * 50,
    b"\xff\xfe", b"%00", b"1" * 400, b"s", b"e", b"d", b"../../etc/passwd", b"A1:XFD1048576", b"\xf0\x9f\x98\x80",
)  # fmt: skip
_PIECES = (
    b'<c r="A1" t="s"><v>999999999</v></c>',
    b'<c r="XFD1048576"><v>1</v></c>',
    b'<row r="1048576"><c t="e"><v>#N/A</v></c></row>',
    b'<row hidden="1">',
    b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>',
    b'<c t="inlineStr"><is><t>x</t></is></c>',
    b"<!DOCTYPE a [<!ENTITY b 'bbbbbbbbbb'><!ENTITY c '&b;&b;&b;&b;&b;'>]>",
    b"<![CDATA[",
    b"</sheetData>",
    b"<!--",
    b"<a>" * 3_000,
)
_IN_TEXT = (
    b'"',
    b"'",
    b"\x00",
    b"\r",
    b"\n",
    b";",
    b",",
    b"\t",
    b"\\",
    b"sep=;\n",
    b'\\"',
    b"\xef\xbb\xbf",
    b'""',
    b"\xff",
)

Mishap = Callable[[bytes, Sequence[bytes], Random], bytes]


def seeds(folder: Path) -> Sequence[bytes]:
    """The real files of a folder, where it is there, and a few of the project's own."""
    found = sorted(path for path in folder.rglob("*") if path.suffix in _SUFFIXES)
    real = [path.read_bytes() for path in found]
    own = [_workbook(), _workbook(), _text(";"), _text(",")]
    return [raw for raw in real if len(raw) <= _LARGEST] + own * (len(real) // len(own) + 1)


def mutated(files: Sequence[bytes], chance: Random) -> bytes:
    """One of the files after one to four mishaps."""
    raw = chance.choice(files)
    for _ in range(chance.randint(1, 4)):
        mishaps = _IN_WORKBOOKS if raw.startswith(b"PK") else _IN_TEXTS if b"\x00" not in raw[:512] else _ANYWHERE
        raw = chance.choice(mishaps)(raw, files, chance)
    return raw[: 4 * _LARGEST]


def _workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["REKAP"])
    sheet.append(["No", "Nama", "Tanggal", "Isi"])
    for number in range(1, 6):
        sheet.append([number, f"Warga {number}", f"{number}/04/2026", "=1/0" if number == 3 else "isi laporan"])
    sheet.merge_cells("A1:D1")
    sheet.row_dimensions[4].hidden = True
    book.create_sheet("Rahasia").sheet_state = "hidden"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _text(delimiter: str) -> bytes:
    file = io.StringIO()
    rows = [["No", "Nama", "Isi"], *([number, f"Warga {number}", 'a "b", c; d\ne'] for number in range(5))]
    csv.writer(file, delimiter=delimiter).writerows(rows)
    return file.getvalue().encode()


def _flipped(raw: bytes, _files: Sequence[bytes], chance: Random) -> bytes:
    changed = bytearray(raw)
    for _ in range(chance.randint(1, 12) if raw else 0):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _cut(raw: bytes, _files: Sequence[bytes], chance: Random) -> bytes:
    return raw[: chance.randint(0, len(raw))]


def _spliced(raw: bytes, files: Sequence[bytes], chance: Random) -> bytes:
    other = chance.choice(files)
    return raw[: chance.randint(0, len(raw))] + other[chance.randint(0, len(other)) :]


def _doubled(raw: bytes, _files: Sequence[bytes], chance: Random) -> bytes:
    start = chance.randint(0, len(raw))
    chunk = raw[start : start + chance.randint(1, 400)]
    return raw[:start] + chunk * chance.randint(2, 40) + raw[start:]


def _overwritten(raw: bytes, _files: Sequence[bytes], chance: Random) -> bytes:
    """Numbers of four bytes, which say how long things are, become huge."""
    at = chance.randrange(max(1, len(raw) // 4)) * 4
    return raw[:at] + chance.choice([b"\xff" * 4, b"\x00" * 4, b"\xff\xff\xff\x7f"]) + raw[at + 4 :]


def _pricked(raw: bytes, _files: Sequence[bytes], chance: Random) -> bytes:
    at = chance.randint(0, len(raw))
    return raw[:at] + chance.choice(_IN_TEXT) * chance.randint(1, 20) + raw[at:]


def _encoded_anew(raw: bytes, _files: Sequence[bytes], chance: Random) -> bytes:
    return raw.decode("latin-1").encode(chance.choice(["utf-16", "utf-16-le", "utf-16-be", "utf-8", "utf-8-sig"]))


def _parted(change: Callable[[dict[str, bytes], Random], None]) -> Mishap:
    """A mishap to the parts of a workbook, which is whole again afterwards."""

    def mishap(raw: bytes, _files: Sequence[bytes], chance: Random) -> bytes:
        try:
            with zipfile.ZipFile(io.BytesIO(raw)) as archive:
                parts = {name: archive.read(name) for name in archive.namelist()}
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError):
            return raw
        if parts:
            change(parts, chance)
        return _packed(parts)

    return mishap


def _packed(parts: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content[: 4 * _LARGEST])
    return file.getvalue()


def _one(parts: Mapping[str, bytes], chance: Random) -> str:
    return chance.choice(sorted(parts))


def _without_part(parts: dict[str, bytes], chance: Random) -> None:
    del parts[_one(parts, chance)]


def _exchanged(parts: dict[str, bytes], chance: Random) -> None:
    one, other = _one(parts, chance), _one(parts, chance)
    parts[one], parts[other] = parts[other], parts[one]


def _attribute(parts: dict[str, bytes], chance: Random) -> None:
    name = _one(parts, chance)
    found = list(re.finditer(rb'="([^"<>]*)"', parts[name]))
    if found:
        at = chance.choice(found)
        parts[name] = parts[name][: at.start(1)] + chance.choice(_ODD_TEXTS) + parts[name][at.end(1) :]


def _element(parts: dict[str, bytes], chance: Random) -> None:
    """An element more, an element less, or one that holds something else."""
    name = _one(parts, chance)
    found = list(re.finditer(rb"<[^<>]*>", parts[name]))
    if found:
        at = chance.choice(found)
        kept = parts[name][at.start() : at.end()] if chance.random() < 0.5 else b""
        piece = chance.choice((*_PIECES, *_ODD_TEXTS)) * chance.choice([0, 1, 1, 30])
        parts[name] = parts[name][: at.start()] + kept + piece + parts[name][at.end() :]


def _repeated(parts: dict[str, bytes], chance: Random) -> None:
    name = _one(parts, chance)
    found = list(re.finditer(rb"<(row|c|si|sheet|xf|numFmt)\b.*?</\1>", parts[name], re.DOTALL))
    if found:
        at = chance.choice(found)
        parts[name] = parts[name][: at.end()] + at[0] * chance.choice([1, 50, 2_000]) + parts[name][at.end() :]


_ANYWHERE: Sequence[Mishap] = (_flipped, _cut, _spliced, _doubled, _overwritten)
_IN_TEXTS: Sequence[Mishap] = (*_ANYWHERE, _pricked, _pricked, _encoded_anew)
_IN_WORKBOOKS: Sequence[Mishap] = (
    *_ANYWHERE,
    *(_parted(change) for change in (_without_part, _exchanged, _attribute, _attribute, _element, _element, _repeated)),
)
