"""Is each report filed exactly once, at whatever request or commit the process dies?"""

from __future__ import annotations

import random
from itertools import count
from pathlib import Path

import pytest

from tests.e2e.dying import KINDS
from tests.e2e.kill_points import REPORTS, survive

pytestmark = pytest.mark.soak
SURVIVORS = 3
"""Runs without a kill after which no later point is tried: threads make some runs a commit or two longer."""
CRASH_LOOPS = 12
CRASHES = 4


@pytest.mark.parametrize("kind", KINDS)
def test_killed_at_every_point_each_report_is_filed_once(tmp_path: Path, kind: str) -> None:
    killed, survived, wrong = 0, 0, {}
    for number in count(1):
        after = survive(tmp_path / str(number), (kind, number))
        killed, survived = killed + after.kills, 0 if after.kills else survived + 1
        if after.wrong:
            wrong[number] = after.wrong
        if survived == SURVIVORS:
            break
    assert wrong == {}
    assert killed >= REPORTS, "a run has more points than that"


@pytest.mark.parametrize("seed", range(CRASH_LOOPS))
def test_killed_again_while_recovering_each_report_is_filed_once(tmp_path: Path, seed: int) -> None:
    """The process that mends what a kill left behind is killed too, and so on."""
    chance = random.Random(seed)
    deaths = [(chance.choice(KINDS), chance.randrange(1, 20)) for _ in range(CRASHES)]
    after = survive(tmp_path / "run", *deaths)
    assert after.wrong == [], deaths
    assert after.kills >= 2, "the kills came too late to prove anything"
