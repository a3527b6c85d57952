"""How is what pydantic found in the configuration told to an admin? By key, without the value that stands there."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any, get_args

from pydantic import BaseModel

from gateway import toml_lines

_KINDS = ("int", "str")
_MESSAGES = {
    "missing": "it is missing",
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


def place(loc: Sequence[str | int]) -> toml_lines.Path:
    """The place without what pydantic adds for the branches of a union."""
    added = ("function-", "literal[", "constrained-")
    return tuple(part for part in loc if not (isinstance(part, str) and (part.startswith(added) or part in _KINDS)))


def nested(model: type[BaseModel], names: Iterable[str | int]) -> type[BaseModel]:
    """The model of the table that these keys lead to, as far as they lead to one."""
    for name in names:
        model = inner_model(model, str(name)) or model
    return model


def inner_model(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    """The model of the table, or of the tables in the list, that a key holds; None for any other value."""
    fields = model.model_fields
    field = fields.get(name) or next((each for each in fields.values() if each.alias == name), None)
    return _first_model(field.annotation) if field else None


def keys(model: type[BaseModel]) -> list[str]:
    """What an admin may write in the table."""
    return [field.alias or name for name, field in model.model_fields.items()]


def text(item: Any, known: Sequence[str]) -> str:
    """One of pydantic's errors (without input), in words for an admin. `known` are the keys that may stand there."""
    kind, context = item["type"], item.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        return f"expected {context['expected']}"
    if kind == "extra_forbidden":
        return unknown_key(str(item["loc"][-1]), known)
    return _MESSAGES.get(kind) or str(item["msg"])


def unknown_key(name: str, known: Sequence[str]) -> str:
    """That a key is none, and which one was perhaps meant."""
    near = difflib.get_close_matches(name, known, n=1)
    return f'unknown key "{name}"; ' + (f'did you mean "{near[0]}"?' if near else f"known are: {', '.join(known)}")


def _first_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for kind in get_args(annotation) if (found := _first_model(kind))), None)
