"""Does the service collect on schedule, keep channels apart, stop when told to, and refuse what it must not do?"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from tests.e2e.support import (
    Installation,
    Mock,
    Service,
    complaint,
    eventually,
    fill_mariadb,
    fill_sqlite,
    imap_channel,
    lapor_mock,
    mail,
    nobody,
    sheet_channel,
    sql_channel,
    write_xlsx,
)
from tests.servers.dovecot import Dovecot
from tests.servers.mariadb import MariaDB
from tests.servers.outage import outage
from tests.servers.postgres import Postgres
from tests.servers.process import LOOPBACK, free_port

PROMISED_SECONDS = 5.0


@pytest.fixture
def mock() -> Iterator[Mock]:
    with lapor_mock() as running:
        yield running


@contextmanager
def silence() -> Iterator[int]:
    """A port that accepts connections and never says a word."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        taken: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    taken.append(listener.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in taken:
                connection.close()


def titles(mock: Mock) -> list[str]:
    return sorted(one["title"] for one in mock.complaints())


def wait_for(holds: Callable[[], bool], service: Service) -> None:
    """Wait until it comes true; a failure shows the log."""
    assert eventually(holds), service.err


# Work


def test_collects_from_every_kind_and_files_what_arrives_meanwhile(
    tmp_path: Path, mock: Mock, dovecot: Dovecot, mariadb: MariaDB
) -> None:
    user, url, sheet = dovecot.new_user(), mariadb.new_database(), tmp_path / "hotline.xlsx"
    often = {"every": "0.5s"}
    channels = [imap_channel(dovecot, user, **often), sql_channel(url, **often), sheet_channel(sheet, **often)]

    def arrive(number: int) -> None:
        dovecot.append(user, mail(number))
        fill_mariadb(url, [complaint(number, judul=f"Formulir {number}")])
        write_xlsx(sheet, [complaint(n + 10, judul=f"Hotline {n}") for n in range(1, number + 1)])

    gateway = Installation(tmp_path, mock.url, channels)
    gateway.init()
    arrive(1)
    with gateway.start("run") as service:
        wait_for(lambda: len(mock.complaints()) == 3, service)
        arrive(2)
        wait_for(lambda: len(mock.complaints()) == 6, service)
        status, _ = service.terminate()
    kinds = ("Formulir", "Hotline", "Sampah menumpuk")
    assert titles(mock) == [f"{kind} {number}" for kind in kinds for number in (1, 2)]
    assert (status, service.said("started"), service.said("stopped")) == (0, True, True)
    assert max(mock.counts().values()) == 1
    assert "Traceback" not in service.err


def test_follows_lapor_until_the_answer_can_be_shown(tmp_path: Path, mock: Mock) -> None:
    fill_sqlite(tmp_path / "sumber.db", [complaint(1)])
    gateway = Installation(tmp_path, mock.url, [sql_channel("sqlite:///sumber.db")])
    gateway.init()
    with gateway.start("run") as service:
        wait_for(lambda: bool(mock.counts()), service)
        mock.act(mock.complaints()[0]["tracking_id"], "verify")
        assert eventually(
            lambda: gateway.query("SELECT lapor_canonical FROM report")[0]["lapor_canonical"] not in (None, "received")
        ), service.err


