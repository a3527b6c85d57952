"""Do parts of a sheet leave nothing out, and does no answer, however odd, end in anything but a message?"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import google_grid
from connectors.contract import Misconfigured
from connectors.google_account import ServiceAccount
from connectors.google_book import Tab, book_of
from connectors.google_grid import cells_of
from connectors.google_options import GoogleOptions
from tests.servers.google_documents import Document, described, mask_of, masked
from tests.servers.google_documents import Tab as Given

ACCOUNT = ServiceAccount("uji@contoh.test", "https://contoh.test/token", "1", None)
OPTIONS = GoogleOptions(spreadsheet="1" * 44, credentials=ACCOUNT, key=("No",), merged_cells="every_row")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=3,
)


class Answering:
    """An API that gives one answer to everything, or what the documentation says of a document."""

    def __init__(self, answer: Any = None, document: Document | None = None) -> None:
        self._answer = answer
        self._document = document

    def get(self, path: str, params: Mapping[str, str]) -> Any:
        """The answer."""
        if self._document is None:
            return self._answer
        title, _, span = params["ranges"].rpartition("!")
        first, last = span.split(":")
        return masked(described(self._document, (title.strip("'"), int(first), int(last))), mask_of(params["fields"]))


@given(st.integers(0, 400), st.integers(2, 60))
def test_parts_overlap_by_one_row_and_leave_none_out(rows: int, step: int) -> None:
    parts = list(google_grid._parts(rows, step))
    assert parts[0][0] == 1
    assert parts[-1][1] == max(rows, 1)
    assert all(last - first < step for first, last in parts)
    assert all(before[1] == after[0] for before, after in pairwise(parts))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from([None, "", "x", 7, True]), max_size=4), max_size=30),
    st.integers(0, 3),
    st.integers(8, 40),
)
def test_any_sheet_is_read_as_it_is_whatever_the_parts(rows: list[list[Any]], spare: int, cells: int) -> None:
    given_tab = Given("T", [tuple(row) for row in rows], columns=4, spare_rows=spare)
    api = Answering(document=Document("1", "T", [given_tab]))
    tab = Tab(0, "T", hidden=False, rows=len(rows) + spare, columns=4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(google_grid, "CELLS", cells)
        read = cells_of(api, tab, OPTIONS).rows  # type: ignore[arg-type]
    wanted = [_bare(row) for row in rows]
    while wanted and not wanted[-1]:
        wanted.pop()
    assert read == wanted


def _bare(row: list[Any]) -> list[Any]:
    cells = [None if cell == "" else cell for cell in row]
    while cells and cells[-1] is None:
        cells.pop()
    return cells


def _mangled(shape: Any) -> st.SearchStrategy[Any]:
    """An answer of the documented shape in which anything may be something else."""
    if isinstance(shape, dict):
        return JSON | st.fixed_dictionaries({}, optional={name: _mangled(one) for name, one in shape.items()})
    if isinstance(shape, list):
        return JSON | st.lists(_mangled(shape[0]), max_size=2)
    return JSON | st.just(shape)


BOOK = {
    "properties": {"title": "T", "timeZone": "Asia/Jakarta"},
    "sheets": [
        {
            "properties": {
                "sheetId": 1,
                "title": "T",
                "index": 0,
                "sheetType": "GRID",
                "hidden": True,
                "gridProperties": {"rowCount": 3, "columnCount": 2},
            }
        }
    ],
}
CELL = {
    "effectiveValue": {"numberValue": 1.5, "errorValue": {"type": "N_A"}},
    "effectiveFormat": {"numberFormat": {"type": "DATE", "pattern": "00"}},
}
MERGE = {"startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 1}
GRID = {
    "sheets": [
        {"data": [{"rowData": [{"values": [CELL]}], "rowMetadata": [{"hiddenByUser": True}]}], "merges": [MERGE]}
    ]
}


@settings(max_examples=80, deadline=None)
@given(_mangled(BOOK).filter(lambda answer: isinstance(answer, dict)))
def test_odd_descriptions_end_in_a_message(answer: Any) -> None:
    with suppress(Misconfigured):
        book_of(Answering(answer), "1").tab(None, None)  # type: ignore[arg-type]


@settings(max_examples=120, deadline=None)
@given(_mangled(GRID).filter(lambda answer: isinstance(answer, dict)))
def test_odd_cells_end_in_a_message(answer: Any) -> None:
    with suppress(Misconfigured):
        cells_of(Answering(answer), Tab(0, "T", hidden=False, rows=3, columns=2), OPTIONS)  # type: ignore[arg-type]
