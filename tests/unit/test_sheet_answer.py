"""Do LAPOR's news get into sheets as they should, and is nothing else there touched?"""

from __future__ import annotations

import os
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from pydantic import ValidationError

from connectors import sheet_options, sheet_replace
from connectors.contract import Answer, ChannelContext, Misconfigured, News, Replier, Unanswerable, Unreachable
from connectors.sheet_process import read_sheet
from connectors.sheet_splice import Cell, Worksheet
from connectors.spreadsheet import Spreadsheet, SpreadsheetOptions
from gateway.lapor.statuses import Status

LONG_AGO = 1_700_000_000
AT = datetime(2026, 6, 1, 3, 30, 15, tzinfo=UTC)
OURS = ["No. LAPOR", "Status LAPOR", "Tindak Lanjut Terakhir", "Tanggal Tindak Lanjut", "Tautan LAPOR"]
SAID = ["LP-1", "Belum Terverifikasi", "Tim menuju lokasi.", "2026-06-01T10:30:00", "https://lapor.test/LP-1"]
ANSWER = Answer(
    id="a1",
    news=News.FOLLOW_UP,
    key="1",
    locator="1",
    fields={"No": 1.0, "Isi": "Lampu padam"},
    tracking_id="LP-1",
    status="received",
    status_text="Belum Terverifikasi",
    previous=None,
    at=AT,
    url="https://lapor.test/LP-1",
    subject="",
    text="",
    words="Tim menuju lokasi.",
    responder="Dinas PU",
    secret=False,
    to=None,
)
CLOSED = replace(ANSWER, id="a2", status="closed", status_text="Terdisposisi Selesai", previous="received")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the officers keep their files."""
    place = tmp_path / "laporan"
    place.mkdir()
    (tmp_path / "spool").mkdir()
    return place


@contextmanager
def opened(path: Path, where: str = "inside", **options: Any) -> Iterator[Spreadsheet]:
    """A connector that writes back."""
    table = {"where": where, **options.pop("write_back", {})}
    settings = SpreadsheetOptions.model_validate({"path": path, "write_back": table, **({"key": ["No"]} | options)})
    spool = path.parents[0] if path.is_dir() else path.parents[1] / "spool"
    connector = Spreadsheet(settings, ChannelContext("kanal", ZoneInfo("Asia/Jakarta"), spool))
    yield connector
    connector.close()


def carry(path: Path, *answers: Answer, where: str = "inside", **options: Any) -> None:
    """Write answers, each as if the service had been restarted and the file had rested since."""
    for answer in answers:
        with opened(path, where, **options) as connector:
            connector.write_back(answer)
        rested(path)


def rested(file: Path) -> Path:
    """Nobody has written it, or what is beside it, in the last seconds."""
    for one in file.parent.glob("*.*"):
        os.utime(one, ns=(int(LONG_AGO * 1e9), int(LONG_AGO * 1e9) + one.stat().st_mtime_ns % 10**9))
    return file


def simple(file: Path, *rows: list[object]) -> Path:
    """A workbook with a header and rows."""
    book = openpyxl.Workbook()
    for row in [["No", "Isi"], *(rows or ([1, "Lampu padam"], [2, "Jalan rusak"]))]:
        book.worksheets[0].append(row)
    book.save(file)
    return rested(file)


def rich(file: Path) -> Path:
    """A workbook as officers make them: merged title and heading, formulas with results, a picture, a second sheet."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Rekap"
    sheet["B2"] = "REKAPITULASI PENGADUAN"
    sheet.merge_cells("B2:E2")
    for column, name in enumerate(["No", "Isi", "Hari", "Catatan"], start=2):
        sheet.cell(4, column, name).font = Font(bold=True, color="FF0000")
    sheet.merge_cells("E4:F4")
    for row, (number, text) in enumerate([(1, "Lampu padam"), (2, "Jalan rusak"), (3, "=nama")], start=5):
        sheet.cell(row, 2, number).fill = PatternFill("solid", fgColor="FFFF00")
        sheet.cell(row, 3, text).data_type = "s"
        sheet.cell(row, 4, f"=B{row}*2")
    sheet["D9"] = "=SUM(D5:D7)"
    sheet.column_dimensions["C"].width = 55
    sheet.freeze_panes = "C5"
    choice = DataValidation(type="list", formula1='"Baru,Selesai"')
    choice.add("E5:E100")
    sheet.add_data_validation(choice)
    book.create_sheet("Grafik")["A1"] = "lain"
    book.save(file)
    changed(
        file, lambda name, old: re.sub(rb"(<f>[^<]*</f>)<v ?/>", rb"\1<v>14</v>", old), **{"xl/media/a.png": b"PNG"}
    )
    return rested(file)


