"""Is a mail read whatever its bytes? A few hundred of them, always the same; `make soak` goes on for minutes."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, seed, settings

from tests.fuzz.grammar import mails
from tests.fuzz.mutations import mutated, seeds
from tests.fuzz.reading import examine
from tests.fuzz.shapes import Shape, shapes

EACH = 20
SEVERAL = 40
"""Of one piece: enough for a second paragraph, a second border and a line too long."""


@pytest.mark.parametrize("number", range(8))
def test_mutated_mails_are_read(number: int) -> None:
    real, chance = [raw[:20_000] for raw in seeds()], Random(number)
    for _ in range(EACH):
        examine(mutated(real, chance))


@seed(0)
@settings(max_examples=100, database=None)
@given(raw=mails())
def test_mails_of_the_grammar_are_read(raw: bytes) -> None:
    examine(raw)


@pytest.mark.parametrize("shape", list(shapes().values())[::7], ids=list(shapes())[::7])
def test_repeated_pieces_are_read(shape: Shape) -> None:
    examine(shape(SEVERAL))
