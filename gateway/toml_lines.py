"""On which line of a TOML file does a key stand? The standard parser does not tell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

Path = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"^\s*((?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*'))*)\s*=")
_PART = re.compile(r"[A-Za-z0-9_-]+|\"([^\"]*)\"|'([^']*)'")


def key_lines(text: str) -> Mapping[Path, int]:
    """Line numbers (from 1) by path: `("channels", 0, "start")` is `start` of the first `[[channels]]`."""
    lines: dict[Path, int] = {}
    arrays: Counter[Path] = Counter()
    table: Path = ()
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
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


def _table(name: str, arrays: Counter[Path], *, is_array: bool) -> Path:
    """The header's path, with the index of each array of tables on the way."""
    path: Path = ()
    parts = _parts(name)
    for position, part in enumerate(parts):
        path = (*path, part)
        if is_array and position == len(parts) - 1:
            arrays[path] += 1
        if path in arrays:
            path = (*path, arrays[path] - 1)
    return path


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part[1] or part[2] or part[0].strip("\"'") for part in _PART.finditer(dotted))
