SET time_zone = '+07:00';
CREATE TABLE lapor (id INT PRIMARY KEY, created TIMESTAMP NULL, isi TEXT, telp VARCHAR(20));
INSERT INTO lapor VALUES (1, '2026-10-31 21:59:59', 'Sedetik sebelum tanggal mulai di Jayapura.', '081234560010');
INSERT INTO lapor VALUES (2, '2026-10-31 22:00:00', 'Tepat pada tanggal mulai di Jayapura.', '081234560010');
