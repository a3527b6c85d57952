"""`import-export`: what LAPOR's admin export says of the reports. In Indonesian; no text of any report is shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import typer

from connectors.sheet_process import UnreadableFile
from gateway import imports, texts
from gateway.cli import printing
from gateway.cli.exits import Exit, leave
from gateway.cli.manual import bound_or_why
from gateway.config import Config, load
from gateway.desk import utc_now
from gateway.imports import Imported
from gateway.lapor.export import Export, ExportRow, RowProblem, read_export
from gateway.lookalikes import Match
from gateway.work import open_store, refuse_new_target
from state.database import Store

_SHOWN = 20
_NUMBERS_SHOWN = 10


def import_export(path: Path, file: Path, zone_name: str, *, yes: bool) -> None:
    """Update every known report; show which others look like rows. With `yes`, bind those without doubt."""
    zone = _zone(zone_name)
    config = load(path)
    export = _read(file, zone)
    store = open_store(config)
    refused: Sequence[str] = ()
    try:
        if yes:
            refuse_new_target(store, config.lapor.target)
        imported, found = _take(store, config, export, _made(file))
        _tell(export, imported)
        if found and yes:
            refused = _confirm(store, config, found)
            again, _ = _take(store, config, Export(imported.unknown), _made(file))
            _tell_updated(again)
        elif found:
            _tell_lookalikes(config, found, imported.unknown)
    finally:
        store.close()
    for said in refused:
        typer.echo(said, err=True)
    if refused:
        raise typer.Exit(Exit.FAILED)


def _take(store: Store, config: Config, export: Export, made: datetime) -> tuple[Imported, Sequence[Match]]:
    with store.begin() as tx:
        imported = imports.take(tx, export.rows, config.lapor.target, made, utc_now())
    with store.read() as tx:
        return imported, imports.lookalikes(tx, config, imported.unknown)


def _read(file: Path, zone: ZoneInfo) -> Export:
    try:
        return read_export(file, zone)
    except UnreadableFile as error:
        leave(Exit.FAILED, f"{file}: {texts.in_indonesian({'code': error.code, 'detail': error.detail})}.")


def _made(file: Path) -> datetime:
    """The export has no time of change: what it says is as old as the file. A clock ahead of ours says nothing."""
    return min(datetime.fromtimestamp(file.stat().st_mtime, UTC), utc_now())


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        leave(Exit.USAGE, f"Zona waktu {name} tidak dikenal; misalnya UTC atau Asia/Makassar.")


def _confirm(store: Store, config: Config, found: Sequence[Match]) -> Sequence[str]:
    """Bind those without doubt, each in a transaction of its own; the refusals."""
    refused = [bound_or_why(store, config, int(one.report), one.row) for one in found if one.certain]
    bound = refused.count("")
    doubtful = len({one.report for one in found if not one.certain})
    printing.line(f"{bound} laporan yang pasti kini bernomor; {doubtful} yang meragukan menunggu bind NO. NOMOR.")
    return [said for said in refused if said]


def _tell(export: Export, imported: Imported) -> None:
    printing.line(
        f"{len(export.rows)} laporan dalam berkas: {len(imported.updated)} diperbarui, {imported.unchanged} tetap, "
        f"{len(imported.unknown)} tidak dikenal."
    )
    if imported.older:
        printing.line(f"Berkas ini lebih lama daripada yang sudah diketahui tentang: {_some(imported.older)}.")
    if imported.unknown:
        printing.line(f"Nomor yang tidak dikenal: {_some([row.tracking_id for row in imported.unknown])}.")
    for status, count in imported.strange.most_common():
        printing.line(f"! Status LAPOR tidak dikenal: {status} ({count} laporan)")
    for name in export.missing:
        printing.line(f"! Kolom {name} tidak ditemukan: laporan tanpa nomor tidak dapat dibandingkan isinya.")
    for problem in export.problems[:_SHOWN]:
        printing.line(f"! Baris {problem.row}: {_sentence(problem)}")
    if len(export.problems) > _SHOWN:
        printing.line(f"! … dan {len(export.problems) - _SHOWN} baris lagi")
    _tell_updated(imported)


def _tell_updated(imported: Imported) -> None:
    rows = [(one.id, one.tracking_id, one.before or "–", one.status) for one in imported.updated[:_SHOWN]]
    if rows:
        printing.table("Diperbarui", ["no.", "nomor LAPOR", "status sebelumnya", "status"], rows)
    if len(imported.updated) > _SHOWN:
        printing.line(f"… dan {len(imported.updated) - _SHOWN} laporan lagi")


def _tell_lookalikes(config: Config, found: Sequence[Match], unknown: Sequence[ExportRow]) -> None:
    received = {row.tracking_id: row.received_at for row in unknown}
    rows = [
        (
            one.report,
            one.row,
            f"{one.alike:.0f} %",
            printing.moment(received[one.row], config.gateway.timezone),
            "" if one.certain else "meragukan",
        )
        for one in found
    ]
    printing.table("Mungkin laporan yang sama", ["no.", "nomor LAPOR", "kemiripan", "masuk LAPOR", ""], rows)
    printing.line("Periksa dengan show NO. dan di LAPOR, lalu: bind NO. NOMOR")
    printing.line("Semua yang tidak meragukan sekaligus: ulangi dengan --yes")


def _sentence(problem: RowProblem) -> str:
    return texts.in_indonesian({"code": problem.code, "field": problem.field, "detail": problem.detail})


def _some(numbers: Sequence[str]) -> str:
    left = len(numbers) - _NUMBERS_SHOWN
    return ", ".join(numbers[:_NUMBERS_SHOWN]) + (f" dan {left} lagi" if left > 0 else "")
