"""Does a LAPOR that is away for a day, or refuses the token for an hour, cost nothing but time?

The steps are worked in the service's rhythm, on a clock that is turned: what a day costs is measured and pinned.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway import audit as auditing
from gateway.desk import Desk
from gateway.lapor.errors import LaporError, Refused, Unavailable
from gateway.work import collect_channel, submit_due, track_changes
from state import targets, views
from state.models import EVENT, REPORT, RUN
from tests.fakes import FakeClock, FakeLapor, FakeSource, make_channel, open_desk

SUBMIT_EVERY = timedelta(seconds=30)
ROUNDS_AN_HOUR = 120
COLLECT_AND_TRACK_EVERY = 10
"""Rounds of sending, thus 5 minutes."""
NEW_EVERY = 60
"""Rounds of sending, thus half an hour."""
QUEUED = 200
READING = ("find", "changed", "complaint", "followups")
IN_FLIGHT = 12
"""Claims at once: three for each of four workers."""
DOWN: Mapping[str, LaporError] = {
    "no connection": Unavailable("no_connection", "LAPOR cannot be reached (ConnectError)"),
    "a page under 503": Unavailable("http_503", "LAPOR answered HTTP 503: later"),
}
"""What every request of the day ends with."""
NO_TOKEN = Refused("unauthorized", "LAPOR refuses the token (HTTP 401); check [lapor] token")


@dataclass
class Service:
    """The service's rhythm over a clock that is turned."""

    desk: Desk
    lapor: FakeLapor
    clock: FakeClock
    source: FakeSource
    rounds: int = 0

    def work(self, rounds: int) -> None:
        """So many rounds of sending, with everything else at its own interval."""
        for _ in range(rounds):
            if self.rounds % NEW_EVERY == 0:
                self.source.add(str(len(self.source.rows) + 1))
            if self.rounds % COLLECT_AND_TRACK_EVERY == 0:
                collect_channel(self.desk, self.desk.config.channels[0])
                track_changes(self.desk, self.lapor)
            submit_due(self.desk, self.lapor)
            self._turn()

    def hurry(self, rounds: int) -> None:
        """The same for LAPOR as `work`, but rounds that would find it left alone, and ask nothing, are not begun."""
        for _ in range(rounds):
            if self.paused():
                self._turn()
            else:
                self.work(1)

    def _turn(self) -> None:
        self.rounds += 1
        self.clock.advance(seconds=SUBMIT_EVERY.total_seconds())

    def paused(self) -> bool:
        """Whether LAPOR is left alone now."""
        with self.desk.store.read() as tx:
            return targets.get(tx, self.lapor.target).paused(self.clock())

    def minutes_until_all_is_filed(self, most: int) -> float:
        """Work until every record of the source is accepted; how long that took on the clock."""
        begun = self.clock()
        while self.stages() != {"accepted": len(self.source.rows)}:
            assert self.clock() - begun < timedelta(minutes=most), self.stages()
            self.work(1)
        return (self.clock() - begun).total_seconds() / 60

    def stages(self) -> dict[str, int]:
        query = sa.select(REPORT.c.stage, sa.func.count()).group_by(REPORT.c.stage)
        with self.desk.store.read() as tx:
            return {row[0]: row[1] for row in tx.execute(query)}

    def attempts(self) -> list[int]:
        """Of every report."""
        with self.desk.store.read() as tx:
            return list(tx.scalars(sa.select(REPORT.c.attempts)))

    def count(self, table: sa.Table, *conditions: sa.ColumnElement[bool]) -> int:
        with self.desk.store.read() as tx:
            return tx.scalar(sa.select(sa.func.count()).select_from(table).where(*conditions)) or 0

    def happened(self, *kinds: str) -> int:
        """How many events of these kinds are kept."""
        return self.count(EVENT, EVENT.c.kind.in_(kinds))


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """One with 200 reports that wait for the first round of sending."""
    random.seed(11)
    clock, source = FakeClock(), FakeSource()
    for number in range(1, QUEUED + 1):
        source.add(str(number))
    with open_desk(tmp_path, clock, [make_channel(source)]) as desk:
        made = Service(desk, FakeLapor(clock), clock, source)
        collect_channel(desk, desk.config.channels[0])
        assert made.stages() == {"queued": QUEUED}
        yield made


