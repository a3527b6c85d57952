"""Are CSVs of every dialect and encoding read, and refused where rows would be lost?"""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.sheet_process import Reading, Sheet, UnreadableFile, read_file


def read(folder: Path, raw: bytes) -> Sheet:
    """The cells of a CSV of these bytes."""
    (folder / "a.csv").write_bytes(raw)
    return read_file(folder / "a.csv", Reading()).sheets[0]


def refusal(folder: Path, raw: bytes) -> UnreadableFile:
    """Why it is not read."""
    with pytest.raises(UnreadableFile) as caught:
        read(folder, raw)
    return caught.value


@pytest.mark.parametrize("line", ["sep=;", "SEP=;", '"sep=;"', "sep=;,,"])
def test_the_delimiter_that_excel_is_told_is_taken_and_its_line_is_no_row(tmp_path: Path, line: str) -> None:
    rows = read(tmp_path, f"{line}\r\nNo;Isi, lengkap\r\n1;a,b,c\r\n".encode()).rows
    assert rows == [[], ["No", "Isi, lengkap"], ["1", "a,b,c"]]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8", "utf-8-sig", "cp1252"])
def test_encodings_are_known_with_and_without_their_marks(tmp_path: Path, encoding: str) -> None:
    rows = read(tmp_path, "No;Isi\n1;jalan rusak – café\n".encode(encoding)).rows
    assert rows == [["No", "Isi"], ["1", "jalan rusak – café"]]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_all_line_ends_end_lines(tmp_path: Path, end: str) -> None:
    assert read(tmp_path, end.join(["No,Isi", '1,"a', 'b"', "2,c", ""]).encode()).rows == [
        ["No", "Isi"], ["1", f"a{end}b"], ["2", "c"],
    ]  # fmt: skip


def test_what_other_programs_take_for_line_ends_stays_in_its_cell(tmp_path: Path) -> None:
    assert read(tmp_path, "No,Isi\n1,a\u2028b\x0bc\x0cd\x85e\n".encode()).rows[1] == ["1", "a\u2028b\x0bc\x0cd\x85e"]


def test_nothing_bytes_are_dropped(tmp_path: Path) -> None:
    """Databases refuse them, and a crash while a file was written leaves some at its end."""
    body = b"".join(b"%d,isi laporan yang panjang\n" % number for number in range(200))
    rows = read(tmp_path, b"No,Isi\n" + body + b"7\x000,x\x00y\n\x00\x00\x00").rows
    assert rows[201:202] == [["70", "xy"]]


def test_more_control_characters_than_text_has_are_no_text(tmp_path: Path) -> None:
    assert refusal(tmp_path, bytes(range(256)) * 20).code == "file_not_a_sheet"


def test_quotes_after_a_backslash_join_no_rows(tmp_path: Path) -> None:
    raw = b'No,Isi\n1,"kata \\"padam\\" terus"\n2,"di C:\\data\\"\n3,"akhir \\"kutip\\""\n'
    rows = read(tmp_path, raw.replace(b'2,"di C:\\data\\"\n', b'2,"di C:\\data\\\\"\n')).rows
    assert rows[1:] == [["1", 'kata "padam" terus'], ["2", "di C:\\data\\"], ["3", 'akhir "kutip"']]


def test_backslashes_of_the_usual_dialect_stay(tmp_path: Path) -> None:
    rows = read(tmp_path, b'No,Isi\n1,"di C:\\data\\"\n2,"a ""\\"" b"\n3,\\n\n').rows
    assert [row[1] for row in rows[1:]] == ["di C:\\data\\", 'a "\\" b', "\\n"]


@pytest.mark.parametrize(
    "raw",
    [
        b'No,Isi\n1,"tanpa akhir\n2,dua\n3,tiga\n',
        b'No,Isi\n1,"tanpa akhir\n2,"dua"\n3,tiga\n',
        b'No,Isi\n1,satu\n2,"dua',
    ],
)
def test_a_quote_that_would_swallow_rows_is_refused(tmp_path: Path, raw: bytes) -> None:
    found = refusal(tmp_path, raw)
    assert found.code == "file_unreadable"
    assert "quotation mark in line" in found.detail
    assert "dua" not in found.detail


def test_sloppy_quotes_within_one_line_are_read(tmp_path: Path) -> None:
    assert read(tmp_path, b'No,Isi\n1,"a" b\n2,5" pipa\n').rows[1:] == [["1", "a b"], ["2", '5" pipa']]


def test_a_trailing_delimiter_makes_a_column_without_name(tmp_path: Path) -> None:
    assert read(tmp_path, b"No;Isi;\n1;a;\n").rows == [["No", "Isi", None], ["1", "a", None]]
