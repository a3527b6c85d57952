"""Is every change in LAPOR kept once, in LAPOR's own order, however pages shift?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.desk import Desk
from gateway.lapor.errors import Refused, Unavailable
from gateway.steps.submit import submit
from gateway.steps.track import track
from state import targets, tracking
from state.models import EVENT, FOLLOW_UP
from tests.fakes import TARGET, FakeClock, FakeLapor, open_desk
from tests.unit.test_submit import queue, row


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


def filed(desk: Desk, lapor: FakeLapor, count: int = 1, **changes: Any) -> list[int]:
    """Reports that LAPOR has."""
    numbers = queue(desk, count, **changes)
    submit(desk, lapor)
    return numbers


def settled(desk: Desk, lapor: FakeLapor, clock: FakeClock, count: int = 1) -> list[int]:
    """Filed reports that were looked at once, so that only the list tells of changes."""
    numbers = filed(desk, lapor, count)
    track(desk, lapor)
    clock.advance(minutes=1)
    return numbers


def cursor(desk: Desk) -> str | None:
    with desk.store.read() as tx:
        return tracking.cursor(tx, TARGET)


def follow_ups(desk: Desk, number: int) -> list[tuple[str, int]]:
    with desk.store.read() as tx:
        query = sa.select(FOLLOW_UP.c.text, FOLLOW_UP.c.ordinal).where(FOLLOW_UP.c.report_id == number)
        return [(text, ordinal) for text, ordinal in tx.execute(query.order_by(FOLLOW_UP.c.id))]


def events(desk: Desk, number: int, kind: str) -> int:
    with desk.store.read() as tx:
        query = sa.select(sa.func.count()).where(EVENT.c.record_id == number, EVENT.c.kind == kind)
        return tx.scalar(query.select_from(EVENT)) or 0


def number_of(desk: Desk, report: int) -> str:
    return str(row(desk, report).tracking_id)


def test_a_change_brings_status_detail_and_follow_ups_once(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    [report] = settled(desk, lapor, clock)
    lapor.write(number_of(desk, report), "Sudah ditambal.")
    lapor.change(number_of(desk, report), "Ditindaklanjuti oleh Instansi")
    result = track(desk, lapor)
    kept = row(desk, report)
    assert (kept.lapor_status, kept.lapor_canonical) == ("Ditindaklanjuti oleh Instansi", "in_progress")
    assert (kept.lapor_updated_at, kept.lapor) == (clock(), {"hold_reason": None, "settled": False})
    assert (result.counts["changed"], result.counts["follow_ups"]) == (1, 1)
    track(desk, lapor)
    clock.advance(minutes=5)
    track(desk, lapor)
    assert follow_ups(desk, report) == [("Sudah ditambal.", 1)]
    assert (events(desk, report, "status"), events(desk, report, "follow_up")) == (1, 1)


def test_it_goes_on_from_the_last_instant_inclusively(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    first, second = settled(desk, lapor, clock, 2)
    lapor.change(number_of(desk, first), "Tertunda")
    track(desk, lapor)
    saved = cursor(desk)
    assert saved == clock().isoformat()
    # Another change of the very same instant comes to light only later.
    lapor.change(number_of(desk, second), "Arsip")
    track(desk, lapor)
    assert (saved, 1) in lapor.asked
    assert row(desk, second).lapor_status == "Arsip"


def test_changes_over_many_pages_are_all_read_from_page_one_again(
    desk: Desk, lapor: FakeLapor, clock: FakeClock
) -> None:
    reports = settled(desk, lapor, clock, 12)
    lapor.page_size = 3
    for report in reports:
        clock.advance(seconds=1)
        lapor.change(number_of(desk, report), "Tertunda")
    lapor.asked.clear()
    track(desk, lapor)
    assert {row(desk, report).lapor_status for report in reports} == {"Tertunda"}
    assert {page for since, page in lapor.asked if since == clock().isoformat()} <= {1}


def test_reports_that_change_between_two_pages_are_not_lost(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    reports = settled(desk, lapor, clock, 12)
    lapor.page_size = 3
    for report in reports:
        clock.advance(seconds=1)
        lapor.change(number_of(desk, report), "Tertunda")
    moving = iter(reports[:6])

    def shift() -> None:
        """After each page one of the early reports moves to the end of the list."""
        report = next(moving, None)
        if report is not None:
            clock.advance(seconds=1)
            lapor.change(number_of(desk, report), "Arsip")

    lapor.after_page = shift
    track(desk, lapor)
    assert [row(desk, report).lapor_status for report in reports] == ["Arsip"] * 6 + ["Tertunda"] * 6


def test_within_one_instant_pages_are_turned(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    reports = settled(desk, lapor, clock, 10)
    lapor.page_size = 3
    for report in reports:
        lapor.change(number_of(desk, report), "Tertunda")
    track(desk, lapor)
    assert {row(desk, report).lapor_status for report in reports} == {"Tertunda"}
    assert (clock().isoformat(), 4) in lapor.asked


def test_a_page_that_shrank_meanwhile_ends_the_reading(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    reports = settled(desk, lapor, clock, 5)
    lapor.page_size = 3
    for report in reports:
        lapor.change(number_of(desk, report), "Tertunda")

    def shrink() -> None:
        lapor.page_size = 100

    lapor.after_page = shrink
    track(desk, lapor)
    track(desk, lapor)
    assert {row(desk, report).lapor_status for report in reports} == {"Tertunda"}


def test_older_news_never_overwrite_newer(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    [report] = settled(desk, lapor, clock)
    lapor.change(number_of(desk, report), "Ditutup oleh Admin")
    track(desk, lapor)
    newest = row(desk, report).lapor_updated_at
    lapor.change(number_of(desk, report), "Belum Terverifikasi", at=newest - timedelta(seconds=30))
    with desk.store.begin() as tx:
        tracking.save_cursor(tx, TARGET, (newest - timedelta(minutes=5)).isoformat())
    track(desk, lapor)
    kept = row(desk, report)
    assert (kept.lapor_status, kept.lapor_updated_at) == ("Ditutup oleh Admin", newest)


def test_a_status_may_go_back_when_lapor_says_so_later(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    [report] = settled(desk, lapor, clock)
    for status in ("Ditutup oleh Sistem", "Ditanggapi oleh Pelapor"):
        clock.advance(minutes=1)
        lapor.change(number_of(desk, report), status)
        track(desk, lapor)
    assert row(desk, report).lapor_canonical == "replied"
    assert events(desk, report, "status") == 2


def test_equal_follow_ups_are_counted_by_their_ordinal(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    [report] = settled(desk, lapor, clock)
    for count in (1, 2, 3):
        lapor.write(number_of(desk, report), "Sedang kami proses.")
        clock.advance(minutes=1)
        lapor.change(number_of(desk, report), "Ditindaklanjuti oleh Instansi")
        track(desk, lapor)
        assert follow_ups(desk, report) == [("Sedang kami proses.", n + 1) for n in range(count)]


def test_an_unknown_status_is_kept_as_it_is_and_told(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    [report] = settled(desk, lapor, clock)
    lapor.change(number_of(desk, report), "Menunggu Paripurna")
    result = track(desk, lapor)
    assert (row(desk, report).lapor_status, row(desk, report).lapor_canonical) == ("Menunggu Paripurna", "unknown")
    assert result.counts["unknown_status"] == 1
    assert {"where": f"report {report}", "code": "status_unknown", "detail": "Menunggu Paripurna"} in result.problems


def test_a_secret_report_is_asked_for_by_itself(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    [report] = filed(desk, lapor, is_secret=True)
    track(desk, lapor)
    lapor.change(number_of(desk, report), "Terdisposisi ke Dinas PU")
    track(desk, lapor)
    assert row(desk, report).lapor_status == "Belum Terverifikasi"
    clock.advance(hours=1)
    track(desk, lapor)
    assert row(desk, report).lapor_canonical == "disposed"


def test_reports_of_others_are_left_alone(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    [report] = settled(desk, lapor, clock)
    lapor.file("somebody-elses", tracking_id="42424242")
    track(desk, lapor)
    lapor.file("not-ours", tracking_id=number_of(desk, report))
    lapor.change("42424242", "Arsip")
    clock.advance(minutes=1)
    result = track(desk, lapor)
    assert (row(desk, report).lapor_status, result.counts["changed"]) == ("Belum Terverifikasi", 0)


def test_an_outage_moves_no_cursor_and_the_next_round_catches_up(
    desk: Desk, lapor: FakeLapor, clock: FakeClock
) -> None:
    [report] = settled(desk, lapor, clock)
    before = cursor(desk)
    lapor.change(number_of(desk, report), "Tertunda")
    lapor.read_errors["changed"] = Unavailable("http_500", "LAPOR answered HTTP 500")
    result = track(desk, lapor)
    assert (result.outcome, cursor(desk)) == ("failed", before)
    lapor.read_errors.clear()
    clock.advance(days=3)
    track(desk, lapor)
    assert row(desk, report).lapor_status == "Tertunda"


@pytest.mark.parametrize("error", [Refused("wrong_address", "HTTP 404"), Unavailable("http_500", "HTTP 500")])
def test_one_report_whose_follow_ups_cannot_be_read_stops_neither_the_others_nor_filing(
    desk: Desk, lapor: FakeLapor, clock: FakeClock, error: Any
) -> None:
    poison, other = settled(desk, lapor, clock, 2)
    lapor.broken_followups[number_of(desk, poison)] = error
    for report in (poison, other):
        clock.advance(seconds=1)
        lapor.change(number_of(desk, report), "Tertunda")
    for _ in range(8):
        track(desk, lapor)
        clock.advance(hours=1, minutes=1)
    assert row(desk, other).lapor_status == "Tertunda"
    with desk.store.read() as tx:
        assert targets.get(tx, TARGET).failures == 0


def test_a_report_that_lapor_no_longer_knows_is_told_and_harms_nothing(
    desk: Desk, lapor: FakeLapor, clock: FakeClock
) -> None:
    [report] = filed(desk, lapor)
    lapor._filed.clear()
    clock.advance(days=30, minutes=1)
    result = track(desk, lapor)
    assert (result.outcome, row(desk, report).stage) == ("partial", "accepted")
    assert row(desk, report).next_track_at > clock()


def test_the_limit_of_requests_a_day_holds_for_tracking_too(tmp_path: Path, clock: FakeClock, lapor: FakeLapor) -> None:
    with open_desk(tmp_path, clock, lapor={"per_day": 8}) as desk:
        for report in filed(desk, lapor, 5):
            clock.advance(seconds=1)
            lapor.change(number_of(desk, report), "Tertunda")
        track(desk, lapor)
        assert lapor.requests_made() <= 8 + 1
        before = lapor.requests_made()
        assert track(desk, lapor).outcome == "partial"
        assert lapor.requests_made() == before


def test_a_first_follow_up_of_the_very_instant_of_the_last_look_is_not_lost_for_long(
    desk: Desk, lapor: FakeLapor, clock: FakeClock
) -> None:
    [report] = settled(desk, lapor, clock)
    lapor.change(number_of(desk, report), "Tertunda")
    track(desk, lapor)
    lapor.write(number_of(desk, report), "Menyusul di detik yang sama.")
    clock.advance(days=7, minutes=1)
    track(desk, lapor)
    assert follow_ups(desk, report) == [("Menyusul di detik yang sama.", 1)]


def test_what_is_written_in_the_very_second_of_the_last_look_arrives_at_the_next(
    desk: Desk, lapor: FakeLapor, clock: FakeClock
) -> None:
    [report] = settled(desk, lapor, clock)
    lapor.write(number_of(desk, report), "Sudah ditambal.")
    lapor.change(number_of(desk, report), "Ditindaklanjuti oleh Instansi")
    track(desk, lapor)
    lapor.write(number_of(desk, report), "Foto menyusul.")
    clock.advance(minutes=5)
    assert track(desk, lapor).counts["follow_ups"] == 1
    asked = lapor.requests_made()
    for _ in range(3):
        clock.advance(minutes=5)
        track(desk, lapor)
    assert lapor.requests_made() - asked == 3, "a quiet report is not read again and again"


@pytest.mark.parametrize(
    ("age", "status", "hours"),
    [
        (timedelta(days=1), "Tertunda", 1),
        (timedelta(days=10), "Tertunda", 6),
        (timedelta(days=60), "Tertunda", 24),
        (timedelta(days=400), "Tertunda", 72),
        (timedelta(days=10), "Ditutup oleh Sistem", 6),
    ],
)
def test_a_secret_report_is_asked_for_the_more_seldom_the_older_it_is(
    desk: Desk, lapor: FakeLapor, clock: FakeClock, age: timedelta, status: str, hours: float
) -> None:
    [report] = filed(desk, lapor, is_secret=True)
    clock.advance(seconds=age.total_seconds())
    lapor.change(number_of(desk, report), status)
    track(desk, lapor)
    assert row(desk, report).lapor_status == status
    assert row(desk, report).next_track_at == clock() + timedelta(hours=hours)


def test_some_time_after_its_end_a_report_is_asked_for_no_more(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    [report] = filed(desk, lapor, is_secret=True)
    lapor.change(number_of(desk, report), "Ditutup oleh Admin")
    clock.advance(days=31)
    track(desk, lapor)
    assert row(desk, report).next_track_at is None


def test_a_first_answer_that_changes_no_status_is_heard_at_once(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    [report] = filed(desk, lapor)
    clock.advance(minutes=5)
    lapor.write(number_of(desk, report), "Kami periksa.")
    lapor.change(number_of(desk, report), "Belum Terverifikasi")
    assert track(desk, lapor).counts["follow_ups"] == 1
