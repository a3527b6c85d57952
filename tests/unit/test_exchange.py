"""Does an exchange end, whatever the server does, and does it trust only whom it should?"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connectors.contract import Misconfigured, Unreachable
from connectors.exchange import Exchange, host
from tests.servers.certificate import Certificate, write_certificate
from tests.servers.web_pages import Page, pages_server


@contextmanager
def exchange(timeout: float = 5, most_bytes: int = 1000, ca_file: Path | None = None) -> Iterator[Exchange]:
    """One, closed at the end."""
    made = Exchange(timeout, most_bytes, ca_file)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """One that nobody trusts unless told to."""
    return write_certificate(tmp_path_factory.mktemp("tls"))


def test_any_status_is_an_answer_and_cookies_are_not_kept() -> None:
    with pages_server() as site, exchange() as made:
        site.pages["/a"] = Page(b"nanti", 503, {"Set-Cookie": "NID=rahasia", "Retry-After": "7"})
        reply = made.get(f"{site.url}/a")
        made.get(f"{site.url}/a", {"X-Satu": "1"}, {"q": "dua"})
    assert (reply.status, reply.content, reply.headers["retry-after"], reply.fails) == (503, b"nanti", "7", True)
    assert [one.path for one in site.requests] == ["/a", "/a?q=dua"]
    assert "cookie" not in site.requests[1].headers
    assert site.requests[1].headers["x-satu"] == "1"


def test_a_server_that_drips_for_ever_is_left() -> None:
    done = threading.Event()

    def drip(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while not done.wait(0.01):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listening, exchange(timeout=0.2, most_bytes=10**6) as made:
        thread = threading.Thread(target=drip, args=(listening,))
        thread.start()
        try:
            with pytest.raises(Unreachable):
                made.get(f"http://127.0.0.1:{listening.getsockname()[1]}/rahasia")
        finally:
            done.set()
            thread.join()


def test_a_certificate_is_trusted_only_by_its_authority(certificate: Certificate) -> None:
    with pages_server() as site:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.file, certificate.key_file)
        site.socket = context.wrap_socket(site.socket, server_side=True)
        site.pages["/a"] = Page(b"isi")
        url = f"https://127.0.0.1:{site.port}/a"
        with exchange() as stranger, pytest.raises(Unreachable, match="certificate is not trusted; see `ca_file`"):
            stranger.get(url)
        with exchange(ca_file=certificate.file) as made:
            assert made.get(url).content == b"isi"


def test_an_authority_that_is_none_is_told(certificate: Certificate, tmp_path: Path) -> None:
    for file in (tmp_path / "tiada.pem", certificate.key_file):
        with pytest.raises(Misconfigured, match=f"ca_file {file} cannot be used"), exchange(ca_file=file):
            pass


def test_only_the_server_of_an_address_is_named() -> None:
    assert host("https://u:rahasia@contoh.test:8443/d/e/rahasia?k=rahasia#rahasia") == "contoh.test:8443"
    assert host("https://[::1]/x") == "::1"
    assert host("https://[::/x") == host("rahasia") == "the server"
    with exchange() as made, pytest.raises((Misconfigured, Unreachable)) as caught:
        made.get("https://contoh.test:99999/rahasia\x00")
    assert "rahasia" not in str(caught.value)
