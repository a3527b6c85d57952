"""How is profile `v3` of the wire contract spoken? Multipart in, JSON out, over one HTTP client a thread."""

from __future__ import annotations

import re
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from gateway.lapor import outcomes
from gateway.lapor.errors import OutcomeUnknown, Refused, Rejected, Unavailable
from gateway.lapor.pace import Pace
from gateway.lapor.port import Complaint, FollowUp, Page, Receipt, Submission
from gateway.settings import LaporSettings
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
_IDLE_SECONDS = 2.0
"""Shorter than servers' own: a connection that the server closes under a request leaves the report in doubt."""


class LaporV3:
    """A client of profile `v3`. It may be used by several threads."""

    def __init__(self, settings: LaporSettings, stop: threading.Event) -> None:
        self.target = settings.target
        self._settings = settings
        self._where = f"LAPOR at {settings.base_url}"
        self._pace = Pace(settings.rate, stop)
        self._local = threading.local()
        self._clients: list[httpx.Client] = []
        self._lock = threading.Lock()
        self._requests = 0
        self._tls = ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)

    def submit(self, submission: Submission) -> Receipt:
        parts = [*self._parts(submission), *self._files(submission)]
        response = self._file(parts)
        error = outcomes.filing_error(response, self._where, datetime.now(UTC))
        if error is not None:
            raise error
        return self._receipt(response)

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
        response = self._get(self._settings.paths.complaint.format(tracking_id=quote(tracking_id, safe="")), {})
        return None if response.status_code == 404 else _complaint(self._checked(response))

    def followups(self, tracking_id: str) -> Sequence[FollowUp]:
        body = self._read(self._settings.paths.followups.format(tracking_id=quote(tracking_id, safe="")), {})
        return [_followup(item) for item in _items(body, self._where)]

    def check(self) -> str:
        found = _items(self._read(self._settings.paths.institutions, {}), self._where)
        return f"{self._where}: the token is accepted, {len(found)} institutions on the first page"

    def requests_made(self) -> int:
        return self._requests

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def _files(self, submission: Submission) -> Sequence[tuple[str, Any]]:
        try:
            return [
                (self._name("attachment[]"), (document.name, document.path.read_bytes(), document.media_type))
                for document in submission.documents
            ]
        except OSError as error:
            reason = {"": [f"{type(error).__name__}"]}
            raise Rejected("an attachment cannot be read from the spool", reason) from None

    def _file(self, parts: Sequence[tuple[str, Any]]) -> httpx.Response:
        """Send it once. Only an attempt that reached nobody is repeated."""
        try:
            return _POSTING(self._request, "POST", self._settings.paths.complaints, files=parts)
        except httpx.TransportError as error:
            raise outcomes.broken(error, self._where) from None
        except httpx.InvalidURL:
            raise Refused("wrong_address", f"{self._where} is no address; check [lapor] base_url and paths") from None
        except httpx.HTTPError as error:
            raise OutcomeUnknown("no_answer", f"{self._where} broke off ({type(error).__name__})") from None

    def _read(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        return self._checked(self._get(path, query))

    def _get(self, path: str, query: Mapping[str, str]) -> httpx.Response:
        try:
            return _READING(self._request, "GET", path, params=query)
        except httpx.InvalidURL:
            raise Refused("wrong_address", f"{self._where} is no address; check [lapor] base_url and paths") from None
        except httpx.HTTPError as error:
            text = f"{self._where} does not answer ({type(error).__name__})"
            raise Unavailable("no_connection", text) from None

    def _checked(self, response: httpx.Response) -> dict[str, Any]:
        error = outcomes.reading_error(response, self._where, datetime.now(UTC))
        if error is not None:
            raise error
        body = outcomes.json_object(response)
        if body is None:
            raise Unavailable("bad_answer", f"{self._where} answered with something that is no JSON object")
        return body

    def _receipt(self, response: httpx.Response) -> Receipt:
        body = outcomes.json_object(response)
        tracking_id = body.get("tracking_id") if body else None
        if not _is_tracking_id(tracking_id):
            raise OutcomeUnknown("bad_receipt", f"{self._where} answered without a tracking id")
        transaction, status = (body or {}).get("transaction_id"), (body or {}).get("status")
        return Receipt(str(tracking_id).strip(), _clean(transaction) if transaction else None, _clean(status or ""))

    def _request(self, method: str, path: str, **content: Any) -> httpx.Response:
        if not self._pace.wait():
            raise Unavailable("stopped", "the gateway is stopping")
        with self._lock:
            self._requests += 1
        client = self._client()
        request = client.build_request(method, self._settings.base_url + path, **content)
        # Joined to one piece: httpx would write a form's body in dozens of small ones.
        request.read()
        return client.send(request)

    def _client(self) -> httpx.Client:
        client: httpx.Client | None = getattr(self._local, "client", None)
        if client is None:
            settings = self._settings
            token = f"{settings.auth_prefix}{settings.token.get_secret_value()}"
            client = httpx.Client(
                timeout=settings.timeout.total_seconds(),
                headers={} if settings.auth_field else {settings.auth_header: token},
                verify=self._tls,
                limits=httpx.Limits(keepalive_expiry=_IDLE_SECONDS),
            )
            self._local.client = client
            with self._lock:
                self._clients.append(client)
        return client

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


def _retrying(again: Callable[[BaseException], bool]) -> Retrying:
    """Up to three attempts within seconds; it keeps nothing between calls, so all threads may share it."""
    return Retrying(
        retry=retry_if_exception(again),
        stop=stop_after_attempt(3),
        wait=wait_random_exponential(multiplier=0.2, max=2),
        reraise=True,
    )


_POSTING = _retrying(outcomes.not_connected)
_READING = _retrying(lambda error: isinstance(error, httpx.TransportError))


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


def _is_tracking_id(value: Any) -> bool:
    """Whether it can be one: the contract says 7 to 15 digits; other words for a number pass, sentences do not."""
    is_one = isinstance(value, str | int) and not isinstance(value, bool)
    return is_one and re.fullmatch(r"[A-Za-z0-9._-]{1,40}", str(value).strip()) is not None


def _clean(text: Any) -> str:
    """A text that every database can keep: without NUL and halves of characters."""
    return str(text).replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def _complaint(item: Mapping[str, Any]) -> Complaint:
    try:
        updated = str(item["updated_at"])
        if not _is_tracking_id(item["tracking_id"]):
            raise ValueError
        return Complaint(
            tracking_id=str(item["tracking_id"]),
            external_id=_clean(item["external_id"]).strip().lower() if item.get("external_id") else None,
            status=_clean(item.get("status") or ""),
            received_at=_aware(str(item.get("received_at") or updated)),
            updated_at=_aware(updated),
            updated_text=updated,
            is_secret=item.get("is_secret") not in (None, False, 0, "0", ""),
            detail={name: None if item.get(name) is None else _clean(item[name]) for name in _DETAIL},
        )
    except (KeyError, ValueError) as error:
        raise Unavailable("bad_answer", f"LAPOR shows a report in an unknown form ({type(error).__name__})") from None


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _followup(item: Mapping[str, Any]) -> FollowUp:
    return FollowUp(
        date=_clean(item.get("date") or ""),
        responder=_clean(item.get("responder") or ""),
        text=_clean(item.get("keterangan") or ""),
        external_id=str(item["external_id"]) if item.get("external_id") else None,
    )
