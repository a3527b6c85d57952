"""What becomes of a report that a person has typed into LAPOR, and of the answer that a person pastes here?"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from gateway import corrections
from gateway.config import Config
from gateway.lapor.statuses import canonical
from state import binding, tracking
from state.journal import Happening, record_events
from state.tracking import Item, News

STATUSES = (
    "Belum Terverifikasi",
    "Terdisposisi Belum Ditindaklanjuti",
    "Ditindaklanjuti oleh Instansi",
    "Terdisposisi Sedang Diproses",
    "Ditanggapi oleh Pelapor",
    "Tertunda",
    "Menunggu Kelengkapan Informasi",
    "Ditutup oleh Admin",
    "Ditutup oleh Sistem",
    "Ditutup oleh Pelapor",
    "Terdisposisi Selesai",
    "Diarsipkan oleh Admin",
    "Diarsipkan oleh Sistem",
    "Diarsipkan oleh Pelapor",
    "Konten Terblokir",
    "Dikembalikan: Bukan Wewenang",
)
"""LAPOR's own texts that a person may give with an answer."""
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""Older than anything that LAPOR will say: an answer without a status must not outdate LAPOR's own news."""


class ChannelGone(Exception):
    """The record's channel is no longer in the configuration, so that nothing can map it; the argument is its name."""


def bind(tx: sa.Connection, config: Config, record_id: int, tracking_id: str, actor: str, now: datetime) -> bool:
    """Bind a report, or a record from before its channel's start, to LAPOR's number. False where it is so already.

    Such a record becomes a report, mapped by today's mapping. Raises ChannelGone, and what `state.binding.bind` raises.
    """
    older = binding.baseline(tx, record_id)
    if older is not None:
        planned = corrections.replan(config, older, {})
        if planned is None:
            raise ChannelGone(older.channel)
        binding.become_report(tx, config.gateway.id, record_id, planned.report, now)
    return binding.bind(tx, record_id, tracking_id, config.lapor.target, actor, now)


def answer(tx: sa.Connection, report_id: int, item: Item, status: str | None, actor: str, now: datetime) -> bool:
    """Keep the agency's answer as tracking keeps a follow-up. False where the very same is there from that day.

    Raises UnknownReport, and NotAllowed for a report that LAPOR does not have.
    """
    report = binding.bound(tx, report_id)
    told = report.status or ""
    known = report.updated_at or _LONG_AGO
    news = News(
        status=status or told,
        canonical=canonical(status or told),
        updated_at=max(now, known) if status else known,
        detail=report.detail,
        settled=not report.read_again,
    )
    changed, added = tracking.update(tx, report, news, [item], now)
    if changed or added:
        record_events(tx, [Happening(report_id, "answer_typed", {}, actor)], now)
    return bool(added)
