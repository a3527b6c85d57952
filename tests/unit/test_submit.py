"""Is each queued report sent once, and is what came of it kept, whatever LAPOR does?"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.desk import Desk
from gateway.lapor.errors import Refused, Rejected, Unavailable
from gateway.lapor.port import Receipt
from gateway.steps.submit import submit
from state import channels, ledger, targets
from state.channels import Pin
from state.ledger import NewRecord, NewReport
from state.lifecycle import Disposition, Stage
from state.models import EVENT, REPORT
from tests.fakes import TARGET, FakeClock, FakeLapor, FakeWriter, open_desk, values


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


def queue(desk: Desk, count: int = 1, channel: str = "web", attachments: Any = (), **changes: Any) -> list[int]:
    """Queue reports of a channel as `collect` would."""
    with desk.store.begin() as tx:
        known = channels.pin(
            tx, Pin(channel, "fake", f"fake://{channel}", "all"), {channel: f"fake://{channel}"}, desk.now()
        )
        before = tx.scalar(sa.select(sa.func.count()).select_from(REPORT)) or 0
        fresh = [
            NewRecord(
                key=str(number),
                locator=str(number),
                version="1",
                disposition=Disposition.REPORT,
                reason=None,
                received_at=None,
                fields={},
                attachments=attachments,
                report=NewReport(Stage.QUEUED, values(**changes)),
            )
            for number in range(before, before + count)
        ]
        return list(ledger.add(tx, "kaltim", known.id, fresh, desk.now()))


def row(desk: Desk, number: int) -> Any:
    with desk.store.read() as tx:
        return tx.execute(sa.select(REPORT).where(REPORT.c.id == number)).one()


def stages(desk: Desk) -> dict[str, int]:
    with desk.store.read() as tx:
        query = sa.select(REPORT.c.stage, sa.func.count()).group_by(REPORT.c.stage)
        return {row[0]: row[1] for row in tx.execute(query)}


def paused_until(desk: Desk) -> Any:
    with desk.store.read() as tx:
        return targets.get(tx, TARGET).paused_until


def test_an_accepted_report_keeps_its_tracking_id_status_and_history(desk: Desk, lapor: FakeLapor) -> None:
    [number] = queue(desk)
    result = submit(desk, lapor)
    kept = row(desk, number)
    assert (kept.stage, kept.tracking_id, kept.transaction_id) == ("accepted", "1000005", "t1000005")
    assert (kept.lapor_status, kept.lapor_canonical) == ("Belum Terverifikasi", "received")
    assert (kept.target, kept.attempts, kept.sent_at) == (TARGET, 1, desk.now())
    assert (result.outcome, result.counts["accepted"]) == ("ok", 1)
    with desk.store.read() as tx:
        kinds = list(tx.scalars(sa.select(EVENT.c.kind).where(EVENT.c.record_id == number)))
    assert kinds == ["queued", "accepted"]


def test_each_of_many_reports_is_posted_once(desk: Desk, lapor: FakeLapor) -> None:
    queue(desk, 120)
    submit(desk, lapor)
    submit(desk, lapor)
    assert stages(desk) == {"accepted": 120}
    assert len(lapor.submissions) == 120
    assert set(lapor.copies().values()) == {1}


def test_a_rejected_report_keeps_every_field_error_and_is_not_sent_again(desk: Desk, lapor: FakeLapor) -> None:
    [number] = queue(desk)
    errors = {"title": ["terlalu pendek", "wajib"], "location_id": ["tidak dikenal"]}
    lapor.next.append(lapor.fail(Rejected("no", errors)))
    submit(desk, lapor)
    submit(desk, lapor)
    kept = row(desk, number)
    assert kept.stage == "rejected"
    assert [(reason["field"], reason["detail"]) for reason in kept.reasons] == [
        ("title", "terlalu pendek"),
        ("title", "wajib"),
        ("location_id", "tidak dikenal"),
    ]
    assert len(lapor.submissions) == 1


def test_a_rejection_does_not_stop_the_others_nor_count_as_an_outage(desk: Desk, lapor: FakeLapor) -> None:
    queue(desk, 30)
    lapor.next += [lapor.fail(Rejected("no", {"title": ["x"]}))] * 20
    submit(desk, lapor)
    assert stages(desk) == {"rejected": 20, "accepted": 10}
    assert paused_until(desk) is None


@pytest.mark.parametrize("code", ["http_429", "http_503"])
def test_busy_means_later_and_never_rejected(desk: Desk, lapor: FakeLapor, clock: FakeClock, code: str) -> None:
    [number] = queue(desk)
    lapor.next.append(lapor.fail(Unavailable(code, "busy", timedelta(minutes=7))))
    submit(desk, lapor)
    kept = row(desk, number)
    assert (kept.stage, kept.next_attempt_at) == ("queued", clock() + timedelta(minutes=7))
    clock.advance(minutes=6, seconds=59)
    submit(desk, lapor)
    assert row(desk, number).stage == "queued"
    clock.advance(seconds=1)
    submit(desk, lapor)
    assert row(desk, number).stage == "accepted"


def test_a_refused_token_pauses_the_target_at_once_and_rejects_nothing(
    desk: Desk, lapor: FakeLapor, clock: FakeClock
) -> None:
    queue(desk, 100)
    lapor.always = lapor.fail(Refused("unauthorized", "wrong token"))
    result = submit(desk, lapor)
    assert stages(desk) == {"queued": 100}
    assert len(lapor.submissions) <= desk.config.lapor.workers * 4
    assert result.outcome == "failed"
    assert "wrong token" in result.message
    tried = len(lapor.submissions)
    until = paused_until(desk)
    assert until is not None
    if until > clock():
        assert submit(desk, lapor).outcome == "failed"
        assert len(lapor.submissions) == tried
    lapor.always = None
    clock.advance(hours=1)
    submit(desk, lapor)
    assert stages(desk) == {"accepted": 100}


def test_eight_failures_in_a_row_open_the_breaker_and_one_request_probes(
    desk: Desk, lapor: FakeLapor, clock: FakeClock
) -> None:
    queue(desk, 100)
    lapor.always = lapor.fail(Unavailable("http_503", "maintenance", timedelta(minutes=1)))
    submit(desk, lapor)
    first = len(lapor.submissions)
    assert 8 <= first <= 8 + desk.config.lapor.workers * 4
    clock.advance(seconds=30)
    submit(desk, lapor)
    assert len(lapor.submissions) == first
    clock.advance(hours=1)
    submit(desk, lapor)
    assert len(lapor.submissions) == first + 1
    clock.advance(hours=2)
    lapor.always = None
    submit(desk, lapor)
    assert stages(desk) == {"accepted": 100}
    assert paused_until(desk) is None


def test_four_failures_between_successes_open_nothing(desk: Desk, lapor: FakeLapor) -> None:
    queue(desk, 12)
    bad = lapor.fail(Unavailable("http_503", "busy", timedelta(minutes=1)))
    lapor.next += [bad, bad, lapor.accept] * 4
    submit(desk, lapor)
    assert stages(desk) == {"queued": 8, "accepted": 4}
    assert paused_until(desk) is None


def test_a_postponed_report_is_not_tried_again_in_the_same_round(desk: Desk, lapor: FakeLapor) -> None:
    queue(desk, 1)
    lapor.always = lapor.fail(Unavailable("http_429", "busy", timedelta(0)))
    submit(desk, lapor)
    assert len(lapor.submissions) == 1


def test_the_limit_of_requests_a_day_is_not_passed_and_ends_at_midnight(
    tmp_path: Path, clock: FakeClock, lapor: FakeLapor
) -> None:
    with open_desk(tmp_path, clock, lapor={"per_day": 10}) as desk:
        queue(desk, 25)
        submit(desk, lapor)
        assert stages(desk) == {"accepted": 10, "queued": 15}
        again = submit(desk, lapor)
        assert (again.outcome, len(lapor.submissions)) == ("partial", 10)
        clock.advance(hours=12)
        submit(desk, lapor)
        assert stages(desk) == {"accepted": 20, "queued": 5}


def test_nothing_is_sent_once_the_service_stops(desk: Desk, lapor: FakeLapor) -> None:
    queue(desk, 50)

    def stop_after(submission: Any) -> Receipt:
        desk.stop.set()
        return lapor.accept(submission)

    lapor.always = stop_after
    submit(desk, lapor)
    left = stages(desk)
    assert left.get("sending") is None
    assert left["queued"] >= 50 - desk.config.lapor.workers * 4
    assert left["accepted"] == len(lapor.submissions)


def test_nothing_is_sent_after_the_right_to_send_is_lost(desk: Desk, lapor: FakeLapor) -> None:
    queue(desk, 5)
    assert isinstance(desk.writer, FakeWriter)
    desk.writer.held = False
    submit(desk, lapor)
    assert (lapor.submissions, stages(desk)) == ([], {"queued": 5})


def test_a_channel_with_many_reports_does_not_starve_another(desk: Desk, lapor: FakeLapor) -> None:
    queue(desk, 300, "sibuk")
    [late] = queue(desk, 1, "sepi")
    order = []
    lapor.always = lambda submission: order.append(submission.external_id) or lapor.accept(submission)  # type: ignore[func-returns-value]
    submit(desk, lapor)
    assert order.index(row(desk, late).external_id) < 20


def test_a_missing_attachment_holds_back_its_report_alone(desk: Desk, lapor: FakeLapor, tmp_path: Path) -> None:
    gone = {"name": "foto.jpg", "media_type": "image/jpeg", "path": str(tmp_path / "gone"), "sha256": "0", "size": 5}
    [broken] = queue(desk, 1, attachments=[{**gone, "sent": gone, "why": ""}])
    [fine] = queue(desk, 1)
    submit(desk, lapor)
    assert row(desk, broken).reasons == [{"code": "attachment_missing", "field": "", "detail": "foto.jpg"}]
    assert (row(desk, broken).stage, row(desk, fine).stage) == ("rejected", "accepted")


def test_files_that_lapor_takes_go_along_and_others_do_not(desk: Desk, lapor: FakeLapor, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"jpeg")
    file = {"name": "FOTO.JPG", "media_type": "x/y", "path": str(tmp_path / "a"), "sha256": "0", "size": 4}
    sent = {**file, "name": "FOTO.jpg", "media_type": "image/jpeg"}
    files = [{**file, "sent": sent, "why": ""}, {**file, "name": "rekaman.mp4", "sent": None, "why": "attachment_kind"}]
    queue(desk, 1, attachments=files)
    submit(desk, lapor)
    assert [(d.name, d.media_type) for d in lapor.submissions[0].documents] == [("FOTO.jpg", "image/jpeg")]


def test_two_reports_given_one_tracking_id_are_not_both_bound_to_it(desk: Desk, lapor: FakeLapor) -> None:
    one, other = queue(desk, 2)
    lapor.always = lambda _submission: Receipt("1000005", None, "Belum Terverifikasi")
    result = submit(desk, lapor)
    kept = sorted((row(desk, number).stage, row(desk, number).tracking_id) for number in (one, other))
    assert kept == [("accepted", "1000005"), ("in_doubt", None)]
    assert result.outcome == "partial"


def test_an_unforeseen_failure_of_one_report_strands_no_other(desk: Desk, lapor: FakeLapor) -> None:
    """Whatever one report's sending raises, what LAPOR accepted beside it is kept, and nothing stays claimed."""
    queue(desk, 6)
    lapor.next.append(lapor.fail(OSError("the spool cannot be read")))
    with suppress(OSError):
        submit(desk, lapor)
    accepted = {complaint.external_id for complaint in lapor.present()}
    with desk.store.read() as tx:
        kept = set(tx.scalars(sa.select(REPORT.c.external_id).where(REPORT.c.stage == "accepted")))
    assert kept == accepted
    assert "sending" not in stages(desk)
