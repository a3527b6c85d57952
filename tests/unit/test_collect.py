"""Is every record of a channel known once, is only what is new and meant to be sent queued, and is nothing skipped?"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import structlog

from connectors.contract import Problem, Unreachable
from gateway import log
from gateway.config import Channel
from gateway.desk import Desk
from gateway.settings import LogSettings
from gateway.steps.collect import ChannelChanged, collect, pin_of
from gateway.work import collect_channel
from state import acts, channels, deliveries
from state.models import RECORD, REPORT, RUN
from tests.fakes import NOON, FakeClock, FakeSource, FakeWriter, make_channel, make_config, open_store


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@contextmanager
def opened(tmp_path: Path, clock: FakeClock, *all_channels: Channel) -> Iterator[Desk]:
    config = make_config(tmp_path, all_channels)
    with open_store(config) as store:
        yield Desk(config, store, FakeWriter(), clock)


def filled(count: int, **settings: Any) -> FakeSource:
    source = FakeSource(**settings)
    for number in range(1, count + 1):
        source.add(str(number))
    return source


def dispositions(desk: Desk) -> dict[str, int]:
    with desk.store.read() as tx:
        query = sa.select(RECORD.c.disposition, sa.func.count()).group_by(RECORD.c.disposition)
        return {row[0]: row[1] for row in tx.execute(query)}


def stages(desk: Desk) -> dict[str, int]:
    with desk.store.read() as tx:
        query = sa.select(REPORT.c.stage, sa.func.count()).group_by(REPORT.c.stage)
        return {row[0]: row[1] for row in tx.execute(query)}


def report(desk: Desk, key: str = "1") -> Any:
    with desk.store.read() as tx:
        return tx.execute(sa.select(REPORT).join(RECORD, RECORD.c.id == REPORT.c.id).where(RECORD.c.key == key)).one()


def codes(desk: Desk, key: str = "1") -> list[str]:
    return [reason["code"] for reason in report(desk, key).reasons]


def became(tmp_path: Path, clock: FakeClock, source: FakeSource, **settings: Any) -> Sequence[str]:
    """What became of each record of the source in one round, in the order of the source."""
    channel = make_channel(source, **settings)
    with opened(tmp_path, clock, channel) as desk:
        collect(channel, desk)
        with desk.store.read() as tx:
            query = (
                sa.select(sa.func.coalesce(REPORT.c.stage, RECORD.c.disposition))
                .select_from(RECORD)
                .outerjoin(REPORT)
                .order_by(RECORD.c.id)
            )
            return list(tx.scalars(query))


# What is new


def test_a_record_is_read_once_and_known_ever_after(tmp_path: Path, clock: FakeClock) -> None:
    source = filled(3)
    channel = make_channel(source)
    with opened(tmp_path, clock, channel) as desk:
        first = collect(channel, desk)
        again = collect(channel, desk)
        source.add("4")
        third = collect(channel, desk)
        assert (first.counts["new"], again.counts["new"], third.counts["new"]) == (3, 0, 1)
        assert source.reads == ["1", "2", "3", "4"]
        assert stages(desk) == {"queued": 4}
        assert source.closed == 3


def test_pages_go_on_after_a_restart_where_they_ended(tmp_path: Path, clock: FakeClock) -> None:
    source = filled(10, page_size=4)
    channel = make_channel(source)

    def break_off(_count: int) -> None:
        if len(source.reads) == 4:
            raise Unreachable("the source went away")

    source.while_reading = break_off
    with opened(tmp_path, clock, channel) as desk, pytest.raises(Unreachable):
        collect(channel, desk)
    source.while_reading = lambda _count: None
    with opened(tmp_path, clock, channel) as desk:
        assert stages(desk) == {"queued": 4}
        collect(channel, desk)
        collect(channel, desk)
        assert stages(desk) == {"queued": 10}
    assert sorted(source.reads, key=int) == [str(number) for number in range(1, 11)]


def test_the_source_is_closed_after_an_error(tmp_path: Path, clock: FakeClock) -> None:
    source = FakeSource(list_error=Unreachable("down"))
    channel = make_channel(source)
    with opened(tmp_path, clock, channel) as desk, pytest.raises(Unreachable):
        collect(channel, desk)
    assert source.closed == 1


def test_a_record_that_no_citizen_wrote_is_ignored_with_its_reason(tmp_path: Path, clock: FakeClock) -> None:
    source = filled(2)
    source.ignored["1"] = "auto_reply"
    channel = make_channel(source)
    with opened(tmp_path, clock, channel) as desk:
        collect(channel, desk)
        assert dispositions(desk) == {"ignored": 1, "report": 1}
        with desk.store.read() as tx:
            assert tx.scalar(sa.select(RECORD.c.reason).where(RECORD.c.key == "1")) == "auto_reply"
            assert deliveries.due(tx, clock(), 10) == [report(desk, "2").id]


def test_a_connectors_doubt_holds_the_report(tmp_path: Path, clock: FakeClock) -> None:
    source = filled(1)
    source.doubts["1"] = ("mail_too_large",)
    channel = make_channel(source)
    with opened(tmp_path, clock, channel) as desk:
        collect(channel, desk)
        assert (report(desk).stage, codes(desk)) == ("held", ["mail_too_large"])


def test_a_record_that_cannot_be_mapped_is_held_with_its_raw_fields_and_stops_nobody(
    tmp_path: Path, clock: FakeClock
) -> None:
    source = filled(3)
    source.rows["2"] |= {"rahasia": "mungkin", "nama": ""}
    channel = make_channel(source)
    with opened(tmp_path, clock, channel) as desk:
        collect(channel, desk)
        assert stages(desk) == {"held": 1, "queued": 2}
        assert codes(desk, "2") == ["yes_no_unreadable", "field_missing"]
        with desk.store.read() as tx:
            assert tx.scalar(sa.select(RECORD.c.fields).where(RECORD.c.key == "2")) == source.rows["2"]


# What is older than the channel's start


def test_older_than_a_start_day_is_baseline_and_never_queued(tmp_path: Path, clock: FakeClock) -> None:
    source = FakeSource()
    source.add("1", datetime(2026, 11, 19, 15, 59, 59, tzinfo=UTC))
    source.add("2", datetime(2026, 11, 19, 16, 0, 0, tzinfo=UTC))
    source.add("3", date(2026, 11, 19))
    source.add("4", date(2026, 11, 20))
    assert became(tmp_path, clock, source, start=date(2026, 11, 20)) == ["baseline", "queued", "baseline", "queued"]


def test_a_start_with_a_time_leaves_records_of_that_day_without_time_to_a_person(
    tmp_path: Path, clock: FakeClock
) -> None:
    source = FakeSource()
    source.add("1", date(2026, 11, 20))
    source.add("2", date(2026, 11, 21))
    source.add("3", datetime(2026, 11, 20, 1, 59, tzinfo=UTC))
    start = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
    assert became(tmp_path, clock, source, start=start) == ["held", "queued", "baseline"]


def test_a_naive_start_is_of_the_gateways_zone(tmp_path: Path, clock: FakeClock) -> None:
    source = FakeSource()
    source.add("1", datetime(2026, 11, 20, 1, 59, tzinfo=UTC))
    source.add("2", datetime(2026, 11, 20, 2, 0, tzinfo=UTC))
    start = datetime(2026, 11, 20, 10, 0)  # noqa: DTZ001 - as TOML's local date-time
    assert became(tmp_path, clock, source, start=start) == ["baseline", "queued"]


def test_without_a_date_of_receipt_the_incident_decides_or_a_person(tmp_path: Path, clock: FakeClock) -> None:
    source = FakeSource()
    for key, day in (("1", "2026-11-20"), ("2", "2026-11-19")):
        source.add(key, kejadian=day)
        source.received[key] = None
    channel = make_channel(source, start=date(2026, 11, 20))
    with opened(tmp_path, clock, channel) as desk:
        collect(channel, desk)
        assert (report(desk, "1").stage, codes(desk, "2")) == ("queued", ["start_unclear"])


def test_now_makes_everything_of_the_first_round_baseline_and_nothing_after_it(
    tmp_path: Path, clock: FakeClock
) -> None:
    source = filled(5, page_size=2)
    channel = make_channel(source, start="now")
    with opened(tmp_path, clock, channel) as desk:
        collect(channel, desk)
        assert (dispositions(desk), stages(desk)) == ({"baseline": 5}, {})
        source.add("6")
        collect(channel, desk)
        assert stages(desk) == {"queued": 1}


def test_an_edited_baseline_record_is_still_not_sent(tmp_path: Path, clock: FakeClock) -> None:
    source = filled(1)
    channel = make_channel(source, start="now")
    with opened(tmp_path, clock, channel) as desk:
        collect(channel, desk)
        source.rows["1"]["judul"] = "Jalan rusak sekali"
        collect(channel, desk)
        assert (dispositions(desk), stages(desk)) == ({"baseline": 1}, {})


def test_a_stop_in_the_first_round_of_now_does_not_turn_history_into_reports(tmp_path: Path, clock: FakeClock) -> None:
    source = filled(450)
    channel = make_channel(source, start="now")
    with opened(tmp_path, clock, channel) as desk:
        source.while_reading = lambda count: desk.stop.set() if count == 10 else None
        collect(channel, desk)
    source.while_reading = lambda _count: None
    with opened(tmp_path, clock, channel) as desk:
        collect(channel, desk)
        assert (dispositions(desk), stages(desk)) == ({"baseline": 450}, {})


def test_a_file_that_could_not_be_read_in_the_first_round_of_now_is_history_too(
    tmp_path: Path, clock: FakeClock
) -> None:
    source = FakeSource(problems=[Problem("arsip.xlsx", "file_changing")])
    channel = make_channel(source, start="now")
    with opened(tmp_path, clock, channel) as desk:
        collect(channel, desk)
        source.problems.clear()
        for number in range(1, 6):
            source.add(str(number))
        collect(channel, desk)
        assert (dispositions(desk), stages(desk)) == ({"baseline": 5}, {})


def test_an_old_mail_that_was_moved_here_is_held(tmp_path: Path, clock: FakeClock) -> None:
    source = FakeSource()
    source.add("1", NOON, date=(NOON - timedelta(days=400)).isoformat())
    source.add("2", NOON, date=(NOON - timedelta(hours=3)).isoformat())
    source.add("3", NOON, date="kemarin")
    channel = make_channel(source, start=date(2026, 11, 20))
    with opened(tmp_path, clock, channel) as desk:
        collect(channel, desk)
        assert codes(desk, "1") == ["date_disagrees"]
        assert (report(desk, "2").stage, report(desk, "3").stage) == ("queued", "queued")


# How much the first round may send


def test_the_first_round_queues_up_to_its_limit_over_pages_and_restarts(tmp_path: Path, clock: FakeClock) -> None:
    source = filled(12, page_size=4)
    channel = make_channel(source, first_run_limit=6)

    def break_off(_count: int) -> None:
        if len(source.reads) == 8:
            raise Unreachable("the source went away")

    source.while_reading = break_off
    with opened(tmp_path, clock, channel) as desk, pytest.raises(Unreachable):
        collect(channel, desk)
    source.while_reading = lambda _count: None
    with opened(tmp_path, clock, channel) as desk:
        collect(channel, desk)
        collect(channel, desk)
        assert stages(desk) == {"queued": 6, "held": 6}
        assert codes(desk, "12") == ["first_run_limit"]
        source.add("13")
        collect(channel, desk)
        assert report(desk, "13").stage == "queued"


def test_a_stop_in_the_first_round_does_not_lift_its_limit(tmp_path: Path, clock: FakeClock) -> None:
    source = filled(450)
    channel = make_channel(source, first_run_limit=5)
    with opened(tmp_path, clock, channel) as desk:
        source.while_reading = lambda count: desk.stop.set() if count == 10 else None
        collect(channel, desk)
    source.while_reading = lambda _count: None
    with opened(tmp_path, clock, channel) as desk:
        collect(channel, desk)
        assert stages(desk) == {"queued": 5, "held": 445}


def test_a_report_held_for_another_reason_takes_no_room(tmp_path: Path, clock: FakeClock) -> None:
    source = filled(4)
    source.rows["1"]["isi"] = ""
    channel = make_channel(source, first_run_limit=2)
    with opened(tmp_path, clock, channel) as desk:
        collect(channel, desk)
        assert [report(desk, key).stage for key in "1234"] == ["held", "queued", "queued", "held"]


def test_accepting_the_channel_releases_what_the_limit_held_and_lifts_it(tmp_path: Path, clock: FakeClock) -> None:
    source = filled(4)
    source.rows["4"]["isi"] = ""
    channel = make_channel(source, first_run_limit=1)
    with opened(tmp_path, clock, channel) as desk:
        collect(channel, desk)
        with desk.store.begin() as tx:
            known = channels.known(tx, "web")
            assert known is not None
            channels.accept(tx, known, pin_of(channel), "petugas", clock())
            for number in acts.held_only_for(tx, known.id, "first_run_limit"):
                acts.release(tx, number, "petugas", clock())
        assert stages(desk) == {"queued": 3, "held": 1}


# What else holds a report back


def test_release_review_holds_every_report(tmp_path: Path, clock: FakeClock) -> None:
    source = filled(2)
    channel = make_channel(source, release="review")
    with opened(tmp_path, clock, channel) as desk:
        collect(channel, desk)
        assert (stages(desk), codes(desk)) == ({"held": 2}, ["review"])
        source.rows["1"]["judul"] = "Jalan rusak sekali"
        collect(channel, desk)
        assert codes(desk) == ["review"]


def test_settle_delays_the_sending_and_an_edit_delays_it_anew(tmp_path: Path, clock: FakeClock) -> None:
    source = filled(1)
    channel = make_channel(source, settle="30m")
    with opened(tmp_path, clock, channel) as desk:
        collect(channel, desk)
        clock.advance(minutes=20)
        source.rows["1"]["judul"] = "Jalan rusak sekali"
        collect(channel, desk)
        with desk.store.read() as tx:
            assert deliveries.due(tx, clock() + timedelta(minutes=29), 10) == []
            assert deliveries.due(tx, clock() + timedelta(minutes=30), 10) == [report(desk).id]


def test_an_edit_before_sending_changes_the_report_and_mends_what_held_it(tmp_path: Path, clock: FakeClock) -> None:
    source = filled(1)
    source.rows["1"]["isi"] = ""
    channel = make_channel(source)
    with opened(tmp_path, clock, channel) as desk:
        collect(channel, desk)
        assert report(desk).stage == "held"
        source.rows["1"]["isi"] = "Jalan berlubang di depan pasar."
        result = collect(channel, desk)
        assert (report(desk).stage, report(desk).reasons) == ("queued", [])
        assert (result.counts["edited"], dispositions(desk)) == (1, {"report": 1})


def test_an_edit_after_sending_changes_nothing_and_is_recorded(tmp_path: Path, clock: FakeClock) -> None:
    source = filled(1)
    channel = make_channel(source)
    with opened(tmp_path, clock, channel) as desk:
        collect(channel, desk)
        with desk.store.begin() as tx:
            [claim] = deliveries.claim(tx, [report(desk).id], "v3 https://lapor.test", clock())
            deliveries.settle(tx, {claim.id: deliveries.Accepted("1000005", None, "x", "unknown")}, clock())
        before = report(desk).mapped
        source.rows["1"]["judul"] = "Lain sama sekali"
        collect(channel, desk)
        assert (report(desk).mapped, report(desk).stage) == (before, "accepted")


def test_a_key_that_now_names_another_complaint_is_held_and_the_first_keeps_its_own(
    tmp_path: Path, clock: FakeClock
) -> None:
    source = filled(1)
    channel = make_channel(source)
    with opened(tmp_path, clock, channel) as desk:
        collect(channel, desk)
        first = report(desk)
        source.add("1", nama="Orang Lain", telp="081399998888", isi="Lampu taman kota padam sejak bulan lalu.")
        collect(channel, desk)
        collect(channel, desk)
        with desk.store.read() as tx:
            rows = tx.execute(sa.select(RECORD.c.key, REPORT).join(REPORT).order_by(RECORD.c.id)).all()
        assert [kept.stage for kept in rows] == ["queued", "held"]
        assert rows[0].mapped == first.mapped
        assert [reason["code"] for reason in rows[1].reasons] == ["key_reused"]
        assert rows[0].external_id != rows[1].external_id


def test_without_a_key_an_edited_row_is_not_sent_a_second_time(tmp_path: Path, clock: FakeClock) -> None:
    source = filled(3, keyed_by_content=True)
    channel = make_channel(source)
    with opened(tmp_path, clock, channel) as desk:
        collect(channel, desk)
        source.add("901")
        source.rows["901"] = {
            **source.rows.pop("2"),
            "isi": "Jalan berlubang di depan rumah nomor 2, tolong diperbaiki.",
        }
        source.add("902", isi="Sampah di pasar pagi menumpuk dan berbau busuk sejak hari raya.")
        collect(channel, desk)
        assert codes(desk, "901") == ["row_edited"]
        assert report(desk, "902").stage == "queued"


def test_a_source_that_is_suddenly_another_one_waits_for_a_person(tmp_path: Path, clock: FakeClock) -> None:
    source = filled(2)
    with opened(tmp_path, clock, make_channel(source)) as desk:
        collect(desk.config.channels[0], desk)
    with opened(tmp_path, clock, make_channel(source, place="meja lain")) as desk:
        with pytest.raises(ChannelChanged, match="accept web"):
            collect(desk.config.channels[0], desk)
        assert stages(desk) == {"queued": 2}


def test_a_renamed_channel_knows_its_records(tmp_path: Path, clock: FakeClock) -> None:
    source = filled(2)
    with opened(tmp_path, clock, make_channel(source)) as desk:
        collect(desk.config.channels[0], desk)
        before = report(desk).external_id
    with opened(tmp_path, clock, make_channel(source, name="laman")) as desk:
        collect(desk.config.channels[0], desk)
        assert (stages(desk), report(desk).external_id) == ({"queued": 2}, before)


def test_a_stopped_round_keeps_what_it_read_and_the_next_one_reads_the_rest(tmp_path: Path, clock: FakeClock) -> None:
    source = filled(450)
    channel = make_channel(source, first_run_limit=1000)
    with opened(tmp_path, clock, channel) as desk:
        source.while_reading = lambda count: desk.stop.set() if count == 10 else None
        collect(channel, desk)
        kept = stages(desk)["queued"]
        assert 0 < kept < 450
        again = Desk(desk.config, desk.store, FakeWriter(), clock, threading.Event())
        collect(channel, again)
        assert stages(desk) == {"queued": 450}
        assert len(source.reads) == len(set(source.reads)) or len(source.reads) <= 450 + 200


# Whatever happens in a step touches no other


@pytest.fixture
def as_json() -> Iterator[None]:
    """The service's own log, taken back afterwards."""
    log.configure(LogSettings(format="json"))
    yield
    structlog.reset_defaults()
    logging.disable(logging.NOTSET)


