"""Which tables does the state have? UNIQUE constraints are the truth against duplicates, whatever the code believes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from state.columns import Json, UtcDateTime


class Setting(SQLModel, table=True):
    """Facts about this state itself: whose it is, since when."""

    name: str = Field(primary_key=True)
    value: str


class Channel(SQLModel, table=True):
    """A channel as first seen; its id is part of every external_id and never changes."""

    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    connector: str
    source: str
    """Where it reads and what makes a key there; another one is refused until a person accepts it."""
    start: str
    cursor: dict[str, Any] | None = Field(default=None, sa_type=Json)
    pages: list[str] | None = Field(default=None, sa_type=Json)
    """Digests of the listing's pages that hold nothing unknown."""
    shape: dict[str, Any] | None = Field(default=None, sa_type=Json)
    """Columns and number of records at the last whole listing, for the source guard."""
    paused_by: str | None = None
    """Who told the channel to pause; nothing is collected meanwhile."""
    first_round_done: bool = False
    first_queued: int = 0
    accepted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answered_until: int | None = 0
    """The last event that was looked at for news to citizens; empty where the channel answers nobody."""
    created_at: datetime = Field(sa_type=UtcDateTime)


class Record(SQLModel, table=True):
    """A record of a source, with the raw fields as the connector read them."""

    __table_args__ = (
        sa.UniqueConstraint("channel_id", "key"),
        sa.Index("ix_record_locator", "channel_id", "locator"),
        sa.Index("ix_record_thread", "channel_id", "thread"),
    )

    id: int | None = Field(default=None, primary_key=True)
    channel_id: str = Field(foreign_key="channel.id")
    key: str
    locator: str | None
    """Where it was last seen; empty for one whose key was taken over by another record."""
    version: str
    disposition: str = Field(index=True)
    reason: str | None = None
    received_at: str | None = None
    """ISO 8601: a date where the source keeps no time."""
    thread: str | None = None
    """What a later record names when it answers this one: a mail's Message-ID."""
    found_at: datetime = Field(sa_type=UtcDateTime)
    gone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    fields: dict[str, Any] = Field(sa_type=Json)
    attachments: list[Any] = Field(sa_type=Json)


class Report(SQLModel, table=True):
    """A report and how far it is. It shares its id with its record: one number for people."""

    __table_args__ = (
        sa.UniqueConstraint("target", "tracking_id"),
        sa.Index("ix_report_due", "stage", "next_attempt_at"),
        sa.Index("ix_report_channel", "channel_id", "stage"),
    )

    id: int = Field(primary_key=True, foreign_key="record.id", sa_column_kwargs={"autoincrement": False})
    channel_id: str = Field(foreign_key="channel.id")
    external_id: str = Field(unique=True)
    stage: str
    stage_at: datetime = Field(sa_type=UtcDateTime)
    mapped: dict[str, Any] = Field(sa_type=Json)
    """Report fields as the mapping made them."""
    amendments: dict[str, Any] = Field(sa_type=Json)
    """A person's corrections, laid over `mapped` after every mapping."""
    reasons: list[Any] = Field(sa_type=Json)
    notes: list[Any] = Field(sa_type=Json)
    target: str | None = None
    """Profile and base URL that it was sent to; looked up and tracked there for ever."""
    attempts: int = 0
    absences: int = 0
    """How often a lookup has not found it since it is in doubt."""
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    next_attempt_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Not before this moment; empty for at once, or, in doubt, for a person to decide."""
    tracking_id: str | None = None
    transaction_id: str | None = None
    lapor_status: str | None = None
    lapor_canonical: str | None = None
    lapor_updated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lapor: dict[str, Any] | None = Field(default=None, sa_type=Json)
    """What else LAPOR says: institution, category, hold reason."""
    next_track_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    joined_to: int | None = Field(default=None, index=True)
    """The twin whose answers answer this one, too."""


class ReporterMark(SQLModel, table=True):
    """What tells one reporter from another, as a hash: the same person's reports are found by it in all channels."""

    __tablename__ = "reporter_mark"

    mark: str = Field(primary_key=True)
    report_id: int = Field(primary_key=True, foreign_key="report.id", index=True)


