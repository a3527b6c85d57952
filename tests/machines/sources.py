"""Sources in which citizens write, edit and delete, and which break off while they are read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from connectors.contract import ChannelContext, Scalar, SourceRecord, Unreachable
from tests.fakes import FakeConnector, FakeSource

EDITS = ("text", "secrecy", "unfit", "fit", "taken over", "removed")
TROUBLES = ("breaks off", "withholds")
_OTHERS = 50_000
"""Who takes over a key is another citizen: the counter has restarted."""


@dataclass(frozen=True)
class Trouble:
    """A record that cannot be read, counted from 0: the source breaks off there, or passes it over in silence."""

    kind: str
    record: int


@dataclass
class EditedSource(FakeSource):
    """A source and what was done to it."""

    removed: bool = False
    """Whether a row was ever taken out."""
    taken_over: set[str] = field(default_factory=set)
    withheld: set[str] = field(default_factory=set)

    def write(self, number: int, *, secret: bool) -> None:
        """A citizen writes."""
        self.add(str(number), **_complaint(number, secret=secret))

    def edit(self, key: str, kind: str) -> None:
        """Change a row, or take it out; a key is taken over once at most: each of its two citizens is one record."""
        row = self.rows[key]
        match kind:
            case "text":
                row["isi"] = f"{row['isi']} lagi"
            case "secrecy":
                row["rahasia"] = "tidak" if row["rahasia"] == "ya" else "ya"
            case "unfit":
                row["judul"] = ""
            case "fit":
                row["judul"] = "Judul"
            case "taken over" if key not in self.taken_over:
                self.taken_over.add(key)
                row.update(_complaint(int(key) + _OTHERS, secret=False))
            case "removed":
                self.removed = True
                del self.rows[key]

    def __call__(self, _options: Any, _channel: ChannelContext) -> FakeConnector:
        return _WithholdingConnector(self, self.withheld)

    @contextmanager
    def under(self, trouble: Trouble | None) -> Iterator[None]:
        """Let that record not be read for a while."""

        def break_off(read: int) -> None:
            if trouble is not None and trouble.kind == "breaks off" and read == trouble.record:
                raise Unreachable("the fake source is down")

        self.while_reading = break_off
        if trouble is not None and trouble.kind == "withholds":
            self.withheld.update(list(self.rows)[trouble.record : trouble.record + 1])
        yield
        self.while_reading = lambda _: None
        self.withheld.clear()


class _WithholdingConnector(FakeConnector):
    """It lists records that it then does not hand over."""

    def __init__(self, source: FakeSource, withheld: Set[str]) -> None:
        super().__init__(source)
        self._withheld = withheld

    def read(self, locators: Sequence[str]) -> Iterator[SourceRecord]:
        return super().read([locator for locator in locators if locator not in self._withheld])


def _complaint(number: int, *, secret: bool) -> dict[str, Scalar]:
    """A row; texts of different citizens are not alike, else they would pass for edits of each other."""
    text = hashlib.sha256(str(number).encode()).hexdigest()
    return {
        "judul": f"Aduan {number}",
        "isi": text,
        "nama": f"Warga {number}",
        "telp": f"0812{number:08d}",
        "rahasia": "ya" if secret else "tidak",
        # Long ago by any clock: people's acts go by the real one.
        "kejadian": "2025-03-01",
    }
