"""On which line of a TOML file does a key stand? The standard parser does not tell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from mappings.toml_text import DEEPEST

Path = tuple[str | int, ...]

_NAME = r"(?:[A-Za-z0-9_-]+|\"(?:\\.|[^\"\\])*\"|'[^']*')"
_NAMES = rf"{_NAME}(?:[ \t]*\.[ \t]*{_NAME})*"
_HEADER = re.compile(rf"^[ \t]*(\[\[?)[ \t]*({_NAMES})[ \t]*\]\]?[ \t]*(#.*)?$")
_KEY = re.compile(rf"^[ \t]*({_NAMES})[ \t]*=")
_PART = re.compile(r"([A-Za-z0-9_-]+)|\"((?:\\.|[^\"\\])*)\"|'([^']*)'")
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?(?:"{3,5}|\Z)|"(?:\\.|[^"\\\n])*+"?'
    r"|'''.*?(?:'{3,5}|\Z)|'[^'\n]*+'?"
    r"|#[^\n]*|[\[\]{}]",
    re.DOTALL,
)
"""What opens and is never closed ends with the text or its line: each character is looked at once, in any text."""


def key_lines(text: str) -> Mapping[Path, int]:
    """Line numbers (from 1) by path: `("channels", 0, "start")` is `start` of the first `[[channels]]`."""
    lines: dict[Path, int] = {}
    arrays: Counter[Path] = Counter()
    table: Path = ()
    inside = set(_inside_values(text))
    for number, line in enumerate(text.split("\n"), start=1):
        if number in inside:
            continue
        header = _HEADER.match(line.rstrip("\r"))
        if header:
            table = _table(header[2], arrays, is_array=header[1] == "[[")
            lines.setdefault(table, number)
            continue
        key = _KEY.match(line)
        if key:
            lines.setdefault(table + _parts(key[1]), number)
    return lines


def nearest_line(lines: Mapping[Path, int], path: Path) -> int | None:
    """The line of the key, or of the nearest table around it."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


def _inside_values(text: str) -> Iterator[int]:
    """Lines that go on with a value begun before: an SQL query in \"\"\" may look like keys and tables."""
    depth, opened, line, seen = 0, 0, 1, 0
    for token in _TOKEN.finditer(text):
        line += text.count("\n", seen, token.start())
        seen = token.start()
        breaks = token[0].count("\n")
        yield from range(line + 1, line + breaks + 1)
        if token[0] in ("[", "{"):
            opened = line if depth == 0 else opened
            depth += 1
        elif token[0] in ("]", "}"):
            depth -= 1
            if depth == 0:
                yield from range(opened + 1, line + 1)


def _table(name: str, arrays: Counter[Path], *, is_array: bool) -> Path:
    """The header's path, with the index of each array of tables on the way."""
    path: Path = ()
    parts = _parts(name)
    if len(parts) > DEEPEST:
        return parts  # what `toml_text` refuses
    for position, part in enumerate(parts):
        path = (*path, part)
        if is_array and position == len(parts) - 1:
            arrays[path] += 1
        if path in arrays:
            path = (*path, arrays[path] - 1)
    return path


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(next(part for part in found.groups() if part is not None) for found in _PART.finditer(dotted))
