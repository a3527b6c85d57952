"""Step 4, reply: which news go back to where the citizen wrote? None yet: no connector here can write back."""

from __future__ import annotations

from gateway.config import Channel
from gateway.desk import Desk, StepResult


def reply(_channel: Channel, _desk: Desk) -> StepResult:
    """Do nothing; `status` and `show` have LAPOR's news until a connector is a `Replier`."""
    return StepResult()
