"""How far is a report's clock? It starts with the citizen's first message and stands still while it is their turn.

Days count as a whole: that of the message does not count, so a source that keeps no time loses nothing. The citizen's
turn is while LAPOR waits for them (PENDING; Perpres 76/2013 counts from a complete file), and after an answer of the
agency until they reply, for at most `close_after` working days (LAPOR's store text). A report that was closed and
opened again has not run meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from gateway.lapor.statuses import Status
from gateway.working_days import WorkingDays
from state.cases import Case
from state.lifecycle import Stage

DONE = frozenset({Status.CLOSED, Status.ARCHIVED, Status.BLOCKED})
"""No clock runs. Archived is not solved, but nobody is to act."""

Pause = tuple[date, date]
"""The days after the first, up to and with the last."""


class Counting(Protocol):
    """Working days, or days of the calendar."""

    def add(self, start: date, number: int) -> date: ...
    def between(self, start: date, end: date) -> int: ...


class _CalendarDays:
    def add(self, start: date, number: int) -> date:
        return start + timedelta(days=number)

    def between(self, start: date, end: date) -> int:
        return max(0, (end - start).days)


CALENDAR: Counting = _CalendarDays()


@dataclass(frozen=True, slots=True)
class Clock:
    """The days since `start` that are in no pause."""

    start: date
    pauses: Sequence[Pause]
    """Apart from each other, in order."""

    def due(self, number: int, counting: Counting) -> date:
        """The day on which the clock has counted so many."""
        due = counting.add(self.start, number)
        while (later := counting.add(self.start, number + self._paused(self.start, due, counting))) != due:
            due = later
        return due

    def run(self, first: date, last: date, counting: Counting) -> int:
        """How many days it has counted after `first`, up to and with `last`."""
        return counting.between(first, last) - self._paused(first, last, counting)

    def _paused(self, first: date, last: date, counting: Counting) -> int:
        return sum(counting.between(max(first, begin), min(last, end)) for begin, end in self.pauses)


def clock_of(case: Case, days: WorkingDays, close_after: int, today: date) -> Clock:
    """The clock of one report as it stands today."""
    pauses = [*_idle(case, days, today), *_windows(case, days, close_after)]
    return Clock(_first_message(case, days), _merged(pauses))


def window_open(case: Case, days: WorkingDays, close_after: int, today: date) -> bool:
    """Whether the citizen may still reply to the agency's last answer before LAPOR closes the report."""
    return any(begin <= today < end for begin, end in _windows(case, days, close_after))


def filed_at(case: Case) -> datetime | None:
    """Since when LAPOR has it: from the sending on, also where that became certain later."""
    return (case.sent_at or case.stage_at) if case.stage == Stage.ACCEPTED else None


def _first_message(case: Case, days: WorkingDays) -> date:
    """The day of the citizen's first message; of one without a date, or with one ahead, that on which it was found."""
    found, text = days.day(case.found_at), case.received_at
    if text is None:
        return found
    return min(found, date.fromisoformat(text) if len(text) == 10 else days.day(datetime.fromisoformat(text)))


def _idle(case: Case, days: WorkingDays, today: date) -> Iterator[Pause]:
    """From when to when LAPOR waited for the citizen, or had put the report away."""
    filed = filed_at(case)
    if filed is None:
        return
    history = [*case.statuses] or [(filed, case.canonical or "")]
    ends = [*(days.day(at) for at, _ in history[1:]), today]
    for (at, status), end in zip(history, ends, strict=True):
        if status == Status.PENDING or status in DONE:
            yield days.day(at), end


def _windows(case: Case, days: WorkingDays, close_after: int) -> Iterator[Pause]:
    """After each answer of the agency: how long the citizen may reply, or did not."""
    # Whatever takes the report out of the agency's progress ends its window; a pause of its own follows, or none.
    ends = [*case.replies, *(at for at, status in case.statuses if status != Status.IN_PROGRESS)]
    for answer in case.answers:
        last = days.add(answer, close_after)
        ended = min((days.day(at) for at in ends if at > answer), default=last)
        yield days.day(answer), min(last, ended)


def _merged(pauses: Iterable[Pause]) -> Sequence[Pause]:
    merged: list[Pause] = []
    for begin, end in sorted(pauses):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        elif begin < end:
            merged.append((begin, end))
    return merged
