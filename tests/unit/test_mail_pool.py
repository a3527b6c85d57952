"""Are mails read beside this process as they are in it, and is nothing lost where a child cannot?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from connectors import mail_crew, mail_pool
from connectors.contract import Unreachable
from connectors.imap_fetch import Fetched
from connectors.mail_pool import MailPool, read_here
from connectors.message import Mail
from tests.servers.process import wait_until

MAILS = Path(__file__).parents[1] / "mails"
PORTION = mail_pool.MAILS_AT_ONCE
MANY = mail_pool.MANY + 1
PATIENCE = 60.0
"""Seconds for what takes a few: no test waits for its end."""
Read = list[tuple[Fetched, Mail | None]]


def fetched(uid: int) -> Fetched:
    raw = f"From: warga{uid}@contoh.example\nSubject: Sampah {uid}\n\nMenumpuk di gang {uid} \xe9".encode("latin-1")
    return Fetched(uid, raw, None)


def mailbox(count: int) -> list[Fetched]:
    """Plain mails, and among them real and broken ones, so that most portions hold some of each."""
    real = [file.read_bytes() for file in sorted(MAILS.glob("*.eml"))]
    cut = b"Content-Type: multipart/mixed; boundary=a\n\n--a\n--a\n"
    broken = [b"", b"\x00\xff", cut, b"Subject: \xed\xa0\x80\n\n."]
    raws = [*real, *broken]
    return [fetched(uid) if uid % 7 else Fetched(uid, raws[uid // 7 % len(raws)], None) for uid in range(count)]


@pytest.fixture
def pool() -> Iterator[MailPool]:
    pool = MailPool(processors=2)
    yield pool
    pool.close()


def children() -> set[int]:
    """The processes that this one has started and not taken leave of."""
    told = (file.read_text("ascii") for file in Path("/proc/self/task").glob("*/children"))
    return {int(pid) for line in told for pid in line.split()}


def has_ended(pid: int) -> bool:
    try:
        told = Path(f"/proc/{pid}/stat").read_text("ascii")
    except (FileNotFoundError, ProcessLookupError):
        return True
    # A container may have nobody who buries the dead.
    return told.rpartition(") ")[2].startswith("Z")


def test_children_read_what_is_read_here_and_in_the_same_order(pool: MailPool) -> None:
    mails = mailbox(PORTION * 7 + 3)  # Each real mail once.
    found = list(pool.read(mails, MANY))
    assert len(pool.pids()) == 2
    assert found == list(read_here(mails))


def test_a_mail_larger_than_a_portion_comes_in_its_turn(pool: MailPool) -> None:
    photo = b"Content-Type: image/jpeg\nContent-Transfer-Encoding: base64\n\n" + b"QUJD" * (5 << 18)
    mails = [fetched(1), Fetched(2, photo, None), fetched(3)]
    assert list(pool.read(mails, MANY)) == list(read_here(mails))


@pytest.mark.parametrize(("processors", "count"), [(2, mail_pool.MANY), (1, MANY)])
def test_few_mails_or_a_single_processor_start_nothing(processors: int, count: int) -> None:
    before = children()
    pool, mails = MailPool(processors), mailbox(PORTION)
    read = pool.read(mails, count)
    found = [next(read)]
    assert children() == before
    found += read
    assert found == list(read_here(mails))


def test_children_that_are_there_read_the_last_few_too(pool: MailPool) -> None:
    list(pool.read(mailbox(1), MANY))
    started = pool.pids()
    list(pool.read(mailbox(2), 2))
    assert pool.pids() == started != ()


def test_more_is_fetched_while_the_children_read(pool: MailPool) -> None:
    taken = []

    def mails() -> Iterator[Fetched]:
        for mail in mailbox(PORTION * 40):
            taken.append(mail.uid)
            yield mail

    next(pool.read(mails(), MANY))
    assert PORTION * 2 <= len(taken) <= PORTION * 10


def test_no_more_than_a_few_large_mails_are_held_at_once(pool: MailPool) -> None:
    taken = []

    def mails() -> Iterator[Fetched]:
        for uid in range(60):
            taken.append(uid)
            yield Fetched(uid, b"Subject: besar\n\n" + b"x" * (5 << 20), None)

    next(pool.read(mails(), MANY))
    assert len(taken) <= 8


def kill_one(pool: MailPool, mails: Iterable[Fetched], at: int) -> Iterator[Fetched]:
    for mail in mails:
        if mail.uid == at:
            os.kill(pool.pids()[0], signal.SIGKILL)
        yield mail


@pytest.mark.parametrize("at", [0, PORTION * 2 + 5, PORTION * 5 - 1])
def test_a_killed_child_loses_nothing(pool: MailPool, at: int) -> None:
    mails = mailbox(PORTION * 5)
    assert list(pool.read(kill_one(pool, mails, at), MANY)) == list(read_here(mails))
    assert pool.pids() == ()


def test_after_a_failure_no_child_is_started_again(pool: MailPool) -> None:
    list(pool.read(kill_one(pool, mailbox(PORTION * 3), PORTION), MANY))
    before = children()
    read = pool.read(mailbox(PORTION * 3), MANY)
    next(read)
    assert children() == before
    assert len(list(read)) == PORTION * 3 - 1


@pytest.mark.parametrize(
    "script",
    [
        "raise SystemExit(1)",
        "import sys; sys.stdin.buffer.peek(1); raise ValueError('Sampah')",
        "import sys; sys.stdin.buffer.peek(1); sys.stdout.buffer.write(b'Sampah')",
        "import sys; sys.stdin.buffer.peek(1); sys.stdout.buffer.write(bytes.fromhex('8005955f00000000000000'))",
    ],
    ids=["ends", "raises", "nonsense", "half an answer"],
)
def test_what_a_child_does_not_answer_is_read_here(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], script: str
) -> None:
    file, mails = tmp_path / "child.py", mailbox(PORTION * 3)
    file.write_text(script, encoding="utf-8")
    before = children()
    pool = MailPool(processors=2, script=file)
    assert list(pool.read(mails, MANY)) == list(read_here(mails))
    assert children() == before
    assert capfd.readouterr() == ("", "")


def test_where_no_child_can_be_started_all_is_read_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pool: MailPool
) -> None:
    monkeypatch.setattr(mail_crew.sys, "executable", str(tmp_path / "none"))
    mails = mailbox(PORTION)
    assert list(pool.read(mails, MANY)) == list(read_here(mails))


def test_what_came_before_a_connection_broke_is_handed_on_first(pool: MailPool) -> None:
    def mails() -> Iterator[Fetched]:
        yield from mailbox(PORTION * 2 + 7)
        raise Unreachable("the server does not answer")

    found: Read = []
    with pytest.raises(Unreachable):
        found.extend(pool.read(mails(), MANY))
    assert found == list(read_here(mailbox(PORTION * 2 + 7)))


def test_closing_half_way_leaves_no_child(pool: MailPool) -> None:
    before = children()
    read = pool.read(mailbox(PORTION * 20), MANY)
    next(read)
    assert len(children() - before) == 2
    pool.close()
    assert children() == before


def test_children_of_a_killed_parent_end(tmp_path: Path) -> None:
    code = (
        "import itertools\n"
        "from tests.unit.test_mail_pool import MANY, MailPool, fetched\n"
        "pool = MailPool(processors=2)\n"
        "read = pool.read((fetched(uid) for uid in itertools.count()), MANY)\n"
        "next(read)\n"
        "print(*pool.pids(), flush=True)\n"
        "for _ in read: pass\n"
    )
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=root) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        parent.kill()
    assert len(pids) == 2
    assert wait_until(lambda: all(has_ended(pid) for pid in pids), PATIENCE)
