"""Which files go along with a report?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gateway.lapor.port import Document


def sendable(attachments: Sequence[Mapping[str, Any]]) -> Sequence[Document]:
    """What LAPOR gets of the stored attachments."""
    return [
        Document(item["sent"]["name"], item["sent"]["media_type"], Path(item["sent"]["path"]))
        for item in attachments
        if item["sent"] is not None
    ]