def changed(file: Path, change: Any, **more: bytes) -> None:
    """Rewrite the parts of a workbook."""
    with zipfile.ZipFile(file) as old:
        parts = {name: change(name, old.read(name)) for name in old.namelist()} | more
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)


def cells(file: Path, sheet: str | int | None = None) -> list[list[object]]:
    """What readers see."""
    return [list(row) for row in read_sheet(file, sheet, None, None).rows]


def line(file: Path, key: object = 1.0, first: int = 0) -> list[object]:
    """Our five cells in the row of a key."""
    return next(row for row in cells(file) if row[first] == key)[-5:]


def state(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file there, with its time."""
    return {
        str(file.relative_to(folder)): (file.read_bytes(), file.stat().st_mtime_ns)
        for file in folder.rglob("*")
        if file.is_file()
    }


def looks(file: Path) -> dict[str, object]:
    """Every cell of every sheet with its formula and format, and what else a sheet has."""
    book = openpyxl.load_workbook(file)
    found: dict[str, object] = {}
    for sheet in book.worksheets:
        found[sheet.title] = (sheet.merged_cells.ranges, sheet.freeze_panes, str(sheet.data_validations))
        widths = {name: one.width for name, one in sheet.column_dimensions.items()}
        found[f"{sheet.title} widths"] = {name: width for name, width in widths.items() if name < "G"}
        for row in sheet.iter_rows():
            for cell in row:
                style = (cell.font, cell.fill, cell.number_format, cell.alignment)
                found[f"{sheet.title}!{cell.coordinate}"] = (cell.value, cell.data_type, repr(style))
    return found


# Inside


def test_the_news_stand_in_columns_of_their_own_at_the_right(folder: Path) -> None:
    file = simple(folder / "a.xlsx")
    carry(file, ANSWER)
    assert cells(file) == [["No", "Isi", *OURS], [1.0, "Lampu padam", *SAID], [2.0, "Jalan rusak", *[None] * 5]]


def test_only_our_cells_change_and_no_other_part_of_the_file(folder: Path) -> None:
    file = rich(folder / "a.xlsx")
    before, seen = looks(file), cells(file)
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    carry(file, ANSWER, CLOSED)
    after = looks(file)
    assert {name: value for name, value in after.items() if name in before} == before
    ours = {name.partition("!")[2] for name in after if name not in before and "!" in name}
    assert {name for name in ours if openpyxl.load_workbook(file)["Rekap"][name].value is not None} == {
        f"{column}{row}" for column in "GHIJK" for row in (4, 5)
    }
    with zipfile.ZipFile(file) as archive:
        differ = {name for name in archive.namelist() if archive.read(name) != parts[name]}
    assert differ == {"xl/worksheets/sheet1.xml", "xl/styles.xml"}
    assert [row[: len(old)] for row, old in zip(cells(file), seen, strict=True)] == seen
    assert seen[4][3] == 14.0


def test_new_headings_look_like_the_others_and_the_date_is_one(folder: Path) -> None:
    file = rich(folder / "a.xlsx")
    carry(file, ANSWER)
    sheet = openpyxl.load_workbook(file)["Rekap"]
    assert sheet["G4"].font.b
    assert (sheet["J5"].value, sheet["J5"].is_date) == (datetime(2026, 6, 1, 10, 30), True)  # noqa: DTZ001 - a cell
    assert sheet.column_dimensions["I"].width == 60


def test_twice_is_the_same_as_once(folder: Path) -> None:
    for where in ("inside", "beside"):
        file = simple(folder / f"{where}.xlsx")
        carry(file, ANSWER, where=where)
        before = state(folder)
        carry(file, ANSWER, ANSWER, where=where)
        with opened(file, where) as connector:
            connector.write_back(ANSWER)
            connector.write_back(ANSWER)
        assert state(folder) == before


def test_the_row_is_found_wherever_it_has_gone(folder: Path) -> None:
    file = simple(folder / "a.xlsx")
    with opened(file) as connector:
        connector.write_back(ANSWER)
        book = openpyxl.load_workbook(file)
        book.worksheets[0].insert_rows(2, 3)
        book.worksheets[0].insert_cols(1)
        book.save(file)
        rested(file)
        connector.write_back(CLOSED)
    assert [row[1:4] for row in cells(file)] == [
        ["No", "Isi", "No. LAPOR"],
        *[[None] * 3] * 3,
        [1.0, "Lampu padam", "LP-1"],
        [2.0, "Jalan rusak", None],
    ]
    assert line(file, first=1)[1] == "Terdisposisi Selesai"


def test_a_row_that_is_gone_or_another_ones_or_there_twice_is_a_persons_work(folder: Path) -> None:
    file = simple(folder / "a.xlsx", [2, "dua"], [3, "tiga"], [3, "lain"])
    before = state(folder)
    for answer, code in (
        (ANSWER, "row_gone"),
        (replace(ANSWER, locator=None, key="2"), "row_gone"),
        (replace(ANSWER, locator="3"), "row_twice"),
    ):
        with pytest.raises(Unanswerable) as caught:
            carry(file, answer)
        assert caught.value.code == code
    assert state(folder) == before


def test_of_rows_with_the_same_content_all_are_told(folder: Path) -> None:
    file = simple(folder / "a.xlsx", [1, "sama"], [2, "lain"], [1, "sama"])
    with opened(file, key=[], identity=["Isi"]) as connector:
        key = connector.list(None).entries[0].locator
    carry(file, replace(ANSWER, key=key, locator=key), key=[], identity=["Isi"])
    assert [row[2] for row in cells(file)] == ["No. LAPOR", "LP-1", None, "LP-1"]


def test_a_later_answer_leaves_what_it_does_not_tell(folder: Path) -> None:
    file = simple(folder / "a.xlsx")
    later = replace(CLOSED, news=News.CLOSED, words="", url=None, tracking_id=None, at=AT.replace(month=7), secret=True)
    carry(file, ANSWER, later)
    assert line(file) == [SAID[0], "Terdisposisi Selesai", *SAID[2:]]


def test_the_agencys_own_headings_and_words(folder: Path) -> None:
    file = simple(folder / "a.xlsx")
    options = {"columns": {"status": "Kondisi"}, "status": {"received": "Baru"}}
    carry(file, ANSWER, write_back=options)
    assert cells(file)[0][2:4] == ["No. LAPOR", "Kondisi"]
    assert line(file)[1] == "Baru"
    carry(file, CLOSED, write_back=options)
    assert line(file)[1] == "Terdisposisi Selesai"


# A person's status


@pytest.mark.parametrize("where", ["inside", "beside"])
def test_a_status_that_a_person_set_stays_and_the_rest_is_written(folder: Path, where: str) -> None:
    file = simple(folder / "a.xlsx")
    carry(file, ANSWER, where=where)
    shown = file if where == "inside" else folder / "a.lapor.xlsx"
    book = openpyxl.load_workbook(shown)
    cell = next(cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value == SAID[1])
    cell.value = "Sudah selesai menurut kami"
    book.save(shown)
    carry(rested(file), replace(CLOSED, words="Lampu diganti."), where=where)
    assert line(shown, "1" if where == "beside" else 1.0)[1:3] == ["Sudah selesai menurut kami", "Lampu diganti."]


def test_a_status_from_before_the_first_answer_is_a_persons(folder: Path) -> None:
    file = folder / "a.xlsx"
    simple(file)
    carry(file, replace(ANSWER, key="2", locator="2"))
    book = openpyxl.load_workbook(file)
    book.worksheets[0]["D2"] = "ditangani"
    book.save(file)
    carry(rested(file), ANSWER)
    assert line(file)[:2] == ["LP-1", "ditangani"]


def test_a_lost_memory_leaves_the_cell_unless_the_agencys_word_says_it_is_ours(folder: Path) -> None:
    for name, words, status in (("a", {}, SAID[1]), ("b", {"received": "Baru"}, "Terdisposisi Selesai")):
        file = simple(folder / f"{name}.xlsx")
        carry(file, ANSWER, write_back={"status": words})
        shutil.rmtree(folder / ".lapor")
        carry(file, CLOSED, write_back={"status": words})
        assert line(file)[1] == status


def test_a_formula_in_our_column_stays(folder: Path) -> None:
    file = simple(folder / "a.xlsx", [1, "satu", "=1+1"])
    book = openpyxl.load_workbook(file)
    book.worksheets[0]["C1"] = "No. LAPOR"
    book.save(file)
    carry(rested(file), ANSWER)
    assert openpyxl.load_workbook(file).worksheets[0]["C2"].value == "=1+1"
    before = state(folder)
    carry(file, ANSWER)
    assert state(folder) == before


# Hostile words


@pytest.mark.parametrize(
    "words", ["=cmd|' /C calc'!A0", "+1", "-1+2", "@SUM(A1)", "_x0041_ & <b>\"x\" 'y'", "a\r\nb\x00\x0b\ud800c"]
)
@pytest.mark.parametrize("where", ["inside", "beside"])
def test_no_words_become_a_formula_or_break_the_file(folder: Path, words: str, where: str) -> None:
    file = simple(folder / "a.xlsx")
    carry(file, replace(ANSWER, words=words, tracking_id=words), where=where)
    shown = file if where == "inside" else folder / "a.lapor.xlsx"
    found = line(shown, 1.0 if where == "inside" else "1")
    assert found[2] == found[0] == words.replace("\r\n", "\n").replace("\x00\x0b\ud800", "")
    cell = openpyxl.load_workbook(shown).worksheets[0].cell(2, 3)
    assert cell.data_type == "s"
    assert cell.quotePrefix is (words[0] in "=+-@")
    before = state(folder)
    carry(file, replace(ANSWER, words=words, tracking_id=words), where=where)
    assert state(folder) == before


def test_very_long_words_are_cut_to_what_a_cell_holds(folder: Path) -> None:
    file = simple(folder / "a.xlsx")
    carry(file, replace(ANSWER, words="😀" * 20_000))
    assert len(str(line(file)[2]).encode("utf-16-le")) // 2 < 32_767


# Files that are in use, fail or cannot be written


@pytest.mark.parametrize("lock", ["~$a.xlsx", ".~lock.a.xlsx#"])
def test_a_file_that_somebody_has_open_waits(folder: Path, lock: str) -> None:
    file = simple(folder / "a.xlsx")
    (folder / lock).touch()
    before = state(folder)
    with pytest.raises(Unreachable, match="in use"):
        carry(file, ANSWER)
    assert state(folder) == before
    (folder / lock).unlink()
    carry(file, ANSWER)
    assert line(file) == SAID


def test_a_file_that_is_saved_meanwhile_waits_and_keeps_what_was_saved(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = simple(folder / "a.xlsx")
    other = simple(folder / "lain", [1, "Lampu padam!"]).read_bytes()
    monkeypatch.setattr(sheet_replace, "_give", lambda new, model: file.write_bytes(other))
    with pytest.raises(Unreachable, match="changed meanwhile"):
        carry(file, ANSWER)
    assert file.read_bytes() == other
    assert not list(folder.glob(".lapor/*.new"))


def test_a_file_that_somebody_opens_meanwhile_waits(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = simple(folder / "a.xlsx")
    carry(file, ANSWER)
    before = file.read_bytes()
    monkeypatch.setattr(sheet_replace, "_give", lambda new, model: (folder / "~$a.xlsx").touch())
    with pytest.raises(Unreachable, match="in use"):
        carry(file, CLOSED)
    assert file.read_bytes() == before


class Killed(BaseException):
    """As a kill: nothing catches it."""


def dying(real: Callable[..., Any], survived: int) -> Callable[..., Any]:
    """The function, which kills at the call after so many."""
    left = [survived]

    def call(*given: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return real(*given)

    return call


@pytest.mark.parametrize("where", ["inside", "beside"])
@pytest.mark.parametrize(("place", "step"), [(Path, "replace"), (os, "fsync")])
def test_a_kill_at_any_step_leaves_the_file_as_it_was_or_done_and_the_next_try_works(
    folder: Path, monkeypatch: pytest.MonkeyPatch, where: str, place: object, step: str
) -> None:
    file = simple(folder / "a.xlsx")
    carry(file, ANSWER, where=where)
    shown = file if where == "inside" else folder / "a.lapor.xlsx"
    key = 1.0 if where == "inside" else "1"
    before, kept = shown.read_bytes(), {path: path.read_bytes() for path in folder.glob(".lapor/*.json")}
    for survived in range(40):
        for path, content in {shown: before, **kept}.items():
            path.write_bytes(content)
        done = False
        with monkeypatch.context() as patch, suppress(Killed):
            patch.setattr(place, step, dying(getattr(place, step), survived))
            carry(rested(file), CLOSED, where=where)
            done = True
        assert shown.read_bytes() == before or line(shown, key)[1] == "Terdisposisi Selesai"
        carry(rested(file), CLOSED, where=where)
        assert line(shown, key)[1] == "Terdisposisi Selesai"
        assert not list(folder.glob(".lapor/*.new"))
        if done:
            break
    assert done
    assert survived >= 3


def test_a_kill_right_after_the_file_was_replaced_makes_our_status_nobody_elses(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = simple(folder / "a.xlsx")
    carry(file, ANSWER)

    def die(_: Path) -> None:
        if "Selesai" in str(cells(file)):
            raise Killed

    monkeypatch.setattr(sheet_replace, "_sync_folder", die)
    with pytest.raises(Killed):
        carry(file, CLOSED)
    monkeypatch.undo()
    carry(rested(file), replace(CLOSED, id="a3", status="archived", status_text="Arsip", previous="received"))
    assert line(file)[1] == "Arsip"


@pytest.mark.parametrize("where", ["inside", "beside"])
def test_a_folder_that_cannot_be_written_is_the_admins_work(
    folder: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    file = simple(folder / "a.xlsx")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    before = state(folder)
    monkeypatch.setattr(sheet_replace.tempfile, "mkstemp", refuse)
    monkeypatch.setattr(sheet_replace.os, "access", lambda *_: False)
    with pytest.raises(Misconfigured, match="cannot be written"):
        carry(file, ANSWER, where=where)
    with opened(file, where) as connector:
        assert [finding.ok for finding in connector.check()] == [True, True, False]
    assert state(folder) == before


def test_the_file_keeps_its_mode_and_another_users_file_is_not_taken_away(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = simple(folder / "a.xlsx")
    file.chmod(0o640)
    carry(file, ANSWER)
    assert file.stat().st_mode & 0o777 == 0o640

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(sheet_replace.os, "chown", refuse)
    with pytest.raises(Misconfigured, match="another user"):
        carry(file, CLOSED)
    assert line(file) == SAID


def test_one_backup_a_day_and_not_for_ever(folder: Path) -> None:
    file = simple(folder / "a.xlsx")
    untouched = file.read_bytes()
    (folder / ".lapor").mkdir()
    for day in range(1, 10):
        (folder / ".lapor" / f"a.xlsx.2025010{day}.bak").touch()
    carry(file, ANSWER, CLOSED)
    backups = sorted((folder / ".lapor").glob("*.bak"))
    assert len(backups) == 7
    assert backups[-1].read_bytes() == untouched


@pytest.mark.parametrize("name", ["a.csv", "a.xls", "a.ods"])
def test_other_kinds_are_written_beside_only(folder: Path, name: str) -> None:
    file = folder / name
    file.write_text("No,Isi\n1,satu\n")
    rested(file)
    with opened(file) as connector:
        assert [finding.ok for finding in connector.check()] == [True, True, False]
        with pytest.raises(Misconfigured, match='where = "beside"'):
            connector.write_back(ANSWER)
    carry(file, ANSWER, where="beside")
    assert line(folder / f"{name}.lapor.xlsx", "1") == SAID


def test_a_workbook_that_writing_would_spoil_is_refused(folder: Path) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet><sheetData/></worksheet>'
    for number, more in enumerate(({"_xmlsignatures/a.xml": b""}, {"xl/worksheets/sheet1.xml": bomb})):
        file = simple(folder / f"{number}.xlsx")
        with opened(file) as connector:
            connector.list(None)
            changed(file, lambda _, content: content, **more)
            with pytest.raises(Misconfigured):
                connector._answers._writer.book(file).put({(1, 9): "x"}, 1, {})  # type: ignore[union-attr]


# Beside


def test_beside_there_is_a_row_for_each_record_updated_in_place(folder: Path) -> None:
    file = simple(folder / "hotline.xlsx")
    untouched = file.read_bytes()
    carry(
        file, replace(ANSWER, fields={"No": 1.0}), replace(ANSWER, key="2", fields={"No": 2.0}), CLOSED, where="beside"
    )
    shown = folder / "hotline.lapor.xlsx"
    assert cells(shown) == [
        ["lapor-gateway", "No", *OURS],
        ["1", 1.0, SAID[0], "Terdisposisi Selesai", *SAID[2:]],
        ["2", 2.0, *SAID],
    ]
    assert file.read_bytes() == untouched
    assert openpyxl.load_workbook(shown).worksheets[0].column_dimensions["A"].hidden


def test_sheets_of_one_workbook_share_the_file_beside_it(folder: Path) -> None:
    file = simple(folder / "a.xlsx")
    for sheet in ("Sheet", 1):
        carry(file, ANSWER, where="beside", sheet=sheet)
    assert [row[0] for row in cells(folder / "a.lapor.xlsx")] == ["lapor-gateway", "Sheet!1", "1!1"]


def test_beside_a_row_that_is_gone_is_told_all_the_same(folder: Path) -> None:
    for name, row in (("a", [1, "satu"]), ("b", [2, "dua"])):
        simple(folder / f"{name}.xlsx", row)
    with opened(folder, "beside") as connector:
        connector.write_back(replace(ANSWER, key="2", locator="2"))
        connector.write_back(replace(ANSWER, key="9", locator=None))
        simple(folder / "b.xlsx", [5, "lima"])
        connector.write_back(replace(CLOSED, key="2", locator="2"))
    assert line(folder / "b.lapor.xlsx", "2")[1] == "Terdisposisi Selesai"
    assert line(folder / "a.lapor.xlsx", "9") == SAID


def test_a_file_beside_that_lost_its_key_is_named(folder: Path) -> None:
    file = simple(folder / "a.xlsx")
    simple(folder / "a.lapor.xlsx")
    with pytest.raises(Misconfigured, match=r"a\.lapor\.xlsx: .*rename it"):
        carry(file, ANSWER, where="beside")


# Reading


@pytest.mark.parametrize("path", [".", "*.xlsx", "*/*", "**/*.xlsx"])
def test_what_the_gateway_wrote_is_never_a_source(folder: Path, path: str) -> None:
    file = simple(folder / "a.xlsx")
    carry(file, ANSWER)
    carry(file, ANSWER, where="beside")
    (folder / ".lapor" / "b.xlsx").write_bytes(file.read_bytes())
    base = folder if path in {".", "*.xlsx"} else folder.parent
    settings = SpreadsheetOptions.model_validate({"path": base if path == "." else base / path, "key": ["No"]})
    connector = Spreadsheet(settings, ChannelContext("kanal", ZoneInfo("Asia/Jakarta"), folder.parent / "spool"))
    assert connector._files() == [file]


@pytest.mark.parametrize("keys", [{"key": ["No"]}, {"key": [], "identity": ["Isi"]}])
def test_our_columns_are_no_part_of_a_record(folder: Path, keys: dict[str, list[str]]) -> None:
    file = rich(folder / "a.xlsx")

    def seen(connector: Spreadsheet) -> object:
        listing = connector.list(None)
        records = [dict(record.fields) for record in connector.read([one.locator for one in listing.entries])]
        return listing.entries, listing.shape, records

    with opened(file, **keys) as connector:
        before = seen(connector)
        key = connector.list(None).entries[0].locator
    plain = SpreadsheetOptions.model_validate({"path": file, **keys})
    context = ChannelContext("kanal", ZoneInfo("Asia/Jakarta"), folder.parent / "spool")
    assert seen(Spreadsheet(plain, context)) == before
    carry(file, replace(ANSWER, key=key, locator=key), **keys)
    with opened(file, **keys) as connector:
        assert seen(connector) == before
    assert seen(Spreadsheet(plain, context)) != before


# Options


def test_it_carries_what_it_is_configured_for(folder: Path) -> None:
    file = simple(folder / "a.xlsx")
    with opened(file) as connector:
        assert isinstance(connector, Replier)
        assert connector.carries == set(News) - {News.RECEIVED, News.NOT_FORWARDED}
        assert connector.check()[-1].text == "write_back: inside 1 file(s)"
    settings = SpreadsheetOptions.model_validate({"path": file, "key": ["No"]})
    silent = Spreadsheet(settings, ChannelContext("kanal", ZoneInfo("Asia/Jakarta"), folder))
    assert silent.carries == frozenset()
    with pytest.raises(Misconfigured):
        silent.write_back(ANSWER)


@pytest.mark.parametrize(
    "table",
    [
        {"where": "di samping"},
        {"columns": {"status": "No. LAPOR"}},
        {"columns": {"url": " "}},
        {"columns": {"status": "No"}},
        {"status": {"selesai": "Selesai"}},
        {"kolom": {}},
    ],
)
def test_options_that_cannot_work_are_refused(folder: Path, table: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SpreadsheetOptions.model_validate({"path": folder, "key": ["No"], "write_back": table})


def test_the_statuses_are_the_gateways() -> None:
    assert set(get_args(sheet_options.Status)) == {str(status) for status in Status}


# XML as other programs write it


def put(xml: str, *at: tuple[int, int]) -> str:
    worksheet = Worksheet(xml.encode(), [row for row, _ in at])
    return worksheet.put({one: Cell(7) for one in at}, {}).decode()


def test_rows_and_cells_without_places_prefixes_and_empty_rows_are_understood() -> None:
    xml = (
        '<x:worksheet xmlns:x="urn"><x:sheetData><x:row><x:c/><x:c s="2"><x:v>1</x:v></x:c></x:row>'
        '<x:row r="4"/></x:sheetData></x:worksheet>'
    )
    assert put(xml, (1, 2), (1, 3), (3, 1), (4, 1)) == (
        '<x:worksheet xmlns:x="urn"><x:sheetData><x:row><x:c/><x:c r="B1" s="2"><x:v>7</x:v></x:c>'
        '<x:c r="C1"><x:v>7</x:v></x:c></x:row><x:row r="3"><x:c r="A3"><x:v>7</x:v></x:c></x:row>'
        '<x:row r="4"><x:c r="A4"><x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )


def test_the_stated_size_grows_and_hints_that_are_wrong_now_go() -> None:
    xml = '<w><dimension ref="A1:B2"/><sheetData><row r="2" spans="1:2"><c r="B2"/></row></sheetData></w>'
    assert put(xml, (2, 3), (2, 1)) == (
        '<w><dimension ref="A1:C2"/><sheetData><row r="2"><c r="A2"><v>7</v></c><c r="B2"/>'
        '<c r="C2"><v>7</v></c></row></sheetData></w>'
    )
