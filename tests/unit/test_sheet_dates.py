"""Is the order of day and month taken from a column only where the column leaves no doubt?"""

from __future__ import annotations

import pytest

from connectors.sheet_dates import Order, dates_of, iso


def order(*cells: object) -> Order | None:
    """The order that a column of these cells shows."""
    return dates_of([[cell] for cell in cells], [0]).orders.get(0)  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        (["03/04/2026", "23/04/2026"], Order.DAY_FIRST),
        (["03/04/2026", "04/23/2026"], Order.MONTH_FIRST),
        (["3-4-26", "23-4-26"], Order.DAY_FIRST),
        (["11/23/2026 8:15:00", "11/2/2026 18:15:00"], Order.MONTH_FIRST),
        (["03/04/2026", "05/06/2026"], None),
        (["23/04/2026", "04/23/2026"], None),
        (["45/04/2026"], None),
        (["2026-04-23", "3/4", "isi 23/04/2026", "10.23.45.67", 3.5, None], None),
        ([], None),
    ],
)
def test_an_order_needs_a_witness_and_no_contradiction(cells: list[object], shown: Order | None) -> None:
    assert order(*cells) == shown


def test_one_slip_in_a_long_column_is_no_witness() -> None:
    assert order("04/23/2026", *["03/04/2026"] * 20) is None
    assert order("23/04/2026", "24/04/2026", *["03/04/2026"] * 18) is Order.DAY_FIRST


@pytest.mark.parametrize(
    ("cell", "read", "said"),
    [
        ("03/04/2026", Order.DAY_FIRST, "2026-04-03"),
        ("03/04/2026", Order.MONTH_FIRST, "2026-03-04"),
        ("3.4.26", Order.DAY_FIRST, "2026-04-03"),
        ("11/2/2026 8:15:00", Order.MONTH_FIRST, "2026-11-02T08:15:00"),
        ("02/11/2026 12.05 AM", Order.DAY_FIRST, "2026-11-02T00:05:00"),
        ("02/11/2026, 1:05 pm", Order.DAY_FIRST, "2026-11-02T13:05:00"),
        ("02/11/2026 13:05 PM", Order.DAY_FIRST, "02/11/2026 13:05 PM"),
        ("02/11/2026 25:05", Order.DAY_FIRST, "02/11/2026 25:05"),
        ("31/02/2026", Order.DAY_FIRST, "31/02/2026"),
        ("03/04/2026 di pasar", Order.DAY_FIRST, "03/04/2026 di pasar"),
        ("03/04-2026", Order.DAY_FIRST, "03/04-2026"),
        ("1/2/2026" + " " * 5_000, Order.DAY_FIRST, "1/2/2026" + " " * 5_000),
    ],
)
def test_only_a_whole_cell_that_is_a_date_is_written_anew(cell: str, read: Order, said: str) -> None:
    assert iso(cell, read) == said


def swapped(*cells: str) -> bool:
    """Whether the column's real dates are doubted."""
    return 0 in dates_of([[cell] for cell in cells], [0]).swapped


def test_dates_that_a_program_took_the_wrong_way_round_are_noticed() -> None:
    texts, typed = ["13/04/2026", "23/04/2026", "30/04/2026"], ["2026-03-04", "2026-05-04", "2026-11-04"]
    assert swapped(*texts, *typed)
    assert not swapped(*texts, *typed, "2026-04-23")
    assert not swapped(*texts, "03/04/2026", *typed)
    assert not swapped(*texts)
    assert not swapped(*typed)
