"""Does the client speak profile `v3` as the wire contract says, and never post a report twice?"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx
from pydantic import SecretStr

from gateway.lapor.errors import LaporError, OutcomeUnknown, Refused, Rejected, Unavailable
from gateway.lapor.port import Document, Submission
from gateway.lapor.v3 import LaporV3
from gateway.lapor_settings import LaporPaths, LaporSettings
from mappings.report import Report
from tests.fakes import values

BASE = "https://lapor.test/api"
COMPLAINTS = f"{BASE}/complaints"
COMPLAINT = {
    "tracking_id": "9165816",
    "external_id": "ours",
    "received_at": "2026-11-20T08:00:00+07:00",
    "updated_at": "2026-11-21T08:00:00+07:00",
    "status": "Tertunda",
    "hold_reason": "kurang lengkap",
    "is_secret": False,
    "title": "Jalan rusak",
    "reporter_name": "Warga",
}


@pytest.fixture
def web() -> Iterator[respx.MockRouter]:
    with respx.mock(assert_all_called=False) as router:
        yield router


@pytest.fixture
def client() -> Iterator[Callable[..., LaporV3]]:
    made: list[LaporV3] = []

    def make(**changes: Any) -> LaporV3:
        settings = {"base_url": BASE, "token": SecretStr("kunci"), "rate": "1000/s", **changes}
        made.append(LaporV3(LaporSettings(**settings), threading.Event()))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def lapor(client: Callable[..., LaporV3]) -> LaporV3:
    return client()


def submission(*documents: Document, **changes: Any) -> Submission:
    return Submission("ext-1", Report.of(values(**changes)), documents)


def parts(request: httpx.Request) -> list[tuple[str, str | None, str | None, bytes]]:
    """The parts of a multipart body: name, file name, type and content."""
    boundary = request.headers["content-type"].partition("boundary=")[2].encode()
    found = []
    for piece in request.content.split(b"--" + boundary)[1:-1]:
        head, _, body = piece.strip(b"\r\n").partition(b"\r\n\r\n")
        text = head.decode()
        name, file = re.search(r' name="([^"]*)"', text), re.search(r'filename="([^"]*)"', text)
        kind = re.search(r"Content-Type: (.*)", text)
        assert name is not None
        found.append((name[1], file[1] if file else None, kind[1].strip() if kind else None, body))
    return found


def form(request: httpx.Request) -> dict[str, str]:
    return {name: body.decode() for name, file, _, body in parts(request) if file is None}


def accept(web: respx.MockRouter) -> respx.Route:
    body = {"tracking_id": "9165816", "transaction_id": "t1", "status": "Belum Terverifikasi"}
    return web.post(COMPLAINTS).respond(201, json=body)


# Filing: the form


def test_every_field_has_the_contracts_name(web: respx.MockRouter, lapor: LaporV3) -> None:
    route = accept(web)
    receipt = lapor.submit(
        submission(
            institution_id="13293",
            category_id="1398",
            latitude=-0.5,
            longitude=117.15,
            reporter_email="warga@example.org",
            reporter_nik="6472011505900001",
        )
    )
    assert (receipt.tracking_id, receipt.transaction_id, receipt.status) == ("9165816", "t1", "Belum Terverifikasi")
    assert form(route.calls.last.request) == {
        "classification_id": "1",
        "title": "Jalan rusak",
        "content": "Jalan berlubang di depan pasar.",
        "date_of_incident": "2026-11-20",
        "location_id": "6472",
        "suggestion_institution_id": "13293",
        "category_id": "1398",
        "is_anonymous": "1",
        "is_secret": "0",
        "latitude": "-0.5",
        "longitude": "117.15",
        "reporter_name": "Warga Contoh",
        "reporter_email": "warga@example.org",
        "reporter_phone": "+6281234567890",
        "source": "Website Institusi",
        "external_id": "ext-1",
    }


def test_what_the_report_lacks_is_left_out(web: respx.MockRouter, lapor: LaporV3) -> None:
    route = accept(web)
    lapor.submit(submission())
    optional = {"suggestion_institution_id", "category_id", "latitude", "longitude", "reporter_email", "reporter_nik"}
    assert not optional & set(form(route.calls.last.request))


@pytest.mark.parametrize("anonymous", [True, False])
@pytest.mark.parametrize("secret", [True, False])
def test_anonymous_and_secret_are_independent(
    web: respx.MockRouter, lapor: LaporV3, *, anonymous: bool, secret: bool
) -> None:
    route = accept(web)
    lapor.submit(submission(is_anonymous=anonymous, is_secret=secret))
    sent = form(route.calls.last.request)
    assert (sent["is_anonymous"], sent["is_secret"]) == (str(int(anonymous)), str(int(secret)))


@pytest.mark.parametrize("wanted", [True, False])
def test_the_nik_leaves_only_where_it_is_wanted(
    web: respx.MockRouter, client: Callable[..., LaporV3], *, wanted: bool
) -> None:
    route = accept(web)
    client(send_nik=wanted).submit(submission(reporter_nik="6472011505900001"))
    assert ("reporter_nik" in form(route.calls.last.request)) is wanted
    assert (b"6472011505900001" in route.calls.last.request.content) is wanted


def test_attachments_go_along_with_name_and_type(web: respx.MockRouter, lapor: LaporV3, tmp_path: Path) -> None:
    route = accept(web)
    (tmp_path / "a").write_bytes(b"\x89PNG")
    (tmp_path / "b").write_bytes(b"%PDF")
    files = (
        Document("foto jalan.png", "image/png", tmp_path / "a"),
        Document("surat.pdf", "application/pdf", tmp_path / "b"),
    )
    lapor.submit(submission(*files))
    sent = [part for part in parts(route.calls.last.request) if part[1] is not None]
    assert sent == [
        ("attachment[]", "foto jalan.png", "image/png", b"\x89PNG"),
        ("attachment[]", "surat.pdf", "application/pdf", b"%PDF"),
    ]


def test_text_of_any_script_arrives_unchanged(web: respx.MockRouter, lapor: LaporV3) -> None:
    route = accept(web)
    content = 'Baris 1\nBaris 2 "kutip" — 💡 ꦲꦏ꧀ꦱꦫ %0A & <b>'
    lapor.submit(submission(content=content))
    assert form(route.calls.last.request)["content"] == content


def test_renamed_fields_and_paths_are_used(
    web: respx.MockRouter, client: Callable[..., LaporV3], tmp_path: Path
) -> None:
    route = web.post(f"{BASE}/v9/laporan").respond(201, json={"tracking_id": 9165816})
    (tmp_path / "a").write_bytes(b"x")
    lapor = client(
        paths=LaporPaths(complaints="/v9/laporan"),
        fields={"title": "judul", "external_id": "ref", "attachment[]": "berkas[]"},
    )
    assert lapor.submit(submission(Document("a.png", "image/png", tmp_path / "a"))).tracking_id == "9165816"
    sent = [name for name, *_ in parts(route.calls.last.request)]
    assert {"judul", "ref", "berkas[]"} <= set(sent)
    assert not {"title", "external_id", "attachment[]"} & set(sent)


# Who we are


def test_the_token_goes_in_the_header_as_bearer(web: respx.MockRouter, lapor: LaporV3) -> None:
    route = accept(web)
    lapor.submit(submission())
    assert route.calls.last.request.headers["authorization"] == "Bearer kunci"


def test_header_and_prefix_are_settings(web: respx.MockRouter, client: Callable[..., LaporV3]) -> None:
    route = accept(web)
    client(auth_header="X-Api-Key", auth_prefix="").submit(submission())
    request = route.calls.last.request
    assert request.headers["x-api-key"] == "kunci"
    assert "authorization" not in request.headers


def test_the_token_can_be_a_body_field_instead(web: respx.MockRouter, client: Callable[..., LaporV3]) -> None:
    route = accept(web)
    client(auth_field="KEYTOKEN").submit(submission())
    request = route.calls.last.request
    assert form(request)["KEYTOKEN"] == "kunci"
    assert "authorization" not in request.headers


def test_no_error_holds_the_token_or_the_citizens_words(web: respx.MockRouter, lapor: LaporV3) -> None:
    for answer in (httpx.Response(422, text="Warga Contoh"), httpx.Response(500, text="kunci"), httpx.ReadTimeout):
        web.post(COMPLAINTS).mock(side_effect=[answer])
        with pytest.raises(LaporError) as caught:
            lapor.submit(submission())
        told = f"{caught.value} {caught.value.code}"
        assert not any(word in told for word in ("kunci", "Warga", "berlubang", "0812"))
        assert caught.value.__suppress_context__ or caught.value.__context__ is None


# Filing: what became of it

FILING = [
    (200, {"tracking_id": "1"}, None),
    (201, {"tracking_id": "1"}, None),
    (201, {}, OutcomeUnknown),
    (201, {"tracking_id": ""}, OutcomeUnknown),
    (201, {"tracking_id": None}, OutcomeUnknown),
    (200, {"data": []}, OutcomeUnknown),
    (202, {"tracking_id": "1"}, OutcomeUnknown),
    (204, None, OutcomeUnknown),
    (301, None, Refused),
    (302, None, Refused),
    (308, None, Refused),
    (404, None, Refused),
    (405, None, Refused),
    (410, None, Refused),
    (401, {"message": "no"}, Refused),
    (403, None, Refused),
    (407, None, Refused),
    (408, None, Unavailable),
    (425, None, Unavailable),
    (429, None, Unavailable),
    (503, None, Unavailable),
    (400, None, Rejected),
    (409, None, Rejected),
    (413, None, Rejected),
    (415, None, Rejected),
    (422, {"message": "x", "errors": {"title": ["y"]}}, Rejected),
    (500, None, OutcomeUnknown),
    (502, None, OutcomeUnknown),
    (504, None, OutcomeUnknown),
    (507, None, OutcomeUnknown),
]


@pytest.mark.parametrize(("status", "body", "meaning"), FILING)
def test_the_end_of_a_request_to_file_means_what_the_table_says(
    web: respx.MockRouter, lapor: LaporV3, status: int, body: Any, meaning: type[LaporError] | None
) -> None:
    answer = httpx.Response(status, json=body) if body is not None else httpx.Response(status, text="<html>")
    route = web.post(COMPLAINTS).mock(return_value=answer)
    if meaning is None:
        assert lapor.submit(submission()).tracking_id == "1"
    else:
        with pytest.raises(LaporError) as caught:
            lapor.submit(submission())
        assert type(caught.value) is meaning
    assert route.call_count == 1


@pytest.mark.parametrize("text", ['{"tracking_id": "91', "[]", '"9165816"', "", "<html>Pemeliharaan</html>", "null"])
def test_a_receipt_that_cannot_be_read_leaves_the_outcome_unknown(
    web: respx.MockRouter, lapor: LaporV3, text: str
) -> None:
    route = web.post(COMPLAINTS).mock(return_value=httpx.Response(201, text=text))
    with pytest.raises(OutcomeUnknown, match="without a tracking id"):
        lapor.submit(submission())
    assert route.call_count == 1


@pytest.mark.parametrize("tracking_id", [True, False, 0.5, ["1"], {"a": 1}])
def test_only_text_or_a_number_is_a_tracking_id(web: respx.MockRouter, lapor: LaporV3, tracking_id: Any) -> None:
    web.post(COMPLAINTS).respond(201, json={"tracking_id": tracking_id})
    with pytest.raises(OutcomeUnknown):
        lapor.submit(submission())


BROKEN = [httpx.ReadTimeout, httpx.WriteTimeout, httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError]


@pytest.mark.parametrize("error", BROKEN)
def test_no_post_is_repeated_once_a_connection_stood(
    web: respx.MockRouter, lapor: LaporV3, error: type[httpx.TransportError]
) -> None:
    route = web.post(COMPLAINTS).mock(side_effect=error("broken"))
    with pytest.raises(OutcomeUnknown):
        lapor.submit(submission())
    assert (route.call_count, lapor.requests_made()) == (1, 1)


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
def test_a_connection_that_never_stood_is_tried_at_most_three_times(
    web: respx.MockRouter, lapor: LaporV3, error: type[httpx.TransportError]
) -> None:
    route = web.post(COMPLAINTS).mock(side_effect=error("refused"))
    with pytest.raises(Unavailable) as caught:
        lapor.submit(submission())
    assert (route.call_count, caught.value.code) == (3, "no_connection")


def test_after_a_failed_connection_the_first_answer_counts(web: respx.MockRouter, lapor: LaporV3) -> None:
    route = web.post(COMPLAINTS).mock(
        side_effect=[httpx.ConnectError("refused"), httpx.ReadTimeout("broken"), httpx.Response(201)]
    )
    with pytest.raises(OutcomeUnknown):
        lapor.submit(submission())
    assert route.call_count == 2


def test_a_redirect_is_never_followed_with_a_report(web: respx.MockRouter, lapor: LaporV3) -> None:
    web.post(COMPLAINTS).respond(307, headers={"location": "https://evil.test/"})
    elsewhere = web.post("https://evil.test/").respond(201, json={"tracking_id": "1"})
    with pytest.raises(Refused):
        lapor.submit(submission())
    assert elsewhere.call_count == 0


def test_all_field_errors_are_kept(web: respx.MockRouter, lapor: LaporV3) -> None:
    errors = {"title": ["wajib", "terlalu pendek"], "content": "wajib"}
    web.post(COMPLAINTS).respond(422, json={"message": "salah", "errors": errors})
    with pytest.raises(Rejected) as caught:
        lapor.submit(submission())
    assert caught.value.errors == {"title": ["wajib", "terlalu pendek"], "content": ["wajib"]}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"message": "judul salah"}, {"": ["judul salah"]}),
        ({"errors": []}, {"": ["HTTP 422"]}),
        ("<html>", {"": ["HTTP 422"]}),
        ({"errors": {"title": []}, "message": "judul salah"}, {"": ["judul salah"]}),
    ],
)
def test_a_rejection_of_any_shape_says_something(
    web: respx.MockRouter, lapor: LaporV3, body: Any, expected: Mapping[str, list[str]]
) -> None:
    web.post(COMPLAINTS).respond(422, json=body)
    with pytest.raises(Rejected) as caught:
        lapor.submit(submission())
    assert caught.value.errors == expected


RETRY = [
    ("7", timedelta(seconds=7)),
    ("0", timedelta(0)),
    ("999999", timedelta(hours=1)),
    ("9" * 40, timedelta(hours=1)),
    ("", None),
    ("soon", None),
    ("-5", None),
    ("²", None),
]


@pytest.mark.parametrize(("header", "expected"), RETRY)
def test_retry_after_in_seconds_is_kept_up_to_an_hour(
    web: respx.MockRouter, lapor: LaporV3, header: str, expected: timedelta | None
) -> None:
    headers = {b"retry-after": header.encode("latin-1")}
    web.post(COMPLAINTS).mock(return_value=httpx.Response(429, headers=headers))  # type: ignore[arg-type]
    with pytest.raises(Unavailable) as caught:
        lapor.submit(submission())
    assert caught.value.retry_after == expected


@pytest.mark.parametrize(
    ("ahead", "least", "most"),
    [
        (timedelta(minutes=5), timedelta(minutes=4, seconds=50), timedelta(minutes=5)),
        (timedelta(days=2), timedelta(hours=1), timedelta(hours=1)),
        (timedelta(minutes=-5), timedelta(0), timedelta(0)),
    ],
)
def test_retry_after_as_a_date_is_kept_up_to_an_hour(
    web: respx.MockRouter, lapor: LaporV3, ahead: timedelta, least: timedelta, most: timedelta
) -> None:
    header = format_datetime(datetime.now(UTC) + ahead, usegmt=True)
    web.post(COMPLAINTS).respond(503, headers={"retry-after": header})
    with pytest.raises(Unavailable) as caught:
        lapor.submit(submission())
    assert caught.value.retry_after is not None
    assert least <= caught.value.retry_after <= most


def test_a_file_that_is_gone_is_no_foreign_exception(lapor: LaporV3, web: respx.MockRouter, tmp_path: Path) -> None:
    route = accept(web)
    with pytest.raises(LaporError):
        lapor.submit(submission(Document("a.png", "image/png", tmp_path / "gone")))
    assert route.call_count == 0


# Reading


def test_a_complaint_is_read_as_the_contract_shows_it(web: respx.MockRouter, lapor: LaporV3) -> None:
    web.get(f"{COMPLAINTS}/9165816").respond(200, json=COMPLAINT)
    found = lapor.complaint("9165816")
    assert found is not None
    assert (found.tracking_id, found.external_id, found.status) == ("9165816", "ours", "Tertunda")
    assert found.updated_at == datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
    assert found.updated_text == "2026-11-21T08:00:00+07:00"
    assert found.detail["hold_reason"] == "kurang lengkap"
    assert not any("Warga" in str(value) for value in found.detail.values())


def test_an_unknown_complaint_is_none(web: respx.MockRouter, lapor: LaporV3) -> None:
    web.get(f"{COMPLAINTS}/1").respond(404)
    assert lapor.complaint("1") is None


def test_a_tracking_id_cannot_leave_its_path(web: respx.MockRouter, lapor: LaporV3) -> None:
    route = web.get(url__startswith=BASE).respond(404)
    assert lapor.complaint("../institutions?x=1") is None
    assert route.calls.last.request.url.raw_path == b"/api/complaints/..%2Finstitutions%3Fx%3D1"


def test_the_lookup_brings_the_earliest_first(web: respx.MockRouter, lapor: LaporV3) -> None:
    later = {**COMPLAINT, "tracking_id": "2", "received_at": "2026-11-20T09:00:00+07:00"}
    sooner = {**COMPLAINT, "tracking_id": "3", "received_at": "2026-11-20T01:30:00+00:00"}
    route = web.get(COMPLAINTS).respond(200, json={"data": [later, sooner]})
    assert [complaint.tracking_id for complaint in lapor.find("ours")] == ["3", "2"]
    assert dict(route.calls.last.request.url.params) == {"external_id": "ours"}


def test_changes_are_asked_for_in_lapors_own_words(web: respx.MockRouter, lapor: LaporV3) -> None:
    route = web.get(COMPLAINTS).respond(200, json={"data": [COMPLAINT], "meta": {"page": 2, "last_page": 5}})
    page = lapor.changed("2026-11-21T08:00:00+07:00", 2)
    assert (len(page.complaints), page.last) == (1, 5)
    assert dict(route.calls.last.request.url.params) == {"page": "2", "updated_since": "2026-11-21T08:00:00+07:00"}
    lapor.changed(None, 1)
    assert dict(route.calls.last.request.url.params) == {"page": "1"}


def test_follow_ups_keep_their_order_and_words(web: respx.MockRouter, lapor: LaporV3) -> None:
    items = [{"date": "2026-11-21", "responder": "Dinas PU", "keterangan": "Sudah."}, {"external_id": "balas-1"}]
    web.get(f"{COMPLAINTS}/1/followups").respond(200, json={"data": items})
    one, two = lapor.followups("1")
    assert (one.responder, one.text, one.external_id) == ("Dinas PU", "Sudah.", None)
    assert (two.text, two.external_id) == ("", "balas-1")


READING = [
    (204, Unavailable),
    (301, Refused),
    (400, Refused),
    (401, Refused),
    (403, Refused),
    (404, Refused),
    (405, Refused),
    (422, Refused),
    (408, Unavailable),
    (429, Unavailable),
    (500, Unavailable),
    (502, Unavailable),
    (503, Unavailable),
]


@pytest.mark.parametrize(("status", "meaning"), READING)
def test_the_end_of_a_request_to_read_means_what_the_table_says(
    web: respx.MockRouter, lapor: LaporV3, status: int, meaning: type[LaporError]
) -> None:
    web.get(COMPLAINTS).respond(status, html="<html>")
    with pytest.raises(LaporError) as caught:
        lapor.changed(None, 1)
    assert type(caught.value) is meaning


def test_a_broken_reading_is_tried_three_times_and_then_later(web: respx.MockRouter, lapor: LaporV3) -> None:
    route = web.get(COMPLAINTS).mock(side_effect=httpx.ReadTimeout("slow"))
    with pytest.raises(Unavailable):
        lapor.find("ours")
    assert route.call_count == 3


LISTS = [
    '{"data": [',
    "[]",
    "null",
    "{}",
    '{"data": null}',
    '{"data": {"a": 1}}',
    "<html>",
    '{"data": "x"}',
    "\ufeff{}",
]


@pytest.mark.parametrize("text", LISTS)
def test_a_list_that_is_none_is_an_answer_for_later(web: respx.MockRouter, lapor: LaporV3, text: str) -> None:
    """Never an empty list: a report would be taken for absent."""
    web.get(url__startswith=COMPLAINTS).mock(return_value=httpx.Response(200, text=text))
    for ask in (lambda: lapor.find("ours"), lambda: lapor.changed(None, 1), lambda: lapor.followups("1")):
        with pytest.raises(Unavailable):
            ask()


BAD_ITEMS = [
    {"tracking_id": "1"},
    {**COMPLAINT, "updated_at": "kemarin"},
    {**COMPLAINT, "updated_at": None},
    {**COMPLAINT, "received_at": 7},
]


@pytest.mark.parametrize("item", BAD_ITEMS)
def test_an_item_in_an_unknown_form_is_a_lapor_error(web: respx.MockRouter, lapor: LaporV3, item: Any) -> None:
    web.get(COMPLAINTS).respond(200, json={"data": [item]})
    with pytest.raises(LaporError):
        lapor.find("ours")


@pytest.mark.parametrize("last", [None, "x", [], {}, -1])
def test_a_page_count_that_is_none_is_no_foreign_exception(web: respx.MockRouter, lapor: LaporV3, last: Any) -> None:
    web.get(COMPLAINTS).respond(200, json={"data": [COMPLAINT], "meta": {"last_page": last}})
    try:
        assert lapor.changed(None, 1).last <= 1
    except LaporError:
        return


@pytest.mark.parametrize(("told", "secret"), [(True, True), (1, True), ("1", True), (False, False), ("0", False)])
def test_secrecy_is_read_as_flag_or_as_the_forms_digit(
    web: respx.MockRouter, lapor: LaporV3, told: Any, *, secret: bool
) -> None:
    web.get(f"{COMPLAINTS}/1").respond(200, json={**COMPLAINT, "is_secret": told})
    found = lapor.complaint("1")
    assert found is not None
    assert found.is_secret is secret


@pytest.mark.parametrize(
    ("status", "shown", "said"),
    [
        (200, [], "reports can be looked up by external_id"),
        (200, [COMPLAINT], "cannot look up by external_id: reports in doubt wait for a person"),
        (404, [], "reports cannot be read"),
    ],
)
def test_check_asks_for_institutions_and_looks_an_unknown_id_up(
    web: respx.MockRouter, lapor: LaporV3, status: int, shown: list[Any], said: str
) -> None:
    web.get(f"{BASE}/institutions").respond(200, json={"data": [{"id": "1"}]})
    lookup = web.get(COMPLAINTS).respond(status, json={"data": shown})
    told = lapor.check()
    assert "1 institutions" in told
    assert said in told
    assert lookup.calls.last.request.url.params["external_id"].startswith("check-")


def test_the_report_of_values_has_a_day() -> None:
    assert Report.of(values()).date_of_incident == date(2026, 11, 20)
