"""Can a new user set up a mailbox and a MySQL form with `channel add`, and file what comes in?"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pymysql
import pytest
from sqlalchemy.engine import make_url
from typer.testing import CliRunner, Result

from gateway.cli.app import app
from gateway.config import load
from tests.e2e.support import TOKEN, mail
from tests.servers.dovecot import Dovecot
from tests.servers.mariadb import MariaDB
from tests.unit.applications import APPLICATION

LAST = ["2026-01-01", "", "", "6472", "no", "no"]


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAPOR_TOKEN", TOKEN)


def add(folder: Path, *answers: str) -> Result:
    first = ["kaltim", "wita", "", "env:LAPOR_TOKEN"]
    given = "".join(f"{answer}\n" for answer in [*first, *answers])
    return CliRunner().invoke(app, ["channel", "add", "-c", str(folder / "config.toml")], input=given)


def mailbox(server: Dovecot) -> list[str]:
    return ["imap", server.host, "implicit", str(server.tls_port), server.new_user()]


def test_a_mailbox_of_citizens(dovecot: Dovecot, tmp_path: Path) -> None:
    answers = mailbox(dovecot)
    for number in range(3):
        dovecot.append(answers[-1], mail(number))
    bounce = b"From: MAILER-DAEMON@contoh.example\r\nSubject: Undelivered\r\n\r\nx\r\n"
    dovecot.append(answers[-1], bounce)
    done = add(tmp_path, "inbox", *answers, dovecot.password, str(dovecot.ca_file), *LAST)
    assert done.exit_code == 0, done.output
    assert "3 from people or forms, 1 bounce" in done.output
    assert 'mapping = "email"' in done.output
    assert "1 ignored, 3 queued" in done.output
    assert dovecot.password not in done.output
    assert "Sampah nomor" not in done.output.split("The newest record")[0]


def test_a_wrong_password_is_asked_for_again(dovecot: Dovecot, tmp_path: Path) -> None:
    answers = mailbox(dovecot)
    dovecot.append(answers[-1], mail(1))
    wrong = [*answers[1:], "salah", str(dovecot.ca_file)]
    done = add(tmp_path, "inbox", "imap", *wrong, "", "", "", "", dovecot.password, "", *LAST)
    assert done.exit_code == 0, done.output
    assert "refuses the user name or password" in done.output


FORM = "Nama: Warga {0}\r\nNo HP: 0812345678{0}0\r\nLokasi: Pasar Pagi\r\nIsi Aduan: Lampu nomor {0} di pasar mati.\r\n"


def test_a_form_that_mails_is_recognised_and_its_sender_kept(dovecot: Dovecot, tmp_path: Path) -> None:
    answers = mailbox(dovecot)
    for number in range(1, 4):
        dovecot.append(answers[-1], mail(number, sender="Situs <www@dinas.example>", text=FORM.format(number)))
    done = add(tmp_path, "form", *answers, dovecot.password, str(dovecot.ca_file), *LAST)
    assert done.exit_code == 0, done.output
    (channel,) = load(tmp_path / "config.toml").channels
    assert channel.settings.mapping == "form-mailer"
    assert channel.options.model_dump()["form_senders"] == ("www@dinas.example",)
    assert "3 queued" in done.output


def test_a_form_with_labels_of_its_own_gets_a_mapping_of_its_own(dovecot: Dovecot, tmp_path: Path) -> None:
    answers = mailbox(dovecot)
    words = {"Nama:": "Nama Pengirim:", "No HP:": "Nomor Kontak:", "Isi Aduan:": "Uraian Keluhan Anda:"}
    form = FORM
    for usual, own in words.items():
        form = form.replace(usual, own)
    for number in range(1, 4):
        dovecot.append(answers[-1], mail(number, sender="Situs <www@dinas.example>", text=form.format(number)))
    done = add(tmp_path, "form", *answers, dovecot.password, str(dovecot.ca_file), *LAST)
    assert done.exit_code == 0, done.output
    (channel,) = load(tmp_path / "config.toml").channels
    assert channel.settings.mapping == "mappings/form.toml"
    assert "3 queued" in done.output


def test_a_form_on_mysql(mariadb: MariaDB, tmp_path: Path) -> None:
    url = make_url(mariadb.new_database())
    database = str(url.database)
    with pymysql.connect(host=mariadb.host, port=mariadb.port, user="root", database=database, autocommit=True) as own:
        for statement in filter(str.strip, APPLICATION.split(";\n")):
            with own.cursor() as cursor:
                cursor.execute(statement)
    mariadb.create_user(f"baca_{database}", "sandi-baca", f"SELECT ON {database}.*")
    sql = ["sql", "mysql", mariadb.host, str(mariadb.port), database, f"baca_{database}", "sandi-baca"]
    done = add(tmp_path, "web", *sql, "1", "", "", *LAST)
    assert done.exit_code == 0, done.output
    assert "pengaduan + masyarakat" in done.output
    assert "4 queued" in done.output
    assert "sandi-baca" not in done.output
    assert (tmp_path / "secrets" / "web-password").read_text().strip() == "sandi-baca"


def test_what_was_set_up_can_be_synchronised(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "p.db") as connection:
        connection.executescript(APPLICATION)
    assert add(tmp_path, "web", "sql", "sqlite", "p.db", "1", "", "", *LAST).exit_code == 0
    runner, config = CliRunner(), str(tmp_path / "config.toml")
    assert runner.invoke(app, ["lint", "-c", config]).exit_code == 0
    assert runner.invoke(app, ["state", "init", "-c", config]).exit_code == 0
