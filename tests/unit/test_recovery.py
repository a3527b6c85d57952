"""Is nothing filed twice and nothing lost when the state is gone, or an older one has been restored?"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gateway import audit as auditing
from gateway.config import Config
from gateway.desk import Desk
from gateway.lapor.errors import LaporError, Unavailable
from gateway.recover import recover
from gateway.steps.collect import collect
from gateway.steps.submit import submit
from gateway.steps.track import track
from state import recovery, upkeep
from state.database import Store, create, open_state
from state.errors import StateError
from state.models import REPORT
from state.recovery import StateOutdated
from tests.fakes import FakeClock, FakeLapor, FakeSource, FakeWriter, make_channel, make_config

REPORTS = 12


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def lapor(clock: FakeClock) -> FakeLapor:
    return FakeLapor(clock)


@pytest.fixture
def source() -> FakeSource:
    source = FakeSource()
    for number in range(REPORTS):
        source.add(str(number), rahasia="ya" if number % 2 else "tidak")
    return source


@pytest.fixture
def config(tmp_path: Path, source: FakeSource) -> Config:
    return make_config(tmp_path, [make_channel(source)])


def state_file(config: Config) -> Path:
    return Path(str(config.gateway.state.database))


@contextmanager
def working(config: Config, clock: FakeClock, *, new: bool = False) -> Iterator[Desk]:
    settings = config.gateway
    store = create(settings.state, None, settings.id) if new else open_state(settings.state, None, settings.id)
    try:
        recovery.count(store)
        yield Desk(config, store, FakeWriter(), clock)
    finally:
        store.close()


def round_of(desk: Desk, lapor: FakeLapor) -> None:
    collect(desk.config.channels[0], desk)
    submit(desk, lapor)
    track(desk, lapor)


def stages(store: Store) -> dict[str, int]:
    with store.read() as tx:
        query = sa.select(REPORT.c.stage, sa.func.count()).group_by(REPORT.c.stage)
        return {row[0]: row[1] for row in tx.execute(query)}


def recovered(config: Config, lapor: FakeLapor, *, new: bool) -> None:
    settings = config.gateway
    store = create(settings.state, None, settings.id) if new else open_state(settings.state, None, settings.id)
    try:
        recover(config, store, lapor)
    finally:
        store.close()


def copies(lapor: FakeLapor) -> set[int]:
    return set(lapor.copies().values())


def test_a_lost_state_is_recovered_without_filing_anything_twice(
    config: Config, clock: FakeClock, lapor: FakeLapor
) -> None:
    with working(config, clock, new=True) as desk:
        round_of(desk, lapor)
    assert len(lapor.copies()) == REPORTS
    state_file(config).unlink()
    for rest in state_file(config).parent.glob(f"{state_file(config).name}-*"):
        rest.unlink()
    recovered(config, lapor, new=True)
    with working(config, clock) as desk:
        round_of(desk, lapor)
        assert stages(desk.store) == {"accepted": REPORTS // 2, "held": REPORTS // 2}
        assert not list(auditing.local(desk.store, config.gateway.id))
    assert (len(lapor.copies()), copies(lapor)) == (REPORTS, {1})


def test_a_restored_older_state_is_refused_and_recovered(
    config: Config, clock: FakeClock, lapor: FakeLapor, source: FakeSource, tmp_path: Path
) -> None:
    with working(config, clock, new=True) as desk:
        collect(config.channels[0], desk)
        backup = tmp_path / "backup.db"
        upkeep.backup(desk.store, backup)
    with working(config, clock) as desk:
        round_of(desk, lapor)
    for rest in state_file(config).parent.glob(f"{state_file(config).name}-*"):
        rest.unlink()
    shutil.copy(backup, state_file(config))
    with pytest.raises(StateOutdated, match="state recover"), working(config, clock):
        pass
    recovered(config, lapor, new=False)
    source.add("baru")
    with working(config, clock) as desk:
        round_of(desk, lapor)
        assert stages(desk.store) == {"accepted": REPORTS // 2 + 1, "held": REPORTS // 2}
    assert (len(lapor.copies()), copies(lapor)) == (REPORTS + 1, {1})


def test_a_recovery_that_lapor_broke_off_leaves_a_state_that_sends_nothing(
    config: Config, clock: FakeClock, lapor: FakeLapor
) -> None:
    lapor.read_errors["changed"] = Unavailable("http_500", "HTTP 500")
    with pytest.raises(LaporError):
        recovered(config, lapor, new=True)
    with pytest.raises(StateOutdated, match="to its end"), working(config, clock):
        pass
    lapor.read_errors.clear()
    recovered(config, lapor, new=False)
    with working(config, clock) as desk:
        round_of(desk, lapor)
    assert copies(lapor) == {1}


def test_a_report_that_lapor_shows_of_a_forgotten_state_is_adopted(
    config: Config, clock: FakeClock, lapor: FakeLapor, source: FakeSource
) -> None:
    """Without any word of a recovery: the list tells of it before its record is found again."""
    with working(config, clock, new=True) as desk:
        round_of(desk, lapor)
        forgotten = [row for row in lapor.present() if not row.is_secret]
    for file in state_file(config).parent.glob(f"{state_file(config).name}*"):
        file.unlink()
    with working(config, clock, new=True) as desk:
        track(desk, lapor)
        collect(config.channels[0], desk)
        with desk.store.read() as tx:
            query = sa.select(REPORT.c.tracking_id).where(REPORT.c.stage == "accepted")
            assert set(tx.scalars(query)) == {row.tracking_id for row in forgotten}


def test_a_second_gateway_with_the_same_id_is_told(config: Config, clock: FakeClock, lapor: FakeLapor) -> None:
    with working(config, clock, new=True) as desk:
        round_of(desk, lapor)
        ours = next(row for row in lapor.present() if not row.is_secret)
        clock.advance(minutes=1)
        lapor.file(str(ours.external_id))
        result = track(desk, lapor)
        assert (result.outcome, [problem["code"] for problem in result.problems]) == ("partial", ["filed_twice"])
        found: list[Any] = list(auditing.remote(desk.store, lapor))
        assert [discrepancy.text for discrepancy in found] == ["LAPOR has it 2 times"]


def test_new_secret_reports_after_a_recovery_are_sent(
    config: Config, clock: FakeClock, lapor: FakeLapor, source: FakeSource
) -> None:
    recovered(config, lapor, new=True)
    source.add("besok", received=clock() + timedelta(days=400), rahasia="ya")
    with working(config, clock) as desk:
        collect(config.channels[0], desk)
        with desk.store.read() as tx:
            held = tx.scalar(sa.select(sa.func.count()).where(REPORT.c.stage == "held"))
        assert held == REPORTS // 2


def test_where_lapor_cannot_be_read_every_report_of_a_lost_state_is_held(
    config: Config, lapor: FakeLapor, clock: FakeClock
) -> None:
    lapor.reads = False
    with working(config, clock, new=True) as desk:
        round_of(desk, lapor)
    state_file(config).unlink()
    settings = config.gateway
    store = create(settings.state, None, settings.id)
    assert recover(config, store, lapor).seen == 0
    store.close()
    with working(config, clock) as desk:
        round_of(desk, lapor)
        assert stages(desk.store) == {"held": REPORTS}
    assert len(lapor.submissions) == REPORTS


def test_kills_between_the_state_and_its_counter_are_no_restored_backup(config: Config, clock: FakeClock) -> None:
    """The file is one behind whenever a process died between the two; however often, it catches up."""
    beside = state_file(config).with_name(f"{state_file(config).name}.starts")
    with working(config, clock, new=True):
        pass
    for _ in range(3):
        beside.write_text(f"{int(beside.read_text()) - 1}\n")
        with working(config, clock):
            pass
    beside.write_text(f"{int(beside.read_text()) - 2}\n")
    with pytest.raises(StateOutdated), working(config, clock):
        pass


def test_a_start_mends_the_counter_before_it_counts_on(config: Config, clock: FakeClock) -> None:
    beside = state_file(config).with_name(f"{state_file(config).name}.starts")
    with working(config, clock, new=True):
        pass
    before = int(beside.read_text())
    beside.write_text(f"{before - 1}\n")
    beside.with_name(f"{beside.name}.new").mkdir()
    with pytest.raises(StateError), working(config, clock):
        pass
    beside.with_name(f"{beside.name}.new").rmdir()
    with working(config, clock):
        assert int(beside.read_text()) == before + 1
