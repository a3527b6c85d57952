"""Is what the same reporter wrote twice held beside its twin, and do the twin's answers then answer both?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from gateway.answers.settings import AnswerSettings
from gateway.desk import Desk
from gateway.doubles import likeness
from gateway.steps.collect import collect
from gateway.steps.reply import reply
from gateway.steps.submit import submit
from gateway.steps.track import track
from state import acts, answers, audit, doubles
from state.database import NEWEST
from state.doubles import SameReport
from state.lifecycle import Disposition, NotAllowed, Stage
from state.models import ANSWER, EVENT, RECORD, REPORT
from tests.fakes import NOON, FakeClock, FakeLapor, FakeSource, make_channel, mapping_with, open_desk

MAPPING = replace(mapping_with({"reporter_email": {"from": "surel", "then": ["email"]}}), hold={doubles.LIKELY: 14})
POTHOLE = "Jalan Merdeka di depan SD Negeri 3 berlubang besar sejak Februari, sudah tiga pengendara motor jatuh."
FLOOD = "Selokan di Gang Melati mampet; tiap hujan air masuk rumah kami setinggi lutut dan tidak ada petugas datang."
BUDI = {"nama": "Budi Santoso", "telp": "081211112222", "surel": "budi@contoh.id"}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@contextmanager
def two_channels(folder: Path, clock: FakeClock, **settings: Any) -> Iterator[tuple[Desk, FakeSource, FakeSource]]:
    web, inbox = FakeSource(), FakeSource()
    channels = [
        make_channel(web, "web", MAPPING, "meja web", **settings),
        make_channel(inbox, "inbox", MAPPING, "meja surat", **settings),
    ]
    with open_desk(folder, clock, channels) as desk:
        yield desk, web, inbox


def gather(desk: Desk) -> None:
    for channel in desk.config.channels:
        collect(channel, desk)


def reports(desk: Desk) -> list[Any]:
    with desk.store.read() as tx:
        return list(tx.execute(sa.select(REPORT).order_by(REPORT.c.id)))


def stages(desk: Desk) -> list[str]:
    return [row.stage for row in reports(desk)]


def twin_of(row: Any) -> list[str]:
    return [reason["detail"] for reason in row.reasons if reason["code"] == doubles.LIKELY]


def joined(desk: Desk, report_id: int, twin: int) -> int:
    with desk.store.begin() as tx:
        return doubles.join(tx, report_id, twin, "uji", desk.now())


def is_sound(desk: Desk) -> bool:
    with desk.store.read() as tx:
        return list(audit.discrepancies(tx, "kaltim")) == []


# What is held


def test_the_same_complaint_in_another_channel_is_held_beside_its_twin(tmp_path: Path, clock: FakeClock) -> None:
    with two_channels(tmp_path, clock) as (desk, web, inbox):
        web.add("1", **BUDI, isi=POTHOLE)
        gather(desk)
        inbox.add("9", nama="BUDI SANTOSO", telp="+62 812-1111-2222", isi=f"Yth. Bapak Camat,\n\n{POTHOLE.upper()}")
        gather(desk)
        first, second = reports(desk)
        assert (first.stage, second.stage) == ("queued", "held")
        assert twin_of(second) == [str(first.id)]


def test_two_of_one_batch_are_held_too_and_counted_as_such(tmp_path: Path, clock: FakeClock) -> None:
    with two_channels(tmp_path, clock) as (desk, web, _):
        for key in "123":
            web.add(key, **BUDI, isi=POTHOLE)
        result = collect(desk.config.channels[0], desk)
        assert (result.counts["queued"], result.counts["held"]) == (1, 2)
        assert [twin_of(row) for row in reports(desk)] == [[], ["1"], ["1"]]


@pytest.mark.parametrize(
    "other",
    [
        {**BUDI, "isi": FLOOD},
        {**BUDI, "isi": POTHOLE.replace("SD Negeri 3", "SD Negeri 8")},
        {"nama": "Siti Aminah", "telp": "081233334444", "surel": "siti@contoh.id", "isi": POTHOLE},
        {"nama": "Budi", "telp": "081233334444", "surel": None, "isi": POTHOLE},
        {"nama": "Siti Aminah", "telp": "081211112222", "surel": "siti@contoh.id", "isi": POTHOLE},
        {"nama": "Budi Santoso", "telp": "081233334444", "surel": None, "isi": POTHOLE},
    ],
    ids=["another text", "another number", "another person", "a first name alone", "a shared telephone", "a namesake"],
)
def test_what_is_no_double_is_sent(tmp_path: Path, clock: FakeClock, other: dict[str, Any]) -> None:
    with two_channels(tmp_path, clock) as (desk, web, inbox):
        web.add("1", **BUDI, isi=POTHOLE)
        inbox.add("2", **other)
        gather(desk)
        assert stages(desk) == ["queued", "queued"]


def test_a_name_that_is_written_otherwise_makes_nobody_another(tmp_path: Path, clock: FakeClock) -> None:
    with two_channels(tmp_path, clock) as (desk, web, inbox):
        web.add("1", **BUDI, isi=POTHOLE)
        inbox.add("2", nama="Pak Budi", telp="081211112222", surel=None, isi=POTHOLE)
        gather(desk)
        assert stages(desk) == ["queued", "held"]


@pytest.mark.parametrize(("days", "stage"), [(13, "held"), (15, "queued")])
def test_only_so_many_days_count(tmp_path: Path, clock: FakeClock, days: int, stage: str) -> None:
    with two_channels(tmp_path, clock) as (desk, web, _):
        web.add("1", NOON - timedelta(days=days, hours=1), **BUDI, isi=POTHOLE)
        web.add("2", NOON - timedelta(hours=1), **BUDI, isi=POTHOLE)
        gather(desk)
        assert stages(desk) == ["queued", stage]


def test_what_the_channel_states_for_everybody_makes_nobody_the_same(tmp_path: Path, clock: FakeClock) -> None:
    everybody = {"reporter_phone": "+62541123456", "reporter_name": "Warga Tanpa Nama"}
    with two_channels(tmp_path, clock, defaults=everybody) as (desk, web, _):
        for key in "12":
            web.add(key, nama=None, telp=None, isi=POTHOLE)
        gather(desk)
        assert stages(desk) == ["queued", "queued"]


def test_nothing_is_compared_where_the_mapping_does_not_ask(tmp_path: Path, clock: FakeClock) -> None:
    source = FakeSource()
    for key in "12":
        source.add(key, **BUDI, isi=POTHOLE)
    with open_desk(tmp_path, clock, [make_channel(source, mapping=replace(MAPPING, hold={}))]) as desk:
        gather(desk)
        assert stages(desk) == ["queued", "queued"]


def test_what_a_person_has_dropped_is_nobodys_twin(tmp_path: Path, clock: FakeClock) -> None:
    with two_channels(tmp_path, clock) as (desk, web, inbox):
        web.add("1", **BUDI, isi=POTHOLE)
        gather(desk)
        with desk.store.begin() as tx:
            acts.drop(tx, 1, "salah kanal", "uji", desk.now())
        inbox.add("2", **BUDI, isi=POTHOLE)
        gather(desk)
        assert stages(desk) == ["dropped", "queued"]


def test_an_edit_does_not_let_a_held_double_go(tmp_path: Path, clock: FakeClock) -> None:
    with two_channels(tmp_path, clock) as (desk, web, _):
        web.add("1", **BUDI, isi=POTHOLE)
        web.add("2", **BUDI, isi=POTHOLE)
        gather(desk)
        web.add("2", **BUDI, isi=FLOOD)
        gather(desk)
        assert stages(desk) == ["queued", "held"]
        with desk.store.begin() as tx:
            acts.release(tx, 2, "uji", desk.now())
        gather(desk)
        assert stages(desk) == ["queued", "queued"]


def test_a_corrected_phone_number_makes_the_reporter_known(tmp_path: Path, clock: FakeClock) -> None:
    with two_channels(tmp_path, clock) as (desk, web, inbox):
        web.add("1", nama="Budi", telp="081255556666", isi=POTHOLE)
        gather(desk)
        web.add("1", nama="Budi", telp=BUDI["telp"], isi=POTHOLE)
        gather(desk)
        inbox.add("2", **BUDI, isi=POTHOLE)
        gather(desk)
        assert stages(desk) == ["queued", "held"]


def test_an_address_that_thousands_share_costs_little(tmp_path: Path, clock: FakeClock) -> None:
    with two_channels(tmp_path, clock, first_run_limit=10_000) as (desk, web, _):
        for number in range(400):
            web.add(
                str(number),
                **{**BUDI, "nama": f"Warga Nomor {number}"},
                isi=f"Keluhan {number}: {FLOOD[number % 40 :]}",
            )
        gather(desk)
        with desk.store.read() as tx:
            marks = doubles.contact_marks({"reporter_phone": "+6281211112222"}, {})
            assert len(doubles.neighbours(tx, marks)) == 50


@given(st.text(max_size=80), st.text(max_size=80))
def test_likeness_is_the_same_from_both_sides_and_whole_for_equal_texts(one: str, other: str) -> None:
    first, second = {"content": one}, {"content": other}
    assert likeness(first, second) == likeness(second, first)
    assert likeness(first, first) in (0.0, 100.0)


# Joining


def test_a_joined_report_is_never_sent_and_the_books_are_straight(tmp_path: Path, clock: FakeClock) -> None:
    lapor = FakeLapor(clock)
    with two_channels(tmp_path, clock) as (desk, web, _):
        for key in "123":
            web.add(key, **BUDI, isi=POTHOLE)
        gather(desk)
        assert joined(desk, 3, 2) == 2
        assert joined(desk, 2, 1) == 1
        submit(desk, lapor)
        assert stages(desk) == ["accepted", "joined", "joined"]
        assert [row.joined_to for row in reports(desk)] == [None, 1, 1], "whatever was joined to it goes along"
        assert len(lapor.submissions) == 1
        assert is_sound(desk)
        gather(desk)
        assert stages(desk) == ["accepted", "joined", "joined"]


def test_joining_is_refused_where_it_would_lose_a_report(tmp_path: Path, clock: FakeClock) -> None:
    lapor = FakeLapor(clock)
    with two_channels(tmp_path, clock) as (desk, web, _):
        for key in "123":
            web.add(key, **BUDI, isi=POTHOLE)
        gather(desk)
        with pytest.raises(SameReport):
            joined(desk, 2, 2)
        joined(desk, 2, 1)
        with pytest.raises(SameReport):
            joined(desk, 1, 2)
        with desk.store.begin() as tx:
            acts.drop(tx, 3, "salah", "uji", desk.now())
        with pytest.raises(NotAllowed):
            joined(desk, 1, 3)
        submit(desk, lapor)
        web.add("4", nama="Orang Lain", telp="081277778888", isi=FLOOD)
        gather(desk)
        with pytest.raises(NotAllowed):
            joined(desk, 1, 4)
        assert is_sound(desk)


def test_a_separated_report_is_held_again_and_can_be_sent(tmp_path: Path, clock: FakeClock) -> None:
    lapor = FakeLapor(clock)
    with two_channels(tmp_path, clock) as (desk, web, _):
        for key in "12":
            web.add(key, **BUDI, isi=POTHOLE)
        gather(desk)
        joined(desk, 2, 1)
        with desk.store.begin() as tx:
            doubles.separate(tx, 2, {"code": "separated", "field": "", "detail": "1"}, "uji", desk.now())
        assert stages(desk) == ["queued", "held"]
        assert is_sound(desk)
        with desk.store.begin() as tx:
            acts.release(tx, 2, "uji", desk.now())
        submit(desk, lapor)
        assert stages(desk) == ["accepted", "accepted"]
        assert is_sound(desk)


def news(desk: Desk, report_id: int) -> Sequence[str]:
    with desk.store.read() as tx:
        return list(tx.scalars(sa.select(ANSWER.c.news).where(ANSWER.c.report_id == report_id).order_by(ANSWER.c.id)))


@pytest.mark.parametrize("when", ["before anything is sent", "after its end"])
def test_the_twins_answers_answer_both(tmp_path: Path, clock: FakeClock, when: str) -> None:
    lapor = FakeLapor(clock)
    with two_channels(tmp_path, clock, answers=AnswerSettings(agency="Dinas PU")) as (desk, web, inbox):
        web.add("1", **BUDI, isi=POTHOLE)
        inbox.add("2", **BUDI, isi=POTHOLE)
        gather(desk)
        if when.startswith("before"):
            joined(desk, 2, 1)
        life(desk, lapor, clock)
        if when.startswith("after"):
            joined(desk, 2, 1)
        work(desk, lapor)
        work(desk, lapor)
        assert news(desk, 2)[-3:] == news(desk, 1)[-3:] == ["forwarded", "follow_up", "closed"]
        assert numbers_told(desk, 2) == {reports(desk)[0].tracking_id}


def test_of_a_secret_twin_nothing_is_told_but_that_it_is_there(tmp_path: Path, clock: FakeClock) -> None:
    lapor = FakeLapor(clock)
    with two_channels(tmp_path, clock, answers=AnswerSettings(agency="Dinas PU")) as (desk, web, inbox):
        web.add("1", **BUDI, isi=POTHOLE, rahasia="ya")
        inbox.add("2", **BUDI, isi=POTHOLE)
        gather(desk)
        joined(desk, 2, 1)
        work(desk, lapor)
        with desk.store.read() as tx:
            of_the_double = [one for one in answers.unanswered(tx, "inbox") if one.news == "forwarded"]
        assert [one.values["is_secret"] for one in of_the_double] == [True]


def test_what_the_twin_had_to_tell_is_told_no_more_once_they_are_separated(tmp_path: Path, clock: FakeClock) -> None:
    lapor = FakeLapor(clock)
    with two_channels(tmp_path, clock, answers=AnswerSettings(agency="Dinas PU")) as (desk, web, inbox):
        web.add("1", **BUDI, isi=POTHOLE)
        inbox.add("2", **BUDI, isi=POTHOLE)
        gather(desk)
        joined(desk, 2, 1)
        work(desk, lapor)
        with desk.store.begin() as tx:
            doubles.separate(tx, 2, {"code": "separated", "field": "", "detail": "1"}, "uji", desk.now())
        life(desk, lapor, clock)
        assert "forwarded" not in news(desk, 2)


def life(desk: Desk, lapor: FakeLapor, clock: FakeClock) -> None:
    """The first report is filed, answered and closed."""
    work(desk, lapor)
    number = reports(desk)[0].tracking_id
    clock.advance(hours=1)
    lapor.write(number, "Sudah ditambal.")
    lapor.change(number, "Ditutup oleh Admin")
    work(desk, lapor)


def work(desk: Desk, lapor: FakeLapor) -> None:
    gather(desk)
    submit(desk, lapor)
    track(desk, lapor)
    for channel in desk.config.channels:
        reply(channel, desk)


def numbers_told(desk: Desk, report_id: int) -> set[str | None]:
    with desk.store.read() as tx:
        return {one.tracking_id for one in answers.unanswered(tx, None) if one.report_id == report_id}


# The state


def test_every_stage_and_disposition_has_room_for_doubles(tmp_path: Path, clock: FakeClock) -> None:
    with two_channels(tmp_path, clock) as (desk, web, _):
        for key in "12":
            web.add(key, **BUDI, isi=POTHOLE)
        gather(desk)
        joined(desk, 2, 1)
        with desk.store.read() as tx:
            assert tx.scalar(sa.select(RECORD.c.disposition).where(RECORD.c.id == 2)) == Disposition.JOINED
            kinds = list(tx.scalars(sa.select(EVENT.c.kind).where(EVENT.c.record_id == 2).order_by(EVENT.c.id)))
        assert kinds == ["queued", "held", "joined"]
        assert reports(desk)[1].stage == Stage.JOINED
    assert NEWEST >= "0004"
