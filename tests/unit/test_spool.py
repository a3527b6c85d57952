"""Is a citizen's file kept whole, once, and under a harmless name?"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.spool import keep, safe_name


def test_a_file_is_kept_under_its_hash_and_only_once(tmp_path: Path) -> None:
    one = keep(tmp_path, "bukti.jpg", "image/jpeg", b"isi")
    again = keep(tmp_path, "foto.jpg", "image/jpeg", b"isi")
    assert one.path == again.path
    assert one.path.read_bytes() == b"isi"
    assert (one.name, again.name, one.size) == ("bukti.jpg", "foto.jpg", 3)
    assert one.sha256 == hashlib.sha256(b"isi").hexdigest()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [one.path]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        (r"C:\Users\warga\foto.jpg", "foto.jpg"),
        ("", "lampiran"),
        ("...", "lampiran"),
        (".htaccess", "htaccess"),
        ("surat\r\npengaduan.pdf", "surat_pengaduan.pdf"),
        ("bukti\x00.exe", "bukti_.exe"),
        ("Laporan Jl. Melati – Ä.pdf", "Laporan Jl. Melati _ Ä.pdf"),
        ("a" * 300 + ".pdf", "a" * 116 + ".pdf"),
    ],
)
def test_names_are_made_harmless(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text())
def test_any_name_becomes_a_short_one_without_folders(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe) <= 120
    assert not set(safe) & set("/\\\x00\r\n")
    assert not safe.startswith(".")
