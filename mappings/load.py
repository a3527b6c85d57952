"""Is this mapping file right? Reads a preset or a file, and names every mistake with the words that are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import phonenumbers

from mappings import load_form, load_hold, toml_text
from mappings.classifying import KEYS as CLASSES
from mappings.classifying import Words
from mappings.engine import BY_WORDS, FieldMapping
from mappings.load_tables import Tables
from mappings.report import FIELDS, PRIVACY
from mappings.rules import Rule, cell_name
from mappings.suggesting import known
from mappings.transforms import ARGUMENT_TYPES, NEED_ARGUMENT, TRANSFORMS

PRESETS = Path(__file__).parent / "presets"
TARGETS = (*FIELDS, "received_at")
_KEYS = ("from", "lines", "then", "lookup", "by_words", "default")


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: the dotted key where it stands, and what is wrong and expected."""

    key: str
    text: str


class MappingError(Exception):
    """A mapping cannot be used. `mistakes` has all of them; `path` is the file."""

    def __init__(self, path: Path, mistakes: Sequence[Mistake]) -> None:
        super().__init__(f"{path}: " + "; ".join(f"{mistake.key}: {mistake.text}" for mistake in mistakes))
        self.path = path
        self.mistakes = tuple(mistakes)


def find(name: str, folder: Path) -> Path:
    """The file of a preset's name, or of a path relative to `folder`."""
    if name in presets():
        return PRESETS / f"{name}.toml"
    try:
        path = Path(name).expanduser()
    except RuntimeError:  # ~ of nobody: no such file
        path = Path(name)
    return path if path.is_absolute() else folder / path


def presets() -> list[str]:
    """The names of the mappings that come with the gateway."""
    return sorted(path.stem for path in PRESETS.glob("*.toml"))


def load(path: Path) -> FieldMapping:
    """Read a mapping file. Raises MappingError with every mistake in it."""
    try:
        content = toml_text.parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        text = f"no such preset or file ({error.strerror}); presets are: {', '.join(presets())}"
        raise MappingError(path, [Mistake("", text)]) from None
    except ValueError as error:
        raise MappingError(path, [Mistake("", f"it is not valid TOML: {error}")]) from None
    return build(content, path)


def build(content: Mapping[str, Any], path: Path) -> FieldMapping:
    """A mapping of the parsed file. Raises MappingError with every mistake in it."""
    fields, hold, tables = content.get("fields", {}), content.get("hold", {}), Tables(path.parent)
    mistakes = [
        *_unknown("", content, ("fields", "form", "hold", "tests", "description")),
        *_form_mistakes(content),
        *_field_mistakes(fields, tables),
        *(Mistake(*mistake) for mistake in load_hold.mistakes(hold)),
    ]
    if mistakes:
        raise MappingError(path, mistakes)
    form = load_form.build(content["form"]) if "form" in content else None
    return FieldMapping(path.stem, {name: _rule(spec, tables) for name, spec in fields.items()}, hold, form)


def _rule(spec: Mapping[str, Any], tables: Tables) -> Rule:
    lookup, words = spec.get("lookup"), spec.get("by_words")
    return Rule(
        sources=tuple(cell_name(name) for name in _many(spec.get("from", ()))),
        lines=tuple(
            (label, tuple(cell_name(n) for n in _many(names))) for label, names in spec.get("lines", {}).items()
        ),
        then=tuple(_made(*_step(item), tables) for item in spec.get("then", ())),
        lookup=tables.lookup(lookup) if lookup is not None else None,
        default=spec.get("default") if words is None else BY_WORDS,
        by_words=None if words is None else Words.of({} if words is True else words),
    )


def _many(value: Any) -> Sequence[str]:
    return (value,) if isinstance(value, str) else tuple(value)


def _step(item: Any) -> tuple[str, Any]:
    return (item, None) if isinstance(item, str) else next(iter(item.items()))


def _made(name: str, argument: Any, tables: Tables) -> tuple[str, Any]:
    """The step with what its argument names: the places of a file."""
    return name, tables.places(argument) if name == "find_place" else argument


def _form_mistakes(content: Mapping[str, Any]) -> Iterator[Mistake]:
    if "form" not in content:
        return
    if isinstance(content["form"], dict):
        yield from _unknown("form", content["form"], load_form.KEYS)
    yield from (Mistake(*mistake) for mistake in load_form.mistakes(content["form"]))


def _field_mistakes(fields: Any, tables: Tables) -> Iterator[Mistake]:
    if not isinstance(fields, dict):
        yield Mistake("fields", "expected tables [fields.NAME]")
        return
    yield from _unknown("fields", fields, TARGETS)
    for name, spec in fields.items():
        key = f"fields.{name}"
        if not isinstance(spec, dict):
            yield Mistake(key, "expected a table")
            continue
        yield from _unknown(key, spec, _KEYS)
        yield from _shape_mistakes(key, spec)
        yield from _table_mistakes(name, spec, tables)
        yield from _words_mistakes(name, spec)
        if name == "content" and any(step[0] in {"truncate", "headline"} for step in _steps(spec)):
            yield Mistake(f"{key}.then", "a citizen's words are never cut: a content that is too long is held")
        if name in PRIVACY:
            yield from _privacy_mistakes(key, spec)


