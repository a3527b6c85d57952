"""What does the connector for inboxes promise beyond the contract, on a real server?"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest

from connectors import imap_fetch
from connectors.contract import Connector, Misconfigured, Unreachable
from tests.contract.mail_source import MailSource, mail
from tests.contract.round import Gateway
from tests.contract.source import complaint, complaints
from tests.contract.suite import listed, opened, read
from tests.servers.dovecot import Dovecot


@pytest.fixture
def source(tmp_path: Path, dovecot: Dovecot) -> MailSource:
    return MailSource(dovecot, tmp_path)


def test_no_mail_is_marked_as_seen(gateway: Gateway, source: MailSource) -> None:
    source.add(*complaints(1, 2))
    gateway.collect()
    with source.session() as session:
        session.select("INBOX", readonly=True)
        assert session.search(None, "UNSEEN")[1] == [b"1 2"]


def test_two_mails_that_share_a_message_id_are_two_records(gateway: Gateway, source: MailSource) -> None:
    source.server.append(source.user, mail(complaint(1)))
    source.server.append(source.user, mail(complaint(2)).replace(b"uji-2@", b"uji-1@"))
    assert gateway.collect().counts["new"] == 2


def test_a_mail_in_two_folders_is_one_record(tmp_path: Path, source: MailSource, empty_state: Path) -> None:
    source.server.append(source.user, mail(complaint(1)))
    copy = b"Delivered-To: kedua@example.org\r\nX-Spam: no\r\n" + mail(complaint(1))
    source.server.append(source.user, copy, "Arsip")
    source.server.append(source.user, mail(complaint(2)), "Arsip")
    gateway = _with_folders(tmp_path, source, empty_state, ["INBOX", "Arsip"])
    gateway.collect()
    gateway.collect()
    assert [row["mapped"]["content"] for row in gateway.reports()] == [complaint(1).text, complaint(2).text]


def test_a_mail_that_is_moved_to_another_folder_stays_one_record(
    tmp_path: Path, source: MailSource, empty_state: Path
) -> None:
    source.server.append(source.user, mail(complaint(2)), "Selesai")
    source.server.append(source.user, mail(complaint(1)))
    gateway = _with_folders(tmp_path, source, empty_state, ["INBOX", "Selesai"])
    gateway.collect()
    source.remove(1)
    source.server.append(source.user, mail(complaint(1)), "Selesai")
    assert gateway.collect().counts["new"] == 0
    assert len(gateway.reports()) == 2


def test_a_rebuilt_mailbox_brings_nothing_again_and_loses_nothing(gateway: Gateway, source: MailSource) -> None:
    source.add(*complaints(1, 2, 3))
    gateway.collect()
    source.remove(1)
    source.server.change_uidvalidity(source.user)
    source.add(complaint(4))
    assert gateway.collect().counts["new"] == 1
    assert len(gateway.reports()) == 4
    assert gateway.collect().counts["found"] == 0


def test_locators_of_before_a_rebuild_name_no_other_mail(gateway: Gateway, source: MailSource) -> None:
    source.add(*complaints(1, 2))
    with opened(gateway) as connector:
        entries, _ = listed(connector)
    source.remove(1)
    source.server.change_uidvalidity(source.user)
    with opened(gateway) as connector:
        assert read(connector, entries) == {}


def test_a_mail_flagged_and_deleted_while_others_are_read_is_left_out(gateway: Gateway) -> None:
    """The server may tell of the flag, and of new mail, between its answers (RFC 3501, 7)."""
    raw = mail(complaint(1)).replace(b"\n", b"\r\n")
    date = b'INTERNALDATE "03-Mar-2025 08:01:00 +0800"'
    news = b"* 2 FETCH (UID 2 FLAGS (\\Flagged))\r\n* 3 EXISTS\r\n* 2 FETCH (FLAGS ())\r\n"
    answers = {
        b"LOGIN": b"",
        b"EXAMINE": b"* 2 EXISTS\r\n* OK [UIDVALIDITY 7] tetap\r\n",
        b"SIZE": news + b"* 1 FETCH (UID 1 RFC822.SIZE %d %b)\r\n" % (len(raw), date),
        b"PEEK": b"* 1 FETCH (UID 1 %b BODY[] {%d}\r\n%b)\r\n" % (date, len(raw), raw) + news,
        b"LOGOUT": b"* BYE\r\n",
    }
    with _scripted_imap(answers) as port, _plain(gateway, port) as connector:
        (record,) = connector.read(['["INBOX", 7, 1]', '["INBOX", 7, 2]'])
    assert complaint(1).text in str(record.fields["text"])
    assert record.received_at == complaint(1).received


def test_a_mail_deleted_while_others_are_read_is_left_out(gateway: Gateway, source: MailSource) -> None:
    count = imap_fetch.MAILS_AT_ONCE + 2
    source.add(*complaints(*range(count)))
    with opened(gateway) as connector:
        entries, _ = listed(connector)
        reading = connector.read([entry.locator for entry in entries])
        found = [next(reading)]
        source.remove(count - 1)
        found += reading
    assert len({record.key for record in found}) == count - 1


def test_a_server_that_goes_away_while_reading_is_unreachable(gateway: Gateway, source: MailSource) -> None:
    source.add(*complaints(*range(imap_fetch.MAILS_AT_ONCE + 2)))
    with opened(gateway) as connector:
        entries, _ = listed(connector)
        reading = connector.read([entry.locator for entry in entries])
        next(reading)
        with source.outage(), pytest.raises(Unreachable):
            list(reading)


def test_a_mailbox_whose_connection_is_cut_is_read_on(gateway: Gateway, source: MailSource) -> None:
    count = imap_fetch.MAILS_AT_ONCE * 2 + 1
    source.add(*complaints(*range(count)))
    with opened(gateway) as connector:
        entries, _ = listed(connector)
        reading = connector.read([entry.locator for entry in entries])
        found = [next(reading)]
        with source.outage():
            """Every connection is gone; the next one finds the server up again."""
        found += reading
    assert len({record.key for record in found}) == len(found) == count


def test_a_mailbox_that_is_rebuilt_while_it_is_read_is_left_at_that(gateway: Gateway, source: MailSource) -> None:
    source.add(*complaints(*range(imap_fetch.MAILS_AT_ONCE + 1)))
    with opened(gateway) as connector:
        entries, _ = listed(connector)
        reading = connector.read([entry.locator for entry in entries])
        next(reading)
        source.server.change_uidvalidity(source.user)
        assert len(list(reading)) == imap_fetch.MAILS_AT_ONCE - 1


def test_a_mailbox_is_listed_over_a_new_connection_where_the_old_is_cut(gateway: Gateway, source: MailSource) -> None:
    with opened(gateway) as connector:
        listed(connector)
        with source.outage():
            """Every connection is gone."""
        source.add(complaint(1))
        assert len(listed(connector)[0]) == 1


def test_of_a_mail_over_the_limit_the_files_stay_in_the_mailbox(gateway: Gateway, source: MailSource) -> None:
    large = complaint_with_file("Vidéo jalan \u2013 rusak.mp4", 3_000_000)
    source.server.append(source.user, large)
    with opened(gateway, {"max_message_bytes": 10_000}) as connector:
        (record,) = read(connector, listed(connector)[0]).values()
    with opened(gateway) as connector:
        (whole,) = read(connector, listed(connector)[0]).values()
    assert record.fields["left_in_source"] == "Vidéo jalan _ rusak.mp4 (video/mp4, 3 MB)"
    assert (record.doubts, record.attachments, len(whole.attachments)) == ((), (), 1)
    assert {**record.fields, "left_in_source": ""} == whole.fields
    assert record.received_at == whole.received_at


def test_two_large_mails_are_told_apart_by_the_names_and_sizes_of_their_files(
    gateway: Gateway, source: MailSource
) -> None:
    large = [
        complaint_with_file(name, size) for name, size in (("a.mp4", 50_000), ("b.mp4", 50_000), ("a.mp4", 60_000))
    ]
    for raw in (*large, large[0]):
        source.server.append(source.user, raw)
    with opened(gateway, {"max_message_bytes": 10_000}) as connector:
        keys = [record.key for record in connector.read([entry.locator for entry in listed(connector)[0]])]
    assert keys[0] == keys[3]
    assert len(set(keys)) == 3


def test_of_a_text_over_the_limit_the_beginning_is_read_and_a_person_looks(
    gateway: Gateway, source: MailSource
) -> None:
    source.server.append(source.user, mail(complaint(1)) + b"terlalu panjang \r\n" * 100_000)
    source.add(complaint(2))
    with opened(gateway, {"max_message_bytes": 10_000}) as connector:
        records = list(connector.read([entry.locator for entry in listed(connector)[0]]))
    assert [record.doubts for record in records] == [("mail_too_large",), ()]
    assert complaint(1).text in str(records[0].fields["text"])


@pytest.mark.parametrize(
    "structure",
    [b"NIL", b"(NIL NIL)", b'("TEXT")', b'"kacau"', b"((((((", b"(" * 2_000 + b")" * 2_000, b'(("TEXT" "PLAIN") 5)'],
    ids=["nil", "nils", "short", "string", "open", "deep", "no subtype"],
)
def test_a_large_mail_with_a_broken_structure_is_read_from_its_beginning(gateway: Gateway, structure: bytes) -> None:
    raw = mail(complaint(1)).replace(b"\n", b"\r\n")
    date = b'INTERNALDATE "03-Mar-2025 08:01:00 +0800"'
    answers = {
        b"LOGIN": b"",
        b"EXAMINE": b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] tetap\r\n",
        b"SIZE": b"* 1 FETCH (UID 1 RFC822.SIZE 50000000 %b)\r\n" % date,
        b"BODYSTRUCTURE": b"* 1 FETCH (UID 1 %b BODYSTRUCTURE %b)\r\n" % (date, structure),
        b"PEEK": b"* 1 FETCH (UID 1 %b BODY[]<0> {%d}\r\n%b)\r\n" % (date, len(raw), raw),
        b"LOGOUT": b"* BYE\r\n",
    }
    with _scripted_imap(answers) as port, _plain(gateway, port) as connector:
        (record,) = connector.read(['["INBOX", 7, 1]'])
    assert complaint(1).text in str(record.fields["text"])
    assert record.doubts == ("mail_too_large",)


def test_when_a_mail_arrived_is_the_servers_word(gateway: Gateway, source: MailSource) -> None:
    source.server.append(source.user, mail(complaint(1)), when=complaint(9).received)
    with opened(gateway) as connector:
        (record,) = read(connector, listed(connector)[0]).values()
    assert record.received_at == complaint(9).received


def test_starttls_is_spoken(gateway: Gateway, source: MailSource) -> None:
    source.add(complaint(1))
    with opened(gateway, {"tls": "starttls", "port": source.server.port}) as connector:
        assert [finding.text for finding in connector.check()] == ["folder INBOX: 1 mails"]


@pytest.mark.parametrize("refusal", [b"NO [UNAVAILABLE] Temporary authentication failure.", None])
def test_a_login_that_fails_for_a_while_does_not_blame_the_password(gateway: Gateway, refusal: bytes | None) -> None:
    script = {b"LOGIN": refusal}
    with _scripted_imap(script) as port, _plain(gateway, port) as connector, pytest.raises(Unreachable):
        connector.list(None)


def test_a_login_that_is_refused_blames_the_password(gateway: Gateway) -> None:
    script = {b"LOGIN": b"NO [AUTHENTICATIONFAILED] Authentication failed."}
    with _scripted_imap(script) as port, _plain(gateway, port) as connector, pytest.raises(Misconfigured):
        connector.list(None)


def complaint_with_file(name: str, size: int) -> bytes:
    """A citizen's mail with a text, the same in HTML, and a file of so many bytes."""
    message = EmailMessage()
    message["From"], message["To"] = "Warga <warga@example.org>", "aduan@example.org"
    message["Message-ID"], message["Subject"] = "<besar@example.org>", "Jalan rusak \u2013 video"
    message["Date"] = "Mon, 03 Mar 2025 08:01:00 +0800"
    message.set_content("Jalan di depan pasar rusak \u2013 lihat videonya.\n", charset="utf-8", cte="quoted-printable")
    message.add_alternative("<p>Jalan di depan pasar rusak.</p>", subtype="html")
    message.add_attachment(b"v" * size, maintype="video", subtype="mp4", filename=name)
    return message.as_bytes()


