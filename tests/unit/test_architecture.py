"""Do the parts keep to their places, and do texts and documents say what the code does?"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grimp
import pytest
from importlinter import cli as importlinter
from pydantic import BaseModel

from connectors import registry
from connectors.mail_answer import SmtpOptions
from gateway.answers.settings import AnswerSettings
from gateway.cli.app import app
from gateway.deadline_settings import DeadlineSettings, HolidaySettings
from gateway.lapor_settings import LaporPaths, LaporSettings
from gateway.settings import ChannelSettings, GatewaySettings, LogSettings
from gateway.texts import EVENTS, REASONS
from mappings.checks import CHECKS
from mappings.load import TARGETS, presets
from mappings.transforms import TRANSFORMS

ROOT = Path(__file__).parents[2]
PACKAGES = ("gateway", "state", "connectors", "mappings")
MODELS = (GatewaySettings, LogSettings, LaporSettings, LaporPaths, ChannelSettings, AnswerSettings, SmtpOptions)
MODELS += (DeadlineSettings, HolidaySettings)


def modules() -> dict[Path, ast.Module]:
    files = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
    return {file.relative_to(ROOT): ast.parse(file.read_text(encoding="utf-8")) for file in files}


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES, cache_dir=None)


def test_imports_keep_to_the_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert importlinter.lint_imports(no_cache=True) == 0


def test_connectors_and_mappings_need_nothing_of_ours(graph: grimp.ImportGraph) -> None:
    for own in ("connectors", "mappings"):
        for other in set(PACKAGES) - {own}:
            assert not graph.find_shortest_chains(own, other)


def test_no_module_imports_itself_over_others(graph: grimp.ImportGraph) -> None:
    cycles = []
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            if graph.chain_exists(imported, module):
                cycles.append((module, imported))
    assert cycles == []


def test_every_module_says_in_one_line_what_it_answers() -> None:
    said = {path: (ast.get_docstring(tree) or "").split("\n")[0] for path, tree in modules().items()}
    assert [str(path) for path, line in said.items() if not line or line[-1] not in ".?:"] == []
    assert not [path for path in said if path.stem in {"utils", "helpers", "common", "manager", "misc"}]


def test_only_these_catch_everything() -> None:
    broad = [
        str(path)
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}))
    ]
    assert set(broad) <= {"gateway/work.py", "gateway/unforeseen.py", "connectors/mail_pool.py"}
    assert broad.count("gateway/work.py") == 1


# Reasons and events

REASON_MAKERS = {"Reason": 0, "Unreadable": 0, "Problem": 1, "Later": 1, "Unknown": 1}
ERROR_MAKERS = {"Unavailable": 0, "Refused": 0, "OutcomeUnknown": 0, "UnreadableFile": 0}
EVENT_MAKERS = {"Happening": 1, "channel_event": 2}


def literals(makers: dict[str, int]) -> Iterator[tuple[Path, str]]:
    """The literal codes that calls of these names are given."""
    for path, tree in modules().items():
        if "mock" in path.parts or "demo" in path.parts:
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            position = makers.get(name)
            named = next((word.value for word in node.keywords if word.arg in {"code", "kind"}), None)
            if position is None or not (named or len(node.args) > position):
                continue
            yield from ((path, text) for text in texts_of(named or node.args[position]))


def texts_of(given: ast.expr) -> Iterator[str]:
    """The literal texts that an expression may be; not those that it is looked up by."""
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        yield given.value
    elif isinstance(given, ast.IfExp):
        yield from texts_of(given.body)
        yield from texts_of(given.orelse)


def dict_codes() -> Iterator[tuple[Path, str]]:
    """Codes in dictionaries such as {"code": "attachment_missing", …}, and class attributes `code = …`."""
    for path, tree in modules().items():
        if "mock" in path.parts or "demo" in path.parts:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and key.value == "code" and isinstance(value, ast.Constant):
                        yield path, str(value.value)
            if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)):
                continue
            if [getattr(target, "id", "") for target in node.targets] == ["code"]:
                yield path, str(node.value.value)


def test_every_reason_code_in_the_code_has_its_sentence() -> None:
    found = {*literals({**REASON_MAKERS, **ERROR_MAKERS}), *dict_codes()}
    codes = {
        (path, code) for path, code in found if re.fullmatch(r"[a-z][a-z_]+", code) and not code.startswith("http_")
    }
    assert len({code for _, code in codes}) > 25
    assert {(str(path), code) for path, code in codes if code not in REASONS} == set()


def test_every_event_kind_in_the_code_has_its_name() -> None:
    kinds = {(path, kind) for path, kind in literals(EVENT_MAKERS) if re.fullmatch(r"[a-z_]+", kind)}
    assert len(kinds) >= 5
    assert {(str(path), kind) for path, kind in kinds if kind not in EVENTS} == set()


def test_no_sentence_is_of_no_use() -> None:
    catalogues = {"texts.py", "reasons.py"}
    text = "\n".join((ROOT / path).read_text(encoding="utf-8") for path in modules() if path.name not in catalogues)
    assert [code for code in REASONS if not re.search(rf"['\"]{code}['\"]", text)] == []


# Documents


def documents() -> str:
    files = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "config.example.toml"]
    if not (ROOT / "docs").is_dir() or not any((ROOT / "docs").glob("*.md")):
        pytest.skip("there are no docs yet")
    return "\n".join(file.read_text(encoding="utf-8") for file in files if file.is_file())


def commands() -> list[str]:
    groups = [(group.name, group.typer_instance) for group in app.registered_groups]
    return [
        (f"{name} " if isinstance(name, str) else "") + (command.name or command.callback.__name__).replace("_", "-")
        for name, group in [(None, app), *groups]
        for command in (group.registered_commands if group is not None else ())
        if command.callback
    ]


def settings() -> list[str]:
    names: list[str] = []
    models: list[type[BaseModel]] = [*MODELS, *(registry.load(kind).Options for kind in registry.OURS)]
    for model in models:
        names += list(model.model_fields)
    return sorted(set(names))


def mentioned(words: Any, template: str) -> list[str]:
    text = documents()
    return [word for word in words if not re.search(template.format(re.escape(word)), text)]


def test_the_documents_mention_every_command() -> None:
    assert mentioned(commands(), r"(?:lapor-gateway |`){}\b") == []


def test_the_documents_name_no_command_that_is_not_there() -> None:
    known = {command.partition(" ")[0] for command in commands()}
    named = set(re.findall(r"(?:^|[`$] ?)lapor-gateway ([a-z][a-z-]+)", documents(), re.MULTILINE))
    assert len(named) >= 20
    assert named - known == set()


def test_the_documents_mention_every_setting() -> None:
    assert mentioned(settings(), r"(?<![\w]){}(?![\w])") == []


def test_the_documents_mention_every_transform_check_field_preset_and_connector() -> None:
    words = [*TRANSFORMS, *CHECKS, *TARGETS, *presets(), *registry.OURS]
    assert mentioned(words, r"[`\"]{}[`\"]") == []


def test_the_mapping_documents_tables_name_nothing_that_is_not_there() -> None:
    text = documents()
    tables = {"Transforms": TRANSFORMS, "Checks of `[hold]`": CHECKS}
    for heading, known in tables.items():
        found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
        assert found is not None, heading
        rows = re.findall(r"^\| `(\w+)` \|", found[1], re.MULTILINE)
        assert set(rows) == set(known)
