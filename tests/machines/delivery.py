"""Delivery as a machine: sources, LAPOR, people, the clock and death act in any order; nothing is lost or doubled."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import timedelta
from typing import ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from structlog.testing import capture_logs

from gateway.desk import Desk
from gateway.lapor.port import Lapor
from tests.machines import checks, people
from tests.machines.fates import CALLS, DOUBTFUL, KINDS, LATEST, READ_ERRORS, Fate, Weather
from tests.machines.mortal import Death, Point
from tests.machines.sources import EDITS, TROUBLES, Trouble
from tests.machines.world import World

MOST_ROWS = 16
ROUNDS = 5
"""Healed, everything is settled after so many rounds: two lookups, one sending, and what opens the breaker again."""

# No draw depends on the state: threads make its course differ a little from run to run.
SOURCES = st.integers(0, 1)
CHOICES = st.integers(0, 30)
SECONDS = st.none() | st.sampled_from([0, 5, 60, 599, 600, 601, 3_600, 20_000]) | st.integers(1, 5_000)
"""None: until the next moment that something waits for."""
DEATHS = (
    st.none()
    | st.builds(Death, st.sampled_from([Point.BEFORE_COMMIT, Point.AFTER_COMMIT]), st.integers(1, 12))
    | st.builds(Death, st.sampled_from([Point.BEFORE_CALL, Point.AFTER_CALL]), st.integers(1, 4))
)
KIND = st.sampled_from(KINDS) | st.sampled_from(DOUBTFUL)
LATENESS = st.sampled_from([1, 300, 601, 800, LATEST]) | st.integers(1, LATEST)
FATES = st.lists(st.builds(Fate, KIND, LATENESS), min_size=1, max_size=4)
READING = st.none() | st.tuples(st.sampled_from(CALLS), st.sampled_from(READ_ERRORS))
TROUBLE = st.none() | st.builds(Trouble, st.sampled_from(TROUBLES), st.integers(0, 4))
WEATHER = st.builds(Weather, FATES, READING)


class DeliveryMachine(RuleBasedStateMachine):
    """What may happen, and what must hold after each step."""

    tally: ClassVar[Counter[str]] = Counter()
    """What has happened in all runs, for whoever asks whether the machine goes everywhere."""

    world: World

    @initialize(
        workers=st.integers(1, 2),
        page_size=st.sampled_from([2, 5, 1_000]),
        reads=st.sampled_from("yyyn"),
        secrets=st.lists(st.booleans(), min_size=2, max_size=MOST_ROWS),
    )
    def set_up(self, workers: int, page_size: int, reads: str, secrets: list[bool]) -> None:
        self.world = World(workers, page_size)
        self.world.lapor.reads = reads == "y"
        self.written = 0
        # Rules may be left out of a run, all but one: each of them finds something to do.
        for number in (0, 1):
            self.citizens_write(number, secrets)

    # The sources

    @rule(number=SOURCES, secrets=st.lists(st.booleans(), min_size=1, max_size=6))
    def citizens_write(self, number: int, secrets: list[bool]) -> None:
        source = self.world.sources[number]
        for secret in secrets[: MOST_ROWS - len(source.rows)]:
            self.written += 1
            source.write(self.written, secret=secret)

    @rule(number=SOURCES, choice=CHOICES, kind=st.sampled_from(EDITS))
    def row_is_edited(self, number: int, choice: int, kind: str) -> None:
        source = self.world.sources[number]
        keys = list(source.rows)
        if keys:
            source.edit(keys[choice % len(keys)], kind)

    # LAPOR and the clock

    @rule(choice=CHOICES, status=st.none() | st.sampled_from(people.STATUSES))
    def agency_acts(self, choice: int, status: str | None) -> None:
        people.agency_acts(self.world, choice, status)

    @rule()
    def stranger_files(self) -> None:
        self.world.lapor.file_by_stranger()

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: int | None) -> None:
        self.world.pass_time(seconds)

    # The process

    @rule(number=SOURCES, death=DEATHS, trouble=TROUBLE)
    def collect(self, number: int, death: Death | None, trouble: Trouble | None) -> None:
        with self.world.sources[number].under(trouble):
            self.world.run(lambda desk, _: self.world.collect(number, desk), death)

    @rule(death=DEATHS, weather=WEATHER, pause=SECONDS, number=st.none() | SOURCES)
    def submit(self, death: Death | None, weather: Weather, pause: int | None, number: int | None) -> None:
        """Some time after the last step, and perhaps just after a collecting."""

        def submit(desk: Desk, lapor: Lapor) -> None:
            if number is not None:
                self.world.collect(number, desk)
            self.world.submit(desk, lapor)

        self.world.pass_time(pause)
        with self.world.lapor.under(weather):
            self.world.run(submit, death)

    @rule(death=DEATHS, weather=WEATHER, number=SOURCES, act=st.sampled_from(people.COMMANDS), choice=CHOICES)
    def submit_while_others_act(
        self, death: Death | None, weather: Weather, number: int, act: str, choice: int
    ) -> None:
        """An operator's act and the collecting happen while a request is under way."""

        def submit(desk: Desk, lapor: Lapor) -> None:
            self.world.lapor.meanwhile = lambda: self.world.others_act(lambda: others_act(desk))
            self.world.submit(desk, lapor)

        def others_act(desk: Desk) -> None:
            people.operate(self.world, act, choice)
            self.world.collect(number, desk)

        with self.world.lapor.under(weather.after("others act meanwhile")):
            self.world.run(submit, death)

    @rule(death=DEATHS, weather=WEATHER)
    def track(self, death: Death | None, weather: Weather) -> None:
        with self.world.lapor.under(weather):
            self.world.run(self.world.track, death)

    @rule(death=DEATHS, weather=WEATHER, pause=SECONDS)
    def whole_round(self, death: Death | None, weather: Weather, pause: int | None) -> None:
        self.world.pass_time(pause)
        with self.world.lapor.under(weather):
            self.world.run(self.world.whole_round, death)

    @rule()
    def restart(self) -> None:
        self.world.end_process()

    # People

    @rule(act=st.sampled_from(people.COMMANDS), choice=CHOICES)
    def operator_acts(self, act: str, choice: int) -> None:
        people.operate(self.world, act, choice)

    @rule(what=st.sampled_from(people.PAUSABLE), rests=st.booleans())
    def operator_pauses_or_resumes(self, what: str, *, rests: bool) -> None:
        (people.pause if rests else people.resume)(self.world, what)

    @rule(number=SOURCES)
    def operator_accepts(self, number: int) -> None:
        people.accept(self.world, number)

    # What must hold

    @invariant()
    def holds(self) -> None:
        self.tally["steps"] += 1
        checks.always(self.world)

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            # A step that failed has said what is wrong; what becomes of it is no news.
            if sys.exc_info()[0] is None:
                self._come_to_an_end()
        finally:
            self.tally.update(checks.happened(self.world))
            self.tally.update(str(death.point) for death in self.world.crashes)
            self.world.close()

    def _come_to_an_end(self) -> None:
        """All is well again: soon nothing waits but for a person, and when that person has acted, for nobody."""
        people.heal(self.world)
        self._settle(timedelta(minutes=70))
        checks.waits_only_with_reason(self.world)
        people.resolve_all(self.world)
        # Secret reports are asked for the more seldom the older they are: by then each was.
        self._settle(timedelta(days=31))
        checks.agrees_with_lapor(self.world)

    def _settle(self, pause: timedelta) -> None:
        """At least two rounds: the first may go on in the middle of a source, or before LAPOR's news."""
        for count in range(1, ROUNDS + 1):
            self.world.clock.advance(seconds=pause.total_seconds())
            self.world.run(self.world.whole_round)
            checks.always(self.world)
            if count > 1 and checks.is_settled(self.world):
                return
        raise AssertionError(f"not settled after {ROUNDS} rounds")


def run(examples: int, steps: int) -> Counter[str]:
    """Let the machine run; what has happened."""
    DeliveryMachine.tally.clear()
    thorough = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        # Threads make its course differ from run to run: shrinking would take long and find little.
        phases=[Phase.generate],
    )
    with capture_logs():
        run_state_machine_as_test(DeliveryMachine, settings=thorough)
    return DeliveryMachine.tally
