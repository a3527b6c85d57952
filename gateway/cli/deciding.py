"""`release`, `drop` and `accept`: what operators decide. In Indonesian."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
import typer

from gateway import texts
from gateway.cli import printing
from gateway.cli.correcting import refusal
from gateway.cli.exits import Exit
from gateway.config import load
from gateway.desk import utc_now
from gateway.steps.collect import pin_of
from gateway.work import open_store
from mappings.report import problems
from state import acts, channels, targets
from state.lifecycle import NotAllowed, Stage, UnknownReport


def release(path: Path, report_ids: Sequence[int]) -> None:
    """Let held reports be sent; those that LAPOR would refuse stay held, with the reasons."""
    config = load(path)
    store = open_store(config)
    refused = 0
    for report_id in report_ids:
        with store.begin() as tx:
            text = _release(tx, report_id)
        refused += text is not None
        printing.line(text or f"Laporan {report_id} dilepas dan antre untuk dikirim.")
    store.close()
    if refused:
        raise typer.Exit(Exit.FAILED)


def drop(path: Path, report_id: int, why: str) -> None:
    """Decide that a report is not sent."""
    if not why.strip():
        typer.echo("Tulis alasannya: pelapor diberi tahu dengan kata-kata itu.", err=True)
        raise typer.Exit(Exit.USAGE)
    store = open_store(load(path))
    try:
        with store.begin() as tx:
            acts.drop(tx, report_id, why, getpass.getuser(), utc_now())
    except (UnknownReport, NotAllowed) as error:
        typer.echo(refusal(report_id, error), err=True)
        raise typer.Exit(Exit.FAILED) from None
    finally:
        store.close()
    printing.line(f"Laporan {report_id} tidak akan dikirim. Alasan: {why}")


def accept_lapor(path: Path, moved_from: str | None) -> None:
    """Accept the configured LAPOR: another one, or the one so far under a new name."""
    config = load(path)
    target = config.lapor.target
    store = open_store(config)
    with store.begin() as tx:
        others = targets.elsewhere(tx, target)
        known = moved_from is None or moved_from in others
        moved = targets.move(tx, moved_from, target) if known and moved_from is not None else 0
        if known:
            targets.accept(tx, target)
        left = [(other, targets.count(tx, other)) for other in targets.elsewhere(tx, target)]
    store.close()
    if not known:
        names = ", ".join(others) or "tidak ada"
        typer.echo(
            f"Tidak ada laporan di {moved_from} yang dapat dipindahkan ke {target}; yang ada: {names}.", err=True
        )
        raise typer.Exit(Exit.FAILED)
    printing.line(f"{target} disetujui; {moved} laporan ikut pindah.")
    for other, count in left:
        printing.line(f"{count} laporan tetap di {other} dan tidak lagi dipantau.")
        printing.line(f"Bila itu LAPOR yang sama di alamat lama: accept lapor --moved-from '{other}'")


def accept(path: Path, name: str) -> None:
    """Accept what a channel now reads, and let the rest of its first round be sent."""
    config = load(path)
    channel = next((channel for channel in config.channels if channel.name == name), None)
    if channel is None:
        typer.echo(f"Tidak ada kanal {name} dalam konfigurasi.", err=True)
        raise typer.Exit(Exit.USAGE)
    store = open_store(config)
    with store.begin() as tx:
        known = channels.known(tx, name)
        released: Sequence[int] = []
        if known is not None:
            channels.accept(tx, known, pin_of(channel), getpass.getuser(), utc_now())
            released = acts.held_only_for(tx, known.id, "first_run_limit")
            for report_id in released:
                acts.release(tx, report_id, getpass.getuser(), utc_now())
    store.close()
    if known is None:
        printing.line(f"Kanal {name} belum pernah dibaca; tidak ada yang perlu disetujui.")
        return
    printing.line(f"Kanal {name} disetujui; {len(released)} laporan dilepas dan antre untuk dikirim.")


def _release(tx: sa.Connection, report_id: int) -> str | None:
    """Release one report; the reason why not, if not."""
    try:
        stage, values = acts.values_of(tx, report_id)
        missing = problems(values, utc_now()) if stage is Stage.HELD else []
        if missing:
            sentences = "; ".join(texts.in_indonesian(reason.to_json()) for reason in missing)
            return f"Laporan {report_id} belum dapat dikirim: {sentences}. Perbaiki di sumbernya, atau dengan amend."
        acts.release(tx, report_id, getpass.getuser(), utc_now())
    except (UnknownReport, NotAllowed) as error:
        return refusal(report_id, error)
    return None
