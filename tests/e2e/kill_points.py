"""What becomes of the reports when the process is killed at one point of its work, and started again?"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.once import for_a_person, half_secret, wrongs
from tests.e2e.support import Ended, Installation, Mock, fill_sqlite, lapor_mock, sql_channel

REPORTS = 30
WORKERS = 2
MOST_UNDER_WAY = 3 * WORKERS
"""Claims that a process can hold at once: no more reports can be in doubt after one kill."""
SYNC = ("sync", "--until-settled")


@dataclass(frozen=True)
class Aftermath:
    """How many of the processes were killed at their point, and what was wrong in the end."""

    kills: int
    wrong: list[str]


def survive(folder: Path, *deaths: tuple[str, int]) -> Aftermath:
    """Send 30 reports with a process that dies at the n-th event of a kind, several in turn, then one that lives."""
    folder.mkdir()
    with lapor_mock() as mock:
        gateway = _installation(folder, mock)
        died = [_dies(gateway, kind, number) for kind, number in deaths]
        last = gateway.cli(*SYNC)
        wrong = [*_unwell(last), *wrongs(gateway, mock, REPORTS), *_undue_doubts(gateway, sum(died))]
    return Aftermath(sum(died), wrong)


def _installation(folder: Path, mock: Mock) -> Installation:
    fill_sqlite(folder / "sumber.db", half_secret(REPORTS))
    # This LAPOR files within milliseconds, so that it may be asked soon.
    lapor = {"workers": WORKERS, "in_doubt_wait": "0.5s"}
    made = Installation(folder, mock.url, [sql_channel("sqlite:///sumber.db")], lapor)
    made.init()
    return made


def _dies(gateway: Installation, kind: str, number: int) -> bool:
    """Whether the process came to that event; if not, it has done everything."""
    ended = gateway.module("tests.e2e.dying", kind, str(number), "--", *SYNC)
    assert ended.status in (0, -signal.SIGKILL), ended.said
    return ended.status != 0


def _unwell(last: Ended) -> Iterator[str]:
    if last.status != 0 or "unexpected" in last.said or "Traceback" in last.said:
        yield f"the last run ended with {last.status}: {last.said}"


def _undue_doubts(gateway: Installation, kills: int) -> Iterator[str]:
    """Doubts that no kill explains: whoever leaves everything to people files nothing twice either."""
    asked = for_a_person(gateway)
    if len(asked) > kills * MOST_UNDER_WAY:
        yield f"after {kills} kills, {len(asked)} reports wait for a person"
