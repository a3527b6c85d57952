CREATE TABLE lapor (id INT PRIMARY KEY, created TIMESTAMPTZ, isi TEXT, telp VARCHAR(20));
INSERT INTO lapor VALUES (1, '2026-10-31 21:59:59+07', 'Sedetik sebelum tanggal mulai di Jayapura.', '081234560010');
INSERT INTO lapor VALUES (2, '2026-10-31 22:00:00+07', 'Tepat pada tanggal mulai di Jayapura.', '081234560010');
