"""How is a character printed that the font has not got? By its name, for nothing of a report may vanish."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

_MOST_NAMES = 5_000
"""Characters written by name; those behind them by their number, which is shorter."""
_ACCENTS = "\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u065f\u1ab0-\u1aff\u20d0-\u20ff"
_PILE = re.compile(f"([{_ACCENTS}]{{8}})[{_ACCENTS}]+")
"""More than eight accents on one letter are noise, and putting them in order takes time by their square."""
_TAB = "    "


def printable(text: str, known: Container[int]) -> str:
    """The text with line feeds, and of the font's characters alone; `known` holds their code points."""
    text = (
        unicodedata.normalize("NFC", _PILE.sub(r"\1", text))
        .replace("\r\n", "\n")
        .replace("\r", "\n")
        .replace("\t", _TAB)
    )
    strange = sorted({mark for mark in set(text) if mark != "\n" and (ord(mark) not in known or _bare(mark))})
    if not strange:
        return text
    left = _MOST_NAMES

    def written(found: re.Match[str]) -> str:
        nonlocal left
        left -= 1
        return _named(found[1], len(found[0]), left)

    return re.sub(f"([{re.escape(''.join(strange))}])\\1*", written, text)


def _bare(mark: str) -> bool:
    """Whether a font's glyph for it would be a box or nothing."""
    return unicodedata.category(mark) in {"Cc", "Cf", "Cs", "Co", "Cn"}


def _named(mark: str, times: int, left: int) -> str:
    # Joiners and variants only shape their neighbours, which are written by name anyway.
    if unicodedata.category(mark) == "Cf" or unicodedata.name(mark, "").startswith("VARIATION SELECTOR"):
        return ""
    number = f"U+{ord(mark):04X}"
    name = unicodedata.name(mark, number) if left >= 0 else number
    return f"[{name}]" if times == 1 else f"[{name} ×{times}]"
