"""Do waits grow, end at the limit, and never come all at once?"""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.steps.backoff import wait

FIRST, LONGEST = timedelta(seconds=30), timedelta(hours=1)


@given(failures=st.integers(-5, 10_000))
def test_no_wait_is_negative_or_longer_than_the_limit(failures: int) -> None:
    assert timedelta(0) <= wait(failures, FIRST, LONGEST) <= LONGEST


@given(failures=st.integers(1, 6))
def test_a_wait_is_at_most_the_first_doubled_for_each_failure(failures: int) -> None:
    assert all(wait(failures, FIRST, LONGEST) <= FIRST * 2 ** (failures - 1) for _ in range(20))


def test_waits_are_spread_over_the_whole_length() -> None:
    waits = [wait(3, FIRST, LONGEST) / (FIRST * 4) for _ in range(500)]
    assert min(waits) < 0.2
    assert max(waits) > 0.8
    assert len(set(waits)) > 400
