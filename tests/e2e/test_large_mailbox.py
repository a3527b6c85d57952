"""Is a large mailbox taken in whole and once, through broken connections, and cheap when nothing is new?"""

from __future__ import annotations

import os
import random
import signal
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.e2e.once import wrongs
from tests.e2e.support import Installation, Mock, Service, eventually, imap_channel, lapor_mock, mail
from tests.servers.account import hand_over
from tests.servers.dovecot import Dovecot
from tests.servers.outage import outage
from tests.servers.process import LOOPBACK

PATIENCE = 60.0
"""Seconds for what takes a few: no test waits for its end."""
FEW_COMMANDS = 8
FEW_BYTES = 3_000


@pytest.fixture
def mock() -> Iterator[Mock]:
    with lapor_mock() as running:
        yield running


def fill(server: Dovecot, user: str, numbers: range) -> None:
    """Put mails into a mailbox as a delivery agent does, without the server."""
    inbox = server.mailbox_path(user)
    for folder in (inbox.parent, inbox, inbox / "cur", inbox / "new", inbox / "tmp"):
        folder.mkdir(exist_ok=True)
        hand_over(folder)
    for number in numbers:
        file = inbox / "cur" / f"{1_700_000_000 + number}.M{number}.uji:2,"
        file.write_bytes(mail(number))
        hand_over(file)


def shuffle(server: Dovecot, user: str, chance: random.Random) -> None:
    """Give every mail another file name, and so another UID once the folder is rebuilt."""
    folder = server.mailbox_path(user) / "cur"
    for file in sorted(folder.iterdir()):
        file.rename(folder / f"{chance.randrange(10**9, 2 * 10**9)}.{file.name.partition('.')[2]}")


def installation(folder: Path, mock: Mock, channel: dict[str, object], **lapor: object) -> Installation:
    made = Installation(folder, mock.url, [{**channel, "first_run_limit": 1_000_000}], dict(lapor))
    made.init()
    return made


def records(gateway: Installation) -> int:
    return int(gateway.query("SELECT count(*) AS n FROM record")[0]["n"])


# A first import that is interrupted


@contextmanager
def killed(server: Dovecot) -> Iterator[None]:
    """The server is gone from one moment to the next for the body, as in a power cut."""
    process = server._process._process
    assert process is not None
    os.killpg(process.pid, signal.SIGKILL)
    with outage(server):
        yield


def cut_while_collecting(gateway: Installation, server: Dovecot, enough: int) -> int:
    """Run `sync`, and kill the mail server once so many records are kept; how many there are then."""
    with gateway.start("sync") as service:
        eventually(lambda: records(gateway) >= enough or service.process.poll() is not None, PATIENCE, 0.01)
        with killed(server):
            kept = records(gateway)
            service.process.wait(PATIENCE)
    assert "Traceback" not in service.err, service.err
    return kept


