"""What may a channel's configuration say about spreadsheets, and about LAPOR's news in them?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, Field, field_validator, model_validator

from connectors import contract
from connectors.options import ConfigPath
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


class SpreadsheetOptions(contract.Options):
    """`[channels.options]` of spreadsheets."""

    path: ConfigPath = Field(description="a file, a pattern such as laporan/*.xlsx, or a folder")
    sheet: str | int | None = Field(
        default=None, description="name or number (from 1) of the sheet; default: the first"
    )
    header_row: int | Literal["auto"] = Field(
        default="auto", description="number (from 1) of the row with the columns' names"
    )
    key: tuple[str, ...] = Field(default=(), description="the columns that say which record it is")
    identity: tuple[str, ...] = Field(
        default=(), description="for a sheet without a key: the columns that tell rows apart"
    )
    encoding: str | None = Field(default=None, description="of CSV; default: UTF-8, else Windows-1252")
    delimiter: str | None = Field(default=None, min_length=1, max_length=1, description="of CSV; default: found out")
    date_format: tuple[str, ...] = Field(default=(), description='of dates kept as text, such as "%d/%m/%Y"')
    write_back: WriteBack | None = Field(default=None, description="where LAPOR's news are shown; default: nowhere")

    @field_validator("date_format", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_identity(self) -> SpreadsheetOptions:
        if bool(self.key) == bool(self.identity):
            raise ValueError(
                "give either `key` (columns that name a record) or `identity` (columns that tell rows apart)"
            )
        if isinstance(self.header_row, int) and self.header_row < 1:
            raise ValueError("header_row counts from 1")
        return self

    @model_validator(mode="after")
    def _own_columns(self) -> SpreadsheetOptions:
        ours = self.write_back.columns.headings() if self.write_back else []
        for name in self.naming:
            if heading(name) in ours:
                raise ValueError(f"write_back cannot fill the column {name}: it tells the records apart")
        return self

    @property
    def naming(self) -> tuple[str, ...]:
        """The columns that tell records apart, by key or by content."""
        return self.key or self.identity

    @property
    def left_out(self) -> frozenset[str]:
        """Headings in the source that are the gateway's own: no part of a record."""
        inside = self.write_back is not None and self.write_back.where == "inside"
        return frozenset(self.write_back.columns.headings()) if self.write_back and inside else frozenset()

    def source(self) -> str:
        by = f"key={','.join(self.key)}" if self.key else f"identity={','.join(self.identity)}"
        return f"{self.path} {by}"
