"""Which limits hold, and which days are working days? `[deadlines]` of the configuration, every value with its source.

The defaults are what is public: LAPOR's store text (forwarding, first follow-up, closing), the guideline 62/2018 for
the limits by class (since replaced by PermenPANRB 5/2025, whose text is not at hand: hence settings), and Perpres
76/2013 for the sixty days.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from gateway.tables import Table
from mappings.report import Classification

Days = Annotated[int, Field(ge=1, le=1_000)]
_Said = Annotated[str, Field(min_length=1)]
BY_CLASS: Mapping[str, int] = {
    Classification.COMPLAINT.value: 14,
    Classification.INFORMATION.value: 5,
    Classification.ASPIRATION.value: 5,
}
"""Working days by `classification`. A complaint that needs supervision has 60, but only LAPOR's admin decides that."""


class HolidaySettings(Table):
    """`[[deadlines.holidays]]`: a day that a decree makes free or, with `strike`, a working day."""

    date: dt.date
    name: _Said
    decree: _Said = Field(description="the decree's number, for whoever asks why")
    strike: bool = False


def _every_class(limits: dict[str, int]) -> dict[str, int]:
    """The limits, with the defaults of the classes that are not named."""
    unknown = [name for name in limits if name not in BY_CLASS]
    if unknown:
        raise ValueError(f"unknown classification {', '.join(unknown)}; known are: {', '.join(BY_CLASS)}")
    return {**BY_CLASS, **limits}


def _each_day_once(holidays: tuple[HolidaySettings, ...]) -> tuple[HolidaySettings, ...]:
    seen: set[dt.date] = set()
    for item in holidays:
        if item.date in seen:
            raise ValueError(f"{item.date} stands there twice")
        seen.add(item.date)
    return holidays


class DeadlineSettings(Table):
    """`[deadlines]`: working days, except `resolve_days`, which are days of the calendar."""

    forward: Days = 3
    first_follow_up: Days = 5
    close_after: Days = 10
    resolve_days: Days = 60
    by_class: Annotated[dict[str, Days], AfterValidator(_every_class)] = Field(default_factory=lambda: dict(BY_CLASS))
    collective_leave: bool = True
    holidays: Annotated[tuple[HolidaySettings, ...], AfterValidator(_each_day_once)] = ()
