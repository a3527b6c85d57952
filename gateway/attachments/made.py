"""In which shape do those who decode a file hand over what they made of it?"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    ArithmeticError,
    RuntimeError,
    EOFError,
    AssertionError,
    struct.error,
    zlib.error,
)
"""What libraries raise over damaged files; of a missing file the one who asked knows before."""


class Refused(Exception):
    """LAPOR cannot be given this file; `why` is a code of `reasons.REASONS`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Made:
    """A file that LAPOR takes."""

    content: bytes
    media_type: str
    why: str = ""
    position: tuple[float, float] | None = None
    """Latitude and longitude in degrees, WGS 84."""
    decoration: bool = False
