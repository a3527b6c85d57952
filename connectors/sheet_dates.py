"""In which order does a column write day and month, where its own cells leave no doubt?

Each row is read with the order that its whole column shows when the row is read for the first time. What is known by
then is not read again when later rows show more, and an order that later rows contradict is none: the date then stays
the text that it is, and the mapping holds it as ambiguous.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum

from connectors.contract import Scalar

_DATE = re.compile(r"\s*(\d{1,2})([/.\-])(\d{1,2})\2(\d{4}|\d{2})(?![\d/.\-])(.*)", re.DOTALL)
_CLOCK = re.compile(r"[\s,]*(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?\s*([AaPp][Mm])?\s*")
_LONGEST = 32
_SHARE = 10
"""One date in so many must show the order: a single slip of the hand in a long column shows nothing."""


class Order(StrEnum):
    """Which of the two numbers is the day."""

    DAY_FIRST = "day/month"
    MONTH_FIRST = "month/day"


@dataclass(slots=True)
class _Seen:
    """How the dates of one column look."""

    texts: int = 0
    day_first: int = 0
    month_first: int = 0
    typed: int = 0
    typed_late: int = 0
    """Dates kept as dates on a day after the 12th."""

    def note(self, cell: str) -> None:
        found = _DATE.fullmatch(cell)
        if found is None:
            self._note_typed(cell)
            return
        one, two = int(found[1]), int(found[3])
        self.texts += 1
        self.day_first += 12 < one <= 31 and two <= 12
        self.month_first += 12 < two <= 31 and one <= 12

    def _note_typed(self, cell: str) -> None:
        if len(cell) >= 10 and cell[4] == cell[7] == "-" and cell[8:10].isdigit():
            self.typed += 1
            self.typed_late += int(cell[8:10]) > 12

    @property
    def order(self) -> Order | None:
        """The order that some show and none contradicts."""
        if bool(self.day_first) == bool(self.month_first):
            return None
        if (self.day_first + self.month_first) * _SHARE < self.texts:
            return None
        return Order.DAY_FIRST if self.day_first else Order.MONTH_FIRST

    @property
    def is_swapped(self) -> bool:
        """Texts are all of days after the 12th and dates all of days before the 13th.

        So a program leaves a column in which it took 03/04 for 4 March and could make nothing of 23/04.
        """
        late = self.day_first
        return late >= _ENOUGH and self.typed >= _ENOUGH and late == self.texts and not self.typed_late


_ENOUGH = 3


@dataclass(frozen=True, slots=True)
class Dates:
    """What the columns of a table show, by place."""

    orders: Mapping[int, Order]
    swapped: frozenset[int]
    """Columns whose real dates very likely have day and month the wrong way round."""


def dates_of(rows: Iterable[Sequence[Scalar]], places: Iterable[int]) -> Dates:
    """Look at these columns of all rows."""
    seen = {place: _Seen() for place in places}
    for row in rows:
        for place, column in seen.items():
            cell = row[place] if place < len(row) else None
            if isinstance(cell, str) and 6 <= len(cell) <= _LONGEST and cell.lstrip()[:1].isdigit():
                column.note(cell)
    orders = {place: column.order for place, column in seen.items()}
    swapped = frozenset(place for place, column in seen.items() if column.is_swapped)
    return Dates({place: order for place, order in orders.items() if order}, swapped)


def iso(cell: str, order: Order) -> str:
    """The cell as ISO 8601 where the whole of it is a date of this order, with or without a time; else as it is."""
    found = _DATE.fullmatch(cell) if len(cell) <= _LONGEST else None
    if found is None:
        return cell
    one, two, year = int(found[1]), int(found[3]), int(found[4])
    day, month = (one, two) if order is Order.DAY_FIRST else (two, one)
    clock = _CLOCK.fullmatch(found[5]) if found[5].strip() else None
    if found[5].strip() and clock is None:
        return cell
    try:
        written = date(year + 2000 if len(found[4]) == 2 else year, month, day).isoformat()
        return f"{written}T{_time(clock).isoformat()}" if clock else written
    except ValueError:
        return cell


def _time(clock: re.Match[str]) -> time:
    hour = int(clock[1])
    if clock[4]:
        if not 1 <= hour <= 12:
            raise ValueError("no such hour")
        hour = hour % 12 + (12 if clock[4].lower() == "pm" else 0)
    return time(hour, int(clock[2]), int(clock[3] or 0))
