"""Does a long report arrive whole, legible and the same every time?"""

from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfReader

from connectors.contract import Attachment
from gateway.attachments.glyphs import printable
from gateway.attachments.letter import letter

NOTE = "Lampiran ini memuat isi laporan selengkapnya."


def printed(spool: Path, text: str) -> tuple[Attachment, list[str]]:
    """The letter and what stands on its pages."""
    made = letter(spool, "Jalan rusak", text, NOTE)
    assert made.path.stat().st_size == made.size <= 2 * 1024 * 1024
    return made, [page.extract_text() for page in PdfReader(made.path).pages]


def words(pages: list[str]) -> list[str]:
    """The words without the pages' numbers."""
    return " ".join(line for page in pages for line in page.splitlines() if not line.startswith("Halaman ")).split()


def test_the_whole_text_can_be_read_again(tmp_path: Path) -> None:
    text = "\n\n".join(
        f"Alinea {n}: lampu jalan padam di depan rumah nomor {n * 7}, mohon diperbaiki." for n in range(150)
    )
    _, pages = printed(tmp_path, text)
    assert len(pages) > 2
    assert words(pages) == f"Jalan rusak {NOTE} {text}".split()
    assert [page.splitlines()[-1] for page in pages] == [
        f"Halaman {n + 1} dari {len(pages)}" for n in range(len(pages))
    ]


def test_long_words_and_indents_are_kept(tmp_path: Path) -> None:
    _, pages = printed(tmp_path, "awal\n    menjorok\n" + "x" * 500 + " akhir")
    assert pages[0].count("x") == 500
    assert max(map(len, pages[0].splitlines())) < 120
    assert "    menjorok" in pages[0]


def test_the_same_text_gives_the_same_bytes_that_tell_nobody(tmp_path: Path) -> None:
    one, _ = printed(tmp_path / "a", "Isi laporan")
    two, _ = printed(tmp_path / "b", "Isi laporan")
    assert (one.sha256, one.name, one.media_type) == (two.sha256, "Isi laporan lengkap.pdf", "application/pdf")
    reader = PdfReader(one.path)
    assert dict(reader.metadata or {}) == {"/CreationDate": "D:20000101000000Z"}
    assert "/ID" not in reader.trailer


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("rusak 漢", "rusak [CJK UNIFIED IDEOGRAPH-6F22]"),
        ("漢漢漢!", "[CJK UNIFIED IDEOGRAPH-6F22 ×3]!"),
        ("a\tb\r\nc\rd", "a    b\nc\nd"),
        ("a\x07b", "a[U+0007]b"),
        ("e\u0301\u200dx\ufeff", "éx"),
        ("Jl. Melati – “5”", "Jl. Melati – “5”"),
    ],
)
def test_what_the_font_lacks_is_written_out(text: str, written: str) -> None:
    known = set(range(0x20, 0x7F)) | set(map(ord, "é–“”×"))
    assert printable(text, known) == written


def test_a_million_letters_fit_with_every_word(tmp_path: Path) -> None:
    text = " ".join(f"kata{n * 7919 % 1_000_003}" for n in range(95_000))[:1_000_000]
    made, pages = printed(tmp_path, text)
    assert words([pages[0], *pages[-1:]])[-1] == text.split()[-1]
    assert len(pages) > 200
    assert made.size > 100_000
