"""Does each fault look to a client as it would in real life?"""

import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx
import pytest

from gateway.lapor.mock.faults import KNOWN
from gateway.lapor.mock.mishaps import MISHAPS
from gateway.lapor.mock.serve import RunningMock, running

VALID = {
    "classification_id": "1",
    "title": "Air tidak mengalir",
    "content": "Sudah tiga hari air tidak mengalir di perumahan kami.",
    "date_of_incident": "2026-01-05",
    "location_id": "6472",
    "reporter_name": "Pelapor Contoh",
    "reporter_phone": "0812000000",
    "source": "Website",
}
PARTS = [(name, (None, value)) for name, value in VALID.items()]


@pytest.fixture(scope="module")
def server() -> Iterator[RunningMock]:
    with running(seed=11) as mock:
        yield mock


@pytest.fixture
def mock(server: RunningMock) -> Iterator[RunningMock]:
    yield server
    server.faults.clear()


@pytest.fixture(scope="module")
def connection(server: RunningMock) -> Iterator[httpx.Client]:
    headers = {"Authorization": "Bearer mock-token"}
    with httpx.Client(verify=False, base_url=server.url, headers=headers, timeout=5) as client:
        yield client


@pytest.fixture
def client(mock: RunningMock, connection: httpx.Client) -> httpx.Client:
    assert mock.faults.active() == []
    return connection


@pytest.fixture
def external_id(request: pytest.FixtureRequest) -> str:
    return str(request.node.name)[:64]


def file(client: httpx.Client, external_id: str, timeout: float = 5) -> httpx.Response:
    return client.post("/complaints", files=[*PARTS, ("external_id", (None, external_id))], timeout=timeout)


def switch_on(client: httpx.Client, name: str, settings: Mapping[str, object]) -> None:
    answer = client.post("/_mock/faults", json={name: settings})
    assert answer.status_code == 200, answer.text


def count(mock: RunningMock, external_id: str) -> int:
    return mock.world.counts().get(external_id, 0)


def visible(client: httpx.Client, external_id: str) -> int:
    return len(client.get("/complaints", params={"external_id": external_id}).json()["data"])


def test_every_known_fault_does_something() -> None:
    assert set(KNOWN) == set(MISHAPS)


@pytest.mark.parametrize(("fault", "committed"), [("drop_before", 0), ("drop_after", 1)])
def test_drops(client: httpx.Client, mock: RunningMock, external_id: str, fault: str, committed: int) -> None:
    switch_on(client, fault, {"next": 1})
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        file(client, external_id)
    assert count(mock, external_id) == committed
    assert file(client, external_id).status_code == 201


def test_drops_a_read(client: httpx.Client) -> None:
    switch_on(client, "drop_after", {"next": 1, "method": "get"})
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        client.get("/complaints")


def test_late_commit_by_the_mocks_clock(client: httpx.Client, mock: RunningMock, external_id: str) -> None:
    switch_on(client, "late_commit", {"next": 1, "commit_delay": 60})
    answer = file(client, external_id)
    path = f"/complaints/{answer.json()['tracking_id']}"
    assert answer.status_code == 201
    assert (visible(client, external_id), client.get(path).status_code) == (0, 404)
    assert count(mock, external_id) == 1
    client.post("/_mock/clock", json={"advance": "59s"})
    assert visible(client, external_id) == 0
    client.post("/_mock/clock", json={"advance": "1s"})
    assert (visible(client, external_id), client.get(path).status_code) == (1, 200)
    assert client.get("/complaints").json()["data"][-1]["external_id"] == external_id


def test_late_commit_in_real_time(client: httpx.Client, external_id: str) -> None:
    switch_on(client, "late_commit", {"next": 1, "commit_delay": 0.2})
    assert file(client, external_id).status_code == 201
    assert visible(client, external_id) == 0
    time.sleep(0.25)
    assert visible(client, external_id) == 1


def test_timeout_commit(client: httpx.Client, external_id: str) -> None:
    switch_on(client, "timeout_commit", {"next": 1, "commit_delay": 60})
    with pytest.raises(httpx.ReadTimeout):
        file(client, external_id, timeout=0.1)
    assert visible(client, external_id) == 0
    client.post("/_mock/clock", json={"advance": "60s"})
    assert visible(client, external_id) == 1


