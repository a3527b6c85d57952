"""Is a mapping's `[hold]` right: known checks, each with a parameter that makes sense?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mappings.checks import CHECKS, MOST, PARAMETERS, WORDS
from mappings.report import FIELDS
from mappings.suggesting import known

_SAID = {
    int: "a whole number from 1",
    bool: "true; leave the check out where it is not wanted",
    list: "a list of texts",
    str: "a text",
}


def mistakes(hold: Any) -> Iterator[tuple[str, str]]:
    """(dotted key, what is wrong and expected) of everything that is wrong."""
    if not isinstance(hold, dict):
        yield "hold", "expected a table check = parameter"
        return
    for name, parameter in hold.items():
        if name not in CHECKS:
            yield f"hold.{name}", f'unknown check "{name}"{known(name, CHECKS)}'
        elif type(parameter) is not PARAMETERS[name]:
            yield f"hold.{name}", f"expected {_expected(name)}"
        else:
            yield from _of_parameter(name, parameter)


def _of_parameter(name: str, parameter: Any) -> Iterator[tuple[str, str]]:
    if isinstance(parameter, list):
        yield from _of_words(name, parameter)
    elif not _fits(name, parameter):
        yield f"hold.{name}", f"expected {_expected(name)}"


def _fits(name: str, parameter: Any) -> bool:
    if name in WORDS:
        return parameter in WORDS[name]
    return not isinstance(parameter, int) or 1 <= parameter <= MOST.get(name, parameter)


def _expected(name: str) -> str:
    if name in WORDS:
        return " or ".join(f'"{word}"' for word in WORDS[name])
    most = f" to {MOST[name]}" if name in MOST else ""
    return f"{_SAID[PARAMETERS[name]]}{most}"


def _of_words(check: str, words: Sequence[Any]) -> Iterator[tuple[str, str]]:
    if not all(isinstance(word, str) and word for word in words):
        yield f"hold.{check}", "expected a list of texts"
    elif check == "requires":
        for name in words:
            if name not in FIELDS:
                yield "hold.requires", f'unknown report field "{name}"{known(name, FIELDS)}'
