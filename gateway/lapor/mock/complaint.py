"""What does the mock know of one complaint, and which part of it may a reader see?"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.lapor.mock.clock import iso, parse_instant

# The columns of LAPOR's export, in the contract's order; nothing of the reporter is among them.
SHOWN = (
    "tracking_id", "external_id", "received_at", "updated_at", "classification", "category_id", "category", "title",
    "content_initial", "content_final", "is_anonymous", "is_secret", "source", "parent_institution",
    "disposition_institution_id", "disposition_institution", "status", "hold_reason", "province", "city", "district",
    "village", "rating",
)  # fmt: skip


@dataclass(frozen=True)
class Reporter:
    name: str
    email: str
    phone: str
    nik: str


@dataclass(frozen=True)
class Attachment:
    """A file that came with a report; its bytes are not kept."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class FollowUp:
    """One answer; `external_id` is set only on the reporter's own replies."""

    date: datetime
    responder: str
    keterangan: str
    external_id: str | None

    def shown(self) -> dict[str, Any]:
        item = {"date": iso(self.date), "responder": self.responder, "keterangan": self.keterangan}
        return item if self.external_id is None else {**item, "external_id": self.external_id}


@dataclass(frozen=True)
class Complaint:
    """One report at one moment; a change makes a new one."""

    tracking_id: str
    transaction_id: str
    external_id: str
    received_at: datetime
    updated_at: datetime
    classification: str
    category_id: str
    category: str
    title: str
    content_initial: str
    content_final: str
    is_anonymous: bool
    is_secret: bool
    source: str
    parent_institution: str
    disposition_institution_id: str
    disposition_institution: str
    status: str
    hold_reason: str
    province: str
    city: str
    district: str
    village: str
    rating: int | None
    date_of_incident: str
    location_id: str
    suggestion_institution_id: str
    latitude: str
    longitude: str
    reporter: Reporter
    attachments: tuple[Attachment, ...]
    followups: tuple[FollowUp, ...]

    def shown(self) -> dict[str, Any]:
        """Return what `GET /complaints/{tracking_id}` answers."""
        return {name: _plain(getattr(self, name)) for name in SHOWN}

    def answered(self) -> list[FollowUp]:
        """Return the agency's follow-ups, without the reporter's own replies."""
        return [one for one in self.followups if one.external_id is None]


def dump(complaint: Complaint) -> dict[str, Any]:
    """Return everything, as plain JSON values."""
    whole: dict[str, Any] = json.loads(json.dumps(vars(complaint), default=_encode))
    return whole


def encode(value: object) -> str:
    """Write anything made of plain values, instants and this file's dataclasses as one line of ASCII JSON."""
    return json.dumps(value, default=_encode, separators=(",", ":"))


def load(whole: Mapping[str, Any]) -> Complaint:
    """Rebuild a complaint from what `dump` or `encode` made of it."""
    return Complaint(
        **{
            **whole,
            "received_at": parse_instant(whole["received_at"]),
            "updated_at": parse_instant(whole["updated_at"]),
            "reporter": Reporter(**whole["reporter"]),
            "attachments": tuple(Attachment(**one) for one in whole["attachments"]),
            "followups": tuple(FollowUp(**{**one, "date": parse_instant(one["date"])}) for one in whole["followups"]),
        }
    )


def _plain(value: object) -> object:
    return iso(value) if isinstance(value, datetime) else value


def _encode(value: object) -> object:
    return iso(value) if isinstance(value, datetime) else vars(value)
