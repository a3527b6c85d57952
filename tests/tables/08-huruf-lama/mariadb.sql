CREATE TABLE tb_keluhan (id INT PRIMARY KEY, nama VARCHAR(60), keluhan TEXT, tgl DATE, telp VARCHAR(20)) CHARACTER SET latin1;
SET NAMES latin1;
INSERT INTO tb_keluhan VALUES (1, 'Andréa Contoh', 'Harga “sembako” naik – mohon dicek.', '2026-11-02', '081234560009');
SET NAMES utf8mb4;
INSERT INTO tb_keluhan VALUES (2, 'Renée', 'Baris ini disimpan dengan benar: café.', '2026-11-02', '081234560009');
INSERT INTO tb_keluhan VALUES (3, x'528165', 'Nama pelapor ini bukan huruf.', '2026-11-02', '081234560009');
