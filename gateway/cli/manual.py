"""`worksheet`, `bind` and `answer`: how operators type reports into LAPOR and tell the gateway of it. In Indonesian."""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa
import typer

from connectors.sheet_process import UnreadableFile
from gateway import texts, typed, worksheets
from gateway.cli import printing
from gateway.cli.correcting import refusal
from gateway.cli.exits import Exit, leave
from gateway.config import Config, load
from gateway.desk import utc_now
from gateway.lapor.export import number_of
from gateway.lapor.receipts import clean
from gateway.lapor.statuses import Status, canonical
from gateway.lapor_settings import MANUAL
from gateway.typed import STATUSES, ChannelGone
from gateway.work import open_store, refuse_new_target
from state import binding
from state.binding import NumberTaken, OtherNumber
from state.database import Store
from state.lifecycle import NotAllowed, UnknownReport
from state.tracking import Item


class Wish(NamedTuple):
    """Which number a person says that a report has, and where that is written."""

    place: str
    report_id: int
    tracking_id: str


def worksheet(path: Path, file: Path, channel: str | None) -> None:
    """Lay out the queued reports for typing."""
    config = load(path)
    if config.lapor.profile != MANUAL:
        how = config.lapor.profile
        leave(Exit.USAGE, f"Laporan dikirim gateway sendiri lewat profil {how}; jangan diketik dua kali.")
    if channel is not None and channel not in {known.name for known in config.channels}:
        leave(Exit.USAGE, f"Tidak ada kanal {channel} dalam konfigurasi.")
    store = open_store(config)
    with store.read() as tx:
        reports = binding.to_type(tx, channel, utc_now())
    store.close()
    if not reports:
        printing.line("Tidak ada laporan yang menunggu diketik.")
        return
    try:
        worksheets.write(file, reports, config.lapor.names, send_nik=config.lapor.send_nik)
    except FileExistsError:
        leave(Exit.FAILED, f"{file} sudah ada dan tidak ditimpa; mungkin berisi nomor yang belum dibaca.")
    except OSError as error:
        leave(Exit.FAILED, f"{file} tidak dapat dibuat ({error.strerror}).")
    printing.line(f"{len(reports)} laporan ditulis ke {file}. Berkas ini memuat data pribadi.")
    printing.line(f'Ketik ke LAPOR, isi kolom "{worksheets.TRACKING_ID}", lalu: bind --from {file}')


def bind(path: Path, report_id: int | None, tracking_id: str | None, file: Path | None) -> None:
    """Tell the gateway under which number LAPOR has a report, or those of a filled-in worksheet."""
    if (file is None) == (report_id is None or tracking_id is None) or (file is not None and report_id is not None):
        leave(Exit.USAGE, "Tulis nomor laporan dan nomor LAPOR, atau --from BERKAS.")
    config = load(path)
    store = open_store(config)
    try:
        refuse_new_target(store, config.lapor.target)
        wishes = [Wish("", report_id or 0, tracking_id or "")] if file is None else _wishes(store, file)
        refused = [said for wish in wishes if (said := _bind_one(store, config, wish))]
    finally:
        store.close()
    if not wishes:
        printing.line(f'Kolom "{worksheets.TRACKING_ID}" belum diisi.')
    if refused:
        raise typer.Exit(Exit.FAILED)


def answer(path: Path, report_id: int, file: Path | None, who: str, status: str | None) -> None:
    """Keep the agency's answer, pasted or in a file, so that it reaches the citizen like any follow-up."""
    if status is not None and canonical(status) is Status.UNKNOWN:
        leave(Exit.USAGE, f"Status {status} tidak dikenal. Yang ada: {'; '.join(STATUSES)}.")
    text = _pasted(file)
    if not text:
        leave(Exit.USAGE, "Jawaban kosong: tempelkan teksnya ke masukan, atau --text BERKAS.")
    config = load(path)
    now = utc_now()
    item = Item(now.astimezone(config.gateway.timezone).date().isoformat(), clean(who).strip(), text, None)
    store = open_store(config)
    try:
        with store.begin() as tx:
            new = typed.answer(tx, report_id, item, status, getpass.getuser(), now)
    except NotAllowed as error:
        leave(Exit.FAILED, f"Laporan {report_id} belum bernomor LAPOR: keadaannya {texts.STAGES[error.stage]}.")
    except UnknownReport as error:
        leave(Exit.FAILED, refusal(report_id, error))
    finally:
        store.close()
    if new:
        printing.line(f"Jawaban untuk laporan {report_id} dicatat ({len(text)} karakter).")
    else:
        printing.line(f"Jawaban yang sama untuk laporan {report_id} sudah dicatat hari ini; tidak dicatat lagi.")


