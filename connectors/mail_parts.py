"""Which parts of a mail are its text, and which are files? In the order in which a reader sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import collapse_rfc2231_value
from typing import Any

from connectors.charsets import LONGEST_HEADER, decode_text, decode_words
from connectors.flowed import unflowed
from connectors.mail_headers import headers_of

_DEEPEST = 30
_LIBRARY_FAILURES = (ValueError, LookupError, TypeError, AssertionError)
"""What the standard library raises over damaged parameters of a part, though it means to accept everything."""
_FOLDED_BORDER = re.compile(rb'boundary="[^"\n]*\n[^"]*"', re.IGNORECASE)
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:|[ \t]|From |\r?$")
_KNOWN_FIELD = re.compile(rb"(from|to|subject|date|message-id|mime-version|content-type|received):", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class File:
    """A part of the mail that is not its text."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Said:
    """A part of the mail's text."""

    is_html: bool
    source: str
    """As it stands in the mail."""
    text: str
    """With the writer's own line ends only."""


class _Part(Message):
    """A part whose fields are looked up no longer than anybody writes them.

    The library copies all that is left of a field for each of its parameters: the square of its length.
    """

    def get(self, name: str, failobj: Any = None) -> Any:
        value = super().get(name, failobj)
        return value if value is None or len(str(value)) <= LONGEST_HEADER else str(value)[:LONGEST_HEADER]


def parsed(raw: bytes) -> Message:
    """The mail's tree of parts, for any bytes."""
    raw = _mended(raw)
    try:
        return message_from_bytes(raw, _Part, policy=policy.compat32)
    except (RecursionError, *_LIBRARY_FAILURES):
        # Parts within parts within parts, or a border that cannot be read: the mail's source stands for its text.
        return BytesHeaderParser(_Part, policy=policy.compat32).parsebytes(raw)


def _mended(raw: bytes) -> bytes:
    """The mail with a head that the library understands as its sender meant it."""
    end = _HEADER_END.search(raw)
    head = raw[: end.start()] if end else raw
    mended = _FOLDED_BORDER.sub(lambda border: re.sub(rb"\r?\n", b"", border[0]), _without_strays(head))
    return raw if mended == head else mended + raw[len(head) :]


def _without_strays(head: bytes) -> bytes:
    """Without lines among the fields that are none: the library would take all that follows for text."""
    lines = head.split(b"\n")
    strays = {number for number, line in enumerate(lines) if not _FIELD.match(line)}
    if not strays or not any(_KNOWN_FIELD.match(line) for line in lines[min(strays) :]):
        return head
    return b"\n".join(line for number, line in enumerate(lines) if number not in strays)


def said(part: Message, depth: int = 0) -> Iterator[Said]:
    """The parts that a reader sees as the mail's text."""
    if depth > _DEEPEST or (depth and _is_file(part)):
        return
    children = _children(part)
    if part.get_content_type() == "multipart/alternative" and children:
        yield from _best(children, depth)
    elif part.get_content_type() == "multipart/report":
        yield from said(children[0], depth + 1) if children else ()
    elif children:
        for child in children:
            yield from said(child, depth + 1)
    elif part.get_content_maintype() in {"text", "multipart"}:
        yield from _leaf(part)


def files(part: Message, depth: int = 0) -> Iterator[File]:
    """The parts that are no text."""
    if depth > _DEEPEST:
        return
    children = _children(part)
    if (depth or part.get_content_maintype() not in {"text", "multipart"}) and _is_file(part) and not children:
        content = _payload(part)
        if content or _file_name(part):
            yield File(_file_name(part) or f"lampiran.{part.get_content_subtype()}", part.get_content_type(), content)
    for child in children:
        yield from files(child, depth + 1)


def _children(part: Message) -> list[Message]:
    payload = part.get_payload() if part.is_multipart() else []
    children = [child for child in payload if isinstance(child, Message)]
    if part.get_content_type() == "message/rfc822" and _is_encoded(part, children):
        return [parsed(_decoded_message(part, children[0]))]
    return children


def _is_encoded(part: Message, children: list[Message]) -> bool:
    """Whether an attached mail is in base64 or quoted-printable, which RFC 2046 forbids and some programs do."""
    encoding = str(part.get("content-transfer-encoding", "")).strip().lower()
    return encoding in {"base64", "quoted-printable"} and len(children) == 1 and not children[0].keys()


def _decoded_message(part: Message, child: Message) -> bytes:
    bare = Message()
    bare["content-transfer-encoding"] = str(part["content-transfer-encoding"]).strip()
    bare.set_payload(child.get_payload())
    return _payload(bare)


def _best(alternatives: list[Message], depth: int) -> list[Said]:
    """Plain text where it says anything, else what comes last, which RFC 2046 says is the richest.

    Of several plain ones each is kept: whoever sends such means them to be read one after the other.
    """
    rendered = [body for body in (list(said(child, depth + 1)) for child in alternatives) if body]
    plain = [body for body in rendered if not any(one.is_html for one in body)]
    distinct = {"".join(one.text.strip() for one in body): body for body in plain}
    if distinct:
        return [one for body in distinct.values() for one in body]
    return rendered[-1] if rendered else []


def _leaf(part: Message) -> Iterator[Said]:
    text = decode_text(_payload(part), _parameter(part, "charset")).replace("\r\n", "\n").replace("\x00", "")
    if not text.strip():
        return
    is_html = part.get_content_type() == "text/html"
    flows = not is_html and _parameter(part, "format").lower() == "flowed"
    delsp = _parameter(part, "delsp").lower() == "yes"
    yield Said(is_html, text, unflowed(text, delsp=delsp) if flows else text)


def _parameter(part: Message, name: str) -> str:
    """A parameter of the Content-Type; empty where there is none or it cannot be read."""
    try:
        value = part.get_param(name, "")
        return collapse_rfc2231_value(value).strip() if isinstance(value, str | tuple) else ""
    except _LIBRARY_FAILURES:
        return ""


def _payload(part: Message) -> bytes:
    encoding = str(part.get("content-transfer-encoding", ""))
    if encoding != encoding.strip():
        # The library compares it as it stands.
        part.replace_header("content-transfer-encoding", encoding.strip())
    try:
        payload = part.get_payload(decode=True)
    except _LIBRARY_FAILURES:
        # Without its parameters and its encoding there is nothing left to fail over.
        bare = copy(part)
        for name in ("content-type", "content-transfer-encoding"):
            del bare[name]
        payload = bare.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _is_file(part: Message) -> bool:
    if part.get_content_maintype() == "multipart" or part.get_content_type() == "message/rfc822":
        return False
    if part.get_content_maintype() != "text" or part.get_content_disposition() == "attachment":
        return True
    return bool(_file_name(part)) or part.get_content_type() not in {"text/plain", "text/html", "text/enriched"}


def _file_name(part: Message) -> str:
    headers = headers_of(part)
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
