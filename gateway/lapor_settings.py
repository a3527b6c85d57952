"""Which settings has the LAPOR-compatible API, `[lapor]`?"""

from __future__ import annotations

import difflib
from datetime import timedelta
from pathlib import Path
from string import Formatter
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticKnownError

from connectors.options import SECRET_ADVICE, ConfigPath, Secret
from gateway.durations import Duration, PositiveDuration, Rate
from gateway.tables import Table

MANUAL = "manual"
PUBLIC_LAPOR = "https://www.lapor.go.id"
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
FORM_FIELDS = (
    "classification_id",
    "title",
    "content",
    "date_of_incident",
    "location_id",
    "suggestion_institution_id",
    "category_id",
    "is_anonymous",
    "is_secret",
    "latitude",
    "longitude",
    "attachment[]",
    "reporter_name",
    "reporter_email",
    "reporter_phone",
    "reporter_nik",
    "source",
    "external_id",
)
"""The form's fields in the wire contract's names."""


def _placeholders(text: str) -> set[str]:
    try:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError:
        return {"?"}


def _path(text: str) -> str:
    if not text.startswith("/") or _placeholders(text):
        raise ValueError('expected a path such as "/complaints"')
    return text


def _path_of_one(text: str) -> str:
    if not text.startswith("/") or _placeholders(text) != {"tracking_id"}:
        raise ValueError('expected a path with {tracking_id}, such as "/complaints/{tracking_id}"')
    return text


ListPath = Annotated[str, AfterValidator(_path)]
OnePath = Annotated[str, AfterValidator(_path_of_one)]


class LaporPaths(Table):
    """`[lapor.paths]`: where LAPOR's calls are, below `base_url`."""

    complaints: ListPath = "/complaints"
    complaint: OnePath = "/complaints/{tracking_id}"
    followups: OnePath = "/complaints/{tracking_id}/followups"
    categories: ListPath = "/categories"
    institutions: ListPath = "/institutions"
    locations: ListPath = "/locations"
    addstream: ListPath = "/api/stream/addstream"
    gettopics: ListPath = "/api/services/f01/gettopics"


def _has_good_port(url: SplitResult) -> bool:
    try:
        return url.port != 0
    except ValueError:
        return False


def _safe_url(value: object) -> object:
    try:
        url = urlsplit(value) if isinstance(value, str) else None
    except ValueError:
        url = None
    if url is None or url.scheme not in {"http", "https"} or not url.hostname or not _has_good_port(url):
        raise ValueError('expected a URL such as "https://…"')
    if url.password or url.username:
        raise ValueError(f"a password stands in the URL; {SECRET_ADVICE}, as `token`")
    if url.query or url.fragment:
        raise ValueError("expected a URL without ? and #: it is kept and shown as the name of this LAPOR")
    if url.scheme == "http" and url.hostname not in _LOOPBACK:
        raise ValueError("http sends the token and citizens' names in clear text; it is allowed on loopback only")
    return str(value).rstrip("/")


def _typed_by_hand(info: ValidationInfo) -> bool:
    """Whether a person takes the place of the API; without one, its address and token are not needed."""
    return info.data.get("profile") == MANUAL


def _base_url(value: object, info: ValidationInfo) -> object:
    if value is None and _typed_by_hand(info):
        return PUBLIC_LAPOR
    if value is None:
        raise PydanticKnownError("missing")
    return _safe_url(value)


def _token(value: object, info: ValidationInfo) -> object:
    if value is None and _typed_by_hand(info):
        return SecretStr("")
    if value is None:
        raise PydanticKnownError("missing")
    return value


def _sendable(token: SecretStr) -> SecretStr:
    """A header cannot carry anything else: found only while sending, it would leave every report in doubt."""
    text = token.get_secret_value()
    if not (text.isascii() and text.isprintable()):
        raise ValueError("the token holds a line break or a character that no header can carry")
    return token


def _existing(path: Path | None) -> Path | None:
    if path is not None and not path.is_file():
        raise ValueError(f"there is no file {path}")
    return path


def _public_url(text: str) -> str:
    if _placeholders(text) != {"tracking_id"}:
        raise ValueError('expected a URL with {tracking_id}, such as "https://www.lapor.go.id/pengaduan/{tracking_id}"')
    return text


def _renamed(names: dict[str, str]) -> dict[str, str]:
    for name, other in names.items():
        if name not in FORM_FIELDS:
            near = difflib.get_close_matches(name, FORM_FIELDS, n=1)
            hint = f'; did you mean "{near[0]}"?' if near else ""
            raise ValueError(f'unknown form field "{name}"; known are: {", ".join(FORM_FIELDS)}{hint}')
        if not other:
            raise ValueError(f"{name}: expected a name")
    return names


def _named_fields(names: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    unknown = [name for name in names if name not in NAMED_FIELDS]
    if unknown:
        raise ValueError(f"unknown field {', '.join(unknown)}; known are: {', '.join(NAMED_FIELDS)}")
    return names


NAMED_FIELDS = ("location_id", "institution_id", "category_id")


class LaporSettings(Table):
    """`[lapor]`: the LAPOR-compatible API that reports are filed in, or, with profile `manual`, LAPOR's own form."""

    profile: Literal["v3", "legacy", "manual"] = "v3"
    base_url: Annotated[
        str, BeforeValidator(_base_url), WithJsonSchema({"type": "string", "pattern": "^https?://[^?#]+$"})
    ] = Field(default=None, validate_default=True)
    token: Annotated[
        Secret,
        BeforeValidator(_token),
        AfterValidator(_sendable),
        WithJsonSchema({"type": "string", "pattern": "^(env|file):.", "description": "env:NAME or file:PATH"}),
    ] = Field(default=None, validate_default=True)
    ca_file: Annotated[ConfigPath | None, AfterValidator(_existing)] = None
    timeout: PositiveDuration = timedelta(seconds=30)
    rate: Rate = 5.0
    per_day: int = Field(default=5_000, ge=1)
    workers: int = Field(default=4, ge=1, le=64, description="requests under way at once")
    retry_first: Duration = timedelta(seconds=30)
    retry_max: Duration = timedelta(hours=1)
    in_doubt_wait: Duration = timedelta(minutes=10)
    submit_every: PositiveDuration = timedelta(seconds=30)
    track_every: PositiveDuration = timedelta(minutes=5)
    send_nik: bool = False
    auth_header: str = Field(default="Authorization", pattern=r"^[A-Za-z0-9_-]+$", description="a header's name")
    auth_prefix: str = "Bearer "
    auth_field: str | None = Field(default=None, description="send the token as this body field, such as KEYTOKEN")
    public_url: Annotated[str, AfterValidator(_public_url)] = "https://www.lapor.go.id/pengaduan/{tracking_id}"
    paths: LaporPaths = LaporPaths()
    fields: Annotated[dict[str, str], AfterValidator(_renamed)] = Field(
        default_factory=dict, description="our name of a field = the API's name"
    )
    names: Annotated[dict[str, dict[str, str]], AfterValidator(_named_fields)] = Field(
        default_factory=dict, description="what people call an id, for profile legacy, whose reports are one text"
    )

    @property
    def target(self) -> str:
        """The name under which deliveries to this API are remembered."""
        return f"{self.profile} {self.base_url}"
