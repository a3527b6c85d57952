"""A process that can be killed: at a drawn point it ends, and nothing more of it reaches the state or LAPOR."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

import sqlalchemy as sa

from gateway.lapor.port import Complaint, FollowUp, Lapor, Page, Receipt, Submission
from state.database import Store

T = TypeVar("T")


class Crash(BaseException):
    """The process is gone. No handler of the product catches it, as none could."""


class Point(StrEnum):
    """Where a process can end so that it makes a difference to anybody else."""

    BEFORE_COMMIT = "before a commit"
    AFTER_COMMIT = "after a commit"
    BEFORE_CALL = "before a request"
    AFTER_CALL = "after a request was carried out"


@dataclass(frozen=True)
class Death:
    """The process ends when it comes to that point for the n-th time."""

    point: Point
    nth: int


class Life:
    """One process's life. Its threads commit and call one at a time: each of these is done, or not, when it ends."""

    def __init__(self) -> None:
        self.over = False
        self._turn = threading.RLock()
        self._death: Death | None = None
        self._left = 0

    def end_at(self, death: Death | None) -> None:
        """Let it end there, or, with None, live."""
        self._death = death
        self._left = death.nth if death else 0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Do something that others can see, alone. Raises Crash where the process is gone."""
        with self._turn:
            self.go_on()
            yield

    def go_on(self) -> None:
        """Raise Crash where the process is gone."""
        if self.over:
            raise Crash

    def reach(self, point: Point) -> None:
        """The process has come to such a point."""
        with self._turn:
            if self._death is not None and self._death.point is point:
                self._left -= 1
                self.over = self.over or self._left == 0
            self.go_on()


class MortalStore(Store):
    """An open state as a process sees it that may end."""

    def __init__(self, store: Store, life: Life) -> None:
        super().__init__(store.engine, store.where)
        self._life = life

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        with self._life.turn():
            with super().begin() as tx:
                yield tx
                self._life.reach(Point.BEFORE_COMMIT)
            self._life.reach(Point.AFTER_COMMIT)

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        self._life.go_on()
        with super().read() as tx:
            yield tx


class MortalLapor:
    """LAPOR as a process sees it that may end: LAPOR itself lives on, with what it has carried out."""

    def __init__(self, lapor: Lapor, life: Life) -> None:
        self.target = lapor.target
        self.reads = lapor.reads
        self.files = lapor.files
        self._lapor = lapor
        self._life = life
        self._made = 0

    def submit(self, submission: Submission) -> Receipt:
        return self._call(lambda: self._lapor.submit(submission))

    def find(self, external_id: str) -> Sequence[Complaint]:
        return self._call(lambda: self._lapor.find(external_id))

    def changed(self, since: str | None, page: int) -> Page:
        return self._call(lambda: self._lapor.changed(since, page))

    def complaint(self, tracking_id: str) -> Complaint | None:
        return self._call(lambda: self._lapor.complaint(tracking_id))

    def followups(self, tracking_id: str) -> Sequence[FollowUp]:
        return self._call(lambda: self._lapor.followups(tracking_id))

    def reply(self, tracking_id: str, text: str, external_id: str) -> None:
        return self._call(lambda: self._lapor.reply(tracking_id, text, external_id))

    def check(self) -> str:
        return self._call(self._lapor.check)

    def requests_made(self) -> int:
        return self._made

    def close(self) -> None:
        return None

    def _call(self, request: Callable[[], T]) -> T:
        with self._life.turn():
            self._life.reach(Point.BEFORE_CALL)
            self._made += 1
            try:
                return request()
            finally:
                # An answer that nobody is left to read: the error in it is lost as well.
                self._life.reach(Point.AFTER_CALL)
