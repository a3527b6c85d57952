"""Can a value in LAPOR's answer be a tracking id, and a text be kept?"""

from __future__ import annotations

import re
from typing import Any


def is_tracking_id(value: Any) -> bool:
    """Whether it can be one: the contract says 7 to 15 digits; other words for a number pass, sentences do not."""
    is_one = isinstance(value, str | int) and not isinstance(value, bool)
    return is_one and re.fullmatch(r"[A-Za-z0-9._-]{1,40}", str(value).strip()) is not None


def clean(text: Any) -> str:
    """A text that every database can keep: without NUL and halves of characters."""
    return str(text).replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
