"""How is a proposed mapping written as a TOML file that an admin can read and change?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from connectors.discovery import Place
from gateway.proposals.fields import Guess
from gateway.proposals.names import locations
from mappings.rules import lookup_key
from mappings.transforms import as_text

_CLASSES = {
    "pengaduan": "1", "keluhan": "1", "aduan": "1", "permintaan informasi": "2", "informasi": "2",
    "aspirasi": "3", "saran": "3", "kritik dan saran": "3", "1": "1", "2": "2", "3": "3",
}  # fmt: skip
_PLAIN = {
    "reporter_name": ("strip_html", "one_line"),
    "reporter_phone": ("phone",),
    "reporter_email": ("email",),
    "reporter_nik": ("nik",),
    "is_anonymous": ("yes_no",),
    "is_secret": ("yes_no",),
    "latitude": ("number",),
    "longitude": ("number",),
}


def toml(value: object) -> str:
    """A value as TOML: texts, numbers, booleans, lists and tables of them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{toml(str(name))} = {toml(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, int | float) or hasattr(value, "isoformat"):
        return value.isoformat() if hasattr(value, "isoformat") else str(value)
    raise TypeError(f"{type(value).__name__} has no place in a configuration")


def mapping_text(place: Place, found: Sequence[Guess]) -> str:
    """A mapping of these columns. What no column says stays out: the channel must state it."""
    by_field = {guess.field: guess for guess in found}
    lines = [f"# Proposed for {' '.join(place.name.split())}: read it, and see what `preview` makes of it.", ""]
    for name in ("title", "content", "classification", "date_of_incident", "received_at"):
        lines += _BUILDERS[name](place, by_field)
    for name in _PLAIN:
        if name in by_field:
            lines += _field(by_field[name], _PLAIN[name])
    return "\n".join(lines).rstrip() + "\n"


def _head(guess: Guess, name: str = "") -> list[str]:
    return [f"[fields.{name or guess.field}]  # {guess.confidence}: {guess.why}"]


def _field(guess: Guess, then: Sequence[object]) -> list[str]:
    return [*_head(guess), f"from = {toml(guess.column)}", f"then = {toml(list(then))}", ""]


def _title(_place: Place, found: Mapping[str, Guess]) -> list[str]:
    content, title = found["content"], found.get("title")
    columns = [title.column, content.column] if title else [content.column]
    head = _head(title) if title else ["[fields.title]  # no column of its own: the text's first sentence"]
    return [*head, f"from = {toml(columns)}", 'then = ["strip_html", {headline = 250}]', ""]


def _content(place: Place, found: Mapping[str, Guess]) -> list[str]:
    column = found["content"].column
    taken = {guess.column for guess in found.values()}
    where = [name for name in locations([column.name for column in place.columns]) if name not in taken]
    extra: dict[str, object] = {"Lokasi": where} if where else {}
    source = f"lines = {toml({'': column, **extra})}" if extra else f"from = {toml(column)}"
    return [*_head(found["content"]), source, 'then = ["strip_html"]', ""]


def _classification(place: Place, found: Mapping[str, Guess]) -> list[str]:
    guess = found.get("classification")
    values = (
        dict.fromkeys(lookup_key(row.get(guess.column)) for row in place.rows if row.get(guess.column)) if guess else {}
    )
    known = {value: _CLASSES[value] for value in values if value in _CLASSES}
    if guess is None or not known:
        return ["[fields.classification]  # 1 pengaduan, 2 permintaan informasi, 3 aspirasi", 'default = "1"', ""]
    # The unknown words are few kinds of report, not people's: yet they stay unnamed, for a free text may stand there.
    other = (
        [f"# {len(values) - len(known)} other value(s) were seen: they become 1"] if len(values) > len(known) else []
    )
    return [*_head(guess), f"from = {toml(guess.column)}", f"lookup = {toml(known)}", *other, 'default = "1"', ""]


def _incident(place: Place, found: Mapping[str, Guess]) -> list[str]:
    days = [found[name] for name in ("date_of_incident", "received_at") if name in found]
    orders = list(dict.fromkeys(form for guess in days if (form := _form(place, guess))))
    columns = [*(guess.column for guess in days), "@received_at"]
    head = _head(days[0], "date_of_incident") if days else ["[fields.date_of_incident]  # when the record came"]
    return [*head, f"from = {toml(columns)}", f"then = [{_step('date', orders)}]", ""]


def _received(place: Place, found: Mapping[str, Guess]) -> list[str]:
    guess = found.get("received_at") or found.get("date_of_incident")
    if guess is None:
        return []
    form = _form(place, guess)
    step = _step("timestamp", [form] if form else [])
    return [*_head(guess, "received_at"), f"from = {toml(guess.column)}", f"then = [{step}]", ""]


def _form(place: Place, guess: Guess) -> str:
    """The format that the values themselves prove; empty where there is none, or none is needed."""
    values = [as_text(row.get(guess.column)).strip() for row in place.rows if row.get(guess.column) not in (None, "")]
    if values and all(value.isdigit() and len(value) == 10 for value in values):
        return "unix"
    form = guess.looks.order.strip("?")
    return form if form and all(_parses(value, form) for value in values) else ""


def _parses(value: str, form: str) -> bool:
    try:
        datetime.strptime(value, form)  # noqa: DTZ007 - only whether it can be read
    except ValueError:
        return False
    return True


def _step(name: str, forms: Sequence[str]) -> str:
    return f"{{{name} = {toml(list(forms))}}}" if forms else toml(name)


_BUILDERS = {
    "title": _title,
    "content": _content,
    "classification": _classification,
    "date_of_incident": _incident,
    "received_at": _received,
}
