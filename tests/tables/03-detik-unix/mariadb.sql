CREATE TABLE t_lapor (tahun INTEGER, nomor INTEGER, waktu INTEGER, kejadian VARCHAR(20), uraian TEXT, hp VARCHAR(20), PRIMARY KEY (tahun, nomor));
INSERT INTO t_lapor VALUES (2025, 7, 1761926399, '31/10/2025', 'Keluhan lama dari sebelum tanggal mulai.', '081234560003');
INSERT INTO t_lapor VALUES (2026, 1, 1793548800, '01/11/2026', 'Air PDAM keruh sejak kemarin pagi.', '6281234560003');
INSERT INTO t_lapor VALUES (2026, 2, 1793635200, '03/04/2026', 'Sampah menumpuk dekat terminal lama.', '0812 3456 0003');
INSERT INTO t_lapor VALUES (2026, 3, 0, '', 'Waktunya nol, tanggalnya kosong.', '081234560003');
