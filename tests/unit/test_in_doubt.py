"""Is a report whose request ended without an answer looked up, never guessed, and never filed twice?"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.desk import Desk, StepResult
from gateway.lapor.errors import Refused, Unavailable
from gateway.steps.submit import submit
from state import deliveries
from state.models import EVENT, REPORT
from tests.fakes import FakeClock, FakeLapor, open_desk
from tests.unit.test_submit import paused_until, queue, row, stages

WAIT = timedelta(minutes=10)


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


def doubt(desk: Desk, lapor: FakeLapor, behaviour: Any = None, **changes: Any) -> int:
    """A report whose answer never came."""
    [number] = queue(desk, 1, **changes)
    lapor.next.append(behaviour or lapor.accept_without_answer)
    submit(desk, lapor)
    assert row(desk, number).stage == "in_doubt"
    return number


def test_it_is_looked_up_only_after_the_wait_from_the_send(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    number = doubt(desk, lapor)
    assert row(desk, number).next_attempt_at == row(desk, number).sent_at + WAIT
    clock.advance(minutes=9, seconds=59)
    submit(desk, lapor)
    assert (lapor.looked_up, row(desk, number).stage) == ([], "in_doubt")
    clock.advance(seconds=1)
    result = submit(desk, lapor)
    assert (row(desk, number).stage, row(desk, number).tracking_id) == ("accepted", "1000005")
    assert (result.counts["found"], len(lapor.submissions)) == (1, 1)


def test_a_late_commit_is_found_and_not_sent_again(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    number = doubt(desk, lapor, lapor.accept_late(minutes=12))
    clock.advance(minutes=10)
    submit(desk, lapor)
    assert (row(desk, number).stage, row(desk, number).absences) == ("in_doubt", 1)
    clock.advance(minutes=10)
    submit(desk, lapor)
    assert row(desk, number).stage == "accepted"
    assert set(lapor.copies().values()) == {1}


def test_only_one_that_was_absent_twice_is_sent_again(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    number = doubt(desk, lapor, lapor.lose)
    clock.advance(minutes=10)
    submit(desk, lapor)
    assert (len(lapor.looked_up), len(lapor.submissions)) == (1, 1)
    clock.advance(minutes=9)
    submit(desk, lapor)
    assert (len(lapor.looked_up), len(lapor.submissions)) == (1, 1)
    clock.advance(minutes=1)
    result = submit(desk, lapor)
    assert result.counts["requeued"] == 1
    assert (row(desk, number).stage, len(lapor.submissions)) == ("accepted", 2)
    assert set(lapor.copies().values()) == {1}


def test_the_absences_of_one_attempt_do_not_count_for_the_next(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    number = doubt(desk, lapor, lapor.lose)
    lapor.next.append(lapor.accept_late(minutes=11))
    for _ in range(2):
        clock.advance(minutes=10)
        submit(desk, lapor)
    assert (row(desk, number).stage, row(desk, number).absences) == ("in_doubt", 0)
    for _ in range(2):
        clock.advance(minutes=10)
        submit(desk, lapor)
    assert row(desk, number).stage == "accepted"
    assert set(lapor.copies().values()) == {1}


def test_one_that_lapor_has_twice_takes_the_earlier_and_is_told(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    number = doubt(desk, lapor)
    clock.advance(seconds=5)
    lapor.file(row(desk, number).external_id)
    clock.advance(minutes=10)
    result = submit(desk, lapor)
    assert row(desk, number).tracking_id == "1000005"
    assert result.outcome == "partial"
    assert "2 times" in result.message


@pytest.mark.parametrize("hides", [True, False], ids=["hidden", "listed"])
def test_an_absent_secret_report_waits_for_a_person_and_is_never_sent_again(
    desk: Desk, lapor: FakeLapor, clock: FakeClock, *, hides: bool
) -> None:
    lapor.hides_secret = hides
    number = doubt(desk, lapor, is_secret=True)
    for _ in range(5):
        clock.advance(minutes=10)
        submit(desk, lapor)
    kept = row(desk, number)
    expected = ("in_doubt", None) if hides else ("accepted", "1000005")
    assert (kept.stage, kept.tracking_id) == expected
    assert kept.next_attempt_at is None
    assert len(lapor.submissions) == 1


def test_a_server_that_ignores_the_lookup_leaves_it_to_a_person(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    lapor.looks_up = False
    lapor.file("somebody-elses")
    number = doubt(desk, lapor, lapor.lose)
    for _ in range(5):
        clock.advance(minutes=10)
        submit(desk, lapor)
    assert (row(desk, number).stage, row(desk, number).next_attempt_at) == ("in_doubt", None)
    assert len(lapor.submissions) == 1


def test_another_gateways_report_is_never_adopted(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    lapor.looks_up = False
    lapor.file("theirs", tracking_id="7777777")
    number = doubt(desk, lapor, lapor.lose)
    clock.advance(minutes=10)
    submit(desk, lapor)
    assert row(desk, number).tracking_id is None


def test_one_sent_to_another_lapor_waits_for_a_person(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    number = doubt(desk, lapor)
    other = FakeLapor(clock)
    other.target = "v3 https://lain.test"
    clock.advance(minutes=10)
    result = submit(desk, other)
    assert (row(desk, number).stage, row(desk, number).next_attempt_at) == ("in_doubt", None)
    assert (other.looked_up, other.submissions) == ([], [])
    assert result.outcome == "partial"


def test_a_lookup_that_fails_is_put_off_and_counts_no_absence(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    number = doubt(desk, lapor, lapor.lose)
    lapor.read_errors["find"] = Unavailable("http_500", "down")
    clock.advance(minutes=10)
    submit(desk, lapor)
    assert (row(desk, number).stage, row(desk, number).absences) == ("in_doubt", 0)
    assert row(desk, number).next_attempt_at >= clock()


def test_a_lookup_that_the_server_refuses_does_not_stop_the_other_reports(
    desk: Desk, lapor: FakeLapor, clock: FakeClock
) -> None:
    """An installation may answer 404 to the lookup: the report in doubt is a person's, filing goes on."""
    doubt(desk, lapor, lapor.lose)
    lapor.read_errors["find"] = Refused("wrong_address", "HTTP 404")
    clock.advance(minutes=10)
    [fresh] = queue(desk, 1)
    for _ in range(4):
        submit(desk, lapor)
        clock.advance(hours=2)
    assert row(desk, fresh).stage == "accepted"