def import_with_cuts(folder: Path, mock: Mock, server: Dovecot, mails: int, *, release: str) -> Installation:
    """Take in that many mails, while the server dies three times and once comes back with other UIDs."""
    user, chance = server.new_user(), random.Random(9)
    fill(server, user, range(mails))
    channel = imap_channel(server, user, release=release)
    gateway = installation(folder, mock, channel, rate="5000/s", per_day=1_000_000)
    kept = [cut_while_collecting(gateway, server, mails * part // 10) for part in (1, 3, 5)]
    assert 0 < kept[0] <= kept[1] <= kept[2] < mails, "the kills came too early or too late to prove anything"
    server.stop()
    shuffle(server, user, chance)
    server.start()
    server.change_uidvalidity(user)
    for _ in range(2):
        done = gateway.cli("sync", within=600)
        assert done.status == 0, done.said
    assert gateway.query("SELECT count(*) AS n, count(DISTINCT key) AS keys FROM record") == [
        {"n": mails, "keys": mails}
    ]
    return gateway


def subjects(gateway: Installation) -> list[str]:
    rows = gateway.query("SELECT json_extract(mapped, '$.title') AS title FROM report")
    return sorted(str(row["title"]) for row in rows)


def test_many_mails_are_each_kept_once(tmp_path: Path, mock: Mock, dovecot: Dovecot) -> None:
    kept_once(tmp_path, mock, dovecot, 1_100)


@pytest.mark.soak
def test_five_thousand_mails_are_each_kept_once(tmp_path: Path, mock: Mock, dovecot: Dovecot) -> None:
    kept_once(tmp_path, mock, dovecot, 5_000)


def kept_once(folder: Path, mock: Mock, server: Dovecot, mails: int) -> None:
    gateway = import_with_cuts(folder, mock, server, mails, release="review")
    assert gateway.stages() == {"held": mails}
    assert subjects(gateway) == sorted(f"Sampah menumpuk {number}" for number in range(mails))


def test_a_part_of_them_is_each_filed_once(tmp_path: Path, mock: Mock, dovecot: Dovecot) -> None:
    filed_once(tmp_path, mock, dovecot, 400)


@pytest.mark.soak
def test_five_thousand_mails_are_each_filed_once(tmp_path: Path, mock: Mock, dovecot: Dovecot) -> None:
    filed_once(tmp_path, mock, dovecot, 5_000)


def filed_once(folder: Path, mock: Mock, server: Dovecot, mails: int) -> None:
    gateway = import_with_cuts(folder, mock, server, mails, release="auto")
    assert gateway.cli("sync", "--until-settled", within=600).status == 0
    assert list(wrongs(gateway, mock, mails)) == []
    assert set(mock.counts().values()) == {1}
    assert len(mock.counts()) == mails


# A round with nothing new


class Counter:
    """A proxy in front of a server that counts what a client says to it, and the bytes of both."""

    def __init__(self, port: int) -> None:
        self.commands: list[bytes] = []
        self.bytes = 0
        self._to = port

    @contextmanager
    def listening(self) -> Iterator[int]:
        """Serve; the port."""
        counter = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with socket.create_connection((LOOPBACK, counter._to)) as server:
                    back = threading.Thread(target=counter._pass, args=(server, self.request, []))
                    back.start()
                    counter._pass(self.request, server, counter.commands)
                    back.join()

        with socketserver.ThreadingTCPServer((LOOPBACK, 0), Handler) as listener:
            thread = threading.Thread(target=listener.serve_forever, args=(0.05,))
            thread.start()
            try:
                yield int(listener.server_address[1])
            finally:
                listener.shutdown()
                thread.join()

    def _pass(self, source: socket.socket, target: socket.socket, commands: list[bytes]) -> None:
        # Either side may be gone first.
        with suppress(OSError), source.makefile("rb") as lines:
            for line in lines:
                self.bytes += len(line)
                commands += line.split()[1:2]
                target.sendall(line)
            target.shutdown(socket.SHUT_WR)


def round_costs_little(folder: Path, mock: Mock, server: Dovecot, mails: int) -> None:
    """Take a mailbox in, then count what a round with nothing new says."""
    user = server.new_user()
    fill(server, user, range(mails))
    counter = Counter(server.port)
    with counter.listening() as port:
        channel = imap_channel(server, user, release="review", options={"port": port})
        gateway = installation(folder, mock, channel)
        assert gateway.cli("sync", within=600).status == 0
        assert records(gateway) == mails
        counter.commands.clear()
        counter.bytes = 0
        assert gateway.cli("sync").status == 0
    assert b"FETCH" not in counter.commands
    assert len(counter.commands) <= FEW_COMMANDS, counter.commands
    assert counter.bytes < FEW_BYTES


def test_a_round_with_nothing_new_costs_a_few_small_commands(tmp_path: Path, mock: Mock, dovecot: Dovecot) -> None:
    round_costs_little(tmp_path, mock, dovecot, 2_000)


@pytest.mark.soak
def test_a_round_with_nothing_new_costs_the_same_at_40_000(tmp_path: Path, mock: Mock, dovecot: Dovecot) -> None:
    round_costs_little(tmp_path, mock, dovecot, 40_000)


# Waking


def wait_for_reports(mock: Mock, service: Service, count: int) -> None:
    assert eventually(lambda: len(mock.complaints()) == count, PATIENCE), service.err


def test_a_new_mail_wakes_a_channel_that_is_polled_by_the_hour(tmp_path: Path, mock: Mock, dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.append(user, mail(1))
    gateway = installation(tmp_path, mock, imap_channel(dovecot, user, every="1h"), submit_every="1h")
    with gateway.start("run") as service:
        wait_for_reports(mock, service, 1)
        dovecot.append(user, mail(2))
        wait_for_reports(mock, service, 2)
        with outage(dovecot):
            assert eventually(lambda: service.said("watch", channel="surat"), PATIENCE), service.err
        dovecot.append(user, mail(3))
        wait_for_reports(mock, service, 3)
        dovecot.append(user, mail(4))
        wait_for_reports(mock, service, 4)
        status, _ = service.terminate()
    assert status == 0
    assert "Traceback" not in service.err
    assert [event["event"] for event in service.events].count("watch") == 1
    assert set(mock.counts().values()) == {1}


def test_without_idle_a_channel_is_polled_only(tmp_path: Path, mock: Mock, dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    counter = Counter(dovecot.port)
    with counter.listening() as port:
        channel = imap_channel(dovecot, user, every="1s", options={"idle": False, "port": port})
        with installation(tmp_path, mock, channel).start("run") as service:
            dovecot.append(user, mail(1))
            wait_for_reports(mock, service, 1)
    assert b"SEARCH" in counter.commands or b"UID" in counter.commands
    assert b"IDLE" not in counter.commands
