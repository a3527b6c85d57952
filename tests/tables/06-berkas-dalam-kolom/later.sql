INSERT INTO aduan (kode, isi_aduan, tgl_aduan, email) VALUES ('ADU/2026/000', 'Tanpa berkas, kodenya lebih kecil.', '2026-11-03', 'b@contoh.example');
