"""Which named checks may a mapping's `[hold]` table use?

A check sees the mapped values and its parameter and says for which reason a person must look, if any.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mappings import personal_data
from mappings.no_report import likely_test, only_links
from mappings.report import Reason, Values
from mappings.scope import out_of_scope
from mappings.wishes import asks_secrecy

Check = Callable[[Values, Any], Sequence[Reason]]


def _shorter_than(values: Values, limit: int) -> Sequence[Reason]:
    length = len(" ".join(str(values.get("content") or "").split()))
    return [Reason("too_short", "content", f"{length} < {limit}")] if length < limit else []


def _contains(values: Values, words: Sequence[str]) -> Sequence[Reason]:
    text = f"{values.get('title') or ''} {values.get('content') or ''}".casefold()
    return [Reason("word_found", "content", word) for word in words if word.casefold() in text]


def _requires(values: Values, names: Sequence[str]) -> Sequence[Reason]:
    return [Reason("field_missing", name) for name in names if values.get(name) in (None, "")]


def _likely_double(_values: Values, _days: int) -> Sequence[Reason]:
    """Nothing here: it takes the other reports, which whoever stores this one has at hand."""
    return []


CHECKS: Mapping[str, Check] = {
    "shorter_than": _shorter_than,
    "contains": _contains,
    "requires": _requires,
    "only_links": only_links,
    "likely_test": likely_test,
    "personal_data": personal_data.check,
    "asks_secrecy": asks_secrecy,
    "out_of_scope": out_of_scope,
    "likely_double": _likely_double,
}
PARAMETERS: Mapping[str, type] = {
    "shorter_than": int,
    "contains": list,
    "requires": list,
    "only_links": bool,
    "likely_test": bool,
    "personal_data": str,
    "asks_secrecy": bool,
    "out_of_scope": bool,
    "likely_double": int,
}
WORDS: Mapping[str, Sequence[str]] = {"personal_data": personal_data.MODES}
"""What a check's text may be."""
MOST: Mapping[str, int] = {"likely_double": 365}
"""The largest number that makes sense."""
