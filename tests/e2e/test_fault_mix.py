"""Do reports arrive once, or come before a person, through a LAPOR that fails in many ways? `tests/soak` sends more."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.mix import MOST_REQUESTS, file_through_faults

REPORTS = 150


def test_each_report_arrives_once_through_a_mix_of_faults(tmp_path: Path) -> None:
    outcome = file_through_faults(tmp_path, REPORTS)
    assert outcome.wrong == []
    assert outcome.struck["201"] < 0.9 * sum(outcome.struck.values()), "too few faults to prove anything"
    assert outcome.asked > 0
    assert outcome.per_report <= MOST_REQUESTS
