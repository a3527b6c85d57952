"""How fast does `sync` file reports, against a bare httpx loop that posts the same bodies?"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import httpx

from gateway.config import load
from gateway.lapor.v3 import _fields
from gateway.log import configure as configure_log
from gateway.rounds import one_round
from gateway.work import connect, desk_of
from mappings.report import Report
from state.database import create
from tests.bench import workplace
from tests.bench.report import Figure, median

_REPORTS = 2_000
_RUNS = 3
Form = list[tuple[str, tuple[None, str]]]


def measure() -> Sequence[Figure]:
    """The ratio of reports a second: all of `sync` (read, map, keep, send, settle) against posting alone."""
    bare, joined, rates = [], [], []
    for _ in range(_RUNS):
        ours = _sync()
        bare.append(_bare(_post) / ours)
        joined.append(_bare(_post_joined) / ours)
        rates.append(_REPORTS / ours)
    detail = f"sync of {_REPORTS} SQL reports at {median(rates):.0f}/s, {workplace.WORKERS} threads, {_RUNS} rounds"
    return [
        Figure("sync against a bare httpx loop", median(bare), 0.7, "×", True, detail),
        Figure("the same against bodies joined first", median(joined), 0.0, "×", True, "told, without a limit"),
    ]


def _sync() -> float:
    with tempfile.TemporaryDirectory() as name, workplace.mock_lapor() as lapor:
        folder = Path(name)
        workplace.table(folder, _REPORTS)
        config = load(workplace.configure(folder, lapor, "2026-11-01"))
        configure_log(config.log)
        create(config.gateway.state, None, config.gateway.id).close()
        client = connect(config)
        begun = time.perf_counter()
        with desk_of(config) as desk:
            one_round(desk, client)
        elapsed = time.perf_counter() - begun
        client.close()
        filed = httpx.get(f"{lapor}/_mock/counts").json()
        assert len(filed) == _REPORTS
        assert set(filed.values()) == {1}
        return elapsed


def _post(client: httpx.Client, url: str, form: Form) -> httpx.Response:
    return client.post(url, files=form)


def _post_joined(client: httpx.Client, url: str, form: Form) -> httpx.Response:
    """As the gateway sends: in one piece, where httpx would write dozens of small ones."""
    request = client.build_request("POST", url, files=form)
    request.read()
    return client.send(request)


def _bare(send: Callable[[httpx.Client, str, Form], httpx.Response]) -> float:
    with workplace.mock_lapor() as lapor:
        forms = [_form(number) for number in range(_REPORTS)]
        local = threading.local()
        clients = []

        def post(form: Form) -> None:
            if not hasattr(local, "client"):
                local.client = httpx.Client(headers={"Authorization": "Bearer mock-token"}, timeout=30)
                clients.append(local.client)
            assert send(local.client, f"{lapor}/complaints", form).status_code == 201

        begun = time.perf_counter()
        with ThreadPoolExecutor(workplace.WORKERS) as pool:
            list(pool.map(post, forms))
        elapsed = time.perf_counter() - begun
        for client in clients:
            client.close()
        return elapsed


def _form(number: int) -> list[tuple[str, tuple[None, str]]]:
    text = "Lampu jalan di depan sekolah mati sejak minggu lalu dan belum diperbaiki.\n" * 4
    report = Report(
        title="Lampu jalan di depan sekolah mati",
        content=f"Laporan ke-{number}. {text}",
        classification="1",
        date_of_incident=date(2026, 11, 2),
        location_id="6472",
        category_id=None,
        is_anonymous=True,
        is_secret=False,
        latitude=None,
        longitude=None,
        reporter_name="Warga Contoh",
        reporter_email=None,
        reporter_phone="+6281234567890",
        reporter_nik=None,
        institution_id=None,
        source="Website Institusi",
    )
    fields = {**_fields(report), "external_id": f"bare-{number}"}
    return [(name, (None, value)) for name, value in fields.items()]
