"""Is every configuration and mapping read, or told to be none? A few hundred; `make soak` goes on for minutes."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.fuzz.clock import watchdog
from tests.fuzz.configuring import as_configuration, as_lines, as_mapping
from tests.fuzz.toml import configurations, mappings, mutated, shapes

LIMIT = 20.0


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LAPOR_TOKEN", "INBOX_PASSWORD"):
        monkeypatch.setenv(name, "x")


@pytest.mark.parametrize("number", range(6))
def test_mutated_configurations_are_read_or_told_to_be_none(number: int, tmp_path: Path) -> None:
    chance = Random(number)
    for _ in range(12):
        with watchdog(LIMIT):
            as_configuration(mutated(configurations(), chance), tmp_path)


@pytest.mark.parametrize("number", range(4))
def test_mutated_mappings_are_read_or_told_to_be_none(number: int, tmp_path: Path) -> None:
    chance, seeds = Random(number), mappings()
    for _ in range(25):
        with watchdog(LIMIT):
            as_mapping(mutated(seeds, chance), tmp_path)


@pytest.mark.parametrize("shape", shapes().values(), ids=shapes().keys())
def test_repeated_pieces_get_their_lines(shape: object) -> None:
    assert callable(shape)
    with watchdog(LIMIT):
        as_lines(shape(60))


# Found by the soak


@pytest.mark.parametrize(
    "text", ["a = " + "[" * 9_999, "a = " + "{a=" * 9_999, "a = " + "9" * 9_999, "a." * 9_999 + "a = 1"]
)
def test_what_python_gives_up_on_is_no_traceback(text: str, tmp_path: Path) -> None:
    assert not as_configuration(text, tmp_path)
    assert not as_mapping(text, tmp_path)


@pytest.mark.parametrize("name", ["_env_file", "_cli_parse_args", "self", "__class__"])
def test_a_key_that_pydantic_might_take_for_its_own_is_unknown(name: str, tmp_path: Path) -> None:
    assert not as_configuration(f'{name} = "x"\n' + configurations()[0], tmp_path)


@pytest.mark.parametrize("value", ["~siapa-saja/x.toml", "\\u0000", "x" * 5_000])
def test_a_path_of_nobody_is_a_mistake(value: str, tmp_path: Path) -> None:
    text = configurations()[0]
    for key in ('mapping = "email"', 'spool = "var/spool"', 'path = "hotline.xlsx"', '"env:LAPOR_TOKEN"'):
        assert key in text
        name, _, _ = key.rpartition(" = ")
        put = f'{name} = "{value}"' if name else f'"file:{value}"'
        as_configuration(text.replace(key, put), tmp_path)


@pytest.mark.parametrize("piece", ['"', '\\"', '"""', "'''a'", "[", "a.", '"a" . '])
def test_a_long_line_is_looked_at_once(piece: str) -> None:
    with watchdog(5.0):
        as_lines("a = " + piece * (100_000 // len(piece)))
        as_lines(piece * (100_000 // len(piece)))
