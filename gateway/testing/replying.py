"""What must a connector promise that carries answers to where the citizen wrote?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest

from connectors.contract import Answer, News, Replier, Unanswerable, Unreachable
from gateway.testing.round import NOW, Gateway
from gateway.testing.source import AnsweredSource, complaint, complaints

WORDS = "Petugas menuju lokasi: 100% \"siap\" -- 'aman'; terima kasih."


def answer(record: Mapping[str, Any], number: int = 1) -> Answer:
    """A follow-up to a record of the state; another `number` makes another answer."""
    words = f"{WORDS} ({record['id']}.{number})"
    return Answer(
        id=f"uji{record['id']}x{number}",
        news=News.FOLLOW_UP,
        key=record["key"],
        locator=record["locator"],
        fields=record["fields"],
        tracking_id=f"100000{record['id']}",
        status="in_progress",
        status_text="Terdisposisi Sedang Diproses",
        previous=None,
        at=NOW,
        url=f"https://lapor.test/100000{record['id']}",
        subject="Tindak lanjut laporan Anda",
        text=words,
        words=words,
        responder="Dinas Perhubungan",
        secret=False,
        to="warga@example.org",
    )


@contextmanager
def replying(gateway: Gateway) -> Iterator[Replier]:
    """A fresh connector to answer with, closed at the end."""
    connector = gateway.connector()
    try:
        assert isinstance(connector, Replier), "it lacks carries, tells or write_back"
        yield connector
    finally:
        connector.close()


def _bring(gateway: Gateway, *answers: Answer) -> None:
    """Each with a connector of its own, as after a restart."""
    for one in answers:
        with replying(gateway) as connector:
            connector.write_back(one)


class ReplierContract:
    """To be inherited beside `ConnectorContract` or one of its kind; `source` is an `AnsweredSource`."""

    def test_it_says_what_it_carries(self, gateway: Gateway) -> None:
        with replying(gateway) as connector:
            assert connector.carries
            assert connector.tells <= connector.carries

    def test_each_answer_stands_there_once_however_often_it_is_brought(
        self, gateway: Gateway, source: AnsweredSource
    ) -> None:
        source.add(*complaints(1, 2))
        gateway.collect()
        answers = [answer(record) for record in gateway.records()]
        _bring(gateway, *answers)
        told, place = source.told(), source.snapshot()
        _bring(gateway, *answers)
        assert [sum(one.words in text for text in told) for one in answers] == [1, 1]
        assert (source.told(), source.snapshot()) == (told, place)

    def test_answers_are_no_complaints_and_no_edits(self, gateway: Gateway, source: AnsweredSource) -> None:
        source.add(*complaints(1, 2))
        gateway.collect()
        before = gateway.reports()
        _bring(gateway, *(answer(record) for record in gateway.records()))
        result = gateway.collect()
        assert (result.outcome, result.counts["new"], result.counts["edited"]) == ("ok", 0, 0)
        assert gateway.reports() == before

    def test_all_that_it_carries_can_be_brought(self, gateway: Gateway, source: AnsweredSource) -> None:
        source.add(complaint(1))
        gateway.collect()
        (record,) = gateway.records()
        with replying(gateway) as connector:
            for number, news in enumerate(sorted(connector.carries), start=1):
                silent = news in {News.RECEIVED, News.FORWARDED, News.STATUS}
                one = answer(record, number)
                connector.write_back(replace(one, news=news, words="" if silent else one.words))

    def test_nothing_is_said_of_a_secret_report(self, gateway: Gateway, source: AnsweredSource) -> None:
        source.add(complaint(1))
        gateway.collect()
        plain = answer(gateway.records()[0])
        _bring(gateway, replace(plain, secret=True, words="", responder="", url=None, text="Ada kabar dari LAPOR."))
        told = " ".join(source.told())
        assert not [word for word in (complaint(1).text, complaint(1).name, complaint(1).email) if word in told]

    def test_an_answer_waits_while_the_source_is_down(self, gateway: Gateway, source: AnsweredSource) -> None:
        source.add(complaint(1))
        gateway.collect()
        one = answer(gateway.records()[0])
        with source.outage(), pytest.raises(Unreachable) as caught:
            _bring(gateway, one)
        assert "\n" not in str(caught.value)
        assert not [word for word in (WORDS, source.secret) if word and word in str(caught.value)]
        _bring(gateway, one)
        assert sum(one.words in text for text in source.told()) == 1

    def test_an_answer_whose_record_has_no_place_is_brought_or_left_to_a_person(
        self, gateway: Gateway, source: AnsweredSource
    ) -> None:
        source.add(complaint(1))
        gateway.collect()
        with suppress(Unanswerable):
            _bring(gateway, replace(answer(gateway.records()[0]), locator=None))

    def test_the_gateway_brings_lapors_number_once(self, gateway: Gateway, source: AnsweredSource) -> None:
        with replying(gateway) as connector:
            if News.FORWARDED not in connector.carries:
                pytest.skip("it does not tell that a report was forwarded")
        source.add(complaint(1))
        gateway.collect()
        gateway.reply()
        gateway.accept(1)
        assert gateway.reply().outcome == "ok"
        assert sum("LAPOR-1" in text for text in source.told()) == 1
        told = source.told()
        gateway.reply()
        assert source.told() == told
