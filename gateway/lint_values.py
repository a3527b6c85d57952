"""Which values of the configuration stand in quotes, although they are no texts?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import NoneType
from typing import Any, get_args

from pydantic import BaseModel

from connectors import registry
from gateway import config_words, toml_lines
from gateway.config_files import Raw
from gateway.mistakes import Mistake, Weight
from gateway.settings import ChannelSettings, Settings

_NUMBER = "a number"
_PLAIN = {bool: "true or false", int: _NUMBER, float: _NUMBER}


def quoted(raw: Raw) -> Iterator[Mistake]:
    """`"yes"` and `"993"` are taken for true and 993, by this program's kindness and perhaps by no other's."""
    top = {name: value for name, value in raw.content.items() if name != "channels"}
    places = list(_quoted(Settings, top, ()))
    for index, item in enumerate(raw.items()):
        if isinstance(item, dict):
            places += _quoted(ChannelSettings, item, ("channels", index))
            options = _options(item.get("connector"))
            if options is not None:
                places += _quoted(options, item.get("options"), ("channels", index, "options"))
    for path, kind in places:
        yield raw.mistake(path, f"it stands in quotes: write {kind} without them", Weight.WARNING)


def _options(kind: Any) -> type[BaseModel] | None:
    try:
        return registry.load(kind).Options if isinstance(kind, str) else None
    except (registry.UnknownConnector, ImportError):
        return None


def _quoted(model: type[BaseModel], table: Any, path: toml_lines.Path) -> Iterator[tuple[toml_lines.Path, str]]:
    if not isinstance(table, Mapping):
        return
    for name, value in table.items():
        field = model.model_fields.get(name)
        kind = _plain(field.annotation) if field is not None and isinstance(value, str) else None
        if kind is not None and (kind != _NUMBER or _is_number(value)):
            yield (*path, name), kind
        inner = config_words.inner_model(model, name)
        if inner is not None:
            items = enumerate(value) if isinstance(value, list) else [(None, value)]
            for number, item in items:
                yield from _quoted(inner, item, (*path, name) if number is None else (*path, name, number))


def _is_number(text: str) -> bool:
    """Else it is a rate such as "5/s", or a mistake that is told anyway."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def _plain(annotation: Any) -> str | None:
    """What belongs there, where it is no text."""
    kinds = {annotation, *get_args(annotation)} - {NoneType}
    plain = [words for kind, words in _PLAIN.items() if kind in kinds]
    return plain[0] if plain and kinds <= _PLAIN.keys() else None
