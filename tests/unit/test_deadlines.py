"""Is what is late found in every stage, counted from the citizen's first message, and laid at the right door?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.deadline_settings import DeadlineSettings
from gateway.deadlines import Late, Rules, Target, Turn, overdue
from gateway.desk import Desk
from gateway.steps.submit import submit
from gateway.steps.track import track
from gateway.working_days import WorkingDays
from state import channels, deliveries, ledger
from state.channels import Pin
from state.ledger import NewRecord, NewReport
from state.lifecycle import Disposition, Stage
from state.models import REPORT
from tests.fakes import NOON, ZONE, FakeClock, FakeLapor, open_desk, values

DAYS = WorkingDays(DeadlineSettings(), ZONE)
RULES = Rules(DeadlineSettings(), DAYS, typed_by_hand=False)
TODAY = date(2026, 11, 23)
"""A Monday."""
ANSWERED = "Ditindaklanjuti oleh Instansi"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def desk(tmp_path: Path, clock: FakeClock) -> Iterator[Desk]:
    with open_desk(tmp_path, clock) as desk:
        yield desk


@pytest.fixture
def lapor(clock: FakeClock) -> FakeLapor:
    return FakeLapor(clock)


def add(desk: Desk, key: str = "1", stage: Stage = Stage.QUEUED, channel: str = "web", **facts: Any) -> int:
    """A report of a channel as `collect` would keep it, found now."""
    received = facts.pop("received_at", None)
    report = NewReport(stage, values(**facts))
    record = NewRecord(key, key, "1", Disposition.REPORT, None, received, {}, report=report)
    with desk.store.begin() as tx:
        known = channels.pin(tx, Pin(channel, "fake", f"fake://{channel}", "all"), {}, desk.now())
        [number] = ledger.add(tx, "kaltim", known.id, [record], desk.now())
    return number


def filed(desk: Desk, lapor: FakeLapor, **facts: Any) -> str:
    """A report that LAPOR has; its tracking id."""
    number = add(desk, **facts)
    submit(desk, lapor)
    with desk.store.read() as tx:
        return str(tx.scalar(sa.select(REPORT.c.tracking_id).where(REPORT.c.id == number)))


def happens(desk: Desk, lapor: FakeLapor, tracking_id: str, status: str, answer: str | None = None) -> None:
    """The agency or LAPOR does something, and the gateway reads it."""
    if answer is not None:
        lapor.write(tracking_id, answer, desk.now().isoformat())
    lapor.change(tracking_id, status)
    track(desk, lapor)


def late(desk: Desk, channel: str | None = None, rules: Rules = RULES) -> dict[Target, Late]:
    with desk.store.read() as tx:
        return {item.target: item for item in overdue(tx, rules, desk.now(), channel)}


def told(desk: Desk) -> dict[Target, tuple[date, int, Turn, int]]:
    return {target: (item.due, item.days_late, item.turn, item.ours) for target, item in late(desk).items()}


# Before LAPOR has it


def test_a_report_is_late_from_the_first_working_day_after_its_limit(desk: Desk, clock: FakeClock) -> None:
    add(desk)
    clock.advance(days=3)
    assert told(desk) == {}
    clock.advance(days=1)
    assert told(desk) == {Target.FORWARD: (date(2026, 11, 26), 1, Turn.GATEWAY, 4)}
    clock.advance(days=1)  # a Saturday
    assert told(desk)[Target.FORWARD][1] == 1


def test_a_limit_that_ends_before_the_weekend_is_missed_on_monday(desk: Desk, clock: FakeClock) -> None:
    clock.advance(days=1)
    add(desk)
    clock.advance(days=5)
    assert clock().astimezone(ZONE).strftime("%a") == "Sun"
    assert told(desk) == {}
    clock.advance(days=1)
    assert told(desk)[Target.FORWARD][:2] == (date(2026, 11, 27), 1)


@pytest.mark.parametrize(("stage", "turn"), [(Stage.HELD, Turn.OPERATOR), (Stage.QUEUED, Turn.GATEWAY)])
def test_what_is_not_filed_is_ours(desk: Desk, clock: FakeClock, stage: Stage, turn: Turn) -> None:
    add(desk, stage=stage)
    clock.advance(days=90)
    assert set(told(desk)) == set(Target) - {Target.CLOSE}
    assert {item.turn for item in late(desk).values()} == {turn}
    assert late(desk)[Target.RESOLVE].due == TODAY + timedelta(days=60)


def test_a_refused_report_is_the_operators(desk: Desk, clock: FakeClock) -> None:
    number = add(desk)
    settle(desk, number, deliveries.Rejected([{"code": "rejected", "field": "title", "detail": "x"}]))
    clock.advance(days=7)
    assert late(desk)[Target.FORWARD].turn == Turn.OPERATOR


@pytest.mark.parametrize(("look_at", "turn"), [(NOON, Turn.GATEWAY), (None, Turn.OPERATOR)])
def test_a_report_in_doubt_is_ours_or_the_operators(
    desk: Desk, clock: FakeClock, look_at: datetime | None, turn: Turn
) -> None:
    settle(desk, add(desk), deliveries.Unknown(look_at, "no_answer"))
    clock.advance(days=7)
    assert late(desk)[Target.FORWARD].turn == turn


def settle(desk: Desk, number: int, outcome: deliveries.Outcome) -> None:
    with desk.store.begin() as tx:
        deliveries.claim(tx, [number], "v3 https://lapor.test", desk.now())
        deliveries.settle(tx, {number: outcome}, desk.now())


def test_what_a_person_types_is_the_operators(desk: Desk, clock: FakeClock) -> None:
    add(desk)
    clock.advance(days=7)
    assert late(desk, rules=replace(RULES, typed_by_hand=True))[Target.FORWARD].turn == Turn.OPERATOR


def test_what_is_no_report_or_dropped_has_no_deadline(desk: Desk, clock: FakeClock) -> None:
    add(desk, stage=Stage.DROPPED)
    others = [Disposition.BASELINE, Disposition.IGNORED, Disposition.REPLY, Disposition.JOINED]
    with desk.store.begin() as tx:
        records = [NewRecord(kind, kind, "1", kind, None, NOON - timedelta(days=99), {}) for kind in others]
        ledger.add(tx, "kaltim", "web", records, desk.now())
    clock.advance(days=90)
    assert told(desk) == {}


# When the clock starts


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (None, date(2026, 11, 26)),
        (date(2026, 11, 16), date(2026, 11, 19)),
        (datetime(2026, 11, 16, 15, 30, tzinfo=UTC), date(2026, 11, 19)),  # 23:30 WITA
        (datetime(2026, 11, 16, 16, 30, tzinfo=UTC), date(2026, 11, 20)),  # 00:30 WITA of the 17th
        (date(2026, 11, 14), date(2026, 11, 18)),  # a Saturday
        (date(2027, 1, 1), date(2026, 11, 26)),  # ahead: when it was found
    ],
)
def test_the_clock_starts_with_the_citizens_first_message(
    desk: Desk, clock: FakeClock, received: date | None, due: date
) -> None:
    add(desk, received_at=received)
    clock.advance(days=7)
    assert late(desk)[Target.FORWARD].due == due


def test_time_in_the_gateway_counts_and_is_shown_as_ours(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    add(desk, received_at=date(2026, 11, 16), stage=Stage.HELD)
    clock.advance(days=2)
    with desk.store.begin() as tx:
        tx.execute(sa.update(REPORT).values(stage=Stage.QUEUED))
    submit(desk, lapor)
    clock.advance(days=5)
    assert told(desk)[Target.FORWARD] == (date(2026, 11, 19), 7, Turn.LAPOR, 2)


# In LAPOR


def test_an_agency_that_does_not_answer_is_late(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    tracking_id = filed(desk, lapor)
    clock.advance(days=4)
    assert told(desk)[Target.FORWARD] == (date(2026, 11, 26), 1, Turn.LAPOR, 0)
    happens(desk, lapor, tracking_id, "Terdisposisi ke Dinas PU")
    assert told(desk) == {}
    clock.advance(days=4)
    assert told(desk) == {Target.FIRST_FOLLOW_UP: (date(2026, 11, 30), 1, Turn.AGENCY, 0)}
    assert late(desk)[Target.FIRST_FOLLOW_UP].tracking_id == tracking_id


def test_after_an_answer_it_is_the_citizens_turn_then_lapors(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    tracking_id = filed(desk, lapor, classification="2")
    clock.advance(days=2)
    happens(desk, lapor, tracking_id, ANSWERED, "Sudah kami perbaiki.")
    clock.advance(days=14)  # ten working days later: Wednesday, 9 December
    assert told(desk) == {}
    clock.advance(days=1)
    assert told(desk) == {Target.CLOSE: (date(2026, 12, 9), 1, Turn.CLOSING, 0)}
    clock.advance(days=5)  # the clock had counted 2, and stood still for 10: the fifth day was 14 December
    assert told(desk)[Target.BY_CLASS] == (date(2026, 12, 14), 1, Turn.AGENCY, 0)


def test_a_report_answered_too_late_waits_for_the_citizen(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    tracking_id = filed(desk, lapor, classification="2")
    clock.advance(days=9)
    happens(desk, lapor, tracking_id, ANSWERED, "Sudah kami perbaiki.")
    clock.advance(days=2)
    assert told(desk) == {Target.BY_CLASS: (date(2026, 11, 30), 2, Turn.REPORTER, 0)}


def test_a_citizens_reply_brings_the_agencys_turn_back(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    tracking_id = filed(desk, lapor, classification="2")
    clock.advance(days=1)
    happens(desk, lapor, tracking_id, ANSWERED, "Sudah kami perbaiki.")
    clock.advance(days=6)
    happens(desk, lapor, tracking_id, "Ditanggapi oleh Pelapor")
    clock.advance(days=7)  # 1 before the answer, 5 since the reply
    assert told(desk) == {Target.BY_CLASS: (date(2026, 12, 4), 1, Turn.AGENCY, 0)}


def test_a_reply_with_our_id_is_no_answer_of_the_agency(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    tracking_id = filed(desk, lapor)
    lapor.write(tracking_id, "Belum juga.", clock().isoformat())
    lapor.written[tracking_id][0] = replace(lapor.written[tracking_id][0], external_id="x")
    happens(desk, lapor, tracking_id, "Terdisposisi ke Dinas PU")
    clock.advance(days=8)
    assert Target.FIRST_FOLLOW_UP in late(desk)


def test_waiting_for_the_citizen_stops_the_clock(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    tracking_id = filed(desk, lapor)
    happens(desk, lapor, tracking_id, "Terdisposisi ke Dinas PU")
    clock.advance(days=2)
    happens(desk, lapor, tracking_id, "Menunggu Kelengkapan Informasi")
    clock.advance(days=21)
    assert told(desk) == {}
    happens(desk, lapor, tracking_id, "Terdisposisi Belum Ditindaklanjuti")
    clock.advance(days=5)  # 2 before, 3 since: 17, 18 and 21 December
    assert told(desk) == {}
    clock.advance(days=1)
    assert told(desk)[Target.FIRST_FOLLOW_UP] == (date(2026, 12, 21), 1, Turn.AGENCY, 0)


def test_what_was_late_before_it_waits_stays_late(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    tracking_id = filed(desk, lapor)
    happens(desk, lapor, tracking_id, "Terdisposisi ke Dinas PU")
    clock.advance(days=9)
    happens(desk, lapor, tracking_id, "Tertunda")
    clock.advance(days=20)
    assert told(desk) == {Target.FIRST_FOLLOW_UP: (date(2026, 11, 30), 2, Turn.REPORTER, 0)}


@pytest.mark.parametrize("status", ["Ditutup oleh Sistem", "Diarsipkan oleh Admin", "Konten Terblokir"])
def test_what_is_done_has_no_deadline(desk: Desk, lapor: FakeLapor, clock: FakeClock, status: str) -> None:
    tracking_id = filed(desk, lapor)
    clock.advance(days=99)
    assert told(desk) != {}
    happens(desk, lapor, tracking_id, status)
    assert told(desk) == {}


def test_a_report_that_was_closed_and_opened_again_did_not_run(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    tracking_id = filed(desk, lapor)
    happens(desk, lapor, tracking_id, ANSWERED, "Sudah kami perbaiki.")
    happens(desk, lapor, tracking_id, "Ditutup oleh Sistem")
    clock.advance(days=70)
    happens(desk, lapor, tracking_id, "Ditanggapi oleh Pelapor")
    clock.advance(days=7)
    assert told(desk) == {}


def test_an_amended_classification_has_its_own_limit(desk: Desk, clock: FakeClock) -> None:
    number = add(desk)
    with desk.store.begin() as tx:
        tx.execute(sa.update(REPORT).where(REPORT.c.id == number).values(amendments={"classification": "3"}))
    clock.advance(days=8)
    assert late(desk)[Target.BY_CLASS].due == date(2026, 11, 30)


def test_limits_are_settings(desk: Desk, clock: FakeClock) -> None:
    limits = DeadlineSettings(forward=1, first_follow_up=2, resolve_days=1, by_class={"1": 2})
    add(desk)
    clock.advance(days=3)
    dues = {target: item.due for target, item in late(desk, rules=replace(RULES, limits=limits)).items()}
    day = {number: TODAY + timedelta(days=number) for number in (1, 2)}
    assert dues == {
        Target.FORWARD: day[1],
        Target.RESOLVE: day[1],
        Target.FIRST_FOLLOW_UP: day[2],
        Target.BY_CLASS: day[2],
    }


def test_one_channel_alone_and_few_statements(desk: Desk, clock: FakeClock) -> None:
    for number in range(30):
        add(desk, key=str(number), channel="web" if number % 3 else "surel")
    clock.advance(days=4)
    statements: list[str] = []
    sa.event.listen(desk.store.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    with desk.store.read() as tx:
        assert len(overdue(tx, RULES, desk.now(), "surel")) == 10
    assert len(statements) <= 4
