"""Who reads thousands of mails while more are fetched? A few child processes; what they cannot read is read here."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from pathlib import Path

from connectors import mail_child, message
from connectors.contract import ConnectorError
from connectors.imap_fetch import Fetched
from connectors.mail_crew import Crew, Gone
from connectors.message import Mail

MANY = 1_000
"""Mails to read. Up to so many, starting processes is not worth it."""
MAILS_AT_ONCE = 50
_BYTES_AT_ONCE = 4 * 1024 * 1024
_BYTES_IN_FLIGHT = 32 * 1024 * 1024
_PORTIONS_PER_CHILD = 4
"""So many lie ready that no child waits while a batch of records is kept."""
_MOST_CHILDREN = 4


@dataclass(slots=True)
class _Portion:
    """Mails that are read together."""

    mails: list[Fetched] = field(default_factory=list)
    size: int = 0
    answer: Future[Sequence[Mail]] | None = None

    def add(self, mail: Fetched) -> None:
        self.mails.append(mail)
        self.size += len(mail.raw)

    @property
    def is_full(self) -> bool:
        return len(self.mails) >= MAILS_AT_ONCE or self.size >= _BYTES_AT_ONCE


class MailPool:
    """Reads mails, many of them in child processes that are started at the first need. To be closed."""

    def __init__(self, processors: int | None = None, script: Path = Path(mail_child.__file__)) -> None:
        """A child for each processor, up to four, and none for a single one; `script` is what they run."""
        processors = processors or os.cpu_count() or 1
        self._size = min(processors, _MOST_CHILDREN) if processors > 1 else 0
        self._script = script
        self._crew: Crew | None = None

    def read(self, mails: Iterable[Fetched], count: int) -> Iterator[tuple[Fetched, Mail | None]]:
        """Each mail with what it says, in order; None for one that nobody can read. `count` is how many may come.

        A ConnectorError of `mails` is raised after all that came before it.
        """
        if self._crew is None and count > MANY:
            self._start()
        return read_here(mails) if self._crew is None else self._read_ahead(mails)

    def pids(self) -> Sequence[int]:
        """The children that there are now."""
        return self._crew.pids() if self._crew is not None else ()

    def close(self) -> None:
        """End the children."""
        crew, self._crew = self._crew, None
        if crew is not None:
            crew.end()

    def _start(self) -> None:
        if not self._size:
            return
        try:
            self._crew = Crew(self._size, self._script)
        except OSError:
            self._give_up()

    def _give_up(self) -> None:
        """After one failure all is read here: a second child would likely meet the same."""
        self._size = 0
        self.close()

    def _read_ahead(self, mails: Iterable[Fetched]) -> Iterator[tuple[Fetched, Mail | None]]:
        flight: deque[_Portion] = deque()
        portion = _Portion()
        failure: ConnectorError | None = None
        try:
            for mail in mails:
                portion.add(mail)
                if portion.is_full:
                    flight.append(self._begun(portion))
                    portion = _Portion()
                while self._is_enough(flight):
                    yield from self._ended(flight.popleft())
        except ConnectorError as error:
            # What has come is handed on first, or a line that breaks often would never get anywhere.
            failure = error
        flight.append(self._begun(portion))
        while flight:
            yield from self._ended(flight.popleft())
        if failure is not None:
            raise failure

    def _is_enough(self, flight: Sequence[_Portion]) -> bool:
        many = len(flight) > _PORTIONS_PER_CHILD * (len(self._crew) if self._crew is not None else 0)
        return bool(flight) and (many or sum(portion.size for portion in flight) > _BYTES_IN_FLIGHT)

    def _begun(self, portion: _Portion) -> _Portion:
        if self._crew is not None and portion.mails:
            try:
                portion.answer = self._crew.read([mail.raw for mail in portion.mails])
            except RuntimeError:
                self._give_up()
        return portion

    def _ended(self, portion: _Portion) -> Iterator[tuple[Fetched, Mail | None]]:
        try:
            read = portion.answer.result() if portion.answer is not None else None
        except (Gone, CancelledError):
            self._give_up()
            read = None
        return read_here(portion.mails) if read is None else zip(portion.mails, read, strict=True)


def read_here(mails: Iterable[Fetched]) -> Iterator[tuple[Fetched, Mail | None]]:
    """Each mail with what it says, in this process; None for one that nobody can read."""
    for fetched in mails:
        try:
            mail = message.parse(fetched.raw)
        except ConnectorError:
            raise
        except Exception:  # noqa: BLE001 - one unforeseen mail must not stop the inbox; a person sees it
            mail = None
        yield fetched, mail
