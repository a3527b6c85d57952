"""Which files make up the configuration, and where in them does each key stand? The main file, and `channels.d`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway import toml_lines
from gateway.mistakes import ConfigError, Mistake, Weight
from mappings import toml_text

FOLDER = "channels.d"
"""Beside the main file: one channel a file, or several under `[[channels]]`."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the configuration."""

    path: Path
    lines: Mapping[toml_lines.Path, int]
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Raw:
    """The files' content put together, and which file each channel came from."""

    content: dict[str, Any]
    main: Source
    channels: Sequence[tuple[Source, toml_lines.Path]]
    strays: Sequence[Mistake] = ()
    """What a file of channels must not hold."""

    def items(self) -> Sequence[Any]:
        """The channels as they are written; none where they are no list."""
        found = self.content.get("channels", [])
        return found if isinstance(found, list) else []

    def mistake(self, path: toml_lines.Path, text: str, weight: Weight = Weight.MISTAKE) -> Mistake:
        """A mistake at a path of the whole, placed in the file that it came from."""
        source, rest = self.main, path
        if len(path) > 1 and path[0] == "channels" and isinstance(path[1], int) and path[1] < len(self.channels):
            source, own = self.channels[path[1]]
            rest = (*own, *path[2:])
        line = toml_lines.nearest_line(source.lines, rest)
        return Mistake(source.path, line, self._dotted(path), text, weight)

    def _dotted(self, path: toml_lines.Path) -> str:
        """The key as an admin would say it: channels by name, where they have one."""
        parts = [str(part) for part in path]
        if len(path) > 1 and path[0] == "channels" and isinstance(path[1], int):
            item = self.items()[path[1]]
            name = item.get("name") if isinstance(item, dict) else None
            parts[:2] = [f"channels[{name if isinstance(name, str) else path[1] + 1}]"]
        return ".".join(parts)


def read(path: Path, more: Sequence[Path] = ()) -> Raw:
    """Read the main file, `channels.d` beside it, and `more` files of channels. Raises ConfigError for no TOML."""
    main = parse(path)
    content = dict(main.content)
    channels = content.get("channels", [])
    places: list[tuple[Source, toml_lines.Path]] = []
    strays: list[Mistake] = []
    if isinstance(channels, list):
        channels = [*channels]
        places = [(main, ("channels", index)) for index in range(len(channels))]
        for file in sorted({*(path.parent / FOLDER).glob("*.toml"), *more}):
            source = parse(file)
            several = isinstance(source.content.get("channels"), list)
            strays += _strays(source) if several else []
            items = source.content["channels"] if several else [{"name": file.stem, **source.content}]
            for index, item in enumerate(items):
                channels.append(item)
                places.append((source, ("channels", index) if several else ()))
        content["channels"] = channels
    return Raw(content, main, places, strays)


def parse(path: Path) -> Source:
    """Read a TOML file. Raises ConfigError, with the line where the text breaks the rules of TOML."""
    try:
        text = path.read_text(encoding="utf-8")
        return Source(path, content=toml_text.parse(text), lines=toml_lines.key_lines(text))
    except OSError as error:
        raise ConfigError([Mistake(path, None, "", f"it cannot be read ({error.strerror})")]) from None
    except UnicodeDecodeError:
        raise ConfigError([Mistake(path, None, "", "it is not UTF-8")]) from None
    except ValueError as error:
        # Of tomllib; a whole number of thousands of digits is a plain ValueError of Python's own.
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else None
        raise ConfigError([Mistake(path, line, "", f"it is not valid TOML: {error}")]) from None


def is_file(path: Path) -> bool:
    """Whether there is such a file; no question for a path that cannot be one."""
    try:
        return path.is_file()
    except OSError:
        return False


def _strays(source: Source) -> Iterator[Mistake]:
    for name in source.content:
        if name != "channels":
            line = toml_lines.nearest_line(source.lines, (name,))
            yield Mistake(source.path, line, name, f"a file in {FOLDER} holds channels only")
