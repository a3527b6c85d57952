CREATE TYPE jenis AS ENUM ('Pengaduan', 'Aspirasi');
CREATE TABLE lap (
  id BYTEA PRIMARY KEY, jenis_laporan jenis, isi TEXT, rahasia BOOLEAN, anonim BOOLEAN, lat NUMERIC(10, 7), lng DOUBLE PRECISION,
  kategori TEXT[], data JSONB, biaya MONEY, jam TIME, tahun INTERVAL, tgl DATE, email VARCHAR(50)
);
INSERT INTO lap VALUES ('\x80818283', 'Aspirasi', 'Mohon dibangun taman bermain.', true, true, -0.5021830, 117.1536, '{lampu,jalan}', '{"a": 1}', 12.50, '08:30:00', '1 year', '2026-11-02', 'a@contoh.example');
INSERT INTO lap VALUES ('\x80818284', 'Pengaduan', 'Jalan rusak di depan sekolah.', false, false, NULL, 'NaN', NULL, NULL, NULL, NULL, NULL, '2026-11-02', 'b@contoh.example');
