"""Which mails does a citizen have in the end when the process is killed while it answers, and started again?"""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.e2e.post import answering, ids, letter
from tests.e2e.support import Ended, Installation, Mock, lapor_mock
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink

Deed = Mapping[str, str]
RELATIVES = "<percakapan-0@warga.example>"
ARRIVAL = 0
LIFE: Sequence[tuple[Sequence[Deed], int]] = (
    ((), 1),
    (({"action": "verify"}, {"action": "follow_up", "text": "Satu."}), 1),
    (({"action": "follow_up", "text": "Dua."}, {"action": "follow_up", "text": "Tiga."}), 2),
    (({"action": "hold", "reason": "Nomor tiang?"},), 1),
    (({"action": "close", "by": "sistem"},), 1),
    (({"action": "reopen"},), 0),
    (({"action": "close", "by": "admin"},), 1),
)
"""What happens to the report in LAPOR, in stages, and how many mails each stage brings; the first is its arrival."""
SYNC = ("sync", "--until-settled")


def letter_of(citizen: str) -> bytes:
    """The mail that is reported: part of a conversation already."""
    return letter(f"Warga <{citizen}>", References=RELATIVES)


@dataclass(frozen=True)
class Aftermath:
    """Whether the process died at its point, and what was wrong in the end."""

    died: bool
    wrong: list[str]


class Trials:
    """One life of a report, in whose every stage copies of the installation may die."""

    def __init__(self, folder: Path, installation: Installation, mock: Mock, sink: SmtpSink, citizen: str) -> None:
        self._folder = folder
        self._gateway = installation
        self._mock = mock
        self._sink = sink
        self._citizen = citizen
        self._numbers = count(1)
        self._stage = ARRIVAL
        self._expected = 0
        self._told: set[str] = set()

    def begin(self, stage: int) -> None:
        """Let happen in LAPOR what belongs to the stage. The gateway does not know of it yet."""
        self._stage = stage
        deeds, self._expected = LIFE[stage]
        for deed in deeds:
            [complaint] = self._mock.complaints()
            self._mock.act(complaint["tracking_id"], **deed)

    def end(self) -> None:
        """Let the installation itself answer, without a kill."""
        before = len(self._mails())
        done = self._gateway.cli(*SYNC)
        mails = self._mails()[before:]
        assert (done.status, len(mails)) == (0, self._expected), done.said
        assert not self._told or set(mails) == self._told, "it is told otherwise after a kill"
        self._told = set()

    def killed_at(self, kind: str, number: int) -> Aftermath:
        """Let a copy die at the n-th event of a kind while it answers, then let it live."""
        with ExitStack() as stack:
            mock = stack.enter_context(lapor_mock()) if self._stage == ARRIVAL else self._mock
            copy = self._copy(mock)
            before = len(self._mails())
            dead = copy.module("tests.e2e.dying", kind, str(number), "--", *SYNC)
            assert dead.status in (0, -signal.SIGKILL), dead.said
            last = copy.cli(*SYNC)
            sent = self._mails()[before:]
            quiet = copy.view("unanswered", "--json").strip() == "[]"
        died = dead.status != 0
        return Aftermath(died, [*self._wrong(last, sent, died=died), *([] if quiet else ["a person is asked"])])

    def _mails(self) -> list[str]:
        return ids(self._sink.mails_to(self._citizen))

    def _wrong(self, last: Ended, sent: Sequence[str], *, died: bool) -> Iterator[str]:
        if last.status != 0 or "unexpected" in last.said or "Traceback" in last.said:
            yield f"the last run ended with {last.status}: {last.said}"
        known = self._told = self._told or set(sent)
        if set(sent) != known or len(known) != self._expected:
            yield f"Message-IDs {sent}, not {sorted(known)}"
        if len(sent) > self._expected + died:
            yield f"one kill explains one repetition, not {len(sent)} mails instead of {self._expected}"

    def _copy(self, mock: Mock) -> Installation:
        to = self._folder / f"salinan-{next(self._numbers)}"
        shutil.copytree(self._gateway.folder, to)
        copied = Installation(to, mock.url, self._gateway.channels, self._gateway.lapor_settings)
        copied.write()
        return copied


@contextmanager
def trials(folder: Path, dovecot: Dovecot, sink: SmtpSink) -> Iterator[Trials]:
    """A citizen's mail in an inbox, and an installation that has not read it yet."""
    user, citizen = dovecot.new_user(), sink.new_address()
    dovecot.append(user, letter_of(citizen))
    own = folder / "asli"
    own.mkdir()
    with lapor_mock() as mock:
        gateway = Installation(own, mock.url, [answering(dovecot, user, sink)], {"in_doubt_wait": "0.5s"})
        gateway.init()
        yield Trials(folder, gateway, mock, sink, citizen)
