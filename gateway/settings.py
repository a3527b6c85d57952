"""Which settings are there? The models of the configuration file, without what connectors and mappings add."""

from __future__ import annotations

import difflib
from datetime import date, datetime, time, timedelta
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationInfo
from pydantic_core import PydanticKnownError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from connectors.options import SECRET_ADVICE, ConfigPath, DatabaseURL, Secret, TimeZone
from gateway.answers.settings import AnswerSettings
from gateway.deadline_settings import DeadlineSettings
from gateway.durations import Duration, PositiveDuration, Rate
from mappings.report import FIELDS, PRIVACY, Classification

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$", description="small letters, digits, . _ -")]

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


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class GatewaySettings(_Table):
    """`[gateway]`: this installation."""

    id: Name = Field(description="part of every external_id: never change it")
    timezone: TimeZone
    state: DatabaseURL
    state_password: Secret | None = None
    spool: ConfigPath
    keep_files: Duration = Field(default=timedelta(days=90), description="after the report was closed")


class LogSettings(_Table):
    """`[log]`: what the service writes to standard error."""

    format: Literal["auto", "json", "console"] = "auto"
    level: Literal["debug", "info", "warning", "error"] = "info"


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


class LaporPaths(_Table):
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


class LaporSettings(_Table):
    """`[lapor]`: the LAPOR-compatible API that reports are filed in, or, with profile `manual`, LAPOR's own form."""

    profile: Literal["v3", "legacy", "manual"] = "v3"
    base_url: Annotated[str, BeforeValidator(_base_url)] = Field(default=None, validate_default=True)
    token: Annotated[Secret, BeforeValidator(_token), AfterValidator(_sendable)] = Field(
        default=None, validate_default=True
    )
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


Start = date | datetime | Literal["now", "all"]


def _start(value: object) -> object:
    if value in ("now", "all") or isinstance(value, date):
        return value
    try:
        text = str(value)
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        raise ValueError('expected a date, a date with time, "now" or "all"') from None


def _defaults(value: dict[str, Any]) -> dict[str, Any]:
    unknown = [name for name in value if name not in FIELDS]
    if unknown:
        raise ValueError(f"unknown report field {', '.join(unknown)}; known are: {', '.join(FIELDS)}")
    wrong = [f"{name}: {_expected(name)}" for name, item in value.items() if not _fits(name, item)]
    if wrong:
        raise ValueError("; ".join(wrong))
    return value


def _fits(name: str, item: Any) -> bool:
    if name in PRIVACY:
        return isinstance(item, bool)
    if name in _NUMBERS:
        return isinstance(item, int | float) and not isinstance(item, bool)
    if name == "classification":
        return item in list(Classification)
    return isinstance(item, str) and bool(item)


def _expected(name: str) -> str:
    if name in PRIVACY:
        return "expected true or false"
    if name in _NUMBERS:
        return "expected a number"
    return 'expected "1", "2" or "3"' if name == "classification" else "expected a text in quotes"


_NUMBERS = {"latitude", "longitude"}


class ChannelSettings(_Table):
    """`[[channels]]`: one place where citizens write."""

    name: Name
    connector: str
    mapping: str
    start: Annotated[Start, BeforeValidator(_start)]
    institution_id: str | None = None
    source: str | None = Field(default=None, min_length=1)
    every: PositiveDuration = timedelta(minutes=5)
    settle: Duration = timedelta(0)
    release: Literal["auto", "review"] = "auto"
    first_run_limit: int = Field(default=200, ge=0)
    photo_position: bool = Field(default=False, description="fill latitude and longitude from a photo's own data")
    defaults: Annotated[dict[str, Any], AfterValidator(_defaults)] = Field(default_factory=dict)
    answers: AnswerSettings | None = None
    options: dict[str, Any] = Field(default_factory=dict)

    def report_defaults(self) -> dict[str, Any]:
        """Report fields that the channel states for every record."""
        own = {"institution_id": self.institution_id, "source": self.source}
        return {**{name: value for name, value in own.items() if value is not None}, **self.defaults}

    def start_moment(self, zone: ZoneInfo) -> datetime | None:
        """The moment of `start`; None for "now" and "all"."""
        if isinstance(self.start, datetime):
            return self.start if self.start.tzinfo else self.start.replace(tzinfo=zone)
        return datetime.combine(self.start, time(), zone) if isinstance(self.start, date) else None


class Settings(BaseSettings):
    """The whole file. `LAPOR_GATEWAY_LAPOR__BASE_URL=…` in the environment overrides `[lapor] base_url`."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix="LAPOR_GATEWAY_",
        env_nested_delimiter="__",
        # A database URL is no JSON, and nothing else in the environment needs to be.
        enable_decoding=False,
        hide_input_in_errors=True,
    )

    gateway: GatewaySettings
    lapor: LaporSettings
    log: LogSettings = LogSettings()
    deadlines: DeadlineSettings = DeadlineSettings()
    channels: tuple[ChannelSettings, ...] = ()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings
