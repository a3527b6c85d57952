"""`join` and `unjoin`: which reports are doubles, as operators say. In Indonesian."""

from __future__ import annotations

import getpass
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import typer

from gateway import texts
from gateway.cli import printing
from gateway.cli.correcting import refusal
from gateway.cli.exits import Exit
from gateway.config import load
from gateway.desk import utc_now
from gateway.work import open_store
from mappings.report import Reason
from state import doubles
from state.doubles import Neighbour, SameReport
from state.lifecycle import NotAllowed, UnknownReport


def join(path: Path, report_id: int, twin_id: int | None, *, yes: bool) -> None:
    """Let a twin's answers answer this report, too."""
    store = open_store(load(path))
    try:
        with store.begin() as tx:
            refused = _join(tx, report_id, twin_id, yes=yes)
    finally:
        store.close()
    if refused:
        typer.echo(refused, err=True)
        raise typer.Exit(Exit.FAILED)


def unjoin(path: Path, report_id: int) -> None:
    """Take a join back."""
    store = open_store(load(path))
    try:
        with store.begin() as tx:
            twin = doubles.neighbour(tx, report_id).joined_to
            reason = Reason("separated", "", str(twin)).to_json()
            doubles.separate(tx, report_id, reason, getpass.getuser(), utc_now())
    except (UnknownReport, NotAllowed) as error:
        typer.echo(refusal(report_id, error), err=True)
        raise typer.Exit(Exit.FAILED) from None
    finally:
        store.close()
    printing.line(f"Laporan {report_id} dipisahkan dari laporan {twin} dan ditahan. Kirim: release {report_id}")


def _join(tx: sa.Connection, report_id: int, twin_id: int | None, *, yes: bool) -> str:
    """Join, or say why not."""
    try:
        report = doubles.neighbour(tx, report_id)
        wanted = twin_id if twin_id is not None else _named(report)
        if wanted is None:
            return f"Laporan {report_id} tidak punya kembaran yang dikenal; sebutkan: join {report_id} NO_KEMBARAN"
        twin = doubles.neighbour(tx, wanted)
        if not (yes or report.marks & twin.marks):
            return (
                f"Pelapor {report_id} dan {wanted} tampak berbeda; laporan tiap orang dikirim sendiri-sendiri. "
                f"Bila orangnya sama: join {report_id} {wanted} --yes"
            )
        answering = doubles.join(tx, report_id, wanted, getpass.getuser(), utc_now())
    except SameReport:
        return f"Laporan {report_id} tidak dapat digabung dengan dirinya sendiri."
    except UnknownReport as error:
        return refusal(int(error.args[0]), error)
    except NotAllowed as error:
        return refusal(report_id, error)
    printing.line(
        f"Laporan {report_id} digabung ke laporan {answering}: tidak dikirim sendiri, "
        f"dan kabar laporan {answering} juga disampaikan kepada pelapornya. Batalkan: unjoin {report_id}"
    )
    return ""


def _named(report: Neighbour) -> int | None:
    """The twin of the reason for which it is held."""
    found = [reason["detail"] for reason in report.reasons if reason["code"] == doubles.LIKELY]
    return int(found[0]) if found else None


def discreet(twins: Sequence[Neighbour], *, reveal: bool) -> Sequence[Mapping[str, Any]]:
    """What `show` tells of a report's twins, without personal data unless it is to be revealed."""
    return [
        {
            "id": twin.id,
            "channel": twin.channel,
            "stage": twin.stage,
            "received_at": twin.received_at,
            "tracking_id": twin.tracking_id,
            "values": twin.values if reveal else printing.masked(twin.values),
        }
        for twin in twins
    ]


def print_twins(twins: Sequence[Mapping[str, Any]]) -> None:
    """Each twin with its text, so that a person can compare."""
    for twin in twins:
        number = f" · nomor LAPOR {twin['tracking_id']}" if twin["tracking_id"] else ""
        stage = texts.STAGES.get(twin["stage"], twin["stage"])
        title = f"Kembaran: No. {twin['id']} · kanal {twin['channel']} · masuk {twin['received_at'] or '–'} · {stage}"
        rows = [(texts.FIELD_NAMES[name], str(twin["values"].get(name) or "")[:600]) for name in _COMPARED]
        printing.table(f"{title}{number}", ["isian", "nilai"], rows)


_COMPARED = ("title", "content", "date_of_incident", "reporter_name", "reporter_email", "reporter_phone")
