"""Is every mail read, whatever its bytes, soon and in bounded memory, for as long as anybody has patience?"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.conftest import CORPORA
from tests.fuzz.clock import cpu_seconds, watchdog
from tests.fuzz.grammar import mails
from tests.fuzz.mutations import mutated, seeds
from tests.fuzz.reading import examine
from tests.fuzz.shapes import Shape, shapes

pytestmark = [pytest.mark.soak, pytest.mark.timeout(7_200)]
SECONDS = float(os.environ.get("LAPOR_GATEWAY_FUZZ_SECONDS", "600"))
"""For both kinds of random mails together. Each follows from its number alone, so that it can be had again."""
LIMIT = 10.0
"""Seconds of processor time for one mail."""
ROOM = 3_000_000_000
"""Bytes of address space: what the interpreter and its libraries have, and 2 GB."""
SMALL, FACTOR = 4_000, 4
SLOW = 0.4
"""Seconds below which a growth may be this machine's own unrest."""
STEEPEST = 11.0
"""Four times the length may cost eight times the time (n to the power of 1.5), and what the machine adds."""


@pytest.fixture(autouse=True)
def _bounded_memory() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (ROOM, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def test_mutated_real_mails_are_read(tmp_path: Path) -> None:
    real, end, number = seeds(CORPORA / "email"), time.monotonic() + SECONDS / 2, 0
    while time.monotonic() < end:
        raw = mutated(real, Random(number))
        (tmp_path / "last.eml").write_bytes(raw)
        with watchdog(LIMIT):
            examine(raw)
        number += 1
    print(f"{number} mutated mails")  # noqa: T201 - the soak's figure
    assert number > SECONDS / 2


def test_mails_of_the_grammar_are_read() -> None:
    end, drawn, number = time.monotonic() + SECONDS / 2, 0, 0
    phases = (Phase.generate, Phase.shrink)

    def read(raw: bytes) -> None:
        nonlocal drawn
        drawn += 1
        with watchdog(LIMIT):
            examine(raw)

    while time.monotonic() < end:
        wanted = settings(
            max_examples=500, deadline=None, database=None, phases=phases, suppress_health_check=HealthCheck
        )
        seed(number)(wanted(given(mails())(read)))()
        number += 1
    print(f"{drawn} mails of the grammar")  # noqa: T201 - the soak's figure
    assert drawn > SECONDS / 2


@pytest.mark.parametrize("shape", [pytest.param(shape, id=name) for name, shape in shapes().items()])
def test_no_shape_costs_much_more_than_its_length(shape: Shape) -> None:
    small = cpu_seconds(partial(examine, shape(SMALL)), LIMIT)
    large = cpu_seconds(partial(examine, shape(SMALL * FACTOR)), LIMIT * FACTOR)
    assert large < SLOW or large < STEEPEST * max(small, SLOW / STEEPEST)
