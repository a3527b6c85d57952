"""What do a column's values look like: numbers of identity cards, phones, addresses, days, long texts?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from zoneinfo import ZoneInfo

from mappings import dates
from mappings.transforms import TRANSFORMS, Scalar, Unreadable, as_text

_UTC = ZoneInfo("UTC")
_ORDERED = re.compile(r"\s*(\d{1,2})([/.\-])(\d{1,2})\2(\d{4})(.*)", re.DOTALL)
_NAME = re.compile(r"[^\W\d_]{2,}[.']?( [^\W\d_]+[.,']?){0,5}")
_CLOCKS = {"": "", "0:0": " %H:%M", "0:0:0": " %H:%M:%S"}
_MOST = 0.8


@dataclass(frozen=True, slots=True)
class Looks:
    """What was seen in a column."""

    filled: float
    """The share of rows in which it says something, 0 to 1."""
    kinds: frozenset[str]
    """`nik`, `phone`, `email`, `date`, `text` (long), `short`, `name`, `yes_no`, `degrees`, `number`."""
    length: float
    """The median of its characters."""
    order: str = ""
    """Of days in figures such as 25/11/2026: `%d/%m/%Y` or `%m/%d/%Y` where a value proves it, `?` where none does."""


def looks(values: Sequence[Scalar]) -> Looks:
    """Look at a column's values; kinds are what at least four of five filled values are."""
    filled = [value for value in values if as_text(value).strip(" -–.")]
    texts = [as_text(value).strip() for value in filled]
    if not texts:
        return Looks(0.0, frozenset(), 0.0)
    kinds = {kind for kind, test in _TESTS.items() if sum(map(test, filled)) >= _MOST * len(filled)}
    length = median(len(text) for text in texts)
    kinds |= {"text"} if length >= 35 and sum(" " in text for text in texts) > len(texts) / 2 else {"short"}
    return Looks(len(filled) / len(values), frozenset(kinds - _overruled(kinds)), length, _order(texts))


def _overruled(kinds: set[str]) -> set[str]:
    """What more special kinds rule out: a day is no phone, though its digits could be."""
    gone = {"phone", "number"} if {"nik", "date"} & kinds else set()
    gone |= {"name"} if kinds & {"yes_no", "date", "email"} else set()
    return gone


def _order(texts: Sequence[str]) -> str:
    found = [match for text in texts if (match := _ORDERED.fullmatch(text))]
    if not found or len(found) < _MOST * len(texts):
        return ""
    first, second = max(int(match[1]) for match in found), max(int(match[3]) for match in found)
    marks = {match[2] for match in found}
    times = {re.sub(r"\d+", "0", match[5].strip()) for match in found}
    if (first <= 12 and second <= 12) or len(marks) > 1 or len(times) > 1 or times - set(_CLOCKS):
        return "?" if first <= 12 and second <= 12 else ""
    mark, clock = marks.pop(), _CLOCKS[times.pop()]
    if first > 12 >= second:
        return f"%d{mark}%m{mark}%Y{clock}"
    return f"%m{mark}%d{mark}%Y{clock}" if second > 12 >= first else ""


def _reads(transform: str, value: Scalar) -> bool:
    try:
        return TRANSFORMS[transform](value, None, _UTC) is not None
    except Unreadable:
        return False


def _is_phone(value: Scalar) -> bool:
    return bool(re.match(r"\+?62|0|8", as_text(value).strip("' "))) and _reads("phone", value)


def _is_date(value: Scalar) -> bool:
    text = as_text(value).strip()
    if re.fullmatch(r"1[0-9]{9}", text):
        return True
    try:
        return bool(re.search(r"\D", text)) and dates.parse(text, (), _UTC) is not None
    except dates.AmbiguousDate:
        return True
    except dates.UnreadableDate:
        return bool(_ORDERED.fullmatch(text))


def _is_name(value: Scalar) -> bool:
    return isinstance(value, str) and bool(_NAME.fullmatch(" ".join(value.split()))) and len(value) <= 60


def _is_degrees(value: Scalar) -> bool:
    return bool(re.fullmatch(r"-?\d{1,3}[.,]\d{3,}", as_text(value).strip()))


def _is_number(value: Scalar) -> bool:
    return isinstance(value, int | float) or bool(re.fullmatch(r"\d+", as_text(value).strip()))


_TESTS: Mapping[str, Callable[[Scalar], bool]] = {
    "nik": lambda value: _reads("nik", value),
    "phone": _is_phone,
    "email": lambda value: "@" in as_text(value) and _reads("email", value),
    "date": _is_date,
    "name": _is_name,
    "yes_no": lambda value: _reads("yes_no", value),
    "degrees": _is_degrees,
    "number": _is_number,
}
