"""Is the configuration right? Reads the file and `channels.d`, and names every mistake at once with its place."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from connectors import registry
from connectors.contract import ConnectorFactory, Options
from connectors.options import relative_to
from gateway import toml_lines
from gateway.deadline_settings import DeadlineSettings, HolidaySettings
from gateway.lapor_settings import LaporPaths, LaporSettings
from gateway.mistakes import ConfigError, Mistake
from gateway.settings import ChannelSettings, GatewaySettings, LogSettings, Settings
from mappings import load as mapping_load
from mappings.engine import FieldMapping
from mappings.report import PRIVACY

_MODELS: Mapping[str, type[BaseModel]] = {
    "gateway": GatewaySettings,
    "lapor": LaporSettings,
    "log": LogSettings,
    "deadlines": DeadlineSettings,
}
_KINDS = ("int", "str")
_MESSAGES = {
    "missing": "it is missing",
    "extra_forbidden": "unknown key",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "string_type": "expected a text in quotes",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "tuple_type": "expected a list",
    "list_type": "expected a list",
    "dict_type": "expected a table",
    "model_type": "expected a table",
    "string_pattern_mismatch": "expected at most 63 small letters, digits and . _ -",
}


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
class _Source:
    """A file of the configuration and where its content stands in the whole."""

    path: Path
    lines: Mapping[toml_lines.Path, int]
    prefix: toml_lines.Path
    """Of a file with one channel: ("channels",) instead of nothing."""


@dataclass(frozen=True, slots=True)
class _Raw:
    """The files' content put together, and which file each channel came from."""

    content: dict[str, Any]
    main: _Source
    channels: Sequence[tuple[_Source, toml_lines.Path]]
    strays: Sequence[Mistake] = ()
    """What a file of channels must not hold."""

    def items(self) -> Sequence[Any]:
        """The channels as they are written; none where they are no list."""
        found = self.content.get("channels", [])
        return found if isinstance(found, list) else []

    def mistake(self, path: toml_lines.Path, text: str) -> Mistake:
        """A mistake at a path of the whole, placed in the file that it came from."""
        source, rest = self.main, path
        if len(path) > 1 and path[0] == "channels" and isinstance(path[1], int) and path[1] < len(self.channels):
            source, own = self.channels[path[1]]
            rest = (*own, *path[2:])
        return Mistake(source.path, toml_lines.nearest_line(source.lines, rest), _dotted(path, self.content), text)


def load(path: Path) -> Config:
    """Read and check the configuration. Raises ConfigError with every mistake found."""
    path = path.resolve()
    raw = _read(path)
    with relative_to(path.parent):
        settings, mistakes = _settings(raw)
        checked = [_channel(raw, index, item, mistakes) for index, item in enumerate(raw.items())]
    mistakes += [*raw.strays, *_doubled_names(raw)]
    if mistakes or settings is None:
        # Two channels of one mapping tell its mistakes twice.
        ordered = sorted(dict.fromkeys(mistakes), key=lambda mistake: (str(mistake.file), mistake.line or 0))
        raise ConfigError(ordered)
    channels = tuple(
        Channel(own, *parts) for own, parts in zip(settings.channels, checked, strict=True) if parts is not None
    )
    return Config(path, settings.gateway, settings.lapor, settings.log, channels, settings.deadlines)


def _read(path: Path) -> _Raw:
    content, main = _parse(path)
    channels = content.get("channels", [])
    places: list[tuple[_Source, toml_lines.Path]] = []
    strays: list[Mistake] = []
    if isinstance(channels, list):
        places = [(main, ("channels", index)) for index in range(len(channels))]
        for file in sorted((path.parent / "channels.d").glob("*.toml")):
            added, source = _parse(file)
            several = isinstance(added.get("channels"), list)
            strays += _strays(added, source) if several else []
            for index, item in enumerate(added["channels"] if several else [{"name": file.stem, **added}]):
                channels.append(item)
                places.append((source, ("channels", index) if several else ()))
        content["channels"] = channels
    return _Raw(content, main, places, strays)


def _strays(added: Mapping[str, Any], source: _Source) -> Iterator[Mistake]:
    for name in added:
        if name != "channels":
            line = toml_lines.nearest_line(source.lines, (name,))
            yield Mistake(source.path, line, name, "a file in channels.d holds channels only")


def _parse(path: Path) -> tuple[dict[str, Any], _Source]:
    try:
        text = path.read_text(encoding="utf-8")
        return tomllib.loads(text), _Source(path, toml_lines.key_lines(text), ())
    except OSError as error:
        raise ConfigError([Mistake(path, None, "", f"it cannot be read ({error.strerror})")]) from None
    except UnicodeDecodeError:
        raise ConfigError([Mistake(path, None, "", "it is not UTF-8")]) from None
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else None
        raise ConfigError([Mistake(path, line, "", f"it is not valid TOML: {error}")]) from None


