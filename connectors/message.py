"""What does a mail say? Bytes in, fields and files out; pure, and it never raises on broken mail.

The parser is the standard library's with `compat32`: it accepts everything, and decoding happens here, where a wrong
charset costs a character instead of the mail.
"""

from __future__ import annotations

import codecs
import hashlib
import html
import re
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import collapse_rfc2231_value, getaddresses, parsedate_to_datetime

from connectors.identity import digest

_DEEPEST = 30
_LONGEST_HEADER = 20_000
_ADDRESS = re.compile(r"[^\s<>\"(),:;@]{1,64}@[^\s<>\"(),:;@]{1,255}")
_FALLBACKS = ("utf-8", "cp1252")
_LIBRARY_FAILURES = (ValueError, LookupError, TypeError, AssertionError)
"""What the standard library raises over damaged parameters of a part, though it means to accept everything."""
_ALIASES = {
    "unknown-8bit": "utf-8",
    "x-unknown": "utf-8",
    "utf8mb4": "utf-8",
    "ansi": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
}


@dataclass(frozen=True, slots=True)
class File:
    """A part of the mail that is not its text."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as far as it can be read. Addresses are lower case; what is missing is an empty string."""

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

    @property
    def key(self) -> str:
        """Which mail it is: a hash over what stays the same in every copy of it, in any folder or mailbox.

        Message-ID alone will not do (senders omit and reuse it); whole headers differ from copy to copy. The files
        belong to it: two scans of the same second may differ in nothing else.
        """
        words = " ".join((self.text or self.html).split())
        heads = [self.headers.get(name, "") for name in ("message-id", "from", "date", "subject")]
        files = [hashlib.sha256(file.content).hexdigest() for file in self.files]
        return digest([*heads, words, *files])

    def addresses(self, *names: str) -> list[str]:
        """The e-mail addresses of the named header fields, in order, each once."""
        found = [mailbox for name in names for mailbox in _mailboxes(self.headers.get(name, ""))]
        return list(dict.fromkeys(address for _, address in found))


def parse(raw: bytes) -> Mail:
    """Read a mail. Damaged parts come out as well as they can; nothing is raised for any bytes."""
    message = _parsed(raw)
    raw_headers = _headers(message)
    name, address = _sender(raw_headers.get("from", ""))
    headers = {field: decode_words(value) for field, value in raw_headers.items()}
    body = list(_body(message, 0))
    only_plain = all(kind == "plain" for kind, _ in body)
    return Mail(
        headers=headers,
        from_name=name,
        from_email=address,
        subject=headers.get("subject", ""),
        date=_date(headers.get("date", "")),
        text=_join_plain(body) if only_plain else "",
        html="" if only_plain else _join_html(body),
        files=tuple(_files(message, 0)),
        media_type=message.get_content_type(),
    )


def _parsed(raw: bytes) -> Message:
    try:
        return message_from_bytes(raw, policy=policy.compat32)
    except (RecursionError, *_LIBRARY_FAILURES):
        # Parts within parts within parts, or a border that cannot be read: the mail's source stands for its text.
        return BytesHeaderParser(policy=policy.compat32).parsebytes(raw)


def decode_text(raw: bytes, charset: str | None) -> str:
    """Decode with the declared charset, else UTF-8, else Windows-1252; unknown bytes become replacement characters."""
    for name in (charset, *_FALLBACKS):
        codec = _codec(name)
        if codec is None:
            continue
        try:
            return raw.decode(codec)
        except (UnicodeDecodeError, ValueError):
            continue
    return raw.decode("utf-8", errors="replace")


def decode_words(value: str) -> str:
    """A header's value with its encoded words (RFC 2047) decoded and its folding undone."""
    value = re.sub(r"\s*[\r\n]+\s*", " ", value).strip()
    if "=?" not in value:
        return value
    try:
        pieces = decode_header(value)
    except (HeaderParseError, ValueError):
        return value
    return "".join(
        piece if isinstance(piece, str) else _decode_word(piece, charset) for piece, charset in pieces
    ).strip()


def _decode_word(piece: bytes, charset: str | None) -> str:
    if charset is None:
        return piece.decode("raw-unicode-escape", errors="replace")
    return decode_text(piece, charset)


def _codec(name: str | None) -> str | None:
    if not name:
        return None
    name = _ALIASES.get(name.strip().lower(), name.strip())
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    # rot13, hex and the like are codecs too, but not charsets.
    return info.name if getattr(info, "_is_text_encoding", True) else None


def _headers(message: Message) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in message.raw_items():
        headers.setdefault(name.lower(), _raw_header(value))
    return headers


