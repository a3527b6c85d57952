"""What does a connector promise by itself?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime

import pytest

from connectors.contract import Connector, ConnectorError, Misconfigured, Unreachable
from gateway.testing.looking import listed, opened, read, texts
from gateway.testing.round import Gateway
from gateway.testing.source import Source, complaint, complaints


class Alone:
    """The promises of a connector that is asked directly."""

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
            for call in (_list, _check):
                with opened(gateway) as connector, pytest.raises(Unreachable) as caught:
                    call(connector)
                told = str(caught.value)
                assert told
                assert "\n" not in told
                assert source.secret is None or source.secret not in told
        with opened(gateway) as connector:
            assert len(listed(connector)[0]) == 2


def _list(connector: Connector) -> None:
    connector.list(None)


def _check(connector: Connector) -> None:
    connector.check()


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
