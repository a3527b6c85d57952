CREATE TABLE masyarakat (nik CHAR(16) PRIMARY KEY, nama VARCHAR(35) NOT NULL, telp VARCHAR(13) NOT NULL);
CREATE TABLE pengaduan (
  id_pengaduan INTEGER PRIMARY KEY AUTOINCREMENT, tgl_pengaduan DATE NOT NULL, nik CHAR(16) NOT NULL,
  isi_laporan TEXT NOT NULL, status TEXT NOT NULL
);
INSERT INTO masyarakat VALUES ('6472015505900001', 'Rahma Contoh', '081234560001');
INSERT INTO pengaduan VALUES
  (1, '2026-11-02', '6472015505900001', 'Yth. RSUD<br />Antrean <b>loket</b> sampai enam jam.', '0'),
  (3, '2026-11-05', '6472015505909999', 'Jalan berlubang di depan pasar, pelapornya sudah dihapus.', 'proses');
