"""What of a record does LAPOR's form take? Its files made to fit, and a text that is too long with all of it beside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from connectors.contract import Attachment, SourceRecord
from gateway.attachments.letter import letter
from gateway.attachments.prepare import Prepared, prepare_in
from gateway.attachments.workshop import Workshop
from mappings.report import CONTENT_MAX, Reason
from mappings.shortening import shortened

LEFT_IN_MAILBOX = "left_in_mailbox"
"""The field in which an inbox names files of a mail that is too large to be fetched, one a line."""
_POINTER = "\n\n[Laporan selengkapnya ada di lampiran: {}]"
_WHOLE_TEXT = "Lampiran ini memuat isi laporan selengkapnya; formulir LAPOR hanya menampung 3.000 karakter."
_LEFT_OUT = "Lampiran yang tidak dapat disertakan: "


@dataclass(frozen=True, slots=True)
class Fitted:
    """A record's files and what they change in its report."""

    attachments: Sequence[Mapping[str, Any]] = ()
    """As the state keeps them: the original's name, media_type, path, sha256 and size; `sent`, the same of what LAPOR
    gets, or None; `why` it is left out or changed, as a reason code."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """Report fields, in place of the mapped ones."""
    notes: Sequence[Reason] = ()


class Fitting:
    """Makes the files of one channel's records fit. To be closed; costly once for each content, also over restarts."""

    def __init__(self, spool: Path, *, photo_position: bool, takes_files: bool) -> None:
        self._spool = spool
        self._photo_position = photo_position
        self._takes_files = takes_files
        self._workshop = Workshop()
        self._done: dict[tuple[str, str], Fitted] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._workshop.close()

    def ahead(self, records: Iterable[tuple[SourceRecord, Mapping[str, Any]]]) -> None:
        """Work on these records, with their mapped values, before the state is locked. Raises Unreachable."""
        self._done = {(record.key, record.version): self._fitted(record, values) for record, values in records}

    def fit(self, record: SourceRecord, values: Mapping[str, Any]) -> Fitted:
        """What LAPOR gets of the record's files, and the text with their names. Raises Unreachable."""
        known = self._done.get((record.key, record.version))
        return known if known is not None else self._fitted(record, values)

    def _fitted(self, record: SourceRecord, values: Mapping[str, Any]) -> Fitted:
        prepared = prepare_in(self._workshop, self._spool, record.attachments) if record.attachments else ()
        left = [*_left_out(prepared), *str(record.fields.get(LEFT_IN_MAILBOX) or "").splitlines()]
        changed, whole = self._text(values, left)
        attachments = [*(_kept(one) for one in prepared), *([_own(whole)] if whole else [])]
        return Fitted(attachments, {**changed, **self._position(prepared, values)}, _notes(prepared))

    def _text(self, values: Mapping[str, Any], left: Sequence[str]) -> tuple[dict[str, str], Attachment | None]:
        """The content with what is left out, and the letter that holds all of it where that is too long."""
        content = values.get("content")
        if not isinstance(content, str):
            return {}, None
        whole = f"{content}\n\n{_LEFT_OUT}{'; '.join(left)}" if left else content
        if len(whole) <= CONTENT_MAX:
            return ({"content": whole} if left else {}), None
        if not self._takes_files:
            return {}, None
        page = letter(self._spool, str(values.get("title") or ""), whole, _WHOLE_TEXT)
        return {"content": shortened(whole, CONTENT_MAX, _POINTER.format(page.name))}, page

    def _position(self, prepared: Sequence[Prepared], values: Mapping[str, Any]) -> Mapping[str, float]:
        """Where the first photo with a position was taken, where the channel allows it.

        Never of somebody who wants not to be known: it may be their home.
        """
        hidden = values.get("is_anonymous") is not False or values.get("is_secret") is not False
        stated = values.get("latitude") is not None or values.get("longitude") is not None
        position = next((one.position for one in prepared if one.position is not None), None)
        if not self._photo_position or hidden or stated or position is None:
            return {}
        return {"latitude": position[0], "longitude": position[1]}


def _left_out(prepared: Sequence[Prepared]) -> Sequence[str]:
    return [one.original.name for one in prepared if one.sent_as is None and not one.decoration]


def _notes(prepared: Sequence[Prepared]) -> Sequence[Reason]:
    """By number, not by name: a file may be called after its sender."""
    return [Reason(one.why, "", f"#{number}") for number, one in enumerate(prepared, start=1) if one.why]


def _kept(prepared: Prepared) -> Mapping[str, Any]:
    sent = _row(prepared.sent_as) if prepared.sent_as is not None and not prepared.decoration else None
    return {
        **_row(prepared.original),
        "sent": sent,
        "why": prepared.why or ("decoration" if prepared.decoration else ""),
    }


def _own(page: Attachment) -> Mapping[str, Any]:
    return {**_row(page), "sent": _row(page), "why": OWN}


OWN = "whole_text"
"""`why` of the letter that the gateway itself has made."""


def _row(attachment: Attachment) -> Mapping[str, Any]:
    return {
        "name": attachment.name,
        "media_type": attachment.media_type,
        "path": str(attachment.path),
        "sha256": attachment.sha256,
        "size": attachment.size,
    }


def originals(attachments: Sequence[Attachment]) -> Sequence[Mapping[str, Any]]:
    """Files of a record that is no report, as the state keeps them."""
    return [{**_row(attachment), "sent": None, "why": ""} for attachment in attachments]
