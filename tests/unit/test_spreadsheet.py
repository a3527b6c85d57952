"""Does the connector for spreadsheets cope with files that people keep by hand?"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from pydantic import ValidationError

from connectors.contract import ChannelContext, Misconfigured, Problem, Unreachable
from connectors.spreadsheet import Spreadsheet, SpreadsheetOptions

LONG_AGO = 1_700_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the officers keep their files."""
    place = tmp_path / "laporan"
    place.mkdir()
    return place


@contextmanager
def opened(path: Path, **options: object) -> Iterator[Spreadsheet]:
    """A connector to it."""
    settings = SpreadsheetOptions.model_validate({"path": path, **({"key": ["No"]} | options)})
    spool = Path(*path.parts[: path.parts.index("laporan")]) / "spool"
    spool.mkdir(exist_ok=True)
    connector = Spreadsheet(settings, ChannelContext("kanal", ZoneInfo("Asia/Jakarta"), spool))
    yield connector
    connector.close()


def rested(file: Path, seconds: int = 0) -> Path:
    """Nobody has written it for long."""
    os.utime(file, (LONG_AGO + seconds, LONG_AGO + seconds))
    return file


def csv(file: Path, text: str, seconds: int = 0) -> Path:
    """Write a CSV that rests."""
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    return rested(file, seconds)


def workbook(file: Path, *rows: list[object]) -> Path:
    """Write a workbook that rests."""
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(file)
    return rested(file)


def fields(connector: Spreadsheet) -> list[Mapping[str, object]]:
    """What all records say."""
    return [dict(record.fields) for record in connector.read([e.locator for e in connector.list(None).entries])]


# Rows


