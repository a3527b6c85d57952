CREATE TABLE laporan (
  id UUID PRIMARY KEY, judul VARCHAR(200), isi TEXT, foto JSONB, email VARCHAR(80), anonim BOOLEAN,
  created_at TIMESTAMPTZ, updated_at TIMESTAMPTZ, deleted_at TIMESTAMPTZ
);
CREATE INDEX ON laporan (updated_at);
SET timezone = 'UTC';
INSERT INTO laporan VALUES
  ('0e37df36-f698-11e6-8dd4-cb9ced3df976', 'Jembatan rusak', 'Papan jembatan gantung hilang tiga lembar.',
   '["aduan/a.jpg", "aduan/b.jpg"]', 'a@contoh.example', false, '2026-11-01 20:00:00', '2026-11-01 20:00:00', NULL),
  ('1f37df36-f698-11e6-8dd4-cb9ced3df976', 'Sudah dihapus', 'Laporan ini sudah dihapus pelapornya.',
   NULL, 'b@contoh.example', false, '2026-11-01 21:00:00', '2026-11-01 21:00:00', '2026-11-01 22:00:00'),
  ('2f37df36-f698-11e6-8dd4-cb9ced3df976', 'Foto hilang', 'Foto laporan ini tidak ada lagi di server.',
   '["../../etc/passwd", "aduan/c.jpg"]', 'c@contoh.example', true, '2026-11-02 01:00:00', NULL, NULL);
