CREATE TABLE `Pengaduan.Warga 2026` (`No. Tiket` INT, `order` INT, `Isi Aduan` TEXT, `E-Mail` VARCHAR(50), `Tgl Masuk` DATE, `kolom:nama` TEXT, PRIMARY KEY (`No. Tiket`, `order`));
INSERT INTO `Pengaduan.Warga 2026` VALUES (10, 1, 'Nama kolom dan tabelnya aneh.', 'a@contoh.example', '2026-11-02', 'pukul 10:30');
INSERT INTO `Pengaduan.Warga 2026` VALUES (9, 2, 'Urutan kuncinya juga aneh.', 'a@contoh.example', '2026-11-02', NULL);