def test_found_under_a_tracking_id_of_another_report_waits_for_a_person(
    desk: Desk, lapor: FakeLapor, clock: FakeClock
) -> None:
    [first] = queue(desk, 1)
    submit(desk, lapor)
    number = doubt(desk, lapor, lapor.lose)
    lapor.file(row(desk, number).external_id, tracking_id=row(desk, first).tracking_id)
    clock.advance(minutes=10)
    result = submit(desk, lapor)
    assert (row(desk, number).stage, row(desk, number).tracking_id) == ("in_doubt", None)
    assert (row(desk, number).next_attempt_at, result.outcome) == (None, "partial")


def test_what_a_killed_process_was_sending_is_in_doubt_from_its_own_send(
    desk: Desk, lapor: FakeLapor, clock: FakeClock
) -> None:
    [number] = queue(desk, 1)
    with desk.store.begin() as tx:
        assert len(deliveries.claim(tx, [number], lapor.target, clock())) == 1
    sent = clock()
    clock.advance(minutes=3)
    with desk.store.begin() as tx:
        assert deliveries.recover(tx, WAIT, clock()) == 1
    assert (row(desk, number).stage, row(desk, number).next_attempt_at) == ("in_doubt", sent + WAIT)
    with desk.store.read() as tx:
        told = tx.execute(sa.select(EVENT.c.detail).where(EVENT.c.kind == "in_doubt")).scalar_one()
    assert told["code"] == "interrupted"


def test_unanswered_requests_open_the_breaker_too(desk: Desk, lapor: FakeLapor) -> None:
    queue(desk, 60)
    lapor.always = lapor.lose
    submit(desk, lapor)
    assert len(lapor.submissions) <= 8 + desk.config.lapor.workers * 4
    assert paused_until(desk) is not None


def test_a_stopped_service_looks_nothing_up(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    doubt(desk, lapor)
    clock.advance(minutes=10)
    desk.stop.set()
    assert submit(desk, lapor) == StepResult()
    assert lapor.looked_up == []


BEHAVIOURS = st.lists(st.sampled_from(["accept", "lost", "committed", "late", "busy"]), min_size=1, max_size=12)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(course=BEHAVIOURS, secret=st.booleans())
def test_no_course_of_events_files_a_report_twice(tmp_path_factory: Any, course: list[str], *, secret: bool) -> None:
    """Late commits come within the wait that the settings promise, as a real server's do."""
    clock = FakeClock()
    lapor = FakeLapor(clock)
    kinds = {
        "accept": lapor.accept,
        "lost": lapor.lose,
        "committed": lapor.accept_without_answer,
        "late": lapor.accept_late(minutes=9),
        "busy": lapor.fail(Unavailable("http_503", "busy", timedelta(minutes=1))),
    }
    with open_desk(tmp_path_factory.mktemp("course"), clock) as desk:
        queue(desk, 4, is_secret=secret)
        lapor.next = [kinds[name] for name in course]
        for _ in range(12):
            submit(desk, lapor)
            clock.advance(minutes=11)
        assert set(lapor.copies().values()) == {1} or not lapor.copies()
        left = stages(desk)
        assert sum(left.values()) == 4
        assert set(left) <= ({"accepted", "in_doubt"} if secret else {"accepted", "queued"})
        with desk.store.read() as tx:
            rows = tx.execute(sa.select(REPORT.c.external_id, REPORT.c.tracking_id, REPORT.c.stage)).all()
        ours = {c.tracking_id: c.external_id for c in lapor.present()}
        assert all(ours[kept.tracking_id] == kept.external_id for kept in rows if kept.stage == "accepted")


def test_where_nothing_can_be_read_the_outcome_waits_for_a_person_at_once(
    desk: Desk, lapor: FakeLapor, clock: FakeClock
) -> None:
    lapor.reads = False
    number = doubt(desk, lapor)
    assert row(desk, number).next_attempt_at is None
    clock.advance(days=1)
    submit(desk, lapor)
    assert (row(desk, number).stage, lapor.looked_up, len(lapor.submissions)) == ("in_doubt", [], 1)


def test_what_a_killed_process_was_sending_waits_for_a_person_where_nothing_can_be_read(
    desk: Desk, lapor: FakeLapor, clock: FakeClock
) -> None:
    lapor.reads = False
    [number] = queue(desk, 1)
    with desk.store.begin() as tx:
        deliveries.claim(tx, [number], lapor.target, clock())
    submit(desk, lapor)
    clock.advance(minutes=11)
    result = submit(desk, lapor)
    assert (row(desk, number).stage, row(desk, number).next_attempt_at) == ("in_doubt", None)
    assert (result.counts["for_a_person"], lapor.looked_up, lapor.submissions) == (1, [], [])
