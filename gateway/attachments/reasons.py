"""Why was an attachment changed or left out? One sentence in Indonesian and one in English for each code."""

from __future__ import annotations

from collections.abc import Mapping

CHANGES = frozenset({"attachment_cleaned", "attachment_truncated"})
"""Codes of a file that is sent all the same."""

REASONS: Mapping[str, tuple[str, str]] = {
    "attachment_kind": (
        "jenis berkas {detail} tidak diterima LAPOR",
        "LAPOR does not take files of this kind: {detail}",
    ),
    "attachment_disguised": (
        "isi berkas {detail} tidak sesuai dengan namanya",
        "the file {detail} is not what its name says",
    ),
    "attachment_empty": ("berkas {detail} kosong", "the file {detail} is empty"),
    "attachment_too_large": (
        "berkas {detail} terlalu besar dan tidak dapat diperkecil",
        "the file {detail} is too large and cannot be made smaller",
    ),
    "attachment_unreadable": ("berkas {detail} rusak", "the file {detail} is damaged"),
    "attachment_too_hard": (
        "berkas {detail} tidak selesai diolah",
        "the file {detail} takes more time or memory than allowed",
    ),
    "attachment_password": (
        "berkas {detail} dilindungi kata sandi",
        "the file {detail} is protected by a password",
    ),
    "attachment_missing": (
        "lampiran {detail} tidak ada lagi di penyimpanan",
        "the attachment {detail} is no longer in the spool",
    ),
    "attachment_truncated": (
        "foto {detail} terpotong; bagian yang ada dikirim",
        "the photo {detail} is cut off: what there is of it is sent",
    ),
    "attachment_cleaned": (
        "skrip, sisipan, atau data pembuat dihapus dari berkas {detail}",
        "scripts, embedded files or the author's data were removed from the file {detail}",
    ),
}
