"""Which words are known where one is not, and which of them was meant?"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any


def known(name: str, words: Sequence[str] | Mapping[str, Any]) -> str:
    """The end of a mistake's sentence: all known words, and the nearest one."""
    near = difflib.get_close_matches(name, list(words), n=1)
    hint = f'; did you mean "{near[0]}"?' if near else ""
    return f"; known are: {', '.join(words)}{hint}"
