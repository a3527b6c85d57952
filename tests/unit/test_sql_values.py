"""Does a key come back from its text as the very value?"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from connectors.sql_values import from_json, to_json

VALUES = (
    st.integers()
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.booleans()
    | st.floats(allow_nan=False)
    | st.decimals(allow_nan=False)
    | st.uuids()
    | st.dates()
    | st.datetimes()
    | st.datetimes(timezones=st.just(UTC))
    | st.binary()
)


@given(st.lists(VALUES, min_size=1))
def test_every_key_comes_back_with_its_type(values: list[object]) -> None:
    again = from_json(to_json(values))
    assert again == values
    assert [type(value) for value in again] == [type(value) for value in values]


def test_what_json_lacks_is_tagged() -> None:
    values = [datetime(2025, 1, 2, 3), date(2025, 1, 2), Decimal("1.50"), UUID(int=1), b"\x00\xff"]  # noqa: DTZ001
    assert to_json(values) == (
        '[{"datetime":"2025-01-02T03:00:00"},{"date":"2025-01-02"},{"decimal":"1.50"},'
        '{"uuid":"00000000-0000-0000-0000-000000000001"},{"bytes":"00ff"}]'
    )


def test_other_types_travel_as_the_text_that_databases_compare_them_with() -> None:
    assert from_json(to_json([time(1, 2, 3), 1])) == ["01:02:03", 1]
