"""Who may send? One process at a time: a file lock beside SQLite, a lease in database time on PostgreSQL."""

from __future__ import annotations

import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import sqlalchemy as sa
from filelock import FileLock, Timeout

from state.database import Store
from state.errors import AnotherWriter, StateError
from state.models import LEASE

LEASE_SECONDS = 60.0
_NAME = "writer"


class Writer(Protocol):
    """The right to send."""

    def holds(self) -> bool:
        """Whether this process may send at this very moment."""
        ...

    def release(self) -> None:
        """Give the right back, because the process is about to be ended."""
        ...


class _FileWriter:
    """A lock of the operating system: it ends with the process, and cannot be lost before."""

    def holds(self) -> bool:
        return True

    def release(self) -> None:
        """The operating system does it."""


class _LeaseWriter:
    """A row that must be renewed. Whoever cannot renew it in time stops sending before another may start."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._safe_until = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)

    def holds(self) -> bool:
        return time.monotonic() < self._safe_until

    def start(self) -> None:
        if not self._renew():
            raise AnotherWriter(f"another lapor-gateway works on the state at {self._store.where}; stop it first")
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()
        self.release()

    def release(self) -> None:
        self._stop.set()
        self._safe_until = 0.0
        with self._store.begin() as tx:
            tx.execute(sa.delete(LEASE).where(LEASE.c.name == _NAME, LEASE.c.holder == self._holder))

    def _keep(self) -> None:
        while not self._stop.wait(LEASE_SECONDS / 6):
            try:
                self._renew()
            except (StateError, sa.exc.SQLAlchemyError):
                continue

    def _renew(self) -> bool:
        """Take or keep the lease, by the database's clock; hold it a fifth shorter by our own."""
        before = time.monotonic()
        expires = sa.func.now() + sa.text(f"interval '{LEASE_SECONDS} seconds'")
        mine_or_over = (LEASE.c.holder == self._holder) | (LEASE.c.expires_at < sa.func.now())
        with self._store.begin() as tx:
            update = sa.update(LEASE).where(LEASE.c.name == _NAME, mine_or_over)
            if tx.execute(update.values(holder=self._holder, expires_at=expires)).rowcount == 0:
                insert = sa.text(
                    "INSERT INTO lease (name, holder, expires_at) "
                    f"VALUES (:name, :holder, now() + interval '{LEASE_SECONDS} seconds') ON CONFLICT DO NOTHING"
                )
                if tx.execute(insert, {"name": _NAME, "holder": self._holder}).rowcount == 0:
                    return False
        self._safe_until = before + LEASE_SECONDS * 0.8
        return True


@contextmanager
def only_writer(store: Store) -> Iterator[Writer]:
    """Hold the right to send. Raises AnotherWriter where another process has it."""
    if store.engine.dialect.name == "sqlite":
        with _locked(store):
            yield _FileWriter()
        return
    lease = _LeaseWriter(store)
    lease.start()
    try:
        yield lease
    finally:
        lease.stop()


@contextmanager
def _locked(store: Store) -> Iterator[None]:
    lock = FileLock(f"{store.engine.url.database}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise AnotherWriter(f"another lapor-gateway works on the state at {store.where}; stop it first") from None
    try:
        yield
    finally:
        lock.release()
