"""Is nobody's name, address or number shown where it was not asked for?"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli import printing
from tests.fakes import values

PERSON = {
    "reporter_name": "Budi Santoso",
    "reporter_email": "budi.santoso@example.org",
    "reporter_phone": "+6281234567890",
    "reporter_nik": "6472011505900001",
}


@pytest.mark.parametrize("name", PERSON)
def test_what_names_the_citizen_is_masked(name: str) -> None:
    shown = printing.masked(values(**PERSON))
    assert shown[name] != PERSON[name]
    assert "antoso" not in shown[name]
    assert PERSON[name][4:-4] not in shown[name]


def test_numbers_and_addresses_within_the_text_are_masked_too() -> None:
    text = "Hubungi saya di 0812-3456-7890 atau budi.santoso@example.org, NIK 6472011505900001. RT 05, tahun 2024."
    shown = printing.masked(values(content=text))["content"]
    assert not any(part in shown for part in ("3456", "santoso", "0115059"))
    assert "RT 05, tahun 2024" in shown


@pytest.mark.parametrize("secret", [True, None, "mungkin"])
def test_of_a_secret_report_no_text_is_shown(secret: object) -> None:
    shown = printing.masked(values(is_secret=secret))
    assert (shown["title"], shown["content"]) == ("(dirahasiakan)", "(dirahasiakan)")


@pytest.mark.parametrize(
    "number", [6281234567890.0, 6472011505900001, "(0541) 123456", "081234567890", "0812 3456 7890"]
)
def test_raw_numbers_are_masked_in_any_form(number: object) -> None:
    shown = str(printing.masked_fields({"x": number})["x"])
    assert "…" in shown
    assert len([character for character in shown if character.isdigit()]) <= 7


@given(st.dictionaries(st.text(max_size=5), st.none() | st.booleans() | st.floats() | st.integers() | st.text()))
def test_no_field_raises(fields: dict[str, object]) -> None:
    assert set(printing.masked_fields(fields)) == set(printing.masked(fields)) == set(fields)


def test_cells_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    printing.table("Judul", ["kolom"], [["[bold]x[/bold] [/]"], [None]])
    assert "[bold]x[/bold] [/]" in capsys.readouterr().out


def test_json_has_moments_as_iso_and_letters_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    printing.as_json({"at": datetime(2026, 11, 2, tzinfo=UTC), "text": "é"})
    text = capsys.readouterr().out
    assert json.loads(text) == {"at": "2026-11-02T00:00:00+00:00", "text": "é"}
    assert "é" in text


def test_moments_are_shown_in_the_gateways_zone() -> None:
    assert printing.moment(datetime(2026, 11, 2, tzinfo=UTC), ZoneInfo("Asia/Makassar")) == "2026-11-02 08:00:00"
    assert printing.moment(None, ZoneInfo("Asia/Makassar")) == "–"


@pytest.mark.parametrize(
    "day",
    ["2026-11-03", "2026-11-03T08:15:30.250000", "2026-11-03 08:15:30+08:00", "3/11/2026", "03/11/2026 08:15:30",
     "3.11.2026 8.15", "11/3/2026 8:15:30 PM"],
)  # fmt: skip
def test_days_and_times_are_shown_whole(day: str) -> None:
    assert printing.masked_fields({"x": day}) == {"x": day}


def test_what_stands_beside_a_day_is_masked() -> None:
    assert "Siti" not in str(printing.masked_fields({"x": "2026-11-03 08:15 Siti Aminah", "y": "3/11/2026 Siti"}))
