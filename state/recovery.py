"""How does a lost or restored state learn again what LAPOR has?

A counter beside the state's file goes up with every start and before every round of sending, in the file and in the
state. A restored older state is behind it and is refused; a copy that `state backup` made says itself that it is one.
`state recover` then reads LAPOR's lists: what carries an external_id of ours is adopted as soon as its record is found
again. Lists leave out secret reports, so a secret record from before the loss is held for a person; every record is,
where LAPOR cannot be read at all.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from state.database import Store
from state.errors import StateError
from state.journal import Happening, record_events
from state.lifecycle import Act, Stage, origins
from state.models import EVENT, REPORT, SETTING, SIGHTING, TARGET

_COUNTER = "starts"
_RECOVERED = "recovered_at"
_BLIND = "recovered_blind"
_UNFINISHED = "recovering"


class StateOutdated(StateError):
    """The state is older than the last one that was worked with."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A report that LAPOR's lists show."""

    external_id: str
    target: str
    tracking_id: str
    status: str
    canonical: str


def count(store: Store) -> None:
    """Count one more start or round of sending, in the state and beside it. Raises StateOutdated where it is behind."""
    beside = _beside(store)
    with store.begin() as tx:
        if _setting(tx, _UNFINISHED):
            raise StateOutdated(
                f"the state at {store.where} is not in step with LAPOR: run `lapor-gateway state recover` to its end"
            )
        counted = int(_setting(tx, _COUNTER) or 0)
        if beside is not None and counted:
            _catch_up(beside, counted, store.where)
        _set(tx, _COUNTER, str(counted + 1))
        ready = _prepare(beside, counted + 1) if beside is not None else None
    if beside is not None and ready is not None:
        ready.replace(beside)


def _catch_up(beside: Path, counted: int, where: str) -> None:
    """Make the file agree with the state: it may be one behind, for a process can die between the two."""
    seen = _read(beside)
    if seen == counted - 1:
        _prepare(beside, counted).replace(beside)
    elif seen != counted:
        raise StateOutdated(
            f"the state at {where} is not the one that was worked with last: a restored backup, or moved "
            f"without {beside.name}. What was sent since may not be in it: run `lapor-gateway state recover`"
        )


def begin_recovery(store: Store) -> None:
    """Nothing is collected or sent from this state until the recovery has come to its end."""
    with store.begin() as tx:
        _set(tx, _UNFINISHED, "yes")


@dataclass(frozen=True, slots=True)
class Recovery:
    """The last recovery: what is older than `at` may have been sent by the lost state."""

    at: datetime
    blind: bool
    """LAPOR could not be read: its lists prove nothing, of no report."""


def mark_as_copy(connection: sqlite3.Connection) -> None:
    """Make a copy of an SQLite state refuse to be worked with before it was recovered."""
    with connection:
        connection.execute("DELETE FROM setting WHERE name = ?", (_UNFINISHED,))
        connection.execute("INSERT INTO setting (name, value) VALUES (?, 'yes')", (_UNFINISHED,))


def declare_recovered(store: Store, now: datetime, *, blind: bool) -> int:
    """From now on, secret records from before this moment are held (blind: all records), and the counter is believed.

    Returns how many reports, that were about to be sent, are held.
    """
    beside = _beside(store)
    ahead = max(_read(beside), 0) if beside is not None else 0
    with store.begin() as tx:
        _set(tx, _UNFINISHED, "")
        _set(tx, _RECOVERED, now.isoformat())
        _set(tx, _BLIND, "yes" if blind else "")
        counted = max(ahead, int(_setting(tx, _COUNTER) or 0))
        _set(tx, _COUNTER, str(counted))
        tx.execute(sa.update(TARGET).values(tracked_until=None))
        held = hold_unprovable(tx, now, blind=blind)
    if beside is not None:
        _prepare(beside, counted).replace(beside)
    return held


def last_recovery(tx: sa.Connection) -> Recovery | None:
    """The state's last recovery; None for one that never was recovered."""
    text = _setting(tx, _RECOVERED)
    return Recovery(datetime.fromisoformat(text).astimezone(UTC), bool(_setting(tx, _BLIND))) if text else None


def remember(tx: sa.Connection, seen: Sequence[Sighting], now: datetime) -> Mapping[str, int]:
    """Keep reports of the lists that the state does not have; adopt those whose records it has.

    Returns the ids of the adopted, by external_id.
    """
    if not seen:
        return {}
    ids = [sighting.external_id for sighting in seen]
    have = {
        row.external_id: row
        for row in tx.execute(
            sa.select(REPORT.c.id, REPORT.c.external_id, REPORT.c.stage, REPORT.c.tracking_id).where(
                REPORT.c.external_id.in_(ids)
            )
        )
    }
    strangers = [sighting for sighting in seen if sighting.external_id not in have]
    _keep(tx, strangers, now)
    adopted: dict[str, int] = {}
    for sighting in seen:
        row = have.get(sighting.external_id)
        if row is not None and row.tracking_id is None and row.stage in origins(Act.ADOPT):
            adopt(tx, row.id, sighting, now)
            adopted[sighting.external_id] = row.id
    return adopted


def doubt_all(tx: sa.Connection, now: datetime) -> int:
    """Another state has filed under our ids: whatever its lists do not show may be there too.

    As after a recovery, secret reports from before this moment are held, now and when they are found. Returns how many
    of those that were about to be sent.
    """
    _set(tx, _RECOVERED, now.isoformat())
    return hold_unprovable(tx, now, blind=False)


