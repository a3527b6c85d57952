"""`overdue`: which reports are late, since when, and whose turn is it? In Indonesian, without any text of a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import sqlalchemy as sa

from gateway import deadlines, texts
from gateway.cli import printing
from gateway.config import Config, load
from gateway.deadlines import Late, Rules
from gateway.desk import utc_now
from gateway.lapor_settings import MANUAL
from gateway.work import open_store
from gateway.working_days import WorkingDays

_HEADINGS = ("no.", "kanal", "nomor LAPOR", "target", "jatuh tempo", "terlambat", "giliran", "waktu di gateway")


def overdue(path: Path, channel: str | None, *, as_json: bool) -> None:
    """Every missed target of one channel, or of all, the longest due first."""
    config = load(path)
    printing.refuse_unknown_channel(config, channel)
    store = open_store(config)
    with store.read() as tx:
        late = late_in(config, tx, channel)
    store.close()
    if as_json:
        printing.as_json([asdict(item) for item in late])
        return
    if late:
        printing.table("Melewati tenggat (terlambat dan waktu: hari kerja)", _HEADINGS, [_row(item) for item in late])
    printing.line(_summary(late))


def late_in(config: Config, tx: sa.Connection, channel: str | None) -> Sequence[Late]:
    """What is late now, of one channel or of all."""
    days = WorkingDays(config.deadlines, config.gateway.timezone)
    rules = Rules(config.deadlines, days, config.lapor.profile == MANUAL)
    return deadlines.overdue(tx, rules, utc_now(), channel)


def by_channel(late: Sequence[Late]) -> Counter[str]:
    """How many reports of each channel are late, each once."""
    return Counter({item.id: item.channel for item in late}.values())


def summary(late: Sequence[Late]) -> str:
    """The line for `status`."""
    return f"{_summary(late)} Lihat: overdue" if late else _summary(late)


def _summary(late: Sequence[Late]) -> str:
    # A report that has missed several targets counts once, with the one that was due first.
    turns = Counter({item.id: texts.TURNS[item.turn] for item in reversed(late)}.values())
    told = ", ".join(f"{turn}: {count}" for turn, count in turns.most_common())
    return f"Terlambat: {turns.total()} laporan (giliran {told})." if late else "Terlambat: tidak ada laporan."


def _row(item: Late) -> Sequence[object]:
    target, turn = texts.DEADLINES[item.target], texts.TURNS[item.turn]
    return [item.id, item.channel, item.tracking_id or "–", target, item.due, item.days_late, turn, item.ours]
