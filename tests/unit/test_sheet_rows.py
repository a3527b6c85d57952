"""Is a row the same record saying the same, wherever it and its columns stand?"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from connectors.contract import SourceRecord
from connectors.sheet_columns import TableOptions
from connectors.sheet_process import Sheet
from connectors.sheet_rows import Table, record_of, table_of

HEADER = ["No", "Nama", "Isi"]


def table(*rows: list[object], **options: object) -> Table:
    """The table of these rows; its key is `No` unless the options say otherwise."""
    return table_of(Sheet.of(rows), settings(**options))  # type: ignore[arg-type]


def settings(**options: object) -> TableOptions:
    """Options with the key `No` unless they say otherwise."""
    return TableOptions.model_validate({"key": ["No"], **options})


def versions(*rows: list[object]) -> Mapping[str | None, str]:
    """What each row says, by its key."""
    return {key: row.version for _, key, row in table(*rows).rows}


def records(*rows: list[object], **options: object) -> list[SourceRecord]:
    """The records of these rows."""
    found = table(*rows, **options)
    return [record_of(key, row, settings(**options)) for _, key, row in found.rows if key is not None]


BEFORE = versions(HEADER, [1, "Warga", "satu"], [2, None, "dua"])


@pytest.mark.parametrize(
    "rows",
    [
        [HEADER, [2, None, "dua"], [1, "Warga", "satu"]],
        [["REKAP"], [], HEADER, [1, "Warga", "satu"], [], [2, "", "dua", None, None]],
        [["Isi", "No", "Nama"], ["satu", 1, "Warga"], ["dua", 2]],
        [["No", "Petugas", "Nama", "Isi"], [1, None, "Warga", "satu"], [2, None, None, "dua"]],
        [["No", "Nama", None, "Isi"], [1, "Warga", "coretan", "satu"], [2, None, None, "dua"]],
        [["Data", "Data", "Data"], HEADER, [1, "Warga", "satu"], [2, None, "dua"]],
    ],
)
def test_moved_rows_and_columns_and_empty_or_unnamed_columns_are_no_edit(rows: list[list[object]]) -> None:
    assert versions(*rows) == BEFORE


@pytest.mark.parametrize(
    "rows",
    [
        [HEADER, [1, "Warga", "satu!"]],
        [HEADER, [1, None, "satu"]],
        [["No", "Isi", "Nama"], [1, "Warga", "satu"]],
        [["No", "Nama", "Isi", "Petugas"], [1, "Warga", "satu", "Budi"]],
    ],
)
def test_another_word_or_a_value_under_another_heading_is_an_edit(rows: list[list[object]]) -> None:
    assert versions(*rows)["1"] != BEFORE["1"]


def test_a_key_is_the_same_as_number_and_as_text() -> None:
    rows = table(HEADER, [12, "a", "x"], [12.0, "b", "y"], ["12", "c", "z"], [" 12 ", "d", "w"]).rows
    assert {key for _, key, _ in rows} == {"12"}


@pytest.mark.parametrize("options", [{}, {"key": [], "identity": ["Nama", "Isi"]}])
def test_a_row_whose_naming_column_is_in_error_has_no_key(options: dict[str, object]) -> None:
    (row,) = table(HEADER, ["#REF!", "#REF!", "satu"], **options).rows
    assert row[:2] == (2, None)


def test_a_row_with_an_error_elsewhere_waits_for_a_person_and_the_error_is_no_text() -> None:
    one, two = records([*HEADER, "Unit"], [1, "Warga", "satu", "#N/A"], [2, "Warga", "soal #N/A", "Dinas"])
    assert (one.fields["Unit"], one.doubts) == (None, ("cell_error",))
    assert (two.fields["Isi"], two.doubts) == ("soal #N/A", ())
    (one,) = records([*HEADER, "Unit"], [1, "Warga", "satu", "#DIV/0!"], error_cells="empty")
    assert (one.fields["Unit"], one.doubts) == (None, ())


def test_whole_numbers_lose_their_point_and_what_excel_has_rounded_stays_doubtful() -> None:
    (one,) = records(["No", "HP", "NIK", "Nilai"], [1.0, 6281234567890.0, 6472011505900000.0, 1.5])
    assert [repr(value) for value in one.fields.values()] == ["1", "6281234567890", "6472011505900000.0", "1.5"]


def test_the_order_of_dates_is_the_columns_and_changes_no_version() -> None:
    rows = [["No", "Tanggal"], [1, "03/04/2026"], [2, "05/06/2026"]]
    undecided = records(*rows)
    decided = records(*rows, [3, "23/06/2026"])
    assert [one.fields["Tanggal"] for one in undecided] == ["03/04/2026", "05/06/2026"]
    assert [one.fields["Tanggal"] for one in decided] == ["2026-04-03", "2026-06-05", "2026-06-23"]
    assert [one.version for one in undecided] == [one.version for one in decided[:2]]


def test_a_declared_format_goes_before_what_the_column_shows() -> None:
    rows = [["No", "Tanggal"], [1, "03/04/2026"], [2, "23/04/2026"]]
    assert [one.fields["Tanggal"] for one in records(*rows, date_format="%m/%d/%Y")] == ["2026-03-04", "2026-04-23"]


def test_a_google_forms_export_of_another_country_is_read(  # the form's language decides the order
) -> None:
    rows = [["Timestamp", "Isi"], ["11/2/2026 8:15:00", "satu"], ["11/23/2026 18:05:00", "dua"]]
    found = records(*rows, key=[], identity=["Timestamp", "Isi"])
    assert [one.fields["Timestamp"] for one in found] == ["2026-11-02T08:15:00", "2026-11-23T18:05:00"]


def test_dates_taken_the_wrong_way_round_are_held() -> None:
    typed = [[number, f"2026-0{number}-04"] for number in (1, 2, 3)]
    texts = [[number, f"{number + 10}/04/2026"] for number in (4, 5, 6)]
    found = records(["No", "Tanggal"], *typed, *texts)
    assert [one.doubts for one in found] == [("date_swapped",)] * 3 + [()] * 3
