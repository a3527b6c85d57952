"""Which commands are there? Each imports what it needs only when it runs, so that `--help` is quick."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
state_app = typer.Typer(no_args_is_help=True, help="Make, check, copy or recover the gateway's state.")
app.add_typer(state_app, name="state")

ConfigOption = Annotated[Path, typer.Option("--config", "-c", help="The configuration file.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
RevealOption = Annotated[bool, typer.Option("--reveal", help="Show personal data unmasked.")]
DEFAULT = Path("config.toml")


@app.command()
def run(config: ConfigOption = DEFAULT) -> None:
    """Run as a service: collect, submit, track and reply on schedule until stopped."""
    from gateway.cli import working

    working.run(config)


@app.command()
def sync(
    config: ConfigOption = DEFAULT,
    until_settled: Annotated[bool, typer.Option("--until-settled", help="Go on until nothing is due.")] = False,
    json: JsonOption = False,
) -> None:
    """Make one attempt for whatever is due. Exit status 1 if a channel or LAPOR could not be reached."""
    from gateway.cli import working

    working.sync(config, until_settled=until_settled, as_json=json)


@app.command()
def check(config: ConfigOption = DEFAULT, json: JsonOption = False) -> None:
    """Check the configuration, log in to every channel and to LAPOR, reading only."""
    from gateway.cli import setting_up

    setting_up.check(config, as_json=json)


@app.command()
def preview(
    channel: str,
    config: ConfigOption = DEFAULT,
    number: Annotated[int, typer.Option("-n", help="How many records to show.")] = 5,
    reveal: RevealOption = False,
    json: JsonOption = False,
) -> None:
    """Show what a channel's records would become. Nothing is stored or sent."""
    from gateway.cli import setting_up

    setting_up.preview(config, channel, number, reveal=reveal, as_json=json)


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


@app.command()
def audit(
    config: ConfigOption = DEFAULT,
    remote: Annotated[bool, typer.Option("--remote", help="Compare with LAPOR itself, too.")] = False,
    json: JsonOption = False,
) -> None:
    """Prove that nothing was lost and nothing filed twice. Exit status 1 where something is off."""
    from gateway.cli import proving

    proving.audit(config, remote=remote, as_json=json)


@app.command()
def mock(
    port: Annotated[int, typer.Option(help="0 picks a free one.")] = 8080,
    data: Annotated[Path | None, typer.Option(help="Keep the data in this file.")] = None,
    seed: Annotated[int, typer.Option(help="Makes runs repeatable.")] = 0,
    fault: Annotated[list[str] | None, typer.Option(help="NAME=RATE, e.g. drop_after=0.1; may be repeated.")] = None,
    life: Annotated[str, typer.Option(help="auto: reports live on as the clock advances; manual.")] = "manual",
    token: Annotated[str, typer.Option(help="The token that it accepts.")] = "mock-token",
) -> None:
    """Serve a LAPOR-compatible mock on loopback."""
    from gateway.cli import serving

    serving.mock(port, data, seed, fault or [], life, token)


@app.command()
def demo(
    keep: Annotated[Path | None, typer.Option(help="Work in this folder and leave everything running.")] = None,
) -> None:
    """Show the whole work on loopback: a mailbox, a database and a spreadsheet into a mock LAPOR."""
    from gateway.demo.show import demo as show_all

    show_all(keep)


@state_app.command("init")
def state_init(config: ConfigOption = DEFAULT) -> None:
    """Make a new, empty state. Only for a new installation."""
    from gateway.cli import setting_up

    setting_up.init(config)


@state_app.command("check")
def state_check(config: ConfigOption = DEFAULT) -> None:
    """Have the database check its own file."""
    from gateway.cli import proving

    proving.state_check(config)


@state_app.command("backup")
def state_backup(target: Path, config: ConfigOption = DEFAULT) -> None:
    """Copy the state to a new file, also while the service runs."""
    from gateway.cli import proving

    proving.state_backup(config, target)


@state_app.command("recover")
def state_recover(config: ConfigOption = DEFAULT) -> None:
    """Put a lost or restored state in step with LAPOR, so that nothing is filed twice."""
    from gateway.cli import proving

    proving.state_recover(config)


@app.command()
def version() -> None:
    """Print the version."""
    from importlib.metadata import version as installed

    typer.echo(installed("lapor-gateway"))
