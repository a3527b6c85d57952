"""Does one mail that the server cannot give keep the others from being read, and is a dead server told from it?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from connectors.imap_connection import Connection, Lost
from connectors.imap_fetch import Fetching

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


class Server:
    """A mailbox that breaks the connection over some mails, and may do so `times` only."""

    def __init__(self, broken: Sequence[int], times: int = 1_000) -> None:
        self.broken = broken
        self.times = times

    def client(self) -> Server:
        return self

    def select(self, _folder: str) -> int:
        return 1

    @contextmanager
    def translated(self) -> Iterator[None]:
        yield

    def fetch(self, uids: Sequence[int], items: Sequence[str]) -> dict[int, dict[bytes, Any]]:
        if "RFC822.SIZE" in items:
            return {uid: {b"RFC822.SIZE": 10, b"INTERNALDATE": NOON} for uid in uids}
        if self.times and set(uids) & set(self.broken):
            self.times -= 1
            raise Lost("the connection broke")
        return {uid: {b"BODY[]": b"mail %d" % uid, b"INTERNALDATE": NOON} for uid in uids}


def read(server: Server, count: int) -> Iterator[int]:
    fetching = Fetching(cast("Connection", server), 1_000)
    return (mail.uid for mail in fetching.mails("INBOX", 1, range(1, count + 1)))


@pytest.mark.parametrize("broken", [[1], [150], [300], [1, 2, 300]])
def test_what_the_server_cannot_give_keeps_no_other(broken: list[int]) -> None:
    assert list(read(Server(broken), 300)) == [uid for uid in range(1, 301) if uid not in broken]


def test_a_connection_that_broke_once_goes_on_with_every_mail() -> None:
    assert list(read(Server([150], times=1), 300)) == list(range(1, 301))


@pytest.mark.parametrize("count", [1, 3, 300])
def test_a_server_that_gives_nothing_is_to_blame_itself(count: int) -> None:
    with pytest.raises(Lost):
        list(read(Server(range(1, 301)), count))
