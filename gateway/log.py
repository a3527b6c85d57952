"""What does the service write to its log? One event a line, only fields of a list: personal data cannot slip in."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from datetime import datetime
from typing import Any

import structlog

from gateway.settings import LogSettings

ALLOWED = (
    "timestamp",
    "level",
    "event",
    "channel",
    "outcome",
    "counts",
    "seconds",
    "message",
    "problems",
    "channels",
    "recovered",
    "signal",
)
"""A field that is not here is left out: a new one is entered here by someone who has thought about it."""


def configure(settings: LogSettings) -> None:
    """Write to standard error: JSON lines, or text for eyes on a terminal."""
    console = settings.format == "console" or (settings.format == "auto" and sys.stderr.isatty())
    renderer: Any = _console if console else structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _only_allowed,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[settings.level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    # Libraries' own logs quote URLs, bodies and parameters.
    logging.disable(logging.CRITICAL)


def logger() -> structlog.stdlib.BoundLogger:
    """The log of the gateway."""
    bound: structlog.stdlib.BoundLogger = structlog.get_logger()
    return bound


def _only_allowed(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: event[name] for name in ALLOWED if name in event}


def _console(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:
    """One line for eyes: time, level, step, channel, counts, and what went wrong."""
    facts = dict(event)
    moment = datetime.fromisoformat(facts.pop("timestamp")).astimezone()
    head = [f"{moment:%H:%M:%S}", f"{facts.pop('level'):7}", f"{facts.pop('event'):8}", facts.pop("channel", "")]
    counts = facts.pop("counts", {})
    told = [f"{name}={value}" for name, value in {**counts, **facts}.items() if value != "ok"]
    return " ".join(part for part in (*head, *told) if part)
