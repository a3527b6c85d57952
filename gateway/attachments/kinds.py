"""What is in a file? Told by its first bytes, for names and declared types are the sender's to choose."""

from __future__ import annotations

from enum import StrEnum
from pathlib import PurePath

HEAD = 1024
"""Bytes that `kind_of` wants: ISO 32000 readers look for `%PDF-` in so many."""


class Kind(StrEnum):
    """A format that can be made into what LAPOR takes; the value is Pillow's name where Pillow reads it."""

    JPEG = "JPEG"
    PNG = "PNG"
    GIF = "GIF"
    BMP = "BMP"
    TIFF = "TIFF"
    WEBP = "WEBP"
    HEIF = "HEIF"
    AVIF = "AVIF"
    PDF = "PDF"


SUFFIXES = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}
"""Media types that LAPOR's form takes, with the suffix that each is sent under."""

_STARTS = {
    b"\xff\xd8\xff": Kind.JPEG,
    b"\x89PNG\r\n\x1a\n": Kind.PNG,
    b"GIF87a": Kind.GIF,
    b"GIF89a": Kind.GIF,
    b"II*\x00": Kind.TIFF,
    b"MM\x00*": Kind.TIFF,
    b"II+\x00": Kind.TIFF,
    b"MM\x00+": Kind.TIFF,
}
_HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1"}
_AVIF_BRANDS = {b"avif", b"avis"}
_BMP_HEADERS = {12, 16, 40, 52, 56, 64, 108, 124}
_CLAIMS = frozenset(
    ".jpg .jpeg .jpe .jfif .png .gif .bmp .dib .tif .tiff .webp .heic .heif .hif .avif .pdf".split(),
)


def kind_of(head: bytes) -> Kind | None:
    """The kind of a file by its first 1,024 bytes; None for what LAPOR cannot be given."""
    for start, kind in _STARTS.items():
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Kind.WEBP
    if head[4:8] == b"ftyp":
        return _by_brands(head)
    # Two letters prove nothing: the size of the header behind them must be one that exists.
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return Kind.BMP
    return Kind.PDF if b"%PDF-" in head[:HEAD] and not head.startswith((b"MZ", b"PK\x03\x04", b"\x7fELF")) else None


def disguised(name: str, media_type: str) -> bool:
    """Whether a file claims to be a picture or PDF; the declared type counts where the name has no suffix."""
    suffix = PurePath(name).suffix.lower()
    return suffix in _CLAIMS if suffix else media_type.startswith("image/") or media_type == "application/pdf"


def _by_brands(head: bytes) -> Kind | None:
    """ISO 14496-12: the major brand, then those that it is compatible with."""
    box = head[8 : max(16, min(int.from_bytes(head[:4], "big"), HEAD))]
    brands = {box[at : at + 4] for at in range(0, len(box), 4) if at != 4}
    if brands & _AVIF_BRANDS:
        return Kind.AVIF
    return Kind.HEIF if brands & _HEIF_BRANDS else None
