"""Does a source look as it did the last time? A half-loaded or emptied one must not pass for the whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_FEWEST = 10
_SHARE = 0.5


def objection(before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> str | None:
    """Why a person must look before the channel goes on, or None.

    `columns` and `rows` are compared where both listings tell them. A source may grow as it likes: floods are real.
    """
    if not before:
        return None
    lost = sorted(set(before.get("columns", ())) - set(now.get("columns", before.get("columns", ()))))
    if lost:
        return f"it has lost the column{'s' if len(lost) > 1 else ''} {', '.join(lost)}"
    rows, fewer = before.get("rows"), now.get("rows")
    if isinstance(rows, int) and isinstance(fewer, int) and rows >= _FEWEST and fewer < rows * _SHARE:
        return f"it has shrunk from {rows} to {fewer} records"
    return None
