"""Are durations and rates read as written, and is everything else a plain mistake?"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from gateway.durations import Duration, PositiveDuration, Rate

DURATION: TypeAdapter[timedelta] = TypeAdapter(Duration)
POSITIVE: TypeAdapter[timedelta] = TypeAdapter(PositiveDuration)
RATE: TypeAdapter[float] = TypeAdapter(Rate)


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("10m", 600), ("1h", 3600), ("2d", 172800), ("0m", 0), (" 1.5 h ", 5400)]
)
def test_a_duration_has_a_number_and_a_unit(text: str, seconds: float) -> None:
    assert DURATION.validate_python(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("value", ["", "10", 10, 1.5, "m", "-5m", "5 minutes", "5M", "1h30m", "1e3s", None, True])
def test_anything_else_is_no_duration(value: Any) -> None:
    with pytest.raises(ValidationError, match="expected a duration"):
        DURATION.validate_python(value)


def test_nothing_is_no_positive_duration() -> None:
    with pytest.raises(ValidationError, match="more than nothing"):
        POSITIVE.validate_python("0s")
    assert POSITIVE.validate_python("1s") == timedelta(seconds=1)


@pytest.mark.parametrize(("text", "per_second"), [("5/s", 5.0), ("120/m", 2.0), ("3600 / h", 1.0), ("0.5/s", 0.5)])
def test_a_rate_is_a_number_in_a_time(text: str, per_second: float) -> None:
    assert RATE.validate_python(text) == per_second


@pytest.mark.parametrize("value", ["0/s", "-1/s", "5", 5, 5.0, "5/d", "/s", "", None, "9" * 400 + "/s"])
def test_anything_else_is_no_rate(value: Any) -> None:
    with pytest.raises(ValidationError, match="expected a rate"):
        RATE.validate_python(value)


@given(st.text() | st.from_regex(r"\A\d+(\.\d+)?\s*[smhd/]{1,2}\Z"))
@example("9" * 400 + "d")
@example("9" * 15 + "d")
def test_no_text_raises_anything_but_a_plain_mistake(text: str) -> None:
    for adapter in (DURATION, POSITIVE, RATE):
        with suppress(ValidationError):
            assert adapter.validate_python(text) is not None
