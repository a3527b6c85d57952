"""Are the columns that tell records apart still written as they were?

A mere format makes other texts of them: dates shown as numbers, zeros before a number, another order of day and
month. Every row would then pass for a new record, and every complaint would be filed again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from connectors.contract import Cursor, Misconfigured, Scalar

_FEWEST = 10
_SHARE = 0.8
"""Only what so many of the cells have in common is a form."""
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]+)?")
_RUNS = re.compile(r"(\d+)|([^\W\d_]+)")
_LONGEST = 40
_DIGITS = "9"
_PADDED = "digits with zeros before them"
_DATE, _NUMBER = "a date", "a number"
_IN_WORDS = (_PADDED, _DATE, _NUMBER)


def forms_of(names: Sequence[str], rows: Iterable[Sequence[Scalar]]) -> Mapping[str, str]:
    """How most cells of each of these columns are written, where there are enough to say so."""
    seen: list[Counter[tuple[str, int]]] = [Counter() for _ in names]
    for row in rows:
        for by_length, cell in zip(seen, row, strict=True):
            if cell is not None and cell != "":
                by_length[_form(cell), len(cell) if isinstance(cell, str) else 0] += 1
    found: dict[str, str] = {}
    for name, by_length in zip(names, seen, strict=True):
        counted = _filled_up(by_length)
        for form, count in counted.most_common(1):
            if form and counted.total() >= _FEWEST and count >= counted.total() * _SHARE:
                found[name] = form
    return found


def refuse_other_forms(before: Cursor, now: Mapping[str, str]) -> None:
    """Raise Misconfigured where a column has another form than the last cursor's `forms` say."""
    known = before.get("forms")
    for name, form in now.items():
        old = known.get(name) if isinstance(known, Mapping) else None
        if old not in (None, form):
            raise Misconfigured(
                f"the column {name} was written as {_said(old)} and is now written as {_said(form)}: every row would"
                " pass for a new complaint. Format it as before; if it is meant, make it a new channel with a `start`"
                " of its own"
            )


def _said(form: object) -> str:
    """The form in words, or its pattern of digits and letters."""
    if form == _DIGITS:
        return "plain digits"
    return str(form) if form in _IN_WORDS else f'"{form}"'


def _filled_up(by_length: Mapping[tuple[str, int], int]) -> Counter[str]:
    """How often each form is seen; after 099, the text 100 is as long and is filled up with zeros, too."""
    counted: Counter[str] = Counter()
    width = max((length for form, length in by_length if form == _PADDED), default=-1)
    for (form, length), count in by_length.items():
        counted[_PADDED if (form, length) == (_DIGITS, width) else form] += count
    return counted


def _form(cell: Scalar) -> str:
    """A date, a number, or a text with each run of digits as 9 and of letters as a; nothing for other texts.

    A whole number is the text of its digits: as a key, the two are the same.
    """
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if not isinstance(cell, str):
        return _DIGITS if type(cell) is int else _NUMBER
    if _ISO.fullmatch(cell):
        return _DATE
    if len(cell) > 1 and cell.startswith("0") and cell.isdecimal():
        return _PADDED
    if not any(mark.isdigit() for mark in cell[:_LONGEST]):
        return ""
    return _RUNS.sub(_run, cell[:_LONGEST])


def _run(found: re.Match[str]) -> str:
    if found[2]:
        return "a"
    return "09" if len(found[1]) > 4 and found[1].startswith("0") else "9"
