"""What does a mail say? Bytes in, fields and files out; pure, and it never raises on broken mail.

The parser is the standard library's with `compat32`: it accepts everything, and decoding happens here, where a wrong
charset costs a character instead of the mail.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors import mail_headers, mail_parts, winmail
from connectors.charsets import decode_text, decode_words
from connectors.identity import digest
from connectors.mail_parts import File, Said

_LONGEST_SOURCE = 1_000_000
_PARTING = re.compile(r"^(--\S.*|(Content-[\w-]+|MIME-Version):.*(\n[ \t].*)*)\n?", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as far as it can be read. Addresses are lower case; what is missing is an empty string."""

    key: str
    """Which mail it is: a hash over what stays the same in every copy of it, in any folder or mailbox.

    Message-ID alone will not do (senders omit and reuse it); whole headers differ from copy to copy. The files belong
    to it: two scans of the same second may differ in nothing else.
    """
    headers: Mapping[str, str]
    """Decoded header fields by lower-case name; of a repeated one the first."""
    from_name: str
    from_email: str
    subject: str
    date: datetime | None
    text: str
    """The body where it is plain text, else empty."""
    html: str
    """The body where a part of it exists as HTML only, else empty."""
    files: tuple[File, ...]
    media_type: str

    def addresses(self, *names: str) -> list[str]:
        """The e-mail addresses of the named header fields, in order, each once."""
        found = [mailbox for name in names for mailbox in mail_headers.mailboxes(self.headers.get(name, ""))]
        return list(dict.fromkeys(address for _, address in found))


def parse(raw: bytes) -> Mail:
    """Read a mail. Damaged parts come out as well as they can; nothing is raised for any bytes.

    Raises Unreachable where no process can be started for a winmail.dat: the machine, not the mail, is to blame.
    """
    message = mail_parts.parsed(raw)
    raw_headers = mail_headers.headers_of(message)
    name, address = mail_headers.sender(raw_headers.get("from", ""))
    headers = {field: decode_words(value) for field, value in raw_headers.items()}
    said, files = list(mail_parts.said(message)), list(mail_parts.files(message))
    key = _key(headers, said, files)
    said, files = _unwrapped(said, files)
    if not (said or files):
        said = list(_source(raw))
    only_plain = not any(part.is_html for part in said)
    return Mail(
        key=key,
        headers=headers,
        from_name=name,
        from_email=address,
        subject=headers.get("subject", ""),
        date=mail_headers.date_of(headers.get("date", "")),
        text=_join_plain(said) if only_plain else "",
        html="" if only_plain else _join_html(said),
        files=tuple(files),
        media_type=message.get_content_type(),
    )


def _key(headers: Mapping[str, str], said: Sequence[Said], files: Sequence[File]) -> str:
    """Over the mail as it stands: how well it can be read must not decide which mail it is."""
    words = "".join("".join(part.source.split()) for part in said)
    heads = [headers.get(name, "") for name in ("message-id", "from", "date", "subject")]
    return digest([*heads, words, *(hashlib.sha256(file.content).hexdigest() for file in files)])


def _unwrapped(said: list[Said], files: list[File]) -> tuple[list[Said], list[File]]:
    """With a winmail.dat's files in its place, and its text where the mail has no other."""
    opened: list[File] = []
    for file in files:
        inside = winmail.unwrap(file.content) if winmail.is_winmail(file.content) else None
        if inside is None:
            opened.append(file)
            continue
        opened += [File(name or "lampiran", "application/octet-stream", content) for name, content in inside.files]
        text = inside.text or inside.html
        if text.strip() and not said:
            said = [Said(not inside.text, text, text.replace("\r\n", "\n"))]
    return said, opened


def _source(raw: bytes) -> Iterator[Said]:
    """A mail whose parts cannot be told apart shows its source without the lines that part it: its words are there."""
    body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2][:_LONGEST_SOURCE]
    source = decode_text(body, None).replace("\x00", "")
    text = _PARTING.sub("", source).strip("\n")
    if text.strip():
        yield Said(is_html=False, source=source, text=text)


def _join_plain(said: Sequence[Said]) -> str:
    return "\n\n".join(part.text.strip("\n") for part in said)


def _join_html(said: Sequence[Said]) -> str:
    return "\n".join(part.text if part.is_html else _as_html(part.text) for part in said)


def _as_html(text: str) -> str:
    return f"<div>{'<br>'.join(html.escape(line) for line in text.splitlines())}</div>"
