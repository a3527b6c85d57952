"""Which sheets, rows and cells of a workbook are read: hidden ones, charts, merged cells, errors, dates since 1904?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.workbook import Workbook

from connectors.sheet_process import File, Reading, UnreadableFile, read_file


def saved(folder: Path, make: Callable[[Workbook], object]) -> Path:
    """A workbook of the sheets Januari, Februari (hidden), Grafik (a chart) and Maret, with what `make` does to it."""
    book = openpyxl.Workbook()
    book.worksheets[0].title = "Januari"
    book.create_sheet("Februari").sheet_state = "hidden"
    book.create_chartsheet("Grafik")
    book.create_sheet("Maret")
    for sheet in book.worksheets:
        sheet.append(["No", "Isi"])
        sheet.append([1, sheet.title])
    make(book)
    book.save(folder / "a.xlsx")
    return folder / "a.xlsx"


def nothing(_: Workbook) -> None:
    """As it is."""


def names(file: File) -> list[str]:
    """The sheets that were read."""
    return [sheet.name for sheet in file.sheets]


def test_the_first_sheet_is_one_that_people_see(tmp_path: Path) -> None:
    def hide(book: Workbook) -> None:
        book["Januari"].sheet_state = "veryHidden"
        book.move_sheet("Grafik", -2)

    read = read_file(saved(tmp_path, hide), Reading())
    assert names(read) == ["Maret"]
    assert read.sheets[0].notes == [(True, "hidden sheets are not read: Januari, Februari")]


def test_all_seen_sheets_or_a_list_of_them_are_read_and_missing_ones_are_told(tmp_path: Path) -> None:
    file = saved(tmp_path, nothing)
    assert names(read_file(file, Reading("*"))) == ["Januari", "Maret"]
    several = read_file(file, Reading(["Maret", "April", "Februari"]))
    assert (names(several), several.missing) == (["Maret", "Februari"], ["April"])
    assert (True, "the sheet Februari is hidden, and read because `sheet` names it") in several.sheets[0].notes
    assert names(read_file(file, Reading(4))) == ["Maret"]


@pytest.mark.parametrize("wanted", ["Grafik", 3, 9, "April", ["April", "Mei"]])
def test_charts_and_sheets_that_are_not_there_are_refused(tmp_path: Path, wanted: str | int | list[str]) -> None:
    with pytest.raises(UnreadableFile, match=r"sheet_missing: .*the file has: Januari, Februari, Maret"):
        read_file(saved(tmp_path, nothing), Reading(wanted))


def test_a_workbook_whose_sheets_are_all_hidden_is_refused(tmp_path: Path) -> None:
    def hide(book: Workbook) -> None:
        for sheet in book.worksheets:
            sheet.sheet_state = "hidden"

    with pytest.raises(UnreadableFile, match="all of its sheets are hidden"):
        read_file(saved(tmp_path, hide), Reading())


def test_hidden_rows_are_read_or_skipped_and_keep_the_others_numbers(tmp_path: Path) -> None:
    def filtered(book: Workbook) -> None:
        book["Januari"].append([2, "dua"])
        book["Januari"].row_dimensions[2].hidden = True
        book["Maret"].column_dimensions["B"].hidden = True

    file = saved(tmp_path, filtered)
    (read,) = read_file(file, Reading()).sheets
    (skipped,) = read_file(file, Reading(hidden_rows="skip")).sheets
    assert (read.rows[1:], read.hidden_rows) == ([[1, "Januari"], [2, "dua"]], 1)
    assert (skipped.rows[1:], skipped.hidden_rows) == ([[], [2, "dua"]], 1)
    assert read_file(file, Reading("Maret", hidden_rows="skip")).sheets[0].rows[1] == [1, "Maret"]


def test_errors_are_told_apart_from_empty_cells(tmp_path: Path) -> None:
    def broken(book: Workbook) -> None:
        for column, error in ((2, "#N/A"), (4, "#DIV/0!")):
            cell = book["Januari"].cell(3, column, error)
            cell.data_type = "e"

    (sheet,) = read_file(saved(tmp_path, broken), Reading()).sheets
    assert sheet.rows[2] == [None, "#N/A", None, "#DIV/0!"]
    assert sheet.rows[1][:2] == [1, "Januari"]


def test_a_merged_cell_counts_for_its_first_row_or_for_all(tmp_path: Path) -> None:
    def merged(book: Workbook) -> None:
        for number in (2, 3):
            book["Januari"].append([number, None])
        book["Januari"].merge_cells("B2:C4")

    file = saved(tmp_path, merged)
    first, every = (read_file(file, Reading(merged_cells=how)).sheets[0] for how in ("first", "every_row"))
    assert [row[1] for row in first.rows] == ["Isi", "Januari", None, None]
    assert [row[1] for row in every.rows] == ["Isi", "Januari", "Januari", "Januari"]
    assert first.merged == [((1, 1), (3, 2))]


def test_dates_are_the_same_days_in_both_systems(tmp_path: Path) -> None:
    def dated(book: Workbook) -> None:
        book["Januari"].append([2, datetime(2026, 3, 4, 13, 45)])  # noqa: DTZ001 - sheets know no zones

    def since_1904(book: Workbook) -> None:
        book.epoch = CALENDAR_MAC_1904
        dated(book)

    for make in (dated, since_1904):
        assert read_file(saved(tmp_path, make), Reading()).sheets[0].rows[2] == [2, "2026-03-04T13:45:00"]
