"""Which days do government offices work? Monday to Friday, without public holidays and collective leave.

The days come from the package `holidays` (Indonesia: `public`, and `government`, which is cuti bersama, the collective
leave of the yearly joint decree of three ministers, SKB 3 Menteri). What a decree changes later, and what holds in one
province only, an admin adds or strikes with the decree's number. That working days are counted this way is inferred: no
public text of LAPOR defines them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays

from gateway.deadline_settings import DeadlineSettings

_ESTIMATED = "(estimated)"
"""What the package adds to the name of a day that depends on the moon's sighting and was not yet decreed."""
_AHEAD = timedelta(days=60)
_SATURDAY = 5


class WorkingDays:
    """The calendar of one installation. Days are dates in its zone; a moment stands for its day there."""

    def __init__(self, settings: DeadlineSettings, zone: ZoneInfo) -> None:
        self._zone = zone
        self._collective_leave = settings.collective_leave
        self._added = {item.date for item in settings.holidays if not item.strike}
        self._struck = {item.date for item in settings.holidays if item.strike}
        self._years: dict[int, Sequence[date]] = {}

    def day(self, moment: date) -> date:
        """The day of a moment in the gateway's zone: 23:30 in Makassar is still that day. A day is itself."""
        if not isinstance(moment, datetime):
            return moment
        return (moment.astimezone(self._zone) if moment.tzinfo else moment).date()

    def is_working(self, day: date) -> bool:
        """Whether offices are open."""
        working = self._of(day.year)
        place = bisect_right(working, day)
        return place > 0 and working[place - 1] == day

    def add(self, start: date, number: int) -> date:
        """The last day of a limit of so many working days. The day it starts on does not count."""
        day = self.day(start)
        if number < 1:
            return day
        year = day.year
        place = bisect_right(self._of(year), day) + number - 1
        while place >= len(self._of(year)):
            place -= len(self._of(year))
            year += 1
        return self._of(year)[place]

    def between(self, start: date, end: date) -> int:
        """How many working days lie after the day of `start`, up to and with that of `end`; 0 if it is not later."""
        first, last = self.day(start), self.day(end)
        if last <= first:
            return 0
        whole = sum(len(self._of(year)) for year in range(first.year, last.year))
        return whole + bisect_right(self._of(last.year), last) - bisect_right(self._of(first.year), first)

    def warnings(self, today: date) -> Sequence[str]:
        """What is not certain of the next 60 days, in English for an admin; empty where every day is decreed."""
        until = today + _AHEAD
        return [*self._estimated(today, until), *self._without_collective_leave(today, until)]

    def _estimated(self, today: date, until: date) -> Iterator[str]:
        for year in range(today.year, until.year + 1):
            for day, name in sorted(_named(year, ("public",)).items()):
                settled = day in self._added or day in self._struck
                if today < day <= until and _ESTIMATED in name and not settled:
                    yield (
                        f"{day}, {name}: once it is decreed, add it as [[deadlines.holidays]] with the decree's "
                        "number, or strike it there and add the right day"
                    )

    def _without_collective_leave(self, today: date, until: date) -> Iterator[str]:
        for year in sorted({today.year, until.year}) if self._collective_leave else ():
            if not _named(year, ("government",)) and not any(day.year == year for day in self._added):
                yield (
                    f"the collective leave (cuti bersama) of {year} is not known here: "
                    "add its days as [[deadlines.holidays]] with the decree's number"
                )

    def _of(self, year: int) -> Sequence[date]:
        """The year's working days, in order; made when first asked for."""
        if year not in self._years:
            categories = ("public", "government") if self._collective_leave else ("public",)
            free = ({*_named(year, categories)} | self._added) - self._struck
            days = (date(year, 1, 1) + timedelta(days=number) for number in range(366))
            self._years[year] = [
                day for day in days if day.year == year and day.weekday() < _SATURDAY and day not in free
            ]
        return self._years[year]


def _named(year: int, categories: tuple[str, ...]) -> Mapping[date, str]:
    """The year's free days with their English names."""
    found = holidays.country_holidays("ID", categories=categories, years=year, language="en_US", expand=False)
    return dict(found.items())
