"""What can be said in `[channels.options]` of a database's files: which column holds or names them?"""

from __future__ import annotations

from pydantic import BaseModel, Field, field_validator, model_validator

from connectors import contract
from connectors.options import ConfigPath
from connectors.web import safe_url


class FileOptions(BaseModel):
    """One entry of `attachments`: a column with the names of files in a folder or at a URL, or with their bytes."""

    model_config = contract.Options.model_config

    column: str = Field(min_length=1)
    folder: ConfigPath | None = Field(default=None, description="the files are in this folder and below it")
    url: str | None = Field(default=None, description="the files are fetched from addresses that begin with this")
    blob: bool = Field(default=False, description="the column holds the file itself")
    name: str | None = Field(default=None, description="with `blob`: the column with the file's name")
    max_bytes: int = Field(default=25 * 1024 * 1024, ge=1, le=100_000_000, description="of one file")
    timeout: float = Field(default=30.0, gt=0, le=600, description="with `url`: seconds of each wait")

    @field_validator("url")
    @classmethod
    def _may_be_asked(cls, url: str | None) -> str | None:
        if url is None:
            return None
        if any(mark in url for mark in "?#"):
            raise ValueError("the address that all files begin with has no ? or #")
        return safe_url(url if url.endswith("/") else f"{url}/")

    @model_validator(mode="after")
    def _one_place(self) -> FileOptions:
        if sum((self.folder is not None, self.url is not None, self.blob)) != 1:
            raise ValueError("say where the files are: `folder`, `url` or `blob = true`")
        if self.name is not None and not self.blob:
            raise ValueError("`name` belongs to `blob`: other columns hold the names themselves")
        return self
