"""Do the real servers start, answer, keep tests apart, and come back after an outage?"""

import imaplib
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from tests.servers.dovecot import Dovecot
from tests.servers.mariadb import MariaDB
from tests.servers.outage import outage
from tests.servers.postgres import Postgres
from tests.servers.smtp import SmtpSink

MESSAGE = b"Subject: Banjir\r\nFrom: warga@contoh.test\r\n\r\nJalan Melati terendam.\r\n"
DATABASES = ("postgres", "mariadb")


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> Postgres | MariaDB:
    """Each database server in turn."""
    server = request.getfixturevalue(request.param)
    assert isinstance(server, Postgres | MariaDB)
    return server


@contextmanager
def connected(url: str) -> Iterator[Engine]:
    """An engine that leaves no connection open."""
    engine = create_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def create_note(url: str, words: str) -> None:
    """Make a table with one row."""
    with connected(url) as engine, engine.begin() as connection:
        connection.execute(text("CREATE TABLE note (words VARCHAR(40))"))
        connection.execute(text("INSERT INTO note VALUES (:words)"), {"words": words})


def read_notes(url: str) -> list[str]:
    """All rows of that table."""
    with connected(url) as engine, engine.connect() as connection:
        return list(connection.execute(text("SELECT words FROM note")).scalars())


def count_messages(server: Dovecot, user: str, folder: str = "INBOX") -> int:
    """How many messages a new session of `user` sees in `folder`."""
    with imaplib.IMAP4(server.host, server.port) as imap:
        imap.login(user, server.password)
        return int(imap.select(f'"{folder}"')[1][0] or b"")


def trusting(server: Dovecot) -> ssl.SSLContext:
    """What a careful client checks with, given the CA file."""
    context = ssl.create_default_context(cafile=server.ca_file)
    context.verify_flags |= ssl.VERIFY_X509_STRICT  # the default from Python 3.13 on
    return context


