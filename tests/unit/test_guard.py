"""When does a source look so different that a person must say it is right?"""

from __future__ import annotations

from typing import Any

import pytest

from gateway.guard import objection

ASKED = frozenset({"id", "isi", "baru"})
BEFORE = {"columns": ["id", "isi"], "rows": 100}


@pytest.mark.parametrize(
    "now",
    [
        {"columns": ["id", "isi"], "rows": 100},
        {"columns": ["id", "isi", "baru"], "rows": 50_000},
        {"columns": ["isi", "id"], "rows": 50},
        {"rows": 99},
        {},
    ],
)
def test_growth_and_small_changes_pass(now: dict[str, Any]) -> None:
    assert objection(BEFORE, now, ASKED) is None


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({"columns": ["id"], "rows": 100}, "lost the column isi"),
        ({"columns": ["id", "isi"], "rows": 49}, "shrunk from 100 to 49"),
        ({"columns": ["id", "isi"], "rows": 0}, "shrunk from 100 to 0"),
    ],
)
def test_a_lost_column_and_a_sudden_fall_stop_the_channel(now: dict[str, Any], said: str) -> None:
    assert said in str(objection(BEFORE, now, ASKED))


def test_a_source_of_a_few_rows_may_be_emptied() -> None:
    assert objection({"columns": ["id"], "rows": 9}, {"columns": ["id"], "rows": 0}, ASKED) is None


def test_a_first_look_has_nothing_to_compare() -> None:
    assert objection(None, BEFORE, ASKED) is None


def test_a_column_that_nobody_asks_for_may_go() -> None:
    before = {"columns": ["Catatan", "Isi"], "rows": 100}
    assert objection(before, {"columns": ["Isi"], "rows": 100}, ASKED) is None
    assert "lost the column Isi" in str(objection(before, {"columns": ["Catatan"], "rows": 100}, ASKED))
