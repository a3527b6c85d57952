"""Which channels does a table name, one a row? For forty at once; every mistake with the line that it stands on."""

from __future__ import annotations

import csv
import difflib
import io
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from connectors import registry
from gateway.channel_text import NewChannel
from gateway.mistakes import ConfigError, Mistake
from gateway.settings import ChannelSettings
from mappings.report import FIELDS, PRIVACY

_PRESETS = {
    "imap": "email",
    "sql": "webform",
    "http": "portal",
    **dict.fromkeys(("spreadsheet", "google_sheets", "csv_link"), "spreadsheet"),
}
_TOP = [name for name in ChannelSettings.model_fields if name not in {"defaults", "options", "answers"}]
_DEFAULTS = [name for name in FIELDS if name not in _TOP]
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_SECRETS = re.compile(r"password|token|secret|credentials", re.IGNORECASE)
_YES_NO = {"true": True, "ya": True, "yes": True, "false": False, "tidak": False, "no": False}


@dataclass(frozen=True, slots=True)
class Table:
    """The channels of a file."""

    channels: Sequence[NewChannel]
    lines: Mapping[str, int]
    """On which line each stands, by name."""


def read(path: Path) -> Table:
    """The channels of a CSV file. Raises ConfigError with all mistakes that the file itself shows."""
    reader = _reader(path)
    mistakes = [Mistake(path, 1, "", text) for text in _headings(reader.fieldnames or [])]
    rows = [] if mistakes else list(_rows(path, reader))
    channels: list[NewChannel] = []
    lines: dict[str, int] = {}
    for line, row in rows:
        name = row.get("name", "")
        if name in lines:
            mistakes.append(Mistake(path, line, "name", f"line {lines[name]} has the same one"))
        made, wrong = _channel(row)
        lines.setdefault(name, line)
        mistakes += [Mistake(path, line, key, text) for key, text in wrong]
        channels.append(made)
    if mistakes:
        raise ConfigError(mistakes)
    return Table(channels, lines)


def is_name(text: str) -> bool:
    """Whether a channel may be called so."""
    return _NAME.fullmatch(text) is not None


def placed(error: ConfigError, table: Table, path: Path) -> ConfigError:
    """The same mistakes at the table's own lines."""
    return ConfigError([_placed(one, table, path) for one in error.mistakes])


def _placed(mistake: Mistake, table: Table, path: Path) -> Mistake:
    named = re.match(r"channels\[([^\]]+)\]\.?", mistake.key)
    line = table.lines.get(named[1] if named else mistake.file.stem)
    if line is None:
        return mistake
    return Mistake(path, line, mistake.key[named.end() :] if named else mistake.key, mistake.text)


def _reader(path: Path) -> csv.DictReader[str]:
    """The file's rows by heading, whichever mark parts the cells."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError([Mistake(path, None, "", f"it cannot be read ({error.strerror})")]) from None
    except UnicodeDecodeError:
        raise ConfigError([Mistake(path, None, "", "it is not UTF-8: save it as CSV UTF-8")]) from None
    first = text.split("\n", 1)[0]
    mark = max(",;\t", key=first.count)
    return csv.DictReader(io.StringIO(text, newline=""), delimiter=mark, restkey="", restval="", skipinitialspace=True)


def _rows(path: Path, reader: csv.DictReader[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, cells by heading) of each row that says anything."""
    found = False
    for row in reader:
        cells = {str(name).strip(): str(value).strip() for name, value in row.items() if name}
        if row.get(""):
            raise ConfigError([Mistake(path, reader.line_num, "", "it has more cells than there are headings")])
        if any(cells.values()):
            found = True
            yield reader.line_num, cells
    if not found:
        raise ConfigError([Mistake(path, None, "", "it names no channel: one row each, below the headings")])


