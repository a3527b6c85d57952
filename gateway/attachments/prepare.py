"""What does LAPOR get of the files that a citizen attached?"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from connectors.contract import Attachment
from connectors.spool import keep, safe_name, unusable
from gateway.attachments.kinds import HEAD, SUFFIXES, Kind, disguised, kind_of
from gateway.attachments.limits import LARGEST_ORIGINAL
from gateway.attachments.outcome import Made, MediaType, Outcome, in_spool, recall, remember
from gateway.attachments.workshop import Workshop

_LONGEST_STEM = 100
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}\Z")


@dataclass(frozen=True, slots=True)
class Prepared:
    """One attachment and what is sent of it."""

    original: Attachment
    sent_as: Attachment | None
    """A pdf, jpg or png of at most 2 MB in the spool, under a name that no other file of the report has."""
    why: str
    """A code of `reasons.REASONS`: why nothing is sent or, one of `reasons.CHANGES`, what was changed; else empty."""
    position: tuple[float, float] | None
    """Latitude and longitude in degrees, WGS 84, where the camera wrote them down."""
    decoration: bool
    """A picture of at most 64 x 64 pixels: a signature's logo, no evidence."""


def prepare(spool: Path, attachments: Sequence[Attachment]) -> Sequence[Prepared]:
    """Make of each file what LAPOR's form takes, in the same order; no content of a file raises anything.

    Equal content is decoded once, also over restarts. Raises Unreachable where the spool cannot be read or written
    or no process can be started: it is then to be tried again.
    """
    with closing(Workshop()) as workshop:
        return prepare_in(workshop, spool, attachments)


def prepare_in(workshop: Workshop, spool: Path, attachments: Sequence[Attachment]) -> Sequence[Prepared]:
    """As `prepare`, in this workshop."""
    taken: set[str] = set()
    return [_prepared(spool, attachment, _outcome(workshop, spool, attachment), taken) for attachment in attachments]


def _outcome(workshop: Workshop, spool: Path, original: Attachment) -> Outcome:
    known = recall(spool, original)
    if known:
        return known
    try:
        kind, why = _looked_at(original)
    except FileNotFoundError:
        return Outcome(why="attachment_missing")
    except OSError as error:
        raise unusable(spool, error) from None
    return Outcome(why=why) if kind is None else _worked(workshop, spool, original, kind)


def _looked_at(original: Attachment) -> tuple[Kind | None, str]:
    """The kind of a file that can be worked on, or None and why it cannot."""
    with original.path.open("rb") as file:
        head = file.read(HEAD)
        size = os.fstat(file.fileno()).st_size
    if not head:
        return None, "attachment_empty"
    kind = kind_of(head)
    if kind:
        return (kind, "") if size <= LARGEST_ORIGINAL else (None, "attachment_too_large")
    if not disguised(original.name, original.media_type):
        return None, "attachment_kind"
    # An upload that broke off leaves zeros: nobody's trick.
    return None, "attachment_disguised" if any(head) else "attachment_unreadable"


def _worked(workshop: Workshop, spool: Path, original: Attachment, kind: Kind) -> Outcome:
    done = workshop.work(original.path, kind)
    outcome = Outcome(
        made=_kept(spool, done.content, done.media_type) if done.content else None,
        **done.told(),
    )
    if done.lasting:
        remember(spool, original, outcome)
    return outcome


def _kept(spool: Path, content: bytes, media_type: MediaType) -> Made:
    made = Made(media_type=media_type, sha256=hashlib.sha256(content).hexdigest(), size=len(content))
    path = in_spool(spool, made)
    try:
        # `keep` trusts what is there, and what is there may be damaged: that is why it was made anew.
        if path.exists() and path.read_bytes() != content:
            path.unlink()
    except OSError as error:
        raise unusable(spool, error) from None
    keep(spool, "", media_type, content)
    return made


def _prepared(spool: Path, original: Attachment, outcome: Outcome, taken: set[str]) -> Prepared:
    made = outcome.made
    sent_as = None
    if made:
        name = _free(original.name, SUFFIXES[made.media_type], taken)
        sent_as = Attachment(name, made.media_type, in_spool(spool, made), made.sha256, made.size)
    return Prepared(original, sent_as, outcome.why, outcome.position, outcome.decoration)


def _free(name: str, suffix: str, taken: set[str]) -> str:
    """A harmless name with the right suffix; LAPOR may keep files of one name over each other, in any case."""
    stem = _SUFFIX.sub("", safe_name(name))[:_LONGEST_STEM].strip(" .") or "lampiran"
    tries = (f"{stem}{mark}{suffix}" for mark in chain([""], (f" ({number})" for number in count(2))))
    free = next(name for name in tries if name.casefold() not in taken)
    taken.add(free.casefold())
    return free
