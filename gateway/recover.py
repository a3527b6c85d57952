"""How is a lost or restored state put in step with LAPOR again, so that nothing is filed twice?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.config import Config
from gateway.desk import utc_now
from gateway.lapor.errors import Unavailable
from gateway.lapor.port import Complaint, Lapor
from gateway.lapor.statuses import canonical
from state import recovery, targets
from state.database import Store
from state.recovery import Sighting


@dataclass(frozen=True, slots=True)
class Recovered:
    """What `recover` found: reports in LAPOR's lists with an external_id, those adopted, and those held."""

    seen: int
    adopted: int
    held: int


def recover(config: Config, store: Store, lapor: Lapor) -> Recovered:
    """Read everything that LAPOR's lists show and adopt what is ours. Raises LaporError; it may be repeated.

    A LAPOR that cannot be read proves nothing: whatever the lost state may have sent is held.
    """
    now = utc_now()
    recovery.begin_recovery(store)
    with store.begin() as tx:
        targets.add(tx, config.lapor.target)
    seen = adopted = 0
    for page in everything(lapor) if lapor.reads else ():
        sightings = [sighting_of(complaint, lapor.target) for complaint in page if complaint.external_id]
        with store.begin() as tx:
            adopted += len(recovery.remember(tx, sightings, now))
        seen += len(sightings)
    held = recovery.declare_recovered(store, now, blind=not lapor.reads)
    return Recovered(seen, adopted, held)


def everything(lapor: Lapor) -> Iterator[Sequence[Complaint]]:
    """All that the lists show, oldest change first, page by page.

    Pages shift while reports change: page 1 is asked again from the last instant seen, and pages are turned only within
    one instant.
    """
    since: str | None = None
    page = 1
    asked: set[tuple[str | None, int]] = set()
    while (since, page) not in asked:
        asked.add((since, page))
        found = lapor.changed(since, page)
        yield found.complaints
        last = found.complaints[-1].updated_text if found.complaints else since
        if page >= found.last and (last == since or found.last == 1):
            return
        since, page = (since, page + 1) if last == since else (last, 1)
    raise Unavailable("bad_answer", "LAPOR's list has no end: it shows the same changes again and again")


def sighting_of(complaint: Complaint, target: str) -> Sighting:
    """A listed report as the state keeps it."""
    status = canonical(complaint.status)
    return Sighting(complaint.external_id or "", target, complaint.tracking_id, complaint.status, status)