def _with_folders(folder: Path, source: MailSource, empty_state: Path, folders: list[str]) -> Gateway:
    class Folders(MailSource):
        def __init__(self) -> None:
            """Share the other's mailbox."""

        def options(self) -> dict[str, object]:
            return {**source.options(), "folders": folders}

    place = folder / "several"
    place.mkdir()
    return Gateway(place, Folders(), empty_state)


def _plain(gateway: Gateway, port: int) -> AbstractContextManager[Connector]:
    return opened(gateway, {"tls": "none", "port": port})


@contextmanager
def _scripted_imap(script: Mapping[bytes, bytes | None]) -> Iterator[int]:
    """An IMAP server, by its port, for what no real server does when asked.

    `script` has, for a word of a command, its untagged answers, a refusal, or None to hang up.
    """
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        thread = threading.Thread(target=_serve_once, args=(server, script))
        thread.start()
        yield server.getsockname()[1]
        thread.join(10)


def _serve_once(server: socket.socket, script: Mapping[bytes, bytes | None]) -> None:
    connection, _ = server.accept()
    with connection, connection.makefile("rb") as lines:
        connection.sendall(b"* OK [CAPABILITY IMAP4rev1] siap\r\n")
        for line in lines:
            tag = line.split()[0]
            answer = next((answer for word, answer in script.items() if word in line), b"* CAPABILITY IMAP4rev1\r\n")
            if answer is None:
                return
            done = b"" if answer.startswith(b"NO") else b"OK siap"
            connection.sendall((answer if done else b"") + tag + b" " + (done or answer) + b"\r\n")
