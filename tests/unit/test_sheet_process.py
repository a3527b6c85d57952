"""Are files read by what they hold, and do hostile ones end as a reason instead of taking the service down?"""

from __future__ import annotations

import io
import signal
import time
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as clock
from pathlib import Path

import openpyxl
import pytest

from connectors import sheet_process
from connectors.sheet_process import UNFORESEEN, Sheet, UnreadableFile, ended, read_sheet

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read(
    file: Path, sheet: str | int | None = None, encoding: str | None = None, delimiter: str | None = None
) -> Sheet:
    """The file's cells."""
    return read_sheet(file, sheet, encoding, delimiter)


def refusal(file: Path, **options: str | int) -> UnreadableFile:
    """Why the file is not read."""
    with pytest.raises(UnreadableFile) as caught:
        read(file, **options)  # type: ignore[arg-type]
    assert caught.value.detail
    assert "\n" not in str(caught.value)
    return caught.value


def ending(file: Path) -> str:
    """How reading it ends: "read", or the reason's code."""
    try:
        read(file)
    except UnreadableFile as error:
        return error.code
    return "read"


@pytest.fixture
def small_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making a file that eats the usual 1.5 GB would take longer than reading it."""
    monkeypatch.setattr(sheet_process, "MEMORY_BYTES", 300_000_000)


def workbook(file: Path, *rows: list[object], title: str = "Rekap") -> Path:
    """Write a workbook of one sheet."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for row in rows:
        sheet.append(row)
    book.save(file)
    return file


def parts(file: Path) -> dict[str, bytes]:
    """A workbook's files."""
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(file: Path, content: dict[str, bytes]) -> Path:
    """A workbook of these files."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in content.items():
            archive.writestr(name, raw)
    return file


def text_file(file: Path, raw: bytes) -> Path:
    """Write a CSV."""
    file.write_bytes(raw)
    return file


# Workbooks


def test_cells_keep_their_types_and_dates_are_iso(tmp_path: Path) -> None:
    row = ["teks", 17, 1.5, True, date(2025, 3, 4), datetime(2025, 3, 4, 13, 45), clock(8, 5), None, ""]  # noqa: DTZ001
    file = workbook(tmp_path / "a.xlsx", row, [6_281_234_567_890, 6472011505900001, timedelta(hours=30)])
    first, second = read(file).rows
    assert first[:7] == ["teks", 17, 1.5, True, "2025-03-04", "2025-03-04T13:45:00", "08:05:00"]
    assert first[7:] in ([None, None], [])
    assert second[:2] == [6_281_234_567_890, 6472011505900001]
    assert isinstance(second[2], str)


def test_blank_rows_and_columns_before_the_cells_stay(tmp_path: Path) -> None:
    rows = read(workbook(tmp_path / "a.xlsx", [], [None, "No"], [None, 1])).rows
    assert [row[-1] if row else None for row in rows] == [None, "No", 1]
    assert len(rows[1]) == 2


def test_the_sheet_is_chosen_by_name_or_number(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["pertama"])
    book.create_sheet("Agustus 2025").append(["kedua"])
    file = tmp_path / "a.xlsx"
    book.save(file)
    assert [read(file, sheet).rows for sheet in (None, 1, 2, "Agustus 2025")] == [
        [["pertama"]],
        [["pertama"]],
        [["kedua"]],
        [["kedua"]],
    ]
    assert (refusal(file, sheet="Juli").code, refusal(file, sheet=9).code) == ("sheet_missing", "sheet_missing")
    assert "Agustus 2025" in refusal(file, sheet="Juli").detail


def test_a_workbook_is_known_by_its_content_not_by_its_name(tmp_path: Path) -> None:
    assert read(workbook(tmp_path / "a.xlsx", ["No"]).rename(tmp_path / "a.csv")).rows == [["No"]]


# Texts


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        ("No;Nama\n1;Wärga – RT\n".encode(), None),
        ("\ufeffNo;Nama\n1;Wärga – RT\n".encode(), None),
        ("No;Nama\n1;Wärga – RT\n".encode("cp1252"), None),
        ("No;Nama\n1;Wärga – RT\n".encode("utf-16"), None),
        ("No;Nama\n1;Wärga – RT\n".encode("utf-16-le"), "utf-16-le"),
    ],
)
def test_a_csv_is_read_in_its_encoding(tmp_path: Path, raw: bytes, encoding: str | None) -> None:
    if encoding == "utf-16-le":
        raw = b"\xff\xfe" + raw
    rows = read(text_file(tmp_path / "a.csv", raw), encoding=encoding).rows
    assert [cell.lstrip("\ufeff") if isinstance(cell, str) else cell for cell in rows[0]] == ["No", "Nama"]
    assert rows[1] == ["1", "Wärga – RT"]


def test_a_csv_in_another_encoding_than_declared_is_refused(tmp_path: Path) -> None:
    file = text_file(tmp_path / "a.csv", "No\nWärga\n".encode("cp1252"))
    assert refusal(file, encoding="utf-8").code == "file_encoding"
    assert refusal(file, encoding="x-tidak-ada").code == "file_encoding"


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_below_a_preamble_and_beside_commas_in_texts(tmp_path: Path, mark: str) -> None:
    lines = ["Rekap, bulan Maret", "", mark.join(["No", "Isi"]), mark.join(["1", '"a, b; c"']), mark.join(["2", "d"])]
    rows = read(text_file(tmp_path / "a.csv", "\r\n".join([*lines, ""]).encode())).rows
    assert rows[-3:] == [["No", "Isi"], ["1", "a, b; c"], ["2", "d"]]


def test_the_declared_delimiter_is_taken(tmp_path: Path) -> None:
    file = text_file(tmp_path / "a.csv", b"a,b;c\n1,2;3\n")
    assert read(file, delimiter=";").rows == [["a,b", "c"], ["1,2", "3"]]


def test_quoted_line_breaks_belong_to_their_cell(tmp_path: Path) -> None:
    rows = read(text_file(tmp_path / "a.csv", b'No,Isi\r\n1,"baris satu\r\nbaris dua, ""kutip"""\r\n')).rows
    assert rows[1] == ["1", 'baris satu\r\nbaris dua, "kutip"']


