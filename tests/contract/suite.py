"""What must every connector do, ours or a third party's?

To test a connector, say how its source is filled and spoilt, and inherit:

    class MySource(RowSource):          # tests/contract/source.py: about eight short methods
        connector = "mine"
        mapping = "webform"
        ...

    class TestMine(KeyedContract):      # or IdentityContract, or ConnectorContract where nothing can be edited
        @pytest.fixture
        def source(self, tmp_path):
            return MySource(tmp_path)

Each promise is shown twice: of the connector alone, and through the gateway's real `collect` with a real state.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from connectors.contract import Connector, ConnectorError, Cursor, Entry, Misconfigured, SourceRecord, Unreachable
from tests.contract.round import Gateway, codes
from tests.contract.source import FIRST, Complaint, RowSource, Source, complaint, complaints

MANY = 260
"""More than one of the step's batches of 200, so that an interruption leaves some records known and others not."""


@contextmanager
def opened(gateway: Gateway, changes: Mapping[str, object] | None = None) -> Iterator[Connector]:
    """A fresh connector, closed at the end."""
    connector = gateway.connector(changes)
    try:
        yield connector
    finally:
        connector.close()


def listed(connector: Connector, cursor: Cursor | None = None) -> tuple[list[Entry], Cursor | None]:
    """All pages of a round and the cursor to save, which travels as JSON as it does through the state."""
    entries: list[Entry] = []
    for _ in range(1_000):
        listing = connector.list(cursor)
        cursor = json.loads(json.dumps(listing.cursor))
        entries += listing.entries
        if not listing.more:
            return entries, cursor
    raise AssertionError("the listing never ends")


def read(connector: Connector, entries: Sequence[Entry]) -> dict[str, SourceRecord]:
    """The entries' records by key."""
    records = list(connector.read([entry.locator for entry in entries]))
    by_key = {record.key: record for record in records}
    assert len(by_key) == len(records), "two records share a key"
    return by_key


def texts(records: Mapping[str, SourceRecord]) -> str:
    """Everything that records say, as one text to look into."""
    return json.dumps([dict(record.fields) for record in records.values()], ensure_ascii=False)


