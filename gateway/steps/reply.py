"""Step 4, reply: which news go back to the citizens, and are they brought there?

News are made of the journal, each once, and kept before anything is sent. A carrier brings them: `mail`, or `source`,
the channel's own connector. What no carrier can bring waits for a person. Everything is brought at least once and in
order: an answer that fails holds back the later ones of its report, and nobody else's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta

import sqlalchemy as sa

from connectors import spool
from connectors.contract import Answer, ChannelContext, ConnectorError, News, Replier, Unanswerable, Unreachable
from connectors.mail_answer import MailAnswers
from gateway.answers import news
from gateway.answers.settings import AnswerSettings
from gateway.answers.words import BadTemplate
from gateway.answers.writing import written
from gateway.config import Channel
from gateway.desk import Desk, StepResult
from gateway.steps import backoff
from state import answer_journal, answers, channels
from state.answer_journal import JournalEntry
from state.answers import AnswerStage, Due, NewAnswer
from state.journal import SERVICE

MAIL = "mail"
SOURCE = "source"
PERSON = "person"
_AT_ONCE = 200
_GIVE_UP_AFTER = 3
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=1)
_DAY = timedelta(days=1)


def reply(channel: Channel, desk: Desk) -> StepResult:
    """Bring what is due. Raises StateError alone: a carrier's trouble is in the result, and its answers wait."""
    result = StepResult()
    with desk.store.read() as tx:
        known = channels.known(tx, channel.name)
    if known is None:
        return result
    with _carriers(channel, desk) as carriers:
        settings = channel.settings.answers or (_NOBODY_IS_TOLD if carriers else None)
        with desk.store.begin() as tx:
            (answers.begin if settings else answers.end)(tx, known.id)
        if settings is not None:
            _gather(known.id, settings, carriers, desk, result)
            for name, replier in carriers.items():
                _Bringing(known.id, channel, settings, name, replier, desk, result).run()
    return result


Carriers = Mapping[str, Replier]
_NOBODY_IS_TOLD = AnswerSettings(agency="-", news=())


@contextmanager
def _carriers(channel: Channel, desk: Desk) -> Iterator[Carriers]:
    """Who brings answers: the channel's own connector, where its options ask for it, and a mail server."""
    settings = channel.settings.answers
    folder = spool.prepare(desk.config.gateway.spool)
    source = channel.factory(channel.options, ChannelContext(channel.name, desk.config.gateway.timezone, folder))
    mail = MailAnswers(settings.smtp) if settings and settings.smtp else None
    found: dict[str, Replier] = {SOURCE: source} if isinstance(source, Replier) and source.carries else {}
    try:
        yield {**found, MAIL: mail} if mail is not None else found
    finally:
        source.close()
        if mail is not None:
            mail.close()


def _gather(channel_id: str, settings: AnswerSettings, carriers: Carriers, desk: Desk, result: StepResult) -> None:
    """Read the journal to its end, and keep the news in it for their carriers."""
    with desk.store.read() as tx:
        after = answers.unread_from(tx, channel_id) or 0
        entries = answer_journal.entries(tx, channel_id, after)
    while entries and not desk.stop.is_set():
        with desk.store.begin() as tx:
            found = list(_answers(tx, channel_id, entries, settings, carriers))
            result.counts["news"] += answers.keep(tx, found)
            entries = answer_journal.entries(tx, channel_id, entries[-1].id)
    if not entries:
        with desk.store.begin() as tx:
            answers.has_read(tx, channel_id, desk.now())


def _answers(
    tx: sa.Connection,
    channel_id: str,
    entries: Sequence[JournalEntry],
    settings: AnswerSettings,
    carriers: Carriers,
) -> Iterator[NewAnswer]:
    follow_ups = answer_journal.follow_ups(tx, [number for entry in entries for number in entry.detail.get("ids", ())])
    for entry in entries:
        for piece in news.pieces(_happened(entry), follow_ups):
            for carrier in _who(piece.news, settings, carriers):
                yield _new(entry, piece, carrier, channel_id)


