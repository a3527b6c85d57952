"""Does every ordinary mistake or failure end as one clear line, with the documented exit status, and harm nobody?"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.support import (
    Ended,
    Installation,
    Mock,
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
from tests.servers.process import LOOPBACK, free_port

WELL, NOT_DONE, WRONG_USAGE, WRONG_CONFIGURATION, NO_STATE = range(5)
NOWHERE = "tidak-ada.invalid"
GOOD = 3


@pytest.fixture
def mock() -> Iterator[Mock]:
    with lapor_mock() as running:
        yield running


def install(folder: Path, lapor: str, *channels: dict[str, Any], **settings: object) -> Installation:
    """An installation with the given channels beside one that is well and has three complaints."""
    fill_sqlite(folder / "sumber.db", [complaint(n) for n in range(1, GOOD + 1)])
    well = sql_channel("sqlite:///sumber.db", name="sehat")
    gateway = Installation(folder, lapor, [*channels, well], dict(settings))
    gateway.init()
    return gateway


def failed(ended: Ended, channel: str) -> str:
    """The one line in which a channel's failure is told."""
    (event,) = ended.steps("collect", channel)
    assert event["outcome"] == "failed"
    assert event["level"] == "warning"
    assert "unexpected" not in event["message"]
    return str(event["message"])


def others_go_on(ended: Ended, mock: Mock) -> None:
    """The channel that is well was collected and filed all the same, and no traceback was shown."""
    (event,) = ended.steps("collect", "sehat")
    assert event["outcome"] == "ok", event
    assert sorted(mock.counts().values()) == [1] * GOOD
    assert "Traceback" not in ended.said


# Sources


def test_wrong_mailbox_password(tmp_path: Path, mock: Mock, dovecot: Dovecot) -> None:
    gateway = install(tmp_path, mock.url, imap_channel(dovecot, dovecot.new_user()))
    gateway.secrets["UJI_IMAP"] = "bukan-ini"
    ended = gateway.cli("sync")
    assert ended.status == NOT_DONE
    assert "refuses the user name or password" in failed(ended, "surat")
    others_go_on(ended, mock)


def test_wrong_database_password(tmp_path: Path, mock: Mock, mariadb: MariaDB) -> None:
    database = mariadb.new_database().rpartition("/")[2].partition("?")[0]
    mariadb.create_user(f"u{database}", "sandi-benar", f"SELECT ON {database}.*")
    channel = sql_channel(mariadb.url(database, f"u{database}"), options={"password": "env:UJI_SQL"})
    fill_sqlite(tmp_path / "sumber.db", [])
    gateway = Installation(tmp_path, mock.url, [channel], secrets={"UJI_SQL": "bukan-ini"})
    gateway.init()
    ended = gateway.cli("sync")
    assert ended.status == NOT_DONE
    assert "Access denied" in failed(ended, "formulir")


UNKNOWN_HOSTS = {
    "surat": {"host": NOWHERE, "tls": "implicit", "username": "uji", "password": "env:UJI_IMAP"},
    "formulir": {"url": f"mysql+pymysql://pembaca@{NOWHERE}/aduan", "table": "pengaduan", "key": ["id"]},
}


@pytest.mark.parametrize("name", UNKNOWN_HOSTS)
def test_unknown_host(tmp_path: Path, mock: Mock, dovecot: Dovecot, name: str) -> None:
    kinds = {"surat": imap_channel(dovecot, "uji"), "formulir": sql_channel("sqlite:///lain.db")}
    gateway = install(tmp_path, mock.url, {**kinds[name], "options": UNKNOWN_HOSTS[name]})
    ended = gateway.cli("sync")
    assert ended.status == NOT_DONE
    message = failed(ended, name)
    assert NOWHERE in message
    assert "does not answer" in message
    others_go_on(ended, mock)


def test_missing_key_column(tmp_path: Path, mock: Mock, mariadb: MariaDB) -> None:
    url = mariadb.new_database()
    fill_mariadb(url, [complaint(1)])
    ended = install(tmp_path, mock.url, sql_channel(url, options={"key": ["nomor"]})).cli("sync")
    assert ended.status == NOT_DONE
    message = failed(ended, "formulir")
    assert "there is no column nomor" in message
    assert "tgl_laporan" in message
    others_go_on(ended, mock)


