"""`ignored`, `ignore` and `unignore`: what is no complaint, as rules and operators say. In Indonesian."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import typer

from gateway import corrections, texts
from gateway.cli import printing
from gateway.cli.correcting import refusal
from gateway.cli.exits import Exit
from gateway.config import load
from gateway.desk import utc_now
from gateway.work import open_store
from state import acts
from state.acts import Ignored
from state.lifecycle import NotAllowed, Stage, UnknownReport


def ignored(path: Path, channel: str | None, *, as_json: bool) -> None:
    """What was not taken for a complaint, and why."""
    config = load(path)
    printing.refuse_unknown_channel(config, channel)
    store = open_store(config)
    with store.read() as tx:
        found = acts.ignored(tx, channel)
    store.close()
    if as_json:
        printing.as_json([{**asdict(item), "subject": _subject(item)} for item in found])
        return
    if not found:
        printing.line("Tidak ada surat atau baris yang diabaikan.")
        return
    zone = config.gateway.timezone
    rows = [
        [item.id, item.channel, printing.moment(item.found_at, zone), _why(item), _subject(item)[:60]] for item in found
    ]
    printing.table("Diabaikan", ["no.", "kanal", "ditemukan", "alasan", "perihal"], rows)
    printing.line("Ternyata pengaduan: unignore NO.")


def ignore(path: Path, report_ids: Sequence[int]) -> None:
    """Decide that these are no complaints: they are not sent, and nobody is told."""
    store = open_store(load(path))
    refused = 0
    for report_id in report_ids:
        try:
            with store.begin() as tx:
                acts.ignore(tx, report_id, getpass.getuser(), utc_now())
        except (UnknownReport, NotAllowed) as error:
            refused += 1
            typer.echo(refusal(report_id, error), err=True)
        else:
            printing.line(f"Laporan {report_id} diabaikan: bukan pengaduan. Pengirimnya tidak diberi tahu.")
    store.close()
    if refused:
        raise typer.Exit(Exit.FAILED)


def unignore(path: Path, record_ids: Sequence[int]) -> None:
    """Make ignored records reports after all, by today's mapping."""
    config = load(path)
    store = open_store(config)
    refused = 0
    for record_id in record_ids:
        try:
            with store.begin() as tx:
                planned = corrections.take_up(tx, config, record_id, getpass.getuser())
        except UnknownReport:
            planned = None
        refused += planned is None
        if planned is None:
            typer.echo(f"Nomor {record_id} tidak ada di antara yang diabaikan, atau kanalnya sudah dihapus.", err=True)
        elif planned.report.stage is Stage.QUEUED:
            printing.line(f"Nomor {record_id} menjadi laporan dan antre untuk dikirim.")
        else:
            reasons = "; ".join(texts.in_indonesian(reason) for reason in planned.report.reasons)
            printing.line(f"Nomor {record_id} menjadi laporan dan ditahan: {reasons}.")
    store.close()
    if refused:
        raise typer.Exit(Exit.FAILED)


def _why(item: Ignored) -> str:
    return texts.in_indonesian({"code": item.reason}) if item.reason else ""


def _subject(item: Ignored) -> str:
    return str(printing.masked({"title": item.subject, "is_secret": item.secret})["title"])
