"""May LAPOR be asked now? A circuit breaker over its failures, its wishes and the daily limit, kept in the state."""

from __future__ import annotations

import threading
from datetime import timedelta
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from gateway.desk import Desk, StepResult
from gateway.lapor.errors import LaporError, Refused, Rejected
from gateway.lapor.port import Lapor
from gateway.steps import backoff
from state import targets

_FAILURES_IN_A_ROW = 8
"""So many that a LAPOR which fails every third request is still served: it would reach five every few hundred."""
_BOOKING = threading.Lock()
_BOOKED: WeakKeyDictionary[Lapor, int] = WeakKeyDictionary()
"""Requests of each client that are in the day's total: submitting and tracking share it, each counted once."""


class Breaker:
    """Closed, everything is sent. Open, nothing is, until a time; then one request probes."""

    def __init__(self, desk: Desk, lapor: Lapor, result: StepResult) -> None:
        self._desk = desk
        self._lapor = lapor
        self._result = result
        self._lock = threading.Lock()
        self._in_a_row = 0
        self._open: LaporError | None = None
        self._latest: LaporError | None = None
        self._served = 0
        with desk.store.begin() as tx:
            targets.add(tx, lapor.target)
            self._state = targets.get(tx, lapor.target)
            self._spent = targets.spent(tx, lapor.target, self._today())
        self._probing = self._state.failures > 0

    def closed(self) -> bool:
        """Whether anything may be asked in this round; the result tells if not."""
        if self._state.paused(self._desk.now()):
            self._tell_pause()
            return False
        if self._left() <= 0:
            self._result.fail("partial", f"the limit of {self._desk.config.lapor.per_day} requests a day is reached")
            self._result.problems.append({"where": "LAPOR", "code": "per_day", "detail": ""})
            return False
        return True

    def _tell_pause(self) -> None:
        if self._state.by_person:
            self._result.message = "paused by a person; `lapor-gateway resume lapor` ends that"
            return
        if self._state.until_resumed:
            text = "another gateway files under the same id: look into it, then `lapor-gateway resume lapor`"
            self._result.fail("failed", text)
            self._result.problems.append({"where": "LAPOR", "code": self._state.pause_reason, "detail": ""})
            return
        until = self._state.paused_until or self._desk.now()
        local = until.astimezone(self._desk.config.gateway.timezone)
        self._result.fail("failed", f"LAPOR is left alone until {local:%Y-%m-%d %H:%M:%S}: {self._state.pause_reason}")
        self._result.problems.append({"where": "LAPOR", "code": self._state.pause_reason, "detail": ""})

    def room(self, most: int) -> int:
        """How many requests may be under way at once now."""
        with self._lock:
            if self._open is not None:
                return 0
            return min(1 if self._probing else most, self._left())

    def succeeded(self) -> None:
        """LAPOR served a request."""
        with self._lock:
            self._in_a_row = 0
            self._served += 1
            self._probing = False

    def failed(self, error: LaporError) -> None:
        """LAPOR did not serve a request. A refused token opens at once, other failures when nothing else succeeds."""
        if error.code == "stopped":
            return
        if isinstance(error, Rejected):
            self.succeeded()
            return
        with self._lock:
            self._in_a_row += 1
            self._latest = error
            if isinstance(error, Refused) or self._probing or self._in_a_row >= _FAILURES_IN_A_ROW:
                self._open = self._open or error

    def spend(self, tx: sa.Connection, at_least: int = 1) -> None:
        """Count the requests made since the last time towards the daily limit, once there are so many."""
        with _BOOKING:
            made, booked = self._lapor.requests_made(), _BOOKED.get(self._lapor, 0)
            if made - booked < at_least:
                return
            _BOOKED[self._lapor] = made
        self._spent = targets.spend(tx, self._lapor.target, self._today(), made - booked)

    def save(self) -> None:
        """Keep what this round learned, for the next ones and other processes."""
        with self._desk.store.begin() as tx:
            self.spend(tx)
            if self._open is not None:
                targets.pause(tx, self._lapor.target, self._desk.now() + self._pause(), self._open.code)
                self._result.fail("failed", str(self._open))
                problem = {"where": "LAPOR", "code": self._open.code, "detail": ""}
                self._result.problems += [problem] if problem not in self._result.problems else []
            elif self._state.failures and not self._probing:
                targets.resume(tx, self._lapor.target)
        if self._latest is not None and self._open is None:
            self._result.fail("partial" if self._served else "failed", str(self._latest))

    def _pause(self) -> timedelta:
        settings = self._desk.config.lapor
        wish = getattr(self._open, "retry_after", None)
        jittered = backoff.wait(self._state.failures + 1, settings.retry_first, settings.retry_max)
        return max(wish or timedelta(0), jittered)

    def _left(self) -> int:
        under_way = self._lapor.requests_made() - _BOOKED.get(self._lapor, 0)
        return self._desk.config.lapor.per_day - self._spent - under_way

    def _today(self) -> str:
        return self._desk.now().astimezone(self._desk.config.gateway.timezone).date().isoformat()
