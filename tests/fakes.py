"""Stand-ins with behaviour: a LAPOR that remembers what it got, a source that can be edited, a clock that is turned."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from connectors import contract
from connectors.contract import ChannelContext, Cursor, Entry, Finding, Listing, Problem, SourceRecord
from connectors.identity import digest
from gateway.config import Channel, Config
from gateway.desk import Desk
from gateway.lapor.errors import LaporError, OutcomeUnknown, Refused, Rejected, Unavailable
from gateway.lapor.port import Complaint, FollowUp, Page, Receipt, Submission
from gateway.lapor_settings import LaporSettings
from gateway.settings import ChannelSettings, GatewaySettings, LogSettings
from mappings import load as mapping_load
from mappings.engine import FieldMapping
from state.database import Store, create, open_state

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
"""12:00 in Makassar."""
TARGET = "v3 https://lapor.test"
ZONE = ZoneInfo("Asia/Makassar")

_FIELDS: Mapping[str, Any] = {
    "title": {"from": "judul", "then": [{"headline": 250}]},
    "content": {"from": "isi"},
    "classification": {"default": "1"},
    "date_of_incident": {"from": ["kejadian", "@received_at"], "then": ["date"]},
    "received_at": {"from": "masuk", "then": ["timestamp"]},
    "is_anonymous": {"from": "anonim", "then": ["yes_no"]},
    "is_secret": {"from": "rahasia", "then": ["yes_no"]},
    "reporter_name": {"from": "nama"},
    "reporter_phone": {"from": "telp", "then": ["phone"]},
    "location_id": {"default": "6472"},
    "source": {"default": "Website Institusi"},
}


def mapping_with(fields: Mapping[str, Any]) -> FieldMapping:
    """The fake mapping with other fields, or with some of its own replaced."""
    return mapping_load.build({"fields": {**_FIELDS, **fields}}, Path("fake.toml"))


MAPPING = mapping_with({})


class FakeClock:
    """A clock that stands still until it is turned."""

    def __init__(self, start: datetime = NOON) -> None:
        self._moment = start

    def __call__(self) -> datetime:
        return self._moment

    def advance(self, **lengths: float) -> datetime:
        self._moment += timedelta(**lengths)
        return self._moment


@dataclass
class FakeWriter:
    """The right to send, which a test can take away."""

    held: bool = True

    def holds(self) -> bool:
        return self.held


Behaviour = Callable[[Submission], Receipt]


@dataclass
class _Filed:
    """A report that the fake has, or will have at `at`."""

    at: datetime
    complaint: Complaint


class FakeLapor:
    """A LAPOR in memory. What happens to the next submissions is queued in `next`; afterwards they are accepted."""

    def __init__(self, clock: FakeClock) -> None:
        self.target = TARGET
        self.files = True
        self.reads = True
        self.clock = clock
        self.submissions: list[Submission] = []
        self.next: list[Behaviour] = []
        self.always: Behaviour | None = None
        self.next_replies: list[str] = []
        """What happens to the next replies: accept, lose, commit (and break off), refuse, busy, gone."""
        self.hides_secret = True
        self.looks_up = True
        self.page_size = 100
        self.read_errors: dict[str, LaporError] = {}
        """By call: `find`, `changed`, `complaint`, `followups`."""
        self.broken_followups: dict[str, LaporError] = {}
        self.written: dict[str, list[FollowUp]] = {}
        self.asked: list[tuple[str | None, int]] = []
        """What `changed` was asked."""
        self.looked_up: list[str] = []
        self.after_page: Callable[[], None] = lambda: None
        self._filed: list[_Filed] = []
        self._lock = threading.Lock()
        self._requests = 0
        self._last_id = 1_000_000

    # The port

    def submit(self, submission: Submission) -> Receipt:
        with self._lock:
            self._requests += 1
            self.submissions.append(submission)
            behave = self.next.pop(0) if self.next else self.always or self.accept
        return behave(submission)

    def find(self, external_id: str) -> Sequence[Complaint]:
        self._read("find")
        self.looked_up.append(external_id)
        wanted = [c for c in self._listed() if not self.looks_up or c.external_id == external_id]
        return sorted(wanted, key=lambda complaint: (complaint.received_at, complaint.tracking_id))

    def changed(self, since: str | None, page: int) -> Page:
        self._read("changed")
        self.asked.append((since, page))
        moment = datetime.fromisoformat(since) if since else datetime.min.replace(tzinfo=UTC)
        found = sorted(
            (c for c in self._listed() if c.updated_at >= moment), key=lambda c: (c.updated_at, int(c.tracking_id))
        )
        last = max(1, -(-len(found) // self.page_size))
        shown = found[(page - 1) * self.page_size : page * self.page_size]
        self.after_page()
        return Page(shown, last)

    def complaint(self, tracking_id: str) -> Complaint | None:
        self._read("complaint")
        return next((c for c in self.present() if c.tracking_id == tracking_id), None)

    def followups(self, tracking_id: str) -> Sequence[FollowUp]:
        self._read("followups")
        if tracking_id in self.broken_followups:
            raise self.broken_followups[tracking_id]
        return list(self.written.get(tracking_id, []))

    def reply(self, tracking_id: str, text: str, external_id: str) -> None:
        with self._lock:
            self._requests += 1
            behave = self.next_replies.pop(0) if self.next_replies else "accept"
        if behave == "lose":
            raise OutcomeUnknown("no_answer", "the fake broke off before the commit")
        if behave == "refuse":
            raise Rejected("no", {"keterangan": ["tidak sah"]})
        if behave == "busy":
            raise Unavailable("http_503", "busy")
        if behave == "gone":
            raise Refused("wrong_address", "404")
        item = FollowUp(self.clock().isoformat(), "Pelapor", text, external_id)
        self.written.setdefault(tracking_id, []).append(item)
        self.change(tracking_id, "Ditanggapi oleh Pelapor")
        if behave == "commit":
            raise OutcomeUnknown("no_answer", "the fake broke off after the commit")

    def check(self) -> str:
        return "fake"

    def requests_made(self) -> int:
        return self._requests

    def close(self) -> None:
        return None

    # What may happen to a submission

    def accept(self, submission: Submission) -> Receipt:
        complaint = self.file(submission.external_id, secret=submission.report.is_secret)
        return Receipt(complaint.tracking_id, f"t{complaint.tracking_id}", complaint.status)

    def accept_without_answer(self, submission: Submission) -> Receipt:
        """The answer is lost after the commit."""
        self.accept(submission)
        raise OutcomeUnknown("no_answer", "the fake broke off after the commit")

    def accept_late(self, **after: float) -> Behaviour:
        """The client gives up; the server commits so long afterwards."""

        def behave(submission: Submission) -> Receipt:
            at = self.clock() + timedelta(**after)
            self.file(submission.external_id, secret=submission.report.is_secret, at=at)
            raise OutcomeUnknown("no_answer", "the fake is still working")

        return behave

    def lose(self, _submission: Submission) -> Receipt:
        """The connection breaks before the commit."""
        raise OutcomeUnknown("no_answer", "the fake broke off before the commit")

    @staticmethod
    def fail(error: Exception) -> Behaviour:
        def behave(_submission: Submission) -> Receipt:
            raise error

        return behave

    # What happens inside LAPOR

    def file(
        self,
        external_id: str | None,
        *,
        secret: bool = False,
        at: datetime | None = None,
        updated: datetime | None = None,
        tracking_id: str | None = None,
    ) -> Complaint:
        moment = at or self.clock()
        with self._lock:
            self._last_id += 5
            complaint = Complaint(
                tracking_id=tracking_id or str(self._last_id),
                external_id=external_id,
                status="Belum Terverifikasi",
                received_at=moment,
                updated_at=updated or moment,
                updated_text=(updated or moment).isoformat(),
                is_secret=secret,
                detail={"hold_reason": None},
            )
            self._filed.append(_Filed(moment, complaint))
        return complaint

    def change(self, tracking_id: str, status: str, at: datetime | None = None) -> None:
        """The agency does something: the status and `updated_at` change."""
        moment = at or self.clock()
        for item in self._filed:
            if item.complaint.tracking_id == tracking_id:
                item.complaint = replace(
                    item.complaint, status=status, updated_at=moment, updated_text=moment.isoformat()
                )

    def write(self, tracking_id: str, text: str, date: str = "2026-11-23T10:00:00+07:00") -> None:
        """The agency answers."""
        self.written.setdefault(tracking_id, []).append(FollowUp(date, "Dinas PU", text, None))

    def present(self) -> list[Complaint]:
        """The reports that are committed by now."""
        return [item.complaint for item in self._filed if item.at <= self.clock()]

    def copies(self) -> dict[str | None, int]:
        """How many reports there are by external id, those still to be committed too."""
        counts: dict[str | None, int] = {}
        for item in self._filed:
            counts[item.complaint.external_id] = counts.get(item.complaint.external_id, 0) + 1
        return counts

    def _listed(self) -> list[Complaint]:
        return [c for c in self.present() if not (self.hides_secret and c.is_secret)]

    def _read(self, call: str) -> None:
        with self._lock:
            self._requests += 1
        if call in self.read_errors:
            raise self.read_errors[call]


class FakeOptions(contract.Options):
    """Options of the fake connector."""

    place: str = "meja"

    def source(self) -> str:
        return f"fake://{self.place}"


@dataclass
class FakeSource:
    """A source that a test can fill, edit and break. Records stand in the order of their keys."""

    rows: dict[str, dict[str, contract.Scalar]] = field(default_factory=dict)
    received: dict[str, Any] = field(default_factory=dict)
    ignored: dict[str, str] = field(default_factory=dict)
    doubts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    page_size: int = 10_000
    keyed_by_content: bool = False
    list_error: Exception | None = None
    while_reading: Callable[[int], None] = lambda _count: None
    """Called before each record, with the number of those already read."""
    reads: list[str] = field(default_factory=list)
    closed: int = 0

    Options = FakeOptions

    def __call__(self, _options: Any, _channel: ChannelContext) -> FakeConnector:
        return FakeConnector(self)

    def add(self, key: str, received: Any = None, **fields: contract.Scalar) -> None:
        self.rows[key] = {**complaint_row(key), **fields}
        self.received[key] = received if received is not None else NOON - timedelta(hours=1)


class FakeConnector:
    """A round over a fake source."""

    Options = FakeOptions

    def __init__(self, source: FakeSource) -> None:
        self._source = source
        self.keyed_by_content = source.keyed_by_content

    def list(self, after: Cursor | None) -> Listing:
        if self._source.list_error is not None:
            raise self._source.list_error
        offset = after.get("offset", 0) if after is not None else 0
        assert isinstance(offset, int)
        keys = list(self._source.rows)
        some = keys[offset : offset + self._source.page_size]
        more = offset + len(some) < len(keys)
        entries = [Entry(key, self._version(key)) for key in some]
        cursor = {"offset": offset + len(some) if more else 0}
        return Listing(entries, cursor, more, problems=tuple(self._source.problems), complete=not self._source.problems)

    def read(self, locators: Sequence[str]) -> Iterator[SourceRecord]:
        for count, key in enumerate(locators):
            self._source.while_reading(count)
            self._source.reads.append(key)
            yield SourceRecord(
                locator=key,
                key=key,
                version=self._version(key),
                received_at=self._source.received.get(key),
                fields=self._source.rows[key],
                ignore=self._source.ignored.get(key),
                doubts=self._source.doubts.get(key, ()),
            )

    def check(self) -> Sequence[Finding]:
        return [Finding(ok=True, text="fake")]

    def close(self) -> None:
        self._source.closed += 1

    def _version(self, key: str) -> str:
        return digest(list(self._source.rows[key].values()))


def complaint_row(key: str = "1") -> dict[str, contract.Scalar]:
    """A row from which the fake mapping makes a report that may be filed."""
    return {
        "judul": f"Jalan rusak nomor {key}",
        "isi": f"Jalan berlubang di depan rumah nomor {key}, mohon diperbaiki.",
        "nama": f"Warga {key}",
        "telp": f"0812{int(key) % 10**8:08d}" if key.isdigit() else "081234567890",
        "anonim": "ya",
        "rahasia": "tidak",
        "kejadian": "2026-11-20",
    }


def values(**changes: Any) -> dict[str, Any]:
    """Report fields that may be filed."""
    return {
        "title": "Jalan rusak",
        "content": "Jalan berlubang di depan pasar.",
        "classification": "1",
        "date_of_incident": "2026-11-20",
        "location_id": "6472",
        "is_anonymous": True,
        "is_secret": False,
        "reporter_name": "Warga Contoh",
        "reporter_phone": "+6281234567890",
        "source": "Website Institusi",
        **changes,
    }


def make_channel(
    source: FakeSource, name: str = "web", mapping: FieldMapping = MAPPING, place: str = "meja", **settings: Any
) -> Channel:
    """A channel over a fake source."""
    own = {"name": name, "connector": "fake", "mapping": "fake", "start": "all", **settings}
    return Channel(ChannelSettings(**own), source, FakeOptions(place=place), mapping)


def make_config(folder: Path, channels: Sequence[Channel] = (), **lapor: Any) -> Config:
    """A configuration whose state and spool lie in that folder."""
    return Config(
        path=folder / "config.toml",
        gateway=GatewaySettings(
            id="kaltim", timezone=ZONE, state=make_url(f"sqlite:///{folder / 'gateway.db'}"), spool=folder / "spool"
        ),
        lapor=LaporSettings(**{"base_url": "https://lapor.test", "token": SecretStr("rahasia-besar"), **lapor}),
        log=LogSettings(),
        channels=tuple(channels),
    )


@contextmanager
def open_desk(
    folder: Path, clock: FakeClock, channels: Sequence[Channel] = (), lapor: Mapping[str, Any] | None = None
) -> Iterator[Desk]:
    """A desk over a real SQLite state in that folder, made at the first time."""
    config = make_config(folder, channels, **(lapor or {}))
    with open_store(config) as store:
        yield Desk(config, store, FakeWriter(), clock)


@contextmanager
def open_store(config: Config) -> Iterator[Store]:
    """The configuration's state, made at the first time."""
    made = Path(str(config.gateway.state.database)).exists()
    store = (open_state if made else create)(config.gateway.state, None, config.gateway.id)
    # What a power cut would lose is no matter here, and every fsync costs.
    store.engine.dispose()
    sa.event.listen(store.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    try:
        yield store
    finally:
        store.close()
