"""Which commands do operators have? Each imports what it needs only when it runs, so that `--help` is quick."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.arguments import DEFAULT, ConfigOption, JsonOption, RevealOption

app = typer.Typer()


@app.command()
def status(config: ConfigOption = DEFAULT, json: JsonOption = False) -> None:
    """Per kanal: yang ditemukan, antre, ditahan, diterima LAPOR, dan yang paling lama menunggu."""
    from gateway.cli import looking

    looking.status(config, as_json=json)


@app.command()
def log(
    config: ConfigOption = DEFAULT,
    number: Annotated[int, typer.Option("-n", help="Jumlah baris.")] = 30,
    json: JsonOption = False,
) -> None:
    """Yang baru-baru ini dikerjakan gateway."""
    from gateway.cli import looking

    looking.log(config, number, as_json=json)


@app.command()
def show(
    report_id: int, config: ConfigOption = DEFAULT, reveal: RevealOption = False, json: JsonOption = False
) -> None:
    """Riwayat lengkap satu laporan; data pribadi disamarkan."""
    from gateway.cli import looking

    looking.show(config, report_id, reveal=reveal, as_json=json)


@app.command()
def held(
    channel: Annotated[str | None, typer.Argument(help="Hanya kanal ini.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Hanya dengan kode alasan ini.")] = None,
    config: ConfigOption = DEFAULT,
    json: JsonOption = False,
) -> None:
    """Laporan yang menunggu petugas, beserta alasannya."""
    from gateway.cli import waiting

    waiting.held(config, channel, reason, as_json=json)


@app.command()
def rejected(
    channel: Annotated[str | None, typer.Argument(help="Hanya kanal ini.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Hanya dengan kode alasan ini.")] = None,
    config: ConfigOption = DEFAULT,
    json: JsonOption = False,
) -> None:
    """Laporan yang ditolak LAPOR, beserta alasannya."""
    from gateway.cli import waiting

    waiting.rejected(config, channel, reason, as_json=json)


@app.command()
def overdue(
    channel: Annotated[str | None, typer.Argument(help="Hanya kanal ini.")] = None,
    config: ConfigOption = DEFAULT,
    json: JsonOption = False,
) -> None:
    """Laporan yang melewati tenggat, sejak kapan, dan giliran siapa."""
    from gateway.cli import overdue as listing

    listing.overdue(config, channel, as_json=json)


@app.command()
def release(report_ids: list[int], config: ConfigOption = DEFAULT) -> None:
    """Lepas laporan yang ditahan agar dikirim ke LAPOR."""
    from gateway.cli import deciding

    deciding.release(config, report_ids)


@app.command()
def drop(
    report_id: int,
    reason: Annotated[str, typer.Option("--reason", help="Alasannya; pelapor diberi tahu dengan kata-kata ini.")],
    config: ConfigOption = DEFAULT,
) -> None:
    """Putuskan bahwa satu laporan tidak dikirim ke LAPOR."""
    from gateway.cli import deciding

    deciding.drop(config, report_id, reason)


@app.command()
def join(
    report_id: Annotated[int, typer.Argument(metavar="NO")],
    twin_id: Annotated[int | None, typer.Argument(metavar="[NO_KEMBARAN]", help="Bawaan: dari alasannya.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Juga bila pelapornya tampak berbeda.")] = False,
    config: ConfigOption = DEFAULT,
) -> None:
    """Laporan ganda: tidak dikirim; kabar untuk kembarannya juga disampaikan kepada pelapornya."""
    from gateway.cli import joining

    joining.join(config, report_id, twin_id, yes=yes)


@app.command()
def unjoin(report_id: Annotated[int, typer.Argument(metavar="NO")], config: ConfigOption = DEFAULT) -> None:
    """Ternyata bukan laporan ganda: pisahkan; laporan ditahan lagi."""
    from gateway.cli import joining

    joining.unjoin(config, report_id)


@app.command()
def ignored(
    channel: Annotated[str | None, typer.Option("--channel", help="Hanya kanal ini.")] = None,
    config: ConfigOption = DEFAULT,
    json: JsonOption = False,
) -> None:
    """Yang tidak dianggap pengaduan, dengan alasannya: surat otomatis, undangan, buletin, …"""
    from gateway.cli import ignoring

    ignoring.ignored(config, channel, as_json=json)


@app.command()
def ignore(report_ids: list[int], config: ConfigOption = DEFAULT) -> None:
    """Bukan pengaduan (surat dinas, undangan): tidak dikirim, dan pengirimnya tidak diberi tahu."""
    from gateway.cli import ignoring

    ignoring.ignore(config, report_ids)


@app.command()
def unignore(record_ids: list[int], config: ConfigOption = DEFAULT) -> None:
    """Ternyata pengaduan: jadikan laporan yang diabaikan antre, atau ditahan dengan alasannya."""
    from gateway.cli import ignoring

    ignoring.unignore(config, record_ids)


@app.command()
def accept(
    what: Annotated[str, typer.Argument(metavar="KANAL|lapor")],
    moved_from: Annotated[
        str | None,
        typer.Option("--moved-from", metavar="TUJUAN", help="LAPOR yang sama, alamat atau profilnya berganti."),
    ] = None,
    config: ConfigOption = DEFAULT,
) -> None:
    """Setujui kanal (sumber yang berubah, sisa laporan putaran pertama), atau LAPOR yang berganti alamat."""
    from gateway.cli import deciding

    if what == "lapor":
        deciding.accept_lapor(config, moved_from)
    else:
        deciding.accept(config, what)


@app.command()
def amend(
    report_id: int,
    changes: Annotated[list[str], typer.Argument(metavar="ISIAN=NILAI…", help="Mis. reporter_phone=0812…")],
    config: ConfigOption = DEFAULT,
) -> None:
    """Perbaiki isian laporan yang belum dikirim; perbaikan bertahan walau sumbernya dibaca lagi."""
    from gateway.cli import correcting

    correcting.amend(config, report_id, changes)


@app.command()
def retry(
    report_ids: Annotated[list[int] | None, typer.Argument(metavar="[NO]…")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Semua dengan kode alasan ini.")] = None,
    channel: Annotated[str | None, typer.Option("--channel", help="Semua dari kanal ini.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Semua yang ditahan atau ditolak.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Lakukan, tidak hanya perlihatkan.")] = False,
    config: ConfigOption = DEFAULT,
) -> None:
    """Petakan ulang data asli dengan pemetaan hari ini, lalu antrekan yang sudah lengkap."""
    from gateway.cli import correcting

    correcting.retry(config, report_ids or [], reason=reason, channel=channel, everything=everything, yes=yes)


@app.command()
def resolve(
    report_id: int,
    sent: Annotated[str | None, typer.Option("--sent", metavar="NOMOR_LAPOR", help="Ada di LAPOR.")] = None,
    not_sent: Annotated[bool, typer.Option("--not-sent", help="Tidak ada di LAPOR: kirim lagi.")] = False,
    config: ConfigOption = DEFAULT,
) -> None:
    """Putuskan laporan yang belum pasti, setelah memeriksanya di LAPOR."""
    from gateway.cli import correcting

    correcting.resolve(config, report_id, sent, not_sent=not_sent)


@app.command()
def worksheet(
    file: Annotated[Path, typer.Argument(metavar="BERKAS.xlsx", help="Berkas baru; tidak pernah ditimpa.")],
    channel: Annotated[str | None, typer.Option("--channel", help="Hanya kanal ini.")] = None,
    config: ConfigOption = DEFAULT,
) -> None:
    """Profil manual: susun laporan yang antre seperti formulir LAPOR, untuk diketik."""
    from gateway.cli import manual

    manual.worksheet(config, file, channel)


@app.command()
def bind(
    report_id: Annotated[int | None, typer.Argument(metavar="[NO]")] = None,
    tracking_id: Annotated[str | None, typer.Argument(metavar="[NOMOR_LAPOR]")] = None,
    file: Annotated[Path | None, typer.Option("--from", metavar="BERKAS.xlsx", help="Lembar yang sudah diisi.")] = None,
    config: ConfigOption = DEFAULT,
) -> None:
    """Catat dengan nomor mana laporan (juga dari sebelum mulai kanal) ada di LAPOR; satu nomor satu laporan."""
    from gateway.cli import manual

    manual.bind(config, report_id, tracking_id, file)


@app.command()
def answer(
    report_id: int,
    text: Annotated[Path | None, typer.Option("--text", metavar="BERKAS", help="Bukan dari masukan standar.")] = None,
    sender: Annotated[str, typer.Option("--from", metavar="NAMA", help="Siapa yang menjawab.")] = "Petugas",
    status: Annotated[str | None, typer.Option("--status", help="Status LAPOR, mis. Ditutup oleh Admin.")] = None,
    config: ConfigOption = DEFAULT,
) -> None:
    """Catat jawaban instansi (tempel ke masukan standar) sebagai tindak lanjut bagi pelapor."""
    from gateway.cli import manual

    manual.answer(config, report_id, text, sender, status)


@app.command()
def import_export(
    file: Annotated[Path, typer.Argument(metavar="BERKAS")],
    timezone: Annotated[str, typer.Option("--timezone", help="Zona tanggal dan waktu dalam berkas.")] = "UTC",
    yes: Annotated[bool, typer.Option("--yes", help="Catat juga nomor laporan yang tanpa keraguan serupa.")] = False,
    config: ConfigOption = DEFAULT,
) -> None:
    """Baca ekspor admin LAPOR (xlsx atau csv): perbarui status, dan tunjukkan laporan yang serupa."""
    from gateway.cli import importing

    importing.import_export(config, file, timezone, yes=yes)


@app.command()
def pause(what: Annotated[str, typer.Argument(metavar="KANAL|lapor")], config: ConfigOption = DEFAULT) -> None:
    """Jeda satu kanal, atau semua pengiriman ke LAPOR, sampai `resume`."""
    from gateway.cli import pausing

    pausing.pause(config, what)


@app.command()
def resume(what: Annotated[str, typer.Argument(metavar="KANAL|lapor")], config: ConfigOption = DEFAULT) -> None:
    """Lanjutkan kanal, atau pengiriman ke LAPOR, yang dijeda."""
    from gateway.cli import pausing

    pausing.resume(config, what)


@app.command()
def unanswered(
    channel: Annotated[str | None, typer.Argument(help="Hanya kanal ini.")] = None,
    reveal: Annotated[bool, typer.Option("--reveal", help="Perlihatkan nama, nomor telepon, dan isi jawaban.")] = False,
    config: ConfigOption = DEFAULT,
    json: JsonOption = False,
) -> None:
    """Jawaban yang harus disampaikan petugas, dengan teks siap pakai dan tautan WhatsApp."""
    from gateway.cli import answering

    answering.unanswered(config, channel, reveal=reveal, as_json=json)


@app.command()
def answered(answer_id: int, config: ConfigOption = DEFAULT) -> None:
    """Catat bahwa pelapor telah diberi tahu oleh petugas."""
    from gateway.cli import answering

    answering.answered(config, answer_id)


@app.command()
def replied(record_id: int, config: ConfigOption = DEFAULT) -> None:
    """Catat bahwa balasan pelapor telah diteruskan petugas ke LAPOR."""
    from gateway.cli import answering

    answering.replied(config, record_id)
