"""What of a record does LAPOR's form take? Its files made to fit, and a text that is too long with all of it beside."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from types import TracebackType
from typing import Any, Self

from connectors.contract import Attachment, SourceRecord
from gateway.attachments.prepare import Prepared, prepare_in
from gateway.attachments.workshop import Workshop
from mappings.report import CONTENT_MAX, Reason
from mappings.shortening import shortened

LEFT_IN_SOURCE = "left_in_source"
"""The field in which a connector names files that it could not fetch, one a line, with type or cause in brackets."""
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
        self._done: dict[tuple[str, str], tuple[Mapping[str, Any], Fitted]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._workshop.close()

    def ahead(self, records: Iterable[tuple[SourceRecord, Mapping[str, Any]]]) -> None:
        """Work on these records, with their mapped values, before the state is locked. Raises Unreachable."""
        self._done = {
            (record.key, record.version): (values, self._fitted(record, values, ())) for record, values in records
        }

    def fit(self, record: SourceRecord, values: Mapping[str, Any], stated: Collection[str]) -> Fitted:
        """What LAPOR gets of the record's files, and the text with their names. Raises Unreachable.

        `values` are the report's as they will be sent; what a person has `stated` of them is left as it is.
        """
        known, fitted = self._done.get((record.key, record.version), (None, None))
        return fitted if fitted is not None and known == values and not stated else self._fitted(record, values, stated)

    def _fitted(self, record: SourceRecord, values: Mapping[str, Any], stated: Collection[str]) -> Fitted:
        prepared = prepare_in(self._workshop, self._spool, record.attachments) if record.attachments else ()
        hidden = _is_hidden(values)
        left = [*_left_out(prepared, hidden=hidden), *_left_in_source(record, hidden=hidden)]
        changed, whole = ({}, None) if "content" in stated else self._text(values, left)
        attachments = [_kept(number, one, hidden=hidden) for number, one in enumerate(prepared, start=1)]
        if whole is not None:
            attachments.append(_own(whole))
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
        # Imported by those who need it: it would cost every command a third of a second at its start.
        from gateway.attachments.letter import letter

        page = letter(self._spool, str(values.get("title") or ""), whole, _WHOLE_TEXT)
        return {"content": shortened(whole, CONTENT_MAX, _POINTER.format(page.name))}, page

    def _position(self, prepared: Sequence[Prepared], values: Mapping[str, Any]) -> Mapping[str, float]:
        """Where the first photo with a position was taken, where the channel allows it.

        Never of somebody who wants not to be known: it may be their home.
        """
        stated = values.get("latitude") is not None or values.get("longitude") is not None
        position = next((one.position for one in prepared if one.position is not None), None)
        if not self._photo_position or _is_hidden(values) or stated or position is None:
            return {}
        return {"latitude": position[0], "longitude": position[1]}


def _is_hidden(values: Mapping[str, Any]) -> bool:
    """Whether the reporter asked not to be known, or may have: files are called after people."""
    return values.get("is_anonymous") is not False or values.get("is_secret") is not False


def _left_out(prepared: Sequence[Prepared], *, hidden: bool) -> Sequence[str]:
    return [
        _numbered(number, one.original.name) if hidden else one.original.name
        for number, one in enumerate(prepared, start=1)
        if one.sent_as is None and not one.decoration
    ]


def _left_in_source(record: SourceRecord, *, hidden: bool) -> Sequence[str]:
    lines = str(record.fields.get(LEFT_IN_SOURCE) or "").splitlines()
    return [f"berkas{line[line.rfind(' (') :]}" if hidden and " (" in line else line for line in lines]


def _numbered(number: int, name: str) -> str:
    return f"lampiran {number}{PurePath(name).suffix.lower()[:6]}"


def _notes(prepared: Sequence[Prepared]) -> Sequence[Reason]:
    """By number, not by name: a file may be called after its sender."""
    return [Reason(one.why, "", f"#{number}") for number, one in enumerate(prepared, start=1) if one.why]


def _kept(number: int, prepared: Prepared, *, hidden: bool) -> Mapping[str, Any]:
    sent = _row(prepared.sent_as) if prepared.sent_as is not None and not prepared.decoration else None
    if sent is not None and hidden:
        sent = {**sent, "name": _numbered(number, sent["name"])}
    why = prepared.why or ("decoration" if prepared.decoration else "")
    return {**_row(prepared.original), "sent": sent, "why": why}


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
