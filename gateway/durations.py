"""How do a configuration's durations and rates read: `30s`, `10m`, `1h`, `2d`, `5/s`?"""

from __future__ import annotations

import math
import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd])")
_RATE = re.compile(r"(\d+(?:\.\d+)?)\s*/\s*([smh])")


def _duration(value: object) -> object:
    if isinstance(value, timedelta):
        return value
    found = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError('expected a duration such as "30s", "10m", "1h" or "2d"')
    try:
        return timedelta(seconds=float(found[1]) * _UNITS[found[2]])
    except OverflowError:
        raise ValueError("it is longer than a lifetime") from None


def _positive(value: timedelta) -> timedelta:
    if not value:
        raise ValueError("expected more than nothing")
    return value


def _rate(value: object) -> object:
    found = _RATE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None or not 0 < float(found[1]) < math.inf:
        raise ValueError('expected a rate such as "5/s" or "100/m"')
    return float(found[1]) / _UNITS[found[2]]


_DURATION_TEXT = {"type": "string", "pattern": rf"^\s*{_DURATION.pattern}\s*$", "examples": ["30s", "10m", "1h", "2d"]}
_RATE_TEXT = {"type": "string", "pattern": rf"^\s*{_RATE.pattern}\s*$", "examples": ["5/s", "100/m"]}

Duration = Annotated[timedelta, BeforeValidator(_duration), WithJsonSchema(_DURATION_TEXT)]
"""A length of time."""

PositiveDuration = Annotated[Duration, AfterValidator(_positive)]
"""A length of time that is not nothing."""

Rate = Annotated[float, BeforeValidator(_rate), WithJsonSchema(_RATE_TEXT)]
"""Requests a second."""
