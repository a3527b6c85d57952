"""Does fetching keep to its limits, try again where that helps, and tell no secrets? Over real sockets."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Misconfigured, Unreachable
from connectors.pace import Pace
from connectors.web import Absent, Down, Dropped, Web, place, safe_url
from connectors.web_body import Damaged, TooLarge, contents
from tests.servers.portal import LIST, Answer, Portal


class Slept(list[float]):
    """A clock's hands: it remembers the waits and waits none."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@contextmanager
def asking(slept: Slept | None = None, most: int = 100_000, timeout: float = 5.0) -> Iterator[Web]:
    web = Web(timeout, most, sleep=Slept() if slept is None else slept)
    yield web
    web.close()


def answering(portal: Portal, *answers: Answer) -> None:
    """Let the portal give these in their order, the last one for ever."""
    left = list(answers)
    portal.instead = lambda asked: left.pop(0) if len(left) > 1 else left[0]


def test_parameters_come_to_those_of_the_url(portal: Portal) -> None:
    answering(portal, Answer(200, b"[]"))
    with asking() as web:
        web.get(f"{portal.url}?status=baru&page=1", params={"page": "2"})
    assert portal.asked[0].params == {"status": "baru", "page": "2"}


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_may_be_over_in_seconds_is_asked_again(portal: Portal, status: int) -> None:
    answering(portal, Answer(status), Answer(status), Answer(200, b"baik"))
    with asking() as web:
        assert web.get(portal.url).content == b"baik"
    assert len(portal.asked) == 3


@pytest.mark.parametrize(
    ("status", "error"), [(500, Unreachable), (403, Misconfigured), (404, Absent), (204, Misconfigured)]
)
def test_what_will_not_change_is_asked_once(portal: Portal, status: int, error: type[Exception]) -> None:
    answering(portal, Answer(status))
    with asking() as web, pytest.raises(error, match=str(status)):
        web.get(portal.url)
    assert len(portal.asked) == 1


def test_a_short_retry_after_is_waited_for(portal: Portal) -> None:
    answering(portal, Answer(503, headers={"Retry-After": "3"}), Answer(200, b"baik"))
    slept = Slept()
    with asking(slept) as web:
        assert web.get(portal.url).content == b"baik"
    assert slept == [3.0]


@pytest.mark.parametrize(
    "said", ["3600", format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)], ids=["seconds", "date"]
)
def test_a_long_retry_after_ends_the_round(portal: Portal, said: str) -> None:
    answering(portal, Answer(429, headers={"Retry-After": said}))
    with asking() as web, pytest.raises(Down, match=r"429 and asks to wait [23]\d\d\d s"):
        web.get(portal.url)
    assert len(portal.asked) == 1


@pytest.mark.parametrize("said", ["besok", "-5", "9" * 400, "Mon, 99 Foo 2026", ""])
def test_a_retry_after_that_says_nothing_is_no_wait(portal: Portal, said: str) -> None:
    answering(portal, Answer(503, headers={"Retry-After": said}))
    with asking() as web, pytest.raises(Down):
        web.get(portal.url)


def test_a_server_that_is_away_is_down(portal: Portal) -> None:
    portal.stop()
    slept = Slept()
    with asking(slept) as web, pytest.raises(Down, match="ConnectError"):
        web.get(portal.url)
    assert len(slept) == 2


def test_an_answer_that_breaks_off_is_never_taken_for_whole(portal: Portal) -> None:
    answering(portal, Answer(200, b"[1, 2", {"Content-Length": "400"}))
    with asking() as web, pytest.raises(Dropped):
        web.get(portal.url)
    assert len(portal.asked) == 3


def test_a_packed_answer_that_breaks_off_is_never_taken_for_whole(portal: Portal) -> None:
    packed = gzip.compress(b"x" * 5_000)[:-12]
    answering(portal, Answer(200, packed, {"Content-Encoding": "gzip"}))
    with asking() as web, pytest.raises(Dropped, match="unpacked"):
        web.get(portal.url)


@pytest.mark.parametrize("content", [b"x" * 200_000, gzip.compress(b"x" * 80_000_000, 9)])
def test_more_than_may_be_is_refused_packed_or_not(portal: Portal, content: bytes) -> None:
    packed = {"Content-Encoding": "gzip"} if content[:1] != b"x" else {}
    answering(portal, Answer(200, content, packed))
    with asking() as web, pytest.raises(Misconfigured, match="more than 100000 bytes"):
        web.get(portal.url)


