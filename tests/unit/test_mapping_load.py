"""Is every mistake in a mapping file named at once, with the words that are known?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mappings.load import MappingError, build, find, load, presets


def mistakes(content: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(MappingError) as caught:
        build(content, Path("own.toml"))
    return {mistake.key: mistake.text for mistake in caught.value.mistakes}


def field(**spec: Any) -> dict[str, Any]:
    return {"fields": {"title": spec}}


def test_every_mistake_is_told_at_once() -> None:
    found = mistakes(
        {
            "field": {},
            "fields": {
                "titel": {"from": "judul"},
                "title": {"form": "judul", "default": "x"},
                "content": {"from": "isi", "lines": {"": "isi"}},
                "source": {"then": ["strip_htm"], "from": 7},
                "location_id": "6472",
                "category_id": {},
            },
            "hold": {"shorter": 3, "contains": "judi"},
        }
    )
    assert set(found) == {
        "field",
        "fields.titel",
        "fields.title.form",
        "fields.content",
        "fields.source.then",
        "fields.source.from",
        "fields.location_id",
        "fields.category_id",
        "hold.shorter",
        "hold.contains",
    }


@pytest.mark.parametrize(
    ("content", "key", "known", "meant"),
    [
        ({"fields": {"titel": {"default": "x"}}}, "fields.titel", "location_id", '"title"'),
        (field(default="x", lokup={}), "fields.title.lokup", "lines", '"lookup"'),
        (field(default="x", then=["strip_htm"]), "fields.title.then", "headline", '"strip_html"'),
        ({"hold": {"contain": ["x"]}}, "hold.contain", "requires", '"contains"'),
        ({"hold": {"requires": ["titel"]}}, "hold.requires", "location_id", '"title"'),
    ],
)
def test_an_unknown_word_lists_the_known_ones_and_the_nearest(
    content: dict[str, Any], key: str, known: str, meant: str
) -> None:
    text = mistakes(content)[key]
    assert known in text
    assert f"did you mean {meant}" in text


@pytest.mark.parametrize(
    "step",
    [
        "truncate",
        {"truncate": "255"},
        {"truncate": True},
        {"truncate": 0},
        {"headline": -5},
        {"one_line": 3},
        {"date": [1]},
        {"date": []},
        {"date": 7},
        {"phone": "Indonesia"},
        {"yes_no": ["ya"]},
        {"yes_no": {"ya": ["x"]}},
        {"yes_no": {"yes": "ya"}},
        {"yes_no": {"yes": [1]}},
        {"one_line": None, "lower": None},
        7,
    ],
)
def test_an_argument_that_would_fail_only_at_run_time_is_a_mistake(step: Any) -> None:
    assert "fields.title.then" in mistakes(field(**{"from": "x", "then": [step]}))


@pytest.mark.parametrize(
    "step", [{"truncate": 9}, "headline", {"headline": 9}, {"date": "%d"}, {"date": ["%d", "unix"]}, {"phone": "MY"}]
)
def test_a_good_argument_is_none(step: Any) -> None:
    assert build(field(**{"from": "x", "then": [step]}), Path("own.toml")).states("title")


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ({"fields": []}, "fields"),
        ({"hold": []}, "hold"),
        ({"hold": {"shorter_than": True}}, "hold.shorter_than"),
        ({"hold": {"contains": [1]}}, "hold.contains"),
        ({"hold": {"contains": [""]}}, "hold.contains"),
        (field(**{"from": ["a", 1]}), "fields.title.from"),
        (field(lines={"": 1}), "fields.title.lines"),
        (field(lines=["a"]), "fields.title.lines"),
        (field(**{"from": "a", "lookup": ["a"]}), "fields.title.lookup"),
        (field(**{"from": "a", "lookup": {"a": ["b"]}}), "fields.title.lookup"),
        (field(default=["a"]), "fields.title.default"),
        (field(**{"from": "a", "then": "date"}), "fields.title.then"),
    ],
)
def test_a_wrong_shape_is_a_mistake(content: dict[str, Any], key: str) -> None:
    assert key in mistakes(content)


@pytest.mark.parametrize("spec", [{"default": "tidak"}, {"default": 0}, {"from": "x", "lookup": {"ya": "ya"}}])
def test_secrecy_results_are_true_or_false_and_no_words(spec: dict[str, Any]) -> None:
    assert any("true or false" in text for text in mistakes({"fields": {"is_secret": spec}}).values())


@pytest.mark.parametrize("step", [{"truncate": 3000}, "headline"])
def test_no_mapping_may_cut_a_citizens_words(step: Any) -> None:
    assert "never cut" in mistakes({"fields": {"content": {"from": "isi", "then": [step]}}})["fields.content.then"]


def test_a_missing_file_names_the_presets(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="presets are: contact-form-7, email, form-mailer, portal, spreadsheet, "):
        load(tmp_path / "webfrom.toml")


@pytest.mark.parametrize("content", [b"[fields", b"\xff\xfe", b"a = 1\na = 2"])
def test_a_file_that_is_no_toml_is_said_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "own.toml").write_bytes(content)
    with pytest.raises(MappingError, match="not valid TOML"):
        load(tmp_path / "own.toml")


def test_a_file_of_ones_own_lies_beside_the_configuration(tmp_path: Path) -> None:
    assert find("mappings/ours.toml", tmp_path) == tmp_path / "mappings" / "ours.toml"
    assert find(str(tmp_path / "x.toml"), Path("/etc")) == tmp_path / "x.toml"
    for name in presets():
        assert load(find(name, tmp_path)).name == name
