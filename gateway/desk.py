"""What does every step need at hand: whose gateway this is, the state, the clock, and whether to stop?"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from gateway.config import Config
from state.database import Store
from state.writer import Writer


def utc_now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


def no_progress(_step: str, _done: int, _total: int | None) -> None:
    """Show nothing."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The surroundings of the steps."""

    config: Config
    store: Store
    writer: Writer
    now: Callable[[], datetime] = utc_now
    stop: threading.Event = field(default_factory=threading.Event)
    """Set when the service is told to stop: steps end at the next safe point."""
    progress: Callable[[str, int, int | None], None] = no_progress
    """Called with the step's subject, how many are done and, where known, of how many."""


@dataclass(slots=True)
class StepResult:
    """What a step did: `partial` where something could not be read or sent and waits, `failed` where nothing could."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[Mapping[str, str]] = field(default_factory=list)
    outcome: Literal["ok", "partial", "failed"] = "ok"
    message: str = ""
    step: str = ""
    channel: str = ""
    """Whose result it is, once the step was run by `gateway.work`."""

    def fail(self, outcome: Literal["partial", "failed"], message: str) -> None:
        """Note that not everything went well; the first message stays."""
        self.outcome = "failed" if "failed" in (self.outcome, outcome) else "partial"
        self.message = self.message or message
