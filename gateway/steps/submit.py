"""Step 2, submit: send what is queued, each report once, and find out what became of those in doubt.

A report is claimed in one short transaction, sent outside of any, and settled in the next. Threads only talk to LAPOR;
this one alone writes the state, settling what came back and claiming what goes out in the same commit.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from queue import Empty, SimpleQueue

import sqlalchemy as sa

from gateway.desk import Desk, StepResult
from gateway.documents import sendable
from gateway.lapor.errors import LaporError, OutcomeUnknown, Refused, Rejected, Unavailable
from gateway.lapor.port import Lapor, Submission
from gateway.lapor.statuses import canonical
from gateway.steps import backoff, in_doubt
from gateway.steps.again import send_replies
from gateway.steps.breaker import Breaker
from gateway.steps.track import first_look
from mappings.report import Report
from state import deliveries, recovery, replies, targets
from state.deliveries import Accepted, Claim, Later, Outcome, Unknown

_PLAN = 500
_COUNTED = 100
"""Requests after which the day's total is kept; a crash forgets fewer than that."""
_GATHER_SECONDS = 0.05
_AHEAD = 3
"""Claims per thread: one that is being sent, and the next ones, so that no thread waits for a commit."""


def submit(desk: Desk, lapor: Lapor) -> StepResult:
    """One attempt for whatever is due. Never raises for what LAPOR does: the result says it.

    Where a person types the reports, none is claimed: they stay queued for the worksheet.
    """
    result = StepResult()
    if not desk.writer.holds():
        result.fail("failed", "another lapor-gateway has the right to send from this state")
        return result
    with desk.store.begin() as tx:
        # Rounds never overlap: whatever is claimed now was left behind, and may have been sent.
        deliveries.recover(tx, desk.config.lapor.in_doubt_wait, desk.now())
        replies.recover(tx, desk.config.lapor.in_doubt_wait, desk.now())
    breaker = Breaker(desk, lapor, result)
    if not breaker.closed():
        return result
    _count_round(desk)
    try:
        in_doubt.resolve(desk, lapor, breaker, result)
        if lapor.files:
            _Sending(desk, lapor, breaker, result).run()
        send_replies(desk, lapor, breaker, result)
    finally:
        breaker.save()
    return result


def _count_round(desk: Desk) -> None:
    """Before anything is sent: a copy of the state from before this round is then known as older."""
    with desk.store.read() as tx:
        due = deliveries.waiting(tx, desk.now()).due
        due += replies.waiting(tx, desk.config.lapor.target, desk.now())[0]
    if due:
        recovery.count(desk.store)


