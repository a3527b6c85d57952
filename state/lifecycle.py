"""Which stages has a report's delivery, and which act leads from one to the next?

This table is the only place that knows; everything else asks it. LAPOR's own status is no stage: it lives in a column
beside it and changes freely once a report is ACCEPTED.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum


class Disposition(StrEnum):
    """What a source record turned out to be."""

    REPORT = "report"
    REPLY = "reply"
    """The citizen writes again about a report."""
    IGNORED = "ignored"
    """No citizen wrote it."""
    JOINED = "joined"
    """A double, answered together with its twin."""
    BASELINE = "baseline"
    """Older than the channel's start: known, never sent or answered."""


class Stage(StrEnum):
    """How far a report's delivery is."""

    HELD = "held"
    """A person must look."""
    QUEUED = "queued"
    """Waits to be sent."""
    SENDING = "sending"
    """Claimed: a request may be under way."""
    IN_DOUBT = "in_doubt"
    """A request was made and nobody knows whether LAPOR has the report."""
    ACCEPTED = "accepted"
    """LAPOR has it, under a tracking id."""
    REJECTED = "rejected"
    """LAPOR refused its content."""
    DROPPED = "dropped"
    """A person decided that it is not to be sent."""
    JOINED = "joined"
    """A person found it to be a double; its twin's answers answer it, too."""


class Act(StrEnum):
    """What can happen to a report."""

    HOLD = "hold"
    RELEASE = "release"
    DROP = "drop"
    CLAIM = "claim"
    ACCEPT = "accept"
    REJECT = "reject"
    POSTPONE = "postpone"
    DOUBT = "doubt"
    FIND = "find"
    ADOPT = "adopt"
    """LAPOR shows a report that this state has not sent: an earlier, lost state did."""
    REQUEUE = "requeue"
    RETRY = "retry"
    JOIN = "join"
    SEPARATE = "separate"
    """It was no double after all."""


class NotAllowed(Exception):
    """This act is not possible in this stage."""

    def __init__(self, stage: Stage, act: Act) -> None:
        super().__init__(f"a report that is {stage} cannot be changed by {act}")
        self.stage = stage
        self.act = act


class UnknownReport(LookupError):
    """There is no report of that number."""


TRANSITIONS: dict[tuple[Stage, Act], Stage] = {
    (Stage.HELD, Act.RELEASE): Stage.QUEUED,
    (Stage.HELD, Act.HOLD): Stage.HELD,
    (Stage.HELD, Act.DROP): Stage.DROPPED,
    (Stage.HELD, Act.JOIN): Stage.JOINED,
    (Stage.QUEUED, Act.JOIN): Stage.JOINED,
    (Stage.REJECTED, Act.JOIN): Stage.JOINED,
    (Stage.JOINED, Act.SEPARATE): Stage.HELD,
    (Stage.QUEUED, Act.HOLD): Stage.HELD,
    (Stage.QUEUED, Act.DROP): Stage.DROPPED,
    (Stage.QUEUED, Act.CLAIM): Stage.SENDING,
    (Stage.SENDING, Act.ACCEPT): Stage.ACCEPTED,
    (Stage.SENDING, Act.REJECT): Stage.REJECTED,
    (Stage.SENDING, Act.POSTPONE): Stage.QUEUED,
    (Stage.SENDING, Act.DOUBT): Stage.IN_DOUBT,
    (Stage.IN_DOUBT, Act.FIND): Stage.ACCEPTED,
    (Stage.HELD, Act.ADOPT): Stage.ACCEPTED,
    (Stage.QUEUED, Act.ADOPT): Stage.ACCEPTED,
    (Stage.REJECTED, Act.ADOPT): Stage.ACCEPTED,
    (Stage.IN_DOUBT, Act.ADOPT): Stage.ACCEPTED,
    (Stage.IN_DOUBT, Act.REQUEUE): Stage.QUEUED,
    (Stage.REJECTED, Act.RETRY): Stage.QUEUED,
    (Stage.REJECTED, Act.HOLD): Stage.HELD,
    (Stage.REJECTED, Act.DROP): Stage.DROPPED,
}
FINAL = frozenset({Stage.ACCEPTED, Stage.DROPPED})
UNSENT = frozenset({Stage.HELD, Stage.QUEUED, Stage.REJECTED})
"""LAPOR certainly does not have the report: its content may still be changed."""


def after(stage: Stage, act: Act) -> Stage:
    """The stage that `act` leads to. Raises NotAllowed where the table has no such transition."""
    try:
        return TRANSITIONS[stage, act]
    except KeyError:
        raise NotAllowed(stage, act) from None


def origins(act: Act) -> Sequence[Stage]:
    """The stages in which `act` is allowed."""
    return [stage for stage, other in TRANSITIONS if other == act]
