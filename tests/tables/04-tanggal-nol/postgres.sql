CREATE TABLE keluhan (id INT PRIMARY KEY, tgl_masuk TIMESTAMP, tgl_kejadian TEXT, keluhan TEXT, telepon VARCHAR(20), diubah TIMESTAMP);
INSERT INTO keluhan VALUES
  (1, '2026-11-02 08:30:00', '0000-00-00', 'Tanggal kejadian nol semua.', '081234560004', '-infinity'),
  (2, NULL, '2026-11-02', 'Tanggal masuk nol semua.', '081234560004', NULL),
  (3, NULL, NULL, 'Tanpa tanggal sama sekali.', '081234560004', '2026-11-02 08:30:00');
