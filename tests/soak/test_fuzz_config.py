"""Is every configuration and mapping read, or told to be none, soon, for as long as anybody has patience?"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random

import pytest

from tests.fuzz.clock import cpu_seconds, watchdog
from tests.fuzz.configuring import as_configuration, as_lines, as_mapping
from tests.fuzz.toml import configurations, mappings, mutated, shapes

pytestmark = [pytest.mark.soak, pytest.mark.timeout(7_200)]
SECONDS = float(os.environ.get("LAPOR_GATEWAY_FUZZ_SECONDS", "600"))
"""For both kinds together. Each file follows from its number alone, so that it can be had again."""
LIMIT = 10.0
"""Seconds of processor time for one file."""
SMALL, FACTOR = 8_000, 4
SLOW = 0.4
"""Seconds below which a growth may be this machine's own unrest."""
STEEPEST = 11.0
"""Four times the length may cost eight times the time (n to the power of 1.5), and what the machine adds."""


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LAPOR_TOKEN", "INBOX_PASSWORD"):
        monkeypatch.setenv(name, "x")


@pytest.mark.parametrize(("seeds", "examine"), [(configurations(), as_configuration), (mappings(), as_mapping)])
def test_mutated_files_are_read_or_told_to_be_none(
    seeds: list[str], examine: Callable[[str, Path], bool], tmp_path: Path
) -> None:
    end, number, usable = time.monotonic() + SECONDS / 2, 0, 0
    while time.monotonic() < end:
        text = mutated(seeds, Random(number))
        (tmp_path / "last.txt").write_text(text, encoding="utf-8", newline="")
        with watchdog(LIMIT):
            usable += examine(text, tmp_path)
        number += 1
    print(f"{number} files, {usable} usable")  # noqa: T201 - the soak's figure
    assert number > SECONDS / 2
    assert 0 < usable < number


@pytest.mark.parametrize("shape", [pytest.param(shape, id=name) for name, shape in shapes().items()])
def test_no_shape_costs_much_more_than_its_length(shape: Callable[[int], str]) -> None:
    small = cpu_seconds(partial(as_lines, shape(SMALL)), LIMIT)
    large = cpu_seconds(partial(as_lines, shape(SMALL * FACTOR)), LIMIT * FACTOR)
    assert large < SLOW or large < STEEPEST * max(small, SLOW / STEEPEST)
