"""What is a report, and when is it fit to be filed in LAPOR?

The rules are those of LAPOR's own form as the wire contract states them: title up to 255 characters, content up to
3,000, a date of incident that is not in the future in WIB, a name, and an e-mail address or a phone number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

Scalar = str | int | float | bool | None
Values = Mapping[str, Any]
"""Report fields by name, as JSON can keep them."""

WIB = ZoneInfo("Asia/Jakarta")
TITLE_MAX = 255
CONTENT_MAX = 3_000
OLDEST = timedelta(days=10 * 366)

FIELDS = (
    "title",
    "content",
    "classification",
    "date_of_incident",
    "location_id",
    "category_id",
    "is_anonymous",
    "is_secret",
    "latitude",
    "longitude",
    "reporter_name",
    "reporter_email",
    "reporter_phone",
    "reporter_nik",
    "institution_id",
    "source",
)
REQUIRED = ("title", "content", "classification", "date_of_incident", "location_id", "reporter_name", "source")
PRIVACY = ("is_anonymous", "is_secret")
OPTIONAL = (
    "category_id",
    "latitude",
    "longitude",
    "reporter_email",
    "reporter_phone",
    "reporter_nik",
    "institution_id",
)
"""A value that cannot be read is left out and noted; it does not hold the report."""

_EMAIL = re.compile(r"[^@\s<>,;\"()]+@[^@\s<>,;\"().]+(\.[^@\s<>,;\"().]+)+")


def is_email(text: str) -> bool:
    """Whether LAPOR's form would take it for an address."""
    return _EMAIL.fullmatch(text) is not None


class Classification(StrEnum):
    """LAPOR's `classification_id`."""

    COMPLAINT = "1"
    INFORMATION = "2"
    ASPIRATION = "3"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a person must look at a report. The sentence for people is in the catalogue of texts, by `code`."""

    code: str
    field: str = ""
    detail: str = ""
    """Figures or names of settings; never personal data."""

    def to_json(self) -> dict[str, str]:
        """The reason as the state keeps it."""
        return {"code": self.code, "field": self.field, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class Report:
    """A report that may be filed. `classification` is LAPOR's id; coordinates are degrees, WGS 84."""

    title: str
    content: str
    classification: str
    date_of_incident: date
    location_id: str
    category_id: str | None
    is_anonymous: bool
    is_secret: bool
    latitude: float | None
    longitude: float | None
    reporter_name: str
    reporter_email: str | None
    reporter_phone: str | None
    reporter_nik: str | None
    institution_id: str | None
    source: str

    @classmethod
    def of(cls, values: Values) -> Report:
        """The report of values in which `problems` finds nothing."""
        kept: dict[str, Any] = {name: values.get(name) for name in FIELDS}
        kept["date_of_incident"] = date.fromisoformat(str(kept["date_of_incident"]))
        return cls(**kept)


def capped(day: date, now: datetime, zone: ZoneInfo) -> date:
    """The day LAPOR accepts for an incident of today: east of Jakarta a new day begins up to two hours before WIB's."""
    today_there, today_wib = now.astimezone(zone).date(), now.astimezone(WIB).date()
    return today_wib if today_wib < day <= today_there else day


def problems(values: Values, now: datetime) -> list[Reason]:
    """Everything that keeps these values from being a valid report; empty for one that may be filed."""
    return [*_missing(values), *_lengths(values), *_incident(values, now), *_contact(values), *_position(values)]


def _missing(values: Values) -> Iterator[Reason]:
    for name in REQUIRED:
        if values.get(name) in (None, ""):
            yield Reason("field_missing", name)
    for name in PRIVACY:
        if not isinstance(values.get(name), bool):
            yield Reason("privacy_unknown", name)


def _lengths(values: Values) -> Iterator[Reason]:
    for name, limit in (("title", TITLE_MAX), ("content", CONTENT_MAX)):
        length = len(str(values.get(name) or ""))
        if length > limit:
            yield Reason("too_long", name, f"{length} > {limit}")
    kind = values.get("classification")
    if kind and kind not in set(Classification):
        yield Reason("value_unknown", "classification")


def _incident(values: Values, now: datetime) -> Iterator[Reason]:
    text = values.get("date_of_incident")
    if not text:
        return
    try:
        day = date.fromisoformat(str(text))
    except ValueError:
        yield Reason("date_unreadable", "date_of_incident")
        return
    today = now.astimezone(WIB).date()
    if day > today:
        yield Reason("date_in_future", "date_of_incident", f"{day} > {today} WIB")
    elif day < today - OLDEST:
        yield Reason("date_too_old", "date_of_incident", f"{day}")


def _contact(values: Values) -> Iterator[Reason]:
    email, phone = values.get("reporter_email"), values.get("reporter_phone")
    if email and not is_email(str(email)):
        yield Reason("email_invalid", "reporter_email")
    if values.get("reporter_nik") and not re.fullmatch(r"[0-9]{16}", str(values["reporter_nik"])):
        yield Reason("nik_invalid", "reporter_nik")
    if not email and not phone:
        yield Reason("contact_missing", "reporter_email")


def _position(values: Values) -> Iterator[Reason]:
    for name, limit in (("latitude", 90.0), ("longitude", 180.0)):
        degrees = values.get(name)
        number = isinstance(degrees, int | float) and not isinstance(degrees, bool)
        if degrees is not None and not (number and abs(degrees) <= limit):
            yield Reason("value_invalid", name)
