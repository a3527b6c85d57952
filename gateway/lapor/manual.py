"""How is profile `manual` of the wire contract served? A person types the reports; this LAPOR is never called.

Reports stay queued until `worksheet` has laid them out and `bind` has said under which number LAPOR has them. Statuses
come back with LAPOR's admin export, answers are pasted.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import NoReturn

from gateway.lapor.errors import Refused
from gateway.lapor.port import Complaint, FollowUp, Page, Receipt, Submission
from gateway.lapor_settings import LaporSettings


class LaporManual:
    """A LAPOR that is reached by a person alone. Nothing here makes a request."""

    files = False
    reads = False

    def __init__(self, settings: LaporSettings, _stop: threading.Event) -> None:
        self.target = settings.target

    def submit(self, submission: Submission) -> Receipt:
        self._refuse()

    def find(self, external_id: str) -> Sequence[Complaint]:
        self._refuse()

    def changed(self, since: str | None, page: int) -> Page:
        self._refuse()

    def complaint(self, tracking_id: str) -> Complaint | None:
        self._refuse()

    def followups(self, tracking_id: str) -> Sequence[FollowUp]:
        self._refuse()

    def reply(self, tracking_id: str, text: str, external_id: str) -> None:
        self._refuse()

    def check(self) -> str:
        return (
            f"{self.target}: nothing is sent to it or asked of it. Queued reports wait to be typed: `worksheet` lays "
            "them out, `bind` takes LAPOR's numbers, `import-export` brings statuses, `answer` the agency's answers"
        )

    def requests_made(self) -> int:
        return 0

    def close(self) -> None:
        return None

    def _refuse(self) -> NoReturn:
        raise Refused("typed_by_hand", f"{self.target}: a person types the reports, nothing is sent or read")
