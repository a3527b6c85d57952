"""Was this mail written by a person? Rules of RFC 3834, RFC 3464, RFC 2369 and common practice."""

from __future__ import annotations

import re
from collections.abc import Collection

from connectors.mail_answer import answer_ids
from connectors.message import Mail

_DAEMONS = re.compile(r"^(mailer-daemon|postmaster|mail-daemon|bounces?|double-bounce)([+\-].*)?@", re.IGNORECASE)
_BULK = {"bulk", "junk", "list"}
_AUTO_SUBJECT = re.compile(
    r"^(automatic reply|auto-?reply|autoreply|out of (the )?office|balasan otomatis|jawaban otomatis)\b", re.IGNORECASE
)
_AUTO_HEADERS = ("x-autoreply", "x-autorespond", "x-auto-reply", "x-autoresponder")


def reason(mail: Mail, own_addresses: Collection[str], form_senders: Collection[str]) -> str | None:
    """Why no citizen wrote this mail, as a reason code, or None for a mail to be filed.

    `form_senders` are addresses through which a web form sends citizens' words: they are always filed.
    """
    if mail.from_email and mail.from_email in form_senders:
        return None
    if mail.from_email in own_addresses:
        return "own_mail"
    return _report(mail) or _auto_reply(mail) or _bounce(mail) or _list(mail) or _invitation(mail) or _answer(mail)


def _answer(mail: Mail) -> str | None:
    """An answer of a gateway whose marks somebody's mail program has taken away."""
    return "own_mail" if answer_ids(mail.headers.get("message-id", "")) else None


def _report(mail: Mail) -> str | None:
    """A delivery report or a receipt that the mail was read (RFC 6522)."""
    return "bounce" if mail.media_type == "multipart/report" or _DAEMONS.match(mail.from_email) else None


def _auto_reply(mail: Mail) -> str | None:
    submitted = mail.headers.get("auto-submitted", "no").split(";")[0].strip().lower()
    marked = any(mail.headers.get(name) for name in _AUTO_HEADERS)
    precedence = mail.headers.get("precedence", "").strip().lower()
    # A citizen may write so too, but not in answer to a mail.
    absent = _AUTO_SUBJECT.match(mail.subject) and mail.headers.get("in-reply-to")
    is_automatic = submitted not in {"no", ""} or marked or precedence in {"auto_reply", "auto-reply"} or absent
    return "auto_reply" if is_automatic else None


def _bounce(mail: Mail) -> str | None:
    """Without a return path a mail wants no answer: it is a machine's (RFC 5321, 4.5.5)."""
    return "bounce" if mail.headers.get("return-path", "").strip() == "<>" else None


def _list(mail: Mail) -> str | None:
    listed = any(name.startswith("list-") for name in mail.headers)
    return "mailing_list" if listed or mail.headers.get("precedence", "").strip().lower() in _BULK else None


def _invitation(mail: Mail) -> str | None:
    calendar = any(file.media_type == "text/calendar" for file in mail.files) or mail.media_type == "text/calendar"
    return "invitation" if calendar else None