def test_a_header_under_a_merged_title_with_line_breaks_and_repeats_is_understood(folder: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet["A1"] = "REKAPITULASI PENGADUAN"
    sheet.merge_cells("A1:D1")
    for column, name in enumerate(["No", "Nama\nPelapor", "Catatan", "Catatan"], start=1):
        sheet.cell(4, column, name)
    for column, cell in enumerate([1, "Warga", "satu", "dua"], start=1):
        sheet.cell(5, column, cell)
    book.save(folder / "rekap.xlsx")
    with opened(rested(folder / "rekap.xlsx"), key=["No", "Nama Pelapor"]) as connector:
        assert fields(connector) == [{"No": 1.0, "Nama Pelapor": "Warga", "Catatan": "satu", "Catatan #2": "dua"}]


def test_phone_numbers_that_excel_made_numbers_stay_whole(folder: Path) -> None:
    file = workbook(folder / "a.xlsx", ["No", "HP"], [1, 6.28123456789e11], [2, 628123456789012.0])
    with opened(file) as connector:
        assert [int(float(str(one["HP"]))) for one in fields(connector)] == [628123456789, 628123456789012]


def test_a_key_read_as_a_whole_float_is_the_number(folder: Path) -> None:
    file = workbook(folder / "a.xlsx", ["No", "Tahun"], [17.0, 2025], ["A/1", 2025])
    with opened(file, key=["Tahun", "No"]) as connector:
        assert [entry.locator for entry in connector.list(None).entries] == ["2025/17", "2025/A%2F1"]


def test_dates_kept_as_text_follow_the_declared_format(folder: Path) -> None:
    file = csv(folder / "a.csv", "No,Tanggal,Isi\n1,03/04/2025,03/04/2025 lalu\n")
    with opened(file, date_format="%d/%m/%Y") as connector:
        assert fields(connector) == [{"No": "1", "Tanggal": "2025-04-03", "Isi": "03/04/2025 lalu"}]


def test_rows_without_a_key_and_rows_with_a_doubled_key_are_problems_and_stop_nobody(folder: Path) -> None:
    file = csv(folder / "a.csv", "No,Isi\n1,satu\n,tanpa\n2,dua\n2,lain\n1,satu\n3,tiga\n")
    with opened(file) as connector:
        listing = connector.list(None)
    assert [entry.locator for entry in listing.entries] == ["1", "2", "3"]
    assert listing.problems == [
        Problem("a.csv", "row_without_key", "rows 3"),
        Problem("a.csv", "key_not_unique", "rows 5"),
    ]


def test_a_footer_does_not_make_the_listing_incomplete(folder: Path) -> None:
    """Else no edited row would be recognised in a sheet that ends with its sum."""
    file = csv(folder / "a.csv", "Nama,Isi,Jumlah\nWarga,satu,\n,,1\n")
    with opened(file, key=[], identity=["Nama", "Isi"]) as connector:
        listing = connector.list(None)
    assert [problem.code for problem in listing.problems] == ["row_without_key"]
    assert listing.complete


def test_many_doubtful_rows_are_told_in_one_line(folder: Path) -> None:
    file = csv(folder / "a.csv", "No,Isi\n" + ",tanpa\n" * 500 + "1,satu\n")
    with opened(file) as connector:
        (problem,) = connector.list(None).problems
    assert problem.detail == "rows 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …"


def test_a_copy_that_parts_from_its_row_waits_for_a_person(folder: Path) -> None:
    options: dict[str, object] = {"key": [], "identity": ["Nama", "Isi"]}
    lamp, other = "Warga,Lampu jalan padam di pasar\n", "Budi,Selokan mampet di gang melati\n"
    file = csv(folder / "a.csv", "Nama,Isi\n" + lamp + lamp)
    with opened(file, **options) as connector:
        cursor = connector.list(None).cursor
        csv(file, "Nama,Isi\n" + lamp + lamp.replace("padam", "pudam") + other, seconds=10)
        locators = [entry.locator for entry in connector.list(cursor).entries]
        doubts = {str(record.fields["Isi"])[:7]: record.doubts for record in connector.read(locators[1:])}
    assert doubts == {"Lampu j": ("copy_edited",), "Selokan": ()}


def test_without_a_key_rows_wait_while_a_file_cannot_be_read(folder: Path) -> None:
    options: dict[str, object] = {"key": [], "identity": ["Isi"]}
    csv(folder / "a.csv", "No,Isi\n1,satu\n")
    with opened(folder, **options) as connector:
        cursor = connector.list(None).cursor
        csv(folder / "b.csv", "<html>")
        listing = connector.list(cursor)
        (record,) = connector.read([listing.entries[0].locator])
    assert record.doubts == ("source_incomplete",)


def test_a_first_round_is_not_held_for_a_file_that_cannot_be_read(folder: Path) -> None:
    csv(folder / "a.csv", "No,Isi\n1,satu\n")
    csv(folder / "b.csv", "<html>")
    with opened(folder, key=[], identity=["Isi"]) as connector:
        (record,) = connector.read([entry.locator for entry in connector.list(None).entries])
    assert record.doubts == ()


# Sheets


def months(file: Path, **rows: list[list[object]]) -> Path:
    """A workbook with a sheet for each month."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, lines in rows.items():
        sheet = book.create_sheet(name)
        for line in (["No", "Isi"], *lines):
            sheet.append(line)
    book.save(file)
    return rested(file)


def test_the_sheets_of_a_list_are_one_source_and_a_missing_one_is_told(folder: Path) -> None:
    file = months(folder / "a.xlsx", Januari=[[1, "satu"]], Februari=[[2, "dua"]], Kode=[[3, "x"]])
    with opened(file, sheet=["Januari", "Februari", "Maret"]) as connector:
        listing = connector.list(None)
    assert [entry.locator for entry in listing.entries] == ["1", "2"]
    assert [(problem.code, problem.detail) for problem in listing.problems] == [
        ("sheet_missing", "there is no sheet 'Maret'")
    ]
    assert not listing.complete


def test_a_sheet_without_the_columns_stops_no_other(folder: Path) -> None:
    file = months(folder / "a.xlsx", Januari=[[1, "satu"]], Februari=[[1, "lain"], [2, "dua"]])
    book = openpyxl.load_workbook(file)
    book.create_sheet("Petunjuk").append(["Isilah dengan benar"])
    book.save(file)
    with opened(rested(file), sheet="*") as connector:
        listing = connector.list(None)
    assert [entry.locator for entry in listing.entries] == ["1", "2"]
    assert [(problem.where, problem.code) for problem in listing.problems] == [
        ("a.xlsx, Februari", "key_not_unique"),
        ("a.xlsx, Petunjuk", "column_missing"),
    ]


def test_check_tells_what_was_understood(folder: Path) -> None:
    file = csv(folder / "a.csv", "REKAP\nNo,Tanggal,Isi\n1,03/04/2026,Warga Satu\n2,23/04/2026,dua\n")
    with opened(file) as connector:
        findings = connector.check()
    assert [finding.text for finding in findings] == [
        "1 file(s), 2 rows",
        "a.csv: header in row 2, 2 rows below, columns: No, Tanggal, Isi",
        "a.csv: dates written in the column Tanggal are day/month",
    ]
    assert all(finding.ok for finding in findings)


@pytest.mark.parametrize("sheet", ["*", ["Januari", "Februari"]])
def test_news_go_beside_several_sheets_and_never_inside(folder: Path, sheet: object) -> None:
    months(folder / "a.xlsx", Januari=[[1, "satu"]], Februari=[[2, "dua"]])
    with opened(folder / "a.xlsx", sheet=sheet, write_back={"where": "beside"}) as connector:
        assert all(finding.ok for finding in connector.check())
    with (
        pytest.raises(ValidationError, match="of one sheet only"),
        opened(folder / "a.xlsx", sheet=sheet, write_back={"where": "inside"}),
    ):
        pass


# Files


def test_in_a_folder_only_spreadsheets_are_read_and_no_lock_or_hidden_files(folder: Path) -> None:
    for name in ("a.csv", "b.CSV", "~$a.csv", ".~lock.a.csv", ".c.csv", "catatan.doc"):
        csv(folder / name, f"No,Isi\n{name},x\n")
    (folder / "sub.csv").mkdir()
    with opened(folder) as connector:
        assert [one["No"] for one in fields(connector)] == ["a.csv", "b.CSV"]


def test_a_pattern_names_several_files(folder: Path) -> None:
    for name in ("2025-01.csv", "2025-02.csv", "lain.csv"):
        csv(folder / name, f"No,Isi\n{name},x\n")
    with opened(folder / "2025-*.csv") as connector:
        assert [one["No"] for one in fields(connector)] == ["2025-01.csv", "2025-02.csv"]


def test_files_of_one_name_in_several_folders_are_told_apart(folder: Path) -> None:
    csv(folder / "utara" / "a.csv", "No,Isi\n1,utara\n")
    csv(folder / "selatan" / "a.csv", "No,Isi\n2,selatan\n")
    with opened(folder / "*" / "a.csv") as connector:
        cursor = connector.list(None).cursor
        csv(folder / "selatan" / "a.csv", "No,Isi\n2,selatan\n3,baru\n", seconds=10)
        assert [entry.locator for entry in connector.list(cursor).entries] == ["2", "3", "1"]


def test_unchanged_files_are_not_read_again(folder: Path) -> None:
    file = csv(folder / "a.csv", "No,Isi\n1,satu\n")
    with opened(file) as connector:
        cursor = connector.list(None).cursor
        csv(file, "No,Isi\n1,dua!\n")
        assert list(connector.list(cursor).entries) == []
        csv(file, "No,Isi\n1,dua!\n", seconds=10)
        assert len(connector.list(cursor).entries) == 1


def test_other_options_read_unchanged_files_again(folder: Path) -> None:
    file = csv(folder / "a.csv", "No,Tanggal\n1,03/04/2025\n")
    with opened(file) as connector:
        cursor = connector.list(None).cursor
    with opened(file, date_format="%d/%m/%Y") as connector:
        assert len(connector.list(cursor).entries) == 1


def test_a_key_column_that_was_only_formatted_queues_nothing_and_stops_no_other_file(folder: Path) -> None:
    def rows(start: str) -> str:
        return "No,Isi\n" + "".join(f"{start}{number},Lampu {number} mati\n" for number in range(1, 13))

    file, other = csv(folder / "a.csv", rows("A-")), csv(folder / "b.csv", rows("B-"))
    with opened(folder) as connector:
        first = connector.list(None).cursor
        csv(file, rows("A/2026/"), seconds=10)
        csv(other, rows("B-") + "B-13,Jalan rusak\n", seconds=10)
        listing = connector.list(first)
        assert [entry.locator for entry in listing.entries] == [f"B-{number}" for number in range(1, 14)]
        assert [(one.where, 'was written as "a-9"' in one.detail) for one in listing.problems] == [("a.csv", True)]
        assert not listing.complete
        csv(file, rows("A-"), seconds=20)
        listing = connector.list(listing.cursor)
        assert (len(listing.entries), list(listing.problems)) == (25, [])


def test_a_half_written_workbook_waits_and_is_read_when_it_is_complete(folder: Path) -> None:
    file = workbook(folder / "a.xlsx", ["No", "Isi"], *([number, "x" * 40] for number in range(200)))
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    rested(file)
    with opened(file) as connector:
        listing = connector.list(None)
        assert (list(listing.entries), listing.complete) == ([], False)
        assert [problem.code for problem in listing.problems] == ["file_unreadable"]
        file.write_bytes(whole)
        rested(file)
        listing = connector.list(listing.cursor)
    assert (len(listing.entries), listing.complete, list(listing.problems)) == (200, True, [])


def test_a_csv_whose_last_line_has_no_end_waits_while_it_is_young(folder: Path) -> None:
    file = folder / "a.csv"
    file.write_text("No,Isi\n1,satu\n2,du")
    os.utime(file, (time.time() - 10, time.time() - 10))
    with opened(file) as connector:
        assert [problem.code for problem in connector.list(None).problems] == ["file_changing"]
        rested(file)
        assert len(connector.list(None).entries) == 2


def test_a_young_file_is_waited_for(folder: Path) -> None:
    file = folder / "a.csv"
    file.write_text("No,Isi\n1,satu\n")
    began = time.time()
    os.utime(file, (began - 1.5, began - 1.5))
    with opened(file) as connector:
        assert len(connector.list(None).entries) == 1
    assert time.time() - began >= 0.5


def test_a_bad_file_stops_no_other(folder: Path) -> None:
    csv(folder / "a.csv", "No,Isi\n1,satu\n")
    csv(folder / "b.csv", "Nomor,Isi\n2,dua\n")
    csv(folder / "c.xls", "<html><table>")
    csv(folder / "d.csv", "")
    with opened(folder) as connector:
        listing = connector.list(None)
        findings = connector.check()
    assert [entry.locator for entry in listing.entries] == ["1"]
    assert {problem.where: problem.code for problem in listing.problems} == {
        "b.csv": "column_missing",
        "c.xls": "file_not_a_sheet",
        "d.csv": "file_empty",
    }
    assert not listing.complete
    assert [finding.ok for finding in findings] == [True, True, False, False, False]


def test_no_file_at_all_is_unreachable(folder: Path) -> None:
    for path in (folder, folder / "a.csv", folder / "*.xlsx"):
        with opened(path) as connector, pytest.raises(Unreachable, match="there is no file"):
            connector.list(None)


def test_files_that_all_lack_the_column_are_a_misconfiguration(folder: Path) -> None:
    csv(folder / "a.csv", "Nomor,Isi\n1,satu\n")
    with opened(folder) as connector:
        for call in (connector.check, lambda: connector.list(None)):
            with pytest.raises(Misconfigured, match=r"a\.csv: none of the first 50 rows holds the column No"):
                call()


def test_a_file_that_goes_while_it_is_read_is_a_problem_and_no_crash(folder: Path) -> None:
    csv(folder / "a.csv", "No,Isi\n1,satu\n")
    (folder / "b.csv").symlink_to(folder / "target.csv")
    target = csv(folder / "target.csv", "No,Isi\n2,dua\n")
    with opened(folder / "[ab].csv") as connector:
        found = connector._files()
        target.unlink()
        loaded = connector._load(found)
    assert list(loaded.rows) == ["1"]
    assert [(problem.where, problem.code) for problem in loaded.problems] == [("b.csv", "file_unreadable")]


def test_nothing_is_left_in_the_spool_and_nothing_beside_the_file(folder: Path) -> None:
    with opened(csv(folder / "a.csv", "No,Isi\n1,satu\n")) as connector:
        connector.list(None)
    assert [path.name for path in folder.parent.rglob("*") if path.is_file()] == ["a.csv"]


def test_the_source_is_the_path_and_what_makes_a_key(folder: Path) -> None:
    by_key = SpreadsheetOptions.model_validate({"path": folder / "a.csv", "key": ["Tahun", "No"]})
    by_content = SpreadsheetOptions.model_validate({"path": folder, "identity": ["Isi"]})
    assert by_key.source() == f"{folder}/a.csv key=Tahun,No"
    assert by_content.source() == f"{folder} identity=Isi"
