"""What may a channel's configuration say about spreadsheets, and about LAPOR's news in them?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, Field, model_validator

from connectors import contract
from connectors.options import ConfigPath
from connectors.sheet_columns import TableOptions
from connectors.sheet_process import Reading
from connectors.sheet_table import heading

Status = Literal[
    "received", "disposed", "in_progress", "replied", "pending", "closed", "archived", "blocked", "returned", "unknown"
]
"""LAPOR's canonical statuses, as answers name them."""


class AnswerColumns(BaseModel):
    """Headings of the columns that the gateway keeps."""

    model_config = contract.Options.model_config

    tracking_id: str = "No. LAPOR"
    status: str = "Status LAPOR"
    follow_up: str = "Tindak Lanjut Terakhir"
    date: str = "Tanggal Tindak Lanjut"
    url: str = "Tautan LAPOR"

    @model_validator(mode="after")
    def _told_apart(self) -> AnswerColumns:
        names = self.headings()
        if "" in names or len(set(names)) < len(names):
            raise ValueError("each of the columns needs a heading of its own")
        return self

    def headings(self) -> list[str]:
        """All of them in their order, blanks folded."""
        return [heading(name) for name in (self.tracking_id, self.status, self.follow_up, self.date, self.url)]


class WriteBack(BaseModel):
    """`[channels.options.write_back]` of spreadsheets."""

    model_config = contract.Options.model_config

    where: Literal["beside", "inside"] = "beside"
    columns: AnswerColumns = AnswerColumns()
    status: Mapping[Status, str] = Field(default={}, description="the words shown for LAPOR's statuses")


class SpreadsheetOptions(TableOptions):
    """`[channels.options]` of spreadsheets."""

    path: ConfigPath = Field(description="a file, a pattern such as laporan/*.xlsx, or a folder")
    sheet: str | int | tuple[str, ...] | None = Field(
        default=None, description='name or number (from 1) of the sheet, a list of names, or "*"; default: the first'
    )
    hidden_rows: Literal["read", "skip"] = Field(default="read", description="rows that are hidden, also by a filter")
    merged_cells: Literal["first", "every_row"] = Field(
        default="first", description="whether a merged cell's value counts for every row that it covers"
    )
    encoding: str | None = Field(default=None, description="of CSV; default: UTF-8, else Windows-1252")
    delimiter: str | None = Field(default=None, min_length=1, max_length=1, description="of CSV; default: found out")
    write_back: WriteBack | None = Field(default=None, description="where LAPOR's news are shown; default: nowhere")

    @model_validator(mode="after")
    def _one_sheet_inside(self) -> SpreadsheetOptions:
        several = self.sheet == "*" or isinstance(self.sheet, tuple)
        if several and self.write_back is not None and self.write_back.where == "inside":
            raise ValueError('write_back writes "inside" of one sheet only; with several, use where = "beside"')
        if self.sheet == () or (isinstance(self.sheet, int) and self.sheet < 1):
            raise ValueError('sheet is a name, a number from 1, a list of names, or "*"')
        return self

    @model_validator(mode="after")
    def _own_columns(self) -> SpreadsheetOptions:
        ours = self.write_back.columns.headings() if self.write_back else []
        for name in self.naming:
            if heading(name) in ours:
                raise ValueError(f"write_back cannot fill the column {name}: it tells the records apart")
        return self

    def reading(self) -> Reading:
        """How the files are to be read."""
        return Reading(self.sheet, self.encoding, self.delimiter, self.hidden_rows, self.merged_cells)

    @property
    def left_out(self) -> frozenset[str]:
        """Headings in the source that are the gateway's own: no part of a record."""
        inside = self.write_back is not None and self.write_back.where == "inside"
        return frozenset(self.write_back.columns.headings()) if self.write_back and inside else frozenset()

    def source(self) -> str:
        by = f"key={','.join(self.key)}" if self.key else f"identity={','.join(self.identity)}"
        return f"{self.path} {by}"
