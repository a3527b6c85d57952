"""What do agencies, LAPOR's admins and reporters write in the mock's world?"""

import random

FOLLOW_UPS = (
    "Terima kasih atas laporan Saudara. Laporan telah kami teruskan ke bidang teknis untuk ditindaklanjuti.",
    "Petugas kami telah meninjau lokasi pada hari ini. Perbaikan dijadwalkan pada minggu berjalan.",
    "Pekerjaan di lokasi sudah selesai dilaksanakan. Silakan sampaikan kembali apabila masih ada kendala.",
    "Mohon kesediaan Saudara menunggu, saat ini kami sedang berkoordinasi dengan kecamatan dan kelurahan setempat.",
    "Berdasarkan pengecekan di lapangan, kerusakan akan ditangani bertahap sesuai ketersediaan anggaran tahun ini.",
    "Data Saudara sudah kami periksa dan layanan telah dapat digunakan kembali sejak pagi tadi.",
    "Kami mohon maaf atas ketidaknyamanan ini. Tim sudah menertibkan dan akan melakukan patroli rutin.",
    "Informasi yang Saudara minta dapat diambil di loket pelayanan pada jam kerja dengan membawa KTP.",
)
HOLD_REASONS = (
    "Mohon lengkapi alamat atau titik lokasi kejadian.",
    "Mohon lampirkan foto pendukung dan waktu kejadian.",
    "Laporan ditunda karena menunggu hasil koordinasi antarinstansi.",
)
ARCHIVE_REASONS = (
    "Laporan diarsipkan karena tidak disertai bukti pendukung yang cukup.",
    "Laporan diarsipkan karena bukan merupakan keluhan atas pelayanan publik.",
    "Laporan diarsipkan atas permintaan pelapor.",
)
REPLIES = (
    "Sampai hari ini belum ada petugas yang datang ke lokasi.",
    "Terima kasih, sudah diperbaiki dengan baik.",
    "Mohon penjelasan kapan pekerjaan akan dimulai.",
)
RETURN_REASON = "Laporan dikembalikan karena bukan merupakan wewenang instansi kami."


def pick(choices: tuple[str, ...], seed: str) -> str:
    """Return the choice that belongs to `seed`; the same seed always gives the same text."""
    return random.Random(seed).choice(choices)
