"""Does each kind of trouble end with a status of its own, and does `--json` print nothing else?"""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway import main as beginning
from gateway.cli import operating
from gateway.cli.app import app
from gateway.cli.exits import Exit
from tests.unit import by_hand

DOCUMENT = Path(__file__).parents[2] / "docs" / "setting-up.md"


def ended(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """The status that the shell sees."""
    monkeypatch.setattr("sys.argv", ["lapor-gateway", *arguments])
    with pytest.raises(SystemExit) as caught:
        beginning.main()
    return int(caught.value.code or 0)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return by_hand.install(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["status"], Exit.WELL),
        (["state", "check"], Exit.WELL),
        (["audit"], Exit.WELL),
        (["show", "99"], Exit.FAILED),
        (["preview", "lain"], Exit.USAGE),
        (["preview"], Exit.USAGE),
        (["entah"], Exit.USAGE),
        (["pause", "lain"], Exit.USAGE),
        (["state", "init"], Exit.STATE),
    ],
)
def test_a_command_ends_with_its_status(
    config: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], status: Exit
) -> None:
    named = ["-c", str(config)] if arguments not in (["entah"], ["preview"]) else []
    assert ended(monkeypatch, *arguments, *named) == status


def test_a_source_that_cannot_be_reached_is_a_failure(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (config.parent / "web.db").unlink()
    assert ended(monkeypatch, "preview", "web", "-c", str(config)) == Exit.FAILED
    assert ended(monkeypatch, "check", "-c", str(config)) == Exit.FAILED
    assert ended(monkeypatch, "sync", "-c", str(config)) == Exit.FAILED


@pytest.mark.parametrize("command", ["status", "check", "lint", "sync", "audit", "held"])
def test_a_mistake_in_the_configuration_is_told_apart(
    config: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    config.write_text(config.read_text().replace("spool", "spol"))
    assert ended(monkeypatch, command, "-c", str(config)) == Exit.CONFIGURATION


@pytest.mark.parametrize("command", ["status", "sync", "audit", "held"])
def test_a_missing_state_is_told_apart(config: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    (config.parent / "gateway.db").unlink()
    assert ended(monkeypatch, command, "-c", str(config)) == Exit.STATE


def test_a_damaged_state_is_told_apart(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (config.parent / "gateway.db").write_bytes(b"rusak" * 5_000)
    assert ended(monkeypatch, "status", "-c", str(config)) == Exit.STATE


def test_what_the_audit_finds_is_told_apart(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(config.parent / "gateway.db")) as database:
        database.execute("UPDATE report SET external_id = 'palsu' WHERE id = 1")
        database.commit()
    assert ended(monkeypatch, "audit", "-c", str(config)) == Exit.DISCREPANCY


def test_every_command_that_looks_prints_only_json(config: Path) -> None:
    commands = [*app.registered_commands, *operating.app.registered_commands]
    looking = [command for command in commands if "json" in command.callback.__annotations__]
    names = [(command.name or command.callback.__name__).replace("_", "-") for command in looking]
    assert {"status", "log", "show", "held", "rejected", "overdue", "ignored", "unanswered", "lint"} <= set(names)
    needed = {"show": ["1"], "preview": ["web", "--trace"]}
    for name in names:
        if name == "discover":
            continue  # it is asked for a channel or a place, and tried where it is tested
        said = by_hand.command(config, name, *needed.get(name, []), "--json")
        assert said.exit_code in (Exit.WELL, Exit.FAILED), (name, said.output)
        json.loads(said.stdout)


def test_the_document_has_every_status() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    table = text.split("## Exit codes")[1].split("\n## ")[0]
    assert [int(code) for code in re.findall(r"^\| (\d) \|", table, re.MULTILINE)] == [each.value for each in Exit]
