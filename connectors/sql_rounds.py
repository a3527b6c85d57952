"""When is a round short, and from where on must it look? Pure: what earlier rounds saw in, a decision out.

A short round asks for rows whose `updated`, or whose key, is at or beyond what stood there when an earlier round
looked. The literals are the source's own and compared by it alone; only the gateway's clock says how old a sight is.
Rows may commit late by `overlap`: so the sight must be older than that when the last round began. What comes later
still, has no `updated`, or has it from a clock that was set back, is found by the next whole listing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

RANK = 100
"""A sight is the hundredth value from the end: some rows dated in the year 2099 must not hide all others."""
_PARTS = 20
"""So many sights are kept for one overlap."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What stood near the end of the source at a moment."""

    at: datetime
    updated: str | None
    """As `to_json` writes it; None where no row had one."""
    key: str | None


@dataclass(frozen=True, slots=True)
class Memory:
    """What a channel's rounds have seen."""

    source: str
    """A hash of the options: with others the memory is worth nothing."""
    whole_at: datetime
    """When the last whole listing that came to its end began."""
    last_at: datetime
    """When the last round began."""
    sights: Sequence[Sight] = ()

    @classmethod
    def of(cls, saved: Mapping[str, Any] | None) -> Self | None:
        """From its JSON; None where that is none."""
        try:
            sights = [Sight(_moment(at), updated, key) for at, updated, key in saved["sights"]] if saved else []
            return cls(saved["source"], _moment(saved["whole"]), _moment(saved["last"]), sights) if saved else None
        except (KeyError, TypeError, ValueError):
            return None

    def to_json(self) -> Mapping[str, object]:
        """As JSON values."""
        sights = [[one.at.isoformat(), one.updated, one.key] for one in self.sights]
        return {
            "source": self.source,
            "whole": self.whole_at.isoformat(),
            "last": self.last_at.isoformat(),
            "sights": sights,
        }

    def since(self, now: datetime, overlap: timedelta, whole_every: timedelta) -> Sight | None:
        """From where on a short round must look; None where it has to be a whole one."""
        if now < self.last_at or now - self.whole_at >= whole_every:
            # A clock that was set back says nothing of how old a sight is.
            return None
        old = [sight for sight in self.sights if sight.at <= self.last_at - overlap]
        return old[-1] if old and (old[-1].updated or old[-1].key) else None

    def after(self, began: datetime, sight: Sight, overlap: timedelta) -> Self:
        """The memory after one more round that began then and saw that."""
        return replace(self, last_at=began, sights=_kept([*self.sights, sight], began, overlap))


def _kept(sights: Sequence[Sight], began: datetime, overlap: timedelta) -> Sequence[Sight]:
    """Those that a later round may need: the newest that is old enough and what came after, not too close together."""
    old = [number for number, sight in enumerate(sights) if sight.at <= began - overlap]
    kept: list[Sight] = []
    for sight in sights[old[-1] if old else 0 :]:
        if not kept or sight.at - kept[-1].at >= overlap / _PARTS:
            kept.append(sight)
    return kept


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without its zone")
    return moment
