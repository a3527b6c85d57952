"""Which reports are of the same reporter, and which is joined to which twin?

A report is found by what tells its reporter from others, kept as hashes: NIK, e-mail address, phone number, name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from state.answers import AnswerStage
from state.journal import Happening, record_events
from state.lifecycle import Act, Disposition, NotAllowed, Stage, UnknownReport, after
from state.models import ANSWER, CHANNEL, RECORD, REPLY, REPORT, REPORTER_MARK
from state.replies import ReplyStage

LIKELY = "likely_double"
"""The reason of what is held as a likely double; its detail is the twin's number."""
NAME = "reporter_name"
CONTACTS = ("reporter_nik", "reporter_email", "reporter_phone")
_LATEST = 50
"""So many reports of one mark are compared: an address with more of them in a few days is no single person's."""
_SHORTEST_NAME = 8
_LOCK = 0x6C61_706F_72
"""PostgreSQL's advisory lock under which doubles are decided."""


class SameReport(ValueError):
    """A report cannot be joined to itself, or to one that is joined to it."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A report that has a mark in common with others."""

    id: int
    channel: str
    stage: Stage
    joined_to: int | None
    values: Mapping[str, Any]
    """Report fields, amendments included."""
    received_at: str | None
    """ISO 8601; a date where the source keeps no time."""
    found_at: datetime
    marks: frozenset[str]
    tracking_id: str | None
    reasons: Sequence[Mapping[str, str]]


