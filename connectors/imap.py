"""How are complaints read from an e-mail inbox? Over IMAP, reading only; an accepted mail is marked where told to."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, ClassVar

from imapclient import FLAGGED, IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from connectors import contract, machine_mail, message, spool
from connectors.contract import (
    Answer,
    ChannelContext,
    Cursor,
    Entry,
    Finding,
    Listing,
    Misconfigured,
    News,
    Scalar,
    SourceRecord,
    Unreachable,
)
from connectors.identity import digest
from connectors.imap_options import ImapOptions
from connectors.mail_answer import message_ids
from connectors.tls import trusting

_PAGE = 2_000
_FETCH = 50
_FETCH_BYTES = 32 * 1024 * 1024
_HEAD_BYTES = 256 * 1024


class Mailbox:
    """An inbox as a source of records. A record's locator is (folder, UIDVALIDITY, UID); its key is the mail's hash."""

    Options: ClassVar[type[contract.Options]] = ImapOptions
    keyed_by_content = False
    tells: ClassVar[frozenset[News]] = frozenset()

    def __init__(self, options: ImapOptions, channel: ChannelContext) -> None:
        self._options = options
        self._channel = channel
        self._client: IMAPClient | None = None
        self._selected = ""

    def list(self, after: Cursor | None) -> Listing:
        known = dict(after or {})
        with self._translated():
            for folder in self._options.folders:
                page, known[folder], more = self._list_folder(folder, known.get(folder))
                if page or more:
                    last = folder == self._options.folders[-1]
                    return Listing(page, known, more=more or not last, shape={"folder": folder})
        return Listing((), known, more=False)

    def read(self, locators: Sequence[str]) -> Iterator[SourceRecord]:
        places = sorted(_place(locator) for locator in locators)
        for (folder, validity), group in groupby(places, key=lambda place: place[:2]):
            uids = [uid for _, _, uid in group]
            with self._translated():
                current = self._select(folder)
            if current == validity:
                yield from self._read_folder(folder, validity, uids)

    def check(self) -> Sequence[Finding]:
        findings = []
        with self._translated():
            for folder in self._options.folders:
                self._select(folder)
                status = self._connected().folder_status(folder, ["MESSAGES"])
                findings.append(Finding(ok=True, text=f"folder {folder}: {status[b'MESSAGES']} mails"))
            if self._options.move_to is not None:
                self._select(self._options.move_to)
                findings.append(Finding(ok=True, text=f"folder {self._options.move_to}: ready to take accepted mails"))
        return findings

    def close(self) -> None:
        client, self._client = self._client, None
        if client is None:
            return
        try:
            client.logout()
        except (OSError, IMAPClientError):
            client.shutdown()

    @property
    def carries(self) -> frozenset[News]:
        """Marking a mail is all that can be told to a mailbox; citizens are answered by mail."""
        return frozenset() if self._options.after_accepted == "keep" else frozenset({News.FORWARDED})

    def write_back(self, answer: Answer) -> None:
        """Flag the mail or move it away, now that LAPOR has its report. One that is gone needs nothing."""
        if answer.locator is None:
            return
        folder, validity, uid = _place(answer.locator)
        with self._translated():
            client = self._connected()
            if int(client.select_folder(folder)[b"UIDVALIDITY"]) != validity:
                raise Unreachable(f"folder {folder} was rebuilt: its mails are found again at the next round")
            if self._options.move_to is None:
                client.add_flags([uid], [FLAGGED], silent=True)
            elif client.search(["UID", str(uid)]):
                _move(client, uid, self._options.move_to)

    def _list_folder(self, folder: str, known: Any) -> tuple[Sequence[Entry], Mapping[str, int], bool]:
        validity = self._select(folder)
        first = known["next"] if known and known["validity"] == validity else 1
        # "n:*" always names the last mail, also when its UID is below n (RFC 3501, 6.4.8).
        found = sorted(uid for uid in self._connected().search(["UID", f"{first}:*"]) if uid >= first)
        page = found[:_PAGE]
        following = page[-1] + 1 if page else first
        entries = [Entry(_locator(folder, validity, uid), "") for uid in page]
        return entries, {"validity": validity, "next": following}, len(found) > len(page)

    def _read_folder(self, folder: str, validity: int, uids: Sequence[int]) -> Iterator[SourceRecord]:
        for start in range(0, len(uids), _FETCH):
            with self._translated():
                sizes = self._fetch(uids[start : start + _FETCH], "RFC822.SIZE")
            for some in _portions({uid: int(item[b"RFC822.SIZE"]) for uid, item in sizes.items()}, self._options):
                whole = sizes[some[0]][b"RFC822.SIZE"] <= self._options.max_message_bytes
                part = "BODY.PEEK[]" if whole else f"BODY.PEEK[]<0.{_HEAD_BYTES}>"
                with self._translated():
                    mails = self._fetch(some, part)
                for uid, item in mails.items():
                    raw = next((value for name, value in item.items() if name.startswith(b"BODY[]")), b"")
                    record = self._record(
                        _locator(folder, validity, uid), folder, raw or b"", item.get(b"INTERNALDATE")
                    )
                    yield record if whole else _too_large(record)

    def _record(self, locator: str, folder: str, raw: bytes, arrived: datetime | None) -> SourceRecord:
        try:
            mail = message.parse(raw)
        except Exception:  # noqa: BLE001 - one unforeseen mail must not stop the inbox; a person sees it
            return _unreadable(locator, folder, raw, arrived)
        own = {self._options.username.lower(), *(address.lower() for address in self._options.own_addresses)}
        forms = {address.lower() for address in self._options.form_senders}
        return SourceRecord(
            locator=locator,
            key=mail.key,
            version="",
            received_at=arrived or mail.date,
            fields=_fields(mail, folder),
            attachments=[spool.keep(self._channel.spool, f.name, f.media_type, f.content) for f in mail.files],
            ignore=machine_mail.reason(mail, own, forms),
            thread=next(iter(message_ids(mail.headers.get("message-id", ""))), ""),
            answers_to=message_ids(mail.headers.get("in-reply-to", ""), mail.headers.get("references", "")),
        )

    def _fetch(self, uids: Sequence[int], part: str) -> dict[int, dict[bytes, Any]]:
        fetched: dict[int, dict[bytes, Any]] = self._connected().fetch(uids, [part, "INTERNALDATE"])
        # A server may tell in between that somebody flagged a mail: such an answer holds nothing that was asked for.
        return {uid: item for uid, item in fetched.items() if b"INTERNALDATE" in item}

    def _select(self, folder: str) -> int:
        client = self._connected()
        try:
            answer = client.select_folder(folder, readonly=True)
        except IMAPClientError as error:
            if isinstance(error, IMAPClient.AbortError):
                raise
            names = ", ".join(sorted(str(name) for _, _, name in client.list_folders())[:20])
            raise Misconfigured(f"there is no folder {folder!r}; the mailbox has: {names}") from None
        return int(answer[b"UIDVALIDITY"])

    def _connected(self) -> IMAPClient:
        if self._client is None:
            self._client = self._login()
        return self._client

    def _login(self) -> IMAPClient:
        options = self._options
        context = trusting(options.ca_file)
        port = options.port or (993 if options.tls == "implicit" else 143)
        client = IMAPClient(
            options.host, port, ssl=options.tls == "implicit", ssl_context=context, timeout=options.timeout
        )
        client.normalise_times = False
        try:
            if options.tls == "starttls":
                client.starttls(context)
            client.login(options.username, options.password.get_secret_value())
        except BaseException:
            client.shutdown()
            raise
        return client

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn foreign errors into the contract's; after any of them the connection is not used again."""
        try:
            yield
        except LoginError as error:
            self._drop()
            if _is_for_a_while(error):
                raise Unreachable(f"{self._where()} does not let anybody log in now") from None
            raise Misconfigured(f"{self._where()} refuses the user name or password") from None
        except ssl.SSLCertVerificationError as error:
            self._drop()
            raise Misconfigured(f"{self._where()}: its certificate is not trusted ({error.verify_message})") from None
        except (OSError, IMAPClientError) as error:
            self._drop()
            raise Unreachable(f"{self._where()} does not answer ({_plain(error)})") from None

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            try:
                client.shutdown()
            except OSError:
                return

    def _where(self) -> str:
        return f"IMAP server {self._options.host}"


