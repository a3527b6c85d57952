"""How is a file that people use replaced as a whole, or not at all, and never while somebody has it open?"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import IO

from connectors.contract import Misconfigured, Unreachable
from connectors.sheet_files import PRIVATE

_BACKUPS = 7
"""So many days' backups are kept of a file."""
_UNFINISHED = ".new"
_DAY_SECONDS = 86_400
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


def seal(path: Path) -> Sequence[int]:
    """What changes whenever anybody touches the file; empty where there is none."""
    try:
        return _sealed(path.stat())
    except OSError:
        return ()


def refuse_unwritable(path: Path) -> None:
    """Raise Misconfigured where the folder lets nobody put a file beside or instead of this one."""
    folder = path.resolve().parent
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Misconfigured(f"the folder {folder} cannot be written")


def refuse_in_use(path: Path) -> None:
    """Raise Unreachable while Excel or LibreOffice has the file open."""
    for lock in (f"~${path.name}", f".~lock.{path.name}#"):
        if path.with_name(lock).exists():
            raise Unreachable(f"{path.name} is in use (there is {lock}); the next round tries again")


def replace(path: Path, sealed: Sequence[int], write: Callable[[IO[bytes]], object], model: Path) -> Sequence[int]:
    """Put what `write` writes in the file's place, with the mode and owner of `model`; the new file's seal.

    Raises Unreachable when the file is in use or no longer as it was when its `seal` was taken, Misconfigured when
    the folder cannot be written. Until the very end the file is as it was.
    """
    path, model = path.resolve(), model.resolve()
    with _told(path), _unfinished(path) as (file, new):
        write(file)
        file.flush()
        _give(new, model)
        os.fsync(file.fileno())
        refuse_in_use(path)
        if seal(path) != sealed:
            raise Unreachable(f"{path.name} was changed meanwhile; the next round tries again")
        new.replace(path)
        _sync_folder(path.parent)
        return _sealed(os.fstat(file.fileno()))


def back_up(path: Path, today: date) -> None:
    """Keep a copy as it is before the first change of a day, and no more than seven. Raises like `replace`."""
    path = path.resolve()
    copy = path.parent / PRIVATE / f"{path.name}.{today:%Y%m%d}.bak"
    if copy.exists():
        return
    with _told(path), _unfinished(path) as (file, new):
        with path.open("rb") as source:
            shutil.copyfileobj(source, file)
        file.flush()
        os.fsync(file.fileno())
        _give(new, path)
        new.replace(copy)
        for old in sorted(copy.parent.glob(f"{_literal(path.name)}.{'[0-9]' * 8}.bak"))[:-_BACKUPS]:
            old.unlink(missing_ok=True)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say for the admin what the operating system refuses."""
    try:
        yield
    except OSError as error:
        text = f"{path.name} cannot be written in {path.parent} ({error.strerror})"
        raise (Misconfigured(text) if error.errno in _FORBIDDEN else Unreachable(text)) from None


@contextmanager
def _unfinished(path: Path) -> Iterator[tuple[IO[bytes], Path]]:
    """A new file on the same disk, out of people's sight; what a kill has left there goes a day later."""
    folder = path.parent if path.parent.name == PRIVATE else path.parent / PRIVATE
    folder.mkdir(mode=0o700, exist_ok=True)
    for old in folder.glob(f"*{_UNFINISHED}"):
        if time.time() - old.stat().st_mtime > _DAY_SECONDS:
            old.unlink(missing_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, suffix=_UNFINISHED)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file, Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _give(new: Path, model: Path) -> None:
    """Give it the mode, access list and owner of `model`. Raises Misconfigured where that would shut people out."""
    status = model.stat()
    changed = new.stat()
    shutil.copystat(model, new)
    os.utime(new, ns=(changed.st_atime_ns, changed.st_mtime_ns))
    owned = _own(new, status.st_uid, status.st_gid)
    shared = (status.st_mode & 0o060 == 0o060 and _own(new, -1, status.st_gid)) or status.st_mode & 0o006 == 0o006
    if not owned and not shared:
        raise Misconfigured(
            f"{model.name} belongs to another user, who would lose access; give its group the right to write it"
        )


def _own(path: Path, user: int, group: int) -> bool:
    try:
        os.chown(path, user, group)
    except PermissionError:
        return False
    return True


def _sealed(status: os.stat_result) -> Sequence[int]:
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _literal(name: str) -> str:
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in name)
