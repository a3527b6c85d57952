CREATE TABLE laporan (
  id TEXT PRIMARY KEY, judul TEXT, isi TEXT, foto TEXT, email TEXT, anonim INTEGER,
  created_at TEXT, updated_at TEXT, deleted_at TEXT
);
CREATE INDEX laporan_updated ON laporan (updated_at);
INSERT INTO laporan VALUES
  ('0e37df36-f698-11e6-8dd4-cb9ced3df976', 'Jembatan rusak', 'Papan jembatan gantung hilang tiga lembar.',
   'aduan/a.jpg, aduan/b.jpg', 'a@contoh.example', 0, '2026-11-02 04:00:00', '2026-11-02 04:00:00', NULL),
  ('1f37df36-f698-11e6-8dd4-cb9ced3df976', 'Sudah dihapus', 'Laporan ini sudah dihapus pelapornya.',
   NULL, 'b@contoh.example', 0, '2026-11-02 05:00:00', '2026-11-02 05:00:00', '2026-11-02 06:00:00'),
  ('2f37df36-f698-11e6-8dd4-cb9ced3df976', 'Foto hilang', 'Foto laporan ini tidak ada lagi di server.',
   '../../etc/passwd|aduan/c.jpg', 'c@contoh.example', 1, '2026-11-02 09:00:00', NULL, NULL);