def _move(client: IMAPClient, uid: int, folder: str) -> None:
    """RFC 6851's MOVE where the server has it; else a copy first, so that nothing is lost half-way."""
    if client.has_capability("MOVE"):
        client.move([uid], folder)
        return
    client.copy([uid], folder)
    client.delete_messages([uid])
    if client.has_capability("UIDPLUS"):
        client.uid_expunge([uid])


def _is_for_a_while(error: LoginError) -> bool:
    """Whether the login failed for no fault of the password: a lost connection, or RFC 5530's UNAVAILABLE."""
    return isinstance(error.__context__, IMAPClient.AbortError) or "[UNAVAILABLE]" in str(error).upper()


def _portions(sizes: Mapping[int, int], options: ImapOptions) -> Iterator[Sequence[int]]:
    """Group UIDs so that a fetch stays below 32 MB; a mail over the limit is fetched alone."""
    group: list[int] = []
    room = _FETCH_BYTES
    for uid, size in sizes.items():
        if group and (size > room or size > options.max_message_bytes):
            yield group
            group, room = [], _FETCH_BYTES
        if size > options.max_message_bytes:
            yield [uid]
            continue
        group.append(uid)
        room -= size
    if group:
        yield group


def _fields(mail: message.Mail, folder: str) -> dict[str, Scalar]:
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


def _too_large(record: SourceRecord) -> SourceRecord:
    return SourceRecord(
        locator=record.locator,
        key=record.key,
        version=record.version,
        received_at=record.received_at,
        fields=record.fields,
        ignore=record.ignore,
        doubts=("mail_too_large",),
    )


def _unreadable(locator: str, folder: str, raw: bytes, arrived: datetime | None) -> SourceRecord:
    text = raw[:_HEAD_BYTES].decode("utf-8", "replace")
    fields: dict[str, Scalar] = {"folder": folder, "text": text}
    return SourceRecord(locator, digest([text]), "", arrived or datetime.now(UTC), fields, doubts=("mail_unreadable",))


def _locator(folder: str, validity: int, uid: int) -> str:
    return json.dumps([folder, validity, uid], ensure_ascii=False)


def _place(locator: str) -> tuple[str, int, int]:
    folder, validity, uid = json.loads(locator)
    return folder, validity, uid


def _plain(error: Exception) -> str:
    """The kind of an error and the system's own words; a server's words could quote a mail."""
    return (
        f"{type(error).__name__}: {error.strerror}"
        if isinstance(error, OSError) and error.strerror
        else type(error).__name__
    )
