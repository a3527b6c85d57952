"""What does a TOML text say, where it can be read at all, in a time that its length explains?"""

from __future__ import annotations

import re
import tomllib
from typing import Any

DEEPEST = 100
"""Parts of a dotted key."""
_NAME = r"(?:(?<![A-Za-z0-9_-])[A-Za-z0-9_-]++|\"[^\"\n]*+\"|'[^'\n]*+')"
_CHAIN = re.compile(rf"(?:{_NAME}[ \t]*+\.[ \t]*+){{{DEEPEST}}}")
"""The standard parser takes the square of a dotted key's length, and Python cannot print what comes of it."""
TOO_DEEP = "it is nested too deeply to be read"


def parse(text: str) -> dict[str, Any]:
    """The text's tables. Raises ValueError with what is wrong, and where it is the parser that tells, at which line."""
    if _CHAIN.search(text):
        raise ValueError(TOO_DEEP)
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError(TOO_DEEP) from None
