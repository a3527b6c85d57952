"""Do citizens' files leave the spool once nobody needs them, and never before?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connectors import spool
from connectors.contract import Attachment, SourceRecord
from gateway.desk import Desk
from gateway.steps.collect import collect
from gateway.steps.submit import submit
from gateway.steps.track import track
from gateway.work import tidy_spool
from state.models import RECORD, REPORT
from tests.attachments import samples
from tests.fakes import FakeClock, FakeConnector, FakeLapor, FakeSource, make_channel, open_desk


class WithPhotos(FakeSource):
    """Records with one photo each, the same for records of one `foto`."""

    folder: Path

    def __call__(self, _options: Any, channel: Any) -> FakeConnector:
        self.folder = channel.spool
        return _WithPhotos(self)


class _WithPhotos(FakeConnector):
    def read(self, locators: Any) -> Iterator[SourceRecord]:
        for record in super().read(locators):
            yield replace(
                record,
                attachments=[photo(self._source.folder, str(record.fields["foto"]))],  # type: ignore[attr-defined]
                ignore=str(record.fields.get("ignore") or "") or None,
            )


def photo(folder: Path, which: str) -> Attachment:
    return spool.keep(folder, f"{which}.jpg", "image/jpeg", samples.photo() + which.encode())


@pytest.fixture
def source() -> WithPhotos:
    return WithPhotos()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def desk(tmp_path: Path, clock: FakeClock, source: WithPhotos) -> Iterator[Desk]:
    channel = make_channel(source, start="2026-11-01", first_run_limit=100)
    with open_desk(tmp_path, clock, [channel]) as desk:
        yield desk


def names(desk: Desk) -> int:
    """How many files there are in the spool."""
    return sum(1 for path in desk.config.gateway.spool.rglob("*") if path.is_file() and path.name != ".tidied")


def age_to_now(desk: Desk, clock: FakeClock) -> None:
    """Give the files the clock's time: theirs is the machine's."""
    for path in desk.config.gateway.spool.rglob("*"):
        if path.is_file():
            os.utime(path, (clock().timestamp(), clock().timestamp()))


def test_files_go_when_their_report_is_closed_and_the_time_is_over(
    desk: Desk, clock: FakeClock, source: WithPhotos
) -> None:
    lapor = FakeLapor(clock)
    source.add("1", foto="a")
    source.add("2", foto="b")
    [channel] = desk.config.channels
    collect(channel, desk)
    submit(desk, lapor)
    track(desk, lapor)
    age_to_now(desk, clock)
    whole = names(desk)
    assert whole >= 4
    with desk.store.read() as tx:
        closed = str(tx.scalar(sa.select(REPORT.c.tracking_id).where(REPORT.c.id == 1)))
    lapor.change(closed, "Ditutup oleh Sistem")
    track(desk, lapor)
    for days in (0, 89):
        clock.advance(days=days)
        tidy_spool(desk)
        assert names(desk) == whole
    clock.advance(days=2)
    result = tidy_spool(desk)
    assert result is not None
    assert names(desk) == whole - result.counts["files_deleted"] < whole
    with desk.store.read() as tx:
        kept = tx.scalars(sa.select(RECORD.c.attachments).where(RECORD.c.id == 2)).one()
    assert all(Path(item["sent"]["path"]).exists() for item in kept)


def test_what_two_reports_share_stays_for_the_open_one(desk: Desk, clock: FakeClock, source: WithPhotos) -> None:
    source.add("1", foto="sama")
    source.add("2", foto="sama")
    collect(desk.config.channels[0], desk)
    age_to_now(desk, clock)
    whole = names(desk)
    with desk.store.begin() as tx:
        tx.execute(sa.update(REPORT).where(REPORT.c.id == 1).values(stage="dropped", stage_at=clock()))
    clock.advance(days=100)
    tidy_spool(desk)
    assert names(desk) == whole


def test_what_never_becomes_a_report_goes_at_once_or_with_time(
    desk: Desk, clock: FakeClock, source: WithPhotos
) -> None:
    source.add("1", clock() - timedelta(days=40), foto="lama")
    source.add("2", foto="otomatis", ignore="auto_reply")
    collect(desk.config.channels[0], desk)
    age_to_now(desk, clock)
    assert names(desk) == 2
    clock.advance(hours=2)
    tidy_spool(desk)
    assert names(desk) == 2, "so young a file may belong to a record that is being collected"
    clock.advance(days=2)
    tidy_spool(desk)
    assert names(desk) == 1
    clock.advance(days=90)
    tidy_spool(desk)
    assert names(desk) == 0


def test_it_is_done_once_a_day_and_touches_no_strangers_file(desk: Desk, clock: FakeClock) -> None:
    folder = spool.prepare(desk.config.gateway.spool)
    (folder / "ab").mkdir()
    for name in ("catatan.txt", "tmpabc123", "0" * 64, f"{'0' * 64}.prepared.json"):
        (folder / "ab" / name).write_text("x")
        os.utime(folder / "ab" / name, (0, 0))
    assert tidy_spool(desk) is not None
    left = {path.name for path in (folder / "ab").iterdir()}
    assert left == {"catatan.txt", "0" * 64, f"{'0' * 64}.prepared.json"}, "another gateway's, or a lost state's"
    os.utime(folder / ".tidied", (clock().timestamp(), clock().timestamp()))
    assert tidy_spool(desk) is None
    clock.advance(days=1)
    assert tidy_spool(desk) is not None
