"""Does a first round that is interrupted still end as it began, whatever the source?"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.round import Gateway
from tests.contract.sheet_source import KEY, SheetSource
from tests.contract.source import complaint, complaints
from tests.contract.suite import MANY


@pytest.fixture
def source(tmp_path: Path) -> SheetSource:
    return SheetSource(tmp_path / "rekap.csv", KEY)


@pytest.fixture
def starts_now(tmp_path: Path, source: SheetSource, empty_state: Path) -> Gateway:
    """A gateway whose channel starts "now": whatever is there already is never sent."""
    folder = tmp_path / "now"
    folder.mkdir()
    return Gateway(folder, source, empty_state, start="now")


def test_history_is_not_sent_when_the_first_round_breaks_off(starts_now: Gateway, source: SheetSource) -> None:
    source.add(*complaints(*range(MANY)))
    starts_now.collect_broken(after=250)
    starts_now.collect()
    source.add(complaint(MANY))
    starts_now.collect()
    assert [row["mapped"]["content"] for row in starts_now.reports()] == [complaint(MANY).text]


def test_history_is_not_sent_when_the_first_round_is_stopped(starts_now: Gateway, source: SheetSource) -> None:
    source.add(*complaints(*range(MANY)))
    starts_now.collect_stopped(after=50)
    starts_now.collect()
    source.add(complaint(MANY))
    starts_now.collect()
    assert [row["mapped"]["content"] for row in starts_now.reports()] == [complaint(MANY).text]
