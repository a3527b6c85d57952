"""When does each step run? A small port, so that several instances can later share the work by another scheduler."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

_JITTER = 0.1


class Schedule(Protocol):
    """Runs jobs at intervals, each job never twice at once."""

    def every(self, name: str, interval: timedelta, job: Callable[[], object]) -> None:
        """Run the job at once, and then at that interval. It tells of its own failures, and raises nothing."""
        ...

    def soon(self, name: str) -> None:
        """Run the named job now, as soon as it is not running."""
        ...

    def start(self) -> None:
        """Begin."""
        ...

    def stop(self) -> None:
        """Start no more jobs, and wait for those that run."""
        ...


class LocalSchedule:
    """One process's own schedule, in memory. Late runs are made up once; none that was wanted `soon` is dropped."""

    def __init__(self, threads: int) -> None:
        # Of two instances the second only sees that the first one runs.
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(threads)},
            job_defaults={"coalesce": True, "max_instances": 2, "misfire_grace_time": None},
            timezone=UTC,
        )
        self._turns: dict[str, _Turns] = {}

    def every(self, name: str, interval: timedelta, job: Callable[[], object]) -> None:
        seconds = max(interval.total_seconds(), 0.1)
        trigger = IntervalTrigger(seconds=seconds, jitter=seconds * _JITTER, timezone=UTC)
        self._turns[name] = _Turns(job)
        self._scheduler.add_job(self._turns[name].run, trigger, id=name, next_run_time=datetime.now(UTC))

    def soon(self, name: str) -> None:
        job = self._scheduler.get_job(name)
        if job is not None and not self._turns[name].follow():
            job.modify(next_run_time=datetime.now(UTC))

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        for turns in self._turns.values():
            turns.end()
        self._scheduler.shutdown(wait=True)


class _Turns:
    """Runs a job in one thread at a time, and once more for whoever wanted that meanwhile."""

    def __init__(self, job: Callable[[], object]) -> None:
        self._job = job
        self._lock = threading.Lock()
        self._running = self._again = self._ended = False

    def follow(self) -> bool:
        """Whether the job runs, and will run again then."""
        with self._lock:
            self._again = self._running
            return self._running

    def end(self) -> None:
        """No more turns."""
        with self._lock:
            self._ended = True

    def run(self) -> None:
        """Run the job, unless it runs already."""
        wanted = True
        while wanted and self._begin():
            try:
                self._job()
            finally:
                wanted = self._finish()

    def _begin(self) -> bool:
        with self._lock:
            free = not self._running
            self._running = True
            return free

    def _finish(self) -> bool:
        with self._lock:
            wanted = self._again and not self._ended
            self._running = self._again = False
            return wanted