def _settings(raw: _Raw) -> tuple[Settings | None, list[Mistake]]:
    if _variable(("channels",)) in map(str.upper, os.environ):
        return None, [Mistake(raw.main.path, None, "channels", "the environment cannot state channels")]
    try:
        return Settings(**raw.content), []
    except ValidationError as error:
        return None, [_mistake(raw, item) for item in error.errors(include_url=False, include_input=False)]


def _mistake(raw: _Raw, item: Any) -> Mistake:
    path = _place(item["loc"])
    model = _model(path)
    text = _text(item, list(model.model_fields) if model else list(Settings.model_fields))
    if _variable(path) in map(str.upper, os.environ):
        return Mistake(raw.main.path, None, ".".join(map(str, path)), f"{text} (in the environment: {_variable(path)})")
    return raw.mistake(path, text)


def _place(loc: Sequence[str | int]) -> toml_lines.Path:
    """The place without what pydantic adds for the branches of a union."""
    added = ("function-", "literal[", "constrained-")
    return tuple(part for part in loc if not (isinstance(part, str) and (part.startswith(added) or part in _KINDS)))


def _variable(path: toml_lines.Path) -> str:
    """The environment variable that overrides that key."""
    prefix, delimiter = Settings.model_config["env_prefix"], Settings.model_config["env_nested_delimiter"]
    return f"{prefix}{delimiter.join(str(part) for part in path)}".upper() if delimiter else ""


def _model(path: toml_lines.Path) -> type[BaseModel] | None:
    if len(path) > 2 and path[:2] == ("lapor", "paths"):
        return LaporPaths
    if len(path) > 3 and path[:2] == ("deadlines", "holidays"):
        return HolidaySettings
    if len(path) > 1 and path[0] == "channels":
        return _nested(ChannelSettings, path[2:-1])
    return _MODELS.get(str(path[0])) if len(path) > 1 else None


def _nested(model: type[BaseModel], names: Sequence[str | int]) -> type[BaseModel]:
    """The model of the table that these keys lead to, as far as they lead to one."""
    for name in names:
        field = model.model_fields.get(str(name))
        kinds = (field.annotation, *get_args(field.annotation)) if field else ()
        inner = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
        model = inner or model
    return model


def _text(item: Any, known: Sequence[str]) -> str:
    """What pydantic found, in words for an admin, without the value."""
    kind, context = item["type"], item.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        return f"expected {context['expected']}"
    if kind == "extra_forbidden":
        name = str(item["loc"][-1])
        near = difflib.get_close_matches(name, known, n=1)
        return f'unknown key "{name}"; ' + (f'did you mean "{near[0]}"?' if near else f"known are: {', '.join(known)}")
    return _MESSAGES.get(kind) or str(item["msg"])


def _channel(
    raw: _Raw, index: int, item: Any, mistakes: list[Mistake]
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
    raw: _Raw, index: int, item: Mapping[str, Any], mistakes: list[Mistake]
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
            place_within = _place(found["loc"])
            known = list(_nested(factory.Options, place_within[:-1]).model_fields)
            mistakes.append(raw.mistake(("channels", index, "options", *place_within), _text(found, known)))
    return None


def _mapping(raw: _Raw, index: int, item: Mapping[str, Any], mistakes: list[Mistake]) -> FieldMapping | None:
    name = item.get("mapping")
    if not isinstance(name, str):
        return None
    file = mapping_load.find(name, raw.main.path.parent)
    try:
        return mapping_load.load(file)
    except mapping_load.MappingError as error:
        if not file.is_file():
            mistakes.append(raw.mistake(("channels", index, "mapping"), error.mistakes[0].text))
            return None
        lines = toml_lines.key_lines(file.read_text(encoding="utf-8", errors="replace"))
        for found in error.mistakes:
            line = toml_lines.nearest_line(lines, tuple(found.key.split(".")))
            mistakes.append(Mistake(file, line, found.key, found.text))
        return None


def _unstated(raw: _Raw, index: int, item: Mapping[str, Any], mapping: FieldMapping) -> Iterator[Mistake]:
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


def _doubled_names(raw: _Raw) -> Iterator[Mistake]:
    seen: set[str] = set()
    for index, item in enumerate(raw.items()):
        name = item.get("name") if isinstance(item, dict) else None
        if isinstance(name, str) and name in seen:
            yield raw.mistake(("channels", index, "name"), f'there is another channel "{name}"')
        seen.add(str(name))


def _dotted(path: toml_lines.Path, content: Mapping[str, Any]) -> str:
    """The key as an admin would say it: channels by name, where they have one."""
    parts = [str(part) for part in path]
    if len(path) > 1 and path[0] == "channels" and isinstance(path[1], int):
        item = content["channels"][path[1]]
        name = item.get("name") if isinstance(item, dict) else None
        parts[:2] = [f"channels[{name if isinstance(name, str) else path[1] + 1}]"]
    return ".".join(parts)