def _headings(found: Sequence[str]) -> Iterator[str]:
    known, names = [*_TOP, *_DEFAULTS], [name.strip() for name in found]
    for name in filter(None, names):
        if name not in known and not re.fullmatch(r"options(\.\w+)+", name):
            near = difflib.get_close_matches(name, known, n=1)
            yield f'unknown heading "{name}"' + (
                f'; did you mean "{near[0]}"?' if near else "; options are options.NAME"
            )
    yield from (f'the heading "{name}" is missing' for name in ("name", "connector", "start") if name not in names)


def _channel(row: Mapping[str, str]) -> tuple[NewChannel, list[tuple[str, str]]]:
    wrong: list[tuple[str, str]] = []
    name, kind = row.get("name", ""), row.get("connector", "")
    if not is_name(name):
        wrong.append(("name", "expected at most 63 small letters, digits and . _ -"))
    options: dict[str, Any] = {}
    model = _options_of(kind, wrong)
    for heading, cell in row.items():
        if heading.startswith("options.") and cell:
            key = heading.removeprefix("options.")
            if _SECRETS.search(key) and not cell.startswith(("env:", "file:")) and not key.startswith("token_"):
                wrong.append((heading, 'no secret stands in this file: write "env:NAME" or "file:PATH"'))
                continue
            _put(options, key.split("."), _option(model, key, cell, wrong))
    settings = {key: _setting(key, row[key]) for key in _TOP if key != "name" and row.get(key)}
    settings.setdefault("mapping", _PRESETS.get(kind, ""))
    if not settings["mapping"] and model is not None:
        wrong.append(("mapping", "it is missing"))
    defaults = {key: _default(key, row[key], wrong) for key in _DEFAULTS if row.get(key)}
    ordered = {key: settings[key] for key in _TOP if key in settings}
    return NewChannel(name, ordered, defaults, options), wrong


def _options_of(kind: str, wrong: list[tuple[str, str]]) -> type[BaseModel] | None:
    try:
        return registry.load(kind).Options
    except registry.UnknownConnector as error:
        wrong.append(("connector", str(error)))
    except ImportError as error:
        wrong.append(("connector", f"its package cannot be imported ({error.name})"))
    return None


def _put(options: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for name in path[:-1]:
        inner = options.setdefault(name, {})
        options = inner if isinstance(inner, dict) else {}
    options[path[-1]] = value


def _setting(name: str, cell: str) -> Any:
    if name == "photo_position":
        return _YES_NO.get(cell.lower(), cell)
    return int(cell) if name == "first_run_limit" and cell.isdigit() else cell


def _default(name: str, cell: str, wrong: list[tuple[str, str]]) -> Any:
    if name in PRIVACY:
        if cell.lower() not in _YES_NO:
            wrong.append((name, "expected true or false (ya or tidak)"))
        return _YES_NO.get(cell.lower(), False)
    if name in {"latitude", "longitude"}:
        try:
            return float(cell)
        except ValueError:
            wrong.append((name, "expected degrees such as -0.502"))
    return cell


def _option(model: type[BaseModel] | None, name: str, cell: str, wrong: list[tuple[str, str]]) -> Any:
    """A cell as the option wants it: lists are parted by `;`, whatever begins with [ or { is TOML."""
    if cell[0] in "[{":
        try:
            return tomllib.loads(f"value = {cell}")["value"]
        except tomllib.TOMLDecodeError:
            wrong.append((f"options.{name}", 'it is no list or table in TOML, such as ["nik", "isi"]'))
            return cell
    field = model.model_fields.get(name) if model else None
    kinds = _kinds(field.annotation) if field else ()
    if tuple in kinds:
        return [part.strip() for part in cell.split(";") if part.strip()]
    if bool in kinds and cell.lower() in _YES_NO:
        return _YES_NO[cell.lower()]
    return int(cell) if int in kinds and cell.isdigit() else cell


def _kinds(annotation: Any) -> set[Any]:
    """The types within an annotation, lists as `tuple`."""
    origin = get_origin(annotation)
    if origin is tuple:
        return {tuple}
    return {annotation} if origin is None else {kind for inner in get_args(annotation) for kind in _kinds(inner)}
