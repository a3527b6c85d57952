"""What did a server send, unpacked no further than there is room for it?"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

ACCEPTED = ("", "identity", "gzip", "x-gzip")
"""Values of Content-Encoding that are read. One layer only: gzip within gzip makes gigabytes of a few bytes."""
_GZIP = 31
"""The window bits with which zlib reads gzip's own header and checks its sum."""
_STEP = 65_536


class TooLarge(Exception):
    """There is more than there may be."""


class Damaged(Exception):
    """It ends too early, or is not packed as the server says."""


def contents(parts: Iterable[bytes], encoding: str, most: int) -> bytes:
    """The bytes that `parts` stand for, at most `most` of them. Raises TooLarge and Damaged."""
    if encoding not in ACCEPTED:
        raise Damaged
    kept, size = [], 0
    for part in _unpacked(parts) if encoding.endswith("gzip") else parts:
        size += len(part)
        if size > most:
            raise TooLarge
        kept.append(part)
    return b"".join(kept)


def _unpacked(parts: Iterable[bytes]) -> Iterator[bytes]:
    inflate = zlib.decompressobj(_GZIP)
    try:
        for part in parts:
            rest = part
            # Zeros after the end are padding; anything else is a further member.
            while rest.strip(b"\0") if inflate.eof else rest:
                if inflate.eof:
                    inflate = zlib.decompressobj(_GZIP)
                yield from _steps(inflate, rest)
                rest = inflate.unused_data
    except zlib.error:
        raise Damaged from None
    if not inflate.eof:
        raise Damaged


def _steps(inflate: zlib._Decompress, packed: bytes) -> Iterator[bytes]:
    """What the bytes hold, a little at a time: a few of them may stand for millions."""
    while True:
        piece = inflate.decompress(packed, _STEP)
        yield piece
        packed = inflate.unconsumed_tail
        if inflate.eof or (not packed and len(piece) < _STEP):
            return
