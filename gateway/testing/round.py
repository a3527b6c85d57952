"""How is a channel collected in a test: the real step, the real configuration, a real state?"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from connectors import contract
from connectors.contract import ChannelContext, Connector, Cursor, Finding, Listing, SourceRecord
from connectors.options import relative_to
from gateway import config as configuration
from gateway.config import Channel
from gateway.desk import Desk, StepResult
from gateway.testing.source import ZONE, Source
from gateway.work import collect_channel, desk_of, open_store, reply_channel
from state import database, deliveries
from state.deliveries import Accepted
from state.models import EVENT, RECORD, REPORT

NOW = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
_TOML = """
[gateway]
id = "uji"
timezone = "{zone}"
state = "sqlite:///state.db"
spool = "spool"

[lapor]
base_url = "http://127.0.0.1:9/v3"
token = "file:token"

[[channels]]
name = "kanal"
connector = "{connector}"
mapping = "{mapping}"
start = "{start}"
source = "Kanal Uji"
first_run_limit = 10000
defaults = {{ is_anonymous = false, is_secret = false, location_id = "6472" }}

[channels.options]
{options}
"""


class Cut:
    """A connector that is interrupted once `after` records of a round were read."""

    Options: ClassVar[type[contract.Options]] = contract.Options

    def __init__(self, inner: Connector, after: int, interrupt: Callable[[], None]) -> None:
        self._inner = inner
        self._left = after
        self._interrupt = interrupt
        self.keyed_by_content = inner.keyed_by_content

    def list(self, after: Cursor | None) -> Listing:
        return self._inner.list(after)

    def read(self, locators: Sequence[str]) -> Iterator[SourceRecord]:
        for record in self._inner.read(locators):
            yield record
            self._left -= 1
            if self._left == 0:
                self._interrupt()

    def check(self) -> Sequence[Finding]:
        return self._inner.check()

    def close(self) -> None:
        self._inner.close()


class Gateway:
    """A gateway with one channel. Each round opens everything anew, as a restarted service would."""

    def __init__(self, folder: Path, source: Source, empty_state: Path, start: str = "all") -> None:
        """Configure it; `start` is the channel's."""
        (folder / "token").write_text("rahasia-lapor")
        path = folder / "config.toml"
        options = "\n".join(f"{name} = {_toml(value)}" for name, value in source.options().items())
        text = _TOML.format(
            zone=ZONE.key, connector=source.connector, mapping=source.mapping, start=start, options=options
        )
        path.write_text(text, encoding="utf-8")
        self.config = configuration.load(path)
        self.channel: Channel = self.config.channels[0]
        shutil.copyfile(empty_state, folder / "state.db")

    def connector(self, changes: Mapping[str, object] | None = None) -> Connector:
        """A fresh connector of the channel, with some options changed."""
        channel = self.channel
        with relative_to(self.config.path.parent):
            options = channel.options.model_validate({**channel.settings.options, **(changes or {})})
        spool = self.config.gateway.spool
        spool.mkdir(exist_ok=True)
        connector: Connector = channel.factory(options, ChannelContext(channel.name, ZONE, spool))
        return connector

    def collect(self) -> StepResult:
        """Run a round."""
        with self._desk() as desk:
            return collect_channel(desk, self.channel)

    def collect_stopped(self, after: int) -> StepResult:
        """Run a round during which the service is told to stop, once `after` records were read."""
        with self._desk() as desk:
            return collect_channel(desk, self._cut(after, desk.stop.set))

    def collect_broken(self, after: int) -> StepResult:
        """Run a round in which the source breaks off, once `after` records were read."""

        def breaks() -> None:
            raise contract.Unreachable("the source broke off")

        with self._desk() as desk:
            return collect_channel(desk, self._cut(after, breaks))

    def reply(self) -> StepResult:
        """Bring the answers that are due. The first call begins: what happened before it is told to nobody."""
        with self._desk() as desk:
            return reply_channel(desk, self.channel)

    def records(self) -> list[dict[str, Any]]:
        """All records that the state has, oldest first."""
        return self._rows(sa.select(RECORD).order_by(RECORD.c.id))

    def reports(self) -> list[dict[str, Any]]:
        """All reports that the state has, oldest first."""
        return self._rows(sa.select(REPORT).order_by(REPORT.c.id))

    def obstacles(self) -> list[str]:
        """Why reports are held, as `code field`: mostly what the mapping does not find in the fields."""
        reasons = (reason for row in self.reports() for reason in row["reasons"])
        return sorted({f"{reason['code']} {reason.get('field', '')}".strip() for reason in reasons})

    def events(self, kind: str) -> list[dict[str, Any]]:
        """All events of a kind, oldest first."""
        return self._rows(sa.select(EVENT).where(EVENT.c.kind == kind).order_by(EVENT.c.id))

    def accept(self, report_id: int) -> None:
        """Let LAPOR have taken a report."""
        outcome = Accepted(f"LAPOR-{report_id}", None, "Terverifikasi", "open")
        with self._desk() as desk, desk.store.begin() as tx:
            deliveries.claim(tx, [report_id], desk.config.lapor.target, NOW)
            deliveries.settle(tx, {report_id: outcome}, NOW)

    def _rows(self, query: sa.Select[Any]) -> list[dict[str, Any]]:
        store = open_store(self.config)
        with store.read() as tx:
            rows = [dict(row) for row in tx.execute(query).mappings()]
        store.close()
        return rows

    def _cut(self, after: int, interrupt: Callable[[], None]) -> Channel:
        channel = self.channel

        def factory(options: Any, context: ChannelContext) -> Cut:
            return Cut(channel.factory(options, context), after, interrupt)

        return replace(channel, factory=factory)  # type: ignore[arg-type]

    @contextmanager
    def _desk(self) -> Iterator[Desk]:
        with desk_of(self.config, now=lambda: NOW) as desk:
            yield desk


def new_state(folder: Path) -> Path:
    """The file of an empty state for `Gateway`s to start from."""
    file = folder / "state.db"
    database.create(make_url(f"sqlite:///{file}"), None, "uji").close()
    return file


def codes(report: Mapping[str, Any]) -> set[str]:
    """Why a report is held."""
    return {reason["code"] for reason in report["reasons"]}


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_toml(name)} = {_toml(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    # JSON's texts, numbers and truth values are TOML's too.
    return json.dumps(value, ensure_ascii=False)
