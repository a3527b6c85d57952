"""Which small sources do tests look around in?"""

from __future__ import annotations

NIK = "6472011505900001"
TOKEN = "token-portal-uji"
APPLICATION = f"""
CREATE TABLE masyarakat (
  nik char(16) PRIMARY KEY, nama varchar(35), username varchar(25), password varchar(32), telp varchar(13));
CREATE TABLE pengaduan (
  id_pengaduan integer PRIMARY KEY, tgl_pengaduan date, nik char(16), isi_laporan text, foto varchar(255),
  status varchar(9));
CREATE TABLE petugas (
  id_petugas integer PRIMARY KEY, nama_petugas varchar(35), username varchar(25), password varchar(32),
  telp varchar(13));
CREATE TABLE tanggapan (
  id_tanggapan integer PRIMARY KEY, id_pengaduan integer REFERENCES pengaduan (id_pengaduan), tgl_tanggapan date,
  tanggapan text, id_petugas integer REFERENCES petugas (id_petugas));
INSERT INTO masyarakat VALUES ('{NIK}', 'Siti Aminah', 'siti', 'hash-of-a-password', '081234567890');
INSERT INTO petugas VALUES (1, 'Rahmat Petugas', 'rahmat', 'hash-of-a-password', '081111111111');
INSERT INTO pengaduan VALUES (1, '2026-11-02', '{NIK}', 'Lampu jalan di Antasari mati sejak seminggu.', '', 'proses');
INSERT INTO pengaduan VALUES (2, '2026-11-03', '{NIK}', 'Sampah di pasar pagi belum diangkut tiga hari.', '', '0');
INSERT INTO pengaduan VALUES (3, '2026-11-04', '{NIK}', 'Air PDAM di Gang Damai mati setiap sore hari.', '', '0');
INSERT INTO pengaduan VALUES (4, '2026-11-05', '{NIK}', 'Jalan di depan sekolah berlubang dan berbahaya.', '', '0');
INSERT INTO tanggapan VALUES (1, 1, '2026-11-06', 'Terima kasih, lampu akan kami perbaiki pekan ini.', 1);
"""
PORTAL = {
    "data": {
        "items": [
            {
                "id": number,
                "judul": f"Lampu nomor {number} mati",
                "isi_aduan": f"Lampu jalan di depan pasar nomor {number} mati sejak minggu lalu.",
                "pelapor": {"nama": "Siti Aminah", "telepon": "081298765432"},
                "dibuat": f"2026-11-0{number}T09:00:00+08:00",
                "anonim": False,
            }
            for number in range(1, 6)
        ]
    },
    "total": 5,
    "next_page_url": None,
}
