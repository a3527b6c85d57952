"""Does a disk that fills up, may not be written, or refuses the spool end in one clear line, with nothing half-done?"""

from __future__ import annotations

import base64
import io
import math
import os
import random
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from connectors import spool
from connectors.contract import Unreachable
from gateway.steps.batches import BATCH
from tests.e2e.support import (
    Ended,
    Installation,
    Mock,
    complaint,
    fill_sqlite,
    imap_channel,
    lapor_mock,
    mail,
    sql_channel,
)
from tests.servers.dovecot import Dovecot

REPORTS = 300
LIMITED = """
import resource, runpy, sys
most = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
runpy.run_module("gateway", run_name="__main__", alter_sys=True)
"""
"""The command line where no file may grow beyond a size: writing more fails, as on a full disk."""


@pytest.fixture
def mock() -> Iterator[Mock]:
    with lapor_mock() as running:
        yield running


def install(folder: Path, lapor: str, reports: int = REPORTS) -> Installation:
    """An installation whose first round files all reports of its source."""
    fill_sqlite(folder / "sumber.db", [complaint(n) for n in range(1, reports + 1)])
    made = Installation(folder, lapor, [sql_channel("sqlite:///sumber.db", first_run_limit=1_000)])
    made.init()
    return made


def with_files_of_at_most(size: int, gateway: Installation, *arguments: str) -> Ended:
    """Run a command that cannot write a file beyond that size."""
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(size), *arguments],
        cwd=gateway.folder,
        env=gateway.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


def failed_naming(ended: Ended, place: Path, words: str) -> None:
    """It failed, or the state did, and what failed says in one line which file could not be used, and why."""
    assert ended.status in (1, 4)
    assert "Traceback" not in ended.said
    assert "unexpected" not in ended.said
    told = [line for line in ended.err.splitlines() if str(place) in line]
    assert [line for line in told if words in line], ended.said


def all_is_filed_once_now(gateway: Installation, mock: Mock, reports: int = REPORTS) -> None:
    """With room again everything goes on by itself, and nothing was lost or doubled meanwhile."""
    ended = gateway.cli("sync", "--until-settled")
    assert (ended.status, "Traceback" in ended.said) == (0, False), ended.said
    assert gateway.stages() == {"accepted": reports}
    assert sorted(mock.counts().values()) == [1] * reports
    assert "The audit is clean" in gateway.view("audit", "--remote")
    assert gateway.view("state", "check") == "The state is sound.\n"


# The state