def test_a_limit_may_be_told_for_one_answer(portal: Portal) -> None:
    answering(portal, Answer(200, b"x" * 2_000))
    with asking(most=1_000) as web:
        assert len(web.get(portal.url, most_bytes=2_000).content) == 2_000
        with pytest.raises(Misconfigured, match="more than 1000 bytes"):
            web.get(portal.url)


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "deflate"])
def test_only_one_layer_of_gzip_is_unpacked(portal: Portal, encoding: str) -> None:
    answering(portal, Answer(200, gzip.compress(gzip.compress(b"x")), {"Content-Encoding": encoding}))
    with asking() as web, pytest.raises(Unreachable, match="unpacked"):
        web.get(portal.url)


def test_a_server_that_drips_is_left_at_the_deadline(portal: Portal) -> None:
    answering(portal, Answer(200, b"x" * 100))
    with asking(timeout=0.4) as web:
        web._longest = -1.0
        with pytest.raises(Unreachable, match="takes longer"):
            web.get(portal.url)


def test_nothing_changed_is_no_answer_to_a_request_without_condition(portal: Portal) -> None:
    answering(portal, Answer(304))
    with asking() as web:
        assert web.get(portal.url, {"If-None-Match": '"a"'}).status == 304
        with pytest.raises(Misconfigured, match="304"):
            web.get(portal.url)


def test_redirects_are_not_followed(portal: Portal) -> None:
    answering(portal, Answer(302, headers={"Location": f"{portal.root}/masuk"}))
    with asking() as web, pytest.raises(Misconfigured, match="redirects to another address"):
        web.get(portal.url)
    assert [asked.path for asked in portal.asked] == [LIST]


@pytest.mark.parametrize("value", ["rahasia\r\nX: y", "rahasia–", "rahasia\0"])
def test_a_header_that_cannot_be_sent_is_named_without_its_value(portal: Portal, value: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        Web(5, 1_000, {"Authorization": value})
    with asking() as web, pytest.raises(Misconfigured) as later:
        web.get(portal.url, {"Authorization": value})
    for told in (str(caught.value), str(later.value)):
        assert "'Authorization'" in told
        assert "rahasia" not in told


def test_a_file_without_certificates_is_told(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"ca\.pem"):
        Web(5, 1_000, ca_file=tmp_path / "ca.pem")


def test_requests_keep_their_distance() -> None:
    now, slept = [100.0], Slept()
    pace = Pace(4, clock=lambda: now[0], sleep=slept)
    for _ in range(3):
        pace.turn()
    now[0] = 200.0
    pace.turn()
    assert slept == [0.25, 0.5]
    unlimited = Pace(None, clock=lambda: now[0], sleep=slept)
    unlimited.turn()
    unlimited.turn()
    assert len(slept) == 2


def test_an_address_in_words_holds_no_secret() -> None:
    assert place("https://u:p@host:8443/a/b?token=x#y") == "https://host:8443/a/b"
    assert place("http://[") == "the address"


@pytest.mark.parametrize(
    "url", ["", "host/x", "ftp://host/x", "http://host/x", "https://u:p@host/", "https://h:x/", "https://"]
)
def test_urls_that_may_not_be_asked(url: str) -> None:
    with pytest.raises(ValueError, match=r"expected|password|clear text"):
        safe_url(url)


@given(st.lists(st.binary(max_size=300), max_size=4), st.integers(1, 50))
def test_packed_bytes_come_back_however_they_are_cut(members: list[bytes], size: int) -> None:
    packed = b"".join(gzip.compress(member) for member in members) or gzip.compress(b"")
    parts = [packed[at : at + size] for at in range(0, len(packed), size)]
    assert contents(parts, "gzip", 10_000) == b"".join(members)
    with pytest.raises(Damaged):
        contents([packed[:-1]], "gzip", 10_000)


@given(st.binary(min_size=1, max_size=500))
def test_bytes_that_are_not_packed_are_damaged_or_too_many_and_nothing_else(raw: bytes) -> None:
    with pytest.raises(Damaged):
        contents([raw], "gzip", 10)
    with pytest.raises(TooLarge):
        contents([raw], "", len(raw) - 1)


def test_a_bomb_is_not_unpacked_further_than_its_limit() -> None:
    given: list[int] = []

    def parts() -> Iterator[bytes]:
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        for _ in range(200):
            piece = packer.compress(b"\0" * 1_000_000)
            given.append(len(piece))
            yield piece

    with pytest.raises(TooLarge):
        contents(parts(), "gzip", 5_000_000)
    assert len(given) < 60


def test_only_gzip_is_asked_for(portal: Portal) -> None:
    answering(portal, Answer(200, b"[]"))
    with asking() as web:
        web.get(portal.url)
    assert portal.asked[0].headers["accept-encoding"] == "gzip"
    assert "authorization" not in portal.asked[0].headers
