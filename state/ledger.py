"""Which source records are known, and what did they say?"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from state.journal import Happening, record_events
from state.lifecycle import Disposition, Stage
from state.models import RECORD, REPLY, REPORT
from state.recovery import Sighting, adopt
from state.replies import ReplyStage, row_of

_BATCH = 5_000
_ID_VERSION = "1"
T = TypeVar("T")


def external_id(gateway_id: str, channel_id: str, key: str) -> str:
    """The report's id towards LAPOR, the same for ever: 52 characters of base32 over SHA-256.

    The gateway's id is part of it: two installations with a channel of the same name never meet.
    """
    parts = [part.encode("utf-8", "surrogatepass") for part in (_ID_VERSION, gateway_id, channel_id, key)]
    joined = b"".join(b"%d:%s" % (len(part), part) for part in parts)
    return base64.b32encode(hashlib.sha256(joined).digest()).decode().rstrip("=").lower()


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record seen for the first time, and what became of it."""

    key: str
    locator: str
    version: str
    disposition: Disposition
    reason: str | None
    received_at: datetime | date | None
    fields: Mapping[str, Any]
    attachments: Sequence[Mapping[str, Any]] = ()
    report: NewReport | None = None
    sighting: Sighting | None = None
    """LAPOR has its report already."""
    thread: str = ""
    reply: NewReply | None = None
    """It is what the citizen writes again about a known report."""


@dataclass(frozen=True, slots=True)
class NewReply:
    """The reply of a new record."""

    report_id: int
    text: str
    stage: ReplyStage


@dataclass(frozen=True, slots=True)
class NewReport:
    """The report of a new record."""

    stage: Stage
    values: Mapping[str, Any]
    reasons: Sequence[Mapping[str, str]] = ()
    notes: Sequence[Mapping[str, str]] = ()
    not_before: datetime | None = None
    attachments: Sequence[Mapping[str, Any]] | None = None
    """The record's files and what is sent of them; None where they stay as they are."""


@dataclass(frozen=True, slots=True)
class Known:
    """A record that the ledger has."""

    id: int
    key: str
    locator: str | None
    version: str
    disposition: Disposition
    fields: Mapping[str, Any] = field(default_factory=dict)
    stage: Stage | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    amendments: Mapping[str, Any] = field(default_factory=dict)
    reasons: Sequence[Mapping[str, str]] = ()


def versions(tx: sa.Connection, channel_id: str, locators: Sequence[str]) -> dict[str, str]:
    """The last seen version of each known locator."""
    found: dict[str, str] = {}
    for some in _batches(locators):
        query = sa.select(RECORD.c.locator, RECORD.c.version).where(
            RECORD.c.channel_id == channel_id, RECORD.c.locator.in_(some)
        )
        found.update((row.locator, row.version) for row in tx.execute(query))
    return found


def by_key(tx: sa.Connection, channel_id: str, keys: Sequence[str]) -> dict[str, Known]:
    """Known records by key, with their reports."""
    return {known.key: known for known in _known(tx, channel_id, RECORD.c.key, keys)}


def by_locator(tx: sa.Connection, channel_id: str, locators: Sequence[str]) -> dict[str, Known]:
    """Known records by the place where they were last seen, with their reports."""
    return {str(known.locator): known for known in _known(tx, channel_id, RECORD.c.locator, locators)}


def _known(tx: sa.Connection, channel_id: str, column: sa.Column[Any], wanted: Sequence[str]) -> Iterable[Known]:
    for some in _batches(wanted):
        query = (
            sa.select(RECORD, REPORT.c.stage, REPORT.c.mapped, REPORT.c.amendments, REPORT.c.reasons)
            .outerjoin(REPORT, REPORT.c.id == RECORD.c.id)
            .where(RECORD.c.channel_id == channel_id, column.in_(some))
        )
        for row in tx.execute(query).mappings():
            yield Known(
                id=row["id"],
                key=row["key"],
                locator=row["locator"],
                version=row["version"],
                disposition=Disposition(row["disposition"]),
                fields=row["fields"],
                stage=Stage(row["stage"]) if row["stage"] else None,
                values=row["mapped"] or {},
                amendments=row["amendments"] or {},
                reasons=row["reasons"] or (),
            )


def add(
    tx: sa.Connection, gateway_id: str, channel_id: str, records: Sequence[NewRecord], now: datetime
) -> Sequence[int]:
    """Keep new records with their reports; the ids in the records' order."""
    if not records:
        return []
    rows = [_record_row(channel_id, record, now) for record in records]
    inserted = tx.execute(sa.insert(RECORD).returning(RECORD.c.id, sort_by_parameter_order=True), rows)
    ids = [int(number) for number in inserted.scalars()]
    reports = [
        report_row(number, external_id(gateway_id, channel_id, record.key), channel_id, record.report, now)
        for number, record in zip(ids, records, strict=True)
        if record.report is not None
    ]
    if reports:
        tx.execute(sa.insert(REPORT), reports)
    written = [
        row_of(number, r.report_id, external_id(gateway_id, channel_id, record.key), r.text, r.stage, now)
        for number, record in zip(ids, records, strict=True)
        if (r := record.reply) is not None
    ]
    if written:
        tx.execute(sa.insert(REPLY), written)
    for number, record in zip(ids, records, strict=True):
        if record.sighting is not None:
            adopt(tx, number, record.sighting, now)
    happened = (Happening(number, _found(record), _why(record)) for number, record in zip(ids, records, strict=True))
    record_events(tx, happened, now)
    return ids


