"""What happens to a report by itself as time goes by, and when?"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from gateway.lapor.mock import life
from gateway.lapor.mock.clock import add_working_days
from gateway.lapor.mock.complaint import Complaint

# The store text of LAPOR: forwarded within 3 working days, first answer within 5, closed 10 after the last one.
CLOSE_AFTER = 10
VERIFY_AFTER = 1
FOLLOW_UP_BY = (3, 5)
DISPOSE_AFTER = timedelta(minutes=30)


class Life(Enum):
    """MANUAL: only what the control API does, and closing by the system. AUTO: agencies work by themselves too."""

    MANUAL = "manual"
    AUTO = "auto"


@dataclass(frozen=True)
class Step:
    """The next thing to happen: an action of life.py with its parameters, and the instant it is due."""

    due: datetime
    action: str
    params: life.Params


def next_step(complaint: Complaint, mode: Life, seed: int) -> Step | None:
    """Return what comes next by itself, or None.

    It is worked out from the complaint alone, so a restart, an action by hand or another mode needs no bookkeeping;
    never due before the complaint's last change.
    """
    step = _working(complaint, seed) if mode is Life.AUTO else None
    step = step or _closing(complaint)
    if step is None:
        return None
    return Step(max(step.due, complaint.updated_at), step.action, step.params)


def _closing(complaint: Complaint) -> Step | None:
    answers = complaint.answered()
    if complaint.status != life.FOLLOWED_UP or not answers:
        return None
    return Step(add_working_days(answers[-1].date, CLOSE_AFTER), "close", {"by": "sistem"})


def _working(complaint: Complaint, seed: int) -> Step | None:
    received, status = complaint.received_at, complaint.status
    if status == life.RECEIVED:
        return Step(add_working_days(received, VERIFY_AFTER), "verify", {})
    if status.startswith(life.FORWARDED):
        return Step(complaint.updated_at + DISPOSE_AFTER, "dispose", {})
    if status == life.REPLIED:
        return Step(add_working_days(complaint.updated_at, VERIFY_AFTER), "follow_up", {})
    answered = len(complaint.answered())
    if status in (life.DISPOSED, life.PROCESSED, life.FOLLOWED_UP) and answered < len(FOLLOW_UP_BY):
        return Step(_follow_up_due(complaint, answered, seed), "follow_up", {})
    return None


def _follow_up_due(complaint: Complaint, answered: int, seed: int) -> datetime:
    # Within the last working day before the limit, at a minute of the report's own.
    start = add_working_days(complaint.received_at, FOLLOW_UP_BY[answered] - 1)
    minutes = random.Random(f"{seed}:{complaint.tracking_id}:{answered}").randrange(60, 24 * 60)
    return start + timedelta(minutes=minutes)
