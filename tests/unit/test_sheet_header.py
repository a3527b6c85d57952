"""Is the header found and named as people read it, over one row or several?"""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from connectors.contract import Misconfigured
from connectors.sheet_columns import TableOptions
from connectors.sheet_header import Header, Range, find_header

GROUPED = [
    ["REKAP", None, None, None, None],
    ["No", "Pelapor", None, "Isi", "Tanggal"],
    [None, "Nama", "HP", None, None],
    [1, "Warga", "0812", "satu", "2026-01-02"],
]
MERGED: list[Range] = [((0, 0), (0, 4)), ((1, 0), (2, 0)), ((1, 1), (1, 2)), ((1, 3), (2, 3)), ((1, 4), (2, 4))]


def header(rows: list[list[object]], merged: list[Range] | None = None, **options: object) -> Header:
    """The header of these rows; their key is `No` unless the options say otherwise."""
    settings = TableOptions.model_validate({"key": ["No"], **options})
    return find_header(rows, settings, merged or [])  # type: ignore[arg-type]


def test_cells_merged_from_row_to_row_make_a_header_of_both() -> None:
    assert header(GROUPED, MERGED) == Header(1, 2, ["No", "Nama", "HP", "Isi", "Tanggal"])


def test_a_row_that_holds_all_keys_is_joined_with_the_one_above_it() -> None:
    """Else the columns that are merged from the row above would have no name."""
    found = header(GROUPED, MERGED, key=[], identity=["Nama", "HP"])
    assert found == Header(1, 2, ["No", "Nama", "HP", "Isi", "Tanggal"])


def test_without_merged_cells_the_rows_are_joined_where_no_single_one_holds_the_columns() -> None:
    assert header(GROUPED, key=["No", "Nama"]) == Header(1, 2, ["No", "Nama", "HP", "Isi", "Tanggal"])


def test_a_stated_number_of_rows_counts_from_the_stated_row() -> None:
    assert header(GROUPED, header_row=2, header_rows=2).names == ["No", "Nama", "HP", "Isi", "Tanggal"]
    assert header(GROUPED, header_rows=2) == header(GROUPED, header_row=2, header_rows=2)
    with pytest.raises(Misconfigured, match="row 1 has no column No; it has: REKAP"):
        header([["REKAP"], ["x"]], header_row=1, header_rows=1)


@pytest.mark.parametrize("merged", [[((0, 1), (0, 2)), ((0, 3), (0, 4))], []])
def test_labels_that_columns_share_are_told_apart_by_their_groups(merged: list[Range]) -> None:
    rows = [["No", "Pelapor", None, "Terlapor", None], [None, "Nama", "HP", "Nama", "Unit"]]
    assert header(rows, merged, header_rows=2).names == ["No", "Pelapor Nama", "HP", "Terlapor Nama", "Unit"]


def test_a_row_that_counts_the_columns_is_no_record() -> None:
    rows = [["No", "Nama", "Isi"], ["(1)", "(2)", "(3)"], [1, "Warga", "satu"]]
    assert header(rows).last == 1
    assert header([["No", "Nama", "Isi"], [1.0, 2.0, 3.0]]).last == 1


@pytest.mark.parametrize("row", [[1, 2, "isi"], [1, 2, None], [1, "Warga", "satu"], [2, 3, 4], [None, None, None]])
def test_a_record_is_not_taken_for_a_row_of_column_numbers(row: list[object]) -> None:
    assert header([["No", "Nama", "Isi"], row]).last == 0


def test_a_preamble_merged_over_many_rows_is_no_header() -> None:
    rows = [["KOP SURAT", None]] + [[None, None]] * 8 + [["No", "Isi"], [1, "satu"]]
    assert header(rows, [((0, 0), (8, 1))]) == Header(9, 9, ["No", "Isi"])


def test_an_empty_sheet_and_a_header_beyond_the_end_are_refused() -> None:
    with pytest.raises(Misconfigured, match="none of the first 50 rows"):
        header([])
    with pytest.raises(Misconfigured, match="row 7 has no column No"):
        header(GROUPED, header_row=7)


@pytest.mark.parametrize("options", [{"header_row": 0}, {"header_rows": 0}, {"header_rows": 6}, {"identity": ["Isi"]}])
def test_options_that_cannot_be_meant_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        TableOptions.model_validate({"key": ["No"], **options})
