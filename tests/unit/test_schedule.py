"""Does each job run when it is wanted: never twice at once, and never not at all?"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from gateway.schedule import LocalSchedule

HOUR = timedelta(hours=1)
PATIENCE = 20.0


class Job:
    """Waits in each turn until it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.let_go = threading.Semaphore(0)
        self.ended = threading.Semaphore(0)
        self.at_once = self.most_at_once = 0

    def __call__(self) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.begun.release()
        assert self.let_go.acquire(timeout=PATIENCE)
        self.at_once -= 1
        self.ended.release()


@contextmanager
def scheduled(job: Job, interval: timedelta) -> Iterator[LocalSchedule]:
    schedule = LocalSchedule(4)
    schedule.every("kerja", interval, job)
    schedule.start()
    try:
        yield schedule
    finally:
        job.let_go.release(100)
        schedule.stop()


def test_what_is_wanted_while_it_runs_runs_once_more() -> None:
    job = Job()
    with scheduled(job, HOUR) as schedule:
        assert job.begun.acquire(timeout=PATIENCE)
        for _ in range(3):
            schedule.soon("kerja")
        assert not job.begun.acquire(timeout=0.3)
        job.let_go.release(2)
        assert job.begun.acquire(timeout=PATIENCE)
        assert not job.begun.acquire(timeout=0.3)


def test_what_is_wanted_at_rest_runs_at_once() -> None:
    job = Job()
    with scheduled(job, HOUR) as schedule:
        job.let_go.release(2)
        assert job.ended.acquire(timeout=PATIENCE)
        schedule.soon("kerja")
        assert job.ended.acquire(timeout=PATIENCE)


def test_a_job_that_takes_longer_than_its_interval_never_runs_twice_at_once() -> None:
    job = Job()
    with scheduled(job, timedelta(seconds=0.1)) as schedule:
        for _ in range(5):
            assert job.begun.acquire(timeout=PATIENCE)
            schedule.soon("kerja")
            assert not job.begun.acquire(timeout=0.3)
            job.let_go.release()
    assert job.most_at_once == 1


def test_the_end_waits_for_what_runs_and_starts_nothing_more() -> None:
    job, schedule = Job(), LocalSchedule(4)
    schedule.every("kerja", HOUR, job)
    schedule.start()
    try:
        assert job.begun.acquire(timeout=PATIENCE)
        schedule.soon("kerja")
        ending = threading.Thread(target=schedule.stop)
        ending.start()
        ending.join(0.3)
        assert ending.is_alive()
        job.let_go.release()
        ending.join(PATIENCE)
        assert not ending.is_alive()
        assert not job.begun.acquire(timeout=0.3)
    finally:
        job.let_go.release(9)