class FollowUp(SQLModel, table=True):
    """What the agency did or answered. LAPOR gives it no id: its content's hash and a count stand for one."""

    __tablename__ = "follow_up"
    __table_args__ = (sa.UniqueConstraint("report_id", "digest", "ordinal"),)

    id: int | None = Field(default=None, primary_key=True)
    report_id: int = Field(foreign_key="report.id")
    digest: str
    ordinal: int
    date: str
    responder: str
    text: str
    external_id: str | None = None
    seen_at: datetime = Field(sa_type=UtcDateTime)


class Answer(SQLModel, table=True):
    """News of a report on its way to the citizen, by one carrier. Its key is made of the news itself."""

    __table_args__ = (
        sa.UniqueConstraint("report_id", "carrier", "key"),
        sa.Index("ix_answer_stage", "stage", "channel_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    token: str = Field(unique=True)
    """Which answer it is towards the world: part of its Message-ID, the same for ever."""
    report_id: int = Field(foreign_key="report.id")
    channel_id: str = Field(foreign_key="channel.id")
    carrier: str
    news: str
    key: str
    facts: dict[str, Any] = Field(sa_type=Json)
    at: datetime = Field(sa_type=UtcDateTime)
    """When it happened."""
    stage: str
    attempts: int = 0
    next_attempt_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    code: str = ""
    """Why it waits, or waits for a person."""
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    settled_by: str = ""


class Reply(SQLModel, table=True):
    """What a citizen wrote again about a report, on its way to LAPOR. It shares its id with its record."""

    __table_args__ = (sa.Index("ix_reply_due", "stage", "next_attempt_at"),)

    id: int = Field(primary_key=True, foreign_key="record.id", sa_column_kwargs={"autoincrement": False})
    report_id: int = Field(foreign_key="report.id", index=True)
    external_id: str = Field(unique=True)
    text: str
    stage: str
    stage_at: datetime = Field(sa_type=UtcDateTime)
    code: str = ""
    attempts: int = 0
    absences: int = 0
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    next_attempt_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Event(SQLModel, table=True):
    """What happened to a report, or to a record without one: when, by whom. No personal data in `detail`."""

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    record_id: int | None = Field(default=None, foreign_key="record.id", index=True)
    channel_id: str | None = None
    actor: str
    kind: str
    detail: dict[str, Any] = Field(sa_type=Json)


class Run(SQLModel, table=True):
    """One run of a step."""

    __table_args__ = (sa.Index("ix_run_latest", "step", "channel_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    step: str
    channel_id: str | None = None
    started_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime = Field(sa_type=UtcDateTime)
    outcome: str
    counts: dict[str, Any] = Field(sa_type=Json)
    problems: list[Any] = Field(sa_type=Json)
    message: str = ""


class Target(SQLModel, table=True):
    """A LAPOR that reports are sent to: whether it is paused, and how far its changes were read."""

    name: str = Field(primary_key=True)
    failures: int = 0
    paused_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    pause_reason: str = ""
    tracked_until: str | None = None
    """LAPOR's own text of the last `updated_at` that was read."""


class Sighting(SQLModel, table=True):
    """A report that LAPOR's lists show and that the state does not know: another gateway's, or one of a lost state."""

    external_id: str = Field(primary_key=True)
    target: str
    tracking_id: str
    status: str
    canonical: str
    seen_at: datetime = Field(sa_type=UtcDateTime)


class Lease(SQLModel, table=True):
    """Who may write, where a file lock cannot tell."""

    name: str = Field(primary_key=True)
    holder: str
    expires_at: datetime = Field(sa_type=UtcDateTime)


def _table(model: type[SQLModel]) -> sa.Table:
    table: sa.Table = model.__table__  # type: ignore[attr-defined]
    return table


# Bulk work goes through the tables: many times faster than model objects.
SETTING = _table(Setting)
CHANNEL = _table(Channel)
RECORD = _table(Record)
REPORT = _table(Report)
FOLLOW_UP = _table(FollowUp)
ANSWER = _table(Answer)
REPLY = _table(Reply)
EVENT = _table(Event)
RUN = _table(Run)
TARGET = _table(Target)
LEASE = _table(Lease)
REPORTER_MARK = _table(ReporterMark)
SIGHTING = _table(Sighting)
