"""Are people's dates read as they meant them, and never guessed where they mean two?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.dates import AmbiguousDate, UnreadableDate, parse

ZONE = ZoneInfo("Asia/Makassar")
DAY = date(2025, 11, 7)


def at(hour: int, minute: int = 0, second: int = 0, offset: int = 8) -> datetime:
    return datetime(2025, 11, 7, hour, minute, second, tzinfo=timezone(timedelta(hours=offset)))


@pytest.mark.parametrize(
    "text",
    [
        "2025-11-07",
        "2025/11/07",
        "2025-11-7",
        "7 November 2025",
        "7 Nopember 2025",
        "07 nov 2025",
        "7 NOP 2025",
        "07-Nov-2025",
        "07-Nov-25",
        "7Nov2025",
        "Jum'at, 7 Nopember 2025",
        "Jum’at 7 November 2025",
        "Jumat, 7 Nov 2025",
        "Friday, 7 November 2025",
        "Fri, 7 Nov 2025",
        "November 7, 2025",
        "Nov 7th, 2025",
        "  7   November\n2025 ",
    ],
)
def test_a_day_is_read_in_many_spellings(text: str) -> None:
    assert parse(text, (), ZONE) == DAY


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-11-07T10:30:00+07:00", at(10, 30, offset=7)),
        ("2025-11-07T02:30:00Z", at(2, 30, offset=0)),
        ("2025-11-07 10:30:00", at(10, 30)),
        ("2025-11-07 10:30:00.123456", at(10, 30).replace(microsecond=123456)),
        ("2025-11-07 10:30:00 WIB", at(10, 30, offset=7)),
        ("Jum'at, 7 Nopember 2025 pukul 10.30 WITA", at(10, 30)),
        ("7 November 2025, pkl. 10:30 WIT", at(10, 30, offset=9)),
        ("7 November 2025 jam 9.05", at(9, 5)),
        ("7 Nov 2025 01:30 PM", at(13, 30)),
        ("7 Nov 2025 12:30 am", at(0, 30)),
        ("Fri, 07 Nov 2025 10:30:00 +0700", at(10, 30, offset=7)),
        ("7 Nov 2025 10:30 +07:00", at(10, 30, offset=7)),
        ("31/12/2024 23:59", datetime(2024, 12, 31, 23, 59, tzinfo=ZONE)),
    ],
)
def test_a_moment_keeps_its_zone_or_takes_the_channels(text: str, moment: datetime) -> None:
    found = parse(text, (), ZONE)
    assert isinstance(found, datetime)
    assert found == moment
    assert found.utcoffset() == moment.utcoffset()


@pytest.mark.parametrize("month", range(1, 13))
def test_every_month_is_known_in_both_languages(month: int) -> None:
    indonesian = "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split()
    english = "January February March April May June July August September October November December".split()
    for name in (indonesian[month - 1], english[month - 1], english[month - 1][:3], indonesian[month - 1][:3]):
        assert parse(f"15 {name} 2025", (), ZONE) == date(2025, month, 15)
    assert parse(f"15 {indonesian[month - 1]} 2025", ["%d %B %Y"], ZONE) == date(2025, month, 15)
    assert parse(f"15-{english[month - 1][:3]}-2025", ["%d-%b-%Y"], ZONE) == date(2025, month, 15)


@pytest.mark.parametrize("text", ["03/04/2026", "3-4-2026", "3.4.26", "12/11/2025 10:00", "01/02/2025 00:00:00"])
def test_day_and_month_that_cannot_be_told_apart_are_not_guessed(text: str) -> None:
    with pytest.raises(AmbiguousDate) as caught:
        parse(text, (), ZONE)
    assert caught.value.code == "date_ambiguous"


@given(day=st.integers(1, 12), month=st.integers(1, 12))
def test_only_equal_day_and_month_are_told_without_a_format(day: int, month: int) -> None:
    text = f"{day:02}/{month:02}/2025"
    if day == month:
        assert parse(text, (), ZONE) == date(2025, month, day)
    else:
        with pytest.raises(AmbiguousDate):
            parse(text, (), ZONE)
    assert parse(text, ["%d/%m/%Y"], ZONE) == date(2025, month, day)
    assert parse(text, ["%m/%d/%Y"], ZONE) == date(2025, day, month)


@pytest.mark.parametrize("text", ["25/12/2025", "12/25/2025", "25.12.25", "2025.12.25"])
def test_a_number_above_twelve_is_the_day(text: str) -> None:
    assert parse(text, (), ZONE) == date(2025, 12, 25)


ZEROS = [
    None,
    "",
    "  ",
    "-",
    "–",
    "0000-00-00",
    "0000-00-00 00:00:00",
    "00/00/0000",
    "00-00-0000",
    "0001-01-01",
    "0001-01-01T00:00:00",
    "1899-12-30",
    "1970-01-01",
    "1970-01-01 00:00:00",
    "1970-01-01T00:00:00+00:00",
]


@pytest.mark.parametrize("value", ZEROS)
def test_databases_zero_dates_are_nothing(value: Any) -> None:
    assert parse(value, (), ZONE) is None


@pytest.mark.parametrize("value", [0, 0.0, "0"])
def test_zero_seconds_are_nothing(value: Any) -> None:
    assert parse(value, ["unix"], ZONE) is None


@pytest.mark.parametrize("value", [1762482600, 1762482600.0, "1762482600"])
def test_unix_seconds_are_read_where_declared_and_never_guessed(value: Any) -> None:
    assert parse(value, ["unix"], ZONE) == datetime(2025, 11, 7, 2, 30, tzinfo=UTC)
    with pytest.raises(UnreadableDate):
        parse(value, (), ZONE)


def test_excels_days_are_a_day_or_a_moment() -> None:
    assert parse(45968, ["excel"], ZONE) == DAY
    assert parse("45968.0", ["excel"], ZONE) == DAY
    assert parse(45968.4375, ["excel"], ZONE) == at(10, 30)


def test_declared_formats_are_tried_in_order_and_nothing_else_but_iso_is_guessed() -> None:
    formats = ["%d/%m/%Y %H:%M", "%d/%m/%Y"]
    assert parse("07/11/2025", formats, ZONE) == DAY
    assert parse("07/11/2025 10:30", formats, ZONE) == at(10, 30)
    assert parse("2025-11-07", formats, ZONE) == DAY
    assert parse("Jum'at, 07 Nopember 2025", ["%d %B %Y"], ZONE) == DAY
    with pytest.raises(UnreadableDate):
        parse("7 November 2025", formats, ZONE)


BAD = [
    "kemarin",
    "31 Februari 2025",
    "2025-02-30",
    "2025-13-01",
    "7 Foo 2025",
    "7/11",
    "2025",
    "99/99/9999",
    "32/12/2025",
]
BAD += [
    "7 Nov 2025 25:00",
    "7 Nov 2025 10:61",
    "7 Nov 2025 10:00 +9900",
    "10:30",
    "2025-00-00",
    "tanggal 7",
    "20251107",
]


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_date_is_said_so(text: str) -> None:
    with pytest.raises(UnreadableDate):
        parse(text, (), ZONE)


FORMATS = st.lists(st.sampled_from(["unix", "excel", "%d/%m/%Y", "%d %b %Y %H:%M", "%y%m%d"]), max_size=3)


@given(value=st.none() | st.integers() | st.floats() | st.text() | st.datetimes().map(str), formats=FORMATS)
def test_nothing_else_is_raised_and_every_moment_is_aware(value: Any, formats: list[str]) -> None:
    try:
        found = parse(value, formats, ZONE)
    except UnreadableDate:
        return
    assert found is None or isinstance(found, date)
    assert not isinstance(found, datetime) or found.tzinfo is not None


@given(moment=st.datetimes(min_value=datetime(1971, 1, 1), timezones=st.timezones()))  # noqa: DTZ001 - Hypothesis wants it so
def test_what_a_connector_hands_over_comes_back_the_same(moment: datetime) -> None:
    fixed = datetime.fromisoformat(moment.isoformat())
    assert parse(fixed.isoformat(), (), ZONE) == fixed
    assert parse(moment.date().isoformat(), (), ZONE) == moment.date()
