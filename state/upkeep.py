"""Is the state's file sound, and how is it copied while it is being used?"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from state.database import Store
from state.errors import StateError
from state.recovery import mark_as_copy


def integrity(store: Store) -> Sequence[str]:
    """What the database finds wrong with its own file; PostgreSQL checks its pages by itself."""
    if store.engine.dialect.name != "sqlite":
        return []
    with store.read() as tx:
        found = [str(text) for text in tx.scalars(sa.text("PRAGMA integrity_check(20)")) if text != "ok"]
        loose = tx.execute(sa.text("PRAGMA foreign_key_check")).all()
    return [*found, *(f"{row[0]} row {row[1]} refers to a {row[2]} that is not there" for row in loose)]


def backup(store: Store, target: Path) -> None:
    """Copy an SQLite state to a new file, complete or not at all, while others go on writing. Raises StateError."""
    if store.engine.dialect.name != "sqlite":
        raise StateError("back a PostgreSQL state up with pg_dump")
    if target.exists():
        raise StateError(f"{target} exists already; name a new file")
    unfinished = target.with_name(f".{target.name}.part")
    try:
        unfinished.unlink(missing_ok=True)
        _copy(str(store.engine.url.database), unfinished)
        unfinished.rename(target)
    except (OSError, sqlite3.Error) as error:
        unfinished.unlink(missing_ok=True)
        raise StateError(f"the state cannot be copied to {target}: {error}") from None


def _copy(database: str, target: Path) -> None:
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        # A copy that is put back may lack what was sent since: it says so itself, however it is put back.
        mark_as_copy(copy)
    with target.open("rb") as file:
        os.fsync(file.fileno())
    target.chmod(0o600)
