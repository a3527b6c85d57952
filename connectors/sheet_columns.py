"""Which options say where the columns and records of a table stand, whatever kind of source holds the table?"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from connectors import contract

MOST_HEADER_ROWS = 5


class TableOptions(contract.Options):
    """The part of `[channels.options]` that every source of rows under headings has."""

    header_row: int | Literal["auto"] = Field(
        default="auto", description="number (from 1) of the row with the columns' names"
    )
    header_rows: int | Literal["auto"] = Field(default="auto", description="how many rows the columns' names take")
    key: tuple[str, ...] = Field(default=(), description="the columns that say which record it is")
    identity: tuple[str, ...] = Field(
        default=(), description="for a sheet without a key: the columns that tell rows apart"
    )
    date_format: tuple[str, ...] = Field(default=(), description='of dates kept as text, such as "%d/%m/%Y"')
    error_cells: Literal["hold", "empty"] = Field(
        default="hold", description="what a row with a formula's error, such as #N/A, comes to"
    )

    @field_validator("date_format", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_identity(self) -> TableOptions:
        if bool(self.key) == bool(self.identity):
            raise ValueError(
                "give either `key` (columns that name a record) or `identity` (columns that tell rows apart)"
            )
        if isinstance(self.header_row, int) and self.header_row < 1:
            raise ValueError("header_row counts from 1")
        if isinstance(self.header_rows, int) and not 1 <= self.header_rows <= MOST_HEADER_ROWS:
            raise ValueError(f"header_rows is 1 to {MOST_HEADER_ROWS}")
        return self

    @property
    def naming(self) -> tuple[str, ...]:
        """The columns that tell records apart, by key or by content."""
        return self.key or self.identity

    @property
    def left_out(self) -> frozenset[str]:
        """Headings in the source that are the gateway's own: no part of a record."""
        return frozenset()
