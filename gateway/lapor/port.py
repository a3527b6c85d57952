"""What does the gateway need of a LAPOR, whichever profile it speaks?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from mappings.report import Report


@dataclass(frozen=True, slots=True)
class Document:
    """A file that goes along with a report."""

    name: str
    media_type: str
    path: Path


@dataclass(frozen=True, slots=True)
class Submission:
    """A report to be filed."""

    external_id: str
    report: Report
    documents: Sequence[Document]


@dataclass(frozen=True, slots=True)
class Receipt:
    """LAPOR's word that it has a report."""

    tracking_id: str
    transaction_id: str | None
    status: str


@dataclass(frozen=True, slots=True)
class Complaint:
    """A report as LAPOR shows it."""

    tracking_id: str
    external_id: str | None
    status: str
    received_at: datetime
    updated_at: datetime
    updated_text: str
    """`updated_at` in LAPOR's own words, for asking again from there."""
    is_secret: bool
    detail: Mapping[str, str | None]
    """Institution, category, hold reason: nothing of the reporter."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What the agency, or the reporter, wrote to a report."""

    date: str
    responder: str
    text: str
    external_id: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of changed reports, oldest change first."""

    complaints: Sequence[Complaint]
    last: int
    """The number of the last page."""


class Lapor(Protocol):
    """A LAPOR-compatible API. Every call raises `gateway.lapor.errors.LaporError` alone."""

    target: str
    """Which LAPOR this is: profile and base URL."""
    files: bool
    """Whether it takes reports by itself; if not, they stay queued until a person has typed them."""
    reads: bool
    """Whether reports can be looked up, listed and tracked there; if not, these calls raise Refused."""

    def submit(self, submission: Submission) -> Receipt:
        """File a report. It is never sent twice by itself."""
        ...

    def find(self, external_id: str) -> Sequence[Complaint]:
        """Reports with that external id, the earliest first. Secret ones may be left out."""
        ...

    def changed(self, since: str | None, page: int) -> Page:
        """Reports changed at or after that instant, from the page on (from 1)."""
        ...

    def complaint(self, tracking_id: str) -> Complaint | None:
        """One report, secret ones too; None where LAPOR does not know it."""
        ...

    def followups(self, tracking_id: str) -> Sequence[FollowUp]:
        """Everything written to a report, oldest first."""
        ...

    def reply(self, tracking_id: str, text: str, external_id: str) -> None:
        """Post the reporter's own reply to a report. It is never sent twice by itself."""
        ...

    def check(self) -> str:
        """Log in, reading only; what was found, for the admin."""
        ...

    def requests_made(self) -> int:
        """How many requests this object has made, for the daily limit."""
        ...

    def close(self) -> None:
        """Let go of the connections."""
        ...
