"""How is a citizen answered by e-mail? Over SMTP, in the thread of their own mail, so that mail programs show one talk.

An answer may be sent twice when the process is killed between sending and noting it: it then bears the same Message-ID,
and mail programs show it once. Headers follow RFC 3834, so that no machine answers it.
"""

from __future__ import annotations

import html
import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import ExitStack, suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import getaddresses, localtime, parseaddr
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from connectors.contract import Answer, Misconfigured, News, Unanswerable, Unreachable
from connectors.options import ConfigPath, Secret
from connectors.tls import is_loopback, trusting

_MARK = "lapor-"
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,250}>")
_OURS = re.compile(rf"<{_MARK}([a-z0-9]{{10,64}})@[^<>\s]+>")
_MACHINES = re.compile(
    r"^(mailer-daemon|postmaster|mail-daemon|bounces?|double-bounce|no-?reply|do-?not-?reply|noreply-.*)([+\-].*)?@",
    re.IGNORECASE,
)
_LINK = re.compile(r"https?://[^\s<>\"]+")
_REPLY = re.compile(r"^\s*((re|bls|balas|fwd?|trs)\s*:\s*)+", re.IGNORECASE)
_MOST_REFERENCES = 20
T = TypeVar("T")


def _address(text: str) -> str:
    if not text.isprintable() or len(getaddresses([text])) != 1:
        raise ValueError('expected one address, such as "Dinas Contoh <pengaduan@contoh.go.id>"')
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+|[^@\s]+@localhost", parseaddr(text)[1]):
        raise ValueError('expected an address such as "Dinas Contoh <pengaduan@contoh.go.id>"')
    return text


class SmtpOptions(BaseModel):
    """`[channels.answers.smtp]`: the mail server that takes the answers."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    host: str
    port: int | None = Field(default=None, ge=1, le=65535, description="465 with implicit, 587 with starttls, else 25")
    tls: Literal["implicit", "starttls", "none"] = Field(default="starttls", description="none only on loopback")
    ca_file: ConfigPath | None = Field(default=None, description="certificates to trust beside the system's")
    username: str | None = None
    password: Secret | None = None
    sender: Annotated[str, AfterValidator(_address)] = Field(description="From, and where replies and bounces go")
    timeout: float = Field(default=30.0, gt=0, description="seconds")

    @model_validator(mode="after")
    def _whole_login(self) -> SmtpOptions:
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password belong together")
        return self

    @model_validator(mode="after")
    def _plain_only_on_loopback(self) -> SmtpOptions:
        if self.tls == "none" and not is_loopback(self.host):
            raise ValueError('tls = "none" sends citizens\' mail in clear text; it is allowed on loopback only')
        return self


class MailAnswers:
    """The replier of every channel whose citizens are answered by e-mail."""

    carries = tells = frozenset(News) - {News.STATUS}

    def __init__(self, options: SmtpOptions) -> None:
        self._options = options
        self._server: smtplib.SMTP | None = None

    def write_back(self, answer: Answer) -> None:
        """Send the answer to the reporter's own address. Raises Unanswerable for an address that takes no answers."""
        own = parseaddr(self._options.sender)[1].lower()
        if not answer.to:
            raise Unanswerable("no_address", "the reporter gave no e-mail address")
        if _MACHINES.match(answer.to) or answer.to.lower() == own:
            raise Unanswerable("machine_address", "the address is a machine's or the sender's own")
        if not answer.to.isascii():
            raise Unanswerable("address_refused", "the address holds characters that most mail servers do not take")
        self._translated(lambda: self._deliver(answer, own))

    def check(self) -> str:
        """Log in and say so; nothing is sent. Raises ConnectorError."""
        self._translated(lambda: self._connected().noop())
        return f"mail server {self._options.host}: ready to send as {parseaddr(self._options.sender)[1]}"

    def close(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            with suppress(smtplib.SMTPException, OSError):
                server.quit()

    def _deliver(self, answer: Answer, sender: str) -> None:
        message = compose(answer, self._options.sender)
        self._connected().send_message(message, from_addr=sender, to_addrs=[str(answer.to)])

    def _connected(self) -> smtplib.SMTP:
        if self._server is None:
            self._server = self._login()
        return self._server

    def _login(self) -> smtplib.SMTP:
        options = self._options
        context = trusting(options.ca_file)
        port = options.port or {"implicit": 465, "starttls": 587, "none": 25}[options.tls]
        server = (
            smtplib.SMTP_SSL(options.host, port, timeout=options.timeout, context=context)
            if options.tls == "implicit"
            else smtplib.SMTP(options.host, port, timeout=options.timeout)
        )
        with ExitStack() as unless_ready:
            unless_ready.callback(server.close)
            if options.tls == "starttls":
                server.starttls(context=context)
            if options.username is not None and options.password is not None:
                server.login(options.username, options.password.get_secret_value())
            unless_ready.pop_all()
        return server

    def _translated(self, work: Callable[[], T]) -> T:
        """Foreign errors as the contract's, without the server's words: they may quote an address."""
        where = f"mail server {self._options.host}"
        try:
            return work()
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()), (550, b""))[0]
            self._reset()
            if 400 <= code < 500:
                raise Unreachable(f"{where} does not take the address now ({code})") from None
            raise Unanswerable("address_refused", f"{where} refuses the address ({code})") from None
        except smtplib.SMTPAuthenticationError as error:
            self._drop()
            raise Misconfigured(f"{where} refuses the user name or password ({error.smtp_code})") from None
        except smtplib.SMTPResponseException as error:
            self._drop()
            raise _refused(error, where) from None
        except ssl.SSLCertVerificationError as error:
            self._drop()
            raise Misconfigured(f"{where}: its certificate is not trusted ({error.verify_message})") from None
        except smtplib.SMTPNotSupportedError:
            self._drop()
            raise Misconfigured(f"{where} does not offer what the configuration asks for (tls, login)") from None
        except ValueError as error:
            self._drop()
            raise Unanswerable("mail_refused", f"the mail cannot be written ({type(error).__name__})") from None
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise Unreachable(f"{where} does not answer ({type(error).__name__})") from None

    def _reset(self) -> None:
        if self._server is not None:
            try:
                self._server.rset()
            except (smtplib.SMTPException, OSError):
                self._drop()

    def _drop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()


