"""What must hold for every mail whatever its bytes, from the reader up to what LAPOR would be sent?"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from connectors import machine_mail
from connectors.charsets import decode_text
from connectors.message import Mail, parse
from mappings.engine import Context, FieldMapping, Mapped, apply
from mappings.html_text import to_text
from mappings.load import PRESETS, load
from mappings.quotes import own_words, reply_words

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Makassar")
DEFAULTS = {"is_anonymous": True, "is_secret": False, "location_id": "6472", "source": "Website Institusi"}
_STRUCTURE = re.compile(r"--|[\w-]+[ \t]*:|[ \t]")
NAMES = ("email", "contact-form-7", "wpforms", "form-mailer")


def examine(raw: bytes) -> Mail:
    """Read the mail and map it; AssertionError where something does not hold, and whatever a part of it raises."""
    mail = parse(raw)
    assert parse(raw) == mail, "the same bytes are read in two ways"
    assert mail.text.strip() or mail.html.strip() or mail.files or not _says_something(raw), "the body is lost"
    machine_mail.reason(mail, {"dinas@example.org"}, {"form@example.org"})
    _keeps_words(mail)
    fields = fields_of(mail)
    _goes_out({**fields, "key": mail.key, "files": [file.name for file in mail.files]})
    for name in NAMES:
        _goes_out(mapped(name, fields).values)
    return mail


def fields_of(mail: Mail) -> dict[str, str]:
    """The mail as a mapping sees it."""
    return {
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "from_name": mail.from_name,
        "from_email": mail.from_email,
        "reply_to": ", ".join(mail.addresses("reply-to")),
        "to": ", ".join(mail.addresses("to", "cc")),
        "date": mail.date.isoformat() if mail.date else "",
    }


def mapped(name: str, fields: Mapping[str, Any]) -> Mapped:
    """The fields through a preset, as received now."""
    return apply(_preset(name), fields, Context(ZONE, DEFAULTS, NOW), NOW)


def _keeps_words(mail: Mail) -> None:
    whole = mail.text.strip() or to_text(mail.html).strip()
    for words in (own_words, reply_words):
        assert words(mail.text, mail.html).strip() or not whole, f"{words.__name__} loses every word"


def _goes_out(values: Mapping[str, Any]) -> None:
    """As JSON into the state, and as multipart form fields to LAPOR."""
    kept = json.dumps(values, ensure_ascii=False).encode()
    assert json.loads(kept) == dict(values)
    parts = [(name, (None, str(value).encode())) for name, value in values.items()]
    request = httpx.Request("POST", "http://lapor.example.org/", files=parts)
    request.read()


def _says_something(raw: bytes) -> bool:
    """Whether there is a line below the head that is neither a border nor a field."""
    body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2]
    lines = decode_text(body, None).replace("\x00", "").split("\n")
    return any(line.strip() and not _STRUCTURE.match(line) for line in lines)


@cache
def _preset(name: str) -> FieldMapping:
    return load(PRESETS / f"{name}.toml")