@contextmanager
def failing(lapor: FakeLapor, error: LaporError) -> Iterator[None]:
    """Every request ends like that."""
    lapor.always = lapor.fail(error)
    lapor.read_errors.update(dict.fromkeys(READING, error))
    yield
    lapor.always = None
    lapor.read_errors.clear()


def all_is_filed_once(service: Service) -> None:
    """Each record of the source is one report in LAPOR, and no report ever waited for a person."""
    assert service.stages() == {"accepted": len(service.source.rows)}
    assert sorted(service.lapor.copies().values()) == [1] * len(service.source.rows)
    assert service.happened("rejected", "held", "in_doubt") == 0
    assert not list(auditing.local(service.desk.store, service.desk.config.gateway.id))


@pytest.mark.parametrize("error", DOWN.values(), ids=DOWN.keys())
def test_a_day_without_lapor(service: Service, error: LaporError) -> None:
    """It costs some dozens of requests, all but a few of them for the one report that probes, and as many runs."""
    with failing(service.lapor, error):
        service.hurry(24 * ROUNDS_AN_HOUR)
        assert service.stages() == {"queued": len(service.source.rows)}
    attempts = service.attempts()
    assert service.lapor.requests_made() < 100
    assert sum(attempts) == service.happened("postponed") < 100
    assert max(attempts) < 50
    assert len([number for number in attempts if number]) < 40
    assert service.count(RUN, RUN.c.step != "collect") < 300
    assert service.minutes_until_all_is_filed(most=61) > 0
    all_is_filed_once(service)


def test_idle_rounds_of_a_pause_are_one_run_that_says_why(service: Service) -> None:
    """However often the service comes by during a pause, `log` has it once, from the first time to the last."""
    with failing(service.lapor, Unavailable("http_503", "LAPOR answered HTTP 503: later", timedelta(hours=1))):
        service.work(1)
        before, requests = service.count(RUN, RUN.c.step == "submit"), service.lapor.requests_made()
        service.work(ROUNDS_AN_HOUR - 2)
    assert service.count(RUN, RUN.c.step == "submit") == before + 1
    assert service.lapor.requests_made() == requests
    with service.desk.store.read() as tx:
        run = views.last_run(tx, "submit", None)
    assert run is not None
    assert run["problems"] == [{"where": "LAPOR", "code": "http_503", "detail": ""}]
    assert run["ended_at"] - run["started_at"] > timedelta(minutes=50)


def test_an_hour_with_a_revoked_token(service: Service) -> None:
    """No report is at fault: nothing is in doubt, nothing refused, a dozen are tried, and `status` names the token."""
    with failing(service.lapor, NO_TOKEN):
        service.work(ROUNDS_AN_HOUR)
        named_token(service)
        assert service.stages() == {"queued": len(service.source.rows)}
    attempts = service.attempts()
    assert service.lapor.requests_made() < 40
    assert len([number for number in attempts if number]) <= IN_FLIGHT
    assert max(attempts) < 20
    assert service.minutes_until_all_is_filed(most=61) > 0
    all_is_filed_once(service)


def named_token(service: Service) -> None:
    """What `status` shows of LAPOR says that it is the token."""
    with service.desk.store.read() as tx:
        (target,), run = views.targets(tx), views.last_run(tx, "submit", None)
    assert target["pause_reason"] == "unauthorized"
    assert target["paused_until"] is not None
    assert run is not None
    assert "unauthorized" in {problem["code"] for problem in run["problems"]}


def test_a_new_start_tries_a_mended_token_at_once(service: Service) -> None:
    """Not before the pause is over, unless somebody starts the service anew."""
    with failing(service.lapor, NO_TOKEN):
        service.work(ROUNDS_AN_HOUR)
        paused_again(service)
    with service.desk.store.begin() as tx:
        targets.probe_at_once(tx, service.lapor.target)
    service.work(1)
    all_is_filed_once(service)


def paused_again(service: Service) -> None:
    """Work until LAPOR is left alone."""
    while not service.paused():
        service.work(1)
