"""Does a record answer an earlier one? Then it is no new report, but what the citizen writes again about theirs."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePath

import sqlalchemy as sa

from connectors.contract import SourceRecord
from connectors.mail_answer import answer_ids
from gateway import intake
from gateway.fitting import LEFT_IN_SOURCE
from mappings.quotes import reply_words
from state import replies
from state.ledger import NewRecord, NewReply
from state.lifecycle import Disposition, Stage
from state.replies import ReplyStage, Thread

_NUMBER = re.compile(r"\[LAPOR #([0-9]{7,15})\]", re.IGNORECASE)


def of(tx: sa.Connection, channel_id: str, record: SourceRecord) -> Thread | None:
    """The report that the record is about, as our answers' ids, earlier mails or `[LAPOR #1234567]` tell."""
    tokens = answer_ids(*record.answers_to)
    numbers = _NUMBER.findall(str(record.fields.get("subject") or ""))
    if not (record.answers_to or numbers):
        return None
    return replies.thread(tx, channel_id, tokens, list(record.answers_to), numbers)


def again(new: NewRecord, record: SourceRecord, thread: Thread) -> NewRecord:
    """The record as the reporter's reply; held where somebody else wrote it, or nothing can be added any more."""
    sender = {str(record.fields.get(name) or "").strip().lower() for name in ("from_email", "reply_to")}
    if not sender & thread.addresses:
        return intake.held_for(new, "reply_from_other")
    if thread.stage is Stage.DROPPED:
        return intake.held_for(new, "reply_to_dropped")
    reply = NewReply(thread.report_id, words(record), ReplyStage.WAITING)
    return replace(new, disposition=Disposition.REPLY, report=None, reply=reply)


def words(record: SourceRecord) -> str:
    """What the citizen wrote now, without the mail that they answer."""
    text = reply_words(str(record.fields.get("text") or ""), str(record.fields.get("html") or ""))
    # Not by their names: files are called after people, and the report may be anonymous.
    kinds = [f"{number}{PurePath(file.name).suffix.lower()[:6]}" for number, file in enumerate(record.attachments, 1)]
    names = ", ".join([*kinds, *("berkas besar" for _ in str(record.fields.get(LEFT_IN_SOURCE) or "").splitlines())])
    return "\n\n".join(part for part in (text, f"Lampiran: {names}" if names else "") if part) or "(tanpa teks)"