def bound_or_why(store: Store, config: Config, report_id: int, tracking_id: str) -> str:
    """Bind, in a transaction of its own; why it is not possible, or nothing."""
    try:
        with store.begin() as tx:
            typed.bind(tx, config, report_id, tracking_id, getpass.getuser(), utc_now())
    except NumberTaken as error:
        return f"Nomor {tracking_id} milik laporan {error.owner}; laporan {report_id} tidak diubah."
    except OtherNumber as error:
        return f"Laporan {report_id} sudah bernomor {error.tracking_id}; tidak diubah."
    except ChannelGone as error:
        return f"Kanal {error.args[0]} tidak ada lagi dalam konfigurasi; laporan {report_id} tidak diubah."
    except (UnknownReport, NotAllowed) as error:
        return refusal(report_id, error)
    except sa.exc.IntegrityError:
        return f"Nomor {tracking_id} baru saja dicatat untuk laporan lain; laporan {report_id} tidak diubah."
    return ""


def _bind_one(store: Store, config: Config, wish: Wish) -> str:
    """Bind one and say so; the refusal, if any, said as well."""
    said = _checked(store, config, wish)
    if said:
        typer.echo(f"{wish.place}{said}", err=True)
    else:
        printing.line(f"{wish.place}Laporan {wish.report_id} tercatat di LAPOR dengan nomor {wish.tracking_id}.")
    return said


def _checked(store: Store, config: Config, wish: Wish) -> str:
    tracking_id = number_of(wish.tracking_id)
    if wish.report_id == 0:
        return "nomor laporan atau kodenya tidak cocok; baris ini mungkin teracak atau dari gateway lain."
    if tracking_id is None:
        return f"{wish.tracking_id} bukan nomor LAPOR: 7 sampai 15 angka."
    return bound_or_why(store, config, wish.report_id, tracking_id)


def _wishes(store: Store, file: Path) -> Sequence[Wish]:
    try:
        rows = worksheets.read(file)
    except UnreadableFile as error:
        leave(Exit.FAILED, f"{file}: {texts.in_indonesian({'code': error.code, 'detail': error.detail})}.")
    return list(_matched(store, rows))


def _matched(store: Store, rows: Sequence[worksheets.Filled]) -> Iterator[Wish]:
    """The rows' reports; 0 where number and code of a row do not belong together."""
    numbers = [int(row.number) for row in rows if row.number.isdecimal() and len(row.number) < _LONG]
    with store.read() as tx:
        known = binding.external_ids(tx, numbers)
    for row in rows:
        number = int(row.number) if row.number.isdecimal() and len(row.number) < _LONG else 0
        code = known.get(number, "")[: worksheets.CODE_LENGTH]
        belongs = row.code is None or (bool(code) and row.code == code)
        yield Wish(f"Baris {row.row}: ", number if belongs else 0, row.tracking_id)


_LONG = 19
"""Digits: no database has a report of such a number."""


def _pasted(file: Path | None) -> str:
    try:
        raw = typer.get_binary_stream("stdin").read() if file is None else file.read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as error:
        leave(Exit.FAILED, f"{file} tidak dapat dibaca ({error.strerror}).")
    except UnicodeDecodeError:
        leave(Exit.FAILED, "Teks jawaban bukan UTF-8.")
    return clean("\n".join(line.rstrip() for line in text.splitlines())).strip()