def test_missing_table(tmp_path: Path, mock: Mock, mariadb: MariaDB) -> None:
    ended = install(tmp_path, mock.url, sql_channel(mariadb.new_database())).cli("sync")
    assert ended.status == NOT_DONE
    assert "pengaduan' doesn't exist" in failed(ended, "formulir")
    others_go_on(ended, mock)


def test_missing_spreadsheet_column(tmp_path: Path, mock: Mock) -> None:
    write_xlsx(tmp_path / "hotline.xlsx", [complaint(1)])
    ended = install(tmp_path, mock.url, sheet_channel("hotline.xlsx", options={"key": ["Nomor Tiket"]})).cli("sync")
    assert ended.status == NOT_DONE
    message = failed(ended, "hotline")
    assert "hotline.xlsx" in message
    assert "Nomor Tiket" in message
    others_go_on(ended, mock)


def test_missing_file(tmp_path: Path, mock: Mock) -> None:
    ended = install(tmp_path, mock.url, sheet_channel("tidak-ada.xlsx")).cli("sync")
    assert ended.status == NOT_DONE
    assert "tidak-ada.xlsx" in failed(ended, "hotline")
    others_go_on(ended, mock)


def test_corrupt_files_beside_a_good_one(tmp_path: Path, mock: Mock) -> None:
    folder = tmp_path / "lembar"
    folder.mkdir()
    for number, name in enumerate(("baik", "terpotong", "acak", "halaman"), start=101):
        write_xlsx(folder / f"{name}.xlsx", [complaint(number)])
    whole = (folder / "terpotong.xlsx").read_bytes()
    (folder / "terpotong.xlsx").write_bytes(whole[: len(whole) // 2])
    (folder / "acak.xlsx").write_bytes(b"PK\x03\x04" + random.Random(1).randbytes(5_000))
    (folder / "halaman.xlsx").write_text("<html><body><table><tr><td>id</td></tr></table></body></html>")
    gateway = install(tmp_path, mock.url, sheet_channel("lembar"))
    ended = gateway.cli("sync")
    (event,) = ended.steps("collect", "hotline")
    assert event["outcome"] == "partial"
    broken = sorted(problem.partition(":")[0] for problem in event["problems"])
    assert broken == ["acak.xlsx", "halaman.xlsx", "terpotong.xlsx"]
    assert "Traceback" not in ended.said
    assert len(mock.counts()) == GOOD + 1
    # A file that cannot be read is no source that cannot be reached.
    assert ended.status == WELL
    shown = gateway.view("status")
    assert all(name in shown for name in broken)
    write_xlsx(folder / "terpotong.xlsx", [complaint(102)])
    gateway.cli("sync")
    assert len(mock.counts()) == GOOD + 2


# Configuration


def test_every_mistake_in_the_configuration_is_named_with_its_place(tmp_path: Path) -> None:
    mistakes = {
        "gateway": {"timezone": "Samarinda"},
        "lapor": {"tokne": "x", "token": "langsung-di-sini", "base_url": "http://lapor.example", "timeout": "soon"},
        "log": {"level": "loud"},
    }
    channels = [
        sql_channel("sqlite:///s.db", name="satu", connector="fax"),
        sql_channel("sqlite:///s.db", name="dua", mapping="tidak-ada"),
        sql_channel("sqlite:///s.db", name="tiga", defaults={"is_secret": False}),
        sql_channel("sqlite:///s.db", name="empat", options={"password": "env:TIDAK_ADA"}),
        {"name": "lima", "connector": "sql"},
    ]
    gateway = Installation(tmp_path, nobody(9), channels)
    config = gateway.config
    gateway.write({**config, **{table: {**config[table], **changes} for table, changes in mistakes.items()}})
    with (tmp_path / "config.toml").open("a", encoding="utf-8") as file:
        file.write('[gatewya]\nid = "x"\n')
    ended = gateway.cli("check")
    assert ended.status == WRONG_CONFIGURATION
    for expected in (
        'unknown key "tokne"; did you mean "token"?',
        'unknown key "gatewya"; did you mean "gateway"?',
        "token: secrets stand outside the configuration",
        "it is allowed on loopback only",
        "timeout: expected a duration",
        "timezone: expected a time zone",
        "level: expected ",
        "channels[satu].connector: unknown connector",
        "channels[dua].mapping: no such preset",
        "channels[tiga].defaults.location_id: state it here",
        "channels[empat].options.password: the environment variable TIDAK_ADA is not set",
        "channels[lima].mapping: it is missing",
    ):
        assert [line for line in ended.err.splitlines() if expected in line] != [], (expected, ended.err)
    lines = (tmp_path / "config.toml").read_text().splitlines()
    for line in ended.err.splitlines():
        file, number, _ = line.split(":", 2)
        assert file == f"{tmp_path}/config.toml"
        assert 1 <= int(number) <= len(lines)
    (told,) = (line for line in ended.err.splitlines() if "tokne" in line)
    assert lines[int(told.split(":")[1]) - 1].startswith("tokne")
    assert "langsung-di-sini" not in ended.said


@pytest.mark.parametrize("command", [["run"], ["status"]])
def test_no_configuration_is_one_line(tmp_path: Path, command: list[str]) -> None:
    ended = Installation(tmp_path, nobody(9)).cli(*command)
    assert (ended.status, ended.said.count("\n")) == (WRONG_CONFIGURATION, 1)
    assert "cannot be read" in ended.err


def test_broken_toml_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[gateway\n", encoding="utf-8")
    ended = Installation(tmp_path, nobody(9)).cli("sync")
    assert (ended.status, ended.said.count("\n")) == (WRONG_CONFIGURATION, 1)
    assert "not valid TOML" in ended.err


def test_a_ca_file_that_is_missing_is_one_line(tmp_path: Path, mock: Mock) -> None:
    gateway = install(tmp_path, mock.url)
    gateway.lapor_settings["ca_file"] = "tidak-ada.pem"
    gateway.write()
    ended = gateway.cli("sync")
    assert "Traceback" not in ended.said
    assert ended.said.count("\n") == 1
    assert ended.status in (NOT_DONE, WRONG_CONFIGURATION)
    assert "tidak-ada.pem" in ended.err


def test_a_state_that_cannot_be_written_is_one_line(tmp_path: Path, mock: Mock) -> None:
    (tmp_path / "data").write_text("a file, no folder")
    gateway = Installation(tmp_path, mock.url)
    gateway.write()
    ended = gateway.cli("state", "init")
    assert (ended.status, ended.said.count("\n")) == (NO_STATE, 1)
    assert "Traceback" not in ended.said


def test_a_damaged_state_is_one_line(tmp_path: Path, mock: Mock) -> None:
    gateway = install(tmp_path, mock.url)
    (tmp_path / "data" / "state.db").write_bytes(b"no database at all" * 1_000)
    for leftover in (tmp_path / "data").glob("state.db-*"):
        leftover.unlink()
    for command in ("sync", "status"):
        ended = gateway.cli(command)
        assert (ended.status, ended.said.count("\n")) == (NO_STATE, 1), ended.said
        assert "cannot be used" in ended.err
    assert mock.counts() == {}


@pytest.mark.parametrize("arguments", [["preview", "tidak-ada"], ["show"]])
def test_wrong_usage(tmp_path: Path, mock: Mock, arguments: list[str]) -> None:
    ended = install(tmp_path, mock.url).cli(*arguments)
    assert ended.status == WRONG_USAGE
    assert "Traceback" not in ended.said


# LAPOR


LAPOR_FAILS: Mapping[str, tuple[str, Mapping[str, Any], str]] = {
    "401": ("unauthorized", {}, "refuses the token (HTTP 401)"),
    "429": ("too_many", {"retry_after": 30.0}, "HTTP 429"),
    "503 as a page": ("unavailable", {}, "HTTP 503"),
    "a page under 200": ("wrong_type", {"method": "GET"}, "no JSON object"),
}


@pytest.mark.parametrize(("fault", "settings", "expected"), LAPOR_FAILS.values(), ids=LAPOR_FAILS.keys())
def test_lapor_fails(tmp_path: Path, mock: Mock, fault: str, settings: Mapping[str, Any], expected: str) -> None:
    gateway = install(tmp_path, mock.url)
    mock.fault(fault, **settings)
    ended = gateway.cli("sync")
    assert ended.status == NOT_DONE
    assert "Traceback" not in ended.said
    told = [event for event in ended.events if expected in event.get("message", "")]
    assert told, ended.said
    assert all(event["level"] == "warning" for event in told)
    assert ended.steps("collect", "sehat")[0]["outcome"] == "ok"
    assert set(gateway.stages()) <= {"queued", "accepted"}
    if gateway.stages() == {"accepted": GOOD}:
        return
    mock.heal()
    gateway.tamper("UPDATE target SET paused_until = NULL")
    gateway.tamper("UPDATE report SET next_attempt_at = NULL WHERE stage = 'queued'")
    assert gateway.cli("sync", "--until-settled").status == WELL
    assert sorted(mock.counts().values()) == [1] * GOOD


@pytest.mark.parametrize("fault", ["too_many", "error"])
def test_submit_itself_says_why_nothing_was_sent(tmp_path: Path, mock: Mock, fault: str) -> None:
    gateway = install(tmp_path, mock.url)
    mock.fault(fault, method="POST")
    ended = gateway.cli("sync")
    (event,) = ended.steps("submit")
    assert event["outcome"] != "ok"
    assert "LAPOR" in event.get("message", "")
    assert ended.status == NOT_DONE


def test_lapor_is_down(tmp_path: Path) -> None:
    gateway = install(tmp_path, nobody(free_port()))
    ended = gateway.cli("sync")
    assert ended.status == NOT_DONE
    assert any(f"{LOOPBACK}" in event.get("message", "") for event in ended.events)
    assert gateway.stages() == {"queued": GOOD}
    assert "Traceback" not in ended.said


def test_lapor_rejects_one_report(tmp_path: Path, mock: Mock) -> None:
    for number in (50, 51):
        fill_sqlite(tmp_path / f"sumber{number}.db", [complaint(number)])
    well = sql_channel("sqlite:///sumber50.db", name="sehat")
    wrong_place = {"is_anonymous": False, "location_id": "0000"}
    other = sql_channel("sqlite:///sumber51.db", name="salah", defaults=wrong_place)
    gateway = Installation(tmp_path, mock.url, [well, other])
    gateway.init()
    ended = gateway.cli("sync")
    # LAPOR was reached and answered: a person must act, but nothing failed.
    assert ended.status == WELL
    assert ended.steps("submit")[0]["counts"] == {"accepted": 1, "rejected": 1}
    assert gateway.stages() == {"accepted": 1, "rejected": 1}
    held = gateway.view("held")
    assert "ditolak LAPOR" in held
    assert "lokasi" in held
    assert sorted(mock.counts().values()) == [1]


def test_sync_until_settled_does_not_flood_the_log_while_lapor_rests(tmp_path: Path, mock: Mock) -> None:
    fill_sqlite(tmp_path / "sumber.db", [complaint(n) for n in range(10, 30)])
    settings = {"retry_first": "20s", "retry_max": "20s"}
    gateway = install(tmp_path, mock.url, **settings)
    mock.fault("too_many", retry_after=20.0)
    with gateway.start("sync", "--until-settled") as service:
        assert eventually(lambda: service.said("submit")), service.err
        time.sleep(3)
        lines = len(service.events)
    assert lines < 20


def test_mail_goes_on_while_lapor_is_down(tmp_path: Path, dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.append(user, mail(1))
    gateway = install(tmp_path, nobody(free_port()), imap_channel(dovecot, user))
    gateway.cli("sync")
    dovecot.append(user, mail(2))
    ended = gateway.cli("sync")
    assert ended.steps("collect", "surat")[0]["counts"]["new"] == 1
    assert gateway.stages() == {"queued": GOOD + 2}
