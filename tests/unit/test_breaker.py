"""Is LAPOR left alone when it does not serve, and found again with one request?"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.desk import Desk, StepResult
from gateway.lapor.errors import LaporError, OutcomeUnknown, Refused, Rejected, Unavailable
from gateway.steps.breaker import Breaker
from state import targets
from state.targets import TargetState
from tests.fakes import TARGET, FakeClock, FakeLapor, open_desk

DOWN = Unavailable("http_503", "maintenance")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def desk(tmp_path: Path, clock: FakeClock) -> Iterator[Desk]:
    random.seed(7)
    with open_desk(tmp_path, clock) as desk:
        yield desk


@pytest.fixture
def lapor(clock: FakeClock) -> FakeLapor:
    return FakeLapor(clock)


def breaker(desk: Desk, lapor: FakeLapor) -> Breaker:
    return Breaker(desk, lapor, StepResult())


def known(desk: Desk) -> TargetState:
    with desk.store.read() as tx:
        return targets.get(tx, TARGET)


def after(desk: Desk, lapor: FakeLapor, *errors: LaporError) -> Breaker:
    """A breaker that saw these failures, saved."""
    made = breaker(desk, lapor)
    for error in errors:
        made.failed(error)
    made.save()
    return made


@pytest.mark.parametrize("error", [DOWN, OutcomeUnknown("no_answer", "x")])
def test_it_opens_at_the_eighth_failure_in_a_row(desk: Desk, lapor: FakeLapor, error: LaporError) -> None:
    made = breaker(desk, lapor)
    for _ in range(7):
        made.failed(error)
    assert made.room(8) == 8
    made.failed(error)
    assert made.room(8) == 0


def test_a_success_or_a_rejection_breaks_the_row(desk: Desk, lapor: FakeLapor) -> None:
    for mend in (lambda made: made.succeeded(), lambda made: made.failed(Rejected("no", {}))):
        made = breaker(desk, lapor)
        for _ in range(7):
            made.failed(DOWN)
        mend(made)
        made.failed(DOWN)
        assert made.room(8) == 8


def test_a_refusal_opens_at_once(desk: Desk, lapor: FakeLapor) -> None:
    made = after(desk, lapor, Refused("unauthorized", "wrong token"))
    assert made.room(8) == 0
    assert (known(desk).failures, known(desk).pause_reason) == (1, "unauthorized")


def test_while_paused_nothing_is_asked_and_the_result_says_until_when(
    desk: Desk, lapor: FakeLapor, clock: FakeClock
) -> None:
    after(desk, lapor, *[Unavailable("http_503", "x", timedelta(minutes=20))] * 8)
    clock.advance(minutes=19)
    result = StepResult()
    assert not Breaker(desk, lapor, result).closed()
    assert result.outcome == "failed"
    assert "12:20:00" in result.message
    clock.advance(minutes=1)
    assert breaker(desk, lapor).closed()


def test_after_the_pause_one_request_probes_until_one_succeeds(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    after(desk, lapor, *[DOWN] * 8)
    clock.advance(hours=1)
    made = breaker(desk, lapor)
    assert made.room(8) == 1
    made.failed(DOWN)
    assert made.room(8) == 0
    made.save()
    assert known(desk).failures == 2
    clock.advance(hours=1)
    made = breaker(desk, lapor)
    made.succeeded()
    assert made.room(8) == 8
    made.save()
    assert known(desk) == TargetState(TARGET, 0, None, "")


def test_a_round_without_any_request_leaves_the_probing_to_the_next(
    desk: Desk, lapor: FakeLapor, clock: FakeClock
) -> None:
    after(desk, lapor, *[DOWN] * 8)
    clock.advance(hours=1)
    breaker(desk, lapor).save()
    assert (known(desk).failures, breaker(desk, lapor).room(8)) == (1, 1)


def test_a_wish_of_lapor_is_kept_though_the_backoff_would_be_shorter(
    desk: Desk, lapor: FakeLapor, clock: FakeClock
) -> None:
    after(desk, lapor, *[Unavailable("http_429", "x", timedelta(minutes=50))] * 8)
    assert known(desk).paused_until == clock() + timedelta(minutes=50)


def test_the_days_limit_leaves_room_for_what_is_left_only(tmp_path: Path, clock: FakeClock, lapor: FakeLapor) -> None:
    with open_desk(tmp_path, clock, lapor={"per_day": 3}) as desk:
        made = breaker(desk, lapor)
        assert made.room(8) == 3
        lapor.find("x")
        assert made.room(8) == 2
        made.save()
        lapor.find("x")
        other = breaker(desk, lapor)
        assert other.room(8) == 1
