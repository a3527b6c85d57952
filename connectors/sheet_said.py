"""What does an answer say in the gateway's columns of a sheet?"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from connectors.contract import Answer, News, Scalar
from connectors.sheet_book import Value
from connectors.sheet_options import WriteBack

_LONGEST = 32_000
"""A cell holds 32,767 UTF-16 units."""
_UNWRITABLE = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def said(answer: Answer, settings: WriteBack, timezone: ZoneInfo) -> Mapping[str, Value]:
    """The cells by their headings. What the answer does not say is not there: the cell stays as it is."""
    tracking_id, status, follow_up, date, url = settings.columns.headings()
    told: dict[str, Value] = {
        tracking_id: _clean(answer.tracking_id or ""),
        status: word(answer.status, settings) or _clean(answer.status_text),
        follow_up: _clean(answer.words),
        url: _clean(answer.url or ""),
    }
    if answer.words or answer.news is News.FOLLOW_UP:
        told[date] = answer.at.astimezone(timezone).replace(second=0, microsecond=0, tzinfo=None)
    return {name: value for name, value in told.items() if value != ""}


def word(status: str | None, settings: WriteBack) -> str:
    """The agency's own word for a canonical status; empty where it has none."""
    words: Mapping[str, str] = {str(name): text for name, text in settings.status.items()}
    return _clean(words.get(status or "", ""))


def copied(value: Scalar) -> Value:
    """A source's cell as another sheet shows it; empty text for nothing."""
    if isinstance(value, bool) or (isinstance(value, float) and not math.isfinite(value)):
        return str(value)
    return _clean(value) if isinstance(value, str) else value if value is not None else ""


def _clean(text: str) -> str:
    """The text as a cell can hold it: one kind of line break, no control characters, not too long."""
    text = _UNWRITABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    units = text.encode("utf-16-le")
    if len(units) <= 2 * _LONGEST:
        return text
    return units[: 2 * _LONGEST].decode("utf-16-le", "ignore") + " …"