class ConnectorContract:
    """The promises of any connector. A subclass defines the fixture `source`."""

    # The connector alone

    def test_every_record_is_listed_and_read_once(self, gateway: Gateway, source: Source) -> None:
        source.add(*complaints(1, 2, 3))
        with opened(gateway) as connector:
            entries, _ = listed(connector)
            records = read(connector, entries)
        assert len({entry.locator for entry in entries}) == 3
        assert {record.locator for record in records.values()} == {entry.locator for entry in entries}
        for one in complaints(1, 2, 3):
            assert sum(one.text in texts({key: record}) for key, record in records.items()) == 1

    def test_versions_in_listing_and_record_agree(self, gateway: Gateway, source: Source) -> None:
        source.add(*complaints(1, 2, 3))
        with opened(gateway) as connector:
            entries, _ = listed(connector)
            versions = {record.locator: record.version for record in read(connector, entries).values()}
        assert all(entry.version in (None, versions[entry.locator]) for entry in entries)

    def test_records_are_made_of_what_the_state_can_keep(self, gateway: Gateway, source: Source) -> None:
        source.add(complaint(1))
        with opened(gateway) as connector:
            (record,) = read(connector, listed(connector)[0]).values()
        assert json.loads(json.dumps(dict(record.fields))) == dict(record.fields)
        moment = record.received_at
        assert moment is None or isinstance(moment, date)
        assert not isinstance(moment, datetime) or moment.utcoffset() is not None

    def test_keys_are_the_same_again_and_from_a_fresh_connector(self, gateway: Gateway, source: Source) -> None:
        source.add(*complaints(1, 2, 3))
        with opened(gateway) as connector:
            first = read(connector, listed(connector)[0])
            again = read(connector, listed(connector)[0])
        with opened(gateway) as fresh:
            later = read(fresh, listed(fresh)[0])
        assert set(first) == set(again) == set(later)
        assert first == later

    def test_locators_outlive_the_connector(self, gateway: Gateway, source: Source) -> None:
        source.add(*complaints(1, 2))
        with opened(gateway) as connector:
            entries, _ = listed(connector)
            records = read(connector, entries)
        with opened(gateway) as fresh:
            assert read(fresh, entries) == records

    def test_a_new_record_is_listed_after_the_saved_cursor(self, gateway: Gateway, source: Source) -> None:
        source.add(*complaints(1, 2))
        with opened(gateway) as connector:
            known, cursor = listed(connector)
        source.add(complaint(3))
        with opened(gateway) as fresh:
            new = [entry for entry in listed(fresh, cursor)[0] if entry not in known]
            (record,) = read(fresh, new).values()
        assert complaint(3).text in texts({record.key: record})

    def test_an_empty_source_lists_nothing(self, gateway: Gateway, source: Source) -> None:
        source.add(complaint(1))
        source.remove(1)
        with opened(gateway) as connector:
            assert listed(connector)[0] == []
            assert list(connector.read([])) == []

    def test_what_vanishes_between_list_and_read_is_left_out(self, gateway: Gateway, source: Source) -> None:
        source.add(*complaints(1, 2, 3))
        with opened(gateway) as connector:
            entries, _ = listed(connector)
        source.remove(2)
        with opened(gateway) as fresh:
            records = read(fresh, entries)
        assert len(records) == 2
        assert complaint(2).text not in texts(records)

    def test_reading_and_checking_change_nothing_at_the_source(self, gateway: Gateway, source: Source) -> None:
        source.add(*complaints(1, 2, 3))
        before = source.snapshot()
        with opened(gateway) as connector:
            assert all(finding.ok for finding in connector.check())
            read(connector, listed(connector)[0])
        assert gateway.collect().outcome == "ok"
        assert source.snapshot() == before

    def test_no_secret_is_shown_with_the_options(self, gateway: Gateway, source: Source) -> None:
        options = gateway.channel.options
        shown = f"{options!r} {options} {options.model_dump()} {options.model_dump_json()} {options.source()}"
        assert source.secret is None or source.secret not in shown
        assert options == gateway.channel.options

    def test_mistakes_are_told_in_one_line_without_secrets(self, gateway: Gateway, source: Source) -> None:
        source.add(complaint(1))
        for name, mistake in source.mistakes().items():
            for told in (_told_by_check(gateway, mistake.options), _told_by_list(gateway, mistake.options)):
                assert all(word in told for word in mistake.words), f"{name}: {told}"
                assert "\n" not in told, f"{name}: {told}"
                assert source.secret is None or source.secret not in told, name

    def test_a_source_that_is_down_is_unreachable(self, gateway: Gateway, source: Source) -> None:
        source.add(*complaints(1, 2))
        with source.outage():
            for call in (lambda c: c.list(None), lambda c: c.check()):
                with opened(gateway) as connector, pytest.raises(Unreachable) as caught:
                    call(connector)
                told = str(caught.value)
                assert told
                assert "\n" not in told
                assert source.secret is None or source.secret not in told
        with opened(gateway) as connector:
            assert len(listed(connector)[0]) == 2

    # Through the gateway

    def test_a_second_round_finds_nothing_new(self, gateway: Gateway, source: Source) -> None:
        source.add(*complaints(1, 2, 3))
        assert gateway.collect().counts["queued"] == 3
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
        assert (new["stage"], codes(new)) == ("held", {"key_reused"})
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
        assert (new["stage"], codes(new)) == ("held", {"key_reused"})


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
        assert (new["stage"], codes(new)) == ("held", {"row_edited"})
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
        assert (new["stage"], codes(new)) == ("held", {"row_edited"})

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
        assert (new["stage"], codes(new)) == ("held", {"row_edited"})


def _edited(one: Complaint) -> Complaint:
    """The same complaint with a typo put right."""
    return replace(one, text=one.text.replace("a", "e", 1) + " Mohon segera.")


def _told_by_check(gateway: Gateway, options: Mapping[str, object]) -> str:
    with opened(gateway, options) as connector:
        try:
            findings = connector.check()
        except (Misconfigured, Unreachable) as error:
            return str(error)
    return "; ".join(finding.text for finding in findings if not finding.ok)


def _told_by_list(gateway: Gateway, options: Mapping[str, object]) -> str:
    with opened(gateway, options) as connector:
        try:
            problems = connector.list(None).problems
        except ConnectorError as error:
            return str(error)
    return "; ".join(f"{problem.where}: {problem.detail}" for problem in problems)
