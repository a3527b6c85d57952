"""What may become of a request: a LAPOR that remembers which of its answers were a reason to stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle

from gateway.lapor.errors import LaporError, OutcomeUnknown, Refused, Rejected, Unavailable
from gateway.lapor.port import Complaint, Receipt, Submission
from tests.fakes import Behaviour, FakeClock, FakeLapor

LATEST = 1_080
"""Seconds: who is absent twice was sent two `in_doubt_wait` of ten minutes ago, less its turn in the queue."""


@dataclass(frozen=True)
class Fate:
    """What becomes of a submission; `seconds` is how late, how slow, or how long to wait, where it matters."""

    kind: str
    seconds: int


@dataclass(frozen=True)
class Weather:
    """How LAPOR serves for a while: what becomes of submissions in turn, and which call to read fails, and how."""

    fates: Sequence[Fate]
    reading: tuple[str, LaporError] | None

    def after(self, kind: str) -> Weather:
        """The same, with one submission before."""
        return Weather([Fate(kind, 1), *self.fates], self.reading)


class TroubledLapor(FakeLapor):
    """A LAPOR to which everything may happen that the table of outcomes names."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.rejected: set[str] = set()
        """External ids whose content it has refused at least once."""
        self.not_shown: set[str] = set()
        """External ids that it refused to look up."""
        self.strangers: set[str] = set()
        """External ids of other gateways' reports."""
        self.meanwhile: Callable[[], None] = lambda: None
        """What others do while a request is under way."""

    def find(self, external_id: str) -> Sequence[Complaint]:
        try:
            return super().find(external_id)
        except Refused:
            self.not_shown.add(external_id)
            raise

    def doom(self, fate: Fate) -> Behaviour:
        """How the next submission goes."""

        def behave(submission: Submission) -> Receipt:
            return _FATES[fate.kind](self, submission, fate.seconds)

        return behave

    @contextmanager
    def under(self, weather: Weather) -> Iterator[None]:
        """Let submissions, in turn, and the reading go like that, and everything go well afterwards."""
        dooms = cycle([self.doom(fate) for fate in weather.fates])
        self.always = lambda submission: next(dooms)(submission)
        if weather.reading is not None:
            call, error = weather.reading
            self.read_errors[call] = error
        try:
            yield
        finally:
            self.always = None
            self.read_errors.clear()

    def file_by_stranger(self) -> None:
        """Another gateway files a report."""
        name = f"stranger-{len(self.strangers)}"
        self.strangers.add(name)
        self.file(name)

    def external_ids(self) -> dict[str, str | None]:
        """Whose each tracking id is, those still to be committed too."""
        return {item.complaint.tracking_id: item.complaint.external_id for item in self._filed}

    def has(self, external_id: str) -> Complaint | None:
        """The report of that external id that is committed by now, secret or not."""
        return next((one for one in self.present() if one.external_id == external_id), None)


def _commits_late(lapor: TroubledLapor, submission: Submission, seconds: int) -> Receipt:
    return lapor.accept_late(seconds=seconds)(submission)


def _slow_and_late(lapor: TroubledLapor, submission: Submission, seconds: int) -> Receipt:
    """The client waits for its time-out first; the server goes on working from the beginning."""
    late = lapor.accept_late(seconds=seconds)
    try:
        return late(submission)
    finally:
        lapor.clock.advance(seconds=30)


def _answered_before_commit(lapor: TroubledLapor, submission: Submission, seconds: int) -> Receipt:
    """201 is answered at once, the report can be seen only later, under the time of the request."""
    now = lapor.clock()
    secret = submission.report.is_secret
    filed = lapor.file(submission.external_id, secret=secret, at=now + timedelta(seconds=seconds), updated=now)
    return Receipt(filed.tracking_id, None, filed.status)


def _slow(lapor: TroubledLapor, submission: Submission, seconds: int) -> Receipt:
    lapor.clock.advance(seconds=seconds % 30)
    return lapor.accept(submission)


def _reject(lapor: TroubledLapor, submission: Submission, _seconds: int) -> Receipt:
    lapor.rejected.add(submission.external_id)
    raise Rejected("HTTP 422", {"title": ["Judul tidak jelas."]})


def _busy(_lapor: TroubledLapor, _submission: Submission, seconds: int) -> Receipt:
    raise Unavailable("http_503", "busy", timedelta(seconds=seconds * 6))


def _others_act(lapor: TroubledLapor, submission: Submission, _seconds: int) -> Receipt:
    lapor.meanwhile()
    return lapor.accept(submission)


def _raise(error: Callable[[], Exception]) -> Callable[[TroubledLapor, Submission, int], Receipt]:
    def fate(_lapor: TroubledLapor, _submission: Submission, _seconds: int) -> Receipt:
        raise error()

    return fate


def _file_and_raise(error: Callable[[], Exception]) -> Callable[[TroubledLapor, Submission, int], Receipt]:
    def fate(lapor: TroubledLapor, submission: Submission, _seconds: int) -> Receipt:
        lapor.accept(submission)
        raise error()

    return fate


_FATES: dict[str, Callable[[TroubledLapor, Submission, int], Receipt]] = {
    "accept": lambda lapor, submission, _: lapor.accept(submission),
    "slow": _slow,
    "others act meanwhile": _others_act,
    "answer lost": _file_and_raise(lambda: OutcomeUnknown("no_answer", "broken off after the commit")),
    "request lost": _raise(lambda: OutcomeUnknown("no_answer", "broken off before the commit")),
    "commits late": _commits_late,
    "slow, commits late": _slow_and_late,
    "answered before the commit": _answered_before_commit,
    "busy": _busy,
    "down": _raise(lambda: Unavailable("no_connection", "down")),
    "rejected": _reject,
    "unauthorized": _raise(lambda: Refused("unauthorized", "HTTP 401")),
    "wrong address": _raise(lambda: Refused("wrong_address", "HTTP 404")),
    "redirected": _raise(lambda: Refused("redirected", "HTTP 302")),
    "redirected, filed": _file_and_raise(lambda: Refused("redirected", "HTTP 302")),
    "unforeseen": _raise(lambda: RuntimeError("unforeseen")),
    "unforeseen, filed": _file_and_raise(lambda: RuntimeError("unforeseen")),
}
KINDS = tuple(_FATES)
DOUBTFUL = ("request lost", "commits late", "slow, commits late")
"""Those that a hasty second sending would make two reports of."""

CALLS = ("find", "changed", "complaint", "followups")
READ_ERRORS: Sequence[LaporError] = (
    Unavailable("http_500", "down"),
    Refused("unauthorized", "HTTP 401"),
    Refused("wrong_address", "HTTP 404"),
)
