"""How are many mails fetched over one connection that may break? In portions, sizes before bodies, and going on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from connectors import imap_parts
from connectors.imap_connection import Connection, Lost

SIZES_AT_ONCE = 500
"""UIDs of up to ten digits: the command stays below 6 KB, and servers take 8 (RFC 7162, 4)."""
MAILS_AT_ONCE = 100
_MOST_REFUSED = 3
_BYTES_AT_ONCE = 32 * 1024 * 1024
_HEAD_BYTES = 256 * 1024
_NOT_READABLE = (ValueError, TypeError, IndexError, AttributeError, RecursionError)
"""What the library raises over a description that breaks the grammar, beside its own errors."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """One mail as it came from the server."""

    uid: int
    raw: bytes
    arrived: datetime | None
    left: tuple[imap_parts.Part, ...] = ()
    """Parts that stay in the mailbox. In `raw` each is a file whose content is its number in here."""
    is_cut: bool = False
    """`raw` lacks some of the mail's text."""


class Fetching:
    """Fetches mails; one over `limit` bytes without its files."""

    def __init__(self, connection: Connection, limit: int) -> None:
        self._connection = connection
        self._limit = limit

    def mails(self, folder: str, validity: int, uids: Sequence[int]) -> Iterator[Fetched]:
        """Fetch those that are still there. Raises Unreachable once a new connection gets no further either.

        A mail that the server cannot give is left out, for it must not keep the others: a few, then the server is to
        blame. Where the folder was rebuilt, `validity` has gone, and nothing comes: its UIDs now name other mails.
        """
        left = dict.fromkeys(uids)
        at_once, refused = MAILS_AT_ONCE, 0
        while left:
            before = len(left)
            try:
                for mail in self._once(folder, validity, list(left), at_once):
                    del left[mail.uid]
                    yield mail
            except Lost:
                if len(left) < before:
                    continue
                if at_once == 1:
                    refused += 1
                    del left[next(iter(left))]
                    if refused > _MOST_REFUSED or refused == len(uids):
                        raise
                at_once = 1
            else:
                return

    def _once(self, folder: str, validity: int, uids: Sequence[int], at_once: int) -> Iterator[Fetched]:
        with self._connection.translated():
            if self._connection.select(folder) != validity:
                return
        together = SIZES_AT_ONCE if at_once > 1 else 1
        for start in range(0, len(uids), together):
            with self._connection.translated():
                found = self._ask(uids[start : start + together], "RFC822.SIZE")
            sizes = {uid: int(item[b"RFC822.SIZE"]) for uid, item in found.items()}
            for some in _portions(sizes, self._limit):
                large = sizes[some[0]] > self._limit
                yield from self._in_parts(some[0]) if large else self._whole(some)

    def _whole(self, uids: Sequence[int]) -> Iterator[Fetched]:
        with self._connection.translated():
            mails = self._ask(uids, "BODY.PEEK[]")
        for uid in list(mails):
            # Taken out, so that a mail's bytes are let go before the next is worked on.
            item = mails.pop(uid)
            raw = _body(item, "")
            if raw is not None:
                yield Fetched(uid, raw, item.get(b"INTERNALDATE"))

    def _in_parts(self, uid: int) -> Iterator[Fetched]:
        """The header and the texts of a large mail; of one whose structure nobody can follow, its beginning."""
        with self._connection.translated():
            plan = self._plan(uid)
            if plan is None:
                asked = [f"BODY.PEEK[]<0.{_HEAD_BYTES}>"]
            else:
                texts = (f"BODY.PEEK[{section}]<0.{count}>" for section, count in plan.wanted.items())
                asked = [f"BODY.PEEK[HEADER]<0.{_HEAD_BYTES}>", *texts]
            item = self._ask([uid], *asked).get(uid)
        raw = _body(item or {}, "" if plan is None else "HEADER")
        if item is None or raw is None:
            return
        if plan is None:
            yield Fetched(uid, raw, item.get(b"INTERNALDATE"), is_cut=True)
            return
        contents = {section: _body(item, section) or b"" for section in plan.wanted}
        yield Fetched(uid, plan.rebuilt(raw, contents), item.get(b"INTERNALDATE"), plan.left, plan.is_cut)

    def _plan(self, uid: int) -> imap_parts.Plan | None:
        try:
            item = self._ask([uid], "BODYSTRUCTURE").get(uid, {})
            return imap_parts.plan(item[b"BODYSTRUCTURE"]) if b"BODYSTRUCTURE" in item else None
        except IMAPClientError as error:
            if isinstance(error, IMAPClient.AbortError):
                raise
            return None
        except _NOT_READABLE:
            return None

    def _ask(self, uids: Sequence[int], *items: str) -> dict[int, dict[bytes, Any]]:
        fetched: dict[int, dict[bytes, Any]] = self._connection.client().fetch(uids, [*items, "INTERNALDATE"])
        # A server may tell in between that somebody flagged a mail: such an answer holds nothing that was asked for.
        return {uid: item for uid, item in fetched.items() if b"INTERNALDATE" in item}


def _body(item: Mapping[bytes, Any], section: str) -> bytes | None:
    """None for a mail that is gone: servers answer so where another session still has to be told."""
    # With `<0>` behind it where a part was asked for; servers forget it.
    name = f"BODY[{section}]".encode()
    return next((value for key, value in item.items() if key.startswith(name)), None)


def _portions(sizes: Mapping[int, int], limit: int) -> Iterator[Sequence[int]]:
    """Group UIDs so that a fetch stays below 32 MB; a mail over the limit is fetched alone."""
    group: list[int] = []
    room = _BYTES_AT_ONCE
    for uid, size in sizes.items():
        if group and (size > room or size > limit or len(group) == MAILS_AT_ONCE):
            yield group
            group, room = [], _BYTES_AT_ONCE
        if size > limit:
            yield [uid]
            continue
        group.append(uid)
        room -= size
    if group:
        yield group