def marks_of(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> frozenset[str]:
    """Hashes of what tells the reporter of these values from others; what the channel states for all is left out."""
    return frozenset(_hash(name, text) for name, text in _told(values, defaults))


def contact_marks(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> frozenset[str]:
    """The marks that only one person has: a name may be another's, too."""
    return frozenset(_hash(name, text) for name, text in _told(values, defaults) if name != NAME)


def alone(tx: sa.Connection) -> None:
    """Nobody else decides on doubles until this transaction ends. SQLite's write lock does that already."""
    if tx.dialect.name == "postgresql":
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def mark(tx: sa.Connection, marks: Mapping[int, frozenset[str]]) -> None:
    """Keep the marks of these reports, in place of what was known of them."""
    tx.execute(sa.delete(REPORTER_MARK).where(REPORTER_MARK.c.report_id.in_(list(marks))))
    rows = [{"mark": one, "report_id": number} for number, found in marks.items() for one in sorted(found)]
    if rows:
        tx.execute(sa.insert(REPORTER_MARK), rows)


def neighbours(tx: sa.Connection, marks: frozenset[str]) -> Sequence[Neighbour]:
    """The latest reports, of all channels, that have one of these marks; oldest first."""
    if not marks:
        return []
    rank = sa.func.row_number().over(partition_by=REPORTER_MARK.c.mark, order_by=REPORTER_MARK.c.report_id.desc())
    ranked = sa.select(REPORTER_MARK, rank.label("rank")).where(REPORTER_MARK.c.mark.in_(sorted(marks))).subquery()
    found: dict[int, set[str]] = {}
    for row in tx.execute(sa.select(ranked.c.mark, ranked.c.report_id).where(ranked.c.rank <= _LATEST)):
        found.setdefault(row.report_id, set()).add(row.mark)
    return [_neighbour(row, frozenset(found[row["id"]])) for row in _rows(tx, sorted(found))]


def neighbour(tx: sa.Connection, report_id: int) -> Neighbour:
    """One report as its twins see it. Raises UnknownReport."""
    row = next(iter(_rows(tx, [report_id])), None)
    if row is None:
        raise UnknownReport(report_id)
    kept = tx.scalars(sa.select(REPORTER_MARK.c.mark).where(REPORTER_MARK.c.report_id == report_id))
    return _neighbour(row, frozenset(kept))


def related(
    tx: sa.Connection, report_id: int, joined_to: int | None, reasons: Sequence[Mapping[str, str]]
) -> Sequence[Neighbour]:
    """The twin that a report is joined to or that its reasons name, and whatever is joined to it."""
    named = [int(reason["detail"]) for reason in reasons if reason["code"] == LIKELY and reason["detail"].isdigit()]
    joined = list(tx.scalars(sa.select(REPORT.c.id).where(REPORT.c.joined_to == report_id)))
    return [_neighbour(row, frozenset()) for row in _rows(tx, [*named, *([joined_to] if joined_to else []), *joined])]


def hold(tx: sa.Connection, report: Neighbour, reason: Mapping[str, str], now: datetime) -> None:
    """Hold a report that is unsent for this reason more."""
    following = after(report.stage, Act.HOLD)
    tx.execute(
        sa.update(REPORT)
        .where(REPORT.c.id == report.id, REPORT.c.stage == report.stage)
        .values(stage=following, stage_at=now, reasons=[*report.reasons, dict(reason)])
    )
    record_events(tx, [Happening(report.id, "held", {"reasons": [reason["code"]]})], now)


def join(tx: sa.Connection, report_id: int, twin_id: int, actor: str, now: datetime) -> int:
    """Let the twin's answers answer this report, too, which is never sent. Returns the twin that answers.

    Whatever was joined to this report goes along. Raises UnknownReport, NotAllowed and SameReport.
    """
    _keep_still(tx, report_id, twin_id)
    report, twin = neighbour(tx, report_id), neighbour(tx, twin_id)
    answering = twin.joined_to or twin.id
    if report_id == answering:
        raise SameReport(report_id)
    if twin.stage is Stage.DROPPED:
        raise NotAllowed(twin.stage, Act.JOIN)
    following = after(report.stage, Act.JOIN)
    tx.execute(
        sa.update(REPORT)
        .where(REPORT.c.id == report_id)
        .values(stage=following, stage_at=now, joined_to=answering, next_attempt_at=None, reasons=[])
    )
    tx.execute(sa.update(RECORD).where(RECORD.c.id == report_id).values(disposition=Disposition.JOINED))
    unsent = REPLY.c.stage.in_([ReplyStage.WAITING, ReplyStage.HELD])
    tx.execute(sa.update(REPLY).where(REPLY.c.report_id == report_id, unsent).values(report_id=answering))
    moved = sa.update(REPORT).where(REPORT.c.joined_to == report_id).values(joined_to=answering)
    followers = list(tx.scalars(moved.returning(REPORT.c.id)))
    happened = [Happening(number, "joined", {"twin": answering}, actor) for number in (report_id, *followers)]
    record_events(tx, happened, now)
    return answering


def separate(tx: sa.Connection, report_id: int, reason: Mapping[str, str], actor: str, now: datetime) -> None:
    """It was no double after all: it is held again, for this reason. Raises UnknownReport and NotAllowed.

    What was about to be told of the twin is told no more.
    """
    _keep_still(tx, report_id)
    report = neighbour(tx, report_id)
    following = after(report.stage, Act.SEPARATE)
    tx.execute(
        sa.update(REPORT)
        .where(REPORT.c.id == report_id)
        .values(stage=following, stage_at=now, joined_to=None, reasons=[dict(reason)])
    )
    tx.execute(sa.update(RECORD).where(RECORD.c.id == report_id).values(disposition=Disposition.REPORT))
    of_the_twin = (ANSWER.c.report_id == report_id) & (ANSWER.c.key != "received")
    open_stages = ANSWER.c.stage.in_([AnswerStage.WAITING, AnswerStage.PERSON])
    tx.execute(sa.delete(ANSWER).where(of_the_twin, open_stages))
    record_events(tx, [Happening(report_id, "separated", {"twin": report.joined_to}, actor)], now)


def _told(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in (*CONTACTS, NAME):
        text = " ".join(str(values.get(name) or "").split()).casefold()
        if not text or values.get(name) == defaults.get(name):
            continue
        if name != NAME or (" " in text and len(text) >= _SHORTEST_NAME):
            yield name, text


def _hash(name: str, text: str) -> str:
    return hashlib.blake2b(f"{name}:{text}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _keep_still(tx: sa.Connection, *ids: int) -> None:
    """Nobody claims these reports between a person's look and act, where the database can lock rows."""
    tx.execute(sa.select(REPORT.c.id).where(REPORT.c.id.in_(ids)).order_by(REPORT.c.id).with_for_update())


def _rows(tx: sa.Connection, ids: Sequence[int]) -> Sequence[sa.RowMapping]:
    query = (
        sa.select(REPORT, RECORD.c.received_at, RECORD.c.found_at, CHANNEL.c.name.label("channel"))
        .join(RECORD, RECORD.c.id == REPORT.c.id)
        .join(CHANNEL, CHANNEL.c.id == REPORT.c.channel_id)
        .where(REPORT.c.id.in_(ids))
        .order_by(REPORT.c.id)
    )
    return tx.execute(query).mappings().all()


def _neighbour(row: sa.RowMapping, marks: frozenset[str]) -> Neighbour:
    return Neighbour(
        id=row["id"],
        channel=row["channel"],
        stage=Stage(row["stage"]),
        joined_to=row["joined_to"],
        values={**row["mapped"], **row["amendments"]},
        received_at=row["received_at"],
        found_at=row["found_at"],
        marks=marks,
        tracking_id=row["tracking_id"],
        reasons=row["reasons"],
    )
