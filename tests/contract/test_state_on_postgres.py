"""Does the whole work run on a state in PostgreSQL as it does on SQLite?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from gateway import audit as auditing
from gateway.answers.settings import AnswerSettings
from gateway.config import Config
from gateway.desk import Desk
from gateway.rounds import one_round
from gateway.steps.collect import collect
from gateway.work import desk_of
from state import answers, deliveries, replies
from state.database import create
from state.deliveries import Accepted, Later, Unknown
from state.models import REPORT
from tests.fakes import FakeClock, FakeLapor, make_channel, make_config
from tests.servers.postgres import Postgres
from tests.unit.test_answers import MAPPED
from tests.unit.test_threads import Inbox


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def config(tmp_path: Path, inbox: Inbox, postgres: Postgres) -> Config:
    channel = make_channel(inbox, mapping=MAPPED, answers=AnswerSettings(agency="Dinas PU"))
    made = make_config(tmp_path, [channel])
    url = make_url(postgres.new_database()).set(drivername="postgresql+psycopg")
    made = replace(made, gateway=made.gateway.model_copy(update={"state": url}))
    create(url, None, made.gateway.id).close()
    return made


@contextmanager
def working(config: Config, clock: FakeClock) -> Iterator[Desk]:
    with desk_of(config, now=clock) as desk:
        yield desk


def test_a_life_of_reports_answers_and_replies(config: Config, inbox: Inbox, clock: FakeClock) -> None:
    lapor = FakeLapor(clock)
    for number in range(1, 6):
        inbox.mail(str(number))
    with working(config, clock) as desk:
        lapor.next = [lapor.accept_without_answer, lapor.lose]
        one_round(desk, lapor)
        inbox.mail("9", "<3@contoh.example>", text="Tambahan.")
        lapor.next_replies = ["commit"]
        for _ in range(4):
            clock.advance(minutes=11)
            one_round(desk, lapor)
        for complaint in lapor.present():
            lapor.write(complaint.tracking_id, "Sudah ditangani.")
            lapor.change(complaint.tracking_id, "Ditutup oleh Sistem")
        clock.advance(hours=2)
        one_round(desk, lapor)
        with desk.store.read() as tx:
            told = [due.news for due in answers.unanswered(tx, None)]
            held = replies.held(tx)
    filed = len(lapor.present())
    assert set(lapor.copies().values()) == {1}
    assert (told.count("forwarded"), told.count("follow_up"), told.count("closed")) == (filed, filed, filed)
    assert held == []
    with working(config, clock) as desk:
        assert auditing.local(desk.store, config.gateway.id) == []


def test_a_process_that_wakes_after_its_lease_settles_receipts_alone(
    config: Config, inbox: Inbox, clock: FakeClock
) -> None:
    for number in range(1, 4):
        inbox.mail(str(number))
    lapor = FakeLapor(clock)
    with working(config, clock) as desk:
        collect(desk.config.channels[0], desk)
        with desk.store.begin() as tx:
            old = deliveries.claim(tx, [1, 2, 3], lapor.target, clock())
            deliveries.settle(tx, {one.id: Unknown(clock(), "interrupted") for one in old}, clock())
            tx.execute(sa.update(REPORT).values(stage="queued"))
            deliveries.claim(tx, [1, 2, 3], lapor.target, clock())
            stale = {
                1: Later(clock(), "http_503"),
                2: Accepted("1000005", None, "x", "unknown"),
                3: Unknown(clock(), "no_answer"),
            }
            ours = deliveries.still_ours(tx, stale, {one.id: one.attempts for one in old})
            deliveries.settle(tx, ours, clock())
            stages = dict(tx.execute(sa.select(REPORT.c.id, REPORT.c.stage)).all())  # type: ignore[arg-type]
    assert stages == {1: "sending", 2: "accepted", 3: "sending"}
