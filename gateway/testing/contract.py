"""What must every connector do, ours or a third party's?

To test a connector, say how its source is filled and spoilt, and inherit:

    class MySource(RowSource):          # gateway.testing.source: about eight short methods
        connector = "mine"
        mapping = "webform"
        ...

    class TestMine(KeyedContract):      # or IdentityContract, or ConnectorContract where nothing can be edited
        @pytest.fixture
        def source(self, tmp_path):
            return MySource(tmp_path)

with `pytest_plugins = ["gateway.testing.fixtures"]` in `conftest.py`. Each promise is shown twice: of the connector
alone, and through the gateway's real `collect` with a real state. `FilesContract` and `ReplierContract` beside it are
for what only some connectors can do. docs/write-a-connector.md has it all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from gateway.testing.alone import Alone
from gateway.testing.collected import Collected
from gateway.testing.looking import listed, opened, read
from gateway.testing.round import Gateway, codes
from gateway.testing.source import Complaint, RowSource, complaint, complaints


class ConnectorContract(Alone, Collected):
    """The promises of any connector. A subclass defines the fixture `source`."""


class KeyedContract(ConnectorContract):
    """The promises of sources whose records have a key of their own and can be edited."""

    def test_an_edit_changes_the_version_but_not_the_key(self, gateway: Gateway, source: RowSource) -> None:
        source.add(*complaints(1, 2))
        with opened(gateway) as connector:
            before = read(connector, listed(connector)[0])
        source.rewrite(2, _edited(complaint(2)))
        with opened(gateway) as connector:
            after = read(connector, listed(connector)[0])
        assert set(before) == set(after)
        assert sum(before[key].version != after[key].version for key in before) == 1

    def test_an_edit_is_followed_while_the_report_is_unsent(self, gateway: Gateway, source: RowSource) -> None:
        source.add(*complaints(1, 2))
        gateway.collect()
        edited = _edited(complaint(2))
        source.rewrite(2, edited)
        result = gateway.collect()
        assert (result.counts["edited"], result.counts["new"]) == (1, 0)
        assert [row["mapped"]["content"] for row in gateway.reports()] == [complaint(1).text, edited.text]
        assert {row["stage"] for row in gateway.reports()} == {"queued"}
        assert [event["detail"]["when"] for event in gateway.events("source_edited")] == ["before_sending"]
        assert gateway.collect().counts["edited"] == 0

    def test_an_edit_after_sending_is_only_noted(self, gateway: Gateway, source: RowSource) -> None:
        source.add(complaint(1))
        gateway.collect()
        gateway.accept(1)
        before = gateway.reports()
        source.rewrite(1, _edited(complaint(1)))
        gateway.collect()
        assert gateway.reports() == before
        assert [event["detail"]["when"] for event in gateway.events("source_edited")] == ["after_sending"]
        assert gateway.collect().counts["edited"] == 0

    @pytest.mark.parametrize("sent", ["unsent", "sent"])
    def test_a_reused_key_is_a_second_record_for_a_person(self, gateway: Gateway, source: RowSource, sent: str) -> None:
        source.add(complaint(1))
        gateway.collect()
        if sent == "sent":
            gateway.accept(1)
        (first,) = gateway.reports()
        source.rewrite(1, complaint(6))
        gateway.collect()
        old, new = gateway.reports()
        assert old == first
        _assert_held(new, "key_reused")
        assert new["mapped"]["content"] == complaint(6).text
        assert new["external_id"] != old["external_id"]
        gateway.collect()
        assert gateway.reports() == [old, new]

    def test_an_edit_under_a_reused_key_belongs_to_the_second_record(self, gateway: Gateway, source: RowSource) -> None:
        source.add(complaint(1))
        gateway.collect()
        source.rewrite(1, complaint(6))
        gateway.collect()
        source.rewrite(1, _edited(complaint(6)))
        gateway.collect()
        old, new = gateway.reports()
        assert old["mapped"]["content"] == complaint(1).text
        assert new["mapped"]["content"] == _edited(complaint(6)).text
        _assert_held(new, "key_reused")


class IdentityContract(ConnectorContract):
    """The promises of sources without a key: rows are told apart by what they say."""

    def test_equal_rows_are_one_record(self, gateway: Gateway, source: RowSource) -> None:
        source.add(complaint(1), replace(complaint(1), number=2), complaint(3))
        with opened(gateway) as connector:
            assert len(read(connector, listed(connector)[0])) == 2

    @pytest.mark.parametrize("sent", ["unsent", "sent"])
    def test_an_edited_row_is_held(self, gateway: Gateway, source: RowSource, sent: str) -> None:
        source.add(*complaints(1, 2))
        gateway.collect()
        if sent == "sent":
            gateway.accept(2)
        before = gateway.reports()
        source.rewrite(2, _edited(complaint(2)))
        gateway.collect()
        *old, new = gateway.reports()
        assert old == before
        _assert_held(new, "row_edited")
        assert new["mapped"]["content"] == _edited(complaint(2)).text
        assert gateway.collect().counts["new"] == 0

    def test_another_row_is_not_taken_for_an_edited_one(self, gateway: Gateway, source: RowSource) -> None:
        source.add(*complaints(1, 2))
        gateway.collect()
        source.remove(2)
        source.add(complaint(3))
        gateway.collect()
        assert [row["stage"] for row in gateway.reports()] == ["queued"] * 3

    def test_a_row_edited_after_its_absence_is_held(self, gateway: Gateway, source: RowSource) -> None:
        source.add(*complaints(1, 2))
        gateway.collect()
        source.remove(2)
        source.add(complaint(3))
        gateway.collect()
        source.add(_edited(complaint(2)))
        gateway.collect()
        new = gateway.reports()[-1]
        _assert_held(new, "row_edited")

    def test_a_row_that_came_back_and_is_then_edited_is_held(self, gateway: Gateway, source: RowSource) -> None:
        source.add(*complaints(1, 2))
        gateway.collect()
        source.remove(2)
        source.add(complaint(3))
        gateway.collect()
        source.add(complaint(2))
        gateway.collect()
        source.rewrite(2, _edited(complaint(2)))
        gateway.collect()
        new = gateway.reports()[-1]
        _assert_held(new, "row_edited")


def _edited(one: Complaint) -> Complaint:
    """The same complaint with a typo put right."""
    return replace(one, text=one.text.replace("a", "e", 1) + " Mohon segera.")


def _assert_held(report: Mapping[str, Any], code: str) -> None:
    """The mapping's own checks may find further reasons."""
    assert report["stage"] == "held"
    assert code in codes(report)
