"""Is a channel the same as before, renamed, new, or changed behind the gateway's back?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from state import channels
from state.channels import KnownChannel, Pin
from state.database import Store
from state.models import CHANNEL, EVENT
from tests.fakes import NOON, make_config, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(make_config(tmp_path)) as store:
        yield store


def pin(store: Store, name: str, source: str = "sql://a", *configured: str, connector: str = "sql") -> KnownChannel:
    with store.begin() as tx:
        return channels.pin(tx, Pin(name, connector, source, "all"), dict.fromkeys(configured or [name], source), NOON)


def test_the_first_sight_of_a_channel_pins_its_name_as_id(store: Store) -> None:
    first = pin(store, "web")
    assert (first.id, first.name, first.first_round_done, first.cursor) == ("web", "web", False, None)
    assert pin(store, "web") == first


def test_a_renamed_channel_keeps_its_id(store: Store) -> None:
    pin(store, "web")
    renamed = pin(store, "laman")
    assert (renamed.id, renamed.name) == ("web", "laman")
    assert pin(store, "laman") == renamed


def test_a_second_channel_on_the_same_source_is_no_renaming(store: Store) -> None:
    pin(store, "web", "sql://a", "web", "laman")
    assert pin(store, "laman", "sql://a", "web", "laman").id == "laman"


def test_a_new_channel_under_a_renamed_ones_old_name_gets_another_id(store: Store) -> None:
    pin(store, "web")
    pin(store, "laman")
    fresh = pin(store, "web", "sql://b", "laman", "web")
    assert (fresh.id, fresh.name) == ("web~2", "web")
    assert pin(store, "laman2", "sql://b", "laman", "laman2").id == "web~2"
    assert pin(store, "web", "sql://c", "laman", "laman2", "web").id == "web~3"


def test_a_rename_and_a_new_channel_under_the_old_name_at_once_start_nothing_anew(store: Store) -> None:
    """Records of the same place under a second id would all be filed a second time."""
    pin(store, "web")
    configured = {"laman": "sql://a", "web": "sql://b"}
    with store.begin() as tx:
        fresh = channels.pin(tx, Pin("web", "sql", "sql://b", "all"), configured, NOON)
        renamed = channels.pin(tx, Pin("laman", "sql", "sql://a", "all"), configured, NOON)
    assert (renamed.id, fresh.id) == ("web", "web~2")


def test_two_channels_that_swap_their_names_keep_their_ids(store: Store) -> None:
    pin(store, "web", "sql://a", "web", "surel")
    pin(store, "surel", "sql://b", "web", "surel")
    configured = {"web": "sql://b", "surel": "sql://a"}
    with store.begin() as tx:
        web = channels.pin(tx, Pin("web", "sql", "sql://b", "all"), configured, NOON)
        surel = channels.pin(tx, Pin("surel", "sql", "sql://a", "all"), configured, NOON)
    assert (web.id, surel.id) == ("surel", "web")


@pytest.mark.parametrize("name", ["w_b", "w%b"])
def test_a_names_wildcards_are_letters(store: Store, name: str) -> None:
    pin(store, "wxb", "sql://x", "wxb", name)
    assert pin(store, name, "sql://y", "wxb", name).id == name


@pytest.mark.parametrize(("source", "connector"), [("sql://b", "sql"), ("sql://a", "imap")])
def test_a_changed_source_is_noticed_and_not_taken_over(store: Store, source: str, connector: str) -> None:
    pin(store, "web")
    wanted = Pin("web", connector, source, "all")
    known = pin(store, "web", source, connector=connector)
    assert known.source == "sql://a"
    said = known.changed(wanted)
    assert said is not None
    assert "sql://a" in said
    assert source in said


def test_accepting_a_changed_source_pins_it_reads_anew_and_names_the_person(store: Store) -> None:
    known = pin(store, "web")
    wanted = Pin("web", "sql", "sql://b", "all")
    with store.begin() as tx:
        channels.save_cursor(tx, known.id, {"offset": 7})
        channels.end_round(tx, known.id, ["digest"], first_round_done=True)
        channels.accept(tx, known, wanted, "siti", NOON)
        event = tx.execute(sa.select(EVENT)).one()
    now = pin(store, "web", "sql://b")
    assert (now.changed(wanted), now.cursor, set(now.pages), now.accepted) == (None, None, set(), False)
    assert (event.kind, event.channel_id, event.actor) == ("accepted_channel", "web", "siti")


def test_cursor_pages_and_counts_are_kept(store: Store) -> None:
    known = pin(store, "web")
    with store.begin() as tx:
        channels.save_cursor(tx, known.id, {"offset": 7})
        channels.count_first_queued(tx, known.id, 3)
        channels.count_first_queued(tx, known.id, 4)
        channels.end_round(tx, known.id, ["a", "b"], first_round_done=True)
    now = pin(store, "web")
    assert (now.cursor, now.first_queued, now.first_round_done, set(now.pages)) == ({"offset": 7}, 7, True, {"a", "b"})


def test_two_channels_cannot_have_one_name(store: Store) -> None:
    pin(store, "web")
    row = {"id": "x", "name": "web", "connector": "sql", "source": "s", "start": "all"}
    with pytest.raises(sa.exc.IntegrityError), store.begin() as tx:
        tx.execute(sa.insert(CHANNEL).values(**row, first_round_done=False, first_queued=0, created_at=NOON))
