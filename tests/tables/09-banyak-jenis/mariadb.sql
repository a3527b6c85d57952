CREATE TABLE lap (
  id BINARY(4) PRIMARY KEY, jenis_laporan ENUM('Pengaduan', 'Aspirasi'), isi TEXT, rahasia BIT(1), anonim TINYINT(1), lat DECIMAL(10, 7), lng DOUBLE,
  kategori SET('jalan', 'lampu'), data JSON, biaya DECIMAL(12, 2), jam TIME, tahun YEAR, tgl DATE, email VARCHAR(50)
);
INSERT INTO lap VALUES (x'80818283', 'Aspirasi', 'Mohon dibangun taman bermain.', b'1', 1, -0.5021830, 117.1536, 'lampu,jalan', '{"a": 1}', 12.50, '08:30:00', 2026, '2026-11-02', 'a@contoh.example');
INSERT INTO lap VALUES (x'80818284', 'Pengaduan', 'Jalan rusak di depan sekolah.', b'0', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-11-02', 'b@contoh.example');
