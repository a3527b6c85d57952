"""How does a length of time read in a database's options: `30m`, `1h`, `1d`?"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SPAN = re.compile(r"(\d{1,6})\s*([smhd])")


def _span(value: object) -> object:
    if isinstance(value, timedelta):
        return value
    found = _SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None or not int(found[1]):
        raise ValueError('expected a duration such as "30m", "1h" or "1d"')
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


_TEXT = {"type": "string", "pattern": r"^\d{1,6}\s*[smhd]$", "examples": ["30m", "1h", "1d"]}

Span = Annotated[timedelta, BeforeValidator(_span), WithJsonSchema(_TEXT)]
"""A length of time that is not nothing."""
