"""Does every status of the wire contract have its canonical one, and no other?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.lapor.statuses import OPEN, Status, canonical

TABLE = [
    ("Belum Terverifikasi", Status.RECEIVED),
    ("Terdisposisi Belum Ditindaklanjuti", Status.DISPOSED),
    ("Terdisposisi ke Dinas Pekerjaan Umum", Status.DISPOSED),
    ("Ditindaklanjuti oleh Instansi", Status.IN_PROGRESS),
    ("Terdisposisi Sedang Diproses", Status.IN_PROGRESS),
    ("Ditanggapi oleh Pelapor", Status.REPLIED),
    ("Tertunda", Status.PENDING),
    ("Menunggu Kelengkapan Informasi", Status.PENDING),
    ("Ditutup oleh Admin", Status.CLOSED),
    ("Ditutup oleh Sistem", Status.CLOSED),
    ("Ditutup oleh Pelapor", Status.CLOSED),
    ("Terdisposisi Selesai", Status.CLOSED),
    ("Diarsipkan oleh Admin", Status.ARCHIVED),
    ("Diarsipkan oleh Sistem", Status.ARCHIVED),
    ("Diarsipkan oleh Pelapor", Status.ARCHIVED),
    ("Arsip", Status.ARCHIVED),
    ("Konten Terblokir", Status.BLOCKED),
    ("Dikembalikan: Bukan Wewenang", Status.RETURNED),
]


@pytest.mark.parametrize(("raw", "expected"), TABLE)
def test_each_status_of_the_contract_is_known_in_any_case_and_spacing(raw: str, expected: Status) -> None:
    assert canonical(raw) is expected
    assert canonical(f"  {raw.upper().replace(' ', '  ')} ") is expected


@pytest.mark.parametrize("raw", ["", "Selesai", "Ditutup", "Arsip baru", "x Ditutup oleh Admin", "Terdisposisi"])
def test_anything_else_is_unknown(raw: str) -> None:
    assert canonical(raw) is Status.UNKNOWN


@given(st.text())
def test_no_text_raises(raw: str) -> None:
    assert canonical(raw) in Status


def test_archived_closed_and_blocked_are_not_open() -> None:
    assert OPEN.isdisjoint({Status.CLOSED, Status.ARCHIVED, Status.BLOCKED, Status.UNKNOWN})
