"""When do citizens' files leave the spool? Once their report is closed and the time to keep them is over."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from connectors import spool as spooling
from gateway.desk import Desk, StepResult
from gateway.lapor.statuses import Status
from state import files

_OVER = (Status.CLOSED, Status.ARCHIVED, Status.BLOCKED)
_EVERY = timedelta(hours=20)
_UNDER_WAY = timedelta(days=1)
"""So young a file may belong to a record that is just being collected."""
_MARK = ".tidied"
_OURS = re.compile(r"([0-9a-f]{64})(\.prepared\.json)?")
_UNFINISHED = re.compile(r"tmp\w+")


def is_due(desk: Desk) -> bool:
    """Whether the last time is about a day ago. Raises Unreachable where the spool cannot be read."""
    mark = desk.config.gateway.spool / _MARK
    try:
        return not mark.exists() or desk.now().timestamp() - mark.stat().st_mtime >= _EVERY.total_seconds()
    except OSError as error:
        raise spooling.unusable(desk.config.gateway.spool, error) from None


def tidy(desk: Desk) -> StepResult:
    """Delete what no record needs any more. Raises Unreachable and StateError."""
    result = StepResult()
    spool = spooling.prepare(desk.config.gateway.spool)
    with desk.store.read() as tx:
        needed = files.needed(tx, _OVER, desk.now() - desk.config.gateway.keep_files)
        # What this state knows nothing of may be another's, or of a state that is yet to be put back.
        finished = files.known(tx) - needed
    try:
        for path in _old(spool, desk.now().timestamp() - _UNDER_WAY.total_seconds()):
            found = _OURS.fullmatch(path.name)
            if found is None or found[1] in finished:
                path.unlink(missing_ok=True)
                result.counts["files_deleted"] += 1
        (spool / _MARK).touch(mode=0o600)
        os.utime(spool / _MARK, (desk.now().timestamp(),) * 2)
    except OSError as error:
        raise spooling.unusable(spool, error) from None
    return result


def _old(spool: Path, before: float) -> Iterator[Path]:
    """Files of ours that were last used before that moment, in seconds since 1970."""
    for folder in sorted(path for path in spool.iterdir() if path.is_dir() and len(path.name) == 2):
        for path in folder.iterdir():
            ours = _OURS.fullmatch(path.name) or _UNFINISHED.fullmatch(path.name)
            if ours and path.is_file() and path.stat().st_mtime < before:
                yield path
