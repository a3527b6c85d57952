-- DATABASE ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0
CREATE TABLE tb_keluhan (id INT PRIMARY KEY, nama VARCHAR(60), keluhan TEXT, tgl DATE, telp VARCHAR(20));
INSERT INTO tb_keluhan VALUES (1, 'Andréa Contoh', 'Harga “sembako” naik – mohon dicek.', '2026-11-02', '081234560009');
INSERT INTO tb_keluhan VALUES (2, 'Renée', 'Baris ini disimpan dengan benar: café.', '2026-11-02', '081234560009');
INSERT INTO tb_keluhan VALUES (3, E'R\x81e', 'Nama pelapor ini bukan huruf.', '2026-11-02', '081234560009');
