"""What does the mock let a reader see?"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from gateway.lapor.mock.intake import Form
from gateway.lapor.mock.serve import RunningMock, running
from gateway.lapor.mock.world import AT_ONCE

VALID = {
    "classification_id": "3",
    "title": "Usul taman bermain",
    "content": "Mohon dibangun taman bermain di dekat kelurahan.",
    "date_of_incident": "2026-01-05",
    "location_id": "647206",
    "reporter_name": "Pelapor Contoh",
    "reporter_phone": "0812000000",
    "source": "Website",
}
COMPLAINT_FIELDS = [
    "tracking_id", "external_id", "received_at", "updated_at", "classification", "category_id", "category", "title",
    "content_initial", "content_final", "is_anonymous", "is_secret", "source", "parent_institution",
    "disposition_institution_id", "disposition_institution", "status", "hold_reason", "province", "city", "district",
    "village", "rating",
]  # fmt: skip


@pytest.fixture
def mock() -> Iterator[RunningMock]:
    with running(seed=3) as mock:
        yield mock


@pytest.fixture
def client(mock: RunningMock) -> Iterator[httpx.Client]:
    with httpx.Client(verify=False, base_url=mock.url, headers={"Authorization": "Bearer mock-token"}) as client:
        yield client


def file(client: httpx.Client, external_id: str, **changes: str) -> str:
    fields = {**VALID, "external_id": external_id, **changes}
    answer = client.post("/complaints", files=[(name, (None, value)) for name, value in fields.items()])
    assert answer.status_code == 201, answer.text
    return str(answer.json()["tracking_id"])


def act(client: httpx.Client, tracking_id: str, action: str, **params: str) -> dict[str, Any]:
    answer = client.post(f"/_mock/complaints/{tracking_id}/actions", json={"action": action, **params})
    assert answer.status_code == 200, answer.text
    changed: dict[str, Any] = answer.json()
    return changed


def listed(client: httpx.Client, **params: str) -> list[dict[str, Any]]:
    answer = client.get("/complaints", params=params)
    assert answer.status_code == 200, answer.text
    data: list[dict[str, Any]] = answer.json()["data"]
    return data


def ids(complaints: list[dict[str, Any]]) -> list[str]:
    return [one["external_id"] for one in complaints]


def test_one_complaint_has_the_export_columns(client: httpx.Client) -> None:
    shown = client.get(f"/complaints/{file(client, 'a', category_id='1397')}").json()
    assert list(shown) == COMPLAINT_FIELDS
    assert shown["received_at"] == shown["updated_at"]
    assert shown["received_at"].endswith("+07:00")
    assert datetime.fromisoformat(shown["received_at"]).tzinfo
    assert (shown["province"], shown["city"], shown["district"]) == (
        "Kalimantan Timur",
        "Kota Samarinda",
        "Sungai Kunjang",
    )
    assert (shown["category"], shown["classification"], shown["is_secret"]) == ("Jalan Berlubang", "Aspirasi", False)


def test_lookup_by_external_id(client: httpx.Client) -> None:
    first, second = file(client, "a"), file(client, "a")
    file(client, "b")
    assert [one["tracking_id"] for one in listed(client, external_id="a")] == [first, second]
    assert listed(client, external_id="c") == []


def test_updated_since_is_inclusive_and_oldest_first(client: httpx.Client) -> None:
    tracking_ids = [file(client, name) for name in "abc"]
    instants = [one["updated_at"] for one in listed(client)]
    assert instants == sorted(set(instants))
    assert ids(listed(client, updated_since=instants[1])) == ["b", "c"]
    act(client, tracking_ids[0], "verify")
    assert ids(listed(client, updated_since=instants[1])) == ["b", "c", "a"]
    after = datetime.fromisoformat(instants[2]) + timedelta(microseconds=1)
    assert ids(listed(client, updated_since=after.isoformat())) == ["a"]


def test_updated_since_in_another_offset(client: httpx.Client) -> None:
    file(client, "a")
    at = datetime.fromisoformat(listed(client)[0]["updated_at"])
    assert ids(listed(client, updated_since=at.astimezone().isoformat())) == ["a"]


@pytest.mark.parametrize("query", ["updated_since=2026-01-01T00:00:00", "updated_since=2026-01-01T00:00:00+07:00",
                                   "updated_since=kemarin", "page=0", "page=x"])  # fmt: skip
def test_refuses_queries_that_say_nothing(client: httpx.Client, query: str) -> None:
    # The second one is right only if its "+" is percent-encoded.
    assert client.get(f"/complaints?{query}").status_code == 422


def test_changes_can_share_an_instant_on_purpose(client: httpx.Client) -> None:
    tracking_ids = [file(client, name) for name in "abc"]
    act(client, tracking_ids[0], "verify")
    for tracking_id in tracking_ids[1:]:
        act(client, tracking_id, "verify", instant="shared")
    assert len({one["updated_at"] for one in listed(client)}) == 1
    assert ids(listed(client, updated_since=listed(client)[0]["updated_at"])) == ["a", "b", "c"]


def test_pages_of_100_shift_while_reports_change(mock: RunningMock, client: httpx.Client) -> None:
    forms = [Form({**VALID, "external_id": f"r{number:03}"}, ()) for number in range(203)]
    tracking_ids = [mock.world.create(form, AT_ONCE).tracking_id for form in forms]
    first = client.get("/complaints").json()
    assert first["meta"] == {"page": 1, "last_page": 3}
    assert ids(first["data"]) == [f"r{number:03}" for number in range(100)]
    assert len(listed(client, page="3")) == 3
    assert listed(client, page="4") == []
    for tracking_id in tracking_ids[:3]:
        mock.world.reply(tracking_id, "Belum ada kabar.", "reply")
    # Three left page 1, so three of page 2 moved to page 1: who only turns pages never sees them.
    assert ids(listed(client, page="2"))[0] == "r103"
    since = first["data"][-1]["updated_at"]
    assert ids(listed(client, updated_since=since))[:2] == ["r099", "r100"]


def test_lists_hide_secret_reports(client: httpx.Client) -> None:
    secret = file(client, "secret", is_secret="1")
    file(client, "anonymous", is_anonymous="1")
    assert ids(listed(client)) == ["anonymous"]
    assert listed(client, external_id="secret") == []
    assert client.get(f"/complaints/{secret}").json()["is_secret"] is True
    assert client.get("/_mock/counts").json() == {"secret": 1, "anonymous": 1}
    client.post("/_mock/switches", json={"lists_hide_secret": False})
    assert ids(listed(client, external_id="secret")) == ["secret"]


def test_never_shows_the_reporter(client: httpx.Client) -> None:
    tracking_id = file(client, "a")
    client.post(f"/complaints/{tracking_id}/followups", json={"keterangan": "Terima kasih", "external_id": "r1"})
    paths = ("/complaints", f"/complaints/{tracking_id}", f"/complaints/{tracking_id}/followups")
    texts = [client.get(path).text for path in paths]
    assert not any("Contoh" in text or "0812" in text for text in texts)


def test_without_lookup_the_parameter_is_ignored(client: httpx.Client) -> None:
    for name in "abc":
        file(client, name)
    client.post("/_mock/switches", json={"no_lookup": True})
    assert ids(listed(client, external_id="b")) == ["a", "b", "c"]


def test_without_reading_all_is_404(client: httpx.Client) -> None:
    tracking_id = file(client, "a")
    switches = client.post("/_mock/switches", json={"no_reading": True}).json()
    assert switches == {"life": "manual", "lists_hide_secret": True, "no_lookup": False, "no_reading": True}
    for path in ("/complaints", f"/complaints/{tracking_id}", f"/complaints/{tracking_id}/followups"):
        assert client.get(path).status_code == 404
    assert client.get("/categories").status_code == 200
    file(client, "b")


def test_followups_have_no_id_but_the_reporters_own(client: httpx.Client) -> None:
    tracking_id = file(client, "a")
    act(client, tracking_id, "dispose", institution_id="13293")
    act(client, tracking_id, "follow_up", text="Sudah ditinjau.")
    answer = client.post(f"/complaints/{tracking_id}/followups", json={"keterangan": "Belum.", "external_id": "r1"})
    assert answer.status_code == 201
    agency, reporter = client.get(f"/complaints/{tracking_id}/followups").json()["data"]
    assert list(agency) == ["date", "responder", "keterangan"]
    assert (agency["responder"], agency["keterangan"]) == ("Dinas Perhubungan", "Sudah ditinjau.")
    assert reporter == answer.json()
    assert (reporter["responder"], reporter["external_id"]) == ("Pelapor", "r1")
    assert agency["date"] < reporter["date"]
    assert client.get(f"/complaints/{tracking_id}").json()["status"] == "Ditanggapi oleh Pelapor"


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"keterangan": 1, "external_id": null}', b"{}"])
def test_replies_need_text_and_id(client: httpx.Client, body: bytes) -> None:
    answer = client.post(f"/complaints/{file(client, 'a')}/followups", content=body)
    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == {"keterangan", "external_id"}


def test_reply_to_an_unknown_complaint(client: httpx.Client) -> None:
    reply = {"keterangan": "Halo", "external_id": "r1"}
    assert client.post("/complaints/1000001/followups", json=reply).status_code == 404
    known = file(client, "a")
    long = client.post(f"/complaints/{known}/followups", json={**reply, "external_id": "r" * 65})
    assert list(long.json()["errors"]) == ["external_id"]


def test_reference_data(client: httpx.Client) -> None:
    categories = client.get("/categories", params={"institution_id": "13293"}).json()["data"]
    assert {"id": "1397", "parent": "928", "topic_name": "Jalan Berlubang"} in categories
    assert {row["parent"] for row in categories} <= {"0", *(row["id"] for row in categories)}
    assert client.get("/categories", params={"institution_id": "1"}).json()["data"] == []
    found = client.get("/institutions", params={"q": "perhubungan"}).json()["data"]
    assert {"id": "13293", "name": "Dinas Perhubungan", "parent": "12610"} in found
    places = client.get("/locations", params={"q": "samarinda"}).json()["data"]
    assert {"id": "6472", "name": "Kota Samarinda", "parent": "64"} in places
    assert all(isinstance(value, str) for row in [*categories, *found, *places] for value in row.values())


def test_control_shows_everything(client: httpx.Client) -> None:
    file(client, "a", is_secret="1")
    (whole,) = client.get("/_mock/complaints").json()["data"]
    assert whole["reporter"]["name"] == "Pelapor Contoh"
    assert (whole["attachments"], whole["pending"]) == ([], False)
