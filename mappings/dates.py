"""Which day or moment do people's dates mean: ISO, Indonesian and English words, numbers, Unix seconds?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

Moment = datetime | date


class UnreadableDate(ValueError):
    """The text is no date that is understood. `code` is a reason code."""

    code = "date_unreadable"


class AmbiguousDate(UnreadableDate):
    """The text is two dates: 03/04/2026 is 3 April or 4 March unless the mapping states a format."""

    code = "date_ambiguous"


_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januari january jan",
            "februari february pebruari feb peb",
            "maret march mar mrt",
            "april apr",
            "mei may",
            "juni june jun",
            "juli july jul",
            "agustus august agu agt ags aug agst",
            "september sept sep",
            "oktober october okt oct",
            "november nopember nov nop",
            "desember december des dec",
        ),
        start=1,
    )
    for name in names.split()
}
_ENGLISH = ("", *"January February March April May June July August September October November December".split())
_WEEKDAYS = re.compile(
    r"^\s*(senin|selasa|rabu|kamis|jum['’`]?at|sabtu|minggu|ahad|mon|tues?|wed(nes)?|thu(rs)?|fri|sat(ur)?|sun)(day)?\s*[,.]?\s+",
    re.IGNORECASE,
)
_ZONES = {"wib": 7, "wita": 8, "wit": 9, "z": 0, "utc": 0, "gmt": 0}
_TIME = re.compile(
    r"[\sT,]*(?:pukul|pkl\.?|jam|at)?\s*(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?\s*(am|pm)?\s*"
    r"(wib|wita|wit|z|utc|gmt)?\s*([+-]\d{2}:?\d{2})?\s*$",
    re.IGNORECASE,
)
_WORDS = re.compile(r"(\d{1,2})[\s\-./]*([^\W\d_]{3,})\.?[\s\-./,]*(\d{4}|\d{2})$")
_MONTH_FIRST = re.compile(r"([^\W\d_]{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})$", re.IGNORECASE)
_NUMBERS = re.compile(r"(\d{1,4})[/.\- ](\d{1,2})[/.\- ](\d{1,4})$")
_ZERO = re.compile(
    r"0000[-/]00[-/]00|0000-01-01T?|00[-/]00[-/]0000|0001-01-01|1899-12-30|1970-01-01([T ]00:00:00(\.0+|Z|\+00:00)*)?$"
)
_EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a count of days has no zone


def parse(value: object, formats: Sequence[str], zone: ZoneInfo) -> Moment | None:
    """A day, or an aware moment where the value has a time; None for nothing and for databases' zero dates.

    `formats` are strptime patterns, `unix` (seconds) or `excel` (days); with them, nothing is guessed but ISO 8601.
    Months may be Indonesian or English in either case. Raises UnreadableDate, or AmbiguousDate for 03/04/2026.
    """
    text = _text(value)
    if not text.strip(" -–—.0") or _ZERO.match(text):
        return None
    found = _iso(text)
    if found is None:
        found = _declared(text, formats) if formats else _guessed(text)
    return found.replace(tzinfo=zone) if isinstance(found, datetime) and found.tzinfo is None else found


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else " ".join(str(value).split())


def _iso(text: str) -> Moment | None:
    try:
        if len(text) == 10 and text[4] == "-":
            return date.fromisoformat(text)
        return datetime.fromisoformat(text) if len(text) > 10 and text[4] == "-" else None
    except ValueError:
        return None


def _declared(text: str, formats: Sequence[str]) -> Moment:
    english = _in_english(text)
    for form in formats:
        try:
            if form in {"unix", "excel"}:
                return _counted(float(text), form)
            # The month is written out in full by now.
            moment = datetime.strptime(english, form.replace("%b", "%B"))  # noqa: DTZ007 - the caller adds the zone
        except (ValueError, OverflowError, OSError):
            continue
        return moment if "%H" in form or "%I" in form or "%X" in form else moment.date()
    raise UnreadableDate("in none of the declared formats")


def _counted(number: float, form: str) -> Moment:
    if form == "unix":
        return datetime.fromtimestamp(number, tz=timezone(timedelta(0)))
    moment = _EXCEL_EPOCH + timedelta(days=number)
    return moment.date() if number.is_integer() else moment


def _in_english(text: str) -> str:
    """Indonesian weekdays dropped and month names translated, for strptime."""
    text = _WEEKDAYS.sub("", text)
    return re.sub(r"[^\W\d_]{3,}", lambda word: _ENGLISH[_MONTHS.get(word[0].lower(), 0)] or word[0], text)


def _guessed(text: str) -> Moment:
    mail_date = _rfc2822(text)
    if mail_date:
        return mail_date
    rest = _WEEKDAYS.sub("", text)
    # 25.12.25 is a day, though its points could part hours from minutes too.
    if _NUMBERS.fullmatch(rest):
        return _day(rest)
    clock = _TIME.search(rest)
    day = _day(rest[: clock.start()].strip(" ,") if clock else rest.strip(" ,"))
    return datetime.combine(day, *_clock(clock)) if clock else day


def _rfc2822(text: str) -> datetime | None:
    if not re.search(r"\d{2}:\d{2}:\d{2} [+-]\d{4}", text):
        return None
    try:
        return parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None


def _clock(found: re.Match[str]) -> tuple[time, tzinfo | None]:
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if found[4]:
        hour = hour % 12 + (12 if found[4].lower() == "pm" else 0)
    zone = timezone(timedelta(hours=_ZONES[found[5].lower()])) if found[5] else None
    if found[6]:
        zone = _offset(found[6].replace(":", ""))
    try:
        return time(hour, minute, second), zone
    except ValueError:
        raise UnreadableDate("no such time of day") from None


def _offset(digits: str) -> timezone:
    length = timedelta(hours=int(digits[1:3]), minutes=int(digits[3:]))
    if length >= timedelta(days=1):
        raise UnreadableDate("no such time zone")
    return timezone(length if digits[0] == "+" else -length)


def _day(text: str) -> date:
    words = _WORDS.fullmatch(text)
    if words:
        return _date(_year(words[3]), _month(words[2]), int(words[1]))
    words = _MONTH_FIRST.fullmatch(text)
    if words:
        return _date(int(words[3]), _month(words[1]), int(words[2]))
    numbers = _NUMBERS.fullmatch(text)
    if not numbers:
        raise UnreadableDate("no date that is understood")
    return _numeric(numbers[1], numbers[2], numbers[3])


def _numeric(first: str, second: str, third: str) -> date:
    if len(first) == 4:
        return _date(int(first), int(second), int(third))
    one, two, year = int(first), int(second), _year(third)
    if one <= 12 and two <= 12 and one != two:
        raise AmbiguousDate("day and month cannot be told apart")
    return _date(year, one, two) if two > 12 else _date(year, two, one)


def _month(name: str) -> int:
    number = _MONTHS.get(name.lower())
    if number is None:
        raise UnreadableDate("no month that is understood")
    return number


def _year(text: str) -> int:
    return int(text) + 2000 if len(text) == 2 else int(text)


def _date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise UnreadableDate("no such day") from None
