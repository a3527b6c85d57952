INSERT INTO buku_tamu VALUES ('Warga Tiga', '081234560008', '4 Nov 2026', 'Lampu lalu lintas mati sejak Senin.');
INSERT INTO buku_tamu VALUES ('Warga Dua', '081234560006', '3 Nopember 2026', 'Bus sekolah selalu terlambat.');
