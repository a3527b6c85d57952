"""Of a mail too large to fetch, what is its text and what is left behind? Pure: the server's BODYSTRUCTURE in.

The text parts are put together again into a small mail of the same shape, in which every other part is a stub with
its own name and type. So the same parser reads it, and reads it the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from connectors.identity import digest

MOST_TEXT = 1024 * 1024
"""So many bytes of a mail's text are fetched, encoded as they are."""
_MOST_TEXTS = 50
_DEEPEST = 30
_READ_AS_TEXT = {b"plain", b"html", b"enriched"}
_AS_IT_IS = b"Content-Transfer-Encoding: 8bit\r\n"
_BASE64_GROWTH = 78 / 57
"""Lines of 76 characters and their ends hold 57 bytes (RFC 2045, 6.8)."""


class UnusableStructureError(ValueError):
    """The server's description of a mail cannot be followed."""


@dataclass(frozen=True, slots=True)
class Part:
    """One node of a mail's tree, as RFC 3501 (7.4.2) describes it."""

    section: str
    """Its number for BODY[n]; of a container, the number that its children's begin with."""
    kind: bytes
    subtype: bytes
    parameters: Sequence[tuple[bytes, bytes]]
    disposition: bytes
    disposition_parameters: Sequence[tuple[bytes, bytes]]
    encoding: bytes
    encoded_size: int
    """In bytes."""
    children: tuple[Part, ...] = ()

    @property
    def size(self) -> int:
        """About how many bytes it has when decoded."""
        return round(self.encoded_size / _BASE64_GROWTH) if self.encoding == b"base64" else self.encoded_size

    @property
    def is_text(self) -> bool:
        """Whether a reader sees it as the mail's text: the rule of `connectors.mail_parts` for what is no file."""
        if self.kind != b"text" or self.disposition == b"attachment":
            return False
        told = (*self.parameters, *self.disposition_parameters)
        names = {name.partition(b"*")[0] for name, value in told if value}
        return self.subtype in _READ_AS_TEXT and not names & {b"name", b"filename"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be fetched of a large mail, and what is not."""

    root: Part
    texts: tuple[Part, ...]
    left: tuple[Part, ...]

    @property
    def wanted(self) -> Mapping[str, int]:
        """How many bytes of which section to fetch."""
        room, wanted = MOST_TEXT, {}
        for part in self.texts[:_MOST_TEXTS]:
            wanted[part.section] = min(part.encoded_size, room)
            room -= wanted[part.section]
        return {section: count for section, count in wanted.items() if count}

    @property
    def is_cut(self) -> bool:
        """Whether some of the text is not fetched."""
        return sum(self.wanted.values()) < sum(part.encoded_size for part in self.texts)

    def rebuilt(self, header: bytes, contents: Mapping[str, bytes]) -> bytes:
        """The small mail: `header` as sent, the fetched `contents` by section, and of each left part its number."""
        leaves = {id(part): (_text_fields(part), contents.get(part.section, b"")) for part in self.texts}
        leaves |= {id(part): (_stub_fields(part), str(number).encode()) for number, part in enumerate(self.left)}
        # No text can hold a border that is made of a hash over all texts.
        border = digest([*(content.decode("latin-1") for content in contents.values()), str(len(header))]).encode()
        own, body = _written(self.root, leaves, border)
        # Of a repeated field the first counts, so the mail's own Content-Type is out of force.
        return own + header.rstrip(b"\r\n") + b"\r\n\r\n" + body


def plan(structure: Any) -> Plan:
    """Sort a mail's parts. Raises UnusableStructureError for what is no BODYSTRUCTURE."""
    try:
        root = _part(structure, "", 0)
    except (TypeError, IndexError, AttributeError) as error:
        raise UnusableStructureError(type(error).__name__) from None
    leaves = list(_leaves(root))
    texts = tuple(part for part in leaves if part.is_text or (part is root and part.kind == b"text"))
    sections = {part.section for part in texts}
    return Plan(root, texts, tuple(part for part in leaves if part.section not in sections))


def _part(node: Any, section: str, depth: int) -> Part:
    if depth > _DEEPEST:
        raise UnusableStructureError("too deep")
    if isinstance(node[0], (list, tuple)):
        return _multipart(node, section, depth)
    return _leaf(node, section or "1", depth)


def _multipart(node: Any, section: str, depth: int) -> Part:
    if isinstance(node[0], list):
        nodes, subtype = node[0], node[1]
    else:
        nodes = list(takewhile(lambda child: isinstance(child, tuple), node))
        subtype = node[len(nodes)]
    start = f"{section}." if section else ""
    children = tuple(_part(child, f"{start}{number}", depth + 1) for number, child in enumerate(nodes, 1))
    return Part(section, b"multipart", subtype.lower(), (), b"", (), b"", 0, children)


def _leaf(node: Any, section: str, depth: int) -> Part:
    kind, subtype = node[0].lower(), node[1].lower()
    children: tuple[Part, ...] = ()
    if (kind, subtype) == (b"message", b"rfc822") and len(node) > 8 and isinstance(node[8], tuple):
        inner = node[8]
        own = section if isinstance(inner[0], (list, tuple)) else f"{section}.1"
        children = (_part(inner, own, depth + 1),)
    disposition, more = _disposition(node[7:])
    encoding = (node[5] or b"7bit").lower()
    return Part(section, kind, subtype, _pairs(node[2]), disposition, more, encoding, int(node[6] or 0), children)


def _disposition(rest: Sequence[Any]) -> tuple[bytes, Sequence[tuple[bytes, bytes]]]:
    """Found by its shape: servers differ in how many fields they put before it."""
    for item in rest:
        if isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], bytes) and not isinstance(item[1], bytes):
            return item[0].lower(), _pairs(item[1])
    return b"", ()


