"""Is each report filed exactly once, wherever the process dies? A sample; `tests/soak` takes every point."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.e2e.dying import COMMIT_AFTER, COMMIT_BEFORE, KINDS, REQUEST_AFTER, REQUEST_BEFORE
from tests.e2e.kill_points import REPORTS, survive

PARTS = 1
# A whole run asks for LAPOR's list at its beginning and its end. It makes nine commits until it sends, and at least
# eight while it sends; those after them keep what LAPOR's list says of one report each.
POINTS = {
    REQUEST_BEFORE: REPORTS + 2,
    REQUEST_AFTER: REPORTS + 2,
    COMMIT_BEFORE: 17,
    COMMIT_AFTER: 17,
}


def drawn(kind: str) -> list[int]:
    """A point of each part of a run, which begins with collecting and ends with sending."""
    chance, size = random.Random(kind), -(-POINTS[kind] // PARTS)
    return [chance.randint(part * size + 1, min((part + 1) * size, POINTS[kind])) for part in range(PARTS)]


@pytest.mark.parametrize(("kind", "number"), [(kind, number) for kind in KINDS for number in drawn(kind)])
def test_killed_at_drawn_points_each_report_is_filed_once(tmp_path: Path, kind: str, number: int) -> None:
    after = survive(tmp_path / "run", (kind, number))
    assert after.kills == 1, "it ended before its point"
    assert after.wrong == []
