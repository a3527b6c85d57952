"""`amend`, `retry` and `resolve`: how operators put a report right. In Indonesian."""

from __future__ import annotations

import getpass
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from gateway import corrections, texts
from gateway.cli import printing
from gateway.cli.exits import Exit, leave
from gateway.config import Config, load
from gateway.corrections import CORRECTABLE, Planned, UnknownField, UnreadableValue
from gateway.desk import utc_now
from gateway.lapor.statuses import Status
from gateway.work import open_store
from mappings.report import FIELDS
from state import acts, deliveries, doubts
from state.acts import Stored
from state.deliveries import Accepted
from state.lifecycle import Act, NotAllowed, Stage, UnknownReport


def amend(path: Path, report_id: int, changes: Sequence[str]) -> None:
    """Correct fields of an unsent report; the corrections survive every later mapping."""
    config = load(path)
    try:
        read = corrections.read_changes(config, changes)
    except UnknownField as error:
        leave(Exit.USAGE, f"Isian {error.args[0]} tidak dikenal. Tulis isian=nilai; yang ada: {', '.join(FIELDS)}.")
    except UnreadableValue as error:
        leave(Exit.USAGE, texts.in_indonesian({"code": error.args[1], "field": error.args[0]}) + ".")
    store = open_store(config)
    try:
        with store.begin() as tx:
            text = _amend(tx, config, report_id, read)
    except (UnknownReport, NotAllowed) as error:
        leave(Exit.FAILED, refusal(report_id, error))
    finally:
        store.close()
    printing.line(text)


def retry(
    path: Path, report_ids: Sequence[int], *, reason: str | None, channel: str | None, everything: bool, yes: bool
) -> None:
    """Map stored reports anew with today's mapping: show what would become of them; with `yes`, do it."""
    if not (report_ids or reason or channel or everything):
        leave(Exit.USAGE, "Sebutkan nomor laporan, --reason ALASAN, --channel KANAL, atau --all.")
    config = load(path)
    store = open_store(config)
    try:
        with store.begin() as tx:
            planned = [plan for one in _chosen(tx, report_ids, reason, channel) if (plan := _plan(config, one))]
            if yes:
                for plan in planned:
                    corrections.carry_out(tx, plan, plan.stored.amendments, "retried", getpass.getuser())
    except (UnknownReport, NotAllowed) as error:
        leave(Exit.FAILED, refusal(report_ids[0] if report_ids else 0, error))
    finally:
        store.close()
    _tell(planned, yes=yes)


def resolve(path: Path, report_id: int, tracking_id: str | None, *, not_sent: bool) -> None:
    """Say of a report in doubt that LAPOR has it under that tracking id, or that it does not."""
    if (tracking_id is None) != not_sent:
        leave(Exit.USAGE, "Pilih satu: --sent NOMOR_LAPOR, atau --not-sent.")
    if tracking_id is not None and not (tracking_id.isdigit() and 7 <= len(tracking_id) <= 15):
        leave(Exit.USAGE, "Nomor LAPOR terdiri atas 7 sampai 15 angka.")
    store = open_store(load(path))
    try:
        with store.begin() as tx:
            text = _resolve(tx, report_id, tracking_id)
    except (UnknownReport, NotAllowed) as error:
        leave(Exit.FAILED, refusal(report_id, error))
    finally:
        store.close()
    printing.line(text)


def refusal(report_id: int, error: Exception) -> str:
    """Why an act on a report is not possible."""
    if isinstance(error, NotAllowed):
        return f"Laporan {report_id} tidak dapat diubah: keadaannya {texts.STAGES[error.stage]}."
    return f"Tidak ada laporan nomor {error.args[0] if error.args else report_id}."


def _amend(tx: sa.Connection, config: Config, report_id: int, changes: Mapping[str, Any]) -> str:
    stored = acts.stored(tx, report_id)
    if stored.stage not in CORRECTABLE:
        raise NotAllowed(stored.stage, Act.RETRY)
    amendments = {**stored.amendments, **changes}
    planned = corrections.replan(config, stored, amendments)
    if planned is None:
        return f"Kanal {stored.channel} tidak ada lagi dalam konfigurasi; laporan {report_id} tidak diubah."
    corrections.carry_out(tx, planned, amendments, "amended", getpass.getuser())
    return f"Laporan {report_id} diperbaiki: {_becomes(planned)}."


def _resolve(tx: sa.Connection, report_id: int, tracking_id: str | None) -> str:
    report = doubts.doubtful(tx, report_id)
    now, actor = utc_now(), getpass.getuser()
    if tracking_id is None:
        doubts.requeue(tx, report, now, actor)
        return f"Laporan {report_id} antre untuk dikirim lagi."
    outcome = Accepted(tracking_id, None, "", Status.UNKNOWN)
    collisions = deliveries.settle(tx, {report_id: outcome}, now, actor)
    if collisions:
        return f"Nomor {tracking_id} milik laporan {collisions[0].bound_to}; laporan {report_id} tetap belum pasti."
    return f"Laporan {report_id} tercatat di LAPOR dengan nomor {tracking_id}."


def _chosen(tx: sa.Connection, ids: Sequence[int], reason: str | None, channel: str | None) -> Sequence[Stored]:
    if ids:
        return [acts.stored(tx, number) for number in ids]
    return acts.stored_in(tx, [Stage.HELD, Stage.REJECTED], channel, reason)


def _plan(config: Config, stored: Stored) -> Planned | None:
    if stored.stage not in CORRECTABLE:
        raise NotAllowed(stored.stage, Act.RETRY)
    return corrections.replan(config, stored, stored.amendments)


def _becomes(planned: Planned) -> str:
    if planned.report.stage is Stage.QUEUED:
        return "antre untuk dikirim"
    return "tetap ditahan: " + "; ".join(texts.in_indonesian(reason) for reason in planned.report.reasons)


def _tell(planned: Sequence[Planned], *, yes: bool) -> None:
    if not planned:
        printing.line("Tidak ada laporan yang cocok.")
        return
    totals = Counter(_becomes(plan) for plan in planned)
    for text, count in totals.most_common():
        printing.line(f"{count} laporan {text}.")
    if not yes:
        printing.line("Belum ada yang diubah. Ulangi dengan --yes untuk melakukannya.")
