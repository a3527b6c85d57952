"""Is a table behind a link read only where the agency accepts it, cheaply, and without telling the link?"""

from __future__ import annotations

import io
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from pydantic import ValidationError

from connectors.contract import ChannelContext, ConnectorError, Cursor, Listing, Misconfigured, Unreachable
from connectors.csv_link import PublishedTable
from connectors.csv_link_options import LinkOptions
from connectors.options import allowing_absent_secrets
from tests.servers.web_pages import Asked, Page, Pages, pages_server

ZONE = ZoneInfo("Asia/Jakarta")
CSV = b"No,Isi\r\n1,Lampu padam\r\n2,Jalan rusak"


@pytest.fixture(scope="module")
def site() -> Iterator[Pages]:
    """A web site."""
    with pages_server() as server:
        yield server


class Link:
    """A secret address on the site, and a channel that reads it."""

    def __init__(self, site: Pages, folder: Path) -> None:
        self.site = site
        self.secret = secrets.token_hex(8)
        self.folder = folder

    def shows(self, content: bytes, status: int = 200, path: str = "", **headers: str) -> None:
        """Let the site show this there."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.site.pages[path or f"/{self.secret}.csv"] = Page(content, status, named)

    def asked(self) -> list[Asked]:
        """The requests' conditions since the last time."""
        found = [one for one in self.site.requests if self.secret in one.path]
        self.site.requests.clear()
        return found

    @contextmanager
    def opened(self, **options: object) -> Iterator[PublishedTable]:
        """A connector to it."""
        given = {"url": f"{self.site.url}/{self.secret}.csv", "anyone_can_read": True, "key": ["No"], **options}
        connector = PublishedTable(LinkOptions.model_validate(given), ChannelContext("kanal", ZONE, self.folder))
        try:
            yield connector
        finally:
            connector.close()

    def listing(self, after: Cursor | None = None, **options: object) -> Listing:
        """What a fresh connector lists."""
        with self.opened(**options) as connector:
            return connector.list(json.loads(json.dumps(after)))

    def refusal(self, kind: type[ConnectorError] = Misconfigured, **options: object) -> str:
        """Why nothing can be listed; never with the link."""
        with self.opened(**options) as connector, pytest.raises(kind) as caught:
            connector.list(None)
        assert self.secret not in str(caught.value)
        assert "\n" not in str(caught.value)
        return str(caught.value)


@pytest.fixture
def link(site: Pages, tmp_path: Path) -> Link:
    """A link of its own for each test."""
    return Link(site, tmp_path)


def wrong(**options: object) -> str:
    """What is said against those options."""
    with pytest.raises(ValidationError) as caught:
        LinkOptions.model_validate({"key": ["No"], **options})
    return str(caught.value)


# Options


def test_a_link_needs_the_agencys_word_and_names_the_better_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAUTAN", "https://contoh.test/2PACX-rahasia/pub?output=csv")
    for url in ("https://contoh.test/2PACX-rahasia/pub?output=csv", "env:TAUTAN"):
        said = wrong(url=url)
        assert "everybody who knows this link can read the complaints" in said
        assert "google_sheets" in said
        assert "anyone_can_read = true" in said
        assert "2PACX" not in said


def test_the_link_is_never_shown(tmp_path: Path) -> None:
    file = tmp_path / "tautan"
    file.write_text("https://contoh.test/2PACX-rahasia/pub?output=csv&k=kunci\n")
    options = LinkOptions.model_validate({"url": f"file:{file}", "anyone_can_read": True, "key": ["No"]})
    shown = f"{options!r} {options} {options.model_dump()} {options.model_dump_json()} {options.source()}"
    assert "2PACX" not in shown
    assert "kunci" not in shown
    assert "contoh.test" in options.source()


def test_two_links_are_two_sources_also_on_one_server() -> None:
    sources = {
        LinkOptions.model_validate({"url": url, "anyone_can_read": True, **by, **sheet}).source()
        for url in ("https://contoh.test/a", "https://contoh.test/b?c")
        for by in ({"key": ["No"]}, {"identity": ["No"]})
        for sheet in ({}, {"sheet": 2})
    }
    assert len(sources) == 8


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://contoh.test/a.csv", "clear text"),
        ("https://u:rahasia@contoh.test/a.csv", "a password stands in the URL"),
        ("https://docs.google.com/spreadsheets/d/1rahasia/edit#gid=0", "Publish to web"),
        ("file:/tiada/tautan", "cannot be read (FileNotFoundError)"),
        ("env:TIADA_TAUTAN", "TIADA_TAUTAN is not set"),
        ("ftp://contoh.test/a.csv", "expected a URL"),
        ("rahasia.csv", "expected a URL"),
        (7, "expected a URL"),
    ],
)
def test_urls_that_cannot_be_meant_are_refused_and_not_repeated(url: object, words: str) -> None:
    said = wrong(url=url, anyone_can_read=True)
    assert words in said
    assert "rahasia" not in said


