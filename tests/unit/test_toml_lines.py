"""Does a mistake's line number lead to the line where the key stands?"""

from __future__ import annotations

import json
import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.toml_lines import key_lines, nearest_line

NAMES = st.sampled_from(["a", "b", "name", "is-secret", "x_1", '"nama pelapor"', '"a.b"', "'c d'", '""'])
TRICKY = ["x = 1", "[lapor]", "[[channels]]", "# kein", 'a"b', "it's", "[", "}", "", "SELECT * FROM x WHERE y = 'z'"]


def bare(name: str) -> str:
    return name.strip("\"'") if name[0] in "\"'" else name


@st.composite
def value_texts(draw: st.DrawFn) -> str:
    """A value of one line or many, which may look like keys and tables inside."""
    lines = draw(st.lists(st.sampled_from(TRICKY), min_size=1, max_size=3))
    plain = json.dumps(" ".join(lines))
    literal = "\n".join(line.replace("'", "") for line in lines)
    basic = "\n".join(line.replace('"', "") for line in lines)
    array = "[\n  " + ",\n  ".join(json.dumps(line) for line in lines) + ",  # ende ] [\n]"
    table = "{ " + ", ".join(f"k{number} = {json.dumps(line)}" for number, line in enumerate(lines)) + " }"
    forms = ["7", "true", "2026-11-01", plain, f"'''\n{literal}'''", f'"""\n{basic}"""', array, f"[{array}, []]", table]
    return draw(st.sampled_from(forms))


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, dict[tuple[str | int, ...], int]]:
    """A TOML text, and for each key that was written on which line."""
    lines: list[str] = []
    expected: dict[tuple[str | int, ...], int] = {}

    def keys(path: tuple[str | int, ...]) -> None:
        for name in draw(st.lists(NAMES, max_size=3, unique_by=bare)):
            lines.extend(draw(st.lists(st.sampled_from(["", "# [x]", "  # y = 1"]), max_size=1)))
            text = draw(value_texts())
            expected[(*path, bare(name))] = len(lines) + 1
            lines.extend(f"{draw(st.sampled_from(['', '  ']))}{name} = {text}".split("\n"))

    keys(())
    for table in draw(st.lists(st.sampled_from(["t1", "t2", '"t 3"']), max_size=3, unique=True)):
        expected[(bare(table),)] = len(lines) + 1
        lines.append(f"[ {table} ]  # kopf")
        keys((bare(table),))
        if draw(st.booleans()):
            expected[(bare(table), "sub")] = len(lines) + 1
            lines.append(f"[{table}.sub]")
            keys((bare(table), "sub"))
    for index in range(draw(st.integers(0, 3))):
        expected[("channels", index)] = len(lines) + 1
        lines.append("[[channels]]")
        keys(("channels", index))
        expected[("channels", index, "options")] = len(lines) + 1
        lines.append("[channels.options]")
        keys(("channels", index, "options"))
        for inner in range(draw(st.integers(0, 2))):
            expected[("channels", index, "deep", inner)] = len(lines) + 1
            lines.append("[[channels.deep]]")
            keys(("channels", index, "deep", inner))
    return draw(st.sampled_from(["\n", "\r\n"])).join(lines), expected


@given(documents())
def test_every_key_of_any_document_has_its_own_line(document: tuple[str, dict[Any, int]]) -> None:
    text, expected = document
    tomllib.loads(text)
    found = key_lines(text)
    assert {path: found.get(path) for path in expected} == expected
    assert set(found) == set(expected)


@given(st.text())
def test_no_text_raises(text: str) -> None:
    assert all(1 <= line <= text.count("\n") + 1 for line in key_lines(text).values())


def test_a_query_in_quotes_has_no_keys_of_its_own() -> None:
    text = '[a]\nq = """\nSELECT x\n[lapor]\ntoken = 1\n"""\n[lapor]\ntoken = "x"\n'
    assert key_lines(text) == {("a",): 1, ("a", "q"): 2, ("lapor",): 7, ("lapor", "token"): 8}


def test_a_dotted_key_is_a_path() -> None:
    assert key_lines('a . "b.c" = 1')[("a", "b.c")] == 1


def test_a_missing_key_is_near_its_table() -> None:
    lines = key_lines("x = 1\n[a.b]\nc = 1")
    assert nearest_line(lines, ("a", "b", "d")) == 2
    assert nearest_line(lines, ("a", "b", "c", 0)) == 3
    assert nearest_line(lines, ("z",)) is None
