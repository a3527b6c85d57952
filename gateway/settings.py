"""Which settings are there? The models of the configuration file, without what connectors and mappings add."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from connectors.options import ConfigPath, DatabaseURL, Secret, TimeZone
from gateway.answers.settings import AnswerSettings
from gateway.deadline_settings import DeadlineSettings
from gateway.durations import Duration, PositiveDuration
from gateway.lapor_settings import LaporSettings
from gateway.tables import Table
from mappings.report import FIELDS, PRIVACY, Classification

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$", description="small letters, digits, . _ -")]


class GatewaySettings(Table):
    """`[gateway]`: this installation."""

    id: Name = Field(description="part of every external_id: never change it")
    timezone: TimeZone
    state: DatabaseURL
    state_password: Secret | None = None
    spool: ConfigPath
    keep_files: Duration = Field(default=timedelta(days=90), description="after the report was closed")


class LogSettings(Table):
    """`[log]`: what the service writes to standard error."""

    format: Literal["auto", "json", "console"] = "auto"
    level: Literal["debug", "info", "warning", "error"] = "info"


Start = date | datetime | Literal["now", "all"]


_START = {
    "type": "string",
    "pattern": r"^(now|all|\d{4}-\d\d-\d\d([T ].+)?)$",
    "description": 'a date, a date with time, "now" or "all": older records are known and never sent',
}


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


class ChannelSettings(Table):
    """`[[channels]]`: one place where citizens write."""

    name: Name
    connector: str
    mapping: str
    start: Annotated[Start, BeforeValidator(_start), WithJsonSchema(_START)]
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
