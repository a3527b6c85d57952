"""Step 1, collect: which records are new in a channel, and what are they? Records and cursor are kept together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from connectors import spool
from connectors.contract import ChannelContext, Connector, Cursor, Listing, SourceRecord
from gateway import corrections, doubles, guard, intake, threads
from gateway.config import Channel
from gateway.desk import Desk, StepResult
from gateway.fitting import Fitting
from gateway.intake import Round
from gateway.steps.batches import batches, by_thread, digest, is_costly
from mappings.engine import Context
from state import channels, ledger, recovery, targets
from state.channels import KnownChannel, Pin
from state.errors import StateError
from state.ledger import Known, NewRecord
from state.lifecycle import Disposition, Stage
from state.replies import ReplyStage

_UNLIMITED = 2**62
_LATELY = timedelta(days=7)
"""For so long a new row is compared with those that have vanished."""


class ChannelChanged(StateError):
    """The channel now reads something else than before; a person must say that this is right."""


def pin_of(channel: Channel) -> Pin:
    """What must not change of a channel without a person's word."""
    settings = channel.settings
    return Pin(settings.name, settings.connector, channel.options.source(), str(settings.start))


def collect(channel: Channel, desk: Desk) -> StepResult:
    """List the channel, read what is new or edited, and keep it. Raises ConnectorError and ChannelChanged."""
    with desk.store.begin() as tx:
        configured = {other.name: pin_of(other).source for other in desk.config.channels}
        known = channels.pin(tx, pin_of(channel), configured, desk.now())
    changed = known.changed(pin_of(channel))
    if changed:
        raise ChannelChanged(
            f"channel {channel.name}: {changed}. Records of another place must not be taken for known ones: "
            f"if this is right, run `lapor-gateway accept {channel.name}`"
        )
    if known.paused_by:
        return StepResult(message=f"paused by {known.paused_by}; `lapor-gateway resume {channel.name}` ends that")
    with _opened(channel, desk) as connector, corrections.fitting_for(desk.config, channel) as fitting:
        return _Collecting(channel, known, connector, desk, fitting).run()


@contextmanager
def _opened(channel: Channel, desk: Desk) -> Iterator[Connector]:
    folder = spool.prepare(desk.config.gateway.spool)
    connector = channel.factory(channel.options, ChannelContext(channel.name, desk.config.gateway.timezone, folder))
    try:
        yield connector
    finally:
        connector.close()


