"""`held` and `rejected`: what waits for a person, and why. In Indonesian."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from gateway import texts
from gateway.cli import printing
from gateway.config import load
from gateway.work import open_store
from state import replies, views
from state.doubles import LIKELY
from state.lifecycle import Stage
from state.replies import HeldReply
from state.views import Held


def held(path: Path, channel: str | None, reason: str | None, *, as_json: bool) -> None:
    """Reports that wait for a person: held, refused by LAPOR, or in doubt without a lookup."""
    _list(path, _Wanted(_WAITING, channel, reason), "Tidak ada laporan yang menunggu petugas.", as_json=as_json)


def rejected(path: Path, channel: str | None, reason: str | None, *, as_json: bool) -> None:
    """Reports that LAPOR refused."""
    _list(path, _Wanted(([Stage.REJECTED],), channel, reason), "Tidak ada laporan yang ditolak.", as_json=as_json)


_WAITING = ([Stage.HELD], [Stage.REJECTED], [Stage.IN_DOUBT])


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which reports to list."""

    stages: Sequence[Sequence[Stage]]
    channel: str | None
    reason: str | None

    def shows(self, reply: HeldReply) -> bool:
        """Whether a reply that waits for a person belongs to the list."""
        return (
            [Stage.HELD] in self.stages and self.channel in (None, reply.channel) and self.reason in (None, reply.code)
        )


def _list(path: Path, wanted: _Wanted, nothing: str, *, as_json: bool) -> None:
    config = load(path)
    printing.refuse_unknown_channel(config, wanted.channel)
    store = open_store(config)
    with store.read() as tx:
        waiting = [item for stages in wanted.stages for item in views.waiting_for_people(tx, stages, wanted.channel)]
        found = [item for item in waiting if wanted.reason in (None, *_codes(item))]
        answering = [reply for reply in replies.held(tx) if wanted.shows(reply)]
    store.close()
    if as_json:
        printing.as_json([*(_held_json(item) for item in found), *(_reply_json(reply) for reply in answering)])
        return
    _print_replies(answering)
    if not found and answering:
        return
    if not found:
        known = sorted({code for item in waiting for code in _codes(item)})
        others = f" Kode yang ada: {', '.join(known)}." if wanted.reason and known else ""
        printing.line(f"{nothing[:-1]} dengan kode {wanted.reason}.{others}" if wanted.reason else nothing)
        return
    rows = [_held_row(item, config.gateway.timezone) for item in found]
    printing.table("Menunggu petugas", ["no.", "kanal", "keadaan", "sejak", "judul", "alasan"], rows)
    codes = Counter(code for item in found for code in _codes(item))
    if codes:
        told = ", ".join(f"{code} ({count})" for code, count in codes.most_common())
        printing.line(f"Per kode alasan (--reason KODE): {told}")
    printing.line("Lihat: show NO. · Kirim: release NO. · Perbaiki: amend NO. isian=nilai")
    printing.line("Petakan ulang: retry NO. --yes · Tidak dikirim: drop NO. --reason ALASAN")
    if any(LIKELY in _codes(item) for item in found):
        printing.line("Mungkin ganda: bandingkan dengan show NO.; lalu gabungkan dengan join NO., atau kirim")
    if any(item.stage == Stage.IN_DOUBT for item in found):
        printing.line("Belum pasti: periksa di LAPOR, lalu resolve NO. --sent NOMOR atau --not-sent")


def _held_json(item: Held) -> Mapping[str, Any]:
    return {**asdict(item), "title": _title(item), "reasons": [texts.discreet(reason) for reason in item.reasons]}


def _held_row(item: Held, zone: ZoneInfo) -> Sequence[object]:
    reasons = [texts.in_indonesian(texts.discreet(reason)) for reason in item.reasons]
    if item.stage == Stage.IN_DOUBT:
        reasons.append("mungkin sudah ada di LAPOR; periksa di sana")
    state = texts.STAGES.get(item.stage, item.stage)
    return [item.id, item.channel, state, printing.moment(item.stage_at, zone), _title(item)[:60], "; ".join(reasons)]


def _codes(item: Held) -> frozenset[str]:
    return frozenset(reason["code"] for reason in item.reasons)


def _title(item: Held) -> str:
    return "(dirahasiakan)" if item.secret else str(printing.masked({"title": item.title, "is_secret": False})["title"])


def _reply_json(reply: HeldReply) -> Mapping[str, Any]:
    reasons = [{"code": reply.code, "field": "", "detail": ""}]
    return {**asdict(reply), "stage": "reply", "title": "", "secret": True, "reasons": reasons}


def _print_replies(held: Sequence[HeldReply]) -> None:
    for reply in held:
        why = texts.in_indonesian({"code": reply.code})
        number = f", LAPOR {reply.tracking_id}" if reply.tracking_id else ""
        printing.line(f"Balasan pelapor {reply.id} atas laporan {reply.report_id} ({reply.channel}{number}): {why}")
    if held:
        printing.line("Sampaikan di LAPOR (isinya: show NO. --reveal), lalu replied NO.")
