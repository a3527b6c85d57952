"""Is every report filed once, whatever LAPOR, people and sources do, and wherever the process dies?"""

from __future__ import annotations

from tests.machines import delivery
from tests.machines.mortal import Point


def test_nothing_is_lost_or_filed_twice_wherever_the_process_dies() -> None:
    happened = delivery.run(examples=27, steps=75)
    assert happened["steps"] >= 1_200
    # It does go where things can go wrong.
    assert all(happened[point] for point in Point)
    assert all(happened[kind] for kind in ("held", "in_doubt", "not_found", "requeued", "accepted"))
