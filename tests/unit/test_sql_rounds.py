"""Do short rounds lose no row, whatever its `updated` says and however late it commits?"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.contract import ChannelContext, Cursor
from connectors.sql import Database, SqlOptions
from connectors.sql_rounds import Memory, Sight

BEGIN = datetime(2026, 11, 2, 0, 0, tzinfo=UTC)
OVERLAP = timedelta(hours=1)
WHOLE = timedelta(days=1)
MANY = 70
"""Two such batches are more than the rows that a short round always looks at."""


class World:
    """An application that writes, a gateway that makes rounds, and a clock for each."""

    def __init__(self, folder: Path, kind: str, key: str = "INTEGER") -> None:
        self.file = folder / "aplikasi.db"
        self.now = BEGIN
        self.slow = timedelta(0)
        """How far the application's clock is behind."""
        self.kind = kind
        self.rows = 0
        self.due: list[tuple[datetime, list[tuple[Any, ...]]]] = []
        self.owed: dict[str, str] = {}
        """Rows that the next round has to find, with their version."""
        self.known: dict[str, str | None] = {}
        self.cursor: Cursor | None = None
        self.sizes: list[int] = []
        self._do(f"CREATE TABLE aduan (id {key} PRIMARY KEY, isi TEXT, diubah)")

    def stamp(self) -> Any:
        moment = self.now - self.slow
        return int(moment.timestamp()) if self.kind == "unix" else f"{moment:%Y-%m-%d %H:%M:%S}"

    def insert(self, count: int, late: timedelta, updated: str) -> None:
        """Rows stamped now that commit later."""
        stamp: dict[str, Any] = {"now": self.stamp(), "null": None, "zero": "0000-00-00", "far": "2099-01-01 00:00:00"}
        stamp |= {"zero": 0, "far": 4_070_908_800} if self.kind == "unix" else {}
        numbers = [key_of(number) for number in range(self.rows, self.rows + count)]
        self.rows += count
        rows = [(number, f"isi {number}", stamp[updated], stamp["now"]) for number in numbers]
        self.due.append((self.now + late, rows))
        self._commit()

    def edit(self, number: int) -> None:
        number = key_of(number)
        self._do("UPDATE aduan SET isi = isi || '!', diubah = ? WHERE id = ?", self.stamp(), number)
        if f"[{number}]" in self.known and self.slow <= timedelta(0):
            self.owed[f"[{number}]"] = str(self.stamp())

    def pass_time(self, span: timedelta) -> None:
        self.now += span
        self._commit()

    def gateways_clock_back(self, span: timedelta) -> None:
        """The application's clock goes on, and what was to commit does."""
        self.slow -= span
        self.now -= span
        self.due = [(at - span, rows) for at, rows in self.due]

    def round(self) -> None:
        """One round, as the gateway makes it: each page's cursor travels as JSON."""
        listed = 0
        while True:
            with self.connector() as connector:
                listing = connector.list(self.cursor)
            self.cursor = json.loads(json.dumps(listing.cursor))
            self.known.update((entry.locator, entry.version) for entry in listing.entries)
            listed += len(listing.entries)
            if not listing.more:
                break
        self.sizes.append(listed)
        missed = {locator: version for locator, version in self.owed.items() if self.known.get(locator) != version}
        assert not missed
        self.owed.clear()

    @contextmanager
    def connector(self, **changes: object) -> Iterator[Database]:
        options: Mapping[str, object] = {
            "url": f"sqlite:///{self.file}",
            "table": "aduan",
            "key": ["id"],
            "updated": "diubah",
            "whole_every": "1d",
            **changes,
        }
        context = ChannelContext("kanal", ZoneInfo("Asia/Makassar"), self.file.parent)
        with closing(Database(SqlOptions.model_validate(options), context, lambda: self.now)) as connector:
            yield connector

    def everything(self) -> dict[str, str]:
        with closing(sqlite3.connect(self.file)) as connection:
            return {f"[{row[0]}]": str(row[1]) for row in connection.execute("SELECT id, diubah FROM aduan")}

    def _commit(self) -> None:
        due = [(at, rows) for at, rows in self.due if at <= self.now]
        self.due = [(at, rows) for at, rows in self.due if at > self.now]
        for _, rows in due:
            with closing(sqlite3.connect(self.file)) as connection, connection:
                connection.execute("PRAGMA synchronous = OFF")
                connection.executemany("INSERT INTO aduan VALUES (?, ?, ?)", [row[:3] for row in rows])
            if self.slow <= timedelta(0):
                self.owed.update((f"[{row[0]}]", str(row[2])) for row in rows if row[2] == row[3])

    def _do(self, sql: str, *values: object) -> None:
        with closing(sqlite3.connect(self.file)) as connection, connection:
            connection.execute(sql, values)


def key_of(number: int) -> int:
    """Keys in no order, so that only `updated` tells what is new; ascending from 20,000 on."""
    return number * 7_919 % 20_000 if number < 20_000 else number


MINUTES = st.sampled_from([0, 0, 5, 20, 60]).map(lambda n: timedelta(minutes=n))
BATCH = st.tuples(st.sampled_from([1, 2 * MANY]), MINUTES, st.sampled_from(["now", "now", "now", "null", "zero"]))
STEP = st.fixed_dictionaries(
    {
        "batch": BATCH,
        "far": st.sampled_from([0, 0, 0, 1, 5]),
        "edit": st.none() | st.integers(0, 200),
        "back": st.sampled_from([0, 0, 0, 0, 0, 3, 30]),
        "wait": st.sampled_from([0, 5, 15, 61, 61, 300]),
        "round": st.sampled_from([True, True, True, False]),
    }
)