@pytest.mark.usefixtures("as_json")
def test_an_unforeseen_failure_ends_its_channel_alone_and_its_words_are_not_told(
    tmp_path: Path, clock: FakeClock, capsys: pytest.CaptureFixture[str]
) -> None:
    broken, fine = filled(1), filled(1)
    broken.list_error = RuntimeError("Budi 081234567890 menulis: jalan rusak")
    bad, good = make_channel(broken, "rusak"), make_channel(fine, "sehat", place="lain")
    with opened(tmp_path, clock, bad, good) as desk:
        outcomes = [collect_channel(desk, channel).outcome for channel in (bad, good)]
        assert outcomes == ["failed", "ok"]
        with desk.store.read() as tx:
            messages = list(tx.scalars(sa.select(RUN.c.message)))
    told = capsys.readouterr().err + " ".join(messages)
    assert "RuntimeError" in told
    assert "Budi" not in told
    assert "081234567890" not in told


@pytest.mark.usefixtures("as_json")
def test_a_source_that_is_down_is_a_failed_run_with_the_connectors_words(tmp_path: Path, clock: FakeClock) -> None:
    channel = make_channel(FakeSource(list_error=Unreachable("the mail server does not answer")))
    with opened(tmp_path, clock, channel) as desk:
        result = collect_channel(desk, channel)
        assert (result.outcome, result.message) == ("failed", "the mail server does not answer")
        with desk.store.read() as tx:
            assert tx.execute(sa.select(RUN.c.step, RUN.c.outcome, RUN.c.channel_id)).one() == (
                "collect",
                "failed",
                "web",
            )
