"""What do the demo's citizens write? Mails, rows of a web form's database, a hotline's spreadsheet: all invented."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import ExifTags, Image, ImageOps

WITA = ZoneInfo("Asia/Makassar")
_SCHEMA = """
CREATE TABLE masyarakat (nik CHAR(16) PRIMARY KEY, nama TEXT, telp TEXT);
CREATE TABLE pengaduan (
  id_pengaduan INTEGER PRIMARY KEY, tgl_pengaduan DATE, nik CHAR(16), isi_laporan TEXT, rahasia INTEGER, status TEXT
);
CREATE TABLE tanggapan (id_tanggapan INTEGER PRIMARY KEY, id_pengaduan INTEGER, tgl_tanggapan DATE, tanggapan TEXT);
"""
_PEOPLE = (
    ("6472015505900001", "Rahmawati Contoh", "081234560001"),
    ("6472021203850002", "Agus Percontohan", "0812-3456-0002"),
    ("6472034107920003", "Siti Misalnya", "+62 812 3456 0003"),
)
_COMPLAINTS = (
    (1, 40, 0, 0, "Keluhan lama, sudah diketik ke LAPOR dengan tangan sebelum gateway dipasang."),
    (
        2,
        5,
        0,
        0,
        "Yth. Dinas PUPR<br />Jalan di depan SDN 005 berlubang dan tergenang bila hujan.<br />Mohon diperbaiki.",
    ),
    (3, 4, 1, 0, "<p>Antrean pendaftaran di RSUD mulai pukul 05.00, loket baru dibuka pukul 08.30.</p>"),
    (
        4,
        2,
        2,
        1,
        "Saya diminta membayar &quot;biaya percepatan&quot; saat mengurus izin. Mohon dirahasiakan.",
    ),
    (5, 1, 0, 0, "Air PDAM di Perumahan Bukit Pinang mati sejak tiga hari yang lalu tanpa pemberitahuan."),
)
_HOTLINE = (
    (1, 6, "Bapak Umpama", 6281234560011.0, "Lampu lalu lintas simpang empat Air Putih mati sejak Senin."),
    (2, 3, "Ibu Seandainya", "0812-3456-0012", "Sampah di TPS Jalan Juanda tidak diangkut selama seminggu."),
    (3, 3, "Tanpa Kontak", None, "Pohon tumbang menutup separuh Jalan Pahlawan."),
    (4, 0, "Ibu Kiranya", 81234560014.0, "Banjir setinggi lutut di Gang Merpati, warga butuh perahu karet."),
)


def database(path: Path, today: date) -> None:
    """A web form's database, with the tables that such applications usually have."""
    connection = sqlite3.connect(path)
    connection.executescript(_SCHEMA)
    connection.executemany("INSERT INTO masyarakat VALUES (?, ?, ?)", _PEOPLE)
    rows = [
        (number, (today - timedelta(days=days)).isoformat(), _PEOPLE[person][0], text, secret, "0")
        for number, days, person, secret, text in _COMPLAINTS
    ]
    connection.executemany("INSERT INTO pengaduan VALUES (?, ?, ?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()


def told(path: Path) -> Sequence[tuple[int, str, str | None]]:
    """Number, status and last answer of every complaint in the web form's database."""
    connection = sqlite3.connect(path)
    rows = connection.execute(
        "SELECT p.id_pengaduan, p.status, (SELECT tanggapan FROM tanggapan t WHERE t.id_pengaduan = p.id_pengaduan"
        " ORDER BY id_tanggapan DESC LIMIT 1) FROM pengaduan p ORDER BY p.id_pengaduan"
    ).fetchall()
    connection.close()
    return rows


def spreadsheet(path: Path, today: date) -> None:
    """A hotline's workbook: a merged preamble above the header, dates as text, phone numbers as numbers."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Rekap"
    sheet["A1"] = "REKAP PENGADUAN HOTLINE DINAS PERHUBUNGAN"
    sheet.merge_cells("A1:E1")
    sheet["A2"] = "Tahun berjalan"
    sheet.append([])
    sheet.append(["No", "Tanggal", "Nama\nPelapor", "No. HP", "Isi Laporan"])
    for number, days, name, phone, text in _HOTLINE:
        sheet.append([number, (today - timedelta(days=days)).strftime("%d/%m/%Y"), name, phone, text])
    book.save(path)


def mails(now: datetime) -> Sequence[tuple[bytes, datetime]]:
    """Mails and when they arrived: four of citizens, one of a machine."""
    potholes = _mail("Warga Contoh <warga.contoh@example.org>", "Fwd: Jalan rusak", now - timedelta(days=2))
    potholes.set_content("Selamat pagi,\n\nJalan Antasari berlubang di depan pasar. Foto terlampir.\n\nTerima kasih")
    potholes.add_attachment(_photo(), maintype="image", subtype="jpeg", filename="jalan rusak.jpg")
    html = _mail("=?utf-8?Q?Ny=2E_Misal=C3=A9?= <misal@example.org>", "Parkir liar", now - timedelta(days=1))
    html.set_content("<p>Parkir liar di depan <b>puskesmas</b> menghalangi ambulans.</p><p>Terima kasih.</p>", "html")
    hospital = _mail("Budi Andaikan <budi@example.org>", "", now - timedelta(hours=8))
    hospital.set_content("Obat untuk pasien BPJS di apotek RSUD selalu dikatakan kosong. Kami disuruh membeli di luar.")
    old = _mail("Lama Sekali <lama@example.org>", "Keluhan tahun lalu", now - timedelta(days=60))
    old.set_content("Surat ini lebih tua daripada tanggal mulai kanal.")
    away = _mail("Petugas <petugas@example.org>", "Balasan otomatis: cuti", now - timedelta(hours=3))
    away["Auto-Submitted"] = "auto-replied"
    away.set_content("Saya sedang cuti.")
    return [(bytes(mail), _arrived(mail)) for mail in (old, potholes, html, hospital, away)]


def _mail(sender: str, subject: str, sent: datetime) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Date"] = sender, "pengaduan@example.go.id", format_datetime(sent)
    mail["Message-ID"] = f"<{sent.timestamp():.0f}@example.org>"
    if subject:
        mail["Subject"] = subject
    return mail


def _arrived(mail: EmailMessage) -> datetime:
    moment: datetime = mail["Date"].datetime
    return moment


def _photo() -> bytes:
    """A photo of a pothole, more or less, lying on its side as phones save it."""
    picture = ImageOps.colorize(Image.radial_gradient("L"), "black", "grey").resize((1200, 1600))
    side = Image.Exif()
    side[ExifTags.Base.Orientation] = 6
    file = io.BytesIO()
    picture.save(file, "JPEG", exif=side)
    return file.getvalue()
