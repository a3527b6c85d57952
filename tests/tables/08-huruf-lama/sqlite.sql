CREATE TABLE tb_keluhan (id INTEGER PRIMARY KEY, nama TEXT, keluhan TEXT, tgl TEXT, telp TEXT);
INSERT INTO tb_keluhan VALUES (1, 'Andréa Contoh', 'Harga “sembako” naik – mohon dicek.', '2026-11-02', '081234560009');
INSERT INTO tb_keluhan VALUES (2, 'Renée', 'Baris ini disimpan dengan benar: café.', '2026-11-02', '081234560009');
INSERT INTO tb_keluhan VALUES (3, CAST(x'528165' AS TEXT), 'Nama pelapor ini bukan huruf.', '2026-11-02', '081234560009');
