"""How is profile `v3` of the wire contract spoken? Multipart in, JSON out, over one HTTP client a thread."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx

from connectors.identity import digest
from gateway.lapor import outcomes
from gateway.lapor.errors import OutcomeUnknown, Refused, Rejected, Unavailable
from gateway.lapor.port import Complaint, FollowUp, Page, Receipt, Submission
from gateway.lapor.receipts import clean, is_tracking_id
from gateway.lapor.wire import Wire
from gateway.lapor_settings import LaporSettings
from mappings.report import Report

_DETAIL = (
    "classification",
    "category_id",
    "category",
    "parent_institution",
    "disposition_institution_id",
    "disposition_institution",
    "hold_reason",
)


_MOST_PAGES = 1_000
"""Of one report's follow-ups: a server that counts wrongly must not hold the others up for ever."""


class LaporV3:
    """A client of profile `v3`. It may be used by several threads."""

    files = True
    reads = True

    def __init__(self, settings: LaporSettings, stop: threading.Event) -> None:
        self.target = settings.target
        self._settings = settings
        token = f"{settings.auth_prefix}{settings.token.get_secret_value()}"
        self._wire = Wire(settings, stop, {} if settings.auth_field else {settings.auth_header: token})
        self._where = self._wire.where

    def submit(self, submission: Submission) -> Receipt:
        parts = [*self._parts(submission), *self._files(submission)]
        return self._receipt(self._wire.file(self._settings.paths.complaints, files=parts))

    def find(self, external_id: str) -> Sequence[Complaint]:
        body = self._read(self._settings.paths.complaints, {"external_id": external_id})
        # None is left out here: an unreadable answer must not pass for an absent report.
        found = [_complaint(item) for item in _items(body, self._where)]
        return sorted(found, key=lambda complaint: (complaint.received_at, complaint.tracking_id))

    def changed(self, since: str | None, page: int) -> Page:
        query = {"page": str(page), **({"updated_since": since} if since else {})}
        body = self._read(self._settings.paths.complaints, query)
        return Page(_readable(_items(body, self._where)), _last_page(body, self._where))

    def complaint(self, tracking_id: str) -> Complaint | None:
        path = self._settings.paths.complaint.format(tracking_id=quote(tracking_id, safe=""))
        response = self._wire.ask("GET", path)
        return None if response.status_code == 404 else _complaint(self._object(self._wire.checked(response)))

    def followups(self, tracking_id: str) -> Sequence[FollowUp]:
        path = self._settings.paths.followups.format(tracking_id=quote(tracking_id, safe=""))
        found: list[FollowUp] = []
        page = last = 1
        # Oldest first, and none is ever taken away: a page that was read stays as it is.
        while page <= last:
            body = self._read(path, {"page": str(page)} if page > 1 else {})
            found += [_followup(item) for item in _items(body, self._where)]
            last = min(_last_page(body, self._where), _MOST_PAGES)
            page += 1
        return found

    def reply(self, tracking_id: str, text: str, external_id: str) -> None:
        path = self._settings.paths.followups.format(tracking_id=quote(tracking_id, safe=""))
        self._wire.file(path, json={"keterangan": text, "external_id": external_id})

    def check(self) -> str:
        found = _items(self._read(self._settings.paths.institutions, {}), self._where)
        greeting = f"{self._where}: the token is accepted, {len(found)} institutions on the first page"
        return f"{greeting}; {self._lookup()}"

    def requests_made(self) -> int:
        return self._wire.requests_made()

    def close(self) -> None:
        self._wire.close()

    def _lookup(self) -> str:
        """Whether reports can be looked up, in words: nobody can have the id that is asked for."""
        try:
            strangers = self.find(f"check-{uuid.uuid4().hex}")
        except Refused:
            return "reports cannot be read: those in doubt wait for a person, and no status comes back"
        if strangers:
            return "it cannot look up by external_id: reports in doubt wait for a person"
        return "reports can be looked up by external_id"

    def _files(self, submission: Submission) -> Sequence[tuple[str, Any]]:
        try:
            return [
                (self._name("attachment[]"), (document.name, document.path.read_bytes(), document.media_type))
                for document in submission.documents
            ]
        except OSError as error:
            reason = {"": [f"{type(error).__name__}"]}
            raise Rejected("an attachment cannot be read from the spool", reason) from None

    def _read(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        return self._object(self._wire.checked(self._wire.ask("GET", path, params=query)))

    def _object(self, response: httpx.Response) -> dict[str, Any]:
        body = outcomes.json_object(response)
        if body is None:
            raise Unavailable("bad_answer", f"{self._where} answered with something that is no JSON object")
        return body

    def _receipt(self, response: httpx.Response) -> Receipt:
        body = outcomes.json_object(response)
        tracking_id = body.get("tracking_id") if body else None
        if not is_tracking_id(tracking_id):
            raise OutcomeUnknown("bad_receipt", f"{self._where} answered without a tracking id")
        transaction, status = (body or {}).get("transaction_id"), (body or {}).get("status")
        return Receipt(str(tracking_id).strip(), clean(transaction) if transaction else None, clean(status or ""))

    def _parts(self, submission: Submission) -> list[tuple[str, Any]]:
        values = {**_fields(submission.report), "external_id": submission.external_id}
        if not self._settings.send_nik:
            values.pop("reporter_nik", None)
        parts: list[tuple[str, Any]] = [(self._name(name), (None, value)) for name, value in values.items()]
        if self._settings.auth_field:
            parts.append((self._settings.auth_field, (None, self._settings.token.get_secret_value())))
        return parts

    def _name(self, field: str) -> str:
        return self._settings.fields.get(field, field)


def _fields(report: Report) -> dict[str, str]:
    """The form's fields, as the wire contract names them; what the report lacks is left out."""
    values = {
        "classification_id": report.classification,
        "title": report.title,
        "content": report.content,
        "date_of_incident": report.date_of_incident.isoformat(),
        "location_id": report.location_id,
        "suggestion_institution_id": report.institution_id,
        "category_id": report.category_id,
        "is_anonymous": "1" if report.is_anonymous else "0",
        "is_secret": "1" if report.is_secret else "0",
        "latitude": None if report.latitude is None else str(report.latitude),
        "longitude": None if report.longitude is None else str(report.longitude),
        "reporter_name": report.reporter_name,
        "reporter_email": report.reporter_email,
        "reporter_phone": report.reporter_phone,
        "reporter_nik": report.reporter_nik,
        "source": report.source,
    }
    return {name: value for name, value in values.items() if value is not None}


def _items(body: Mapping[str, Any], where: str) -> list[dict[str, Any]]:
    data = body.get("data")
    if not isinstance(data, list):
        raise Unavailable("bad_answer", f"{where} answered without a list `data`")
    return [item for item in data if isinstance(item, dict)]


def _last_page(body: Mapping[str, Any], where: str) -> int:
    meta = body.get("meta") or {}
    last = meta.get("last_page", 1) if isinstance(meta, dict) else None
    if isinstance(last, str) and last.isascii() and last.isdigit():
        last = int(last[:9])
    if not isinstance(last, int):
        raise Unavailable("bad_answer", f"{where} answered with pages that cannot be counted")
    return last


def _readable(items: Sequence[Mapping[str, Any]]) -> Sequence[Complaint]:
    """The reports of a list; one of an unknown form hides no other."""
    found = []
    for item in items:
        try:
            found.append(_complaint(item))
        except Unavailable:
            continue
    return found


def _complaint(item: Mapping[str, Any]) -> Complaint:
    try:
        updated = str(item["updated_at"])
        if not is_tracking_id(item["tracking_id"]):
            raise ValueError
        return Complaint(
            tracking_id=str(item["tracking_id"]),
            external_id=clean(item["external_id"]).strip().lower() if item.get("external_id") else None,
            status=clean(item.get("status") or ""),
            received_at=_aware(str(item.get("received_at") or updated)),
            updated_at=_aware(updated),
            updated_text=updated,
            is_secret=item.get("is_secret") not in (None, False, 0, "0", ""),
            detail={**_detail(item), **_text_marks(item)},
        )
    except (KeyError, ValueError) as error:
        raise Unavailable("bad_answer", f"LAPOR shows a report in an unknown form ({type(error).__name__})") from None


def _detail(item: Mapping[str, Any]) -> dict[str, str | None]:
    return {name: None if item.get(name) is None else clean(item[name]) for name in _DETAIL}


def _text_marks(item: Mapping[str, Any]) -> dict[str, str | None]:
    """Whether LAPOR's people have edited the text, without the text itself."""
    title, first, final = (item.get(name) for name in ("title", "content_initial", "content_final"))
    if final is None:
        return {}
    edited = "yes" if first is not None and first != final else None
    return {"text_digest": digest([clean(title or ""), clean(final)])[:32], "text_edited": edited}


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _followup(item: Mapping[str, Any]) -> FollowUp:
    return FollowUp(
        date=clean(item.get("date") or ""),
        responder=clean(item.get("responder") or ""),
        text=clean(item.get("keterangan") or ""),
        external_id=clean(item["external_id"]) if item.get("external_id") else None,
    )
