"""Which settings are there? The models of the configuration file, without what connectors and mappings add."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from connectors.options import SECRET_ADVICE, ConfigPath, DatabaseURL, Secret, TimeZone
from gateway.durations import Duration, Rate
from mappings.report import FIELDS

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$", description="small letters, digits, . _ -")]

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class GatewaySettings(_Table):
    """`[gateway]`: this installation."""

    id: Name = Field(description="part of every external_id: never change it")
    timezone: TimeZone
    state: DatabaseURL
    state_password: Secret | None = None
    spool: ConfigPath


class LogSettings(_Table):
    """`[log]`: what the service writes to standard error."""

    format: Literal["auto", "json", "console"] = "auto"
    level: Literal["debug", "info", "warning", "error"] = "info"


class LaporPaths(_Table):
    """`[lapor.paths]`: where LAPOR's calls are, below `base_url`."""

    complaints: str = "/complaints"
    complaint: str = "/complaints/{tracking_id}"
    followups: str = "/complaints/{tracking_id}/followups"
    categories: str = "/categories"
    institutions: str = "/institutions"
    locations: str = "/locations"


def _safe_url(value: object) -> object:
    url = urlsplit(value) if isinstance(value, str) else None
    if url is None or url.scheme not in {"http", "https"} or not url.hostname:
        raise ValueError('expected a URL such as "https://…"')
    if url.password or url.username:
        raise ValueError(f"a password stands in the URL; {SECRET_ADVICE}, as `token`")
    if url.scheme == "http" and url.hostname not in _LOOPBACK:
        raise ValueError("http sends the token and citizens' names in clear text; it is allowed on loopback only")
    return str(value).rstrip("/")


class LaporSettings(_Table):
    """`[lapor]`: the LAPOR-compatible API that reports are filed in."""

    profile: Literal["v3"] = "v3"
    base_url: Annotated[str, BeforeValidator(_safe_url)]
    token: Secret
    ca_file: ConfigPath | None = None
    timeout: Duration = timedelta(seconds=30)
    rate: Rate = 5.0
    per_day: int = Field(default=5_000, ge=1)
    workers: int = Field(default=4, ge=1, le=64, description="requests under way at once")
    retry_first: Duration = timedelta(seconds=30)
    retry_max: Duration = timedelta(hours=1)
    in_doubt_wait: Duration = timedelta(minutes=10)
    submit_every: Duration = timedelta(seconds=30)
    track_every: Duration = timedelta(minutes=5)
    send_nik: bool = False
    auth_header: str = "Authorization"
    auth_prefix: str = "Bearer "
    auth_field: str | None = Field(default=None, description="send the token as this body field, such as KEYTOKEN")
    public_url: str = "https://www.lapor.go.id/pengaduan/{tracking_id}"
    paths: LaporPaths = LaporPaths()
    fields: dict[str, str] = Field(default_factory=dict, description="our name of a field = the API's name")

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
    for name in ("is_anonymous", "is_secret"):
        if name in value and not isinstance(value[name], bool):
            raise ValueError(f"{name}: expected true or false")
    texts = {name: item for name, item in value.items() if not isinstance(item, bool) and name not in _NUMBERS}
    wrong = [name for name, item in texts.items() if not isinstance(item, str)]
    if wrong:
        raise ValueError(f"{', '.join(wrong)}: expected a text in quotes")
    unknown = [name for name in value if name not in FIELDS]
    if unknown:
        raise ValueError(f"unknown report field {', '.join(unknown)}; known are: {', '.join(FIELDS)}")
    return value


_NUMBERS = {"latitude", "longitude"}


class ChannelSettings(_Table):
    """`[[channels]]`: one place where citizens write."""

    name: Name
    connector: str
    mapping: str
    start: Annotated[Start, BeforeValidator(_start)]
    institution_id: str | None = None
    source: str | None = Field(default=None, min_length=1)
    every: Duration = timedelta(minutes=5)
    settle: Duration = timedelta(0)
    release: Literal["auto", "review"] = "auto"
    first_run_limit: int = Field(default=200, ge=0)
    defaults: Annotated[dict[str, Any], AfterValidator(_defaults)] = Field(default_factory=dict)
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
        hide_input_in_errors=True,
    )

    gateway: GatewaySettings
    lapor: LaporSettings
    log: LogSettings = LogSettings()
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