def test_dovecot_keeps_what_was_appended(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    assert dovecot.append(user, MESSAGE, when=datetime(2024, 2, 29, 7, tzinfo=UTC)) == 1
    with imaplib.IMAP4(dovecot.host, dovecot.port) as imap:
        imap.login(user, dovecot.password)
        imap.select()
        answer = imap.fetch("1", "(INTERNALDATE BODY[])")[1][0]
    assert isinstance(answer, tuple)
    assert b"29-Feb-2024" in answer[0]
    assert answer[1] == MESSAGE


def test_dovecot_users_share_nothing(dovecot: Dovecot) -> None:
    first, second = dovecot.new_user(), dovecot.new_user()
    dovecot.append(first, MESSAGE)
    assert (count_messages(dovecot, first), count_messages(dovecot, second)) == (1, 0)


def test_dovecot_refuses_a_wrong_password(dovecot: Dovecot) -> None:
    with (
        imaplib.IMAP4(dovecot.host, dovecot.port) as imap,
        pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"),
    ):
        imap.login(dovecot.new_user(), "salah")


def test_dovecot_offers_what_the_gateway_uses(dovecot: Dovecot) -> None:
    with imaplib.IMAP4(dovecot.host, dovecot.port) as imap:
        imap.login(dovecot.new_user(), dovecot.password)
        offered = imap.capability()[1][0].split()
    assert {b"IDLE", b"UIDPLUS", b"MOVE", b"CONDSTORE"} <= set(offered)


@pytest.mark.parametrize("folder", ["INBOX", "Arsip Lama"])
def test_dovecot_changes_uidvalidity_and_keeps_the_messages(dovecot: Dovecot, folder: str) -> None:
    user = dovecot.new_user()
    dovecot.append(user, MESSAGE, folder)
    before = dovecot.uidvalidity(user, folder)
    values = [dovecot.change_uidvalidity(user, folder) for _ in range(2)]
    assert before < values[0] < values[1]
    assert count_messages(dovecot, user, folder) == 1
    assert dovecot.append(user, MESSAGE, folder) == 2
    assert len(list(dovecot.mailbox_path(user, folder).glob("[cn]*/*,S=*"))) == 2


def test_dovecot_changes_uidvalidity_under_an_open_session(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.append(user, MESSAGE)
    before = dovecot.uidvalidity(user)
    session = imaplib.IMAP4(dovecot.host, dovecot.port)
    session.login(user, dovecot.password)
    session.select()
    assert dovecot.change_uidvalidity(user) > before
    session.shutdown()


def test_dovecot_survives_an_outage(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.append(user, MESSAGE)
    uidvalidity = dovecot.uidvalidity(user)
    with outage(dovecot), pytest.raises(ConnectionRefusedError):
        imaplib.IMAP4(dovecot.host, dovecot.port)
    assert (count_messages(dovecot, user), dovecot.uidvalidity(user)) == (1, uidvalidity)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_dovecot_speaks_tls_to_clients_with_the_ca_file(dovecot: Dovecot, host: str) -> None:
    with imaplib.IMAP4_SSL(host, dovecot.tls_port, ssl_context=trusting(dovecot)) as imap:
        assert imap.login(dovecot.new_user(), dovecot.password)[0] == "OK"


def test_dovecot_is_not_trusted_without_the_ca_file(dovecot: Dovecot) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        imaplib.IMAP4_SSL(dovecot.host, dovecot.tls_port, ssl_context=ssl.create_default_context())


def test_dovecot_speaks_starttls(dovecot: Dovecot) -> None:
    with imaplib.IMAP4(dovecot.host, dovecot.port) as imap:
        imap.starttls(trusting(dovecot))
        assert imap.login(dovecot.new_user(), dovecot.password)[0] == "OK"


def test_databases_share_nothing(database: Postgres | MariaDB) -> None:
    first, second = database.new_database(), database.new_database()
    create_note(first, "satu 🌧")
    create_note(second, "dua")
    assert (read_notes(first), read_notes(second)) == (["satu 🌧"], ["dua"])


def test_database_survives_an_outage(database: Postgres | MariaDB) -> None:
    url = database.new_database()
    create_note(url, "tetap ada")
    with outage(database), pytest.raises(OperationalError):
        read_notes(url)
    assert read_notes(url) == ["tetap ada"]


def test_mariadb_user_has_a_password_and_only_the_grants(mariadb: MariaDB) -> None:
    root_url = mariadb.new_database()
    create_note(root_url, "rahasia")
    name = root_url.rpartition("/")[2].partition("?")[0]
    mariadb.create_user("pembaca", "s@ndi/uji", f"SELECT ON {name}.*")
    url = mariadb.url(name, "pembaca", "s@ndi/uji")
    assert read_notes(url) == ["rahasia"]
    with pytest.raises(OperationalError, match="denied"):
        create_note(url, "tidak boleh")
    with pytest.raises(OperationalError, match="denied"):
        read_notes(mariadb.url(name, "pembaca", "salah"))


def send(sink: SmtpSink, recipient: str) -> None:
    """Send MESSAGE through the sink."""
    with smtplib.SMTP(sink.host, sink.port) as client:
        client.sendmail("gateway@contoh.test", [recipient], MESSAGE)


def test_smtp_sink_keeps_mails_by_recipient(smtp_sink: SmtpSink) -> None:
    first, second = smtp_sink.new_address(), smtp_sink.new_address()
    send(smtp_sink, first)
    (mail,) = smtp_sink.mails_to(first)
    assert (mail.sender, mail.recipients, mail.raw) == ("gateway@contoh.test", (first,), MESSAGE)
    assert smtp_sink.mails_to(second) == []


def test_smtp_sink_survives_an_outage(smtp_sink: SmtpSink) -> None:
    recipient = smtp_sink.new_address()
    send(smtp_sink, recipient)
    with outage(smtp_sink), pytest.raises(ConnectionRefusedError):
        send(smtp_sink, recipient)
    send(smtp_sink, recipient)
    assert len(smtp_sink.mails_to(recipient)) == 2
