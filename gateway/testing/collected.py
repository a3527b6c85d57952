"""What does the gateway's own `collect` make of what a connector hands over, also when it is interrupted?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.testing.round import Gateway
from gateway.testing.source import FIRST, Source, complaint, complaints

MANY = 260
"""More than one of the step's batches of 200, so that an interruption leaves some records known and others not."""


class Collected:
    """The promises that show in a real state."""

    def test_a_second_round_finds_nothing_new(self, gateway: Gateway, source: Source) -> None:
        source.add(*complaints(1, 2, 3))
        assert gateway.collect().counts["queued"] == 3, f"held for {gateway.obstacles()}"
        before = gateway.records(), gateway.reports()
        for _ in range(2):
            result = gateway.collect()
            assert (result.outcome, result.counts["new"], result.counts["edited"]) == ("ok", 0, 0)
        assert (gateway.records(), gateway.reports()) == before

    def test_a_round_broken_off_in_the_middle_is_made_up_for(self, gateway: Gateway, source: Source) -> None:
        source.add(*complaints(*range(MANY)))
        assert gateway.collect_broken(after=250).outcome == "failed"
        assert 0 < len(gateway.records()) < MANY
        assert gateway.collect().outcome == "ok"
        self._assert_each_once(gateway)

    def test_a_round_stopped_in_the_middle_is_made_up_for(self, gateway: Gateway, source: Source) -> None:
        source.add(*complaints(*range(MANY)))
        gateway.collect_stopped(after=50)
        assert 0 < len(gateway.records()) < MANY
        assert gateway.collect().outcome == "ok"
        self._assert_each_once(gateway)

    def test_late_and_tied_records_are_found(self, gateway: Gateway, source: Source) -> None:
        source.add(*complaints(3, 4, 6))
        gateway.collect()
        older = complaint(1, received=FIRST - timedelta(days=2))
        tied = complaint(5, received=complaint(6).received)
        source.add(older, tied)
        assert gateway.collect().counts["queued"] == 2
        assert {one.text for one in (older, tied)} <= self._contents(gateway)
        assert gateway.collect().counts["new"] == 0

    def test_an_emptied_source_deletes_nothing_and_may_come_back(self, gateway: Gateway, source: Source) -> None:
        source.add(*complaints(1, 2, 3))
        gateway.collect()
        before = gateway.records(), gateway.reports()
        source.remove(1, 2, 3)
        assert gateway.collect().counts["new"] == 0
        assert gateway.reports() == before[1]
        source.add(*complaints(1, 2, 3))
        assert gateway.collect().counts["new"] == 0
        assert gateway.reports() == before[1]
        assert [row["key"] for row in gateway.records()] == [row["key"] for row in before[0]]

    def test_a_round_with_the_source_down_fails_alone(
        self, gateway: Gateway, source: Source, capfd: pytest.CaptureFixture[str]
    ) -> None:
        source.add(complaint(1))
        gateway.collect()
        before = gateway.records()
        with source.outage():
            result = gateway.collect()
        assert result.outcome == "failed"
        assert "unexpected" not in result.message
        assert "\n" not in result.message
        assert source.secret is None or source.secret not in result.message + "".join(capfd.readouterr())
        assert gateway.records() == before
        source.add(complaint(2))
        assert gateway.collect().counts["queued"] == 1

    def _assert_each_once(self, gateway: Gateway) -> None:
        records, reports = gateway.records(), gateway.reports()
        assert len(records) == len(reports) == MANY
        assert len({row["external_id"] for row in reports}) == MANY
        assert self._contents(gateway) == {one.text for one in complaints(*range(MANY))}
        assert gateway.collect().counts["new"] == 0

    def _contents(self, gateway: Gateway) -> set[str]:
        return {row["mapped"]["content"] for row in gateway.reports()}