@pytest.mark.parametrize("size", [200_000, 700_000], ids=["while collecting", "while sending"])
def test_a_state_that_can_grow_no_more(tmp_path: Path, mock: Mock, size: int) -> None:
    """The records of a page are kept together or not at all; what was being sent is looked up afterwards."""
    gateway = install(tmp_path, mock.url)
    ended = with_files_of_at_most(size, gateway, "sync")
    failed_naming(ended, tmp_path / "data" / "state.db", "cannot be used")
    assert sum(gateway.stages().values()) in (0, BATCH, REPORTS)
    all_is_filed_once_now(gateway, mock)


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[None]:
    """Mount something on a folder, where this user may; the test is skipped where not."""
    done = subprocess.run(["mount", *options, str(folder)], capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip("this user may not mount a file system of its own")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.soak
def test_a_disk_that_is_full_while_it_sends(tmp_path: Path, mock: Mock) -> None:
    """On a real file system with too little room."""
    data = tmp_path / "data"
    data.mkdir()
    with mounted(data, "-t", "tmpfs", "-o", "size=1200k", "tmpfs"):
        gateway = install(tmp_path, mock.url)
        failed_naming(gateway.cli("sync"), data / "state.db", "database or disk is full")
        assert max(mock.counts().values()) == 1
        subprocess.run(["mount", "-o", "remount,size=50m", str(data)], check=True)
        all_is_filed_once_now(gateway, mock)


def test_a_full_disk_at_a_start_is_no_restored_backup(tmp_path: Path, mock: Mock) -> None:
    """The counter beside the state cannot be written: one line, and the next start is no reason to recover."""
    gateway = install(tmp_path, mock.url, 3)
    fresh = tmp_path / "data" / "state.db.starts.new"
    fresh.symlink_to("/dev/full")
    ended = gateway.cli("sync")
    fresh.unlink()
    # What is left of a file whose first byte found no room.
    fresh.touch()
    all_is_filed_once_now(gateway, mock, 3)
    assert ended.said.count("\n") == 1, ended.said
    failed_naming(ended, fresh, "No space left")


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nobody may write there: for root that takes a mount."""
    if os.geteuid() == 0:
        with mounted(folder, "--bind", str(folder)):
            subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
            yield
        return
    folder.chmod(0o500)
    try:
        yield
    finally:
        folder.chmod(0o700)


def test_a_state_that_may_not_be_written(tmp_path: Path, mock: Mock) -> None:
    """One line that names it; afterwards it goes on."""
    gateway = install(tmp_path, mock.url, 3)
    with read_only(tmp_path / "data"):
        ended = gateway.cli("sync")
    failed_naming(ended, tmp_path / "data" / "state.db", "cannot be used")
    assert ended.said.count("\n") == 1
    all_is_filed_once_now(gateway, mock, 3)


# The spool


def with_a_photo(number: int, size: int) -> bytes:
    """A citizen's mail with a photo of at least that many bytes."""
    head, _, text = mail(number).decode().partition("\r\n\r\n")
    head = head.replace("Content-Type: text/plain; charset=utf-8", "Content-Type: multipart/mixed; boundary=batas")
    side = math.isqrt(size) + 1
    noise = Image.frombytes("RGB", (side, side), random.Random(number).randbytes(3 * side * side))
    noise.save(jpeg := io.BytesIO(), "JPEG", quality=95)
    assert jpeg.tell() >= size
    content = base64.encodebytes(jpeg.getvalue()).decode()
    photo = (
        'Content-Type: image/jpeg\r\nContent-Disposition: attachment; filename="foto.jpg"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n" + content.replace("\n", "\r\n")
    )
    parts = ["Content-Type: text/plain; charset=utf-8\r\n\r\n" + text, photo]
    return (head + "\r\n\r\n" + "".join(f"--batas\r\n{part}\r\n" for part in parts) + "--batas--\r\n").encode()


def with_mails(folder: Path, mock: Mock, dovecot: Dovecot) -> Installation:
    """An installation with two mails, one with a photo of 700 kB, beside a channel without attachments."""
    user = dovecot.new_user()
    dovecot.append(user, mail(1))
    dovecot.append(user, with_a_photo(2, 700_000))
    gateway = install(folder, mock.url, 1)
    gateway.channels.append(imap_channel(dovecot, user))
    gateway.write()
    return gateway


@pytest.mark.soak
def test_a_full_spool_loses_no_mail(tmp_path: Path, mock: Mock, dovecot: Dovecot) -> None:
    """The mail is taken later, with its photo; channels without attachments go on meanwhile."""
    gateway = with_mails(tmp_path, mock, dovecot)
    ended = with_files_of_at_most(500_000, gateway, "sync")
    assert (ended.status, "Traceback" in ended.said) == (1, False)
    assert ended.steps("collect", "surat")[0]["outcome"] == "failed"
    assert ended.steps("collect", "formulir")[0]["outcome"] == "ok"
    assert gateway.stages() == {"accepted": 1}
    all_is_filed_once_now(gateway, mock, 3)
    assert [len(one["attachments"]) for one in mock.complaints()].count(1) == 1


def test_a_full_spool_is_named(tmp_path: Path, mock: Mock, dovecot: Dovecot) -> None:
    """An admin reads that it is the spool, not that something unexpected should be reported."""
    gateway = with_mails(tmp_path, mock, dovecot)
    failed_naming(with_files_of_at_most(500_000, gateway, "sync"), tmp_path / "data" / "spool", "spool")


def test_a_full_spool_is_not_filled_with_pieces(tmp_path: Path) -> None:
    """Every round tries again: what it could not write whole must not stay."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, before[1]))
    try:
        with pytest.raises(Unreachable, match="File too large"):
            spool.keep(tmp_path, "foto.jpg", "image/jpeg", b"x" * 5_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


@pytest.mark.parametrize("command", ["sync", "check"])
def test_a_spool_that_cannot_be_made_is_named(tmp_path: Path, mock: Mock, command: str) -> None:
    """A mistake in `[gateway] spool`, or a folder without the right to write."""
    gateway = install(tmp_path, mock.url, 1)
    (tmp_path / "data" / "spool").write_text("a file, no folder")
    ended = gateway.cli(command)
    assert "Traceback" not in ended.said
    assert "unexpected" not in ended.said
    assert (ended.status, str(tmp_path / "data" / "spool") in ended.said) == (1, True), ended.said
