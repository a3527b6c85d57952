"""Are LAPOR's own rules for a report kept, and is each breach named?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.report import FIELDS, PRIVACY, REQUIRED, Report, capped, problems
from tests.fakes import NOON, values

ZONES = [ZoneInfo(name) for name in ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")]


def codes(**changes: Any) -> list[tuple[str, str]]:
    return [(reason.code, reason.field) for reason in problems(values(**changes), NOON)]


def test_a_whole_report_has_no_problems_and_keeps_its_values() -> None:
    assert codes() == []
    report = Report.of(values(latitude=-0.5))
    assert (report.date_of_incident, report.latitude, report.reporter_email) == (date(2026, 11, 20), -0.5, None)


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("empty", [None, ""])
def test_each_required_field_is_missed(name: str, empty: str | None) -> None:
    assert codes(**{name: empty}) == [("field_missing", name)]


@pytest.mark.parametrize("name", PRIVACY)
@pytest.mark.parametrize("value", [None, "", "ya", 1, 0, "false"])
def test_only_true_and_false_state_a_wish(name: str, value: Any) -> None:
    assert codes(**{name: value}) == [("privacy_unknown", name)]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": "x" * 256}, "too_long"),
        ({"content": "x" * 3001}, "too_long"),
        ({"classification": "4"}, "value_unknown"),
        ({"classification": 1}, "value_unknown"),
        ({"date_of_incident": "kemarin"}, "date_unreadable"),
        ({"reporter_email": "warga"}, "email_invalid"),
        ({"reporter_email": "a@b@c.d"}, "email_invalid"),
        ({"reporter_nik": "123"}, "nik_invalid"),
        ({"latitude": 90.1}, "value_invalid"),
        ({"longitude": -180.1}, "value_invalid"),
        ({"latitude": float("nan")}, "value_invalid"),
        ({"latitude": True}, "value_invalid"),
        ({"latitude": "-0.5"}, "value_invalid"),
    ],
)
def test_each_breach_is_named_once(changes: dict[str, Any], code: str) -> None:
    [name] = changes
    assert codes(**changes) == [(code, name)]


@given(
    now=st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    zone=st.sampled_from(ZONES),
    ahead=st.integers(-3, 3),
)
def test_today_anywhere_in_indonesia_is_never_in_the_future_of_wib(now: datetime, zone: ZoneInfo, ahead: int) -> None:
    there = now.astimezone(zone).date() + timedelta(days=ahead)
    day = capped(there, now, zone)
    found = [reason.code for reason in problems(values(date_of_incident=day.isoformat()), now)]
    assert found == (["date_in_future"] if ahead > 0 and day > now.astimezone(ZONES[0]).date() else [])
    assert ahead > 0 or found == []
    assert there - day in (timedelta(0), timedelta(days=1))


def test_every_field_of_a_report_is_listed_once() -> None:
    assert sorted(FIELDS) == sorted(Report.__dataclass_fields__)
