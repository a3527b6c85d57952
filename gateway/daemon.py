"""How does the gateway run as a service? It schedules the steps until it is told to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from gateway.config import Channel
from gateway.desk import Desk
from gateway.lapor.port import Lapor
from gateway.log import logger
from gateway.schedule import LocalSchedule, Schedule
from gateway.watching import Bells, watch_channels
from gateway.work import audit_daily, collect_channel, reply_channel, submit_due, tidy_spool, track_changes, verify

_SUBMIT = "submit"
_SPARE_THREADS = 3
_DAILY = timedelta(days=1)
_LISTENING_SECONDS = 1.0
"""Several mails at once make one round."""


def serve(desk: Desk, lapor: Lapor) -> None:
    """Run until the desk is told to stop; then end at the next safe point. Raises StateError for a damaged state."""
    verify(desk)
    schedule: Schedule = LocalSchedule(len(desk.config.channels) * 2 + _SPARE_THREADS)
    bells = Bells([channel.name for channel in desk.config.channels])
    plan(desk, lapor, schedule, bells)
    schedule.start()
    watch_channels(desk, bells)
    logger().info("started", channels=[channel.name for channel in desk.config.channels])
    while not desk.stop.wait(_LISTENING_SECONDS):
        for name in bells.ringing():
            schedule.soon(_collecting(name))
    schedule.stop()
    logger().info("stopped")


def plan(desk: Desk, lapor: Lapor, schedule: Schedule, bells: Bells) -> None:
    """Enter every step: channels at their own intervals, sending and tracking at LAPOR's."""
    settings = desk.config.lapor
    for channel in desk.config.channels:
        collecting = partial(_collect, desk, channel, schedule, bells)
        schedule.every(_collecting(channel.name), channel.settings.every, collecting)
        schedule.every(f"reply {channel.name}", channel.settings.every, _unless_stopped(desk, reply_channel, channel))
    # Before the first sending LAPOR's list is read once: what an earlier state has sent is adopted, not sent again.
    tracked = threading.Event()
    submitting = _unless_stopped(desk, submit_due, lapor)
    schedule.every(_SUBMIT, settings.submit_every, lambda: submitting() if tracked.is_set() else None)
    schedule.every("audit", _DAILY, lambda: None if desk.stop.is_set() else audit_daily(desk))
    schedule.every("tidy", _DAILY, lambda: None if desk.stop.is_set() else tidy_spool(desk))
    schedule.every("track", settings.track_every, partial(_track, desk, lapor, schedule, tracked))


def _track(desk: Desk, lapor: Lapor, schedule: Schedule, tracked: threading.Event) -> None:
    if desk.stop.is_set():
        return
    track_changes(desk, lapor)
    if not tracked.is_set():
        tracked.set()
        schedule.soon(_SUBMIT)


def _collecting(channel: str) -> str:
    return f"collect {channel}"


def _collect(desk: Desk, channel: Channel, schedule: Schedule, bells: Bells) -> None:
    if desk.stop.is_set():
        return
    rang = bells.answer(channel.name)
    result = collect_channel(desk, channel)
    if rang:
        bells.answered(channel.name, well=result.outcome == "ok")
    if result.counts["queued"] and not desk.stop.is_set():
        schedule.soon(_SUBMIT)


def _unless_stopped(desk: Desk, step: Callable[..., object], subject: object) -> Callable[[], None]:
    def job() -> None:
        if not desk.stop.is_set():
            step(desk, subject)

    return job
