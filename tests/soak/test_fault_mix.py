"""Do 1,000 reports arrive once, or come before a person, through a LAPOR that fails in many ways?"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.mix import MOST_REQUESTS, SHARES, file_through_faults

pytestmark = pytest.mark.soak
REPORTS = 1_000


def test_1000_reports_arrive_once_through_a_mix_of_faults(tmp_path: Path) -> None:
    outcome = file_through_faults(tmp_path, REPORTS)
    assert outcome.wrong == []
    # The mock draws from a seed: only the number of requests varies, and half of what is meant comes surely.
    assert [name for name, share in SHARES.items() if outcome.struck.get(name, 0) < share * REPORTS / 2] == []
    assert outcome.asked > 0
    assert outcome.per_report <= MOST_REQUESTS