def test_an_absent_link_stops_no_look_at_the_configuration() -> None:
    with allowing_absent_secrets() as absent:
        LinkOptions.model_validate({"url": "env:TIADA_TAUTAN", "anyone_can_read": True, "key": ["No"]})
    assert list(absent) == ["env:TIADA_TAUTAN"]


# Nothing new


def test_an_unchanged_table_costs_one_short_answer(link: Link) -> None:
    link.shows(CSV, ETag='"satu"')
    first = link.listing()
    assert len(first.entries) == 2
    assert link.asked()[0].headers.get("if-none-match") is None
    again = link.listing(first.cursor)
    assert (list(again.entries), again.cursor) == ([], first.cursor)
    (request,) = link.asked()
    assert (request.headers["if-none-match"], request.status) == ('"satu"', 304)
    link.shows(CSV + b"\r\n3,Banjir", ETag='"dua"')
    assert len(link.listing(again.cursor).entries) == 3


def test_other_options_ask_for_the_whole_table_again(link: Link) -> None:
    link.shows(CSV, ETag='"satu"')
    cursor = link.listing().cursor
    assert len(link.listing(cursor, date_format="%d/%m/%Y").entries) == 2


def test_without_an_etag_the_content_itself_tells(link: Link) -> None:
    link.shows(CSV)
    first = link.listing()
    assert list(link.listing(first.cursor).entries) == []
    link.shows(CSV.replace(b"rusak", b"rosak"))
    assert len(link.listing(first.cursor).entries) == 2


def test_a_time_of_change_counts_only_once_it_is_settled(link: Link) -> None:
    link.shows(CSV, Last_Modified="Mon, 23 Nov 2026 01:00:00 GMT", Date="Mon, 23 Nov 2026 01:00:30 GMT")
    link.listing(link.listing().cursor)
    assert all("if-modified-since" not in one.headers for one in link.asked())
    link.shows(CSV, Last_Modified="Mon, 23 Nov 2026 01:00:00 GMT", Date="Mon, 23 Nov 2026 02:00:00 GMT")
    link.listing(link.listing().cursor)
    assert link.asked()[1].headers["if-modified-since"] == "Mon, 23 Nov 2026 01:00:00 GMT"


def test_troubled_rows_stay_in_sight(link: Link) -> None:
    link.shows(CSV + b"\r\n,tanpa nomor", ETag='"satu"')
    cursor = link.listing().cursor
    assert [one.code for one in link.listing(cursor).problems] == ["row_without_key"]


def test_what_cannot_be_read_is_a_problem_that_a_later_content_ends(link: Link) -> None:
    link.shows(b"PK\x03\x04 rusak", ETag='"satu"')
    broken = link.listing()
    assert [one.code for one in broken.problems] == ["file_unreadable"]
    assert not broken.complete
    with link.opened() as connector, pytest.raises(Misconfigured, match="file unreadable"):
        connector.check()
    link.shows(CSV, ETag='"satu"')
    assert len(link.listing(broken.cursor).entries) == 2


def test_a_workbook_behind_the_link_is_read_too(link: Link) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("Rekap").append(("No", "Isi"))
    book["Rekap"].append((1, "Lampu padam"))
    file = io.BytesIO()
    book.save(file)
    link.shows(file.getvalue())
    with link.opened(sheet="Rekap") as connector:
        (record,) = connector.read([entry.locator for entry in connector.list(None).entries])
        assert record.fields == {"No": 1, "Isi": "Lampu padam"}
        assert [finding.ok for finding in connector.check()] == [True]


# Redirects and refusals


def test_a_redirect_is_followed_a_few_steps_and_conditions_go_along(link: Link) -> None:
    link.shows(b"", 307, Location=f"/{link.secret}/1")
    link.shows(b"", 302, path=f"/{link.secret}/1", Location=f"http://localhost:{link.site.port}/{link.secret}/2")
    link.shows(CSV, path=f"/{link.secret}/2", ETag='"satu"')
    cursor = link.listing().cursor
    assert [one.status for one in link.asked()] == [307, 302, 200]
    assert list(link.listing(cursor).entries) == []
    assert [one.status for one in link.asked()] == [307, 302, 304]


