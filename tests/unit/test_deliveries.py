"""Is a report claimed by one alone, is its outcome kept, and does no channel starve another?"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from state import acts, channels, deliveries, ledger, targets
from state.channels import Pin
from state.database import Store
from state.deliveries import Accepted, Later, Rejected, Unknown
from state.ledger import NewRecord, NewReport
from state.lifecycle import Disposition, NotAllowed, Stage
from state.models import EVENT, RECORD, REPORT
from tests.fakes import NOON, TARGET, make_config, open_store, values


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(make_config(tmp_path)) as store:
        yield store


def add(store: Store, count: int = 1, channel: str = "web", stage: Stage = Stage.QUEUED, **changes: Any) -> list[int]:
    with store.begin() as tx:
        known = channels.pin(tx, Pin(channel, "fake", channel, "all"), {channel: channel, "web": "web"}, NOON)
        first = tx.scalar(sa.select(sa.func.count()).select_from(REPORT)) or 0
        fresh = [
            NewRecord(
                str(n), str(n), "1", Disposition.REPORT, None, None, {}, (), NewReport(stage, values(), **changes)
            )
            for n in range(first, first + count)
        ]
        return list(ledger.add(tx, "kaltim", known.id, fresh, NOON))


def due(store: Store, limit: int = 500, **later: float) -> list[int]:
    with store.read() as tx:
        return list(deliveries.due(tx, NOON + timedelta(**later), limit))


def claim(store: Store, *ids: int) -> list[int]:
    with store.begin() as tx:
        return [claimed.id for claimed in deliveries.claim(tx, ids, TARGET, NOON)]


def settle(store: Store, outcomes: dict[int, deliveries.Outcome]) -> list[tuple[int, str, int]]:
    with store.begin() as tx:
        return [(hit.id, hit.tracking_id, hit.bound_to) for hit in deliveries.settle(tx, outcomes, NOON)]


def row(store: Store, number: int) -> Any:
    with store.read() as tx:
        return tx.execute(sa.select(REPORT).where(REPORT.c.id == number)).one()


def accepted(tracking_id: str = "1000005") -> Accepted:
    return Accepted(tracking_id, None, "Belum Terverifikasi", "received")


# Whose turn it is


def test_channels_take_turns_however_much_one_has(store: Store) -> None:
    many = add(store, 1000, "sibuk")
    few = add(store, 2, "sepi")
    turns = due(store, 6)
    assert turns[:4] == [many[0], few[0], many[1], few[1]]
    assert turns[4:] == many[2:4]


def test_only_what_is_queued_and_whose_time_has_come_is_due(store: Store) -> None:
    [ready] = add(store)
    [later] = add(store, not_before=NOON + timedelta(minutes=5))
    add(store, stage=Stage.HELD)
    assert due(store) == [ready]
    assert set(due(store, minutes=5)) == {ready, later}


# Claims


def test_what_was_claimed_cannot_be_claimed_again(store: Store) -> None:
    one, other = add(store, 2)
    assert claim(store, one) == [one]
    assert claim(store, one, other) == [other]
    assert (row(store, one).stage, row(store, one).attempts, row(store, one).target) == ("sending", 1, TARGET)


@pytest.mark.parametrize("stage", sorted(set(Stage) - {Stage.QUEUED}))
def test_nothing_but_a_queued_report_is_claimed(store: Store, stage: Stage) -> None:
    [number] = add(store, stage=stage)
    assert claim(store, number) == []
    assert row(store, number).stage == stage


def test_a_claim_has_the_amended_values(store: Store) -> None:
    [number] = add(store)
    with store.begin() as tx:
        tx.execute(sa.update(REPORT).values(amendments={"title": "Dibetulkan"}))
        [claimed] = deliveries.claim(tx, [number], TARGET, NOON)
    assert claimed.values == values(title="Dibetulkan")


def test_a_claim_has_its_own_attachments_and_no_other_citizens(store: Store) -> None:
    ids = add(store, 3)
    with store.begin() as tx:
        for number in ids:
            tx.execute(sa.update(RECORD).where(RECORD.c.id == number).values(attachments=[{"name": f"{number}.jpg"}]))
        claimed = deliveries.claim(tx, ids, TARGET, NOON)
    assert {claim.id: claim.attachments for claim in claimed} == {n: [{"name": f"{n}.jpg"}] for n in ids}


def test_of_two_connections_that_race_one_gets_each_report(store: Store, tmp_path: Path) -> None:
    ids = add(store, 40)
    won: dict[str, list[int]] = {"a": [], "b": []}
    begin = threading.Barrier(2)

    def race(name: str, own: Store) -> None:
        begin.wait()
        for number in ids:
            won[name] += claim(own, number)

    with open_store(make_config(tmp_path)) as second:
        threads = [threading.Thread(target=race, args=pair) for pair in (("a", store), ("b", second))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(won["a"] + won["b"]) == ids
    assert all(row(store, number).attempts == 1 for number in ids)


# Outcomes


def test_an_accepted_report_waits_for_nothing_but_news(store: Store) -> None:
    [number] = add(store)
    claim(store, number)
    assert settle(store, {number: accepted()}) == []
    kept = row(store, number)
    assert (kept.stage, kept.tracking_id, kept.next_attempt_at, kept.next_track_at) == (
        "accepted",
        "1000005",
        None,
        NOON,
    )


def test_an_outcome_comes_too_late_for_a_report_that_was_settled(store: Store) -> None:
    [number] = add(store)
    claim(store, number)
    settle(store, {number: accepted()})
    outcomes: list[deliveries.Outcome] = [Later(NOON, "x"), Rejected([]), Unknown(NOON, "x"), accepted("2")]
    for outcome in outcomes:
        settle(store, {number: outcome})
        assert (row(store, number).stage, row(store, number).tracking_id) == ("accepted", "1000005")


def test_a_tracking_id_of_another_report_is_not_bound_again(store: Store) -> None:
    one, other = add(store, 2)
    claim(store, one, other)
    settle(store, {one: accepted()})
    assert settle(store, {other: accepted()}) == [(other, "1000005", one)]
    kept = row(store, other)
    assert (kept.stage, kept.tracking_id, kept.next_attempt_at) == ("in_doubt", None, None)


def test_two_reports_of_one_commit_with_one_tracking_id_do_not_lose_the_whole_commit(store: Store) -> None:
    one, other, fine = add(store, 3)
    claim(store, one, other, fine)
    hits = settle(store, {one: accepted(), other: accepted(), fine: accepted("1000010")})
    assert [(hit[0], hit[2]) for hit in hits] == [(other, one)]
    assert [row(store, number).stage for number in (one, other, fine)] == ["accepted", "in_doubt", "accepted"]


def test_the_same_tracking_id_at_another_lapor_is_no_collision(store: Store) -> None:
    one, other = add(store, 2)
    claim(store, one)
    settle(store, {one: accepted()})
    with store.begin() as tx:
        deliveries.claim(tx, [other], "v3 https://lain.test", NOON)
    assert settle(store, {other: accepted()}) == []


def test_the_database_itself_refuses_one_tracking_id_twice(store: Store) -> None:
    one, other = add(store, 2)
    claim(store, one, other)
    settle(store, {one: accepted()})
    with pytest.raises(sa.exc.IntegrityError), store.begin() as tx:
        tx.execute(sa.update(REPORT).where(REPORT.c.id == other).values(tracking_id="1000005"))


def test_what_was_being_sent_when_the_process_died_is_in_doubt_and_told(store: Store) -> None:
    sent, unsent = add(store, 2)
    claim(store, sent)
    with store.begin() as tx:
        assert deliveries.recover(tx, timedelta(minutes=10), NOON + timedelta(hours=1)) == 1
        assert deliveries.recover(tx, timedelta(minutes=10), NOON + timedelta(hours=1)) == 0
        kinds = list(tx.scalars(sa.select(EVENT.c.kind).where(EVENT.c.record_id == sent).order_by(EVENT.c.id)))
    assert (row(store, sent).stage, row(store, unsent).stage) == ("in_doubt", "queued")
    assert row(store, sent).next_attempt_at == NOON + timedelta(minutes=10)
    assert kinds == ["queued", "in_doubt"]


def test_waiting_counts_what_needs_no_person(store: Store) -> None:
    add(store, 2)
    add(store, not_before=NOON + timedelta(minutes=5))
    add(store, stage=Stage.HELD)
    [doubtful] = add(store)
    claim(store, doubtful)
    settle(store, {doubtful: Unknown(None, "x")})
    with store.read() as tx:
        waiting = deliveries.waiting(tx, NOON)
    assert (waiting.due, waiting.later, waiting.next_at) == (2, 1, NOON)


# People


def test_a_person_releases_and_drops_what_is_held_and_is_named(store: Store) -> None:
    one, other = add(store, 2, stage=Stage.HELD)
    with store.begin() as tx:
        acts.release(tx, one, "siti", NOON)
        acts.drop(tx, other, "uji coba", "siti", NOON)
        told = tx.execute(sa.select(EVENT.c.kind, EVENT.c.actor, EVENT.c.detail).where(EVENT.c.actor == "siti")).all()
    assert (row(store, one).stage, row(store, other).stage) == ("queued", "dropped")
    assert [tuple(event) for event in told] == [("released", "siti", {}), ("dropped", "siti", {"why": "uji coba"})]


@pytest.mark.parametrize("stage", [Stage.SENDING, Stage.IN_DOUBT, Stage.ACCEPTED, Stage.DROPPED])
def test_no_person_drops_what_lapor_may_have(store: Store, stage: Stage) -> None:
    [number] = add(store, stage=stage)
    with pytest.raises(NotAllowed), store.begin() as tx:
        acts.drop(tx, number, "x", "siti", NOON)
    assert row(store, number).stage == stage


def test_an_unknown_number_is_said_so(store: Store) -> None:
    with pytest.raises(acts.UnknownReport), store.begin() as tx:
        acts.release(tx, 4711, "siti", NOON)


# The target


def test_the_requests_of_a_day_are_counted_anew_the_next_day(store: Store) -> None:
    with store.begin() as tx:
        assert targets.spend(tx, TARGET, "2026-11-23", 3) == 3
        assert targets.spend(tx, TARGET, "2026-11-23", 4) == 7
        assert targets.spent(tx, "v3 https://lain.test", "2026-11-23") == 0
        assert targets.spend(tx, TARGET, "2026-11-24", 1) == 1
        assert targets.spent(tx, TARGET, "2026-11-23") == 0


def test_a_new_start_probes_at_once_what_was_refused_but_leaves_an_outage_alone(store: Store) -> None:
    until = NOON + timedelta(hours=1)
    with store.begin() as tx:
        for name, reason in ((TARGET, "unauthorized"), ("v3 https://lain.test", "http_503")):
            targets.add(tx, name)
            targets.pause(tx, name, until, reason)
            targets.probe_at_once(tx, name)
        assert not targets.get(tx, TARGET).paused(NOON)
        assert targets.get(tx, TARGET).failures == 1
        assert targets.get(tx, "v3 https://lain.test").paused(NOON)
