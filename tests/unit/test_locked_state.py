"""What happens where another process keeps the state locked for longer than the gateway waits?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from gateway import audit as auditing
from gateway.config import Config
from gateway.lapor.port import Receipt, Submission
from gateway.work import collect_channel, desk_of, submit_due
from state import database
from state.errors import StateError
from tests.fakes import FakeClock, FakeLapor, FakeSource, make_channel, make_config, open_desk, open_store

REPORTS = 20


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for a lock takes half a minute in earnest."""
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0.1)


@pytest.fixture
def source() -> FakeSource:
    source = FakeSource()
    for number in range(REPORTS):
        source.add(str(number))
    return source


@pytest.fixture
def config(tmp_path: Path, source: FakeSource) -> Config:
    return make_config(tmp_path, [make_channel(source)])


@pytest.fixture
def other(config: Config) -> Iterator[sqlite3.Connection]:
    """Another process, such as an editor of databases, on the same state."""
    with open_store(config):
        pass
    place = str(config.gateway.state.database)
    with closing(sqlite3.connect(place, isolation_level=None, check_same_thread=False)) as connection:
        yield connection


def test_a_locked_state_stops_a_start_in_one_line(config: Config, other: sqlite3.Connection) -> None:
    """The line names the state; once it is free, the next start works: nothing was counted half."""
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StateError, match=r"gateway\.db cannot be used: database is locked"), desk_of(config):
        pass
    other.execute("ROLLBACK")
    with desk_of(config) as desk:
        assert collect_channel(desk, config.channels[0]).outcome == "ok"


def test_a_state_that_is_locked_while_reports_are_sent(
    tmp_path: Path, source: FakeSource, other: sqlite3.Connection
) -> None:
    """What LAPOR answered meanwhile cannot be kept: those reports are looked up, and none is sent twice."""
    clock = FakeClock()
    lapor = FakeLapor(clock)

    def lock(submission: Submission) -> Receipt:
        receipt = lapor.accept(submission)
        other.execute("BEGIN EXCLUSIVE")
        return receipt

    lapor.next.append(lock)
    with open_desk(tmp_path, clock, [make_channel(source)]) as desk:
        collect_channel(desk, desk.config.channels[0])
        result = submit_due(desk, lapor)
        assert (result.outcome, "database is locked" in result.message) == ("failed", True)
        other.execute("ROLLBACK")
        for _ in range(2):
            clock.advance(seconds=timedelta(minutes=11).total_seconds())
            assert submit_due(desk, lapor).outcome == "ok"
        assert not list(auditing.local(desk.store, desk.config.gateway.id))
    assert sorted(lapor.copies().values()) == [1] * REPORTS
