"""How are complaints read from an e-mail inbox? Over IMAP, reading only; an accepted mail is marked where told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, ClassVar

from imapclient import FLAGGED, IMAPClient

from connectors import contract, machine_mail, spool
from connectors.contract import (
    Answer,
    Attachment,
    ChannelContext,
    Cursor,
    Entry,
    Finding,
    Listing,
    News,
    Scalar,
    SourceRecord,
    Unreachable,
)
from connectors.discovery import Discoverer
from connectors.identity import digest
from connectors.imap_connection import Connection, Lost
from connectors.imap_discover import ImapDiscoverer
from connectors.imap_fetch import Fetched, Fetching
from connectors.imap_options import ImapOptions
from connectors.imap_watch import Watch
from connectors.mail_answer import message_ids
from connectors.mail_parts import File
from connectors.mail_pool import MailPool
from connectors.message import Mail

_PAGE = 2_000
_SHOWN_OF_UNREADABLE = 256 * 1024


class Mailbox:
    """An inbox as a source of records. A record's locator is (folder, UIDVALIDITY, UID); its key is the mail's hash."""

    Options: ClassVar[type[contract.Options]] = ImapOptions
    discoverer: ClassVar[Discoverer] = ImapDiscoverer()
    keyed_by_content = False
    tells: ClassVar[frozenset[News]] = frozenset()

    def __init__(self, options: ImapOptions, channel: ChannelContext) -> None:
        self._options = options
        self._channel = channel
        self._connection = Connection(options)
        self._pool = MailPool()
        self._watch = Watch(options.folders[0])
        self._own = {options.username.lower(), *(address.lower() for address in options.own_addresses)}
        self._forms = {address.lower() for address in options.form_senders}

    def list(self, after: Cursor | None) -> Listing:
        known = dict(after or {})
        for folder in self._options.folders:
            page, known[folder], more = self._list_folder(folder, known.get(folder))
            if page or more:
                last = folder == self._options.folders[-1]
                return Listing(page, known, more=more or not last, shape={"folder": folder})
        return Listing((), known, more=False)

    def read(self, locators: Sequence[str]) -> Iterator[SourceRecord]:
        fetching = Fetching(self._connection, self._options.max_message_bytes)
        places = sorted(_place(locator) for locator in locators)
        for (folder, validity), group in groupby(places, key=lambda place: place[:2]):
            fetched = fetching.mails(folder, validity, [uid for _, _, uid in group])
            for mail, said in self._pool.read(fetched, len(places)):
                yield self._record(_locator(folder, validity, mail.uid), folder, mail, said)

    def check(self) -> Sequence[Finding]:
        findings = []
        with self._connection.translated():
            for folder in self._options.folders:
                mails = self._connection.examine(folder)[b"EXISTS"]
                findings.append(Finding(ok=True, text=f"folder {folder}: {mails} mails"))
            if self._options.move_to is not None:
                self._connection.select(self._options.move_to)
                findings.append(Finding(ok=True, text=f"folder {self._options.move_to}: ready to take accepted mails"))
        return findings

    def close(self) -> None:
        self._pool.close()
        self._connection.close()

    @property
    def watches(self) -> bool:
        """Whether its options ask for IDLE."""
        return self._options.idle

    def watch(self, news: Callable[[], None], stop: threading.Event) -> None:
        """Idle on the first folder until told to stop; back at once where the server cannot."""
        self._watch.idle(self._connection, news, stop)

    @property
    def carries(self) -> frozenset[News]:
        """Marking a mail is all that can be told to a mailbox; citizens are answered by mail."""
        return frozenset() if self._options.after_accepted == "keep" else frozenset({News.FORWARDED})

    def write_back(self, answer: Answer) -> None:
        """Flag the mail or move it away, now that LAPOR has its report. One that is gone needs nothing."""
        if answer.locator is None:
            return
        folder, validity, uid = _place(answer.locator)
        with self._connection.translated():
            client = self._connection.client()
            if int(client.select_folder(folder)[b"UIDVALIDITY"]) != validity:
                raise Unreachable(f"folder {folder} was rebuilt: its mails are found again at the next round")
            if self._options.move_to is None:
                client.add_flags([uid], [FLAGGED], silent=True)
            elif client.search(["UID", str(uid)]):
                _move(client, uid, self._options.move_to)

    def _list_folder(self, folder: str, known: Any) -> tuple[Sequence[Entry], Mapping[str, int], bool]:
        try:
            validity, first, found = self._search(folder, known)
        except Lost:
            # Once more over a new connection: servers end old ones as they like.
            validity, first, found = self._search(folder, known)
        page = found[:_PAGE]
        following = page[-1] + 1 if page else first
        entries = [Entry(_locator(folder, validity, uid), "") for uid in page]
        return entries, {"validity": validity, "next": following}, len(found) > len(page)

    def _search(self, folder: str, known: Any) -> tuple[int, int, Sequence[int]]:
        """UIDVALIDITY, the first UID that is not known yet, and all that there are from it on."""
        with self._connection.translated():
            validity = self._connection.select(folder)
            first = known["next"] if known and known["validity"] == validity else 1
            # "n:*" always names the last mail, also when its UID is below n (RFC 3501, 6.4.8).
            found = self._connection.client().search(["UID", f"{first}:*"])
        return validity, first, sorted(uid for uid in found if uid >= first)

    def _record(self, locator: str, folder: str, fetched: Fetched, mail: Mail | None) -> SourceRecord:
        if mail is None:
            return _unreadable(locator, folder, fetched)
        is_whole = not (fetched.left or fetched.is_cut)
        left = [_named(file, fetched) for file in mail.files] if fetched.left else []
        return SourceRecord(
            locator=locator,
            key=digest([mail.key, *left]) if left else mail.key,
            version="",
            received_at=fetched.arrived or mail.date,
            fields={**_fields(mail, folder), "left_in_source": "\n".join(left)},
            attachments=self._kept(mail.files) if is_whole else (),
            ignore=machine_mail.reason(mail, self._own, self._forms),
            doubts=("mail_too_large",) if fetched.is_cut else (),
            thread=next(iter(message_ids(mail.headers.get("message-id", ""))), ""),
            answers_to=message_ids(mail.headers.get("in-reply-to", ""), mail.headers.get("references", "")),
        )

    def _kept(self, files: Sequence[File]) -> Sequence[Attachment]:
        return [spool.keep(self._channel.spool, file.name, file.media_type, file.content) for file in files]


def _move(client: IMAPClient, uid: int, folder: str) -> None:
    """RFC 6851's MOVE where the server has it; else a copy first, so that nothing is lost half-way."""
    if client.has_capability("MOVE"):
        client.move([uid], folder)
        return
    client.copy([uid], folder)
    client.delete_messages([uid])
    if client.has_capability("UIDPLUS"):
        client.uid_expunge([uid])


