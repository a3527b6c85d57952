"""What must hold for every file that somebody calls a configuration or a mapping?"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from gateway.config import load
from gateway.lint import lint
from gateway.mistakes import ConfigError
from gateway.toml_lines import key_lines
from mappings import load as mapping_load
from mappings.engine import Context, apply
from mappings.load import MappingError
from mappings.toml_text import parse

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Makassar")
ROW = {"isi": "Lampu mati.", "text": "Pesan: Lampu mati.\nNama: W", "nama": 1.5, "tgl": "0000-00-00", "rahasia": "x"}


def as_configuration(text: str, folder: Path) -> bool:
    """Whether it can be used. Whatever it says, each mistake has a line of it, and `lint` sees what `load` refuses."""
    path = _written(text, folder / "config.toml")
    try:
        load(path)
    except ConfigError:
        usable = False
    else:
        usable = True
    found = lint(path, (), NOW)
    lines = text.count("\n") + 1
    assert all(each.line is None or 1 <= each.line <= lines for each in found.mistakes if each.file == path.resolve())
    # Secrets that are not here keep the service from starting, and are no mistake to `lint`.
    assert usable <= found.is_right or "the very same as" in str(found.mistakes) or "template" in str(found.mistakes)
    return usable


def as_mapping(text: str, folder: Path) -> bool:
    """Whether it can be used; then records go through it, too."""
    path = _written(text, folder / "ours.toml")
    found = lint(folder / "config.toml", [path], NOW)
    try:
        mapping = mapping_load.load(path)
    except MappingError:
        assert not found.is_right
        return False
    for row in (ROW, {}):
        apply(mapping, row, Context(ZONE, {}, NOW), NOW)
    return True


def as_lines(text: str) -> None:
    """The text's tables and their lines; lines also where it is no TOML."""
    with suppress(ValueError):
        parse(text)
    key_lines(text)


def _written(text: str, path: Path) -> Path:
    path.write_text(text, encoding="utf-8", newline="")
    return path
