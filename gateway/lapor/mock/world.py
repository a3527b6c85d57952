"""What has happened in the mock's LAPOR so far, and what happens next?"""

import heapq
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

from gateway.lapor.mock import life
from gateway.lapor.mock.arrival import FIRST_ID, ID_STEP, new_complaint
from gateway.lapor.mock.clock import Clock, iso, parse_instant
from gateway.lapor.mock.complaint import Complaint, dump, load
from gateway.lapor.mock.course import Life, Step, next_step
from gateway.lapor.mock.intake import Form, Intake
from gateway.lapor.mock.journal import Journal, open_journal
from gateway.lapor.mock.seeds import Seeds, load_seeds
from gateway.lapor.mock.shelf import Shelf

AT_ONCE = timedelta()


class Instant(Enum):
    """When a change happens: at an instant of its own, or on purpose at the very instant of the change before."""

    OWN = "own"
    SHARED = "shared"


class UnknownComplaintError(Exception):
    """No complaint has that tracking id (or it is not committed yet)."""


@dataclass(frozen=True)
class Pending:
    """A complaint that was taken in but is committed only at `due`; no reader sees it before."""

    due: datetime
    complaint: Complaint


class World:
    """All complaints and the clock. Every public call first lets happen what is due, and may come from any thread."""

    def __init__(self, clock: Clock, seeds: Seeds, journal: Journal, seed: int, mode: Life) -> None:
        self.clock = clock
        self.seeds = seeds
        self.seed = seed
        self.mode = mode
        self._journal = journal
        self._shelf = Shelf()
        self._pending: dict[str, Pending] = {}
        # (due, tracking id, its updated_at then): an entry whose complaint has changed since is stale.
        self._agenda: list[tuple[datetime, str, datetime]] = []
        self._next_number = FIRST_ID
        self._lock = threading.RLock()
        for entry in journal.entries():
            self._restore(entry)
        self._plan_all()

    def create(self, form: Form, delay: timedelta) -> Complaint:
        """Check the form and file it; with a delay it is committed that much later by the mock's clock.

        Two calls with the same external_id make two complaints. Raises InvalidError with all field errors.
        """
        Intake(form, self.seeds, self.clock.today()).check()
        return self.take(form, delay)

    def take(self, form: Form, delay: timedelta) -> Complaint:
        """File a form that has been checked, as `create` does."""
        with self._turn() as now:
            complaint = new_complaint(form, self.seeds, self._next_number, self.seed, now)
            self._next_number += ID_STEP
            if delay > AT_ONCE:
                self._postpone(Pending(now + delay, complaint))
                return complaint
            return self._commit(complaint, now)

    def get(self, tracking_id: str) -> Complaint:
        """Return one complaint, a secret one too, or raise UnknownComplaintError."""
        with self._turn():
            return self._known(tracking_id)

    def of(self, external_id: str) -> list[Complaint]:
        """Return all complaints with that external id, oldest change first."""
        with self._turn():
            return self._shelf.of(external_id)

    def since(self, instant: datetime | None) -> list[Complaint]:
        """Return what changed at or after the instant, or everything, oldest change first."""
        with self._turn():
            return self._shelf.all() if instant is None else self._shelf.since(instant)

    def reply(self, tracking_id: str, text: str, external_id: str) -> Complaint:
        """Add the reporter's own reply and return the complaint; raises UnknownComplaintError."""
        return self.act(tracking_id, "reply", {"text": text, "external_id": external_id}, Instant.OWN)

    def act(self, tracking_id: str, action: str, params: life.Params, instant: Instant) -> Complaint:
        """Do one of life.ACTIONS; raises UnknownComplaintError, or ValueError for a wrong action or parameter."""
        with self._turn() as now:
            at = self.clock.last_stamp if instant is Instant.SHARED else now
            return self._change(self._known(tracking_id), Step(at, action, params), instant)

    def advance(self, span: timedelta) -> datetime:
        """Move the clock forward, let happen in order what falls due on the way, and return the new time."""
        with self._turn():
            now = self.clock.advance(span)
            self._journal.append({"kind": "clock", "offset": self.clock.offset.total_seconds()})
            self._settle()
            return now

    def live(self, mode: Life) -> None:
        """Switch between a life by hand and one that runs by itself."""
        with self._turn():
            self.mode = mode
            self._plan_all()

    def counts(self) -> dict[str, int]:
        """Return the number of complaints by external id: secret ones and those still to be committed count too."""
        with self._turn():
            waiting = Counter(one.complaint.external_id for one in self._pending.values())
            return dict(Counter(self._shelf.counts()) + waiting)

    def everything(self) -> list[dict[str, Any]]:
        """Return all complaints with all that is known, reporters included; `pending` marks the uncommitted."""
        with self._turn():
            kept = [{**dump(one), "pending": False} for one in self._shelf.all()]
            return kept + [{**dump(one.complaint), "pending": True} for one in self._pending.values()]

    def close(self) -> None:
        self._journal.close()

    @contextmanager
    def _turn(self) -> Iterator[datetime]:
        with self._lock:
            self._settle()
            yield self.clock.now()

    def _known(self, tracking_id: str) -> Complaint:
        complaint = self._shelf.get(tracking_id)
        if complaint is None:
            raise UnknownComplaintError(tracking_id)
        return complaint

    def _settle(self) -> None:
        now = self.clock.now()
        while self._agenda and self._agenda[0][0] <= now:
            due, tracking_id, version = heapq.heappop(self._agenda)
            if tracking_id in self._pending:
                self._commit(self._pending.pop(tracking_id).complaint, due)
            else:
                self._live_on(self._known(tracking_id), version, now)

    def _live_on(self, complaint: Complaint, version: datetime, now: datetime) -> None:
        step = next_step(complaint, self.mode, self.seed)
        if step is not None and complaint.updated_at == version and step.due <= now:
            self._change(complaint, step, Instant.OWN)

    def _commit(self, complaint: Complaint, at: datetime) -> Complaint:
        stamp = self.clock.stamp(at)
        return self._keep(replace(complaint, received_at=stamp, updated_at=stamp))

    def _postpone(self, pending: Pending) -> None:
        self._pending[pending.complaint.tracking_id] = pending
        self._journal.append({"kind": "pending", "due": iso(pending.due), "complaint": pending.complaint})
        self._plan(pending.complaint, pending.due)

    def _change(self, complaint: Complaint, step: Step, instant: Instant) -> Complaint:
        seed = f"{self.seed}:{complaint.tracking_id}:{len(complaint.followups)}"
        # Try it out before taking a stamp, so that a refused action leaves no trace.
        life.act(complaint, step.action, life.Scene(step.due, self.seeds, step.params, seed))
        at = step.due if instant is Instant.SHARED else self.clock.stamp(step.due)
        changed = life.act(complaint, step.action, life.Scene(at, self.seeds, step.params, seed))
        return self._keep(replace(changed, updated_at=at))

    def _keep(self, complaint: Complaint) -> Complaint:
        self._journal.append({"kind": "complaint", "complaint": complaint})
        self._shelf.put(complaint)
        self._plan_next(complaint)
        return complaint

    def _plan_all(self) -> None:
        for complaint in self._shelf.all():
            self._plan_next(complaint)

    def _plan_next(self, complaint: Complaint) -> None:
        step = next_step(complaint, self.mode, self.seed)
        if step is not None:
            self._plan(complaint, step.due)

    def _plan(self, complaint: Complaint, due: datetime) -> None:
        heapq.heappush(self._agenda, (due, complaint.tracking_id, complaint.updated_at))

    def _restore(self, entry: dict[str, Any]) -> None:
        if entry["kind"] == "clock":
            self.clock.offset = timedelta(seconds=entry["offset"])
            return
        complaint = load(entry["complaint"])
        self._next_number = max(self._next_number, int(complaint.tracking_id) + ID_STEP)
        if entry["kind"] == "pending":
            pending = Pending(parse_instant(entry["due"]), complaint)
            self._pending[complaint.tracking_id] = pending
            self._plan(complaint, pending.due)
        else:
            self._pending.pop(complaint.tracking_id, None)
            self._shelf.put(complaint)
            self.clock.last_stamp = max(self.clock.last_stamp, complaint.updated_at)


def open_world(data: Path | None, seed: int, mode: Life, clock: Clock) -> World:
    """Return the world kept in a data file (made when missing), or a new one in memory for None."""
    with ExitStack() as until_open:
        journal = open_journal(data)
        until_open.callback(journal.close)
        world = World(clock, load_seeds(), journal, seed, mode)
        until_open.pop_all()
    return world
