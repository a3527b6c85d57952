"""What became of a file's content, and where is that remembered?"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from connectors.contract import Attachment
from connectors.spool import put, unusable
from gateway.attachments.limits import LARGEST
from gateway.attachments.reasons import CHANGES

VERSION: Literal[1] = 1
"""Of what `prepare` makes: a higher one makes every file anew."""


MediaType = Literal["application/pdf", "image/jpeg", "image/png"]


class Made(BaseModel):
    """The file that LAPOR gets, in the spool."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    media_type: MediaType
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(gt=0, le=LARGEST)


class Told(BaseModel):
    """What there is to tell of one content, whatever its name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    why: str = Field(default="", pattern=r"^[a-z_]{0,40}$")
    """A code of `reasons.REASONS`: of a change where there is a file, of the refusal where there is none."""
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)
    decoration: bool = False

    @property
    def position(self) -> tuple[float, float] | None:
        """Latitude and longitude in degrees, WGS 84."""
        return None if self.latitude is None or self.longitude is None else (self.latitude, self.longitude)


class Outcome(Told):
    """What became of one content, as it is remembered."""

    version: Literal[1] = VERSION
    made: Made | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.why in CHANGES or not self.why) != (self.made is not None):
            raise ValueError("a file is either made or refused")
        return self


def recall(spool: Path, original: Attachment) -> Outcome | None:
    """What is known of this content; None where that is nothing, damaged, or of a file that is gone.

    Raises Unreachable where the spool cannot be read.
    """
    try:
        outcome = Outcome.model_validate_json(_beside(original).read_bytes())
        return outcome if outcome.made is None or _whole(spool, outcome.made) else None
    except (FileNotFoundError, ValidationError):
        return None
    except OSError as error:
        raise unusable(spool, error) from None


def remember(spool: Path, original: Attachment, outcome: Outcome) -> None:
    """Note it beside the original: whole or not at all, also after a crash. Raises Unreachable as `spool.keep`."""
    try:
        put(_beside(original), outcome.model_dump_json().encode())
    except OSError as error:
        raise unusable(spool, error) from None


def in_spool(spool: Path, made: Made) -> Path:
    """Where `spool.keep` has put it."""
    return spool / made.sha256[:2] / made.sha256


def _beside(original: Attachment) -> Path:
    return original.path.with_name(f"{original.sha256}.prepared.json")


def _whole(spool: Path, made: Made) -> bool:
    path = in_spool(spool, made)
    content = path.read_bytes()
    os.utime(path)  # It is used: whoever tidies up leaves it.
    return len(content) == made.size and hashlib.sha256(content).hexdigest() == made.sha256
