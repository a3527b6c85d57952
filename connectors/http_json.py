"""What does a server's JSON say, and what stands at a path in it?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from email.message import Message
from typing import Any

from connectors.charsets import decode_text
from connectors.contract import Misconfigured, Unreachable
from connectors.web import Fetched, place

MISSING: Any = object()
"""What `at` returns where the path leads nowhere."""
_EXACT_DIGITS = 18
"""Longer whole numbers are kept as text: nobody counts with them, and JSON's readers round them."""
_SHOWN = 12


def parsed(answer: Fetched, url: str) -> Any:
    """The answer's value. Raises Misconfigured for what is no JSON, Unreachable for what is only part of it."""
    text = _text(answer).strip()
    try:
        return json.loads(text, parse_int=_whole, parse_constant=_nothing)
    except RecursionError:
        raise Misconfigured(f"{place(url)} answers with JSON that is nested too deep") from None
    except ValueError as error:
        if text[:1] in ("{", "[") and getattr(error, "pos", 0) >= len(text) - 1:
            raise Unreachable(f"{place(url)} answers with JSON that ends too early") from None
        kind = answer.headers.get("content-type", "").partition(";")[0].strip()[:60] or "without a content type"
        hint = ": a login or error page?" if text[:1] == "<" else ""
        raise Misconfigured(f"{place(url)} answers with no JSON ({kind}){hint}") from None


def at(value: Any, path: str) -> Any:
    """What stands at `path`: names and list places with dots between; MISSING where there is nothing.

    A name leads through a list into each of its elements: `lampiran.url` is then the list of their URLs.
    """
    return _follow(value, path.split(".")) if path else value


def listed(value: Any, path: str, url: str) -> Sequence[Any]:
    """The list at `path`. Raises Misconfigured, naming what is there instead, never what it says."""
    found = at(value, path)
    if isinstance(found, list):
        return found
    if isinstance(found, dict) and found and all(name.isdigit() for name in found):
        return list(found.values())  # PHP writes a list with a gap in its numbers as an object.
    what = f"no {path}" if found is MISSING else f"{kind_of(found)} at {path or 'the top'}, where a list should be"
    raise Misconfigured(f"{place(url)} answers with {what}; {_there(value, path)}")


def kind_of(value: Any) -> str:
    """JSON's word for it."""
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _follow(value: Any, names: Sequence[str]) -> Any:
    for number, name in enumerate(names):
        if isinstance(value, dict):
            # A name may have dots itself.
            rest = ".".join(names[number:])
            if rest in value:
                return value[rest]
            value = value.get(name, MISSING)
        elif isinstance(value, list) and name.isdigit():
            value = value[int(name)] if int(name) < len(value) else MISSING
        elif isinstance(value, list):
            found = [_follow(element, names[number:]) for element in value]
            return [one for one in found if one is not MISSING] or MISSING
        else:
            return MISSING
    return value


def _there(value: Any, path: str) -> str:
    """Which names the answer has, as far down as the path goes."""
    names = path.split(".") if path else []
    for name in names:
        deeper = value.get(name) if isinstance(value, dict) else None
        if not isinstance(deeper, dict):
            break
        value = deeper
    if not isinstance(value, dict):
        return f"it is {kind_of(value)}"
    return f"there are: {', '.join(_names(value)) or 'no names at all'}"


def _names(value: Mapping[str, Any]) -> Iterator[str]:
    for number, name in enumerate(value):
        if number == _SHOWN:
            yield "…"
            return
        # Where people's data are the names, they are no names for a message.
        yield name if len(name) <= 40 and name.replace("_", "").replace("-", "").isalnum() else "(odd name)"


def _text(answer: Fetched) -> str:
    declared = Message()
    declared["content-type"] = answer.headers.get("content-type", "")
    guessed = json.detect_encoding(answer.content)
    charset = guessed if not guessed.startswith("utf-8") else declared.get_content_charset()
    return decode_text(answer.content, charset)


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= _EXACT_DIGITS else digits


def _nothing(_name: str) -> None:
    """NaN and Infinity are no JSON, but some programs write them for what they do not know."""
