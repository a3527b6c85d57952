"""What is known of a channel that is only begun, and of the gateway that it is for?

A configuration that `config.load` would refuse, since a channel lacks its table, key or mapping, is read all the same.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from connectors import registry, spool
from connectors.contract import ChannelContext, ConnectorFactory, Misconfigured
from connectors.discovery import Discoverer, Discovery
from connectors.options import relative_to
from gateway import unforeseen
from gateway.config import load
from gateway.mistakes import ConfigError, Mistake
from gateway.settings import GatewaySettings, Settings


class _Gateway(Settings):
    """Only `[gateway]`: neither LAPOR's token nor the other channels matter yet."""

    model_config = SettingsConfigDict(**{**BaseSettings.model_config, **Settings.model_config, "extra": "ignore"})
    lapor: Any = None
    channels: Any = ()
    deadlines: Any = None
    log: Any = None


@dataclass(frozen=True, slots=True)
class Begun:
    """A channel as far as it is written."""

    name: str
    kind: str
    options: Mapping[str, Any]


def gateway_of(path: Path) -> GatewaySettings:
    """`[gateway]` of a configuration. Raises ConfigError, also for all other mistakes where this part has one."""
    content = _parsed(path)
    try:
        with relative_to(path.resolve().parent):
            return _Gateway(gateway=content.get("gateway", {})).gateway
    except ValidationError:
        load(path)
        raise ConfigError([Mistake(path, None, "gateway", "it cannot be read")]) from None


def begun(path: Path) -> Iterator[Begun]:
    """The channels of the configuration and of `channels.d`, complete or not. Raises ConfigError for broken TOML."""
    content = _parsed(path)
    files = sorted((path.resolve().parent / "channels.d").glob("*.toml"))
    tables = [*_listed(content)]
    for file in files:
        added = _parsed(file)
        tables += _listed(added) if isinstance(added.get("channels"), list) else [{"name": file.stem, **added}]
    for table in tables:
        options = table.get("options")
        yield Begun(
            str(table.get("name", "")), str(table.get("connector", "")), options if isinstance(options, dict) else {}
        )


@contextmanager
def place_of(path: Path, name: str) -> Iterator[ChannelContext]:
    """A context for a channel of this configuration; relative paths within are relative to the file."""
    settings = gateway_of(path)
    with relative_to(path.resolve().parent):
        yield ChannelContext(name or "discover", settings.timezone, spool.prepare(settings.spool))


def discoverer_of(kind: str) -> Discoverer:
    """What looks around in that kind of source. Raises Misconfigured for a kind that is unknown or cannot."""
    try:
        factory: ConnectorFactory = registry.load(kind)
    except registry.UnknownConnector as error:
        raise Misconfigured(str(error)) from None
    except ImportError as error:
        raise Misconfigured(f"the connector's package cannot be imported ({error.name})") from None
    found: Discoverer | None = getattr(factory, "discoverer", None)
    if found is None:
        raise Misconfigured(f'the connector "{kind}" cannot look around: write its options by hand')
    return found


def look_around(kind: str, options: Mapping[str, Any], channel: ChannelContext) -> Discovery:
    """Log in and look around. Raises ConnectorError; a mistake in the options too, without their values."""
    looking = discoverer_of(kind)
    with unforeseen.as_connector_error():
        try:
            return looking.discover(looking.Access.model_validate(dict(options)), channel)
        except ValidationError as error:
            raise Misconfigured("; ".join(_told(error, looking.Access))) from None


def _told(error: ValidationError, access: type[BaseModel]) -> Iterator[str]:
    for item in error.errors(include_url=False, include_input=False, include_context=True):
        name = ".".join(str(part) for part in item["loc"] if str(part) in access.model_fields)
        text = str(item["ctx"]["error"]) if item["type"] == "value_error" else str(item["msg"])
        yield f"{name}: {'it is missing' if item['type'] == 'missing' else text}" if name else text


def _listed(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = content.get("channels", [])
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        text = f"it cannot be read ({error.strerror}); `lapor-gateway channel add` makes one"
        raise ConfigError([Mistake(path, None, "", text)]) from None
    except UnicodeDecodeError:
        raise ConfigError([Mistake(path, None, "", "it is not UTF-8")]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([Mistake(path, None, "", f"it is not valid TOML: {error}")]) from None
