"""Does every reason become a whole sentence in both languages?"""

from __future__ import annotations

import pytest

from gateway.texts import EVENTS, FIELD_NAMES, REASONS, STAGES, in_english, in_indonesian
from mappings.load import TARGETS
from state.lifecycle import Disposition, Stage


@pytest.mark.parametrize("code", sorted(REASONS))
def test_a_reason_is_a_sentence_with_nothing_left_to_fill_in(code: str) -> None:
    for detail in ("", "3001 > 3000"):
        for field in ("", "content"):
            for said in (
                in_indonesian({"code": code, "field": field, "detail": detail}),
                in_english({"code": code, "detail": detail}),
            ):
                assert said
                assert not any(mark in said for mark in ("{", "}", "()", "  "))
                assert said == said.strip(" :")
                assert not any(gap in said for gap in (" :", " ;", "( ", '""'))


def test_fields_are_named_in_the_readers_language() -> None:
    reason = {"code": "field_missing", "field": "reporter_name", "detail": ""}
    assert (in_indonesian(reason), in_english(reason)) == ("nama pelapor kosong", "reporter_name is empty")


def test_in_a_history_a_code_alone_is_a_sentence_too() -> None:
    assert in_indonesian({"code": "too_short", "field": "content"}) == "isi laporan terlalu pendek"
    assert in_indonesian({"code": "likely_double"}).startswith("mungkin ganda dari laporan: pelapornya sama")


def test_an_http_status_needs_no_entry_and_a_third_partys_code_stands_for_itself() -> None:
    assert in_indonesian({"code": "http_503"}) == "LAPOR menjawab HTTP 503"
    assert in_english({"code": "quota_full", "detail": "9"}) == "quota_full 9"
    assert in_english({}) == ""


def test_braces_in_a_detail_are_letters() -> None:
    assert "{field}" in in_english({"code": "word_found", "field": "content", "detail": "{field}"})


def test_every_field_stage_and_disposition_has_a_name() -> None:
    assert set(FIELD_NAMES) == set(TARGETS)
    assert {str(stage) for stage in (*Stage, *Disposition)} <= set(STAGES) <= set(EVENTS)
