"""Do the `[[tests]]` that a mapping carries come out, and is it told where one does not?"""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mappings.examples import differences, examples, mistakes
from mappings.load import PRESETS, build, load, presets

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Makassar")
MAPPING = {
    "fields": {
        "title": {"from": "judul"},
        "content": {"from": "isi"},
        "classification": {"default": "1"},
        "date_of_incident": {"from": "tgl", "then": ["date"]},
        "received_at": {"from": "tgl", "then": ["timestamp"]},
        "reporter_name": {"from": "nama"},
        "reporter_email": {"from": "email", "then": ["email"]},
        "is_secret": {"from": "rahasia", "then": ["yes_no"]},
    }
}
ROW = {"judul": "Jalan rusak", "isi": "Berlubang.", "tgl": "2026-11-02", "nama": "Warga", "email": "w@example.org"}


def told(**example: Any) -> list[str]:
    item = {"name": "contoh", "fields": ROW, **example}
    assert list(mistakes([item])) == []
    mapping = build(MAPPING, Path("ours.toml"))
    return [str(each) for one in examples([item]) for each in differences(mapping, one, ZONE, NOW)]


@pytest.mark.parametrize("name", presets())
def test_every_presets_examples_come_out(name: str) -> None:
    path = PRESETS / f"{name}.toml"
    tests = tomllib.loads(path.read_text(encoding="utf-8"))["tests"]
    assert list(mistakes(tests)) == []
    found = [str(each) for one in examples(tests) for each in differences(load(path), one, ZONE, NOW)]
    assert (found, len(tests) > 0) == ([], True)


def test_what_comes_out_says_nothing() -> None:
    assert told(expect={"title": "Jalan rusak", "date_of_incident": "2026-11-02", "reporter_phone": ""}, holds=[]) == []


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ({"title": "Jalan"}, 'title: expected "Jalan", got "Jalan rusak"'),
        ({"title": ""}, 'title: expected nothing, got "Jalan rusak"'),
        ({"reporter_phone": "+62"}, 'reporter_phone: expected "+62", got nothing'),
        ({"is_secret": True}, "is_secret: expected true, got nothing"),
        ({"received_at": "2026-11-03"}, 'received_at: expected "2026-11-03", got "2026-11-02"'),
    ],
)
def test_each_difference_is_told(expect: dict[str, Any], said: str) -> None:
    assert told(expect=expect) == [said]


def test_a_default_of_the_channel_does_not_make_an_expected_wish_come_true() -> None:
    assert told(expect={"is_secret": False}) == ["is_secret: expected false, got nothing"]


def test_the_reasons_must_be_exactly_those() -> None:
    row = {**ROW, "email": ""}
    assert told(fields=row, holds=["contact_missing"]) == []
    assert told(fields=row, holds=[]) == ["holds: expected no reason, got contact_missing"]
    assert told(holds=["contact_missing"]) == ["holds: expected contact_missing, got no reason"]


def test_a_date_of_toml_is_as_good_as_a_text() -> None:
    assert told(**tomllib.loads("fields = {tgl = 2026-11-02}\nexpect = {date_of_incident = 2026-11-02}")) == []


def item(**changes: Any) -> list[dict[str, Any]]:
    whole = {"name": "a", "fields": {}, "holds": [], **changes}
    return [{name: value for name, value in whole.items() if value is not None}]


@pytest.mark.parametrize(
    ("tests", "place", "text"),
    [
        ({}, ("tests",), "expected tables [[tests]]"),
        ([1], ("tests",), "expected tables [[tests]]"),
        (item(name=None), ("tests", 0, "name"), "expected a text"),
        (item(fields=None), ("tests", 0, "fields"), "expected a table"),
        (item(holds=None), ("tests", 0, "expect"), "expected a table"),
        (item(fields={"x": []}), ("tests", 0, "fields", "x"), "expected a text, a number"),
        (item(expect={"titel": ""}), ("tests", 0, "expect", "titel"), 'mean "title"?'),
        (item(expects={}), ("tests", 0, "expects"), 'mean "expect"?'),
        (item(holds="x"), ("tests", 0, "holds"), "a list of reason codes"),
        (item(received_at="x"), ("tests", 0, "received_at"), "and its offset"),
        (item(received_at="2026-11-02T09:00"), ("tests", 0, "received_at"), "and its offset"),
    ],
)
def test_what_is_no_example_is_named_with_its_place(tests: Any, place: tuple[Any, ...], text: str) -> None:
    [(where, said)] = mistakes(tests)
    assert where == place
    assert text in said