def test_one_channel_down_leaves_the_others(tmp_path: Path, mock: Mock, dovecot: Dovecot, mariadb: MariaDB) -> None:
    user, url = dovecot.new_user(), mariadb.new_database()
    fill_mariadb(url, [complaint(1, judul="Formulir 1")])
    channels = [imap_channel(dovecot, user, every="0.3s"), sql_channel(url, every="0.3s")]
    gateway = Installation(tmp_path, mock.url, channels)
    gateway.init()
    with ExitStack() as service_ends:
        with outage(dovecot):
            service = service_ends.enter_context(gateway.start("run"))
            wait_for(lambda: service.said("collect", channel="surat", outcome="failed"), service)
            wait_for(lambda: titles(mock) == ["Formulir 1"], service)
            fill_mariadb(url, [complaint(2, judul="Formulir 2")])
            wait_for(lambda: titles(mock) == ["Formulir 1", "Formulir 2"], service)
        dovecot.append(user, mail(3))
        wait_for(lambda: "Sampah menumpuk 3" in titles(mock), service)
        with outage(mariadb):
            wait_for(lambda: service.said("collect", channel="formulir", outcome="failed"), service)
            dovecot.append(user, mail(4))
            wait_for(lambda: "Sampah menumpuk 4" in titles(mock), service)
        assert service.process.poll() is None
    assert max(mock.counts().values()) == 1


# Stopping


def stops_in_time(service: Service) -> None:
    """SIGTERM ends it within the promised seconds, with exit status 0 and a word in the log."""
    status, seconds = service.terminate()
    assert seconds < PROMISED_SECONDS, service.err
    assert status == 0, service.err
    assert service.said("stopped"), service.err
    assert "Traceback" not in service.err


def slow(folder: Path, lapor: str, channels: list[dict[str, object]] | None = None) -> Installation:
    """An installation with the time-outs that admins have: LAPOR's is 30 s."""
    fill_sqlite(folder / "sumber.db", [complaint(n) for n in range(1, 31)])
    made = channels or [sql_channel("sqlite:///sumber.db")]
    gateway = Installation(folder, lapor, made, {"timeout": "30s", "in_doubt_wait": "10m"})
    gateway.init()
    return gateway


def test_stops_in_time_with_nothing_to_do(tmp_path: Path, mock: Mock) -> None:
    with slow(tmp_path, mock.url).start("run") as service:
        wait_for(lambda: len(mock.counts()) == 30, service)
        stops_in_time(service)


def test_stops_in_time_while_requests_hang(tmp_path: Path, mock: Mock) -> None:
    mock.fault("timeout_commit", commit_delay=0.5, hold=60.0)
    gateway = slow(tmp_path, mock.url)
    with gateway.start("run") as service:
        wait_for(lambda: bool(mock.requests("POST /complaints")), service)
        stops_in_time(service)
    mock.heal()
    under_way = gateway.stages()
    assert under_way.get("accepted", 0) == 0
    assert sum(under_way.values()) == 30
    time.sleep(1)
    gateway.lapor_settings.update(timeout="5s", in_doubt_wait="0.5s")
    gateway.write()
    gateway.tamper("UPDATE report SET sent_at = datetime('now', '-1 hour') WHERE sent_at IS NOT NULL")
    gateway.tamper("UPDATE report SET next_attempt_at = datetime('now', '-1 hour') WHERE stage = 'in_doubt'")
    assert gateway.cli("sync", "--until-settled").status == 0
    assert gateway.stages() == {"accepted": 30}
    assert (len(mock.counts()), max(mock.counts().values())) == (30, 1)


def test_stops_in_time_while_lapor_trickles(tmp_path: Path, mock: Mock) -> None:
    mock.fault("slow_body", seconds=60.0, method="POST")
    with slow(tmp_path, mock.url).start("run") as service:
        wait_for(lambda: bool(mock.requests("POST /complaints")), service)
        stops_in_time(service)


def test_stops_in_time_while_lapor_is_down(tmp_path: Path) -> None:
    with slow(tmp_path, nobody(free_port())).start("run") as service:
        wait_for(lambda: service.said("collect"), service)
        time.sleep(0.3)
        stops_in_time(service)


def test_stops_in_time_while_the_rate_makes_it_wait(tmp_path: Path, mock: Mock) -> None:
    gateway = slow(tmp_path, mock.url)
    gateway.lapor_settings["rate"] = "6/m"
    gateway.write()
    with gateway.start("run") as service:
        wait_for(lambda: bool(mock.counts()), service)
        stops_in_time(service)


