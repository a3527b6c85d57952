"""Does `channel add` ask, look, write what the gateway accepts, and never write over anything or keep half of it?"""

from __future__ import annotations

import os
import pty
import select
import sqlite3
import stat
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from gateway.channel_text import NewChannel, channel_text
from gateway.cli.app import app
from gateway.config import load
from tests.unit.applications import APPLICATION, NIK, PORTAL, TOKEN
from tests.unit.test_discover import CONFIG, portal

ROOT = Path(__file__).parents[2]
LAST = ["2026-11-01", "", "", "6472", "no", "no"]
"""Start, source, institution, place, anonymous, secret."""
SQL = ["sql", "sqlite", "p.db", "1", "", "", *LAST]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "config.toml").write_text(CONFIG)
    monkeypatch.setenv("TIDAK_ADA", "token")
    with sqlite3.connect(tmp_path / "p.db") as connection:
        connection.executescript(APPLICATION)
    return tmp_path


def add(folder: Path, *words: str, answers: list[str] | None = None) -> Result:
    given = "".join(f"{answer}\n" for answer in answers or [])
    return CliRunner().invoke(app, ["channel", "add", *words, "-c", str(folder / "config.toml")], input=given)


def files(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file() and "var" not in file.parts}


def test_a_database_becomes_a_channel_and_its_newest_record_is_shown(folder: Path) -> None:
    before = files(folder)
    done = add(folder, answers=["web", *SQL])
    assert done.exit_code == 0, done.output
    assert files(folder) - before == {"channels.d/web.toml"}
    (channel,) = load(folder / "config.toml").channels
    assert (channel.name, channel.settings.mapping, channel.settings.source) == ("web", "webform", "Website Institusi")
    assert channel.settings.report_defaults()["location_id"] == "6472"
    assert "4 queued" in done.output
    for personal in (NIK, "Siti", "081234567890", "hash-of-a-password"):
        assert personal not in done.output


def test_what_cannot_be_reached_is_asked_again_with_the_answers_kept(folder: Path) -> None:
    done = add(folder, answers=["web", "sql", "sqlite", "tidak-ada.db", "sqlite", "p.db", "1", "", "", *LAST])
    assert done.exit_code == 0, done.output
    assert "no such file" in done.output
    assert "[tidak-ada.db]" in done.output


def test_a_typed_secret_lies_in_a_file_of_its_own_and_nowhere_else(folder: Path) -> None:
    with portal(PORTAL) as url:
        done = add(folder, "portal", answers=["http", url, TOKEN, "", "", "", "", *LAST])
    assert done.exit_code == 0, done.output
    secret = folder / "secrets" / "portal-token"
    assert secret.read_text() == f"{TOKEN}\n"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert stat.S_IMODE(secret.parent.stat().st_mode) == 0o700
    assert TOKEN not in done.output
    assert [file for file in files(folder) if TOKEN in (folder / file).read_text(errors="replace")] == [
        "secrets/portal-token"
    ]
    (channel,) = load(folder / "config.toml").channels
    assert channel.settings.mapping == "mappings/portal.toml"
    assert "5 queued" in done.output


def test_a_field_can_be_taken_from_another_column_and_the_key_named(folder: Path) -> None:
    rows = ["Kode,Kapan,Siapa,Telp,Cerita"]
    rows += [
        f"K{n},2026-11-0{n},Siti,08123456789{n},Air PDAM mati di gang nomor {n} sejak kemarin sore."
        for n in range(1, 6)
    ]
    (folder / "a.csv").write_text("\n".join(rows) + "\n")
    fields = ["judul = Cerita", "reporter_name = Nama", "reporter_name = Siapa", "received_at = Kapan", ""]
    done = add(folder, "hotline", answers=["spreadsheet", "a.csv", *fields, "Kodee", "Kode", *LAST])
    assert done.exit_code == 0, done.output
    assert "fields are: content" in done.output
    assert "columns are: Kode" in done.output
    assert "no such column: Kodee" in done.output
    (channel,) = load(folder / "config.toml").channels
    assert channel.options.model_dump()["key"] == ("Kode",)
    assert "5 queued" in done.output


@pytest.mark.parametrize("name", ["Web", "../x", "", "lama"])
def test_a_name_that_cannot_be_is_refused(folder: Path, name: str) -> None:
    add(folder, answers=["lama", *SQL])
    before = files(folder)
    assert add(folder, name).exit_code == 2
    assert files(folder) == before


def test_nothing_is_written_over(folder: Path) -> None:
    (folder / "mappings").mkdir()
    (folder / "mappings" / "portal.toml").write_text("# mine\n")
    done = add(folder, "portal")
    assert done.exit_code == 2
    assert "there already" in done.output
    assert (folder / "mappings" / "portal.toml").read_text() == "# mine\n"


def test_ending_in_the_middle_leaves_nothing(folder: Path) -> None:
    before = files(folder)
    with portal(PORTAL) as url:
        assert add(folder, "portal", answers=["http", url, TOKEN, "", "", ""]).exit_code == 1
    assert files(folder) == before


def test_without_a_configuration_the_smallest_one_is_made(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "p.db") as connection:
        connection.executescript(APPLICATION)
    done = add(tmp_path, answers=["kaltim", "wita", "", "mock-token", "web", *SQL])
    assert done.exit_code == 0, done.output
    config = load(tmp_path / "config.toml")
    assert (config.gateway.id, str(config.gateway.timezone)) == ("kaltim", "Asia/Makassar")
    assert "mock-token" not in (tmp_path / "config.toml").read_text()


def test_a_mistake_elsewhere_is_told_and_the_channel_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TIDAK_ADA")
    done = add(folder, answers=["web", *SQL])
    assert done.exit_code == 0, done.output
    assert "TIDAK_ADA is not set" in done.output
    assert (folder / "channels.d" / "web.toml").is_file()