def _who(kind: News, settings: AnswerSettings, carriers: Carriers) -> Sequence[str]:
    """Who brings it. The source gets all that it takes; a citizen whom nobody reaches is told by a person."""
    able = [name for name, replier in carriers.items() if kind in replier.carries]
    bringing = [name for name in able if name == SOURCE or kind in settings.news]
    reached = any(kind in carriers[name].tells for name in bringing)
    return bringing if reached or kind not in settings.news else [*bringing, PERSON]


def _happened(entry: JournalEntry) -> news.Happened:
    return news.Happened(
        kind=entry.kind,
        at=entry.at,
        detail=entry.detail,
        status=entry.status,
        status_text=entry.status_text,
    )


def _new(entry: JournalEntry, piece: news.Piece, carrier: str, channel_id: str) -> NewAnswer:
    return NewAnswer(
        report_id=entry.report_id,
        external_id=entry.external_id,
        channel_id=channel_id,
        carrier=carrier,
        news=piece.news,
        key=piece.key,
        facts=piece.facts,
        at=piece.at,
        stage=AnswerStage.PERSON if carrier == PERSON else AnswerStage.WAITING,
        code="no_carrier" if carrier == PERSON else "",
    )


def _code(error: Exception) -> str:
    if isinstance(error, BadTemplate):
        return "template_wrong"
    return "unreachable" if isinstance(error, Unreachable) else "misconfigured"


class _Bringing:
    """One carrier's answers of one channel."""

    def __init__(
        self,
        channel_id: str,
        channel: Channel,
        settings: AnswerSettings,
        name: str,
        replier: Replier,
        desk: Desk,
        result: StepResult,
    ) -> None:
        self._channel_id = channel_id
        self._channel = channel
        self._settings = settings
        self._name = name
        self._replier = replier
        self._desk = desk
        self._result = result
        self._in_a_row = 0

    def run(self) -> None:
        """Bring until nothing is due, the service stops, or the carrier has failed three times in a row."""
        while not self._over():
            now = self._desk.now()
            with self._desk.store.read() as tx:
                due = answers.due(tx, self._channel_id, self._name, now, _AT_ONCE)
                today = answers.brought_since(tx, MAIL, now - _DAY) if self._name == MAIL and due else []
            self._told = [str(values.get("reporter_email") or "").casefold() for values in today]
            for answer in due:
                if self._over():
                    return
                self._bring(answer)
            if not due:
                return

    def _over(self) -> bool:
        return self._desk.stop.is_set() or not self._desk.writer.holds() or self._in_a_row >= _GIVE_UP_AFTER

    def _bring(self, due: Due) -> None:
        if self._is_too_much(due):
            self._later(due, _LONGEST_WAIT, "per_address")
            return
        with self._desk.store.begin() as tx:
            answers.attempt(tx, due)
        try:
            self._replier.write_back(self._answer(due))
        except Unanswerable as error:
            with self._desk.store.begin() as tx:
                answers.for_a_person(tx, due, error.code, self._desk.now(), SERVICE)
            self._result.counts["for_a_person"] += 1
        except (ConnectorError, BadTemplate) as error:
            self._in_a_row += 1
            self._later(due, backoff.wait(due.attempts + 1, _FIRST_WAIT, _LONGEST_WAIT), _code(error))
            self._result.fail("partial" if self._result.counts["answered"] else "failed", f"answer {due.id}: {error}")
        else:
            self._in_a_row = 0
            with self._desk.store.begin() as tx:
                answers.carried(tx, due, self._desk.now(), SERVICE)
            self._told.append(str(due.values.get("reporter_email") or "").casefold())
            self._result.counts["answered"] += 1

    def _is_too_much(self, due: Due) -> bool:
        """A mailbox that gets too many in a day may be one that answers machines, or no citizen's at all."""
        address = str(due.values.get("reporter_email") or "").casefold()
        return self._name == MAIL and bool(address) and self._told.count(address) >= self._settings.per_address

    def _later(self, due: Due, delay: timedelta, code: str) -> None:
        with self._desk.store.begin() as tx:
            answers.later(tx, due, self._desk.now() + delay, code)
        self._result.counts["postponed"] += 1

    def _answer(self, due: Due) -> Answer:
        with self._desk.store.read() as tx:
            previous = answers.previous_status(tx, due)
        return written(due, previous, self._settings, self._desk.config)
