"""Which configurations and mappings does nobody mean to write? Real ones after a few mishaps, and pieces repeated."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random

ROOT = Path(__file__).parents[2]
_LINE = re.compile(r"^(\s*[\w\"'.-]+\s*=\s*)(.*)$")
_VALUES = (
    '""', '"x"', "0", "-1", "1e400", "nan", "true", "false", "[]", "{}", "[1, 'a']", "{a = 1}", "[[]]", '"\\u0000"',
    '"~siapa/x"', '"env:TIDAK_ADA"', '"file:"', '"file:\\u0000"', '"file:/"', '"~"', "2026-11-01", "9999-12-31",
    "0001-01-01T00:00:00+14:00", "07:00:00", '"now"', '"99999999999999999999d"', '"0s"', "9" * 5_000, '"{x.__class__}"',
    '"/{tracking_id"', '"http://["', '"sqlite:///"', '"x://["', "'''a'''", '"""\na\n"""', '"\\ud7ff"', "inf", '"%"',
    '["env:A"]', '{"" = ""}', '[{}]', '{x = {y = {z = []}}}', '"webform"', '"imap"', '"sql"', '"*"', '"("', '"[a"',
    '["strip_html", {date = "%"}]', '[{truncate = 0}]', '[{yes_no = {yes = []}}]', "0x7fffffffffffffff", "1_000",
)  # fmt: skip
_NAMES = (
    "x", '""', '"a.b"', "channels", "gateway", "lapor", "fields", "tests", "form", "hold", "name", "self", "_env_file",
    "_cli_parse_args", "model_config", "options", "defaults", "from", "lookup", "labels", "__class__", "1", '"\\n"',
)  # fmt: skip
PIECES = (
    '"', "'", '"""', "'''", '\\"', '"\\"', "[", "]", "{", "[[", "a.", "a=[", "a={", "#", "\n", " ", "\t", "[a]\n",
    "[[a]]\n",
    "a=1\n", '"a"."', "a . ", "= ", "\\", '"\\\\', "'a' ", '""', "''", "-", "[a.", '"a', "{a={", "[[a.b]]\n", "\r\n",
    '"""\n', "a = '''\n", "=[\n", "\u00e9",
)  # fmt: skip


def configurations() -> Sequence[str]:
    """The example, and a small one with every kind of table that it comments out."""
    example = (ROOT / "config.example.toml").read_text(encoding="utf-8")
    opened = "\n".join(re.sub(r"^# ?(?=[\[\w][^ ]* ?(=|$|\]))", "", line) for line in example.split("\n"))
    return [example, opened]


def mappings() -> Sequence[str]:
    """The presets."""
    return [path.read_text(encoding="utf-8") for path in sorted((ROOT / "mappings" / "presets").glob("*.toml"))]


def mutated(texts: Sequence[str], chance: Random) -> str:
    """One of the texts after one to four mishaps."""
    text = chance.choice(texts)
    for _ in range(chance.randint(1, 4)):
        text = chance.choice(_MISHAPS)(text, chance)
    return text


def _other_value(text: str, chance: Random) -> str:
    return _changed(text, chance, lambda found: found[1] + chance.choice(_VALUES))


def _other_name(text: str, chance: Random) -> str:
    return _changed(text, chance, lambda found: f"{chance.choice(_NAMES)} = {found[2]}")


def _changed(text: str, chance: Random, change: Callable[[re.Match[str]], str]) -> str:
    lines = text.split("\n")
    places = [(number, found) for number, line in enumerate(lines) if (found := _LINE.match(line))]
    if places:
        number, found = chance.choice(places)
        lines[number] = change(found)
    return "\n".join(lines)


def _without_a_line(text: str, chance: Random) -> str:
    lines = text.split("\n")
    del lines[chance.randrange(len(lines))]
    return "\n".join(lines)


def _moved_lines(text: str, chance: Random) -> str:
    lines = text.split("\n")
    start = chance.randrange(len(lines))
    some = lines[start : start + chance.randint(1, 12)]
    del lines[start : start + len(some)]
    at = chance.randint(0, len(lines))
    return "\n".join([*lines[:at], *some, *lines[at:]])


def _headed(text: str, chance: Random) -> str:
    """Some lines stand in another table."""
    lines = text.split("\n")
    name = chance.choice(_NAMES)
    lines.insert(chance.randint(0, len(lines)), chance.choice([f"[{name}]", f"[[{name}]]", f"[channels.{name}]"]))
    return "\n".join(lines)


def _pricked(text: str, chance: Random) -> str:
    at = chance.randint(0, len(text))
    return text[:at] + chance.choice(PIECES) * chance.randint(1, 5) + text[at + chance.randint(0, 5) :]


def _cut(text: str, chance: Random) -> str:
    return text[: chance.randint(0, len(text))]


_MISHAPS: Sequence[Callable[[str, Random], str]] = (
    _other_value, _other_value, _other_value, _other_name, _without_a_line, _moved_lines, _headed, _pricked, _cut,
)  # fmt: skip


def shapes() -> Mapping[str, Callable[[int], str]]:
    """Every piece so many times, by a name that a test may bear; alone, and as the value of a key."""
    alone = {f"alone {piece!a}": (lambda count, piece=piece: piece * count) for piece in PIECES}
    within = {f"value {piece!a}": (lambda count, piece=piece: "a = " + piece * count) for piece in PIECES}
    keys = {"dotted": lambda count: "a." * count + "a = 1", "headed": lambda count: "[" + "a." * count + "a]\nb = 1"}
    return {**alone, **within, **keys}
