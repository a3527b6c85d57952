"""Are LAPOR's news kept once, the latest by LAPOR's own clock?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from state import channels, ledger, targets, tracking
from state.channels import Pin
from state.database import Store
from state.ledger import NewRecord, NewReport
from state.lifecycle import Disposition, Stage
from state.models import EVENT, FOLLOW_UP, REPORT
from state.tracking import Item, News, Tracked
from tests.fakes import NOON, TARGET, make_config, open_store, values


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(make_config(tmp_path)) as store:
        with store.begin() as tx:
            channels.pin(tx, Pin("web", "fake", "web", "all"), {"web": "web"}, NOON)
            targets.add(tx, TARGET)
            for key in ("1", "2"):
                new = NewRecord(
                    key, key, "1", Disposition.REPORT, None, None, {}, (), NewReport(Stage.ACCEPTED, values())
                )
                ledger.add(tx, "kaltim", "web", [new], NOON)
            tx.execute(sa.update(REPORT).values(target=TARGET, tracking_id=sa.cast(REPORT.c.id + 1_000_000, sa.String)))
        yield store


def news(status: str = "Tertunda", minutes: int = 0) -> News:
    return News(status, "pending", NOON + timedelta(minutes=minutes), {"hold_reason": None}, settled=True)


def known(store: Store, number: int = 1) -> Tracked:
    with store.read() as tx:
        return tracking.by_tracking_id(tx, TARGET, [str(1_000_000 + number)])[str(1_000_000 + number)]


def update(store: Store, what: News, items: list[Item], number: int = 1) -> tuple[bool, int]:
    report = known(store, number)
    with store.begin() as tx:
        return tracking.update(tx, report, what, items, NOON)


def item(text: str, date: str = "2026-11-23") -> Item:
    return Item(date, "Dinas PU", text, None)


def test_the_latest_by_lapors_clock_wins_whatever_the_order_of_arrival(store: Store) -> None:
    for status, minutes in (("B", 2), ("A", 1), ("C", 3), ("A", 0)):
        update(store, news(status, minutes), [])
    assert known(store).status == "C"
    assert known(store).updated_at == NOON + timedelta(minutes=3)


def test_older_news_bring_no_follow_ups_either(store: Store) -> None:
    update(store, news(minutes=2), [])
    assert update(store, news(minutes=1), [item("lama")]) == (False, 0)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.sampled_from(["a", "b", "c"]), max_size=12), cuts=st.lists(st.integers(0, 12), max_size=5))
def test_follow_ups_that_grow_are_each_kept_once_with_equal_ones_counted(
    store: Store, texts: list[str], cuts: list[int]
) -> None:
    with store.begin() as tx:
        tx.execute(sa.delete(FOLLOW_UP))
    for cut in [*sorted(cuts), len(texts), len(texts)]:
        update(store, news(), [item(text) for text in texts[:cut]])
    with store.read() as tx:
        kept = list(tx.scalars(sa.select(FOLLOW_UP.c.text).order_by(FOLLOW_UP.c.id)))
    assert sorted(kept) == sorted(texts)


def test_follow_ups_of_two_reports_do_not_meet_and_parts_do_not_run_together(store: Store) -> None:
    assert update(store, news(), [item("x")], 1)[1] == 1
    assert update(store, news(), [item("x")], 2)[1] == 1
    assert (
        update(store, news(), [Item("2026-11-23", "Dinas", "PU x", None), Item("2026-11-23", "Dinas PU", "x", None)])[1]
        == 1
    )


def test_the_database_itself_refuses_a_follow_up_twice(store: Store) -> None:
    update(store, news(), [item("x")])
    with store.read() as tx:
        row = dict(tx.execute(sa.select(FOLLOW_UP)).mappings().one())
    del row["id"]
    with pytest.raises(sa.exc.IntegrityError), store.begin() as tx:
        tx.execute(sa.insert(FOLLOW_UP).values(**row))


def test_what_happened_is_told_without_the_citizens_or_agencys_words(store: Store) -> None:
    update(store, news(), [item("Kepada Ibu Siti, sudah kami tambal.")])
    with store.read() as tx:
        told = tx.execute(
            sa.select(EVENT.c.kind, EVENT.c.detail).where(EVENT.c.kind.in_(["status", "follow_up"]))
        ).all()
    assert [tuple(row) for row in told] == [
        ("follow_up", {"count": 1, "ids": [1]}),
        ("status", {"status": "Tertunda", "canonical": "pending", "at": NOON.isoformat()}),
    ]


def test_tracking_ids_of_another_lapor_are_not_ours(store: Store) -> None:
    with store.read() as tx:
        assert tracking.by_tracking_id(tx, "v3 https://lain.test", ["1000001"]) == {}


def test_what_is_to_be_asked_for_by_itself_comes_when_its_time_has_come(store: Store) -> None:
    with store.begin() as tx:
        tracking.next_look(tx, 1, NOON + timedelta(hours=1))
        tracking.next_look(tx, 2, None)
        assert tracking.due(tx, TARGET, NOON, 10) == []
        assert [report.id for report in tracking.due(tx, TARGET, NOON + timedelta(hours=1), 10)] == [1]


def test_the_cursor_is_kept_in_lapors_own_words(store: Store) -> None:
    with store.begin() as tx:
        assert tracking.cursor(tx, TARGET) is None
        tracking.save_cursor(tx, TARGET, "2026-11-23T08:00:00.000+07:00")
    with store.read() as tx:
        assert tracking.cursor(tx, TARGET) == "2026-11-23T08:00:00.000+07:00"


def test_what_lapors_people_edit_beside_the_status_is_told(store: Store) -> None:
    seen = [
        {"text_digest": "a", "text_edited": None, "disposition_institution": None, "hold_reason": None},
        {"text_digest": "a", "text_edited": None, "disposition_institution": "Dinas PU", "hold_reason": None},
        {"text_digest": "b", "text_edited": "yes", "disposition_institution": "Dinas PU", "hold_reason": "kurang foto"},
        {"text_digest": "b", "text_edited": "yes", "disposition_institution": "Dishub", "hold_reason": None},
    ]
    for minutes, detail in enumerate(seen):
        update(store, News("Tertunda", "pending", NOON + timedelta(minutes=minutes), detail, settled=True), [])
    with store.read() as tx:
        query = sa.select(EVENT.c.kind, EVENT.c.detail).where(EVENT.c.kind != "accepted").order_by(EVENT.c.id)
        told = [(row.kind, row.detail) for row in tx.execute(query) if row.kind != "status"]
    assert told == [
        ("rerouted", {"to": "Dinas PU"}),
        ("text_edited", {}),
        ("hold_reason", {}),
        ("rerouted", {"to": "Dishub"}),
    ]


def test_a_text_that_was_edited_before_the_first_look_is_told_too(store: Store) -> None:
    update(store, News("Tertunda", "pending", NOON, {"text_digest": "b", "text_edited": "yes"}, settled=True), [])
    with store.read() as tx:
        assert "text_edited" in list(tx.scalars(sa.select(EVENT.c.kind)))