def _pairs(parameters: Any) -> Sequence[tuple[bytes, bytes]]:
    flat = parameters or ()
    return tuple((_bytes(name).lower(), _bytes(value)) for name, value in zip(flat[::2], flat[1::2], strict=False))


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _leaves(part: Part) -> Iterator[Part]:
    if not part.children:
        yield part
    for child in part.children:
        yield from _leaves(child)


def _written(part: Part, leaves: Mapping[int, tuple[bytes, bytes]], border: bytes) -> tuple[bytes, bytes]:
    """Header fields, each ended, and body of a part."""
    if part.kind == b"multipart":
        return _multipart_written(part, leaves, border)
    if part.children:
        fields, body = _written(part.children[0], leaves, border)
        return b"Content-Type: message/rfc822\r\n" + _AS_IT_IS, fields + b"\r\n" + body
    return leaves[id(part)]


def _multipart_written(part: Part, leaves: Mapping[int, tuple[bytes, bytes]], border: bytes) -> tuple[bytes, bytes]:
    own = border + b"-" + part.section.encode()
    body = b""
    for child in part.children:
        fields, content = _written(child, leaves, border)
        body += b"--" + own + b"\r\n" + fields + b"\r\n" + content + b"\r\n"
    fields = b'Content-Type: multipart/%b; boundary="%b"\r\n' % (_token(part.subtype), own)
    return fields + _AS_IT_IS, body + b"--" + own + b"--\r\n"


def _text_fields(part: Part) -> bytes:
    told = b"".join(_parameters(part.parameters, name) for name in (b"charset", b"format", b"delsp"))
    fields = b"Content-Type: text/%b%b\r\n" % (_token(part.subtype), told)
    return fields + b"Content-Transfer-Encoding: %b\r\n" % _token(part.encoding)


def _stub_fields(part: Part) -> bytes:
    kind = b"application/octet-stream"
    if part.kind not in {b"message", b"multipart"}:
        kind = _token(part.kind) + b"/" + _token(part.subtype)
    names = _parameters(part.parameters, b"name")
    filenames = _parameters(part.disposition_parameters, b"filename")
    return b"Content-Type: %b%b\r\nContent-Disposition: attachment%b\r\n" % (kind, names, filenames) + _AS_IT_IS


def _parameters(pairs: Sequence[tuple[bytes, bytes]], wanted: bytes) -> bytes:
    """A parameter as it stood, in the parts that RFC 2231 may have split it into."""
    written = b""
    for name, value in pairs:
        if re.fullmatch(rb"%b(\*\d+)?\*?" % wanted, name):
            plain = re.sub(rb"[\x00-\x1f\x7f]+", b" ", value).replace(b"\\", rb"\\").replace(b'"', rb"\"")
            written += b'; %b="%b"' % (name, plain)
    return written


def _token(value: bytes) -> bytes:
    return re.sub(rb"[^\w.+:-]", b"", value)
