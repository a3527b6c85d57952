"""A gateway with two sources and a LAPOR, whose process comes and goes; the state, the sources and LAPOR stay."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import sqlalchemy as sa

from connectors.contract import Scalar
from gateway.desk import Desk, StepResult
from gateway.lapor.port import Lapor
from gateway.rounds import one_round
from gateway.work import collect_channel, desk_of, submit_due, track_changes
from state import channels, targets
from state.database import Store, create
from state.models import REPORT
from tests.fakes import FakeClock, make_channel, make_config, open_store
from tests.machines.fates import TroubledLapor
from tests.machines.mortal import Crash, Death, Life, MortalLapor, MortalStore
from tests.machines.sources import EditedSource

FIRST_RUN_LIMIT = 4
NAMES = ("web", "lembar")
Identity = tuple[str, Scalar]
"""A complaint in a source: its channel and the citizen's name, which stays when the text is edited."""
T = TypeVar("T")


@dataclass
class _Running:
    desk: Desk
    lapor: MortalLapor
    life: Life
    ending: ExitStack


class World:
    """Everything outside of the process, and the process while it runs."""

    def __init__(self, workers: int, page_size: int) -> None:
        self._folder = TemporaryDirectory()
        self.clock = FakeClock()
        self.lapor = TroubledLapor(self.clock)
        self.lapor.page_size = page_size
        self.sources = (EditedSource(page_size=page_size), EditedSource(page_size=page_size, keyed_by_content=True))
        self.channels = (
            make_channel(self.sources[0], NAMES[0], place="meja"),
            make_channel(self.sources[1], NAMES[1], place="lembar", first_run_limit=FIRST_RUN_LIMIT),
        )
        self.config = make_config(Path(self._folder.name), self.channels, workers=workers)
        Path(str(self.config.gateway.state.database)).write_bytes(_empty_state())
        self._outside = ExitStack()
        self.books: Store = self._outside.enter_context(open_store(self.config))
        """The state, for people and checks: they go on when the process ends."""
        self.seen: set[Identity] = set()
        """Complaints that a finished round of their channel has listed."""
        self.dropped: set[int] = set()
        self.mistakes: list[str] = []
        """What went wrong where nobody could raise it."""
        self.crashes: list[Death] = []
        self._running: _Running | None = None

    def close(self) -> None:
        self.end_process()
        self._outside.close()
        self._folder.cleanup()

    def pass_time(self, seconds: int | None) -> None:
        """Turn the clock on, or, with None, just to the next moment that a report or the breaker waits for."""
        if seconds is None:
            moments = [moment for moment in self._awaited() if moment > self.clock()]
            seconds = int((min(moments) - self.clock()).total_seconds()) + 1 if moments else 0
        self.clock.advance(seconds=seconds)

    def _awaited(self) -> Sequence[datetime]:
        waiting = sa.select(REPORT.c.next_attempt_at).where(REPORT.c.next_attempt_at.is_not(None))
        with self.books.read() as tx:
            target = targets.get(tx, self.lapor.target)
            moments = list(tx.scalars(waiting))
        return (
            moments
            if target.paused_until is None or target.paused_until.year >= 9000
            else [*moments, target.paused_until]
        )

    # The process

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._running is not None

    def run(self, work: Callable[[Desk, Lapor], T], death: Death | None = None) -> T | None:
        """Let the process, started where it is down, do something; None where it ended meanwhile."""
        running = self._running = self._running or self._start()
        running.life.end_at(death)
        try:
            return work(running.desk, running.lapor)
        except Crash:
            assert death is not None
            self.crashes.append(death)
            self.end_process()
            return None
        finally:
            running.life.end_at(None)

    def end_process(self) -> None:
        """End the process between two steps, or bury it."""
        if self._running is not None:
            self._running.ending.close()
            self._running = None

    def _start(self) -> _Running:
        with ExitStack() as stack:
            desk = stack.enter_context(desk_of(self.config, now=self.clock))
            desk.store.engine.dispose()
            sa.event.listen(desk.store.engine, "connect", _hasten)
            life = Life()
            mortal = replace(desk, store=MortalStore(desk.store, life))
            return _Running(mortal, MortalLapor(self.lapor, life), life, stack.pop_all())

    # The steps

    def collect(self, number: int, desk: Desk) -> None:
        """A channel's round."""
        listed = self._to_be_listed(number)
        self._note_listed(collect_channel(desk, self.channels[number]), listed)

    def submit(self, desk: Desk, lapor: Lapor) -> None:
        """A round of sending."""
        self._note(submit_due(desk, lapor))

    def track(self, desk: Desk, lapor: Lapor) -> None:
        """A round of tracking."""
        self._note(track_changes(desk, lapor))

    def whole_round(self, desk: Desk, lapor: Lapor) -> None:
        """`sync`'s round over every channel and step."""
        listed = [self._to_be_listed(number) for number in range(len(self.channels))]
        results = one_round(desk, lapor)
        for result, identities in zip(results, listed, strict=False):
            self._note_listed(result, identities)
        for result in results:
            self._note(result)

    def others_act(self, act: Callable[[], None]) -> None:
        """Let something happen in a thread of the product, which takes an error for LAPOR's."""
        try:
            act()
        except Exception as error:
            self.mistakes.append(repr(error))
            raise

    def identities(self, number: int, offset: int = 0) -> set[Identity]:
        """The complaints that a source has now, from a place on."""
        return {(NAMES[number], row["nama"]) for row in list(self.sources[number].rows.values())[offset:]}

    def _to_be_listed(self, number: int) -> set[Identity]:
        """A round goes on where the last one was broken off, and sees what follows from there."""
        with self.books.read() as tx:
            known = channels.known(tx, NAMES[number])
        offset = (known.cursor or {}).get("offset", 0) if known else 0
        return self.identities(number, offset)

    def _note_listed(self, result: StepResult, listed: set[Identity]) -> None:
        self._note(result)
        if result.outcome == "ok" and not result.message:
            self.seen |= listed

    def _note(self, result: StepResult) -> None:
        """No step fails for what it did not foresee: a source or a LAPOR that misbehaves was foreseen."""
        if result.message.startswith("unexpected"):
            self.mistakes.append(result.message)


@cache
def _empty_state() -> bytes:
    """A new state's file: making one anew for every world would take longer than all that happens in it."""
    with TemporaryDirectory() as folder:
        config = make_config(Path(folder))
        create(config.gateway.state, None, config.gateway.id).close()
        return Path(str(config.gateway.state.database)).read_bytes()


def _hasten(connection: sa.engine.interfaces.DBAPIConnection, _record: object) -> None:
    """What a power cut would lose is no matter here: only the process ends."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.close()