def never_sent(tx: sa.Connection, ids: Iterable[int]) -> frozenset[int]:
    """Those of the reports that this state itself has never tried to send."""
    query = sa.select(REPORT.c.id).where(REPORT.c.id.in_(list(ids)), REPORT.c.attempts == 0)
    return frozenset(tx.scalars(query))


def warned_of(tx: sa.Connection, report_id: int, tracking_id: str, now: datetime) -> bool:
    """Whether people were told before that LAPOR has this report under that id too; from now on they were."""
    query = sa.select(EVENT.c.detail).where(EVENT.c.record_id == report_id, EVENT.c.kind == "filed_twice")
    if any(detail.get("tracking_id") == tracking_id for detail in tx.scalars(query)):
        return True
    record_events(tx, [Happening(report_id, "filed_twice", {"tracking_id": tracking_id})], now)
    return False


def bound_otherwise(tx: sa.Connection, seen: Sequence[Sighting]) -> Sequence[tuple[int, str]]:
    """Reports of ours (id) that LAPOR shows under another tracking id than the one they are bound to."""
    shown = {sighting.external_id: sighting.tracking_id for sighting in seen}
    if not shown:
        return []
    query = sa.select(REPORT.c.id, REPORT.c.external_id, REPORT.c.tracking_id).where(
        REPORT.c.external_id.in_(shown), REPORT.c.tracking_id.is_not(None)
    )
    return [(row.id, shown[row.external_id]) for row in tx.execute(query) if row.tracking_id != shown[row.external_id]]


def sighted(tx: sa.Connection, target: str, external_ids: Sequence[str]) -> Mapping[str, Sighting]:
    """Which of these LAPOR's lists have shown already."""
    if not external_ids:
        return {}
    query = sa.select(SIGHTING).where(SIGHTING.c.target == target, SIGHTING.c.external_id.in_(external_ids))
    return {row.external_id: _sighting(row) for row in tx.execute(query)}


def adopt(tx: sa.Connection, report_id: int, sighting: Sighting, now: datetime) -> None:
    """LAPOR has this report already, sent by a state that was lost."""
    tx.execute(
        sa.update(REPORT)
        .where(REPORT.c.id == report_id, REPORT.c.stage.in_(origins(Act.ADOPT)))
        .values(
            stage=Stage.ACCEPTED,
            stage_at=now,
            target=sighting.target,
            tracking_id=sighting.tracking_id,
            lapor_status=sighting.status,
            lapor_canonical=sighting.canonical,
            next_attempt_at=None,
            next_track_at=now,
            reasons=[],
        )
    )
    record_events(tx, [Happening(report_id, "adopted", {"tracking_id": sighting.tracking_id})], now)


def hold_unprovable(tx: sa.Connection, now: datetime, *, blind: bool) -> int:
    """Hold secret reports (blind: all) of a restored state that were about to be sent: were they? It cannot know."""
    query = sa.select(REPORT.c.id, REPORT.c.mapped, REPORT.c.amendments).where(
        REPORT.c.stage.in_([Stage.QUEUED, Stage.REJECTED])
    )
    rows = tx.execute(query).all()
    held = [row.id for row in rows if blind or {**row.mapped, **row.amendments}.get("is_secret") is not False]
    code = "recovered_blind" if blind else "recovered_secret"
    if held:
        reasons = [{"code": code, "field": "", "detail": ""}]
        tx.execute(
            sa.update(REPORT).where(REPORT.c.id.in_(held)).values(stage=Stage.HELD, stage_at=now, reasons=reasons)
        )
        record_events(tx, [Happening(number, "held", {"reasons": [code]}) for number in held], now)
    return len(held)


def _keep(tx: sa.Connection, seen: Sequence[Sighting], now: datetime) -> None:
    if not seen:
        return
    known = set(
        tx.scalars(sa.select(SIGHTING.c.external_id).where(SIGHTING.c.external_id.in_([s.external_id for s in seen])))
    )
    fresh = {s.external_id: s for s in seen if s.external_id not in known}
    rows = [{name: getattr(s, name) for name in _COLUMNS} | {"seen_at": now} for s in fresh.values()]
    if rows:
        tx.execute(sa.insert(SIGHTING), rows)


_COLUMNS = ("external_id", "target", "tracking_id", "status", "canonical")


def _sighting(row: sa.Row[tuple[str, ...]]) -> Sighting:
    return Sighting(*(getattr(row, name) for name in _COLUMNS))


def _setting(tx: sa.Connection, name: str) -> str | None:
    return tx.scalar(sa.select(SETTING.c.value).where(SETTING.c.name == name))


def _set(tx: sa.Connection, name: str, value: str) -> None:
    if tx.execute(sa.update(SETTING).where(SETTING.c.name == name).values(value=value)).rowcount == 0:
        tx.execute(sa.insert(SETTING).values(name=name, value=value))


def _beside(store: Store) -> Path | None:
    if store.engine.dialect.name != "sqlite":
        return None
    return Path(f"{store.engine.url.database}.starts")


def _read(path: Path) -> int:
    """The counter; 0 before the first start has written it, -1 where it cannot be read."""
    try:
        text = path.read_text(encoding="ascii", errors="replace").strip()
    except FileNotFoundError:
        return 0
    except OSError:
        return -1
    return int(text) if text.isdigit() else -1


def _prepare(path: Path, count: int) -> Path:
    """The new counter, on disk under a name of its own. Raises StateError where it cannot be written."""
    fresh = path.with_name(f"{path.name}.new")
    try:
        with fresh.open("w", encoding="ascii") as file:
            file.write(f"{count}\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StateError(f"{fresh} cannot be written ({error.strerror}): make room, or mend the folder") from None
    return fresh
