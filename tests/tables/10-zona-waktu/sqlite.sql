CREATE TABLE lapor (id INTEGER PRIMARY KEY, created TEXT, isi TEXT, telp TEXT);
INSERT INTO lapor VALUES (1, '2026-10-31T21:59:59+07:00', 'Sedetik sebelum tanggal mulai di Jayapura.', '081234560010');
INSERT INTO lapor VALUES (2, '2026-11-01 00:00:00', 'Tepat pada tanggal mulai di Jayapura.', '081234560010');
