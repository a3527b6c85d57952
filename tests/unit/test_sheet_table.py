"""Are the header and the records of a sheet found as people see them?"""

from __future__ import annotations

import pytest

from connectors.contract import Misconfigured
from connectors.sheet_columns import TableOptions
from connectors.sheet_header import find_header
from connectors.sheet_table import blank, fields_of, headings


def records(rows, header, formats):  # type: ignore[no-untyped-def]
    """Number and fields of each row below the header that holds anything."""
    names = headings(rows[header])
    below = enumerate(rows[header + 1 :], start=header + 2)
    return ((number, fields_of(names, row, formats)) for number, row in below if not blank(row))


def test_the_header_is_found_below_a_preamble() -> None:
    rows = [["REKAP PENGADUAN", None], [None, None], ["Tahun", 2025], ["No", "Isi\nLaporan"], [1, "satu"]]
    assert find_header(rows, TableOptions(key=("No", "Isi Laporan"))).last == 3


def test_a_given_header_row_counts_from_one() -> None:
    assert find_header([["x"], ["No"]], TableOptions(key=("No",), header_row=2)).last == 1


@pytest.mark.parametrize("number", [1, 9])
def test_a_given_row_without_the_columns_is_refused(number: int) -> None:
    with pytest.raises(Misconfigured, match=f"row {number} has no column No"):
        find_header([["Nomor", None], ["No"]], TableOptions(key=("No",), header_row=number))


def test_no_row_with_the_columns_is_refused() -> None:
    with pytest.raises(Misconfigured, match="none of the first 50 rows holds the columns Isi, No"):
        find_header([["No"], ["Isi"]], TableOptions(key=("No", "Isi")))


def test_repeated_names_get_numbers_and_line_breaks_become_blanks() -> None:
    row = ["Nama", "Nama", "Tanggal\r\n  masuk", None, None, "Nama", " Nama "]
    assert headings(row) == ["Nama", "Nama #2", "Tanggal masuk", "", "", "Nama #3", "Nama #4"]


def test_empty_rows_and_unnamed_columns_are_left_out() -> None:
    rows = [["No", None, "Isi"], [1, "coret", "satu"], [None, "", None], [2, None]]
    assert list(records(rows, 0, ())) == [(2, {"No": 1, "Isi": "satu"}), (4, {"No": 2})]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("03/04/2025", "2025-04-03"),
        (" 03/04/2025 ", " 03/04/2025 "),
        ("03/04/2025 13:45", "2025-04-03T13:45:00"),
        ("31/31/2025", "31/31/2025"),
        ("03/04/2025 kira-kira", "03/04/2025 kira-kira"),
        (3.5, 3.5),
    ],
)
def test_dates_kept_as_text_follow_the_declared_formats(cell: str | float, said: str | float) -> None:
    rows = [["Tanggal"], [cell]]
    ((_, fields),) = records(rows, 0, ("%d/%m/%Y", "%d/%m/%Y %H:%M"))
    assert fields == {"Tanggal": said}