class _Sending:
    """The sending of one round."""

    def __init__(self, desk: Desk, lapor: Lapor, breaker: Breaker, result: StepResult) -> None:
        self._desk = desk
        self._lapor = lapor
        self._breaker = breaker
        self._result = result
        self._begun = desk.now()
        self._plan: deque[int] = deque()
        self._planned: set[int] = set()
        self._flying = 0
        self._attempts: dict[int, int] = {}
        self._landed: SimpleQueue[tuple[Claim, Future[Outcome]]] = SimpleQueue()

    def run(self) -> None:
        with ThreadPoolExecutor(self._desk.config.lapor.workers, thread_name_prefix="submit") as pool:
            outcomes: Mapping[int, Outcome] = {}
            while True:
                for claim in self._settle_and_claim(outcomes):
                    self._flying += 1
                    pool.submit(self._send, claim).add_done_callback(partial(self._land, claim))
                if not self._flying:
                    return
                outcomes = self._gather()

    def _land(self, claim: Claim, future: Future[Outcome]) -> None:
        self._landed.put((claim, future))

    def _gather(self) -> Mapping[int, Outcome]:
        """The next outcomes, several for one commit; the threads have enough to do meanwhile."""
        deadline = time.monotonic() + _GATHER_SECONDS
        landed = [self._landed.get()]
        while len(landed) < min(self._flying, self._desk.config.lapor.workers * (_AHEAD - 1)):
            try:
                landed.append(self._landed.get(timeout=max(0.0, deadline - time.monotonic())))
            except Empty:
                break
        self._flying -= len(landed)
        return {claim.id: self._result_of(future, claim) for claim, future in landed}

    def _settle_and_claim(self, outcomes: Mapping[int, Outcome]) -> Sequence[Claim]:
        now = self._desk.now()
        with self._desk.store.begin() as tx:
            if outcomes:
                ours = deliveries.still_ours(tx, outcomes, self._attempts)
                self._count(ours, deliveries.settle(tx, ours, now))
                self._breaker.spend(tx, at_least=_COUNTED)
            room = 0 if targets.get(tx, self._lapor.target).paused(now) else self._room()
            return self._claim(tx, room, now) if room > 0 else []

    def _claim(self, tx: sa.Connection, room: int, now: datetime) -> Sequence[Claim]:
        if not self._plan:
            # Due as of the round's beginning, and each once: a report that comes back waits for the next round.
            found = deliveries.due(tx, self._begun, _PLAN)
            self._plan.extend(number for number in found if number not in self._planned)
            self._planned.update(self._plan)
        ids = [self._plan.popleft() for _ in range(min(room, len(self._plan)))]
        claims = deliveries.claim(tx, ids, self._lapor.target, now)
        self._attempts.update((claim.id, claim.attempts) for claim in claims)
        return claims

    def _room(self) -> int:
        """How many more may be claimed: none once the service stops, the lease is lost, or LAPOR does not serve."""
        if self._desk.stop.is_set() or not self._desk.writer.holds():
            return 0
        most = self._desk.config.lapor.workers * _AHEAD
        return min(self._breaker.room(most), most) - self._flying

    def _result_of(self, future: Future[Outcome], claim: Claim) -> Outcome:
        """The outcome; what was not foreseen leaves this one report in doubt, for it may have been sent."""
        error = future.exception()
        if error is None:
            return future.result()
        self._result.fail("partial", f"report {claim.id}: unexpected {type(error).__name__}; please report it")
        return Unknown(claim.sent_at + self._desk.config.lapor.in_doubt_wait, "unforeseen")

    def _send(self, claim: Claim) -> Outcome:
        """Send one report and say what came of it. Runs in a thread; touches no state."""
        documents = sendable(claim.attachments)
        lost = [document.name for document in documents if not document.path.is_file()]
        if lost:
            return deliveries.Rejected([{"code": "attachment_missing", "field": "", "detail": lost[0]}])
        if self._desk.stop.is_set() or not self._desk.writer.holds():
            return Later(self._desk.now(), "stopped")
        try:
            receipt = self._lapor.submit(Submission(claim.external_id, Report.of(claim.values), documents))
        except LaporError as error:
            self._breaker.failed(error)
            return self._outcome(error, claim)
        self._breaker.succeeded()
        look_at = self._desk.now() + first_look(secret=claim.values.get("is_secret") is not False)
        status = receipt.status
        return Accepted(receipt.tracking_id, receipt.transaction_id, status, canonical(status), look_at)

    def _outcome(self, error: LaporError, claim: Claim) -> Outcome:
        settings = self._desk.config.lapor
        match error:
            case Rejected():
                return deliveries.Rejected(_reasons(error))
            case OutcomeUnknown() | Refused(code="redirected"):
                # From now on, not from the claim: it may have waited for its turn before it was sent.
                look_at = self._desk.now() + settings.in_doubt_wait
                return Unknown(look_at if self._lapor.reads else None, error.code)
            case Unavailable(retry_after=timedelta() as wish):
                return Later(self._desk.now() + wish, error.code)
            case Refused():
                return Later(self._desk.now(), error.code)
            case _:
                delay = backoff.wait(claim.attempts, settings.retry_first, settings.retry_max)
                return Later(self._desk.now() + delay, error.code)

    def _count(self, outcomes: Mapping[int, Outcome], collisions: Sequence[deliveries.Settled]) -> None:
        names = {Accepted: "accepted", deliveries.Rejected: "rejected", Later: "postponed", Unknown: "in_doubt"}
        self._result.counts.update(names[type(outcome)] for outcome in outcomes.values())
        if any(isinstance(outcome, deliveries.Rejected) for outcome in outcomes.values()):
            self._result.fail("partial", "LAPOR refused reports: see `lapor-gateway held`")
        for hit in collisions:
            self._result.fail("partial", f"LAPOR gave report {hit.id} the tracking id of report {hit.bound_to}")
        self._desk.progress("submit", self._result.counts.total(), None)


def _reasons(error: Rejected) -> Sequence[Mapping[str, str]]:
    """Every field error of LAPOR's answer, kept in its own words."""
    return [
        {"code": "rejected", "field": field, "detail": text} for field, texts in error.errors.items() for text in texts
    ]