def test_a_redirect_in_a_circle_ends(link: Link) -> None:
    link.shows(b"", 307, Location=f"/{link.secret}.csv")
    assert "redirected more than 5 times" in link.refusal()
    assert len(link.asked()) == 5


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("http://contoh.test/a.csv", "something else than https"),
        ("ftp://contoh.test/a.csv", "something else than https"),
        ("https://u:p@contoh.test/a.csv", "something else than https"),
        ("https://accounts.google.com/v3/signin", "sign-in page"),
        ("https://docs.google.com/accounts/ServiceLogin?x", "sign-in page"),
    ],
)
def test_redirects_elsewhere_are_refused(link: Link, location: str, words: str) -> None:
    link.shows(b"", 307, Location=location)
    assert words in link.refusal()


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (503, Unreachable, "HTTP 503"),
        (429, Unreachable, "HTTP 429"),
        (404, Misconfigured, "publish it again"),
        (401, Misconfigured, "publish it again"),
        (418, Misconfigured, "refuses the request (HTTP 418)"),
        (304, Misconfigured, "HTTP 304"),
        (206, Misconfigured, "HTTP 206"),
    ],
)
def test_answers_without_a_table(link: Link, status: int, kind: type[ConnectorError], words: str) -> None:
    link.shows(b"", status)
    assert words in link.refusal(kind)


def test_a_web_page_is_no_table(link: Link) -> None:
    link.shows(b"<html>Sign in</html>", Content_Type="text/html; charset=utf-8")
    assert "web page instead of a table" in link.refusal()
    link.shows(b"<!doctype html><title>Sign in</title>", Content_Type="text/csv")
    assert [one.code for one in link.listing().problems] == ["file_not_a_sheet"]


def test_too_much_and_too_little_are_noticed(link: Link) -> None:
    link.shows(CSV * 1000)
    assert "more than" in link.refusal(max_bytes=1000)
    link.shows(CSV, Content_Length="500")
    assert "does not answer" in link.refusal(Unreachable)


def test_a_packed_bomb_is_stopped_by_its_unpacked_size(link: Link) -> None:
    link.site.gzip[f"/{link.secret}.csv"] = 20_000_000
    assert "more than 1 MB" in link.refusal(max_bytes=1_000_000)


def test_a_dead_server_is_unreachable(link: Link) -> None:
    assert "does not answer" in link.refusal(Unreachable, url=f"http://127.0.0.1:9/{link.secret}")


def test_check_names_no_link(link: Link) -> None:
    link.shows(CSV)
    with link.opened() as connector:
        (finding,) = connector.check()
    assert finding.ok
    assert "2 records; header in row 1; columns: Isi, No" in finding.text
    assert link.secret not in finding.text


def test_a_key_column_that_is_shown_otherwise_stops_the_channel(link: Link) -> None:
    link.shows(b"No,Isi\n" + b"".join(b"%d/3/2025,x\n" % day for day in range(1, 21)), ETag='"satu"')
    cursor = link.listing().cursor
    link.shows(b"\x00", ETag='"rusak"')
    cursor = link.listing(cursor).cursor
    link.shows(b"No,Isi\n" + b"".join(b"2025-03-%02d,x\n" % day for day in range(1, 21)), ETag='"dua"')
    with pytest.raises(Misconfigured, match='No was written as "9/9/9" and is now written as a date'):
        link.listing(cursor)


def test_a_copy_that_parts_from_its_row_waits_for_a_person(link: Link) -> None:
    options: dict[str, object] = {"key": (), "identity": ("Nama", "Isi")}
    lamp, other = "Warga,Lampu jalan padam di pasar\n", "Budi,Selokan mampet di gang melati\n"
    link.shows(f"Nama,Isi\n{lamp}{lamp}".encode())
    before = link.listing(**options).cursor
    link.shows(f"Nama,Isi\n{lamp}{lamp.replace('padam', 'pudam')}{other}".encode())
    with link.opened(**options) as connector:
        locators = [entry.locator for entry in connector.list(json.loads(json.dumps(before))).entries]
        doubts = {str(record.fields["Isi"])[:7]: record.doubts for record in connector.read(locators[1:])}
    assert doubts == {"Lampu j": ("copy_edited",), "Selokan": ()}
