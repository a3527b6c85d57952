"""Step 4, reply: which news go back to where the citizen wrote? To channels whose connector can write back."""

from __future__ import annotations

from connectors.contract import Replier
from gateway.config import Channel
from gateway.desk import Desk, StepResult


def reply(channel: Channel, _desk: Desk) -> StepResult:
    """Say which channels cannot be written back to; none of the connectors that come with the gateway can yet."""
    result = StepResult()
    if not isinstance(channel.factory, Replier):
        result.counts["cannot_reply"] = 1
    return result
