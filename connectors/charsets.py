"""Which characters do a mail's bytes and encoded words stand for? Something comes out of any bytes."""

from __future__ import annotations

import codecs
import re
from email.errors import HeaderParseError
from email.header import decode_header

LONGEST_HEADER = 20_000
"""Characters of a field that are read; a field of two hundred addresses has half as many."""
_BLANKS = re.compile(r"\s+")
"""The whole run: looked for from a line end on, a long one would be read again from each of its blanks."""
_FALLBACKS = ("utf-8", "cp1252")
_LATIN = {"ascii", "iso8859-1", "iso8859-15", "cp1252"}
_PYTHONS_OWN = {"unicode-escape", "raw-unicode-escape", "idna", "punycode", "undefined", "mbcs", "oem"}
"""Codecs that no mail means, though it may name one: some warn, and one costs the square of the text's length."""
_ALIASES = {
    "unknown-8bit": "utf-8",
    "x-unknown": "utf-8",
    "utf8mb4": "utf-8",
    "ansi": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
}


def decode_text(raw: bytes, charset: str | None) -> str:
    """Decode with the declared charset, else UTF-8, else Windows-1252; unknown bytes become replacement characters.

    What is declared as Latin and is also valid UTF-8 is UTF-8: no text in Latin happens to be.
    """
    declared = _codec(charset)
    names = (*_FALLBACKS[:1], declared, *_FALLBACKS[1:]) if declared in _LATIN else (declared, *_FALLBACKS)
    for codec in names:
        if codec is None:
            continue
        try:
            return raw.decode(codec).removeprefix("\ufeff")
        except (UnicodeDecodeError, ValueError):
            continue
    return raw.decode("utf-8", errors="replace")


def decode_words(value: str) -> str:
    """A header's value with its encoded words (RFC 2047) decoded and its folding undone."""
    value = _BLANKS.sub(_unfolded, value).strip()
    if "=?" not in value:
        return value
    try:
        pieces = decode_header(value)
    except (HeaderParseError, ValueError):
        return value
    return "".join(
        piece if isinstance(piece, str) else _decode_word(piece, charset) for piece, charset in pieces
    ).strip()


def _unfolded(blanks: re.Match[str]) -> str:
    return " " if "\n" in blanks[0] or "\r" in blanks[0] else blanks[0]


def _decode_word(piece: bytes, charset: str | None) -> str:
    if charset is None:
        return piece.decode("raw-unicode-escape", errors="replace")
    return decode_text(piece, charset)


def _codec(name: str | None) -> str | None:
    if not name:
        return None
    name = _ALIASES.get(name.strip().lower(), name.strip())
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    # rot13, hex and the like are codecs too, but not charsets.
    return info.name if getattr(info, "_is_text_encoding", True) and info.name not in _PYTHONS_OWN else None


def header_text(value: object) -> str:
    """A header field's value with 8-bit characters decoded, which is forbidden and common."""
    return decode_text(str(value)[:LONGEST_HEADER].encode("utf-8", "surrogateescape"), None)
