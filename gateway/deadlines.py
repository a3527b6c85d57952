"""Which reports are late, since when, and whose turn is it? `missed` computes it from plain data.

| target | met by | source |
|---|---|---|
| forward | LAPOR has passed it to an agency | LAPOR's store text: 3 working days |
| first_follow_up | the agency has written | the same: 5 working days |
| by_class | done | guideline 62/2018: 14 working days, 5 for information and aspirations |
| resolve | done | Perpres 76/2013: 60 days |
| close | done | LAPOR's store text: 10 working days after the last answer without a reply; LAPOR itself closes |

A report is late from the first working day after the last day of a limit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa

from gateway.deadline_clock import CALENDAR, DONE, Clock, clock_of, filed_at, window_open
from gateway.deadline_settings import DeadlineSettings
from gateway.lapor.statuses import OPEN, Status
from gateway.working_days import WorkingDays
from state.cases import Case, open_cases
from state.lifecycle import Stage

_WITH_AN_AGENCY = OPEN - {Status.RECEIVED, Status.PENDING}
_FOLLOWED_UP = "ditindaklanjuti"
"""LAPOR's own word for it, where its follow-ups cannot be read."""
_TELLS = "v3 "
"""Targets of this profile tell by themselves what becomes of a report."""


class Target(StrEnum):
    """What is to happen in time."""

    FORWARD = "forward"
    FIRST_FOLLOW_UP = "first_follow_up"
    BY_CLASS = "by_class"
    RESOLVE = "resolve"
    CLOSE = "close"


class Turn(StrEnum):
    """Who can do what comes next."""

    GATEWAY = "gateway"
    OPERATOR = "operator"
    """A person at the gateway: the report is held, refused, or in doubt without a lookup."""
    LAPOR = "lapor"
    """LAPOR's admin, who verifies."""
    AGENCY = "agency"
    REPORTER = "reporter"
    CLOSING = "closing"
    """LAPOR itself, which closes."""
    UNKNOWN = "unknown"
    """LAPOR's status is a text that is not known here."""


@dataclass(frozen=True, slots=True)
class Late:
    """One target that a report has missed and not yet met. `days_late` and `ours` are working days."""

    id: int
    channel: str
    tracking_id: str | None
    target: Target
    due: date
    days_late: int
    turn: Turn
    ours: int
    """From when the gateway found it until LAPOR had it."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The limits and the calendar they are counted on."""

    limits: DeadlineSettings
    days: WorkingDays
    typed_by_hand: bool
    """What is queued waits for a person: profile `manual`."""


def overdue(tx: sa.Connection, rules: Rules, now: datetime, channel: str | None) -> Sequence[Late]:
    """Every target that is missed now, of one channel or of all, the longest due first."""
    return missed(open_cases(tx, DONE, channel), rules, rules.days.day(now))


def missed(cases: Iterable[Case], rules: Rules, today: date) -> Sequence[Late]:
    """Every target of these reports that is missed today, the longest due first."""
    found = [late for case in cases if _known(case) for late in _of_case(case, rules, today)]
    return sorted(found, key=lambda late: (late.due, late.id, late.target))


def _known(case: Case) -> bool:
    """Whether anything is known of it: what was filed in a LAPOR that tells nothing may be done long since."""
    return case.stage != Stage.ACCEPTED or (case.target or "").startswith(_TELLS) or case.read_at is not None


def _of_case(case: Case, rules: Rules, today: date) -> Iterator[Late]:
    clock = clock_of(case, rules.days, rules.limits.close_after, today)
    found = [(target, due, clock.run(due, today, rules.days)) for target, due in _dues(case, rules, clock)]
    closing = _closing(case, rules)
    if closing is not None:
        found.append((Target.CLOSE, closing, rules.days.between(closing, today)))
    for target, due, days_late in found:
        if days_late > 0:
            turn = Turn.CLOSING if target == Target.CLOSE else _turn(case, rules, today)
            ours = rules.days.between(case.found_at, filed_at(case) or today)
            yield Late(case.id, case.channel, case.tracking_id, target, due, days_late, turn, ours)


def _dues(case: Case, rules: Rules, clock: Clock) -> Iterator[tuple[Target, date]]:
    """The targets that are not met, each with its last day."""
    limits = rules.limits
    if not _forwarded(case):
        yield Target.FORWARD, clock.due(limits.forward, rules.days)
    if not case.answers and not (case.status or "").casefold().startswith(_FOLLOWED_UP):
        yield Target.FIRST_FOLLOW_UP, clock.due(limits.first_follow_up, rules.days)
    if case.classification in limits.by_class:
        yield Target.BY_CLASS, clock.due(limits.by_class[case.classification], rules.days)
    yield Target.RESOLVE, clock.due(limits.resolve_days, CALENDAR)


def _forwarded(case: Case) -> bool:
    seen = {status for _, status in case.statuses} | {case.canonical}
    # A status that is not known is no proof of being late.
    return case.stage == Stage.ACCEPTED and bool(seen & {*_WITH_AN_AGENCY, Status.UNKNOWN})


def _closing(case: Case, rules: Rules) -> date | None:
    """The day on which LAPOR was to close it; None while somebody else is to act."""
    if case.canonical != Status.IN_PROGRESS or not case.answers or any(at > case.answers[-1] for at in case.replies):
        return None
    return rules.days.add(case.answers[-1], rules.limits.close_after)


def _turn(case: Case, rules: Rules, today: date) -> Turn:
    if case.stage != Stage.ACCEPTED:
        return _turn_before_filing(case, rules)
    match case.canonical:
        case Status.RECEIVED:
            return Turn.LAPOR
        case Status.PENDING:
            return Turn.REPORTER
        case Status.IN_PROGRESS if window_open(case, rules.days, rules.limits.close_after, today):
            return Turn.REPORTER
        case Status.DISPOSED | Status.IN_PROGRESS | Status.REPLIED | Status.RETURNED:
            return Turn.AGENCY
    return Turn.UNKNOWN


def _turn_before_filing(case: Case, rules: Rules) -> Turn:
    undecided = case.stage == Stage.IN_DOUBT and case.next_attempt_at is None
    to_type = case.stage == Stage.QUEUED and rules.typed_by_hand
    return Turn.OPERATOR if undecided or to_type or case.stage in {Stage.HELD, Stage.REJECTED} else Turn.GATEWAY