def _raw_header(value: object) -> str:
    """A field's value with 8-bit characters decoded, which is forbidden and common."""
    return decode_text(str(value)[:_LONGEST_HEADER].encode("utf-8", "surrogateescape"), None)


def _sender(raw: str) -> tuple[str, str]:
    """Name and address. Addresses are split first and names decoded after: an encoded name may hold a comma."""
    name, address = next(iter(_mailboxes(raw)), ("", ""))
    return " ".join(decode_words(name).split()).strip("'\""), address


def _mailboxes(value: str) -> list[tuple[str, str]]:
    """(name, address in lower case) of each address; of a list too broken to parse, the addresses alone."""
    try:
        parsed = getaddresses([value])
    except RecursionError:
        parsed = []
    found = [(name, address.lower()) for name, address in parsed if _ADDRESS.fullmatch(address)]
    return found or [("", address.lower()) for address in _ADDRESS.findall(value)]


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    # Without a zone, or with `-0000`, it is UTC (RFC 5322, 3.3); this machine's own zone says nothing of the sender.
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date


def _children(part: Message) -> list[Message]:
    payload = part.get_payload() if part.is_multipart() else []
    return [child for child in payload if isinstance(child, Message)]


def _body(part: Message, depth: int) -> Iterator[tuple[str, str]]:
    """The parts that a reader sees as the mail's text, as ("plain" | "html", text)."""
    if depth > _DEEPEST or (depth and _is_file(part)):
        return
    children = _children(part)
    if part.get_content_type() == "multipart/alternative" and children:
        yield from _best(children, depth)
    elif part.get_content_type() == "multipart/report":
        yield from _body(children[0], depth + 1) if children else ()
    elif children:
        for child in children:
            yield from _body(child, depth + 1)
    elif part.get_content_maintype() in {"text", "multipart"}:
        yield from _leaf(part)


def _best(alternatives: list[Message], depth: int) -> list[tuple[str, str]]:
    """Plain text where it says anything, else what comes last, which RFC 2046 says is the richest."""
    rendered = [body for body in (list(_body(child, depth + 1)) for child in alternatives) if body]
    for body in rendered:
        if all(kind == "plain" for kind, _ in body):
            return body
    return rendered[-1] if rendered else []


def _leaf(part: Message) -> Iterator[tuple[str, str]]:
    text = decode_text(_payload(part), _charset(part)).replace("\r\n", "\n").replace("\x00", "")
    if text.strip():
        yield ("html" if part.get_content_type() == "text/html" else "plain", text)


def _charset(part: Message) -> str | None:
    try:
        return part.get_content_charset()
    except _LIBRARY_FAILURES:
        return None


def _payload(part: Message) -> bytes:
    try:
        payload = part.get_payload(decode=True)
    except _LIBRARY_FAILURES:
        # Without its parameters and its encoding there is nothing left to fail over.
        bare = copy(part)
        for name in ("content-type", "content-transfer-encoding"):
            del bare[name]
        payload = bare.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _join_plain(body: list[tuple[str, str]]) -> str:
    return "\n\n".join(text.strip("\n") for _, text in body)


def _join_html(body: list[tuple[str, str]]) -> str:
    return "\n".join(text if kind == "html" else _as_html(text) for kind, text in body)


def _as_html(text: str) -> str:
    return f"<div>{'<br>'.join(html.escape(line) for line in text.splitlines())}</div>"


def _is_file(part: Message) -> bool:
    if part.get_content_maintype() == "multipart" or part.get_content_type() == "message/rfc822":
        return False
    if part.get_content_maintype() != "text" or part.get_content_disposition() == "attachment":
        return True
    return bool(_file_name(part)) or part.get_content_type() not in {"text/plain", "text/html", "text/enriched"}


def _files(part: Message, depth: int) -> Iterator[File]:
    if depth > _DEEPEST:
        return
    if (depth or part.get_content_maintype() not in {"text", "multipart"}) and _is_file(part) and not _children(part):
        content = _payload(part)
        if content:
            yield File(_file_name(part) or f"lampiran.{part.get_content_subtype()}", part.get_content_type(), content)
    for child in _children(part):
        yield from _files(child, depth + 1)


def _file_name(part: Message) -> str:
    headers = _headers(part)
    for parameter, header in (("filename", "content-disposition"), ("name", "content-type")):
        # Looked up in a decoded header: the library would replace 8-bit characters.
        alone = Message()
        alone[header] = headers.get(header, "")
        try:
            value = alone.get_param(parameter, header=header)
            if value:
                return decode_words(collapse_rfc2231_value(value).encode("utf-8", "replace").decode())
        except _LIBRARY_FAILURES:
            continue
    return ""