def moved(tx: sa.Connection, record_id: int, locator: str | None) -> None:
    """A known record stands somewhere else now, or, with None, another one has taken its place."""
    tx.execute(sa.update(RECORD).where(RECORD.c.id == record_id).values(locator=locator, gone_at=None))


def edited(
    tx: sa.Connection,
    known: Known,
    version: str,
    fields: Mapping[str, Any],
    report: NewReport | None,
    now: datetime,
) -> None:
    """A known record says something else: keep it, and for an unsent report what the mapping now makes of it."""
    changed = sorted(name for name in {*fields, *known.fields} if fields.get(name) != known.fields.get(name))
    others = report is not None and _has_other_files(tx, known.id, report)
    tx.execute(
        sa.update(RECORD).where(RECORD.c.id == known.id).values(version=version, fields=dict(fields), gone_at=None)
    )
    if not (changed or others):
        return
    if report is not None:
        changing = tx.execute(
            sa.update(REPORT)
            .where(REPORT.c.id == known.id, REPORT.c.stage == known.stage)
            .values(
                stage=report.stage,
                stage_at=now,
                reasons=list(report.reasons),
                notes=list(report.notes),
                next_attempt_at=report.not_before,
                mapped=dict(report.values),
            )
        )
        if changing.rowcount:
            keep_attachments(tx, known.id, report)
    sent = "after_sending" if report is None and known.stage is not None else "before_sending"
    record_events(tx, [Happening(known.id, "source_edited", {"fields": changed, "when": sent})], now)


def _has_other_files(tx: sa.Connection, record_id: int, report: NewReport) -> bool:
    """Whether a photo came later, or went, beside a text that stays."""
    if report.attachments is None:
        return False
    kept = tx.scalar(sa.select(RECORD.c.attachments).where(RECORD.c.id == record_id)) or []
    return [one["sha256"] for one in kept] != [one["sha256"] for one in report.attachments]


def keep_attachments(tx: sa.Connection, record_id: int, report: NewReport) -> None:
    """Keep the files that go with a report as it is now."""
    if report.attachments is not None:
        rows = [dict(attachment) for attachment in report.attachments]
        tx.execute(sa.update(RECORD).where(RECORD.c.id == record_id).values(attachments=rows))


def vanished(
    tx: sa.Connection, channel_id: str, listed: Iterable[str], since: datetime, now: datetime
) -> Mapping[int, Mapping[str, Any]]:
    """Mark the known records that a complete listing no longer names, and those that came back.

    Returns the report values, by id, of the records that vanished since `since`. A vanished record is never a deletion:
    the mark only says where an edited row may have come from.
    """
    present = set(listed)
    query = sa.select(RECORD.c.id, RECORD.c.locator, RECORD.c.gone_at).where(RECORD.c.channel_id == channel_id)
    known = tx.execute(query).all()
    gone = [row.id for row in known if row.locator not in present and row.gone_at is None]
    back = [row.id for row in known if row.locator in present and row.gone_at is not None]
    _mark(tx, gone, now)
    _mark(tx, back, None)
    lately = [row.id for row in known if row.locator not in present and (row.gone_at or now) >= since]
    found: dict[int, Mapping[str, Any]] = {}
    for some in _batches(lately):
        rows = tx.execute(sa.select(REPORT.c.id, REPORT.c.mapped).where(REPORT.c.id.in_(some)))
        found.update((row.id, row.mapped) for row in rows)
    return found


def _mark(tx: sa.Connection, ids: Sequence[int], gone_at: datetime | None) -> None:
    for some in _batches(ids):
        tx.execute(sa.update(RECORD).where(RECORD.c.id.in_(some)).values(gone_at=gone_at))


def _record_row(channel_id: str, record: NewRecord, now: datetime) -> dict[str, Any]:
    return {
        "channel_id": channel_id,
        "key": record.key,
        "locator": record.locator,
        "version": record.version,
        "disposition": record.disposition,
        "reason": record.reason,
        "received_at": record.received_at.isoformat() if record.received_at else None,
        "thread": record.thread or None,
        "found_at": now,
        "fields": dict(record.fields),
        "attachments": [dict(attachment) for attachment in record.attachments],
    }


def report_row(number: int, external: str, channel_id: str, report: NewReport, now: datetime) -> dict[str, Any]:
    """A new report's row, that shares its id with the record of that number."""
    return {
        "id": number,
        "channel_id": channel_id,
        "external_id": external,
        "stage": report.stage,
        "stage_at": now,
        "mapped": dict(report.values),
        "amendments": {},
        "reasons": list(report.reasons),
        "notes": list(report.notes),
        "attempts": 0,
        "absences": 0,
        "next_attempt_at": report.not_before,
    }


def _found(record: NewRecord) -> str:
    return str(record.report.stage if record.report is not None else record.disposition)


def _why(record: NewRecord) -> dict[str, Any]:
    codes = [reason["code"] for reason in record.report.reasons] if record.report is not None else []
    return {"reasons": codes or ([record.reason] if record.reason else [])}


def _batches(items: Sequence[T]) -> Iterable[Sequence[T]]:
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]
