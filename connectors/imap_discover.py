"""Which folders has this mailbox, and who writes to them: people, machines, a web form?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from connectors import machine_mail, message
from connectors.contract import ChannelContext, Scalar
from connectors.discovery import Column, Discovery, Place, Question
from connectors.imap_connection import Connection
from connectors.imap_fetch import Fetching
from connectors.imap_options import ImapOptions

MACHINE = "machine_mail"
"""The field of a sample that says why no citizen wrote it; empty for a citizen's."""
_NEWEST = 40
_LARGEST = 512 * 1024
_MOST_FOLDERS = 12
_OTHERS = {b"\\Sent", b"\\Trash", b"\\Drafts", b"\\Junk", b"\\All", b"\\Flagged"}
_FIELDS = ("subject", "text", "html", "from_name", "from_email", "reply_to", "date")


class ImapAccess(ImapOptions):
    """What suffices to log in to a mailbox; all other options have defaults."""

    model_config = ConfigDict(extra="ignore")


class ImapDiscoverer:
    """Looks at the newest mails of each folder; nothing is marked as read."""

    Access: ClassVar[type[BaseModel]] = ImapAccess
    source: ClassVar[str] = "Email Instansi"
    questions: ClassVar[Sequence[Question]] = (
        Question("host", "What is the mail server's name (IMAP), such as mail.contoh.go.id or imap.gmail.com?"),
        Question(
            "tls",
            "How does it encrypt? implicit (port 993, the usual one), starttls (143), none (this computer only)",
            "implicit",
            ("implicit", "starttls", "none"),
        ),
        Question("port", "Another port than the usual one? Enter for the usual one", ""),
        Question("username", "The user name, mostly the whole e-mail address"),
        Question("password", "The password; for Gmail an app password", hidden=True),
        Question("ca_file", "A file with your own certificate authority? Enter for none", ""),
    )

    def options(self, answers: Mapping[str, str]) -> dict[str, object]:
        options: dict[str, object] = {name: value for name, value in answers.items() if value}
        if "port" in options:
            if not answers["port"].isdigit():
                raise ValueError("the port is a number, such as 993")
            options["port"] = int(answers["port"])
        if answers.get("tls") == "implicit":
            del options["tls"]
        return options

    def discover(self, access: ImapAccess, channel: ChannelContext) -> Discovery:
        connection = Connection(access)
        try:
            return _look(connection, access)
        finally:
            connection.close()


def _look(connection: Connection, access: ImapAccess) -> Discovery:
    with connection.translated():
        listed = connection.client().list_folders()
        capable = connection.client().has_capability("IDLE")
    folders = sorted(_own(listed), key=lambda name: (name.upper() != "INBOX", name))
    places = [_place(connection, access, name) for name in folders[:_MOST_FOLDERS]]
    told = (
        ["the server tells of new mail at once (IDLE)"] if capable else ["the server cannot tell of new mail (no IDLE)"]
    )
    told += (
        [f"{len(folders) - _MOST_FOLDERS} more folders were not looked into"] if len(folders) > _MOST_FOLDERS else []
    )
    return Discovery(places, told)


def _own(listed: Sequence[tuple[Sequence[bytes], bytes, Any]]) -> Iterator[str]:
    """Folders that can be opened and do not hold what was sent, drafted or thrown away."""
    for flags, _, name in listed:
        if not {flag.lower() for flag in flags} & {b"\\noselect", b"\\nonexistent", *map(bytes.lower, _OTHERS)}:
            yield str(name)


def _place(connection: Connection, access: ImapAccess, folder: str) -> Place:
    with connection.translated():
        opened = connection.examine(folder)
        # Only the newest are asked for: a list of all UIDs of a large mailbox is long.
        first = max(1, opened[b"EXISTS"] - _NEWEST + 1)
        uids = connection.client().search([f"{first}:*"]) if opened[b"EXISTS"] else []
    fetched = Fetching(connection, _LARGEST).mails(folder, int(opened[b"UIDVALIDITY"]), sorted(uids)[-_NEWEST:])
    own = {access.username.lower(), *(address.lower() for address in access.own_addresses)}
    forms = {address.lower() for address in access.form_senders}
    rows = [_row(message.parse(one.raw), own, forms) for one in fetched]
    chosen: dict[str, object] = {} if folder.upper() == "INBOX" else {"folders": [folder]}
    columns = [Column(name) for name in _FIELDS]
    return Place(folder, chosen, opened[b"EXISTS"], columns, needs_key=False, rows=rows, note=_told(rows))


def _row(mail: message.Mail, own: set[str], forms: set[str]) -> Mapping[str, Scalar]:
    return {
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "from_name": mail.from_name,
        "from_email": mail.from_email,
        "reply_to": ", ".join(mail.addresses("reply-to")),
        "date": mail.date.isoformat() if mail.date else "",
        MACHINE: machine_mail.reason(mail, own, forms) or "",
    }


def _told(rows: Sequence[Mapping[str, Scalar]]) -> str:
    kinds = Counter(str(row[MACHINE]) for row in rows)
    people = kinds.pop("", 0)
    others = [f"{count} {kind.replace('_', ' ')}" for kind, count in kinds.most_common()]
    return f"of the newest {len(rows)}: {', '.join([f'{people} from people or forms', *others])}" if rows else ""
