"""Does a connector that breaks its promise end `check`, `preview` and `discover` with a line, not a traceback?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel
from typer.testing import CliRunner

from connectors import contract, discovery, registry
from connectors.contract import ChannelContext, Cursor, Finding, Listing, SourceRecord
from connectors.discovery import Discovery, Question
from gateway.cli.app import app

SAID = "Siti Aminah, Jalan Melati 5"


class _Looking:
    Access: ClassVar[type[BaseModel]] = discovery.Access
    source: ClassVar[str] = "Website"
    questions: ClassVar[Sequence[Question]] = ()

    def options(self, answers: Mapping[str, str]) -> dict[str, object]:
        return dict(answers)

    def discover(self, access: Any, channel: ChannelContext) -> Discovery:
        raise KeyError(SAID)


class Rude:
    """Raises what no connector may."""

    Options: ClassVar[type[contract.Options]] = contract.Options
    discoverer: ClassVar[discovery.Discoverer] = _Looking()
    keyed_by_content = False

    def __init__(self, options: contract.Options, channel: ChannelContext) -> None:
        pass

    def list(self, after: Cursor | None) -> Listing:
        raise KeyError(SAID)

    def read(self, locators: Sequence[str]) -> Iterator[SourceRecord]:
        raise KeyError(SAID)

    def check(self) -> Sequence[Finding]:
        raise KeyError(SAID)

    def close(self) -> None:
        pass


@pytest.mark.parametrize("words", [["check"], ["preview", "kasar"], ["discover", "kasar"]])
def test_it_is_told_where_and_not_what(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    monkeypatch.setitem(registry.OURS, "rude", f"{__name__}:Rude")
    monkeypatch.setenv("LAPOR_TOKEN", "uji")
    config = tmp_path / "config.toml"
    config.write_text(
        """
[gateway]
id = "uji"
timezone = "Asia/Makassar"
state = "sqlite:///var/gateway.db"
spool = "var/spool"
[lapor]
base_url = "http://127.0.0.1:9"
token = "env:LAPOR_TOKEN"
[[channels]]
name = "kasar"
connector = "rude"
mapping = "webform"
start = "now"
source = "Website"
[channels.defaults]
location_id = "6472"
is_anonymous = false
is_secret = false
"""
    )
    done = CliRunner().invoke(app, [*words, "-c", str(config)])
    assert "unexpected KeyError at " in done.output, done.output
    assert "test_unforeseen.py:" in done.output
    assert done.exit_code == 1
    assert SAID not in done.output