def test_timeout_commit_hangs_up_on_the_patient(client: httpx.Client, external_id: str) -> None:
    switch_on(client, "timeout_commit", {"next": 1, "commit_delay": 0, "hold": 0.1})
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        file(client, external_id)
    assert visible(client, external_id) == 1


def test_error_commit(client: httpx.Client, external_id: str) -> None:
    switch_on(client, "error_commit", {"next": 1})
    assert client.get("/complaints").status_code == 200
    assert file(client, external_id).status_code == 500
    assert visible(client, external_id) == 1


def test_gateway_timeouts(client: httpx.Client, mock: RunningMock, external_id: str) -> None:
    switch_on(client, "gateway_timeout", {"next": 1})
    assert file(client, external_id).status_code == 504
    assert count(mock, external_id) == 0
    switch_on(client, "gateway_timeout_commit", {"next": 1, "commit_delay": 30})
    assert file(client, external_id).status_code == 504
    assert visible(client, external_id) == 0
    client.post("/_mock/clock", json={"advance": "30s"})
    assert visible(client, external_id) == 1


def test_refused_reports_are_not_committed_by_a_fault(client: httpx.Client, mock: RunningMock) -> None:
    before = mock.world.counts()
    for fault in ("late_commit", "gateway_timeout_commit", "error_commit", "drop_before"):
        switch_on(client, fault, {"next": 1})
    assert file(client, "").status_code == 422
    assert [file(client, "").status_code for _ in range(2)] == [504, 500]
    assert mock.world.counts() == before


def test_delay(client: httpx.Client, external_id: str) -> None:
    switch_on(client, "delay", {"next": 1, "delay": 0.2})
    began = time.monotonic()
    assert file(client, external_id).status_code == 201
    assert time.monotonic() - began >= 0.2


def test_too_many(client: httpx.Client, mock: RunningMock, external_id: str) -> None:
    switch_on(client, "too_many", {"next": 1, "retry_after": 17})
    answer = file(client, external_id)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "17")
    switch_on(client, "too_many", {"next": 1, "retry_after": 60, "form": "date"})
    answer = file(client, external_id)
    date = parsedate_to_datetime(answer.headers["Retry-After"])
    assert 50 < (date - parsedate_to_datetime(answer.headers["Date"])).total_seconds() <= 61
    assert count(mock, external_id) == 0


@pytest.mark.parametrize(("fault", "status"), [("error", 500), ("unauthorized", 401)])
def test_errors(client: httpx.Client, mock: RunningMock, external_id: str, fault: str, status: int) -> None:
    switch_on(client, fault, {"next": 1})
    answer = file(client, external_id)
    assert (answer.status_code, bool(answer.json()["message"])) == (status, True)
    assert count(mock, external_id) == 0


@pytest.mark.parametrize("fault", ["unavailable", "maintenance"])
def test_maintenance_page(client: httpx.Client, mock: RunningMock, external_id: str, fault: str) -> None:
    switch_on(client, fault, {"next": 1})
    answer = file(client, external_id)
    assert answer.status_code == 503
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "pemeliharaan" in answer.text
    assert count(mock, external_id) == 0


def test_maintenance_window_by_the_mocks_clock(client: httpx.Client) -> None:
    switch_on(client, "maintenance", {"lasting": "2h"})
    paths = ("/complaints", "/categories", "/nothing", "/complaints/1000001/followups")
    assert {client.get(path).status_code for path in paths} == {503}
    client.post("/_mock/clock", json={"advance": "119m"})
    assert client.get("/complaints").status_code == 503
    client.post("/_mock/clock", json={"advance": "1m"})
    assert client.get("/complaints").status_code == 200


def test_maintenance_between_two_instants(client: httpx.Client) -> None:
    now = datetime.fromisoformat(client.get("/_mock/health").json()["now"])
    start, until = now.replace(year=now.year + 1), now.replace(year=now.year + 2)
    switch_on(client, "maintenance", {"start": start.isoformat(), "until": until.isoformat()})
    assert client.get("/complaints").status_code == 200
    client.post("/_mock/clock", json={"advance": "400d"})
    assert client.get("/complaints").status_code == 503
    assert client.delete("/_mock/faults/maintenance").json() == {"data": []}
    assert client.get("/complaints").status_code == 200


