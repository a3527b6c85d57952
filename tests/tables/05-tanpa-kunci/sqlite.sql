CREATE TABLE buku_tamu (nama VARCHAR(40), no_hp VARCHAR(20), tanggal VARCHAR(30), pesan TEXT);
INSERT INTO buku_tamu VALUES ('Warga Satu', '081234560005', '2 November 2026', 'Trotoar di Jalan Pahlawan rusak.');
INSERT INTO buku_tamu VALUES ('Warga Satu', '081234560005', '2 November 2026', 'Trotoar di Jalan Pahlawan rusak.');
INSERT INTO buku_tamu VALUES ('Warga Dua', '081234560006', '3 Nopember 2026', 'Bus sekolah selalu terlambat.');
INSERT INTO buku_tamu VALUES (NULL, '081234560007', '03 NOV 2026', 'Tanpa nama pun harus terbaca.');
