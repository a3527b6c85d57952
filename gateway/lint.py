"""What in the configuration is wrong or looks wrong, as far as it can be told without any network? For `lint`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors.options import allowing_absent_secrets
from gateway import config_files, lint_channel, lint_mapping, lint_values, toml_lines
from gateway.config import Channel, Config, Examined, examine
from gateway.config_files import FOLDER, Raw
from gateway.lint_channel import doubled_sources, same_source
from gateway.mistakes import ConfigError, Mistake, Weight, in_order
from mappings import load as mapping_load

_MAPPINGS = "mappings"
_ZONE = ZoneInfo("Asia/Jakarta")


@dataclass(frozen=True, slots=True)
class Linted:
    """What was looked at, and what was found."""

    files: Sequence[Path]
    examples: int
    """`[[tests]]` that were run or would have been, had their mapping been right."""
    mistakes: Sequence[Mistake]

    @property
    def is_right(self) -> bool:
        """Whether the gateway can work with it; warnings do not count."""
        return all(mistake.weight is Weight.WARNING for mistake in self.mistakes)


def lint(config: Path, files: Sequence[Path], now: datetime) -> Linted:
    """Look at these files, or at the whole configuration where none is named. Nothing is raised for any content.

    A channel's file that does not stand in `channels.d` is looked at as if it did.
    """
    if not files:
        return _whole(config, (), now)
    return _together([_one(config, file, now) for file in files])


def _one(config: Path, file: Path, now: datetime) -> Linted:
    try:
        content = config_files.parse(file).content
    except ConfigError as error:
        return Linted([file], 0, error.mistakes)
    if content.keys() & {"gateway", "lapor"}:
        return _whole(file, (), now)
    if content.keys() & {"fields", "form"}:
        return _mapping(file, _ZONE, now)
    if content.keys() & {"connector", "channels", "mapping"}:
        return _channel_file(config, file, now)
    text = "it is no configuration ([gateway]), no mapping ([fields.NAME]) and no channel (connector = …)"
    return Linted([file], 0, [Mistake(file, None, "", text)])


def _channel_file(config: Path, file: Path, now: datetime) -> Linted:
    """Of the whole configuration what is said of this file and of the mappings that it names."""
    beside = file.parent.parent / "config.toml"
    main = beside if file.parent.name == FOLDER and beside.is_file() else config
    try:
        raw = config_files.read(main.resolve(), [file.resolve()])
    except ConfigError as error:
        return Linted([file], 0, error.mistakes)
    found = _whole(main, (file,), now)
    own = [item for item, (source, _) in zip(raw.items(), raw.channels, strict=False) if source.path == file.resolve()]
    mappings = _mapping_files(own, main.resolve().parent)
    kept = [each for each in found.mistakes if each.file in {file.resolve(), *mappings}]
    if any(each.file == main.resolve() and each.weight is Weight.MISTAKE for each in found.mistakes):
        text = f"{main} has mistakes of its own, so that this was looked at only in part: lint that, too"
        kept.append(Mistake(file.resolve(), None, "", text, Weight.WARNING))
    return Linted([file, *mappings], sum(_count(each) for each in mappings), kept)


def _whole(path: Path, more: Sequence[Path], now: datetime) -> Linted:
    try:
        with allowing_absent_secrets() as absent:
            examined = examine(path, more)
    except ConfigError as error:
        return Linted([path], 0, error.mistakes)
    raw = examined.raw
    zone = examined.config.gateway.timezone if examined.config else _ZONE
    parts = [
        Linted([raw.main.path, *(source.path for source, _ in raw.channels)], 0, examined.mistakes),
        Linted((), 0, [*_absent(raw, absent), *lint_values.quoted(raw), *_of_channels(examined, now)]),
        *(_mapping(file, zone, now) for file in _mapping_files(raw.items(), raw.main.path.parent)),
        Linted((), 0, list(_unused(raw))),
    ]
    return _together(parts)


def _of_channels(examined: Examined, now: datetime) -> Iterator[Mistake]:
    config: Config | None = examined.config
    if config is None:
        return
    for index, channel in enumerate(config.channels):
        for place, text, weight in lint_channel.slips(channel, config.gateway.timezone, now):
            yield examined.raw.mistake(("channels", index, *place), text, weight)
    for channel, other in doubled_sources(config.channels):
        yield _doubled(examined.raw, config.channels, channel, other)


def _doubled(raw: Raw, channels: Sequence[Channel], channel: Channel, other: Channel) -> Mistake:
    return raw.mistake(("channels", channels.index(channel), "options"), same_source(other))


def _absent(raw: Raw, absent: Mapping[str, str]) -> Iterator[Mistake]:
    """Secrets that are not here: to be expected on a laptop, so no mistake."""
    for path, value in _leaves(raw.content):
        if isinstance(value, str) and value in absent:
            yield raw.mistake(path, f"{absent[value]} (`check` and the service will need it)", Weight.WARNING)


def _leaves(whole: Any) -> Iterator[tuple[toml_lines.Path, Any]]:
    """Every value that is no table and no list, with its place. A dotted key may nest deeper than Python recurses."""
    waiting: list[tuple[toml_lines.Path, Any]] = [((), whole)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [((*path, name), inner) for name, inner in value.items()]
        elif isinstance(value, list):
            waiting += [((*path, number), inner) for number, inner in enumerate(value)]
        else:
            yield path, value


def _mapping(path: Path, zone: ZoneInfo, now: datetime) -> Linted:
    try:
        return Linted([path], _count(path), list(lint_mapping.mistakes(path, zone, now)))
    except ConfigError as error:
        return Linted([path], 0, error.mistakes)


def _count(path: Path) -> int:
    """How many examples the mapping holds."""
    try:
        tests = config_files.parse(path).content.get("tests", [])
    except ConfigError:
        return 0
    return len(tests) if isinstance(tests, list) else 0


def _mapping_files(channels: Sequence[Any], folder: Path) -> list[Path]:
    """The files that the channels name and that are there; of a missing one the channel's own mistake tells."""
    named = [item.get("mapping") for item in channels if isinstance(item, dict)]
    files = [mapping_load.find(name, folder) for name in named if isinstance(name, str) and name]
    return [file for file in dict.fromkeys(files) if config_files.is_file(file)]


def _unused(raw: Raw) -> Iterator[Mistake]:
    """Files in the folder `mappings` beside the configuration that no channel names."""
    folder = raw.main.path.parent
    used = {file.resolve() for file in _mapping_files(raw.items(), folder)}
    for file in sorted((folder / _MAPPINGS).glob("*.toml")):
        if file.resolve() not in used:
            yield Mistake(file, None, "", "no channel uses this mapping", Weight.WARNING)


def _together(parts: Sequence[Linted]) -> Linted:
    files = dict.fromkeys(file for part in parts for file in part.files)
    return Linted(
        list(files), sum(part.examples for part in parts), in_order(m for part in parts for m in part.mistakes)
    )
