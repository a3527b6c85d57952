"""What time is it in the mock's world, and when is a working day over?"""

import re
from datetime import UTC, date, datetime, timedelta, timezone

WIB = timezone(timedelta(hours=7), "WIB")
TICK = timedelta(microseconds=1)
SATURDAY = 5
MOST_WORKING_DAYS = 10_000
UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


class Clock:
    """Real time plus an offset that only grows; every instant is in WIB with microseconds.

    LAPOR's servers keep Jakarta time (lapor-contract.md: `date_of_incident` is compared with today in WIB).
    """

    def __init__(self, offset: timedelta) -> None:
        self.offset = offset
        self.last_stamp = datetime.min.replace(tzinfo=UTC)

    @classmethod
    def starting_at(cls, start: datetime | None) -> "Clock":
        """Return a clock that shows `start` (with an offset) now, or real time for None."""
        return cls(timedelta() if start is None else start - datetime.now(UTC))

    def now(self) -> datetime:
        return datetime.now(WIB) + self.offset

    def today(self) -> date:
        return self.now().date()

    def advance(self, span: timedelta) -> datetime:
        """Move forward by `span` and return the new time; a negative span is a ValueError."""
        if span < timedelta():
            raise ValueError("the clock only moves forward")
        self.offset += span
        return self.now()

    def stamp(self, at: datetime) -> datetime:
        """Return `at`, or the instant right after the previous stamp when `at` is not later than that.

        Two changes must never share an `updated_at` by accident: a reader that pages by it would
        then depend on luck, and the tests could not tell a lost change from a tie.
        """
        self.last_stamp = max(at.astimezone(WIB), self.last_stamp + TICK)
        return self.last_stamp


def parse_span(text: str) -> timedelta:
    """Turn `3d`, `12h`, `90m` or `10s` into a timedelta; anything else is a ValueError."""
    match = re.fullmatch(r"(\d{1,6}(?:\.\d+)?)([dhms])", text.strip())
    if match is None:
        raise ValueError(f"not a span of time: {text!r} (write 3d, 12h, 90m or 10s)")
    return timedelta(**{UNITS[match[2]]: float(match[1])})


def parse_instant(text: str) -> datetime:
    """Read an ISO 8601 instant; one without an offset is a ValueError, for it names no instant."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"no offset in {text!r}")
    return instant.astimezone(WIB)


def iso(instant: datetime) -> str:
    """Write an instant as the API does: ISO 8601, WIB offset, always six digits of a second."""
    return instant.astimezone(WIB).isoformat(timespec="microseconds")


def add_working_days(start: datetime, days: int) -> datetime:
    """Return the same time of day `days` working days (Mon-Fri in WIB, holidays ignored) after `start`."""
    if days > MOST_WORKING_DAYS:
        raise ValueError(f"at most {MOST_WORKING_DAYS} working days at once")
    instant = start.astimezone(WIB)
    while days > 0:
        instant += timedelta(days=1)
        days -= instant.weekday() < SATURDAY
    return instant
