"""Does every real mail, however broken, become a report or is it ignored with a reason, and is none lost?"""

from __future__ import annotations

import hashlib
import imaplib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from gateway import texts
from gateway.config import load
from gateway.steps.collect import collect
from gateway.work import desk_of
from tests.e2e.support import Installation, imap_channel, nobody
from tests.servers.dovecot import Dovecot

NO_MAILS = {".json", ".golden", ".png"}
LICENCES = {"COPYING", "LICENSE"}
FEWEST = 290
MOST_COPIES = 60


def mails(corpora: Path) -> Sequence[Path]:
    """Every file of the corpus that is a mail."""
    found = sorted((corpora / "email").rglob("*"))
    return [path for path in found if path.is_file() and path.suffix not in NO_MAILS and path.name not in LICENCES]


@contextmanager
def session(server: Dovecot, user: str) -> Iterator[imaplib.IMAP4]:
    """A login of its own, independent of the gateway's."""
    with imaplib.IMAP4(server.host, server.port, timeout=30) as imap:
        imap.login(user, server.password)
        yield imap


@dataclass(frozen=True)
class Inbox:
    """What the server took and what the gateway made of it."""

    refused: Sequence[str]
    names: Mapping[int, str]
    """File names by UID."""
    raw: Mapping[int, bytes]
    """What the server now says each mail is."""
    counts: Mapping[str, int]
    again: Mapping[str, int]
    records: Sequence[Mapping[str, Any]]
    reports: Sequence[Mapping[str, Any]]

    @property
    def uids(self) -> set[int]:
        """Of the mails that are some record's place."""
        return {json.loads(record["locator"])[2] for record in self.records}


@pytest.fixture(scope="module")
def inbox(corpora: Path, dovecot: Dovecot, tmp_path_factory: pytest.TempPathFactory) -> Inbox:
    """All of them in one mailbox, collected once and then once more."""
    user, folder = dovecot.new_user(), tmp_path_factory.mktemp("mail")
    names: dict[int, str] = {}
    refused: list[str] = []
    with session(dovecot, user) as imap:
        for path in mails(corpora):
            answer = imap.append("INBOX", "", "", path.read_bytes())
            if answer[0] == "OK":
                names[int(answer[1][0].split()[2].rstrip(b"]"))] = f"{path.parent.name}/{path.name}"
            else:
                refused.append(path.name)
    channel = imap_channel(dovecot, user, release="review", defaults={"is_secret": False, "is_anonymous": False})
    channel["defaults"]["location_id"] = "6472"
    gateway = Installation(folder, nobody(9), [channel], secrets={"UJI_TOKEN": "x"})
    gateway.init()
    with pytest.MonkeyPatch.context() as environment:
        for name, value in gateway.environment.items():
            environment.setenv(name, value)
        config = load(folder / "config.toml")
        with desk_of(config) as desk:
            first = collect(config.channels[0], desk)
            # The second time all listed mails are looked at as if the cursor had been lost.
            gateway.tamper("UPDATE channel SET cursor = NULL, pages = NULL")
            again = collect(config.channels[0], desk)
    assert first.problems == []
    return Inbox(
        refused,
        names,
        _raw(dovecot, user),
        first.counts,
        again.counts,
        gateway.query("SELECT id, key, locator, disposition, reason, fields FROM record"),
        gateway.query("SELECT id, stage, reasons, mapped FROM report"),
    )


def _raw(server: Dovecot, user: str) -> dict[int, bytes]:
    with session(server, user) as imap:
        imap.select(readonly=True)
        _, found = imap.uid("SEARCH", "ALL")
        uids = [int(uid) for uid in found[0].split()]
        return {uid: imap.uid("FETCH", str(uid), "(BODY.PEEK[])")[1][0][1] for uid in uids}


def test_the_corpus_was_there_and_the_server_took_it(inbox: Inbox) -> None:
    assert len(inbox.names) >= FEWEST
    assert set(inbox.names) == set(inbox.raw)
    assert len(inbox.refused) <= 5, inbox.refused