def test_stops_in_time_while_a_mailbox_hangs(tmp_path: Path, mock: Mock, dovecot: Dovecot) -> None:
    with silence() as port:
        channels = [imap_channel(dovecot, "uji", options={"port": port}), sql_channel("sqlite:///sumber.db")]
        with slow(tmp_path, mock.url, channels).start("run") as service:
            wait_for(lambda: len(mock.counts()) == 30, service)
            stops_in_time(service)


def test_stops_in_time_while_a_database_hangs(tmp_path: Path, mock: Mock) -> None:
    with silence() as port:
        url = f"mysql+pymysql://pembaca@{LOOPBACK}:{port}/aduan"
        channels = [sql_channel("sqlite:///sumber.db", name="lain"), sql_channel(url)]
        with slow(tmp_path, mock.url, channels).start("run") as service:
            wait_for(lambda: len(mock.counts()) == 30, service)
            stops_in_time(service)


def test_sync_stops_in_time_too(tmp_path: Path, mock: Mock) -> None:
    mock.fault("unavailable")
    with slow(tmp_path, mock.url).start("sync", "--until-settled") as service:
        wait_for(lambda: service.said("submit"), service)
        _, seconds = service.terminate()
    assert seconds < PROMISED_SECONDS
    assert "Traceback" not in service.err


# Refusing


@pytest.fixture
def gateway(tmp_path: Path, mock: Mock) -> Installation:
    fill_sqlite(tmp_path / "sumber.db", [complaint(1)])
    return Installation(tmp_path, mock.url, [sql_channel("sqlite:///sumber.db")])


def test_a_second_writer_is_refused(gateway: Installation) -> None:
    gateway.init()
    with gateway.start("run") as first:
        wait_for(lambda: first.said("started"), first)
        refused = [gateway.cli(command) for command in ("run", "sync")]
        assert first.process.poll() is None
    for second in refused:
        assert (second.status, second.said.count("\n")) == (4, 1)
        assert "another lapor-gateway works on the state" in second.err


def test_looking_is_possible_while_the_service_runs(gateway: Installation) -> None:
    gateway.init()
    with gateway.start("run") as service:
        wait_for(lambda: service.said("submit"), service)
        status = gateway.cli("status")
    assert (status.status, "formulir" in status.out) == (0, True)


@pytest.mark.parametrize("command", ["run", "sync"])
def test_a_missing_state_stops_it_with_advice(gateway: Installation, mock: Mock, command: str) -> None:
    gateway.write()
    refused = gateway.cli(command)
    assert refused.status == 4
    assert refused.said.count("\n") == 1
    assert "state init" in refused.err
    assert "Restore the backup" in refused.err
    assert not (gateway.folder / "data" / "state.db").exists()
    assert mock.counts() == {}


def test_a_state_is_never_made_twice(gateway: Installation) -> None:
    gateway.init()
    gateway.cli("sync")
    again = gateway.cli("state", "init")
    assert (again.status, again.said.count("\n")) == (4, 1)
    assert "already a state" in again.err
    assert gateway.stages() == {"accepted": 1}


@pytest.mark.parametrize("command", ["run", "sync"])
def test_a_newer_schema_is_refused(gateway: Installation, mock: Mock, command: str) -> None:
    gateway.init()
    gateway.tamper("UPDATE alembic_version SET version_num = '9999_from_the_future'")
    refused = gateway.cli(command)
    assert refused.status == 4
    assert refused.said.count("\n") == 1
    assert "newer lapor-gateway" in refused.err
    assert mock.counts() == {}


def test_another_gateways_state_is_refused(gateway: Installation, mock: Mock) -> None:
    gateway.init()
    config = gateway.config
    gateway.write({**config, "gateway": {**config["gateway"], "id": "orang-lain"}})
    refused = gateway.cli("sync")
    assert (refused.status, refused.said.count("\n")) == (4, 1)
    assert "belongs to the gateway" in refused.err
    assert mock.counts() == {}


