"""How fast is a large workbook read, against calamine alone?"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from python_calamine import CalamineWorkbook

from connectors.contract import ChannelContext
from connectors.spreadsheet import Spreadsheet, SpreadsheetOptions
from tests.bench.report import Figure, median

_ROWS, _COLUMNS, _RUNS = 50_000, 15, 5


def measure() -> Sequence[Figure]:
    """The whole listing of 50,000 × 15 cells (copy, child process, header, keys, versions) against parsing alone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "besar.xlsx"
        _write(path)
        os.utime(path, (time.time() - 60,) * 2)
        ours, theirs = [], []
        for _ in range(_RUNS):
            theirs.append(_calamine(path))
            ours.append(_connector(path, folder))
        ratio = median([one / other for one, other in zip(ours, theirs, strict=True)])
        detail = f"{median(ours):.2f} s against {median(theirs):.2f} s"
        return [Figure(f"xlsx of {_ROWS} × {_COLUMNS} cells against calamine", ratio, 1.5, "×", False, detail)]


def _write(path: Path) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["No", *(f"Kolom {number}" for number in range(1, _COLUMNS))])
    for row in range(_ROWS):
        sheet.append([row, *(f"isi {row} {column}" if column % 2 else row * column for column in range(1, _COLUMNS))])
    book.save(path)


def _calamine(path: Path) -> float:
    begun = time.perf_counter()
    CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    return time.perf_counter() - begun


def _connector(path: Path, folder: Path) -> float:
    context = ChannelContext("besar", ZoneInfo("Asia/Makassar"), folder)
    begun = time.perf_counter()
    connector = Spreadsheet(SpreadsheetOptions(path=path, key=("No",)), context)
    assert len(connector.list(None).entries) == _ROWS
    elapsed = time.perf_counter() - begun
    connector.close()
    return elapsed
