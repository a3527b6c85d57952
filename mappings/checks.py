"""Which named checks may a mapping's `[hold]` table use?

A check sees the mapped values and its parameter and says for which reason a person must look, if any.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mappings.report import Reason, Values

Check = Callable[[Values, Any], Sequence[Reason]]


def _shorter_than(values: Values, limit: int) -> Sequence[Reason]:
    length = len(" ".join(str(values.get("content") or "").split()))
    return [Reason("too_short", "content", f"{length} < {limit}")] if length < limit else []


def _contains(values: Values, words: Sequence[str]) -> Sequence[Reason]:
    text = f"{values.get('title') or ''} {values.get('content') or ''}".casefold()
    return [Reason("word_found", "content", word) for word in words if word.casefold() in text]


def _requires(values: Values, names: Sequence[str]) -> Sequence[Reason]:
    return [Reason("field_missing", name) for name in names if values.get(name) in (None, "")]


CHECKS: Mapping[str, Check] = {"shorter_than": _shorter_than, "contains": _contains, "requires": _requires}
PARAMETERS: Mapping[str, type] = {"shorter_than": int, "contains": list, "requires": list}