# PostgreSQL as the state


@pytest.fixture
def on_postgres(tmp_path: Path, mock: Mock, postgres: Postgres) -> Installation:
    fill_sqlite(tmp_path / "sumber.db", [complaint(n) for n in range(1, 21)])
    state = postgres.new_database()
    gateway = Installation(tmp_path, mock.url, [sql_channel("sqlite:///sumber.db")], state=state)
    gateway.init()
    return gateway


def ask(gateway: Installation, sql: str) -> list[tuple[object, ...]]:
    """Look into, or change, the PostgreSQL state."""
    url = sa.make_url(gateway.state).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        found = connection.execute(sql.encode())
        return found.fetchall() if found.description else []


def test_postgres_keeps_the_state(on_postgres: Installation, mock: Mock) -> None:
    for _ in range(2):
        done = on_postgres.cli("sync")
        assert done.status == 0, done.said
    assert ask(on_postgres, "SELECT stage, count(*) FROM report GROUP BY stage") == [("accepted", 20)]
    assert sorted(mock.counts().values()) == [1] * 20
    assert ask(on_postgres, "SELECT holder FROM lease") == []
    again = on_postgres.cli("state", "init")
    assert (again.status, again.said.count("\n")) == (4, 1)


def test_postgres_refuses_a_second_writer_and_frees_the_lease(on_postgres: Installation, mock: Mock) -> None:
    with on_postgres.start("run") as first:
        wait_for(lambda: first.said("started"), first)
        second = on_postgres.cli("sync")
        assert (second.status, second.said.count("\n")) == (4, 1)
        assert "another lapor-gateway works on the state" in second.err
        stops_in_time(first)
    assert ask(on_postgres, "SELECT holder FROM lease") == []
    assert on_postgres.cli("sync").status == 0
    assert sorted(mock.counts().values()) == [1] * 20


def test_postgres_lease_of_a_killed_writer_is_taken_over_when_it_has_expired(
    on_postgres: Installation, mock: Mock
) -> None:
    mock.fault("timeout_commit", commit_delay=0.3, hold=60.0)
    with on_postgres.start("sync") as first:
        wait_for(lambda: bool(mock.requests("POST /complaints")), first)
        first.kill()
    mock.heal()
    assert on_postgres.cli("sync").status == 4
    ask(on_postgres, "UPDATE lease SET expires_at = now() - interval '1 second'")
    done = on_postgres.cli("sync", "--until-settled")
    assert done.status == 0, done.said
    assert [event["recovered"] for event in done.steps("interrupted")] != []
    assert ask(on_postgres, "SELECT stage, count(*) FROM report GROUP BY stage") == [("accepted", 20)]
    assert sorted(mock.counts().values()) == [1] * 20


def test_postgres_down_is_one_line(on_postgres: Installation, postgres: Postgres) -> None:
    with outage(postgres):
        done = on_postgres.cli("sync")
    assert (done.status, "Traceback" in done.said) == (4, False)
    assert done.said.count("\n") == 1
    assert "cannot be used" in done.err


def test_postgres_comes_back_under_a_running_service(
    on_postgres: Installation, postgres: Postgres, mock: Mock, tmp_path: Path
) -> None:
    on_postgres.channels[0]["every"] = "0.5s"
    on_postgres.write()
    with on_postgres.start("run") as service:
        wait_for(lambda: len(mock.counts()) == 20, service)
        with outage(postgres):
            wait_for(lambda: service.said("collect", outcome="failed"), service)
            assert service.process.poll() is None
        fill_sqlite(tmp_path / "sumber.db", [complaint(21)])
        wait_for(lambda: len(mock.counts()) == 21, service)
        stops_in_time(service)
    assert sorted(mock.counts().values()) == [1] * 21
