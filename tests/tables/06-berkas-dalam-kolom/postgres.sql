CREATE TABLE aduan (kode VARCHAR(20) PRIMARY KEY, isi_aduan TEXT, tgl_aduan DATE, email VARCHAR(80), berkas BYTEA, nama_berkas VARCHAR(100), ktp TEXT);
INSERT INTO aduan VALUES ('ADU/2026/001', 'Berkasnya ada di dalam kolom.', '2026-11-02', 'a@contoh.example', '\x00ff10', '../bukti 1.jpg', NULL);
INSERT INTO aduan VALUES ('ADU/2026/002', 'Berkas ini lebih besar daripada batasnya.', '2026-11-02', 'a@contoh.example', convert_to(REPEAT('x', 1500), 'UTF8'), 'besar.pdf', NULL);
INSERT INTO aduan VALUES ('ADU/2026/003', 'Foto dikirim peramban sebagai teks.', '2026-11-02', 'a@contoh.example', NULL, '', 'data:image/png;base64,AAH/');
