"""Does the client speak profile `legacy` as the contract says, to the mock over a socket and against bad XML?"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from gateway.lapor.errors import LaporError, OutcomeUnknown, Refused, Rejected
from gateway.lapor.legacy import LaporLegacy, body_text, document
from gateway.lapor.mock.serve import running
from gateway.lapor.port import Document, Submission
from gateway.lapor_settings import LaporSettings
from mappings.report import Report
from tests.fakes import values

BASE = "https://lapor.test"
ADD = f"{BASE}/api/stream/addstream"
TOKEN = "1b2c3d4e-0000-4000-8000-00000000beef"
NAMES = {"location_id": {"6472": "Kota Samarinda"}, "institution_id": {"13293": "Dinas PU"}}


def submission(**changes: Any) -> Submission:
    return Submission("ours", Report.of(values(**changes)), [])


@pytest.fixture
def client() -> Iterator[Callable[..., LaporLegacy]]:
    made: list[LaporLegacy] = []

    def make(base_url: str = BASE, **changes: Any) -> LaporLegacy:
        settings = {"profile": "legacy", "base_url": base_url, "token": SecretStr(TOKEN), "rate": "1000/s", **changes}
        made.append(LaporLegacy(LaporSettings(**settings), threading.Event()))
        return made[-1]

    yield make
    for one in made:
        one.close()


def parsed(**changes: Any) -> ET.Element:
    return ET.fromstring(document(submission(**changes), TOKEN, NAMES))


def test_the_document_has_the_contracts_shape() -> None:
    root = parsed(reporter_name="Siti Nur Aminah", reporter_email="siti@contoh.example", is_secret=True)
    assert (root.tag, root.get("token")) == ("lapor", TOKEN)
    told = {one.tag: one.text for one in root.find("pelapor") or ()}
    assert told == {
        "email": "siti@contoh.example",
        "telpon": "+6281234567890",
        "namadepan": "Siti",
        "namabelakang": "Nur Aminah",
    }
    report = root.find("laporan")
    assert report is not None
    assert report.attrib == {"rahasia": "1", "anonim": "1"}


def test_an_empty_surname_is_a_low_line() -> None:
    assert parsed(reporter_name="Siti").findtext("pelapor/namabelakang") == "_"


def test_what_the_call_has_no_field_for_stands_at_the_head_of_the_text() -> None:
    text = body_text(submission(institution_id="13293", category_id="77", latitude=-0.5, longitude=117.1), NAMES)
    assert text.split("\n") == [
        "Judul: Jalan rusak",
        "Klasifikasi: Pengaduan",
        "Tanggal kejadian: 20-11-2026",
        "Lokasi: Kota Samarinda",
        "Koordinat: -0.5, 117.1",
        "Instansi: Dinas PU",
        "Kategori: kode 77",
        "Sumber: Website Institusi",
        "",
        "Jalan berlubang di depan pasar.",
    ]


def test_files_cannot_go_along_and_are_named() -> None:
    files = [Document(name, "image/png", Path(name)) for name in ("foto.png", "surat.pdf")]
    text = body_text(replace(submission(), documents=files), {})
    assert text.endswith("\n\nLampiran yang tidak dapat disertakan: foto.png, surat.pdf")


@given(content=st.text(min_size=1, max_size=200), name=st.text(min_size=1, max_size=40))
def test_any_text_makes_well_formed_xml_that_says_the_same(content: str, name: str) -> None:
    root = parsed(content=content, reporter_name=f"A {name}")
    found = root.findtext("laporan/isi") or ""
    kept = "".join(
        c for c in content if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
    )
    assert found.split("\n\n", 1)[1] == kept.replace("\r\n", "\n").replace("\r", "\n")


ANSWERS = {
    "as documented": ("<lapor><trackingid>9165816</trackingid><transaksiid>t1</transaksiid></lapor>", "9165816"),
    "in a namespace": ('<a:lapor xmlns:a="urn:x"><a:trackingid> 9165816 </a:trackingid></a:lapor>', "9165816"),
    "in capitals": ("<LAPOR><TrackingID>9165816</TrackingID></LAPOR>", "9165816"),
}


@pytest.mark.parametrize(("body", "expected"), ANSWERS.values(), ids=ANSWERS.keys())
def test_the_receipt_is_read(client: Callable[..., LaporLegacy], body: str, expected: str) -> None:
    with respx.mock() as web:
        call = web.post(ADD).respond(200, text=body)
        assert client().submit(submission()).tracking_id == expected
    assert call.calls.last.request.headers["content-type"] == "text/xml; charset=UTF8"
    assert TOKEN not in str(call.calls.last.request.headers)


BOMB = (
    '<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    "<lapor><trackingid>&b;</trackingid></lapor>"
)
STRANGE = {
    "no number": "<lapor><pesan>ok</pesan></lapor>",
    "cut off": "<lapor><trackingid>916",
    "a page": "<!DOCTYPE html><html><body>ok</body></html>",
    "an entity bomb": BOMB,
    "a local file": '<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/hostname">]><lapor><trackingid>&a;</trackingid></lapor>',
    "another charset": '<?xml version="1.0" encoding="klingon"?><lapor/>',
    "nothing": "",
}


@pytest.mark.parametrize("body", STRANGE.values(), ids=STRANGE.keys())
def test_an_answer_without_a_number_leaves_it_unknown(client: Callable[..., LaporLegacy], body: str) -> None:
    with respx.mock() as web:
        web.post(ADD).respond(200, text=body)
        with pytest.raises(OutcomeUnknown):
            client().submit(submission())


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (httpx.Response(400, text="<lapor><error>isi wajib diisi.</error></lapor>"), Rejected),
        (httpx.Response(401), Refused),
        (httpx.Response(500), OutcomeUnknown),
        (httpx.Response(302), Refused),
    ],
)
def test_refusals_mean_what_they_mean_in_v3(
    client: Callable[..., LaporLegacy], answer: httpx.Response, meaning: type[LaporError]
) -> None:
    with respx.mock() as web:
        route = web.post(ADD).mock(return_value=answer)
        with pytest.raises(meaning) as caught:
            client().submit(submission())
    assert route.call_count == 1
    assert TOKEN not in str(caught.value)
    if isinstance(caught.value, Rejected):
        assert caught.value.errors == {"": ["isi wajib diisi."]}


def test_nothing_can_be_read_back(client: Callable[..., LaporLegacy]) -> None:
    lapor = client()
    assert not lapor.reads
    calls: list[Callable[[], Any]] = [
        lambda: lapor.find("x"),
        lambda: lapor.changed(None, 1),
        lambda: lapor.complaint("1"),
        lambda: lapor.followups("1"),
    ]
    for call in calls:
        with pytest.raises(Refused, match="legacy"):
            call()
    assert lapor.requests_made() == 0


def test_the_mock_takes_a_report_and_shows_it_in_its_world(client: Callable[..., LaporLegacy]) -> None:
    with running(seed=1, token=TOKEN) as server:
        lapor = client(server.url, names=NAMES)
        assert "topics" in lapor.check()
        receipt = lapor.submit(submission(is_secret=True, reporter_name="Siti"))
        [kept] = httpx.get(f"{server.url}/_mock/complaints", trust_env=False).json()["data"]
    assert kept["tracking_id"] == receipt.tracking_id
    assert (kept["title"], kept["is_secret"], kept["is_anonymous"]) == ("Jalan rusak", True, True)
    assert kept["reporter"] == {"name": "Siti", "email": "", "phone": "+6281234567890", "nik": ""}
    assert kept["content_initial"].endswith("\n\nJalan berlubang di depan pasar.")
    assert datetime.fromisoformat(kept["received_at"]).tzinfo is not None


def test_the_mock_refuses_a_wrong_token_and_bad_xml(client: Callable[..., LaporLegacy]) -> None:
    with running(seed=1, token="another") as server:
        with pytest.raises(Refused):
            client(server.url).submit(submission())
        with pytest.raises(Refused):
            client(server.url).check()
    with running(seed=1, token=TOKEN) as server:
        body = f'<lapor token="{TOKEN}"><pelapor><namadepan>A</namadepan></pelapor><laporan rahasia="x"/></lapor>'
        answer = httpx.post(f"{server.url}/api/stream/addstream", content=body, trust_env=False)
    assert answer.status_code == 400
    assert "isi wajib diisi." in answer.text
