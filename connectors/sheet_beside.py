"""Which file lies beside a source for LAPOR's news, and what is in it before the first of them?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from connectors.sheet_files import BESIDE

KEY_HEADING = "lapor-gateway"
"""Heading of the hidden column that says which record a row is of."""


def beside(source: Path) -> Path:
    """`hotline.lapor.xlsx` for `hotline.xlsx`; other kinds keep their ending, for a hotline.csv may lie there too."""
    name = source.stem if source.suffix.lower() == ".xlsx" else source.name
    return source.with_name(f"{name}{BESIDE}")


def write_empty(file: IO[bytes], headings: Sequence[str], widths: Mapping[int, float]) -> None:
    """Write a workbook that has only its header; the first column, the key, is hidden."""
    # Imported where needed: only the first writing of a file pays for it, and no command's start.
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "LAPOR"
    for column, name in enumerate(headings, start=1):
        cell = sheet.cell(1, column, name)
        # A heading such as "=No" is a text.
        cell.data_type = "s"
        cell.font = Font(bold=True)
        cell.alignment = Alignment(vertical="top", wrap_text=True)
        sheet.column_dimensions[get_column_letter(column)].width = widths.get(column, 18.0)
    sheet.column_dimensions["A"].hidden = True
    sheet.freeze_panes = "B2"
    book.save(file)
