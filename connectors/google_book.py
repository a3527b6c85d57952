"""Which sheets does a spreadsheet of Google's have, and which of them is meant?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from connectors.contract import Misconfigured
from connectors.google_api import SheetsApi

MISFITS = (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError)
"""What an answer of another shape than the documented one leads to."""
_FIELDS = (
    "properties(title,timeZone),"
    "sheets(properties(sheetId,title,index,sheetType,hidden,gridProperties(rowCount,columnCount)))"
)


@dataclass(frozen=True, slots=True)
class Tab:
    """One sheet of cells."""

    id: int
    title: str
    hidden: bool
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class Book:
    """A spreadsheet."""

    title: str
    time_zone: str
    """What its times mean, as a name of the IANA database."""
    tabs: Sequence[Tab]
    """In the order in which people see them; charts are left out."""

    def tab(self, name: str | None, number: int | None) -> Tab:
        """The sheet of that name, or of that number in its address, else the first that is not hidden.

        Raises Misconfigured where there is none.
        """
        for tab in self.tabs:
            if tab.title == name if name is not None else tab.id == number if number is not None else not tab.hidden:
                return tab
        wanted = f"sheet {name}" if name is not None else "sheet" if number is None else f"sheet with gid={number}"
        there = ", ".join(tab.title for tab in self.tabs) or "none"
        raise Misconfigured(f"the spreadsheet has no {wanted} that can be read; it has: {there}")


def book_of(api: SheetsApi, spreadsheet: str) -> Book:
    """What the spreadsheet is made of. Raises Unreachable or Misconfigured."""
    answer: Mapping[str, Any] = api.get(path_of(spreadsheet), {"fields": _FIELDS})
    try:
        found = [one["properties"] for one in answer["sheets"]]
        found.sort(key=lambda tab: tab.get("index", 0))
        tabs = [_tab(one) for one in found if one.get("sheetType", "GRID") == "GRID"]
        properties = answer.get("properties", {})
        return Book(str(properties.get("title", "")), str(properties.get("timeZone", "")), tabs)
    except MISFITS:
        raise unexpected() from None


def path_of(spreadsheet: str) -> str:
    """Where the API has a spreadsheet."""
    return f"/v4/spreadsheets/{quote(spreadsheet, safe='')}"


def unexpected() -> Misconfigured:
    """The error for an answer that fits no documentation."""
    return Misconfigured("the answer is not what the Sheets API is documented to say: a wrong `endpoint`?")


def _tab(properties: Mapping[str, Any]) -> Tab:
    grid = properties.get("gridProperties", {})
    return Tab(
        int(properties.get("sheetId", 0)),
        str(properties["title"]),
        bool(properties.get("hidden", False)),
        int(grid.get("rowCount", 0)),
        int(grid.get("columnCount", 0)),
    )
