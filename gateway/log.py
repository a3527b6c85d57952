"""What does the service write to its log? One event a line, only fields of a list, so personal data cannot slip in."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from gateway.settings import LogSettings

ALLOWED = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "step",
        "channel",
        "outcome",
        "seconds",
        "message",
        "counts",
        "problems",
        "report",
        "code",
        "where",
        "error",
        "path",
        "version",
        "channels",
        "recovered",
        "signal",
        "until",
    }
)
"""A field that is not here is left out: a new one is entered here by someone who has thought about it."""


def configure(settings: LogSettings) -> None:
    """Write to standard error: JSON lines, or coloured text on a terminal."""
    console = settings.format == "console" or (settings.format == "auto" and sys.stderr.isatty())
    renderer: Any = (
        structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
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
    return {name: value for name, value in event.items() if name in ALLOWED}