def test_truncated(client: httpx.Client, external_id: str) -> None:
    switch_on(client, "truncated", {"next": 1})
    answer = file(client, external_id)
    assert (answer.status_code, answer.headers["Content-Type"]) == (201, "application/json")
    assert answer.text.startswith('{"tracking_id"')
    with pytest.raises(ValueError, match=r"."):
        answer.json()
    assert visible(client, external_id) == 1


def test_wrong_type(client: httpx.Client, external_id: str) -> None:
    switch_on(client, "wrong_type", {"next": 1})
    answer = file(client, external_id)
    assert answer.status_code == 201
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.text.startswith("<!DOCTYPE html>")
    assert visible(client, external_id) == 1


def test_slow_body(client: httpx.Client, external_id: str) -> None:
    switch_on(client, "slow_body", {"next": 1, "seconds": 0.3})
    pieces = []
    with client.stream("GET", "/locations") as answer:
        began = time.monotonic()
        pieces = list(answer.iter_raw())
    assert time.monotonic() - began >= 0.2
    assert len(pieces) > 5
    assert b"".join(pieces) == client.get("/locations").content
    switch_on(client, "slow_body", {"next": 1, "seconds": 2})
    with pytest.raises(httpx.ReadTimeout):
        file(client, external_id, timeout=0.05)
    assert visible(client, external_id) == 1


def test_unknown_status(client: httpx.Client, external_id: str) -> None:
    switch_on(client, "unknown_status", {"next": 2})
    assert file(client, external_id).json()["status"] == "Dalam Telaah Lintas Sektor"
    statuses = {one["status"] for one in client.get("/complaints").json()["data"]}
    assert statuses == {"Dalam Telaah Lintas Sektor"}
    assert client.get("/complaints").json()["data"][-1]["status"] == "Belum Terverifikasi"


def test_next_and_prefix(client: httpx.Client) -> None:
    switch_on(client, "error", {"next": 2, "method": "GET", "path": "/cat"})
    assert client.get("/locations").status_code == 200
    assert [client.get("/categories").status_code for _ in range(3)] == [500, 500, 200]


def test_a_rate_is_kept_and_repeats() -> None:
    def outcomes(seed: int) -> list[int]:
        with running(seed=seed, faults=["error=0.3"]) as mock, httpx.Client(verify=False, base_url=mock.url) as client:
            return [client.get("/locations").status_code for _ in range(100)]

    first = outcomes(1)
    assert 10 < first.count(500) < 60
    assert first == outcomes(1) != outcomes(2)


def test_outcomes_are_counted_by_fault(client: httpx.Client) -> None:
    client.delete("/_mock/requests")
    switch_on(client, "error", {"next": 1})
    client.get("/locations")
    client.get("/locations")
    assert client.get("/_mock/requests").json() == {"GET /locations": {"error": 1, "200": 1}}


@pytest.mark.parametrize(
    "body",
    [
        {"drop_aftr": {}},
        {"delay": {"second": 1}},
        {"delay": {"rate": 2}},
        {"maintenance": {"lasting": "long"}},
        {"delay": {"delay": "long"}},
        {"delay": {"rate": None}},
        {"too_many": {"form": "days"}},
        {"error": 3},
        [],
    ],
)
def test_wrong_settings_are_refused(client: httpx.Client, body: object) -> None:
    answer = client.post("/_mock/faults", json=body)
    assert answer.status_code == 422
    assert client.get("/_mock/faults").json() == {"data": []}
    if body == {"drop_aftr": {}}:
        assert "Did you mean 'drop_after'?" in answer.json()["message"]
        assert "maintenance" in answer.json()["message"]


def test_switched_on_faults_are_shown_and_cleared(client: httpx.Client) -> None:
    switch_on(client, "delay", {"rate": 0, "delay": 3})
    (shown,) = client.get("/_mock/faults").json()["data"]
    assert (shown["name"], shown["rate"], shown["params"]) == ("delay", 0, {"delay": 3})
    assert client.delete("/_mock/faults").json() == {"data": []}


@pytest.mark.parametrize("option", ["drop_aftr=0.1", "drop_after=1.5", "drop_after=often"])
def test_wrong_options_are_refused(option: str) -> None:
    with (
        pytest.raises(ValueError, match=r"Did you mean 'drop_after'|between 0 and 1|could not convert"),
        running(faults=[option]),
    ):
        pass
