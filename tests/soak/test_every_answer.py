"""Is each piece of news told, under one Message-ID, at whatever request, commit or mail the process dies?"""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from tests.e2e.answer_points import LIFE, Trials, trials
from tests.e2e.dying import KINDS, MAIL_AFTER, MAIL_BEFORE
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink

pytestmark = pytest.mark.soak
ALL_KINDS = (*KINDS, MAIL_BEFORE, MAIL_AFTER)
FEWEST_POINTS = 10
"""Of one stage: a run makes more commits and requests than that."""


@pytest.mark.parametrize("stage", range(len(LIFE)))
def test_killed_at_every_point_the_same_mails_are_sent_and_none_is_missing(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, stage: int
) -> None:
    with trials(tmp_path, dovecot, smtp_sink) as life:
        for before in range(stage):
            life.begin(before)
            life.end()
        life.begin(stage)
        wrong, killed = _kill_everywhere(life)
        life.end()
    assert wrong == {}
    assert killed >= FEWEST_POINTS


def _kill_everywhere(life: Trials) -> tuple[dict[tuple[str, int], list[str]], int]:
    """What was wrong after a kill at each point, and how many kills there were."""
    wrong, killed = {}, 0
    for kind in ALL_KINDS:
        for number in count(1):
            after = life.killed_at(kind, number)
            if after.wrong:
                wrong[kind, number] = after.wrong
            if not after.died:
                break
            killed += 1
    return wrong, killed
