"""Does the whole work run on a state in PostgreSQL as it does on SQLite?"""

from __future__ import annotations

import threading
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
from state.database import Store, create
from state.deliveries import Accepted, Later, Unknown
from state.models import REPORT
from tests.fakes import FakeClock, FakeLapor, FakeSource, make_channel, make_config
from tests.servers.postgres import Postgres
from tests.unit import test_doubles as twins
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


def test_two_channels_that_are_read_at_once_see_each_others_reports(config: Config, clock: FakeClock) -> None:
    """The second waits until the first has committed: else each would find no twin, and both would be sent."""
    web, box = FakeSource(), FakeSource()
    channels = [make_channel(web, "web", twins.MAPPING, "meja"), make_channel(box, "box", twins.MAPPING, "surat")]
    web.add("1", **twins.BUDI, isi=twins.POTHOLE)
    box.add("2", **twins.BUDI, isi=twins.POTHOLE)
    with working(replace(config, channels=tuple(channels)), clock) as desk:
        begun, may_go_on = threading.Event(), threading.Event()
        first = _Slow(desk.store, begun, may_go_on)
        rounds = [
            threading.Thread(target=collect, args=(channels[0], replace(desk, store=first))),
            threading.Thread(target=collect, args=(channels[1], desk)),
        ]
        rounds[0].start()
        assert begun.wait(10)
        rounds[1].start()
        rounds[1].join(0.5)
        may_go_on.set()
        for one in rounds:
            one.join(20)
        assert sorted(twins.stages(desk)) == ["held", "queued"]


class _Slow(Store):
    """A store whose transactions, once a report is in them, wait before they are kept."""

    def __init__(self, store: Store, begun: threading.Event, may_go_on: threading.Event) -> None:
        super().__init__(store.engine, store.where)
        self._begun = begun
        self._may_go_on = may_go_on

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        with super().begin() as tx:
            yield tx
            if tx.scalar(sa.select(sa.func.count()).select_from(REPORT)):
                self._begun.set()
                assert self._may_go_on.wait(20)
