"""Are working days those of the joint decrees, and can an admin put them right?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deadline_settings import DeadlineSettings, HolidaySettings
from gateway.working_days import WorkingDays
from tests.fakes import ZONE

DAYS = WorkingDays(DeadlineSettings(), ZONE)
SOME_DAY = st.dates(date(2023, 1, 1), date(2028, 12, 31))


def decreed(day: date, **facts: Any) -> HolidaySettings:
    return HolidaySettings(date=day, name="Hari uji", decree="SKB 1/2026", **facts)


def calendar(*holidays: HolidaySettings, **settings: Any) -> WorkingDays:
    return WorkingDays(DeadlineSettings(holidays=holidays, **settings), ZONE)


@pytest.mark.parametrize(
    "day",
    [
        date(2024, 2, 14),  # general election
        date(2024, 4, 10),  # Idul Fitri 1445
        date(2025, 4, 1),  # Idul Fitri 1446, second day
        date(2025, 12, 25),
        date(2026, 1, 1),
        date(2026, 2, 17),  # Imlek
        date(2026, 5, 27),  # Idul Adha
        date(2026, 8, 17),
        date(2026, 8, 22),  # a Saturday
        date(2026, 8, 23),  # a Sunday
    ],
)
def test_offices_are_closed_on_public_holidays_and_at_weekends(day: date) -> None:
    assert not DAYS.is_working(day)
    assert not calendar(collective_leave=False).is_working(day)


@pytest.mark.parametrize(
    "day",
    [date(2024, 4, 8), date(2024, 12, 26), date(2025, 4, 7), date(2026, 3, 20), date(2026, 3, 24), date(2026, 12, 24)],
)
def test_collective_leave_is_free_by_a_setting(day: date) -> None:
    assert not DAYS.is_working(day)
    assert calendar(collective_leave=False).is_working(day)


@pytest.mark.parametrize("day", [date(2024, 4, 16), date(2025, 8, 19), date(2026, 3, 25), date(2026, 8, 18)])
def test_other_days_are_working_days(day: date) -> None:
    assert DAYS.is_working(day)


def test_a_limit_runs_over_holidays_and_the_turn_of_the_year() -> None:
    # Nyepi, Idul Fitri and the collective leave around them: 18 to 24 March 2026.
    assert DAYS.add(date(2026, 3, 16), 3) == date(2026, 3, 26)
    assert DAYS.add(date(2026, 12, 23), 3) == date(2026, 12, 30)
    assert DAYS.add(date(2026, 12, 31), 1) == date(2027, 1, 4)
    assert DAYS.between(date(2026, 3, 16), date(2026, 3, 26)) == 3
    assert DAYS.between(date(2025, 12, 31), date(2027, 1, 4)) == sum(
        DAYS.is_working(date(2026, 1, 1) + timedelta(days=number)) for number in range(369)
    )


def test_a_moment_stands_for_its_day_in_the_gateways_zone() -> None:
    late = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)  # 23:30 WITA
    assert DAYS.day(late) == date(2026, 11, 23)
    assert DAYS.day(late + timedelta(minutes=30)) == date(2026, 11, 24)
    assert DAYS.add(late, 1) == date(2026, 11, 24)
    assert DAYS.between(late, late + timedelta(minutes=30)) == 1


def test_an_admin_adds_and_strikes_days() -> None:
    eve, feast = date(2026, 11, 24), date(2026, 12, 25)
    own = calendar(decreed(eve), decreed(feast, strike=True))
    assert DAYS.is_working(eve)
    assert not own.is_working(eve)
    assert own.is_working(feast)
    assert own.add(date(2026, 11, 23), 1) == date(2026, 11, 25)
    assert own.between(date(2026, 12, 23), feast) == 1


def test_a_struck_day_at_a_weekend_stays_free() -> None:
    assert not calendar(decreed(date(2026, 3, 21), strike=True)).is_working(date(2026, 3, 21))


@given(SOME_DAY, st.integers(1, 80))
def test_adding_and_counting_are_each_others_inverse(start: date, number: int) -> None:
    end = DAYS.add(start, number)
    assert DAYS.is_working(end)
    assert DAYS.between(start, end) == number
    assert DAYS.between(start, end - timedelta(days=1)) == number - 1


@given(SOME_DAY, st.integers(0, 60), st.integers(0, 10), st.integers(0, 20))
def test_a_later_start_or_a_longer_limit_never_ends_earlier(start: date, number: int, more: int, later: int) -> None:
    assert DAYS.add(start, number) <= DAYS.add(start, number + more)
    assert DAYS.add(start, number) <= DAYS.add(start + timedelta(days=later), number)


@given(SOME_DAY, SOME_DAY, SOME_DAY)
def test_counts_add_up(first: date, second: date, third: date) -> None:
    first, second, third = sorted([first, second, third])
    assert DAYS.between(first, second) + DAYS.between(second, third) == DAYS.between(first, third)
    assert DAYS.between(third, first) == 0


# What is not certain yet. The years lie far ahead, where no release knows the decree.

BEFORE = date(2050, 3, 31)


def eid_days() -> list[date]:
    """The days of the coming 60 that are only estimated."""
    return [date.fromisoformat(note[:10]) for note in DAYS.warnings(BEFORE) if note[:2] == "20"]


def test_an_estimated_day_ahead_is_told_until_it_is_added_or_struck() -> None:
    estimated = eid_days()
    assert estimated
    assert all(BEFORE < day <= BEFORE + timedelta(days=60) for day in estimated)
    settled = calendar(decreed(estimated[0]), *(decreed(day, strike=True) for day in estimated[1:]))
    assert settled.warnings(BEFORE) == []
    one = calendar(decreed(estimated[0]))
    assert len([note for note in one.warnings(BEFORE) if "estimated" in note]) == len(estimated) - 1


def test_an_estimated_day_far_ahead_or_past_is_not_told() -> None:
    own = calendar(collective_leave=False)
    last = eid_days()[-1]
    assert not [note for note in own.warnings(last) if note.startswith(str(last))]
    assert not [note for note in own.warnings(last - timedelta(days=61)) if note.startswith(str(last))]
    assert [note for note in own.warnings(last - timedelta(days=60)) if note.startswith(str(last))]


def test_a_year_without_known_collective_leave_is_told() -> None:
    assert any("cuti bersama" in note and "2050" in note for note in DAYS.warnings(BEFORE))
    assert not any("cuti bersama" in note for note in calendar(collective_leave=False).warnings(BEFORE))
    assert not any("cuti bersama" in note for note in calendar(decreed(date(2050, 4, 25))).warnings(BEFORE))


def test_decreed_days_are_no_cause_for_a_note() -> None:
    assert DAYS.warnings(date(2026, 2, 1)) == []