def _fields(mail: Mail, folder: str) -> dict[str, Scalar]:
    headers = mail.headers
    return {
        "message_id": headers.get("message-id", ""),
        "in_reply_to": headers.get("in-reply-to", ""),
        "references": headers.get("references", ""),
        "from_name": mail.from_name,
        "from_email": mail.from_email,
        "reply_to": ", ".join(mail.addresses("reply-to")),
        "to": ", ".join(mail.addresses("to")),
        "cc": ", ".join(mail.addresses("cc")),
        "delivered_to": ", ".join(mail.addresses("delivered-to", "x-original-to", "envelope-to")),
        "folder": folder,
        "date": mail.date.isoformat() if mail.date else "",
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
    }


def _named(file: File, fetched: Fetched) -> str:
    """A part that stays in the mailbox: `video.mp4 (video/mp4, 38 MB)`."""
    size = fetched.left[int(file.content)].size
    told = f"{size / 2**20:.0f} MB" if size >= 2**20 else f"{max(1, round(size / 1024))} KB"
    return f"{spool.safe_name(file.name)} ({file.media_type}, {told})"


def _unreadable(locator: str, folder: str, fetched: Fetched) -> SourceRecord:
    text = fetched.raw[:_SHOWN_OF_UNREADABLE].decode("utf-8", "replace")
    fields: dict[str, Scalar] = {"folder": folder, "text": text}
    arrived = fetched.arrived or datetime.now(UTC)
    return SourceRecord(locator, digest([text]), "", arrived, fields, doubts=("mail_unreadable",))


def _locator(folder: str, validity: int, uid: int) -> str:
    return json.dumps([folder, validity, uid], ensure_ascii=False)


def _place(locator: str) -> tuple[str, int, int]:
    folder, validity, uid = json.loads(locator)
    return folder, validity, uid
