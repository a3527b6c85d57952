INSERT INTO keluhan VALUES (4, '2026-11-03 07:00:00', NULL, 'Datang sesudahnya, tanpa waktu ubah.', '081234560004', NULL);
