"""Is it noticed when a mere format would make new records of all rows?"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from connectors.contract import Misconfigured, Scalar
from connectors.table_forms import forms_of, refuse_other_forms


def form(cells: Sequence[Scalar]) -> str | None:
    """The form of a column of these cells."""
    return forms_of(["Kolom"], [[cell] for cell in cells]).get("Kolom")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([1.5, 2.5, 3] * 4, None),
        ([1.5, 45_000.25] * 6, "a number"),
        ([1, 2.0, "3"] * 4, "9"),
        (["2025-03-03", "2025-03-03T08:15:30.123000"] * 6, "a date"),
        (["29/05/2025 8:15:00", "1/12/2025 18:15:00"] * 6, "9/9/9 9:9:9"),
        (["3 Mei 2025", "4 Juni 2025"] * 6, "9 a 9"),
        (["A-17/2025", "B-9/2025"] * 6, "a-9/9"),
        (["00017", "00018"] * 6, "digits with zeros before them"),
        (["001", "012"] * 6, "digits with zeros before them"),
        ([f"{number:03}" for number in range(90, 300)], "digits with zeros before them"),
        ([f"{number:03}" for number in range(1, 99)] + [100.0], "digits with zeros before them"),
        (["LP-00017", "LP-00018"] * 6, "a-09"),
        (["17", "18"] * 6, "9"),
        (["Budi", "Siti Aminah"] * 6, None),
        ([1, 2, 3] * 3, None),
        ([None, ""] * 20, None),
        ([1] * 6 + ["2025-03-03"] * 6, None),
        ([1] * 10 + [None] * 90, "9"),
    ],
)
def test_what_most_cells_have_in_common_is_the_form(cells: Sequence[Scalar], expected: str | None) -> None:
    assert form(cells) == expected


def test_another_form_is_refused_and_the_same_or_an_unknown_one_is_not() -> None:
    before = {"forms": {"Cap waktu": "a date", "No": "9"}}
    for now in ({}, {"Cap waktu": "a date"}, {"Lain": "a number"}):
        refuse_other_forms(before, now)
    refuse_other_forms({}, {"Cap waktu": "a number"})
    refuse_other_forms({"forms": "rusak"}, {"Cap waktu": "a number"})
    with pytest.raises(Misconfigured, match="Cap waktu was written as a date and is now written as a number"):
        refuse_other_forms(before, {"Cap waktu": "a number"})


def test_what_has_changed_is_told_in_words() -> None:
    with pytest.raises(Misconfigured, match="as plain digits and is now written as digits with zeros before them"):
        refuse_other_forms({"forms": {"No": "9"}}, {"No": "digits with zeros before them"})
    with pytest.raises(Misconfigured, match='as "9/9/9" and is now written as a date'):
        refuse_other_forms({"forms": {"No": "9/9/9"}}, {"No": "a date"})
