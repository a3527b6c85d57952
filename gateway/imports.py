"""What do rows of LAPOR's export change? Reports that have their numbers, at any LAPOR, get what it says of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from gateway import corrections
from gateway.config import Config
from gateway.lapor.export import ExportRow
from gateway.lapor.statuses import Status, canonical
from gateway.lookalikes import Match, Text, matches
from state import binding, tracking
from state.tracking import News, Tracked


@dataclass(frozen=True, slots=True)
class Changed:
    """A report that the export says something new of."""

    id: int
    tracking_id: str
    before: str
    status: str


@dataclass(slots=True)
class Imported:
    """What became of the rows."""

    updated: list[Changed] = field(default_factory=list)
    unchanged: int = 0
    older: list[str] = field(default_factory=list)
    """Numbers of reports of which the gateway has later news than the file."""
    unknown: list[ExportRow] = field(default_factory=list)
    """Rows whose numbers no report has."""
    strange: Counter[str] = field(default_factory=Counter)
    """Statuses that nobody knows the meaning of; they are kept all the same."""


def take(tx: sa.Connection, rows: Sequence[ExportRow], target: str, moment: datetime, now: datetime) -> Imported:
    """Keep what the rows say, as of `moment`, when the file was made. The same file once more changes nothing."""
    imported = Imported()
    known = binding.by_number(tx, [row.tracking_id for row in rows], target)
    for row in rows:
        if canonical(row.status) is Status.UNKNOWN:
            imported.strange[row.status] += 1
        report = known.get(row.tracking_id)
        if report is None:
            imported.unknown.append(row)
        elif not _says_more(row, report):
            imported.unchanged += 1
        elif report.updated_at is not None and report.updated_at > moment:
            imported.older.append(row.tracking_id)
        else:
            _update(tx, row, report, moment, now)
            imported.updated.append(Changed(report.id, row.tracking_id, report.status or "", row.status))
    return imported


def lookalikes(tx: sa.Connection, config: Config, rows: Sequence[ExportRow]) -> Sequence[Match]:
    """Reports without a number, and records from before a channel's start, that look like these rows."""
    texts = [Text(row.tracking_id, row.title, row.content) for row in rows if row.content]
    return matches(_without_number(tx, config), texts) if texts else []


def _says_more(row: ExportRow, report: Tracked) -> bool:
    return row.status != report.status or any(report.detail.get(name) != text for name, text in row.detail.items())


def _update(tx: sa.Connection, row: ExportRow, report: Tracked, moment: datetime, now: datetime) -> None:
    news = News(
        status=row.status,
        canonical=canonical(row.status),
        updated_at=moment,
        detail={**report.detail, **row.detail},
        settled=True,
    )
    tracking.update(tx, report, news, [], now)


def _without_number(tx: sa.Connection, config: Config) -> Iterator[Text]:
    for report in binding.unbound(tx):
        yield Text(str(report.id), report.title, report.content)
    for record in binding.baselines(tx):
        planned = corrections.replan(config, record, {})
        if planned is not None:
            values = planned.report.values
            yield Text(str(record.id), str(values.get("title") or ""), str(values.get("content") or ""))
