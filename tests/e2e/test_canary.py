"""Do a citizen's words, or the gateway's secrets, show up where they must not: logs, errors, `ps`, masked views?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.e2e import leaks
from tests.e2e.leaks import EMAIL, NAME, NIK, PASSWORDS, PERSON, PHONE, SECRETS, SENTENCE, TEXT, CommandLines, traces
from tests.e2e.support import (
    Installation,
    Row,
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
from tests.servers.postgres import Postgres
from tests.servers.process import free_port

SECRET_TEXT = SENTENCE.replace("loket", "ruang rahasia")
# Every way in which LAPOR can fail, one after the other.
MISHAPS = (
    ("error", {}),
    ("unavailable", {}),
    ("too_many", {"retry_after": 0.1}),
    ("truncated", {}),
    ("wrong_type", {}),
    ("unauthorized", {}),
    ("drop_before", {}),
    ("drop_after", {}),
    ("error_commit", {}),
    ("gateway_timeout", {}),
    ("unknown_status", {"status": f"{NAME} {PHONE}"}),
    ("slow_body", {"seconds": 3.0}),
)


def canary(number: int, **changes: object) -> Row:
    """A row by the person of the canary; odd ones are secret."""
    secret = number % 2 == 1
    person = {"nama": NAME, "email": EMAIL, "telp": PHONE, "nik": NIK, "rahasia": "ya" if secret else "tidak"}
    text = {"judul": f"Loket nomor {number}", "isi": f"{SECRET_TEXT if secret else SENTENCE}. Nomor {number}."}
    return complaint(number, **{**person, **text, **changes})


def broken(number: int) -> Row:
    """A row that is held, for every field that a reason could quote."""
    wrong = {
        "tgl_laporan": None,
        "email": f"{NAME} {EMAIL} {PHONE}@",
        "telp": f"{NAME} {PHONE}0000000",
        "nik": f"{NIK}77",
    }
    return canary(number, **wrong, rahasia=f"{NAME} {SENTENCE}"[:200], judul="", isi=SENTENCE)


@dataclass
class Sources:
    """Where the person has written: a mailbox, a database and a sheet."""

    dovecot: Dovecot
    user: str
    mariadb: MariaDB
    url: str
    folder: Path
    files: int = 0

    def channels(self) -> list[dict[str, object]]:
        sql = sql_channel(self.url, every="0.5s", options={"password": "env:UJI_SQL"})
        return [
            imap_channel(self.dovecot, self.user, every="0.5s"),
            sql,
            sheet_channel("lembar", every="0.5s"),
        ]

    def write(self, first: int, count: int = 2) -> None:
        """New complaints in every source, one of them in a form that is held."""
        numbers = range(first, first + count)
        sender = f'"{NAME}" <{EMAIL}>'
        for number in numbers:
            text = f"{SENTENCE}. Nomor {number}. Hubungi {PHONE}, NIK {NIK}, {EMAIL}."
            self.dovecot.append(self.user, mail(number, sender=sender, subject=f"Loket {number}", text=text))
        self.dovecot.append(self.user, mail(first, sender=f"{NAME} {PHONE}", subject="", text=SENTENCE))
        rows = [*map(canary, numbers), broken(first + count)]
        root = self.mariadb.url(self.url.rpartition("/")[2].partition("?")[0], "root")
        fill_mariadb(root, rows)
        self.files += 1
        write_xlsx(self.folder / "lembar" / f"hotline-{self.files}.xlsx", [(f"H{row[0]}", *row[1:]) for row in rows])


@pytest.fixture
def sources(dovecot: Dovecot, mariadb: MariaDB, tmp_path: Path) -> Sources:
    root = mariadb.new_database()
    database = root.rpartition("/")[2].partition("?")[0]
    user = f"pembaca_{database}"
    mariadb.create_user(user, PASSWORDS["database"], f"SELECT ON {database}.*")
    (tmp_path / "lembar").mkdir()
    return Sources(dovecot, dovecot.new_user(), mariadb, mariadb.url(database, user), tmp_path)


def install(folder: Path, url: str, channels: list[dict[str, object]], **lapor: object) -> Installation:
    """An installation whose secrets are canaries too."""
    secrets = {
        "UJI_TOKEN": PASSWORDS["token"],
        "UJI_SQL": PASSWORDS["database"],
        "UJI_IMAP": PASSWORDS["mailbox"],
    }
    settings = {"timeout": "1s", "retry_first": "0.1s", "retry_max": "0.2s", "in_doubt_wait": "0.3s", **lapor}
    gateway = Installation(folder, url, channels, settings, secrets=secrets)
    gateway.init()
    return gateway


@pytest.fixture
def looked_at(tmp_path: Path) -> Iterator[CommandLines]:
    """Command lines of everything that ran; at the end none may tell anything."""
    lines = CommandLines()
    yield lines
    assert any("gateway" in line for line in lines.seen), "nobody was watched"
    assert traces("\n".join(lines.seen), PERSON, TEXT, SECRETS) == []


def watched(gateway: Installation, lines: CommandLines, *arguments: str) -> str:
    """Run a command to its end under observation; what it said."""
    with gateway.start(*arguments) as service, lines.of(service.process.pid):
        assert eventually(lambda: service.process.poll() is not None, within=40), service.err
    return service.out + service.err


def test_sync_tells_nothing_whatever_fails(tmp_path: Path, sources: Sources, looked_at: CommandLines) -> None:
    said: list[str] = []
    with lapor_mock(token=PASSWORDS["token"]) as mock:
        gateway = install(tmp_path, mock.url, sources.channels())
        sources.write(1)
        said.append(watched(gateway, looked_at, "sync"))
        for number, (name, settings) in enumerate(MISHAPS[3:6], start=1):
            mock.fault(name, **settings)  # type: ignore[arg-type]
            sources.write(number * 10)
            said.append(watched(gateway, looked_at, "sync", "--json"))
            mock.heal()
        filed = mock.complaints()
    assert any(one["reporter"]["name"] == NAME and SENTENCE in one["content_final"] for one in filed)
    assert {one["source"] for one in filed} == {"Email Instansi", "Website"}
    assert gateway.stages()["held"] >= 3
    assert "Traceback" not in "".join(said)
    assert traces("\n".join(said), PERSON, TEXT, SECRETS) == []
    assert any("sheet_child" in line for line in looked_at.seen), "the spreadsheet's process was not seen"


def test_run_tells_nothing_whatever_fails(tmp_path: Path, sources: Sources, looked_at: CommandLines) -> None:
    with lapor_mock(token=PASSWORDS["token"]) as mock:
        gateway = install(tmp_path, mock.url, sources.channels())
        sources.write(1)
        with gateway.start("run") as service, looked_at.of(service.process.pid):
            assert eventually(lambda: bool(mock.counts())), service.err
            for number, (name, settings) in enumerate(MISHAPS, start=1):
                before = sum(mock.requests("POST /complaints").values()) + sum(
                    mock.requests("GET /complaints").values()
                )
                mock.fault(name, **settings)  # type: ignore[arg-type]
                sources.write(number * 10)
                eventually(
                    lambda before=before: (
                        sum(mock.requests("POST /complaints").values())  # type: ignore[misc]
                        + sum(mock.requests("GET /complaints").values())
                        > before + 1
                    ),
                    within=3,
                )
                mock.heal()
            with ExitStack() as down:
                for server in (sources.dovecot, sources.mariadb):
                    server.stop()
                    down.callback(server.start)
                (tmp_path / "lembar").rename(tmp_path / "hilang")
                assert eventually(
                    lambda: all(
                        service.said("collect", channel=name, outcome="failed")
                        for name in ("surat", "formulir", "hotline")
                    )
                ), service.err
            status, _ = service.terminate()
    assert status == 0
    assert "Traceback" not in service.err
    assert traces(service.out + service.err, PERSON, TEXT, SECRETS) == []
    assert len(service.events) > 20


ANSWERS = [(422, "application/json"), (400, "text/html"), (500, "application/json")]


@pytest.mark.parametrize(("status", "media_type"), ANSWERS)
def test_an_answer_that_quotes_the_report_is_shown_to_nobody(
    tmp_path: Path, looked_at: CommandLines, status: int, media_type: str
) -> None:
    fill_sqlite(tmp_path / "sumber.db", [canary(1), canary(2)])
    with leaks.parrot() as lapor:
        lapor.status, lapor.media_type = status, media_type
        gateway = install(tmp_path, lapor.url, [sql_channel("sqlite:///sumber.db")])
        said = watched(gateway, looked_at, "sync")
        assert any(SENTENCE in heard for heard in lapor.heard)
    views = "\n".join(view(gateway, ids(gateway)))
    assert "Traceback" not in said
    assert traces(said, PERSON, TEXT, SECRETS) == []
    assert traces(views, PERSON, SECRETS, {"secret sentence": ("ruang rahasia",)}) == []


def ids(gateway: Installation) -> Sequence[int]:
    return [row["id"] for row in gateway.query("SELECT id FROM record ORDER BY id")]


def view(gateway: Installation, numbers: Sequence[int]) -> Iterator[str]:
    """Every line that an operator can look at without `--reveal`, for people and for programs."""
    for arguments in (["status"], ["log"], ["held"], *(["show", str(number)] for number in numbers)):
        for form in ([], ["--json"]):
            shown = gateway.view(*arguments, *form)
            yield from (f"{' '.join([*arguments, *form])}: {line}" for line in shown.splitlines())


def test_masked_views_name_nobody_and_keep_secret_texts(tmp_path: Path, sources: Sources) -> None:
    with lapor_mock(token=PASSWORDS["token"]) as mock:
        gateway = install(tmp_path, mock.url, sources.channels())
        sources.write(1)
        assert gateway.cli("sync").status == 0
    assert len(ids(gateway)) == 9
    views = list(view(gateway, ids(gateway)))
    status_and_log = [line for line in views if re.match(r"(status|log)", line)]
    assert traces("\n".join(views), PERSON, SECRETS, {"secret sentence": ("ruang rahasia",)}) == []
    assert traces("\n".join(status_and_log), TEXT) == []


def test_reveal_shows_the_person(tmp_path: Path) -> None:
    fill_sqlite(tmp_path / "sumber.db", [canary(1)])
    with lapor_mock(token=PASSWORDS["token"]) as mock:
        gateway = install(tmp_path, mock.url, [sql_channel("sqlite:///sumber.db")])
        gateway.cli("sync")
    shown = gateway.cli("show", "1", "--reveal").out
    assert NAME in shown
    assert PHONE in shown
    assert EMAIL in shown


def test_a_database_error_that_quotes_a_row_is_shown_to_nobody(
    tmp_path: Path, postgres: Postgres, looked_at: CommandLines
) -> None:
    url = postgres.new_database()
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE pengaduan (id int PRIMARY KEY, nama text)")
        connection.execute("INSERT INTO pengaduan VALUES (1, %s)", [f"{NAME} {PHONE}"])
        connection.execute("CREATE VIEW aduan AS SELECT *, nama::int AS urutan FROM pengaduan")
    # The database's own words: invalid input syntax for type integer: "Zulaikha Kanarinda 081299887766".
    with psycopg.connect(url.replace("+psycopg", "")) as connection, pytest.raises(psycopg.DataError, match=NAME):
        connection.execute("SELECT * FROM aduan")
    channel = sql_channel(url, options={"table": "aduan"})
    gateway = install(tmp_path, nobody(free_port()), [channel])
    said = watched(gateway, looked_at, "sync") + gateway.cli("check").said + gateway.cli("preview", "formulir").said
    views = "\n".join(view(gateway, []))
    assert gateway.query("SELECT outcome FROM run WHERE step = 'collect'") == [{"outcome": "failed"}]
    assert "Traceback" not in said
    assert traces(said + views, PERSON, SECRETS) == []