@pytest.mark.parametrize(("raw", "open_end"), [(b"No\n1\n", False), (b"No\n1", True), (b"No\r1\r", False)])
def test_a_last_line_without_end_is_noticed(tmp_path: Path, raw: bytes, open_end: bool) -> None:  # noqa: FBT001
    assert read(text_file(tmp_path / "a.csv", raw)).open_end is open_end


def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    assert read(text_file(tmp_path / "a.csv", b"")).rows == []
    assert not any(read(workbook(tmp_path / "a.xlsx")).rows)


# What is refused


@pytest.mark.parametrize(
    ("name", "raw", "code"),
    [
        ("halaman.xls", b"\r\n <!DOCTYPE html><table><tr><td>No</td></tr></table>", "file_not_a_sheet"),
        ("halaman.xls", b"\xef\xbb\xbf<HTML><body>No", "file_not_a_sheet"),
        ("xml.xls", b"<?xml version='1.0'?><Workbook/>", "file_not_a_sheet"),
        ("foto.xlsx", b"\xff\xd8\xff\xe0\x00\x10JFIF", "file_not_a_sheet"),
        ("rusak.xlsx", b"PK\x03\x04" + b"x" * 500, "file_unreadable"),
        ("rusak.xls", _OLE + b"\x00" * 2_000, "file_unreadable"),
    ],
)
def test_what_is_no_spreadsheet_is_refused_with_a_reason(tmp_path: Path, name: str, raw: bytes, code: str) -> None:
    assert refusal(text_file(tmp_path / name, raw)).code == code


def test_an_encrypted_workbook_is_refused_as_such(tmp_path: Path) -> None:
    assert refusal(text_file(tmp_path / "sandi.xlsx", _encrypted_container())).code == "file_password"


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9, 0.99])
def test_a_truncated_workbook_is_unreadable(tmp_path: Path, kept: float) -> None:
    file = workbook(tmp_path / "a.xlsx", *([number, "x" * 50] for number in range(500)))
    raw = file.read_bytes()
    file.write_bytes(raw[: int(len(raw) * kept)])
    assert refusal(file).code == "file_unreadable"


def _zip_bomb(file: Path) -> Path:
    content = parts(workbook(file, ["No"], [1]))
    head, _, tail = content["xl/worksheets/sheet1.xml"].partition(b"</sheetData>")
    row = b'<row r="3"><c r="A3" t="inlineStr"><is><t>' + b"A" * 200_000_000 + b"</t></is></c></row>"
    return packed(file, content | {"xl/worksheets/sheet1.xml": head + row + b"</sheetData>" + tail})


def _huge_dimension(file: Path) -> Path:
    content = parts(workbook(file, ["No"], [1]))
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    sheet = content["xl/worksheets/sheet1.xml"].replace(b"</sheetData>", far)
    return packed(file, content | {"xl/worksheets/sheet1.xml": sheet})


