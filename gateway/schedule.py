"""When does each step run? A small port, so that several instances can later share the work by another scheduler."""

from __future__ import annotations

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
        """Run the job at once, and then at that interval."""
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
    """One process's own schedule, in memory. Late runs are made up once; none is dropped."""

    def __init__(self, threads: int) -> None:
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(threads)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )

    def every(self, name: str, interval: timedelta, job: Callable[[], object]) -> None:
        seconds = max(interval.total_seconds(), 0.1)
        trigger = IntervalTrigger(seconds=seconds, jitter=seconds * _JITTER, timezone=UTC)
        self._scheduler.add_job(job, trigger, id=name, next_run_time=datetime.now(UTC))

    def soon(self, name: str) -> None:
        job = self._scheduler.get_job(name)
        if job is not None:
            job.modify(next_run_time=datetime.now(UTC))

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=True)