def _shape_mistakes(key: str, spec: Mapping[str, Any]) -> Iterator[Mistake]:
    if "from" in spec and "lines" in spec:
        yield Mistake(key, "give either `from` or `lines`")
    if not spec.keys() & {"from", "lines", "by_words", "default"}:
        yield Mistake(key, "expected at least one of `from`, `lines`, `default`")
    if not _are_names(spec.get("from", ())):
        yield Mistake(f"{key}.from", "expected a column's name or a list of names")
    lines = spec.get("lines", {})
    if not (isinstance(lines, dict) and all(_are_names(names) for names in lines.values())):
        yield Mistake(f"{key}.lines", 'expected a table label = column, such as {"" = "isi", "Lokasi" = "alamat"}')
    if not _is_scalar(spec.get("default", "")):
        yield Mistake(f"{key}.default", "expected a text, a number or true/false")
    yield from _step_mistakes(f"{key}.then", spec.get("then", []))


def _table_mistakes(name: str, spec: Mapping[str, Any], tables: Tables) -> Iterator[Mistake]:
    if "lookup" in spec:
        yield from (Mistake(*mistake) for mistake in tables.lookup_mistakes(name, spec["lookup"]))
    for step, argument in _steps(spec):
        if step == "find_place" and argument is not None:
            yield from (Mistake(*mistake) for mistake in tables.place_mistakes(f"fields.{name}.then", argument))


def _words_mistakes(name: str, spec: Mapping[str, Any]) -> Iterator[Mistake]:
    key, words = f"fields.{name}.by_words", spec.get("by_words")
    if words is None:
        return
    if name != "classification":
        yield Mistake(key, "only a classification is told by words")
    if "default" in spec:
        yield Mistake(f"fields.{name}.default", "leave it out: `by_words` always tells a class, mostly pengaduan")
    if isinstance(words, dict):
        yield from _unknown(key, words, CLASSES)
        if not all(map(_are_words, words.values())):
            yield Mistake(key, 'expected lists of texts, such as {information = ["mohon petunjuk"]}')
    elif words is not True:
        yield Mistake(key, 'expected true, or own words such as {information = ["mohon petunjuk"]}')


def _steps(spec: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The steps that have the shape of one."""
    steps = spec.get("then", [])
    for item in steps if isinstance(steps, list) else []:
        if isinstance(item, str) or (isinstance(item, dict) and len(item) == 1):
            yield _step(item)


def _privacy_mistakes(key: str, spec: Mapping[str, Any]) -> Iterator[Mistake]:
    """A text "tidak" as default or result would hold every report: nothing guesses what it means."""
    lookup = spec.get("lookup", {})
    results = lookup.values() if isinstance(lookup, dict) else ()
    if not isinstance(spec.get("default", False), bool):
        yield Mistake(f"{key}.default", "expected true or false")
    if not all(isinstance(result, bool) for result in results):
        yield Mistake(f"{key}.lookup", "expected a table value = true or false")


def _step_mistakes(key: str, steps: Any) -> Iterator[Mistake]:
    if not isinstance(steps, list):
        yield Mistake(key, 'expected a list, such as ["strip_html", {truncate = 255}]')
        return
    for item in steps:
        if not isinstance(item, str) and not (isinstance(item, dict) and len(item) == 1):
            yield Mistake(key, "expected a transform's name, or {name = argument}")
            continue
        name, argument = _step(item)
        if name not in TRANSFORMS:
            yield Mistake(key, f'unknown transform "{name}"{known(name, TRANSFORMS)}')
        elif not _fits(name, argument):
            kinds = " or ".join(kind.__name__ for kind in ARGUMENT_TYPES.get(name, ()))
            yield Mistake(key, f'transform "{name}" takes {f"an argument ({kinds})" if kinds else "no argument"}')


def _fits(name: str, argument: Any) -> bool:
    if argument is None:
        return name not in NEED_ARGUMENT
    if isinstance(argument, bool) or not isinstance(argument, ARGUMENT_TYPES.get(name, ())):
        return False
    if isinstance(argument, int):
        return argument > 0
    if isinstance(argument, list):
        return bool(argument) and _are_names(argument)
    if isinstance(argument, dict):
        own = argument.keys() <= {"yes", "no"} and all(map(_are_words, argument.values()))
        return own or name == "find_place"
    return name != "phone" or argument in phonenumbers.SUPPORTED_REGIONS


def _unknown(key: str, table: Mapping[str, Any], words: Sequence[str]) -> Iterator[Mistake]:
    for name in table:
        if name not in words:
            yield Mistake(f"{key}.{name}".strip("."), f'unknown key "{name}"{known(name, words)}')


def _are_names(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list | tuple) and all(isinstance(item, str) for item in value))


def _are_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item for item in value)


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float | bool)
