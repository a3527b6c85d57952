"""What must a connector be able to do, and in which shapes does it hand records over?

Listing is cheap and happens at every poll; reading is dear and happens only for what the ledger does not know yet. A
round is `list(cursor)`, `read(what is new)`, the cursor saved, and so on while there is `more`, then `close`.

    ConnectorError            the channel's round ends; the next round tries again
    ├── Unreachable           the source is down, slow or refuses connections: nothing to change here
    ├── Misconfigured         a person must change the configuration (password, folder, column, query)
    └── Unanswerable          one answer cannot be carried to the source: a person tells the citizen
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

Scalar = str | int | float | bool | None
"""A field of a source record as JSON can keep it. Dates travel as ISO 8601 text, decimals as text."""

Cursor = Mapping[str, object]
"""What a connector wants to be told at its next `list`: JSON values only. It belongs to the connector alone."""


class ConnectorError(Exception):
    """The source could not be listed or read. The text goes to an admin, so it never holds data or secrets."""


class Unreachable(ConnectorError):
    """The source does not answer now. The next round tries again."""


class Misconfigured(ConnectorError):
    """The source answers, but the channel's configuration does not fit it."""


class Options(BaseModel):
    """Base of a connector's own options: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def source(self) -> str:
        """Name the place that is read and what makes a record's key there, without secrets.

        The gateway pins it: two channels with another `source` are never taken for the same one.
        """
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class ChannelContext:
    """What a connector may know of the channel that it serves."""

    name: str
    timezone: ZoneInfo
    """Of times that the source keeps without a zone."""
    spool: Path
    """An existing folder for attachments and copies of files being read."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One record as the listing sees it."""

    locator: str
    """Where to find it now; any text that the connector's own `read` understands, also another object's, another day.
    It leads to this record alone, and stands in a page once: never a row number."""
    version: str | None
    """What it says now, or None when only reading can tell: a known entry then counts as unchanged."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A file, mail or row that could not be listed or read. It is shown to people and stops nobody."""

    where: str
    """The file, row or mail, without personal data."""
    code: str
    """A key of the catalogue of reasons."""
    detail: str = ""
    """For an admin, in English, without personal data."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of what the source holds."""

    entries: Sequence[Entry]
    cursor: Cursor | None
    """Saved once every record of this page is kept, and handed to the next `list`, also after a restart."""
    more: bool
    """Another page follows at once, in the same round."""
    shape: Mapping[str, object] = field(default_factory=dict)
    """Facts for the source guard, which compares `rows` (a number) and `columns` (names) of complete listings."""
    problems: Sequence[Problem] = ()
    complete: bool = False
    """The pages of this round together name every record that the source holds."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that the citizen sent, already in the spool."""

    name: str
    media_type: str
    path: Path
    sha256: str
    size: int
    """In bytes."""


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One record with its content."""

    locator: str
    key: str
    """Which record it is, for ever: the same after a restart, a rescan or a move to another folder."""
    version: str
    """What it says: the same as the entry's version where the listing has one."""
    received_at: datetime | date | None
    """When the citizen wrote: an aware datetime, a date where the source keeps no time, or None."""
    fields: Mapping[str, Scalar]
    """What the source says, raw. An edit is what differs here: a new version of the same fields changes nothing."""
    attachments: Sequence[Attachment] = ()
    ignore: str | None = None
    """A reason code when no citizen wrote this (a bounce, a newsletter); such a record is kept and never sent."""
    doubts: Sequence[str] = ()
    """Reason codes for which a person must look before it is sent."""
    thread: str = ""
    """What a later record names when it answers this one, such as a mail's Message-ID; empty where there is no such."""
    answers_to: Sequence[str] = ()
    """What this record names as what it answers: threads of earlier records, or Message-IDs of our own answers."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `check`: what was looked at and whether it is well."""

    ok: bool
    text: str
    """In English, without personal data or secrets."""


