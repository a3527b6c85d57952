"""Are keys and versions the same for the same record, and different for others?"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.identity import digest, key_text, scalar

CELLS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (None, None),
        (True, True),
        (17.0, 17.0),
        (date(2025, 1, 2), "2025-01-02"),
        (datetime(2025, 1, 2, 3, tzinfo=ZoneInfo("Asia/Jakarta")), "2025-01-02T03:00:00+07:00"),
        (time(3, 4), "03:04:00"),
        (timedelta(hours=3), "3:00:00"),
        (Decimal("1.50"), "1.50"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (b"K\xc3\xb6\xff", "Kö\ufffd"),
        (memoryview(b"abc"), "abc"),
        ({"b", "a"}, "a,b"),
        ({"b": 1, "a": [date(2025, 1, 2)]}, '{"a": ["2025-01-02"], "b": 1}'),
        (1j, "1j"),
    ],
)
def test_any_cell_becomes_what_json_keeps(value: object, kept: object) -> None:
    assert scalar(value) == kept


def test_whole_floats_and_outer_blanks_make_no_other_key() -> None:
    assert digest([17, "Warga"]) == digest([17.0, " Warga\n"])
    assert key_text([17.0, "A "]) == key_text([17, "A"]) == "17/A"


def test_the_order_and_the_border_of_values_matter() -> None:
    assert len({digest(["a", "b"]), digest(["b", "a"]), digest(["ab"]), digest(["a", "b", None]), digest(["a,b"])}) == 5


def test_a_slash_in_a_value_is_no_border_between_two() -> None:
    assert key_text(["2024/1", "7"]) == "2024%2F1/7"
    assert key_text(["2024/1", "7"]) != key_text(["2024", "1/7"])


@pytest.mark.parametrize("values", [[""], ["x" * 121], ["baris\nbaru"], ["\x00"]])
def test_odd_or_long_keys_become_hashes(values: list[str]) -> None:
    assert key_text(values) == digest(values)


@given(st.lists(CELLS))
def test_a_digest_is_made_of_any_cells_and_stays(values: list[str]) -> None:
    assert digest(values) == digest(list(values))
    assert len(digest(values)) == 32