def step(count: int, late: int, wait: int) -> dict[str, Any]:
    """A batch that commits so many minutes later, a round, and some minutes of waiting."""
    batch = (count, timedelta(minutes=late), "now")
    return {"batch": batch, "far": 0, "edit": None, "back": 0, "wait": wait, "round": True}


@given(steps=st.lists(STEP, min_size=3, max_size=10), kind=st.sampled_from(["text", "unix"]))
@example(steps=[step(MANY, 60, 15), step(2 * MANY, 0, 61), step(1, 0, 0)], kind="text")
@example(steps=[step(2 * MANY, 0, 2), step(MANY, 60, 58), step(2 * MANY, 0, 300), step(1, 0, 0)], kind="unix")
@settings(max_examples=15, deadline=None)
def test_no_row_is_lost_that_commits_within_the_overlap(steps: list[dict[str, Any]], kind: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        world = World(Path(name), kind)
        world.insert(3 * MANY, timedelta(0), "now")
        for _ in range(2):
            world.round()
            world.pass_time(OVERLAP)
        for one in steps:
            world.insert(*one["batch"])
            world.insert(one["far"], timedelta(0), "far")
            if one["edit"] is not None:
                world.edit(one["edit"])
            if one["back"]:
                world.gateways_clock_back(timedelta(hours=one["back"]))
            if one["round"]:
                world.round()
            world.pass_time(timedelta(minutes=one["wait"]))
        world.pass_time(WHOLE + OVERLAP)
        world.round()
        assert {locator: str(version) for locator, version in world.known.items()} == world.everything()


@given(back=st.integers(1, 72), batches=st.integers(1, 4))
@settings(max_examples=8, deadline=None)
def test_what_an_applications_clock_hides_is_found_by_the_next_whole_listing(back: int, batches: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        world = World(Path(name), "text")
        for _ in range(4):
            world.insert(MANY, timedelta(0), "now")
            world.round()
            world.pass_time(OVERLAP)
        world.slow = timedelta(hours=back)
        for number in range(batches):
            world.edit(number)
            world.insert(1, timedelta(minutes=5), "now")
            world.pass_time(timedelta(minutes=30))
            world.round()
        world.pass_time(WHOLE)
        world.round()
        assert {locator: str(version) for locator, version in world.known.items()} == world.everything()


def test_a_short_round_lists_little_of_a_large_table(tmp_path: Path) -> None:
    world = World(tmp_path, "text")
    for _ in range(30):
        world.insert(1_000, timedelta(0), "now")
        world.pass_time(timedelta(hours=3))
    world.round()
    world.pass_time(OVERLAP)
    world.round()
    world.insert(1, timedelta(0), "null")
    world.edit(7)
    world.round()
    assert world.known["[30000]"] == "None"
    assert world.known[f"[{key_of(7)}]"] == world.stamp()
    assert world.sizes[0] == world.sizes[1] == 30_000
    assert world.sizes[2] == 1_002  # the thousand of the last instant, and the two


def test_more_changes_than_a_page_make_a_whole_round(tmp_path: Path) -> None:
    world = World(tmp_path, "text")
    for _ in range(2):
        world.insert(15_000, timedelta(0), "now")
        world.round()
        world.pass_time(OVERLAP)
    with closing(sqlite3.connect(world.file)) as connection, connection:
        connection.execute("UPDATE aduan SET diubah = ?", (world.stamp(),))
    world.round()
    assert set(world.known.values()) == {world.stamp()}
    assert world.sizes[-1] == 30_000


def test_other_options_or_none_begin_with_a_whole_round(tmp_path: Path) -> None:
    world = World(tmp_path, "text")
    for _ in range(3):
        world.insert(MANY, timedelta(0), "now")
        world.round()
        world.pass_time(OVERLAP)
    with world.connector() as short, world.connector(where="id > 5") as other, world.connector(whole_every=None) as off:
        assert not short.list(world.cursor).complete
        assert other.list(world.cursor).complete
        whole = off.list(world.cursor)
    assert whole.complete
    assert whole.cursor is None
    assert whole.shape["rows"] == 3 * MANY


def test_a_memory_that_cannot_be_read_is_none() -> None:
    memory = Memory("x", BEGIN, BEGIN, [Sight(BEGIN, '["a"]', None)])
    saved = json.loads(json.dumps(memory.to_json()))
    assert Memory.of(saved) == memory
    for spoilt in (None, {}, {**saved, "whole": "?"}, {**saved, "sights": [[1]]}, {**saved, "last": "2026-01-01"}):
        assert Memory.of(spoilt) is None


def test_sights_are_few_however_often_it_looks() -> None:
    memory = Memory("x", BEGIN, BEGIN)
    for second in range(0, 20_000, 10):
        at = BEGIN + timedelta(seconds=second)
        memory = memory.after(at, Sight(at, f'["{second}"]', None), OVERLAP)
    assert len(memory.sights) <= 23
    found = memory.since(memory.last_at, OVERLAP, WHOLE)
    assert found is not None
    assert timedelta(0) <= memory.last_at - OVERLAP - found.at <= timedelta(minutes=4)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"key": ["id"], "whole_every": "1d"}, "needs `key` and `updated`"),
        ({"identity": ["isi"], "updated": "x", "whole_every": "1d"}, "needs `key` and `updated`"),
        ({"key": ["id"], "updated": "x", "whole_every": "daily"}, "expected a duration"),
        ({"key": ["id"], "updated": "x", "overlap": "0m"}, "expected a duration"),
    ],
)
def test_options_that_make_no_short_round_are_refused(options: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        SqlOptions.model_validate({"url": "sqlite:///a.db", "table": "a", **options})