def test_every_record_is_a_report_or_ignored_with_a_reason(inbox: Inbox) -> None:
    staged = {report["id"] for report in inbox.reports}
    for record in inbox.records:
        if record["disposition"] == "ignored":
            assert record["reason"] in texts.REASONS
            assert record["id"] not in staged
        else:
            assert record["disposition"] == "report"
            assert record["id"] in staged
    assert {report["stage"] for report in inbox.reports} == {"held"}
    kinds = Counter(record["disposition"] for record in inbox.records)
    assert kinds["report"] == len(inbox.reports)
    assert min(kinds["report"], kinds["ignored"]) > 0


def test_every_held_report_says_why_in_words(inbox: Inbox) -> None:
    for report in inbox.reports:
        codes = {reason["code"] for reason in json.loads(report["reasons"])}
        assert "review" in codes
        assert codes <= set(texts.REASONS)
    unreadable = [r["id"] for r in inbox.reports if "mail_unreadable" in r["reasons"]]
    assert unreadable == []


def test_the_numbers_add_up_and_only_copies_are_missing(inbox: Inbox) -> None:
    assert inbox.counts["found"] == len(inbox.raw)
    assert inbox.counts["new"] == len(inbox.records) == inbox.counts["held"] + inbox.counts["ignored"]
    missing = set(inbox.raw) - inbox.uids
    assert len(inbox.records) + len(missing) == len(inbox.raw)
    kept = {_facts(inbox.raw[uid]) for uid in inbox.uids}
    lost = [inbox.names[uid] for uid in missing if _facts(inbox.raw[uid]) not in kept]
    assert lost == [], "mails that say something else than every kept one"
    # The corpus has many variants of one mail; a reader that merged more would hide a loss.
    assert len(missing) <= MOST_COPIES


def test_no_mail_is_taken_for_a_copy_that_holds_other_files(inbox: Inbox) -> None:
    """The same mail twice has the same photos: with others it is another complaint."""
    kept = {(_facts(inbox.raw[uid]), _files(inbox.raw[uid])) for uid in inbox.uids}
    missing = set(inbox.raw) - inbox.uids
    lost = [inbox.names[uid] for uid in missing if (_facts(inbox.raw[uid]), _files(inbox.raw[uid])) not in kept]
    assert lost == []


def test_a_lost_cursor_brings_no_mail_twice(inbox: Inbox) -> None:
    assert inbox.again["found"] == len(inbox.raw)
    assert inbox.again["new"] == inbox.again["edited"] == 0


def test_no_mail_is_empty_that_has_a_body(inbox: Inbox) -> None:
    """What a person would read of a mail is not lost on the way: some text, a file, or truly nothing."""
    empty = []
    for record in inbox.records:
        fields = json.loads(record["fields"])
        uid = json.loads(record["locator"])[2]
        if not (fields["text"] or fields["html"] or fields["subject"]) and len(_body(inbox.raw[uid]).split()) > 20:
            empty.append(inbox.names[uid])
    assert len(empty) <= 12, empty


def _facts(raw: bytes) -> tuple[str, ...]:
    """What tells mails apart by the gateway's own promise, read in another way: four header fields and all words."""
    mail = message_from_bytes(raw)
    fields = [" ".join(str(mail.get(name, "")).split()) for name in ("message-id", "from", "date", "subject")]
    plain = [part for part in mail.walk() if part.get_content_type() == "text/plain" and not part.get_filename()]
    return (*fields, " ".join(_words(plain[0])) if plain else "")


def _words(part: Message) -> list[str]:
    content = part.get_payload(decode=True)
    return content.decode("latin-1").split() if isinstance(content, bytes) else []


def _files(raw: bytes) -> tuple[str, ...]:
    """Digests of everything in the mail that is no text."""
    leaves = [part for part in message_from_bytes(raw).walk() if not part.is_multipart()]
    files = [part for part in leaves if part.get_content_maintype() not in {"text", "multipart"} or part.get_filename()]
    contents = [part.get_payload(decode=True) for part in files]
    return tuple(sorted(hashlib.sha256(one).hexdigest() for one in contents if isinstance(one, bytes) and one))


def _body(raw: bytes) -> bytes:
    return raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2]
