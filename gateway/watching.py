"""Which channels can tell that something is new, and how does that start a round at once?"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from connectors.contract import ChannelContext, Connector, ConnectorError, Misconfigured, Watcher
from gateway.config import Channel
from gateway.desk import Desk
from gateway.log import logger

_FIRST_PAUSE = 5.0
_LONGEST_PAUSE = 300.0
_STEADY = 60.0
"""Seconds. A connection that held for so long had ended the outage before it."""


class Bells:
    """Which channels were told of something new. A bell rings on until a round begins after it.

    After a round that failed it rings again, later and later: news is not left to the next round by the clock.
    """

    def __init__(self, channels: Sequence[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._bells: Mapping[str, threading.Event] = {name: threading.Event() for name in channels}
        self._clock = clock
        self._later: dict[str, tuple[float, Iterator[float]]] = {}
        """When a bell rings again, by the clock, and the pauses after that."""

    def ring(self, channel: str) -> None:
        """Something new may be there. From any thread; a second time before the round begins changes nothing."""
        self._bells[channel].set()

    def answer(self, channel: str) -> bool:
        """A round begins: it will see what has come so far. Returns whether anything had."""
        rang = self._bells[channel].is_set() or channel in self._later
        self._bells[channel].clear()
        return rang

    def answered(self, channel: str, *, well: bool) -> None:
        """The round for that bell has ended, well or not."""
        _, pauses = self._later.pop(channel, (0.0, None))
        if not well:
            pauses = pauses or _pauses()
            self._later[channel] = (self._clock() + next(pauses), pauses)

    def ringing(self) -> Sequence[str]:
        """The channels that wait for a round. One whose round is under way stays among them until the next."""
        now = self._clock()
        again = {name for name, (moment, _) in tuple(self._later.items()) if moment <= now}
        return [name for name, bell in self._bells.items() if bell.is_set() or name in again]


def watch_channels(desk: Desk, bells: Bells) -> None:
    """Watch every channel that can be watched, each in a thread that ends with the service."""
    for channel in desk.config.channels:
        connector = _opened(channel, desk)
        if connector is not None:
            arguments = (connector, channel.name, bells, desk.stop)
            threading.Thread(target=_watch, args=arguments, name=f"watch {channel.name}", daemon=True).start()


def _watch(connector: Connector, channel: str, bells: Bells, stop: threading.Event) -> None:
    try:
        if isinstance(connector, Watcher) and connector.watches:
            _keep_watching(connector, channel, partial(bells.ring, channel), stop)
    finally:
        connector.close()


def _opened(channel: Channel, desk: Desk) -> Connector | None:
    context = ChannelContext(channel.name, desk.config.gateway.timezone, desk.config.gateway.spool)
    try:
        return channel.factory(channel.options, context)
    except ConnectorError:
        # Collecting meets the same, and says so.
        return None


def _keep_watching(watcher: Watcher, channel: str, ring: Callable[[], None], stop: threading.Event) -> None:
    """Watch until told to stop, through outages. What a person must change is told by collecting."""
    pauses = _pauses()
    told = False
    while not stop.is_set():
        begun = time.monotonic()
        try:
            watcher.watch(ring, stop)
        except Misconfigured:
            return
        except ConnectorError as error:
            if time.monotonic() - begun > _STEADY:
                pauses, told = _pauses(), False
            if not told:
                logger().info("watch", channel=channel, outcome="failed", message=str(error))
                told = True
            stop.wait(next(pauses))
        else:
            return


def _pauses() -> Iterator[float]:
    """Growing, and no two channels in step: a server that comes back is not met by all at once."""
    pause = _FIRST_PAUSE
    while True:
        yield pause * random.uniform(0.75, 1.0)
        pause = min(pause * 2, _LONGEST_PAUSE)
