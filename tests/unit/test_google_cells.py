"""Do the cells of Google's grid data keep what people see: dates, long numbers, leading zeros?"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.google_cells import cell_of, row_of
from tests.servers.google_documents import serial

MOMENTS = st.datetimes(datetime.fromisoformat("1900-01-01"), datetime.fromisoformat("2199-12-31"))


def number(value: float, kind: str = "", pattern: str = "") -> Any:
    """What becomes of a number under a format."""
    form = {"type": kind, "pattern": pattern} if kind else {}
    return cell_of({"effectiveValue": {"numberValue": value}, "effectiveFormat": {"numberFormat": form}})


@given(MOMENTS)
def test_a_time_comes_back_to_the_millisecond(moment: datetime) -> None:
    back = datetime.fromisoformat(number(serial(moment), "DATE_TIME"))
    assert abs(back - moment) <= timedelta(milliseconds=1)


@given(MOMENTS.map(lambda moment: moment.replace(microsecond=0)))
def test_whole_seconds_come_back_exactly(moment: datetime) -> None:
    assert datetime.fromisoformat(number(serial(moment), "DATE_TIME")) == moment
    assert number(serial(moment), "DATE_TIME") == number(serial(moment), "DATE")


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_a_date_comes_back_without_a_time(day: date) -> None:
    days = (day - date(1899, 12, 30)).days
    assert number(days, "DATE") == number(float(days), "DATE") == day.isoformat()


@pytest.mark.parametrize(
    ("value", "kind", "pattern", "expected"),
    [
        (45719.5, "DATE", "d mmm yyyy", "2025-03-03T12:00:00"),
        (45719, "DATE_TIME", "", "2025-03-03"),
        (0.25, "TIME", "hh:mm", "06:00:00"),
        (1.5, "TIME", "[hh]:mm", "1 day, 12:00:00"),
        (1e300, "DATE", "", 1e300),
        (1e300, "TIME", "", 1e300),
        (12, "", "", 12),
        (12.0, "NUMBER", "0.00", 12),
        (0.5, "PERCENT", "0%", 0.5),
        (6.28123456789e11, "", "", 628123456789),
        (81234567890, "NUMBER", "000000000000", "081234567890"),
        (5, "NUMBER", "0", 5),
        (float("inf"), "", "", "#NUM!"),
        (float("nan"), "DATE", "", "#NUM!"),
    ],
)
def test_numbers_and_their_formats(value: float, kind: str, pattern: str, expected: object) -> None:
    found = number(value, kind, pattern)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize("value", [6472011203900001, 6472011203900001.0, 10**15])
def test_a_whole_number_of_more_than_15_digits_stays_a_doubtful_one(value: float) -> None:
    assert isinstance(number(value), float)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"stringValue": "0812"}, "0812"),
        ({"stringValue": ""}, None),
        ({"stringValue": "\ud83d Banjir \x00é"}, "? Banjir é"),
        ({"boolValue": False}, False),
        ({"errorValue": {"type": "N_A", "message": "Budi tidak ditemukan"}}, "#N/A"),
        ({"errorValue": {"type": "LOADING"}}, "#N/A"),
        ({"errorValue": {"type": "SOMETHING_NEW"}}, "#ERROR!"),
        ({"errorValue": {}}, "#ERROR!"),
        ({}, None),
    ],
)
def test_texts_truth_values_and_errors(value: dict[str, Any], expected: object) -> None:
    assert cell_of({"effectiveValue": value}) == expected


def test_a_format_alone_is_no_content() -> None:
    formatted = {"effectiveFormat": {"numberFormat": {"type": "DATE"}}}
    filled = {"effectiveValue": {"stringValue": "x"}}
    assert row_of([{}, filled, formatted, {}]) == [None, "x"]
    assert row_of([formatted]) == []
