"""The gateway's command line in a process that kills itself at the n-th event of a kind, as a power cut would.

`python -m tests.e2e.dying KIND N -- COMMAND …`. With N = 0 it lives, and tells at its end how many events of each kind
there were: the event `counted` beside the log's own, on standard error.
"""

from __future__ import annotations

import json
import os
import signal
import smtplib
import sys
import threading
from collections import Counter
from typing import Any

import httpx
import sqlalchemy as sa

from gateway.main import main as gateway_main

REQUEST_BEFORE = "request-before"
"""A request is about to be sent."""
REQUEST_AFTER = "request-after"
"""LAPOR's answer is here, and nobody has looked at it."""
COMMIT_BEFORE = "commit-before"
"""A transaction has written its rows and is about to be kept."""
COMMIT_AFTER = "commit-after"
"""A transaction is kept, and nobody has heard of it."""
KINDS = (REQUEST_BEFORE, REQUEST_AFTER, COMMIT_BEFORE, COMMIT_AFTER)
MAIL_BEFORE = "mail-before"
"""A mail is about to be handed to the mail server."""
MAIL_AFTER = "mail-after"
"""The mail server has taken a mail, and nobody has noted it."""
APPLICATION_AFTER = "application-after"
"""A transaction in an application's own database on a server is kept, and nobody has noted it."""
ANSWERING = (MAIL_BEFORE, MAIL_AFTER, APPLICATION_AFTER)


class Fate:
    """Counts the events of each kind, and ends the process at the n-th of one. Threads may share it."""

    def __init__(self, kind: str, number: int) -> None:
        self._last = (kind, number)
        self._lock = threading.Lock()
        self.counts: Counter[str] = Counter(dict.fromkeys((*KINDS, *ANSWERING), 0))

    def meet(self, kind: str) -> None:
        """Count an event. While this process dies, no other thread gets past one."""
        with self._lock:
            self.counts[kind] += 1
            if (kind, self.counts[kind]) == self._last:
                os.kill(os.getpid(), signal.SIGKILL)


def watch_requests(fate: Fate) -> None:
    """Meet the fate before each request of any client, and after each answer, which is read to its end by then."""
    send = httpx.Client.send

    def fateful(client: httpx.Client, request: httpx.Request, **settings: Any) -> httpx.Response:
        fate.meet(REQUEST_BEFORE)
        response = send(client, request, **settings)
        fate.meet(REQUEST_AFTER)
        return response

    httpx.Client.send = fateful  # type: ignore[assignment]


def watch_mails(fate: Fate) -> None:
    """Meet the fate before and after each mail that is sent."""
    send = smtplib.SMTP.send_message

    def fateful(server: smtplib.SMTP, *arguments: Any, **settings: Any) -> Any:
        fate.meet(MAIL_BEFORE)
        refused = send(server, *arguments, **settings)
        fate.meet(MAIL_AFTER)
        return refused

    smtplib.SMTP.send_message = fateful  # type: ignore[method-assign, assignment]


def watch_commits(fate: Fate) -> None:
    """Meet the fate before and after each commit of a transaction that has changed rows of an SQLite state.

    The gateway's other transactions are an application's, where it writes LAPOR's answers.
    """

    def begun(connection: sa.Connection) -> None:
        if _is_state(connection):
            connection.info["changes"] = _changes(connection)

    def committing(connection: sa.Connection) -> None:
        if not _is_state(connection):
            _plain(connection).commit()
            fate.meet(APPLICATION_AFTER)
            return
        if _changes(connection) == connection.info.pop("changes", None):
            return
        fate.meet(COMMIT_BEFORE)
        # No event comes after a commit. So it is done here; the one that follows finds nothing to keep.
        _plain(connection).commit()
        fate.meet(COMMIT_AFTER)

    sa.event.listen(sa.Engine, "begin", begun)
    sa.event.listen(sa.Engine, "commit", committing)


def _is_state(connection: sa.Connection) -> bool:
    return connection.dialect.name == "sqlite"


def _plain(connection: sa.Connection) -> Any:
    """The database module's own connection."""
    return connection.connection.dbapi_connection


def _changes(connection: sa.Connection) -> int:
    """How many rows were changed over it since it was opened."""
    return int(_plain(connection).total_changes)


def main() -> None:
    """Run the command in the arguments until its end or its fate."""
    kind, number, dashes, *command = sys.argv[1:]
    if kind not in (*KINDS, *ANSWERING) or dashes != "--":
        raise SystemExit(f"usage: {'|'.join((*KINDS, *ANSWERING))} N -- COMMAND …")
    fate = Fate(kind, int(number))
    watch_requests(fate)
    watch_commits(fate)
    watch_mails(fate)
    sys.argv = ["lapor-gateway", *command]
    try:
        gateway_main()
    finally:
        sys.stderr.write(json.dumps({"event": "counted", **fate.counts}) + "\n")


if __name__ == "__main__":
    main()
