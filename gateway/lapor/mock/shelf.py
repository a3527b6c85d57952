"""Which complaints are there, in the order of their last change, and which carry an external id?"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from gateway.lapor.mock.complaint import Complaint


class Shelf:
    """Complaints by tracking id, always ordered by `updated_at`: a change moves its complaint to the end."""

    def __init__(self) -> None:
        self._complaints: dict[str, Complaint] = {}
        self._tracking_ids: defaultdict[str, list[str]] = defaultdict(list)

    def put(self, complaint: Complaint) -> None:
        if self._complaints.pop(complaint.tracking_id, None) is None:
            self._tracking_ids[complaint.external_id].append(complaint.tracking_id)
        self._complaints[complaint.tracking_id] = complaint

    def get(self, tracking_id: str) -> Complaint | None:
        return self._complaints.get(tracking_id)

    def all(self) -> list[Complaint]:
        return list(self._complaints.values())

    def of(self, external_id: str) -> list[Complaint]:
        """Return the complaints with that external id, oldest change first."""
        found = [self._complaints[one] for one in self._tracking_ids.get(external_id, ())]
        return sorted(found, key=lambda complaint: complaint.updated_at)

    def since(self, instant: datetime) -> list[Complaint]:
        """Return what changed at or after `instant`, oldest first, without walking through all the rest."""
        return list(self._newest_first(instant))[::-1]

    def counts(self) -> dict[str, int]:
        return {external_id: len(tracking_ids) for external_id, tracking_ids in self._tracking_ids.items()}

    def _newest_first(self, instant: datetime) -> Iterator[Complaint]:
        for complaint in reversed(self._complaints.values()):
            if complaint.updated_at < instant:
                return
            yield complaint