class _Collecting:
    """One round of one channel."""

    def __init__(
        self, channel: Channel, known: KnownChannel, connector: Connector, desk: Desk, fitting: Fitting
    ) -> None:
        self._channel = channel
        self._known = known
        self._connector = connector
        self._desk = desk
        self._fitting = fitting
        self._result = StepResult()
        self._pages: list[str] = []
        self._listed: set[str] = set()
        self._shape: Mapping[str, object] | None = None
        self._behind = False
        limited = not known.first_round_done and not known.accepted
        self._room = max(0, channel.settings.first_run_limit - known.first_queued) if limited else _UNLIMITED
        self._limited = limited

    def run(self) -> StepResult:
        cursor = self._known.cursor
        while not self._desk.stop.is_set():
            listing = self._connector.list(cursor)
            cursor = listing.cursor
            self._result.counts["found"] += len(listing.entries)
            self._note(listing)
            self._guard(listing)
            if self._blind(listing) or not self._page(listing, cursor):
                break
            if not listing.more:
                self._end_round(listing)
                break
        return self._result

    def _note(self, listing: Listing) -> None:
        for problem in listing.problems:
            self._result.problems.append({"where": problem.where, "code": problem.code, "detail": problem.detail})
        if listing.problems:
            self._result.fail("partial", f"{len(listing.problems)} part(s) of the source could not be read")

    def _blind(self, listing: Listing) -> bool:
        """Whether the first round of a channel that starts "now" cannot see everything.

        What it does not see now would later pass for new and be filed, so it takes nothing until it sees all.
        """
        unread = bool(listing.problems) and not listing.complete
        if not (unread and self._channel.settings.start == "now" and not self._known.first_round_done):
            return False
        self._result.fail("failed", 'the first round of start = "now" takes nothing until every part can be read')
        return True

    def _end_round(self, listing: Listing) -> None:
        unread = bool(listing.problems) and not listing.complete
        done = self._known.first_round_done or not unread
        with self._desk.store.begin() as tx:
            channels.end_round(tx, self._known.id, self._pages, self._shape, first_round_done=done)

    def _guard(self, listing: Listing) -> None:
        """Stop before anything is read of a source that has suddenly shrunk or lost a column."""
        if not (listing.complete and listing.shape):
            return
        objection = guard.objection(self._known.shape, listing.shape, guard.asked(self._channel))
        if objection:
            raise ChannelChanged(
                f"channel {self._channel.name}: {objection}. Nothing is read from it until it looks as before, "
                f"or, if this is right, until `lapor-gateway accept {self._channel.name}`"
            )
        self._shape = listing.shape

    def _page(self, listing: Listing, cursor: Cursor | None) -> bool:
        """Read what this page has of new or edited records; a page that is known as a whole costs no look-up.

        False where the service was told to stop before all of it was kept: the next round lists the page again.
        """
        page = digest(listing)
        if self._connector.keyed_by_content:
            self._listed.update(entry.locator for entry in listing.entries)
        changed = page not in self._known.pages
        wanted = self._unknown(listing) if changed else []
        this = self._round(self._vanished(listing) if changed else {})
        read = 0
        for batch in batches(self._connector.read(wanted) if wanted else iter(())):
            self._keep(batch, this)
            read += len(batch)
            self._desk.progress(self._channel.name, read, len(wanted))
            if self._desk.stop.is_set() and read < len(wanted):
                return False
        if read < len(wanted):
            self._behind = True
            self._result.fail(
                "partial", f"{len(wanted) - read} listed record(s) could not be read; they are listed again"
            )
        if not self._behind:
            with self._desk.store.begin() as tx:
                channels.save_cursor(tx, self._known.id, cursor)
        if read == len(wanted) and listing.entries:
            self._pages.append(page)
        return True

    def _unknown(self, listing: Listing) -> list[str]:
        with self._desk.store.read() as tx:
            versions = ledger.versions(tx, self._known.id, [entry.locator for entry in listing.entries])
        return [
            entry.locator
            for entry in listing.entries
            if entry.locator not in versions or entry.version not in (None, versions[entry.locator])
        ]

    def _round(self, gone: Mapping[int, Mapping[str, Any]]) -> Round:
        settings = self._channel.settings
        context = Context(self._desk.config.gateway.timezone, settings.report_defaults(), self._desk.now())
        first_of_now = settings.start == "now" and not self._known.first_round_done
        return Round(self._channel, context, first_of_now, gone, self._fitting.fit)

    def _vanished(self, listing: Listing) -> Mapping[int, Mapping[str, Any]]:
        """Reports of rows that are lately gone, where an edited row comes under a new key."""
        whole = listing.complete and not listing.more and self._known.first_round_done
        if not (self._connector.keyed_by_content and whole):
            return {}
        now = self._desk.now()
        with self._desk.store.begin() as tx:
            return ledger.vanished(tx, self._known.id, self._listed, now - _LATELY, now)

    def _keep(self, batch: Sequence[SourceRecord], this: Round) -> None:
        """Keep a batch of records in one transaction, with their files made to fit before."""
        mapped = [(record, intake.to_be_fitted(record, this)) for record in batch if is_costly(record)]
        self._fitting.ahead((record, values) for record, values in mapped if values is not None)
        with self._desk.store.begin() as tx:
            by_key = ledger.by_key(tx, self._known.id, [record.key for record in batch])
            by_place = ledger.by_locator(tx, self._known.id, [record.locator for record in batch])
            fresh: dict[str, SourceRecord] = {}
            for record in batch:
                known = by_place.get(record.locator) or by_key.get(record.key)
                if known is not None:
                    self._again(tx, record, known, this)
                else:
                    fresh.setdefault(record.key, record)
            for some in by_thread(list(fresh.values())):
                self._add(tx, some, this)

    def _add(self, tx: sa.Connection, records: Sequence[SourceRecord], this: Round) -> None:
        """Keep records that are seen for the first time."""
        fresh = {record.key: self._threaded(tx, record, self._decided(record, this)) for record in records}
        self._recognise(tx, fresh)
        for new in fresh.values():
            self._count(new)
        queued = sum(1 for new in fresh.values() if new.report is not None and new.report.stage == Stage.QUEUED)
        queued -= self._stored(tx, list(fresh.values()), this)
        if queued and self._limited:
            channels.count_first_queued(tx, self._known.id, queued)

    def _stored(self, tx: sa.Connection, records: Sequence[NewRecord], this: Round) -> int:
        """Add records to the ledger. Returns how many that were to be queued are held as likely doubles."""
        now = self._desk.now()
        doubles.lock(tx, this)
        ids = ledger.add(tx, self._desk.config.gateway.id, self._known.id, records, now)
        reports = {number: new.report.values for number, new in zip(ids, records, strict=True) if new.report}
        held = len(doubles.hold(tx, this, reports, now))
        self._room += held
        self._result.counts[Stage.QUEUED] -= held
        self._result.counts[Stage.HELD] += held
        return held

    def _threaded(self, tx: sa.Connection, record: SourceRecord, new: NewRecord) -> NewRecord:
        """The record as a reply, where it answers what the gateway knows; a held report is completed by it."""
        thread = threads.of(tx, self._known.id, record) if new.report is not None else None
        if thread is None:
            return new
        reply = threads.again(new, record, thread)
        if reply.reply is None or thread.stage is not Stage.HELD:
            return reply
        words = reply.reply.text
        merged = corrections.complete(tx, self._desk.config, thread.report_id, words, self._desk.now())
        return replace(reply, reply=replace(reply.reply, stage=ReplyStage.MERGED)) if merged else reply

    def _recognise(self, tx: sa.Connection, fresh: dict[str, NewRecord]) -> None:
        """What LAPOR has already, sent by a state that was lost, is adopted; what cannot be proved is held."""
        gateway, target = self._desk.config.gateway.id, self._desk.config.lapor.target
        ids = {ledger.external_id(gateway, self._known.id, key): key for key, new in fresh.items() if new.report}
        seen = recovery.sighted(tx, target, list(ids))
        lost = recovery.last_recovery(tx)
        for external_id, key in ids.items():
            new = fresh[key]
            if external_id in seen:
                fresh[key] = replace(new, sighting=seen[external_id])
                self._result.counts["adopted"] += 1
                if lost is None:
                    self._filed_by_another(tx)
            elif lost is not None and intake.is_unprovable(new, lost):
                fresh[key] = intake.held_for(new, "recovered_blind" if lost.blind else "recovered_secret")

    def _filed_by_another(self, tx: sa.Connection) -> None:
        """LAPOR has what this state is only now finding, and no state was lost: a second gateway uses the same id."""
        recovery.doubt_all(tx, self._desk.now())
        targets.stop_for_second_gateway(tx, self._desk.config.lapor.target)
        self._result.fail("partial", "LAPOR has records that are new here: does a second gateway use the same id?")
        self._result.problems.append({"where": "LAPOR", "code": "second_gateway", "detail": ""})

    def _decided(self, record: SourceRecord, this: Round) -> NewRecord:
        new = intake.decide(record, this, self._room)
        if new.report is not None and new.report.stage == Stage.QUEUED:
            self._room -= 1
        return new

    def _count(self, new: NewRecord) -> None:
        self._result.counts["new"] += 1
        self._result.counts[str(new.report.stage if new.report is not None else new.disposition)] += 1

    def _again(self, tx: sa.Connection, record: SourceRecord, known: Known, this: Round) -> None:
        """A record that the ledger has: the same as before, edited, or another one under an old key."""
        now = self._desk.now()
        if known.locator != record.locator:
            ledger.moved(tx, known.id, record.locator)
        if known.version == record.version:
            return
        if known.disposition is not Disposition.IGNORED and intake.is_reused_key(record, known, this):
            self._take_over(tx, record, known, this)
            return
        report = intake.remap(record, known, this)
        ledger.edited(tx, known, record.version, record.fields, report, now)
        if report is not None:
            doubles.mark(tx, this, known.id, {**report.values, **known.amendments})
        self._result.counts["edited"] += 1

    def _take_over(self, tx: sa.Connection, record: SourceRecord, known: Known, this: Round) -> None:
        new = replace(intake.reused(record, this), locator=record.locator)
        ledger.moved(tx, known.id, None)
        before = ledger.by_key(tx, self._known.id, [new.key]).get(new.key)
        if before is not None:
            ledger.moved(tx, before.id, record.locator)
            return
        self._count(new)
        self._stored(tx, [new], this)
