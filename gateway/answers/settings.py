"""`[channels.answers]`: which news go back to the citizens of a channel, and how?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from connectors.contract import News
from connectors.mail_answer import SmtpOptions
from connectors.options import ConfigPath

DEFAULT_NEWS = (
    News.FORWARDED,
    News.NEED_INFO,
    News.FOLLOW_UP,
    News.CLOSED,
    News.ARCHIVED,
    News.NOT_FORWARDED,
)


def _folder(path: Path | None) -> Path | None:
    if path is not None and not path.is_dir():
        raise ValueError(f"there is no folder {path}")
    return path


class AnswerSettings(BaseModel):
    """What is told, in whose name, and by which mail server."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    news: tuple[News, ...] = Field(default=DEFAULT_NEWS, description="which news the citizen is told")
    agency: str = Field(min_length=1, description="the agency in whose name is written")
    contact: str = Field(default="", description="a phone number or address that citizens may use instead")
    templates: Annotated[ConfigPath | None, AfterValidator(_folder)] = None
    per_address: int = Field(default=10, ge=1, description="mails to one address within 24 hours; further ones wait")
    smtp: SmtpOptions | None = None
