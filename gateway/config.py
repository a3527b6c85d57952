"""Is the configuration right? Reads the file and `channels.d`, and names every mistake at once with its place."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from connectors import registry
from connectors.contract import ConnectorFactory, Options
from connectors.options import relative_to
from gateway import config_files, config_words, toml_lines
from gateway.config_files import Raw
from gateway.deadline_settings import DeadlineSettings
from gateway.lapor_settings import LaporSettings
from gateway.mistakes import ConfigError, Mistake, in_order
from gateway.settings import ChannelSettings, GatewaySettings, LogSettings, Settings
from mappings import load as mapping_load
from mappings.engine import FieldMapping
from mappings.report import PRIVACY


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel ready for use."""

    settings: ChannelSettings
    factory: ConnectorFactory
    options: Options
    mapping: FieldMapping

    @property
    def name(self) -> str:
        return self.settings.name


@dataclass(frozen=True, slots=True)
class Config:
    """The configuration, checked."""

    path: Path
    gateway: GatewaySettings
    lapor: LaporSettings
    log: LogSettings
    channels: tuple[Channel, ...]
    deadlines: DeadlineSettings = field(default_factory=DeadlineSettings)


@dataclass(frozen=True, slots=True)
class Examined:
    """What a configuration says, and what is wrong with it."""

    raw: Raw
    mistakes: Sequence[Mistake]
    config: Config | None
    """None where there is any mistake."""


def load(path: Path) -> Config:
    """Read and check the configuration. Raises ConfigError with every mistake found."""
    examined = examine(path)
    if examined.config is None:
        raise ConfigError(examined.mistakes)
    return examined.config


def examine(path: Path, more: Sequence[Path] = ()) -> Examined:
    """Read the configuration and find every mistake. Raises ConfigError for a file that is no TOML.

    `more` are files of channels that do not stand in `channels.d`, or not yet.
    """
    path = path.resolve()
    raw = config_files.read(path, [file.resolve() for file in more])
    with relative_to(path.parent):
        settings, mistakes = _settings(raw)
        checked = [_channel(raw, index, item, mistakes) for index, item in enumerate(raw.items())]
    mistakes += [*raw.strays, *_doubled_names(raw)]
    if mistakes or settings is None:
        return Examined(raw, in_order(mistakes), None)
    channels = tuple(
        Channel(own, *parts) for own, parts in zip(settings.channels, checked, strict=True) if parts is not None
    )
    whole = Config(path, settings.gateway, settings.lapor, settings.log, channels, settings.deadlines)
    return Examined(raw, (), whole)


def _settings(raw: Raw) -> tuple[Settings | None, list[Mistake]]:
    if _variable(("channels",)) in map(str.upper, os.environ):
        return None, [Mistake(raw.main.path, None, "channels", "the environment cannot state channels")]
    known = list(Settings.model_fields)
    # Not left to pydantic: its own settings, such as `_env_file`, would be taken for keywords.
    mistakes = [
        raw.mistake((name,), config_words.unknown_key(name, known)) for name in raw.content if name not in known
    ]
    try:
        return Settings(**{name: value for name, value in raw.content.items() if name in known}), mistakes
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        return None, [*mistakes, *(_mistake(raw, item) for item in found)]


def _mistake(raw: Raw, item: Any) -> Mistake:
    path = config_words.place(item["loc"])
    text = config_words.text(item, config_words.keys(_model(path)))
    if _variable(path) in map(str.upper, os.environ):
        return Mistake(raw.main.path, None, ".".join(map(str, path)), f"{text} (in the environment: {_variable(path)})")
    return raw.mistake(path, text)


def _variable(path: toml_lines.Path) -> str:
    """The environment variable that overrides that key."""
    prefix, delimiter = Settings.model_config["env_prefix"], Settings.model_config["env_nested_delimiter"]
    return f"{prefix}{delimiter.join(str(part) for part in path)}".upper() if delimiter else ""


def _model(path: toml_lines.Path) -> type[BaseModel]:
    """The model of the table in which this key stands."""
    if len(path) > 1 and path[0] == "channels":
        return config_words.nested(ChannelSettings, path[2:-1])
    return config_words.nested(Settings, path[:-1])


def _channel(
    raw: Raw, index: int, item: Any, mistakes: list[Mistake]
) -> tuple[ConnectorFactory, Options, FieldMapping] | None:
    """The parts of a channel that its connector and its mapping define; mistakes are added to the list."""
    if not isinstance(item, dict):
        return None
    before = len(mistakes)
    found = _options(raw, index, item, mistakes)
    mapping = _mapping(raw, index, item, mistakes)
    if mapping is not None:
        mistakes += _unstated(raw, index, item, mapping)
    return (*found, mapping) if found and mapping and len(mistakes) == before else None


def _options(
    raw: Raw, index: int, item: Mapping[str, Any], mistakes: list[Mistake]
) -> tuple[ConnectorFactory, Options] | None:
    place: toml_lines.Path = ("channels", index, "connector")
    if not isinstance(item.get("connector"), str):
        return None
    try:
        factory = registry.load(item["connector"])
        return factory, factory.Options.model_validate(item.get("options", {}))
    except registry.UnknownConnector as error:
        mistakes.append(raw.mistake(place, str(error)))
    except ImportError as error:
        mistakes.append(raw.mistake(place, f"the connector's package cannot be imported ({error.name})"))
    except ValidationError as error:
        for found in error.errors(include_url=False, include_input=False):
            within = config_words.place(found["loc"])
            known = config_words.keys(config_words.nested(factory.Options, within[:-1]))
            mistakes.append(raw.mistake(("channels", index, "options", *within), config_words.text(found, known)))
    return None


def _mapping(raw: Raw, index: int, item: Mapping[str, Any], mistakes: list[Mistake]) -> FieldMapping | None:
    name = item.get("mapping")
    if not isinstance(name, str):
        return None
    file = mapping_load.find(name, raw.main.path.parent)
    try:
        return mapping_load.load(file)
    except mapping_load.MappingError as error:
        if not config_files.is_file(file):
            mistakes.append(raw.mistake(("channels", index, "mapping"), error.mistakes[0].text))
            return None
        lines = toml_lines.key_lines(file.read_text(encoding="utf-8", errors="replace"))
        for found in error.mistakes:
            line = toml_lines.nearest_line(lines, tuple(found.key.split(".")))
            mistakes.append(Mistake(file, line, found.key, found.text))
        return None


def _unstated(raw: Raw, index: int, item: Mapping[str, Any], mapping: FieldMapping) -> Iterator[Mistake]:
    """Secrecy has no built-in default, and a report needs a place and a source."""
    defaults = item.get("defaults") if isinstance(item.get("defaults"), dict) else {}
    for name in (*PRIVACY, "location_id"):
        if name not in (defaults or {}) and not mapping.states(name):
            text = f"state it here, or in the mapping {mapping.name}: there is no built-in default"
            yield raw.mistake(("channels", index, "defaults", name), text)
    if not item.get("source") and "source" not in (defaults or {}) and not mapping.states("source"):
        yield raw.mistake(
            ("channels", index, "source"), 'it is missing: LAPOR\'s name of the channel, e.g. "Email Instansi"'
        )


def _doubled_names(raw: Raw) -> Iterator[Mistake]:
    seen: set[str] = set()
    for index, item in enumerate(raw.items()):
        name = item.get("name") if isinstance(item, dict) else None
        if isinstance(name, str) and name in seen:
            yield raw.mistake(("channels", index, "name"), f'there is another channel "{name}"')
        seen.add(str(name))