def message_ids(*headers: str) -> list[str]:
    """The Message-IDs in header fields, in order, each once."""
    return list(dict.fromkeys(found for header in headers for found in _MESSAGE_ID.findall(header)))


def answer_ids(*headers: str) -> list[str]:
    """The ids of our answers that header fields such as In-Reply-To and References name."""
    return [found for header in headers for found in _OURS.findall(header)]


def compose(answer: Answer, sender: str) -> EmailMessage:
    """The mail: plain text and HTML, in the thread of the citizen's mail where they wrote one themselves."""
    message = EmailMessage(policy=SMTP)
    thread = _thread(answer)
    message["From"] = sender
    message["To"] = str(answer.to)
    message["Subject"] = _subject(answer, threaded=bool(thread))
    message["Date"] = localtime()
    message["Message-ID"] = f"<{_MARK}{answer.id}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    if thread:
        message["In-Reply-To"] = thread[-1]
        message["References"] = " ".join(thread)
    message["Auto-Submitted"] = "auto-replied"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(answer.text, cte="quoted-printable")
    message.add_alternative(_as_html(answer.text), subtype="html", cte="quoted-printable")
    return message


def _thread(answer: Answer) -> list[str]:
    """Message-IDs of the citizen's mail and those before it; none where the address was typed into a form."""
    fields = answer.fields
    senders = {str(fields.get(name) or "").lower() for name in ("from_email", "reply_to")}
    own = _MESSAGE_ID.findall(str(fields.get("message_id") or ""))[:1]
    if not own or str(answer.to).lower() not in senders:
        return []
    before = _MESSAGE_ID.findall(str(fields.get("references") or ""))[-_MOST_REFERENCES:]
    return [*before, *own]


def _subject(answer: Answer, *, threaded: bool) -> str:
    """The citizen's own subject in their thread; a secret report's is neutral."""
    original = _REPLY.sub("", " ".join(str(answer.fields.get("subject") or "").split()))
    return f"Re: {original}"[:200] if threaded and original and not answer.secret else answer.subject


def _as_html(text: str) -> str:
    paragraphs = (part for part in re.split(r"\n\s*\n", text.strip()) if part.strip())
    body = "\n".join(f"<p>{_linked(part)}</p>" for part in paragraphs)
    return f'<!DOCTYPE html>\n<html lang="id"><head><meta charset="utf-8"></head><body>\n{body}\n</body></html>\n'


def _linked(paragraph: str) -> str:
    pieces, last = [], 0
    for found in _LINK.finditer(paragraph):
        link = html.escape(found[0])
        pieces += [html.escape(paragraph[last : found.start()]), f'<a href="{link}">{link}</a>']
        last = found.end()
    pieces.append(html.escape(paragraph[last:]))
    return "".join(pieces).replace("\n", "<br>\n")


def _refused(error: smtplib.SMTPResponseException, where: str) -> Misconfigured | Unreachable | Unanswerable:
    if isinstance(error, smtplib.SMTPSenderRefused) and error.smtp_code >= 500:
        return Misconfigured(f"{where} refuses the sender ({error.smtp_code})")
    if isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500:
        return Unanswerable("mail_refused", f"{where} refuses the mail ({error.smtp_code})")
    return Unreachable(f"{where} does not take mail now ({error.smtp_code})")