# Many at once


HEAD = "name,connector,start,source,location_id,is_anonymous,is_secret,options.url,options.table,options.key"


def rows(folder: Path, *lines: str, head: str = HEAD) -> Path:
    table = folder / "kanal.csv"
    table.write_text("\n".join([head, *lines]) + "\n")
    return table


def row(name: str) -> str:
    return f"{name},sql,2026-11-01,Website Institusi,6472,ya,tidak,sqlite:///p.db,pengaduan,id_pengaduan"


def test_forty_channels_come_at_once(folder: Path) -> None:
    table = rows(folder, *(row(f"dinas-{number:02}") for number in range(40)))
    done = add(folder, "--from", str(table))
    assert done.exit_code == 0, done.output
    channels = load(folder / "config.toml").channels
    assert len(channels) == 40
    assert channels[0].settings.defaults == {"location_id": "6472", "is_anonymous": True, "is_secret": False}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (row("B!"), "kanal.csv:3: name: expected"),
        (row("satu"), "kanal.csv:3: name: line 2 has the same one"),
        (row("dua").replace("2026-11-01", "kemarin"), "kanal.csv:3: start: expected a date"),
        (row("dua").replace(",ya,", ",mungkin,"), "kanal.csv:3: is_anonymous: expected true or false"),
        (row("dua").replace(",pengaduan,", ",,"), "table"),
        (row("dua").replace(",sql,", ",sqll,"), "unknown connector"),
        (row("dua").replace("6472", ""), "location_id"),
        (row("dua") + ",lebih", "more cells"),
    ],
)
def test_one_wrong_row_and_none_is_written(folder: Path, line: str, told: str) -> None:
    before = files(folder)
    done = add(folder, "--from", str(rows(folder, row("satu"), line)))
    assert done.exit_code != 0
    assert told in str(done.exception or done.output)
    assert files(folder) - before == {"kanal.csv"}


def test_a_secret_in_the_table_is_refused_and_not_told(folder: Path) -> None:
    table = rows(folder, f"{row('satu')},sandi-rahasia", head=f"{HEAD},options.password")
    done = add(folder, "--from", str(table))
    assert "env:NAME" in str(done.exception)
    assert "sandi-rahasia" not in str(done.exception) + done.output


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ("name,connector", '"start" is missing'),
        (HEAD.replace("source", "sorce"), 'did you mean "source"'),
        ("", "is missing"),
    ],
)
def test_headings_that_say_nothing_are_told(folder: Path, head: str, told: str) -> None:
    done = add(folder, "--from", str(rows(folder, row("satu") if head else "", head=head)))
    assert told in str(done.exception)


def test_an_existing_file_stops_the_whole_table(folder: Path) -> None:
    (folder / "channels.d").mkdir()
    mine = 'connector = "sql"\nmapping = "webform"\nstart = "now"\n'
    (folder / "channels.d" / "dua.toml").write_text(mine)
    done = add(folder, "--from", str(rows(folder, row("satu"), row("dua"))))
    assert done.exit_code != 0
    assert (folder / "channels.d" / "dua.toml").read_text() == mine
    assert not (folder / "channels.d" / "satu.toml").exists()


# What is written


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(
    st.dictionaries(
        st.from_regex(r"[a-z_]{1,12}", fullmatch=True), TEXTS | st.lists(TEXTS) | st.integers() | st.booleans()
    )
)
def test_whatever_is_said_is_what_is_read(options: dict[str, object]) -> None:
    text = channel_text(NewChannel("uji", {"connector": "x"}, {}, options))
    assert tomllib.loads(text)["options"] == options


def test_a_query_stands_in_lines_of_its_own() -> None:
    query = "SELECT *\nFROM pengaduan"
    text = channel_text(NewChannel("uji", {"connector": "sql"}, {}, {"query": query}))
    assert f"'''\n{query}\n'''" in text
    assert tomllib.loads(text)["options"]["query"].strip() == query


# A real terminal


def test_in_a_real_terminal_a_secret_is_never_shown(folder: Path) -> None:
    with portal(PORTAL) as url:
        dialogue = [
            ("stand", "http"),
            ("address of the list", url),
            ("token", TOKEN),
            ("header", ""),
            ("certificate", ""),
        ]
        dialogue += [
            ("another column", ""),
            ("apart", ""),
            ("which day", "2026-11-01"),
            ("call such", ""),
            ("agency's id", ""),
        ]
        dialogue += [("place", "6472"), ("name be hidden", "no"), ("report be hidden", "no")]
        status, shown = terminal(folder, dialogue)
    assert status == 0, shown
    assert TOKEN not in shown
    assert "5 queued" in shown
    assert (folder / "secrets" / "portal-token").read_text().strip() == TOKEN


def terminal(folder: Path, dialogue: list[tuple[str, str]]) -> tuple[int, str]:
    """Type each answer once its question stands there; the exit status and all that was shown."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "120"}
    command = [sys.executable, "-m", "gateway", "channel", "add", "portal"]
    child = subprocess.Popen(
        command, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
    )
    os.close(theirs)
    shown, seen, left = "", 0, list(dialogue)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        ready, _, _ = select.select([ours], [], [], 0.1)
        try:
            data = os.read(ours, 65536) if ready else b""
        except OSError:
            break
        shown += data.decode(errors="replace")
        # The blank comes last, when the echo is off already.
        if left and left[0][0] in shown[seen:] and shown.endswith(": "):
            seen = len(shown)
            os.write(ours, f"{left.pop(0)[1]}\n".encode())
        if not ready and child.poll() is not None:
            break
    os.close(ours)
    child.kill()
    return child.wait(), shown
