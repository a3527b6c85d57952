"""What does a JPEG within a PDF carry beside its picture? EXIF, XMP, IPTC and comments are cut out, losslessly."""

from __future__ import annotations

_START = b"\xff\xd8"
_SCAN = 0xDA
_TELLING = {0xE1, 0xED, 0xFE, *range(0xE3, 0xED), 0xEF}
"""APP1 (EXIF, XMP), APP13 (IPTC), comments and makers' own; APP0, APP2 (ICC) and APP14 say how to show it."""


def without_metadata(content: bytes) -> bytes:
    """The JPEG (ITU-T T.81, B.1) without them, or as it is where its segments cannot be told apart."""
    if not content.startswith(_START):
        return content
    kept = [_START]
    at = 2
    while at + 4 <= len(content):
        if content[at] != 0xFF:
            return content
        marker = content[at + 1]
        if marker == _SCAN:
            return b"".join([*kept, content[at:]])
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        if marker not in _TELLING:
            kept.append(content[at:end])
        at = end
    return content