def _endless_strings(file: Path) -> Path:
    content = parts(workbook(file, ["No"], [1]))
    count = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" uniqueCount="4294967295">'
    return packed(file, content | {"xl/sharedStrings.xml": count + b"<si><t>x</t></si>" + b"</sst>"})


def _long_text(file: Path) -> Path:
    with file.open("wb") as target:
        target.truncate(250_000_000)
        target.seek(0)
        target.write(b"No,Isi\n" + b"1,x\n" * 20_000)
    return file


@pytest.mark.usefixtures("small_memory")
@pytest.mark.parametrize("make", [_huge_dimension, _zip_bomb])
def test_a_hostile_file_ends_as_a_reason_within_seconds(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    assert ending(workbook(tmp_path / "kecil.xlsx", ["No"])) == "read"
    file = make(tmp_path / "bom.xlsx")
    began = time.monotonic()
    assert ending(file) == "file_too_large"
    assert time.monotonic() - began < 15


def test_a_lie_about_the_number_of_texts_does_no_harm(tmp_path: Path) -> None:
    assert ending(_endless_strings(tmp_path / "bom.xlsx")) in {"read", "file_too_large", "file_unreadable"}


@pytest.mark.usefixtures("small_memory")
def test_a_text_beyond_the_memory_ends_as_a_reason(tmp_path: Path) -> None:
    assert ending(_long_text(tmp_path / "bom.csv")) == "file_too_large"


# What fuzzing has found


def test_an_encoding_that_nobody_knows_hinders_no_reading(tmp_path: Path) -> None:
    """Of the parts that only tell where the sheets are; the workbook's own reader does not mind."""
    content = parts(workbook(tmp_path / "a.xlsx", ["No"], [1]))
    relations = content["_rels/.rels"].partition(b"?>")[2] or content["_rels/.rels"]
    content["_rels/.rels"] = b'<?xml version="1.0" encoding="d"?>' + relations
    sheet = read(packed(tmp_path / "a.xlsx", content))
    assert (sheet.rows, sheet.hidden_rows) == ([["No"], [1]], None)


@pytest.mark.parametrize(
    ("status", "said", "code"),
    [
        (1, b"pyo3_runtime.PanicException: range end index 64 out of range", "file_unreadable"),
        (1, b"TypeError: an error of ours", "file_unreadable"),
        (-signal.SIGSEGV, b"", "file_unreadable"),
        (-signal.SIGABRT, b"memory allocation of 8 bytes failed", "file_too_large"),
        (-signal.SIGKILL, b"", "file_too_large"),
        (-signal.SIGXCPU, b"", "file_too_slow"),
    ],
)
def test_a_reader_that_dies_leaves_a_reason_without_its_words(status: int, said: bytes, code: str) -> None:
    found = ended(status, said)
    assert found.code == code
    assert (found.detail == UNFORESEEN) is (b"ours" in said)
    assert "index" not in found.detail


def _encrypted_container() -> bytes:
    """The least OLE file that says "encrypted workbook": one sector of FAT, one of directory, two empty streams."""
    free, end, fat = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD

    def numbers(*values: int) -> bytes:
        return b"".join(value.to_bytes(4, "little") for value in values)

    header = io.BytesIO()
    header.write(_OLE + b"\x00" * 16)
    header.write(b"\x3e\x00\x03\x00\xfe\xff\x09\x00\x06\x00" + b"\x00" * 6)
    header.write(numbers(0, 1, 1, 0, 4096, end, 0, end, 0, 0))
    header.write(numbers(*[free] * 108))
    table = numbers(fat, end, *[free] * 126)
    entries = [
        _directory_entry("Root Entry", 5, child=1),
        _directory_entry("EncryptedPackage", 2, right=2),
        _directory_entry("EncryptionInfo", 2),
        bytes(128),
    ]
    return header.getvalue() + table + b"".join(entries)


def _directory_entry(name: str, kind: int, child: int = 0xFFFFFFFF, right: int = 0xFFFFFFFF) -> bytes:
    spelled = name.encode("utf-16-le")
    left = 0xFFFFFFFF
    numbers = b"".join(value.to_bytes(4, "little") for value in (left, right, child))
    head = spelled.ljust(64, b"\x00") + (len(spelled) + 2).to_bytes(2, "little") + bytes([kind, 1]) + numbers
    return head.ljust(116, b"\x00") + (0xFFFFFFFE).to_bytes(4, "little") + bytes(8)
