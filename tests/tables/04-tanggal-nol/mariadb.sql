SET SESSION sql_mode = '';
CREATE TABLE keluhan (id INT PRIMARY KEY, tgl_masuk DATETIME, tgl_kejadian DATE, keluhan TEXT, telepon VARCHAR(20), diubah DATETIME);
INSERT INTO keluhan VALUES
  (1, '2026-11-02 08:30:00', '0000-00-00', 'Tanggal kejadian nol semua.', '081234560004', '0000-00-00 00:00:00'),
  (2, '0000-00-00 00:00:00', '2026-11-02', 'Tanggal masuk nol semua.', '081234560004', NULL),
  (3, NULL, NULL, 'Tanpa tanggal sama sekali.', '081234560004', '2026-11-02 08:30:00');
