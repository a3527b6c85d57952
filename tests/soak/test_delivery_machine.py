"""Is every report filed once, whatever happens in whatever order, for as long as anybody has patience?"""

from __future__ import annotations

import pytest

from tests.machines import delivery


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_nothing_is_lost_or_filed_twice_in_tens_of_thousands_of_steps() -> None:
    happened = delivery.run(examples=450, steps=75)
    assert happened["steps"] >= 20_000
