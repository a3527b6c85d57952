"""Is a mapping's `[form]` right, and what does it say?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mappings.forms import Form, plain

KEYS = ("from", "labels", "last", "noise")
_NAME = re.compile(r"[a-z0-9][a-z0-9_]*")


def mistakes(table: Any) -> Iterator[tuple[str, str]]:
    """(dotted key, what is wrong and expected) of everything that is wrong; unknown keys are looked for elsewhere."""
    if not isinstance(table, dict):
        yield "form", "expected a table [form]"
        return
    if not _are_texts(table.get("from", ())):
        yield "form.from", "expected a column's name or a list of names"
    labels = table.get("labels")
    if not isinstance(labels, dict) or not labels:
        yield "form.labels", 'expected a table entry = label(s), such as {pesan = ["Pesan", "Isi"]}'
        return
    for name, words in labels.items():
        if not _NAME.fullmatch(name):
            yield f"form.labels.{name}", "expected a name of small letters, digits and _"
        if not words or not _are_texts(words):
            yield f"form.labels.{name}", "expected a label or a list of labels"
    for label, names in _clashes(labels).items():
        yield "form.labels", f'the label "{label}" stands for more than one entry: {", ".join(names)}'
    if not _are_texts(table.get("noise", ())):
        yield "form.noise", "expected a label or a list of labels"
    if table.get("last", "") not in ("", *labels):
        yield "form.last", f"expected one of the labels' entries: {', '.join(labels)}"


def build(table: Mapping[str, Any]) -> Form:
    """The form of a table without mistakes; it is looked for in `text` and `html` unless `from` says otherwise."""
    labels = {name: _many(words) for name, words in table["labels"].items()}
    return Form(
        _many(table.get("from", ("text", "html"))), labels, table.get("last", ""), _many(table.get("noise", ()))
    )


def _clashes(labels: Mapping[str, Any]) -> Mapping[str, list[str]]:
    """Labels that are the same but for case and marks, with the entries that claim them."""
    found: dict[str, list[str]] = {}
    for name, words in labels.items():
        for label in {plain(word) for word in _many(words)} if _are_texts(words) else ():
            found.setdefault(label, []).append(name)
    return {label: names for label, names in found.items() if len(names) > 1}


def _many(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _are_texts(value: Any) -> bool:
    return isinstance(value, str) or (
        isinstance(value, list | tuple) and all(isinstance(item, str) and item for item in value)
    )
