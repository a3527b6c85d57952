"""How long is waited after the n-th failure? Doubling up to a limit, with jitter: many never come back at once."""

from __future__ import annotations

import random
from datetime import timedelta


def wait(failures: int, first: timedelta, longest: timedelta) -> timedelta:
    """Full jitter: anything between nothing and `first` × 2^(failures − 1), at most `longest`."""
    doubled: int = 2 ** min(max(failures - 1, 0), 30)
    return min(first * doubled, longest) * random.random()
