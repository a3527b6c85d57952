UPDATE laporan SET deleted_at = '2026-11-03 00:00:00' WHERE judul = 'Jembatan rusak';
INSERT INTO laporan (id, judul, isi, email, created_at)
  VALUES ('05aaaaaa-f698-11e6-8dd4-cb9ced3df976', 'Baru', 'Selokan di gang Melati mampet lagi.', 'd@contoh.example', '2026-11-03 00:00:00');
