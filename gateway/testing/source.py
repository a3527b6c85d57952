"""What must the author of a connector provide so that the suite can test it?"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Makassar")
FIRST = datetime(2025, 3, 3, 8, 0, tzinfo=ZONE)
_TEXTS = (
    "Lampu jalan di depan Pasar Pagi padam sejak dua pekan lalu.",
    "Antrean loket rumah sakit sampai enam jam, kursi tunggu tidak cukup.",
    "Selokan mampet sehingga rumah warga gang Melati kebanjiran.",
    "Bus sekolah rute utara tidak pernah datang tepat waktu.",
    "Pungutan tanpa kuitansi ketika mengurus kartu keluarga!",
    "Air ledeng keruh berbau, sudah kami tampung sebagai bukti.",
    "Jembatan gantung berkarat; papannya hilang tiga lembar.",
    "Tumpukan sampah menutup trotoar dekat terminal lama.",
)


@dataclass(frozen=True)
class Complaint:
    """What a citizen wrote. `number` says which record it is, and is for the source alone."""

    number: int
    name: str
    email: str
    text: str
    received: datetime
    """Aware; whole minutes."""


def complaint(number: int, received: datetime | None = None) -> Complaint:
    """A complaint unlike the others, received a minute after the one with the number before."""
    text = _TEXTS[number % len(_TEXTS)] + (f" ({number})" if number >= len(_TEXTS) else "")
    moment = received or FIRST + timedelta(minutes=number)
    return Complaint(number, f"Warga {number}", f"warga{number}@example.org", text, moment)


def complaints(*numbers: int) -> list[Complaint]:
    """Several of them."""
    return [complaint(number) for number in numbers]


@dataclass(frozen=True)
class Mistake:
    """Options that cannot work, and the words that must tell the admin so."""

    options: Mapping[str, object]
    words: Sequence[str]


class Source(ABC):
    """A place of its own in which the test puts complaints, as citizens and staff would."""

    connector: str
    """The kind, as in `connector = "imap"`."""
    mapping: str
    """A mapping that makes a report of what `add` puts there."""
    secret: str | None = None
    """The password, if the source has one; it must never be shown."""

    @abstractmethod
    def options(self) -> dict[str, object]:
        """`[channels.options]` that read this place; secrets as `env:` or `file:`."""

    @abstractmethod
    def add(self, *complaints: Complaint) -> None:
        """Put complaints there; the same one after `remove` is the same to the last byte."""

    @abstractmethod
    def remove(self, *numbers: int) -> None:
        """Delete them from there."""

    @abstractmethod
    def snapshot(self) -> object:
        """Everything there that reading might change."""

    @abstractmethod
    def outage(self) -> AbstractContextManager[None]:
        """The place is away for the body."""

    @abstractmethod
    def mistakes(self) -> Mapping[str, Mistake]:
        """What an admin may have got wrong, by name: wrong password, unknown host, missing column, …"""


class RowSource(Source):
    """A place whose records can be edited where they stand."""

    @abstractmethod
    def rewrite(self, number: int, new: Complaint) -> None:
        """Let the row of `number` say what `new` says; its key stays (`new.number` means nothing)."""


class FilesSource(Source):
    """A place where citizens can leave files with a complaint."""

    @abstractmethod
    def add_with_files(self, one: Complaint, files: Mapping[str, bytes]) -> None:
        """Put a complaint there that brings these files, by name."""


class AnsweredSource(Source):
    """A place that takes answers; `options` ask for them."""

    @abstractmethod
    def told(self) -> Sequence[str]:
        """The answers that stand there, each as one text, with nothing of the complaints themselves."""