class Connector(Protocol):
    """A source of records. An object is made for a round, used by one thread and closed after it.

    Others of the same channel may be at work meanwhile: `reply` and `check` make their own. Nothing interrupts a call,
    so every wait needs a limit of its own. Out come ConnectorErrors only.
    """

    Options: ClassVar[type[Options]]
    keyed_by_content: bool
    """Keys are made of the content itself, so an edit looks like one record gone and one come."""

    def list(self, after: Cursor | None) -> Listing:
        """List a page of records; `after` is the last page's cursor, or None at the very first and after a lost state.

        Where it raises, the round ends: what earlier pages had is kept, and the next round goes on after them.
        """
        ...

    def read(self, locators: Sequence[str]) -> Iterator[SourceRecord]:
        """Read the named records, in any order. A record that is gone meanwhile is left out.

        200 at a time are taken and kept, before the next are asked for. Where it raises, or leaves one out, or is
        abandoned because the service stops, the cursor is not saved: the page is listed again.
        """
        ...

    def check(self) -> Sequence[Finding]:
        """Log in and look, reading only, so that an admin sees whether the channel will work."""
        ...

    def close(self) -> None:
        """Let go of connections and temporary files. Called once, also after an error."""
        ...


class ConnectorFactory(Protocol):
    """What the registry holds: a class with `Options`, made of them and the channel's context.

    It is made often, also where nothing is read, so making it connects nowhere. It may raise ConnectorError.
    """

    Options: ClassVar[type[Options]]

    def __call__(self, options: Any, channel: ChannelContext) -> Connector: ...


class News(StrEnum):
    """What there is to tell about a report."""

    RECEIVED = "received"
    """The gateway has it."""
    FORWARDED = "forwarded"
    """LAPOR has it, under a number."""
    STATUS = "status"
    """LAPOR's status changed, with nothing to say in words."""
    NEED_INFO = "need_info"
    """LAPOR waits for the reporter to complete it."""
    FOLLOW_UP = "follow_up"
    """The agency did or answered something."""
    CLOSED = "closed"
    ARCHIVED = "archived"
    """Put away: not solved."""
    NOT_FORWARDED = "not_forwarded"
    """A person decided not to send it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One piece of news of one report for the place where the citizen wrote, in words that are ready to be read."""

    id: str
    """Which answer it is, for ever: small letters and digits, the same at every repetition."""
    news: News
    key: str
    """The record's; with `~` and more behind it where another record had this key before."""
    locator: str | None
    """Where the record stood when it was last listed; None where another one has taken its place."""
    fields: Mapping[str, Scalar]
    """The record as the connector read it last."""
    tracking_id: str | None
    """LAPOR's number; None before LAPOR has the report."""
    status: str
    """LAPOR's canonical status in small letters (`received`, `in_progress`, `closed` …); empty before there is one."""
    status_text: str
    """LAPOR's own words for it."""
    previous: str | None
    """The canonical status of the last answer that was carried to this source for this record; None for the first."""
    at: datetime
    """When it happened, aware."""
    url: str | None
    """LAPOR's public page of the report; None for a secret one."""
    subject: str
    text: str
    """Indonesian, plain; for a follow-up the agency's words are in it. Without any content for a secret report."""
    words: str
    """The agency's own words alone, as a follow-up or a reason brings them; empty where there are none, or secret."""
    responder: str
    """Who wrote these words; empty where nobody is named."""
    secret: bool
    to: str | None
    """The reporter's e-mail address."""


class Unanswerable(ConnectorError):
    """This one answer can never be carried there by itself: a person must tell the citizen. `code` says why."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


@runtime_checkable
class Replier(Protocol):
    """What can carry answers to the place where the citizen wrote."""

    carries: frozenset[News]
    """What it is to be called for; empty where the channel's options ask for nothing."""
    tells: frozenset[News]
    """What of it the citizen gets to see: a mail, or an answer in the application that they wrote in. A flag in an
    inbox or a cell in the agency's own sheet tells the staff alone."""

    def write_back(self, answer: Answer) -> None:
        """Carry the answer. It is called at least once, so a repetition must change nothing.

        Raises Unreachable or Misconfigured where it is to be tried again, Unanswerable where that is no use. A status
        that a person has set at the source since is never overwritten: the answer then counts as carried.
        """
        ...


@runtime_checkable
class Watcher(Protocol):
    """What can tell at once that something new may be there. Polling stays the floor: a hint may be late or never come.

    It is an object of its own for that purpose: nothing is listed or read with it.
    """

    @property
    def watches(self) -> bool:
        """Whether its options ask for it."""
        ...

    def watch(self, news: Callable[[], None], stop: threading.Event) -> None:
        """Call `news` at every hint, from this thread. Returns once `stop` is set, or where the source cannot tell.

        Raises Unreachable when the connection is lost, and may then be called again; Misconfigured where a person must
        act first.
        """
        ...
