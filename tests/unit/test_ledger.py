"""Is each record known once, under an id that never changes and never meets another's?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from state import channels, ledger
from state.channels import Pin
from state.database import Store
from state.ledger import NewRecord, NewReport, external_id
from state.lifecycle import Disposition, Stage
from state.models import EVENT, RECORD, REPORT
from tests.fakes import NOON, make_config, open_store, values


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(make_config(tmp_path)) as store:
        with store.begin() as tx:
            for name in ("web", "surel"):
                channels.pin(
                    tx, Pin(name, "fake", f"fake://{name}", "all"), {"web": "fake://web", "surel": "fake://surel"}, NOON
                )
        yield store


def record(key: str = "1", report: NewReport | None = None, **changes: Any) -> NewRecord:
    facts: dict[str, Any] = {
        "key": key,
        "locator": key,
        "version": "v1",
        "disposition": Disposition.REPORT if report else Disposition.BASELINE,
        "reason": None,
        "received_at": None,
        "fields": {"isi": "x", "nama": "Warga"},
        "report": report,
        **changes,
    }
    return NewRecord(**facts)


def queued(**changes: Any) -> NewReport:
    return NewReport(Stage.QUEUED, values(), **changes)


def add(store: Store, *records: NewRecord, channel: str = "web") -> list[int]:
    with store.begin() as tx:
        return list(ledger.add(tx, "kaltim", channel, records, NOON))


# The external id

VECTORS = [
    ("kaltim", "web", "17", "f7wxnybjsuqm3ikbe2lyg4z2xpsxuo65ylq2h2ndl5lybgw5prvq"),
    ("kaltim", "web", "2024/17", "3kvcrvtptjikcy4aesbmggserq2hnkh5few6bm3pv3wnctuj4iqq"),
    ("kaltim", "surel", "17", "mnu2rbstrv5hg7s3oz5gfexyqo6wh5tv4nw7nuihjn2mbmknfpkq"),
    ("papua", "web", "17", "kdmjex525vgydhaws3duwtgfvv3ho3b6ohmvrv3xm55fam6rnyba"),
    ("kaltim", "web", "ꦲ/é", "o6wemuznjs7bbjyprclo2nfxm3ymrtzujnxo6hsvqgulwv4mmjta"),
    ("kaltim", "web", "", "wzxjrshen2mz5gbd432liydgjemzneglzkpprlsulfdrs3chttca"),
]


@pytest.mark.parametrize(("gateway", "channel", "key", "expected"), VECTORS)
def test_the_external_id_is_the_same_for_ever(gateway: str, channel: str, key: str, expected: str) -> None:
    assert external_id(gateway, channel, key) == expected


NAMES = st.text(max_size=12)


@given(one=st.tuples(NAMES, NAMES, NAMES), other=st.tuples(NAMES, NAMES, NAMES))
def test_different_gateways_channels_or_keys_never_meet(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert (external_id(*one) == external_id(*other)) == (one == other)


@given(text=st.text(min_size=1, max_size=10), cut=st.integers(0, 10))
def test_moving_the_border_between_the_parts_makes_another_id(text: str, cut: int) -> None:
    cut = min(cut, len(text) - 1)
    assert external_id(text, "", "k") != external_id(text[:cut], text[cut:], "k")


@given(gateway=NAMES, channel=NAMES, key=st.text(max_size=500))
def test_the_external_id_fits_lapors_field(gateway: str, channel: str, key: str) -> None:
    made = external_id(gateway, channel, key)
    assert len(made) == 52
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz234567")


def test_a_key_of_a_broken_encoding_has_an_external_id_too() -> None:
    assert len(external_id("kaltim", "web", "rusak-\udcff")) == 52


# Adding


def test_records_and_reports_share_one_number_in_the_order_given(store: Store) -> None:
    ids = add(store, record("a", queued()), record("b"), record("c", queued()))
    with store.read() as tx:
        assert [tx.scalar(sa.select(RECORD.c.key).where(RECORD.c.id == number)) for number in ids] == ["a", "b", "c"]
        reports = {row.id: row.external_id for row in tx.execute(sa.select(REPORT))}
    assert reports == {
        ids[0]: external_id("kaltim", "web", "a"),
        ids[2]: external_id("kaltim", "web", "c"),
    }


def test_every_record_has_an_event_that_says_why(store: Store) -> None:
    held = NewReport(Stage.HELD, values(), [{"code": "too_long", "field": "content", "detail": ""}])
    add(store, record("a", queued()), record("b", held), record("c", disposition=Disposition.IGNORED, reason="bounce"))
    with store.read() as tx:
        found = [(row.kind, row.detail["reasons"]) for row in tx.execute(sa.select(EVENT).order_by(EVENT.c.id))]
    assert found == [("queued", []), ("held", ["too_long"]), ("ignored", ["bounce"])]


def test_a_key_is_known_once_in_a_channel_and_nothing_of_a_failed_batch_stays(store: Store) -> None:
    add(store, record("a", queued()))
    with pytest.raises(IntegrityError):
        add(store, record("b", queued()), record("a", queued()))
    add(store, record("a", queued()), channel="surel")
    with store.read() as tx:
        assert tx.scalar(sa.select(sa.func.count()).select_from(RECORD)) == 2
        assert tx.scalar(sa.select(sa.func.count()).select_from(EVENT)) == 2


def test_no_error_shows_what_was_being_written(store: Store) -> None:
    add(store, record("a", fields={"nama": "Budi Santoso"}))
    with pytest.raises(IntegrityError) as caught:
        add(store, record("a", fields={"nama": "Budi Santoso"}))
    assert "Budi" not in str(caught.value)


def test_a_record_of_an_unknown_channel_is_refused(store: Store) -> None:
    with pytest.raises(IntegrityError):
        add(store, record("a"), channel="nowhere")


@pytest.mark.parametrize(
    ("received", "kept"),
    [
        (date(2026, 11, 2), "2026-11-02"),
        (datetime(2026, 11, 2, 1, tzinfo=UTC), "2026-11-02T01:00:00+00:00"),
        (None, None),
    ],
)
def test_the_receipt_keeps_whether_it_had_a_time(store: Store, received: Any, kept: str | None) -> None:
    add(store, record("a", received_at=received))
    with store.read() as tx:
        assert tx.scalar(sa.select(RECORD.c.received_at)) == kept


# Knowing again


def test_known_records_are_found_by_key_and_place_of_their_channel_alone(store: Store) -> None:
    [number] = add(store, record("a", queued(), locator="INBOX/1"))
    add(store, record("a", queued(), locator="INBOX/1"), channel="surel")
    with store.read() as tx:
        assert {known.id for known in ledger.by_key(tx, "web", ["a", "b"]).values()} == {number}
        assert ledger.by_locator(tx, "web", ["INBOX/1"])["INBOX/1"].stage is Stage.QUEUED
        assert ledger.versions(tx, "web", ["INBOX/1", "INBOX/2"]) == {"INBOX/1": "v1"}


def test_more_records_than_one_statement_takes_are_looked_up(store: Store) -> None:
    add(store, *(record(str(number)) for number in range(6_000)))
    with store.read() as tx:
        found = ledger.versions(tx, "web", [str(number) for number in range(9_000)])
    assert len(found) == 6_000


def test_an_edit_keeps_the_new_content_and_names_the_changed_fields_only(store: Store) -> None:
    [number] = add(store, record("a", queued()))
    with store.begin() as tx:
        known = ledger.by_key(tx, "web", ["a"])["a"]
        new = NewReport(Stage.HELD, values(title="Baru"), [{"code": "review", "field": "", "detail": ""}])
        ledger.edited(tx, known, "v2", {"isi": "rahasia pribadi", "nama": "Warga", "foto": None}, new, NOON)
        row = tx.execute(sa.select(REPORT).where(REPORT.c.id == number)).one()
        event = tx.execute(sa.select(EVENT).order_by(EVENT.c.id.desc()).limit(1)).one()
        assert ledger.by_key(tx, "web", ["a"])["a"].version == "v2"
    assert (row.stage, row.mapped["title"], row.reasons[0]["code"]) == ("held", "Baru", "review")
    assert (event.kind, event.detail) == ("source_edited", {"fields": ["isi"], "when": "before_sending"})


def test_a_photo_that_comes_later_is_taken_along(store: Store) -> None:
    [number] = add(store, record("a", queued()))
    with store.begin() as tx:
        known = ledger.by_key(tx, "web", ["a"])["a"]
        photo = {"name": "foto.jpg", "sha256": "0" * 64}
        later = NewReport(Stage.QUEUED, values(), attachments=[photo])
        ledger.edited(tx, known, "v2", known.fields, later, NOON)
        kept = tx.scalar(sa.select(RECORD.c.attachments).where(RECORD.c.id == number))
        event = tx.execute(sa.select(EVENT).order_by(EVENT.c.id.desc()).limit(1)).one()
        ledger.edited(tx, known, "v3", known.fields, later, NOON)
        events = tx.scalar(sa.select(sa.func.count()).where(EVENT.c.kind == "source_edited"))
    assert kept == [photo]
    assert event.detail == {"fields": [], "when": "before_sending"}
    assert events == 1


def test_an_edit_never_touches_a_report_that_has_moved_on(store: Store) -> None:
    [number] = add(store, record("a", queued()))
    with store.begin() as tx:
        known = ledger.by_key(tx, "web", ["a"])["a"]
        tx.execute(sa.update(REPORT).values(stage=Stage.SENDING))
        ledger.edited(tx, known, "v2", {"isi": "y"}, NewReport(Stage.QUEUED, values(title="Baru")), NOON)
        row = tx.execute(sa.select(REPORT).where(REPORT.c.id == number)).one()
    assert (row.stage, row.mapped["title"]) == ("sending", "Jalan rusak")


def test_a_record_that_vanished_lately_is_told_and_never_deleted(store: Store) -> None:
    ids = add(store, record("a", queued()), record("b", queued()), record("c"))
    later = NOON + timedelta(days=8)
    with store.begin() as tx:
        assert set(ledger.vanished(tx, "web", ["b"], NOON - timedelta(days=7), NOON)) == {ids[0]}
        assert set(ledger.vanished(tx, "web", ["b"], NOON - timedelta(days=6), NOON + timedelta(days=1))) == {ids[0]}
        assert ledger.vanished(tx, "web", ["b"], later - timedelta(days=7), later) == {}
        assert tx.scalar(sa.select(sa.func.count()).select_from(RECORD)) == 3


def test_a_record_that_came_back_has_not_vanished(store: Store) -> None:
    add(store, record("a", queued()), record("b", queued()))
    with store.begin() as tx:
        ledger.vanished(tx, "web", ["b"], NOON, NOON)
        assert ledger.vanished(tx, "web", ["a", "b"], NOON, NOON) == {}
        assert list(tx.scalars(sa.select(RECORD.c.gone_at))) == [None, None]
