INSERT INTO pengaduan VALUES (2, '2026-11-02', '6472015505900001', 'Baris ini disimpan terlambat, nomornya lebih kecil.', '0');
INSERT INTO pengaduan VALUES (4, '2026-11-05', '6472015505900001', 'Lampu jalan mati pada hari yang sama.', '0');
