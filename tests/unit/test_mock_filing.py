"""Does the mock take and refuse reports as the contract's table says?"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import count

import httpx
import pytest

from gateway.lapor.mock.app import LARGEST_BODY
from gateway.lapor.mock.serve import RunningMock, running

VALID = {
    "classification_id": "1",
    "title": "Lampu jalan padam",
    "content": "Lampu di depan pasar sudah seminggu padam — gelap sekali.",
    "date_of_incident": "2026-03-02",
    "location_id": "6472",
    "suggestion_institution_id": "13293",
    "category_id": "1398",
    "is_anonymous": "1",
    "is_secret": "0",
    "latitude": "-0.502",
    "longitude": "117.153",
    "reporter_name": "Pelapor Contoh",
    "reporter_email": "pelapor@contoh.test",
    "reporter_phone": "0812000000",
    "reporter_nik": "6472000000000000",
    "source": "Email Instansi",
    "external_id": "gw-0",
}
# 23:30 in UTC on the 1st is 06:30 on the 2nd in WIB.
START = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
AUTH = {"Authorization": "Bearer mock-token"}
ids = count(1)

Files = Sequence[tuple[str, bytes]]


@pytest.fixture(scope="module")
def mock() -> Iterator[RunningMock]:
    with running(start=START) as mock:
        yield mock


@pytest.fixture(scope="module")
def client(mock: RunningMock) -> Iterator[httpx.Client]:
    with httpx.Client(verify=False, base_url=mock.url, headers=AUTH) as client:
        yield client


def post(client: httpx.Client, changes: Mapping[str, str | None], files: Files = ()) -> httpx.Response:
    """File a valid report with some fields changed, or left out where the change is None."""
    fields = {**VALID, "external_id": f"gw-{next(ids)}", **changes}
    parts = [(name, (None, value)) for name, value in fields.items() if value is not None]
    return client.post("/complaints", files=[*parts, *(("attachment[]", file) for file in files)])


def errors(answer: httpx.Response) -> dict[str, list[str]]:
    assert answer.status_code == 422
    assert answer.json()["message"]
    found: dict[str, list[str]] = answer.json()["errors"]
    assert all(texts and all(texts) for texts in found.values())
    return found


def test_takes_a_valid_report(client: httpx.Client, mock: RunningMock) -> None:
    answer = post(client, {"external_id": "gw-valid"}, [("foto.JPG", b"jpeg"), ("surat é.pdf", b"pdf")])
    assert answer.status_code == 201
    assert set(answer.json()) == {"tracking_id", "transaction_id", "status"}
    assert answer.json()["status"] == "Belum Terverifikasi"
    (kept,) = [one for one in mock.world.everything() if one["external_id"] == "gw-valid"]
    assert kept["content_initial"] == VALID["content"]
    assert kept["reporter"] == {
        "name": "Pelapor Contoh",
        "email": "pelapor@contoh.test",
        "phone": "0812000000",
        "nik": "6472000000000000",
    }
    assert kept["attachments"] == [
        {"name": "foto.JPG", "size": 4, "sha256": hashlib.sha256(b"jpeg").hexdigest()},
        {"name": "surat é.pdf", "size": 3, "sha256": hashlib.sha256(b"pdf").hexdigest()},
    ]


def test_ids_rise_in_steps_of_five_from_1000001() -> None:
    with running() as mock, httpx.Client(verify=False, base_url=mock.url, headers=AUTH) as client:
        assert [post(client, {}).json()["tracking_id"] for _ in range(3)] == ["1000001", "1000006", "1000011"]


def test_same_seed_gives_same_transaction_ids() -> None:
    def first(seed: int) -> str:
        with running(seed=seed) as mock, httpx.Client(verify=False, base_url=mock.url, headers=AUTH) as client:
            return str(post(client, {}).json()["transaction_id"])

    assert first(7) == first(7) != first(8)


def test_posting_twice_makes_two(client: httpx.Client, mock: RunningMock) -> None:
    tracking_ids = {post(client, {"external_id": "gw-twice"}).json()["tracking_id"] for _ in range(2)}
    assert len(tracking_ids) == 2
    assert client.get("/_mock/counts").json()["gw-twice"] == 2
    assert mock.world.counts()["gw-twice"] == 2


@pytest.mark.parametrize(
    "field",
    [
        "classification_id", "title", "content", "date_of_incident", "location_id", "reporter_name", "source",
        "external_id",
    ],
)  # fmt: skip
@pytest.mark.parametrize("value", [None, "", "  "])
def test_required(client: httpx.Client, field: str, value: str | None) -> None:
    assert list(errors(post(client, {field: value}))) == [field]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("classification_id", "4"),
        ("classification_id", "Pengaduan"),
        ("title", "j" * 256),
        ("content", "k" * 3001),
        ("external_id", "x" * 65),
        ("date_of_incident", "02-03-2026"),
        ("date_of_incident", "20260302"),
        ("date_of_incident", "2026-02-30"),
        ("date_of_incident", "2026-03-03"),
        ("location_id", "9999"),
        ("suggestion_institution_id", "1"),
        ("category_id", "1"),
        ("is_anonymous", "true"),
        ("is_secret", "2"),
        ("latitude", "-90.1"),
        ("latitude", "nan"),
        ("longitude", "bujur"),
    ],
)
def test_refuses(client: httpx.Client, field: str, value: str) -> None:
    assert list(errors(post(client, {field: value}))) == [field]


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "j" * 255, "content": "é" * 3000, "external_id": "y" * 64},
        {"date_of_incident": "2026-03-02"},  # today in WIB, tomorrow in UTC
        {"suggestion_institution_id": None, "category_id": None, "latitude": None, "longitude": None},
        {"suggestion_institution_id": "", "category_id": "", "latitude": "", "longitude": ""},
        {"is_anonymous": None, "is_secret": None},
        {"reporter_email": None, "reporter_nik": None},
        {"reporter_phone": ""},
        *({"location_id": place} for place in ("6472", "6471", "64", "3171", "9171", "3578")),
    ],
)
def test_takes(client: httpx.Client, changes: dict[str, str | None]) -> None:
    assert post(client, changes).status_code == 201


def test_needs_email_or_phone(client: httpx.Client) -> None:
    found = errors(post(client, {"reporter_email": None, "reporter_phone": ""}))
    assert set(found) == {"reporter_email", "reporter_phone"}


@pytest.mark.parametrize("name", ["catatan.docx", "tanpa-akhiran", "foto.jpg.exe"])
def test_refuses_other_file_types(client: httpx.Client, name: str) -> None:
    assert list(errors(post(client, {}, [("a.png", b"png"), (name, b"x")]))) == ["attachment[]"]


def test_attachments_up_to_2_mb(client: httpx.Client) -> None:
    limit = 2 * 1024 * 1024
    assert post(client, {}, [("a.jpeg", bytes(limit))]).status_code == 201
    assert list(errors(post(client, {}, [("a.jpeg", bytes(limit + 1))]))) == ["attachment[]"]


def test_names_all_errors_at_once(client: httpx.Client) -> None:
    found = errors(client.post("/complaints", files=[("is_secret", (None, "x")), ("attachment[]", ("a.exe", b""))]))
    assert set(found) == {
        "classification_id", "title", "content", "date_of_incident", "location_id", "reporter_name", "source",
        "external_id", "reporter_email", "reporter_phone", "is_secret", "attachment[]",
    }  # fmt: skip
    assert all(len(texts) == 1 for texts in found.values())


def test_form_of_another_type_lacks_everything(client: httpx.Client) -> None:
    assert "title" in errors(client.post("/complaints", data=VALID))
    assert "title" in errors(client.post("/complaints", json=VALID))


def test_refuses_a_form_cut_off(client: httpx.Client) -> None:
    request = client.build_request(
        "POST", "/complaints", files=[(name, (None, value)) for name, value in VALID.items()]
    )
    body = request.read()[:-10]
    answer = client.post("/complaints", content=body, headers={"Content-Type": request.headers["Content-Type"]})
    assert answer.status_code == 422


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "mock-token"}])
def test_needs_the_token(mock: RunningMock, header: dict[str, str]) -> None:
    with httpx.Client(verify=False, base_url=mock.url, headers=header) as client:
        before = mock.world.counts()
        answers = [post(client, {}), client.get("/complaints"), client.get("/nothing")]
        assert [one.status_code for one in answers] == [401] * 3
        assert all(one.json()["message"] for one in answers)
        assert mock.world.counts() == before


def test_refuses_bodies_over_64_mb(client: httpx.Client, mock: RunningMock) -> None:
    before = mock.world.counts()
    assert client.post("/complaints", content=bytes(LARGEST_BODY + 1)).status_code == 413
    assert mock.world.counts() == before


def test_unknown_paths_are_404_json(client: httpx.Client) -> None:
    for answer in (client.get("/nothing"), client.delete("/complaints"), client.get("/complaints/9999999")):
        assert answer.status_code == 404
        assert answer.json()["message"]


def test_counts_requests_by_call_and_outcome(client: httpx.Client) -> None:
    client.delete("/_mock/requests")
    post(client, {})
    post(client, {"title": ""})
    client.get("/complaints/9999999")
    assert client.get("/_mock/requests").json() == {
        "POST /complaints": {"201": 1, "422": 1},
        "GET /complaints/{tracking_id}": {"404": 1},
    }


def test_another_token() -> None:
    with running(token="rahasia") as mock, httpx.Client(verify=False, base_url=mock.url) as client:
        assert client.get("/complaints", headers={"Authorization": "Bearer rahasia"}).status_code == 200
        assert client.get("/complaints", headers=AUTH).status_code == 401
        assert client.get("/_mock/health").json()["status"] == "ok"
