INSERT INTO t_lapor VALUES (2025, 9, 1793721600, '02/11/2026', 'Nomor tahun lalu, dicatat sesudahnya.', '081234560003');
