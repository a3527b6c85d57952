CREATE TABLE lap (
  id BLOB PRIMARY KEY, jenis_laporan TEXT, isi TEXT, rahasia BOOLEAN, anonim BOOLEAN, lat DECIMAL(10, 7), lng REAL,
  kategori TEXT, data JSON, biaya NUMERIC, jam TIME, tahun INTEGER, tgl DATE, email TEXT
);
INSERT INTO lap VALUES (x'80818283', 'Aspirasi', 'Mohon dibangun taman bermain.', 1, 'ya', -0.5021830, 117.1536, 'lampu,jalan', '{"a": 1}', 12.50, '08:30:00', 2026, '2026-11-02', 'a@contoh.example');
INSERT INTO lap VALUES (x'80818284', 'Pengaduan', 'Jalan rusak di depan sekolah.', 0, 'tidak', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-11-02', 'b@contoh.example');
