"""Does a hint start a round, none get lost, and an outage get told once?"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from itertools import islice

import pytest
from structlog.testing import capture_logs

from connectors.contract import Misconfigured, Unreachable
from gateway.watching import _LONGEST_PAUSE, Bells, _keep_watching, _pauses


class Quick(threading.Event):
    """A stop signal whose waits take no time, and are counted."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout)
        return self.is_set()


class Script:
    """A source that does one thing after another when it is watched, and then tells the service to stop."""

    watches = True

    def __init__(self, stop: threading.Event, fates: Sequence[Exception | None]) -> None:
        self._stop = stop
        self._fates = list(fates)

    def watch(self, news: Callable[[], None], stop: threading.Event) -> None:
        if not self._fates:
            self._stop.set()
            return
        news()
        fate = self._fates.pop(0)
        if fate is not None:
            raise fate


def test_a_bell_rings_until_a_round_begins() -> None:
    bells = Bells(["surat", "hotline"])
    bells.ring("surat")
    bells.ring("surat")
    assert (bells.ringing(), bells.ringing()) == (["surat"], ["surat"])
    bells.answer("surat")
    assert bells.ringing() == []
    bells.ring("surat")
    assert bells.ringing() == ["surat"]


def test_a_bell_rings_again_after_a_round_that_failed() -> None:
    now = [0.0]
    bells = Bells(["surat"], clock=lambda: now[0])
    bells.ring("surat")
    for _ in range(3):
        assert bells.answer("surat")
        bells.answered("surat", well=False)
        assert bells.ringing() == []
        now[0] += _LONGEST_PAUSE
        assert bells.ringing() == ["surat"]
    assert bells.answer("surat")
    bells.answered("surat", well=True)
    now[0] += _LONGEST_PAUSE
    assert bells.ringing() == []
    assert not bells.answer("surat")


def test_an_outage_is_told_once_and_watching_goes_on() -> None:
    stop = Quick()
    rung: list[int] = []
    script = Script(stop, [Unreachable("IMAP server x does not answer")] * 5)
    with capture_logs() as told:
        _keep_watching(script, "surat", lambda: rung.append(1), stop)
    assert len(rung) == len(stop.waits) == 5
    assert [(one["event"], one["channel"], one["outcome"]) for one in told] == [("watch", "surat", "failed")]


@pytest.mark.parametrize("fate", [Misconfigured("no"), None], ids=["misconfigured", "cannot tell"])
def test_what_a_person_must_change_or_cannot_be_watched_is_left_to_polling(fate: Exception | None) -> None:
    stop = Quick()
    with capture_logs() as told:
        _keep_watching(Script(stop, [fate]), "surat", lambda: None, stop)
    assert (told, stop.waits, stop.is_set()) == ([], [], False)


def test_pauses_grow_to_five_minutes_and_differ() -> None:
    pauses = list(islice(_pauses(), 12))
    assert 3.75 <= pauses[0] <= 5
    assert all(_LONGEST_PAUSE * 0.75 <= pause <= _LONGEST_PAUSE for pause in pauses[-5:])
    assert len(set(pauses)) == 12
