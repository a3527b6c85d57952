"""How is profile `legacy` of the wire contract spoken? XML in, XML out, and nothing can ever be read back.

The call takes a reporter and one text. Title, date, place and institution become labelled lines at the head of it;
files cannot go along and are named at its end. There is no lookup: a report without an answer waits for a person.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn
from xml.etree import ElementTree as ET

import httpx
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from gateway.lapor import outcomes
from gateway.lapor.errors import OutcomeUnknown, Refused, Unavailable
from gateway.lapor.port import Complaint, Document, FollowUp, Page, Receipt, Submission
from gateway.lapor.receipts import clean, is_tracking_id
from gateway.lapor.wire import Wire
from gateway.lapor_settings import LaporSettings
from mappings.report import Classification, Report

Names = Mapping[str, Mapping[str, str]]

_CLASSES = {
    Classification.COMPLAINT: "Pengaduan",
    Classification.INFORMATION: "Permintaan Informasi",
    Classification.ASPIRATION: "Aspirasi",
}
_NO_SURNAME = "_"
# What XML 1.0 (section 2.2) has no way to write, not even escaped.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class LaporLegacy:
    """A client of profile `legacy`. It may be used by several threads."""

    files = True
    reads = False

    def __init__(self, settings: LaporSettings, stop: threading.Event) -> None:
        self.target = settings.target
        self._settings = settings
        self._wire = Wire(settings, stop, {})

    def submit(self, submission: Submission) -> Receipt:
        body = document(submission, self._settings.token.get_secret_value(), self._settings.names)
        headers = {"Content-Type": "text/xml; charset=UTF8"}
        path = self._settings.paths.addstream
        return self._receipt(self._wire.file(path, read_errors=_errors, content=body, headers=headers))

    def find(self, external_id: str) -> Sequence[Complaint]:
        self._refuse()

    def changed(self, since: str | None, page: int) -> Page:
        self._refuse()

    def complaint(self, tracking_id: str) -> Complaint | None:
        self._refuse()

    def followups(self, tracking_id: str) -> Sequence[FollowUp]:
        self._refuse()

    def reply(self, tracking_id: str, text: str, external_id: str) -> None:
        self._refuse()

    def check(self) -> str:
        token = {"KEYTOKEN": self._settings.token.get_secret_value()}
        answer = self._wire.checked(self._wire.ask("POST", self._settings.paths.gettopics, data=token))
        topics = _list(answer)
        if topics is None:
            raise Unavailable("bad_answer", f"{self._wire.where} answered without a list of topics")
        return (
            f"{self._wire.where}: the token is accepted, {len(topics)} topics; profile legacy cannot read anything "
            "back: reports in doubt wait for a person, and no status comes back"
        )

    def requests_made(self) -> int:
        return self._wire.requests_made()

    def close(self) -> None:
        self._wire.close()

    def _receipt(self, response: httpx.Response) -> Receipt:
        answer = _texts(response)
        tracking_id = answer.get("trackingid")
        if not is_tracking_id(tracking_id):
            raise OutcomeUnknown("bad_receipt", f"{self._wire.where} answered without a trackingid")
        transaction = answer.get("transaksiid")
        return Receipt(str(tracking_id).strip(), clean(transaction) if transaction else None, "")

    def _refuse(self) -> NoReturn:
        raise Refused("no_reading", f"{self._wire.where} speaks profile legacy: nothing can be read back")


def document(submission: Submission, token: str, names: Names) -> bytes:
    """The call's XML for one report. `names` are what people call ids, by report field."""
    report = submission.report
    first, _, rest = " ".join(report.reporter_name.split()).partition(" ")
    root = ET.Element("lapor", {"token": token})
    reporter = ET.SubElement(root, "pelapor")
    told = {
        "email": report.reporter_email or "",
        "telpon": report.reporter_phone or "",
        "namadepan": first,
        "namabelakang": rest or _NO_SURNAME,
    }
    for name, text in told.items():
        ET.SubElement(reporter, name).text = _writable(text)
    flags = {"rahasia": "1" if report.is_secret else "0", "anonim": "1" if report.is_anonymous else "0"}
    ET.SubElement(ET.SubElement(root, "laporan", flags), "isi").text = _writable(body_text(submission, names))
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def body_text(submission: Submission, names: Names) -> str:
    """The one text that the call takes: labelled lines, a blank one, the citizen's words, and what cannot go along."""
    head = "\n".join(f"{label}: {text}" for label, text in _head(submission.report, names))
    return "\n\n".join([head, submission.report.content, *_left_out(submission.documents)])


def _head(report: Report, names: Names) -> Iterator[tuple[str, str]]:
    yield "Judul", report.title
    yield "Klasifikasi", _CLASSES[Classification(report.classification)]
    yield "Tanggal kejadian", f"{report.date_of_incident:%d-%m-%Y}"
    yield "Lokasi", _named(names, "location_id", report.location_id)
    if report.latitude is not None and report.longitude is not None:
        yield "Koordinat", f"{report.latitude}, {report.longitude}"
    if report.institution_id:
        yield "Instansi", _named(names, "institution_id", report.institution_id)
    if report.category_id:
        yield "Kategori", _named(names, "category_id", report.category_id)
    yield "Sumber", report.source


def _named(names: Names, field: str, number: str) -> str:
    return names.get(field, {}).get(number) or f"kode {number}"


def _left_out(documents: Sequence[Document]) -> Sequence[str]:
    names = ", ".join(one.name for one in documents)
    return [f"Lampiran yang tidak dapat disertakan: {names}"] if names else []


def _writable(text: str) -> str:
    return _UNWRITABLE.sub("", text)


def _texts(response: httpx.Response) -> Mapping[str, str]:
    """The answer's texts by element name; empty for anything but plain XML. Entities and DTDs are refused."""
    try:
        root = fromstring(response.content, forbid_dtd=True)
    except (ET.ParseError, DefusedXmlException, ValueError, LookupError):
        return {}
    return {str(one.tag).rpartition("}")[2].lower(): (one.text or "").strip() for one in root.iter()}


def _errors(response: httpx.Response) -> outcomes.FieldErrors:
    """LAPOR's own words where it gives any: the form of a refusal is not documented."""
    told = _texts(response)
    words = next((told[name] for name in ("error", "message", "pesan") if told.get(name)), "")
    return {"": [words or f"HTTP {response.status_code}"]}


def _list(response: httpx.Response) -> Sequence[Any] | None:
    """The topics: a bare list, or one under `data`."""
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return None
    found = body.get("data") if isinstance(body, dict) else body
    return found if isinstance(found, list) else None
