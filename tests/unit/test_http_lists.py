"""Is a portal's list read whole, however it is cut into pages and whatever happens meanwhile? Over real sockets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.contract import ChannelContext, Listing, Misconfigured, SourceRecord, Unreachable
from connectors.http import Portal as Connector
from connectors.http_json import parsed
from connectors.http_options import HttpOptions
from connectors.web import Fetched
from tests.servers.portal import LIST, Answer, Asked, Portal, json_answer

ZONE = ZoneInfo("Asia/Jakarta")
TOTAL = {"total": "data.meta.total"}
PAGE = {"paging": "page", "page_size": 10}
OFFSET = {"paging": "offset", "page_size": 10}
CURSOR = {"paging": "cursor", "page_size": 10, "next": "data.meta.next"}


@contextmanager
def opened(portal: Portal, folder: Path, **changes: Any) -> Iterator[Connector]:
    """A connector to it, as one round has it."""
    options = {"url": portal.url, "items": "data.items", "key": ["id"], "rate": 1000, "timeout": 5, **changes}
    spool = folder / "spool"
    spool.mkdir(exist_ok=True)
    connector = Connector(HttpOptions.model_validate(options), ChannelContext("kanal", ZONE, spool))
    try:
        yield connector
    finally:
        connector.close()


def fill(portal: Portal, *numbers: int) -> None:
    portal.items |= {number: {"id": number, "isi": f"Laporan {number}"} for number in numbers}


def keys(listing: Listing) -> set[int]:
    return {int(entry.locator) for entry in listing.entries}


def told(listing: Listing) -> list[str]:
    return [problem.code for problem in listing.problems]


def records(connector: Connector, listing: Listing) -> list[SourceRecord]:
    return list(connector.read([entry.locator for entry in listing.entries]))


@pytest.mark.parametrize("count", [0, 1, 10, 35])
@pytest.mark.parametrize("paging", [PAGE, OFFSET, CURSOR, {**PAGE, **TOTAL}, {**OFFSET, **TOTAL}, {**CURSOR, **TOTAL}])
def test_every_item_is_found_at_any_length(
    portal: Portal, tmp_path: Path, paging: Mapping[str, object], count: int
) -> None:
    fill(portal, *range(count))
    portal.paging, portal.size = str(paging["paging"]), 10
    with opened(portal, tmp_path, **paging) as connector:
        listing = connector.list(None)
        assert keys(listing) == set(range(count))
        assert (listing.complete, listing.problems, listing.more) == (True, [], False)
        assert listing.shape["rows"] == count
        assert len(records(connector, listing)) == count


def test_next_may_be_a_url_of_the_same_host_in_any_scheme(portal: Portal, tmp_path: Path) -> None:
    fill(portal, *range(25))
    portal.paging, portal.size = "link", 10
    with opened(portal, tmp_path, **CURSOR) as connector:
        assert keys(connector.list(None)) == set(range(25))
    first = json_answer({"items": [{"id": 1}], "next": f"http://127.0.0.1{LIST}?cursor=1"})
    portal.instead = lambda asked: None if asked.params.get("cursor") else first
    with (
        opened(portal, tmp_path, paging="cursor", next="next", items="items") as connector,
        pytest.raises(Misconfigured),
    ):
        connector.list(None)  # It is asked at the port of `url`, where another shape comes.
    assert portal.asked[-1].params == {"cursor": "1"}


def test_next_on_another_host_is_refused_before_it_is_asked(portal: Portal, tmp_path: Path) -> None:
    portal.instead = lambda asked: json_answer({"items": [{"id": 1}], "next": "https://lain.example.org/x?page=2"})
    with (
        opened(portal, tmp_path, paging="cursor", next="next", items="items") as connector,
        pytest.raises(Misconfigured, match="another host"),
    ):
        connector.list(None)


def test_a_server_that_gives_fewer_than_asked_is_read_to_its_end(portal: Portal, tmp_path: Path) -> None:
    fill(portal, *range(25))
    portal.paging, portal.size = "page", 10
    with opened(portal, tmp_path, paging="page", page_size=1000) as connector:
        assert keys(connector.list(None)) == set(range(25))


def test_the_last_page_again_for_ever_ends_the_list(portal: Portal, tmp_path: Path) -> None:
    fill(portal, *range(25))
    portal.paging, portal.size = "page", 10

    def clamped(asked: Asked) -> Answer | None:
        if int(asked.params.get("page", "1")) > 3:
            return portal.answer(Asked(asked.path, {**asked.params, "page": "3"}, asked.headers))
        return None

    portal.instead = clamped
    with opened(portal, tmp_path, **PAGE) as connector:
        listing = connector.list(None)
        assert (keys(listing), listing.complete) == (set(range(25)), True)


def test_a_parameter_that_is_not_understood_is_told(portal: Portal, tmp_path: Path) -> None:
    fill(portal, *range(25))
    with (
        opened(portal, tmp_path, paging="page", page_parameter="halaman") as connector,
        pytest.raises(Misconfigured, match="first page again where halaman asks for another"),
    ):
        connector.list(None)


def test_not_found_after_the_last_page_is_its_end_only_where_the_total_is_reached(
    portal: Portal, tmp_path: Path
) -> None:
    fill(portal, *range(20))
    portal.paging, portal.size = "page", 10
    portal.instead = lambda asked: json_answer({}, 404) if int(asked.params.get("page", "1")) > 2 else None
    with opened(portal, tmp_path, **PAGE, **TOTAL) as connector:
        assert keys(connector.list(None)) == set(range(20))
    with opened(portal, tmp_path, **PAGE) as connector, pytest.raises(Misconfigured, match="give `total`"):
        connector.list(None)


def test_a_total_of_one_page_is_told(portal: Portal, tmp_path: Path) -> None:
    pages = {"1": [1, 2], "2": [3, 4], "3": []}
    portal.instead = lambda asked: json_answer(
        {"items": [{"id": number} for number in pages[asked.params["page"]]], "count": len(pages[asked.params["page"]])}
    )
    with (
        opened(portal, tmp_path, items="items", paging="page", total="count") as connector,
        pytest.raises(Misconfigured, match="counts the items of one page"),
    ):
        connector.list(None)


def test_endless_lists_end(portal: Portal, tmp_path: Path) -> None:
    portal.instead = lambda asked: json_answer([{"id": int(asked.params.get("page", "1"))}])
    with (
        opened(portal, tmp_path, items="", paging="page", max_pages=30) as connector,
        pytest.raises(Misconfigured, match="more than 30 pages"),
    ):
        connector.list(None)
    portal.instead = lambda asked: json_answer({"items": [{"id": 1}], "next": "abc"})
    with (
        opened(portal, tmp_path, items="items", paging="cursor", next="next") as connector,
        pytest.raises(Misconfigured, match="leads back"),
    ):
        connector.list(None)


def test_a_full_page_without_next_is_told_and_its_items_come_in(portal: Portal, tmp_path: Path) -> None:
    fill(portal, *range(10))
    with opened(portal, tmp_path, paging="cursor", page_size=10, next="data.meta.berikut") as connector:
        listing = connector.list(None)
    assert (keys(listing), told(listing), listing.complete) == (set(range(10)), ["list_incomplete"], False)


def test_fewer_items_than_the_list_counts_is_told(portal: Portal, tmp_path: Path) -> None:
    fill(portal, *range(25))
    portal.paging, portal.size = "page", 10
    with opened(portal, tmp_path, **TOTAL) as connector:
        listing = connector.list(None)
    assert (len(keys(listing)), told(listing)) == (10, ["list_incomplete"])
    assert "10 items of 25" in listing.problems[0].detail


# The list moves while it is read

Move = Callable[[Portal], None]


def when(portal: Portal, page: str, move: Move) -> None:
    """Let that happen right before the page is answered for the first time."""
    done: list[bool] = []

    def before(asked: Asked) -> None:
        if asked.params.get("page") == page and not done:
            done.append(True)
            move(portal)

    portal.before = before


def drop(number: int) -> Move:
    """That item goes."""

    def move(portal: Portal) -> None:
        del portal.items[number]

    return move


def come(number: int) -> Move:
    """That item comes."""
    return lambda portal: fill(portal, number)


def swap(portal: Portal) -> None:
    """One comes and one goes: their number stays."""
    fill(portal, 99)
    del portal.items[32]


MOVES: Mapping[str, Move] = {
    "one comes first": come(99),
    "one goes that was read": drop(33),
    "one comes and one goes": swap,
    "one comes last": come(-1),
}


@pytest.mark.parametrize("total", [TOTAL, {}])
@pytest.mark.parametrize("page", ["2", "3", "4"])
@pytest.mark.parametrize("move", MOVES.values(), ids=list(MOVES))
def test_what_moves_between_pages_is_not_lost_in_the_first_round(
    portal: Portal, tmp_path: Path, move: Move, page: str, total: Mapping[str, str]
) -> None:
    fill(portal, *range(35))
    portal.paging, portal.size, portal.newest_first = "page", 10, True
    when(portal, page, move)
    with opened(portal, tmp_path, **PAGE, **total) as connector:
        listing = connector.list(None)
        assert keys(listing) == set(portal.items)
        assert listing.complete
        assert {int(record.key) for record in records(connector, listing)} == set(portal.items)


def test_a_list_that_never_stands_still_is_told_and_loses_nothing_that_was_seen(portal: Portal, tmp_path: Path) -> None:
    fill(portal, *range(35))
    portal.paging, portal.size, portal.newest_first = "page", 10, True

    def before(asked: Asked) -> None:
        fill(portal, len(portal.items))

    portal.before = before
    with opened(portal, tmp_path, **PAGE) as connector:
        listing = connector.list(None)
    assert (listing.complete, told(listing)) == (False, ["list_incomplete"])
    assert set(range(35)) <= keys(listing)
    assert dict(listing.cursor or {})["pages"] == []


def test_what_moved_unseen_is_found_in_the_next_round(portal: Portal, tmp_path: Path) -> None:
    fill(portal, *range(35))
    portal.paging, portal.size, portal.newest_first, portal.etags = "page", 10, True, True
    with opened(portal, tmp_path, **PAGE) as connector:
        cursor = connector.list(None).cursor
    fill(portal, 50)
    when(portal, "3", drop(20))
    with opened(portal, tmp_path, **PAGE) as connector:
        cursor = connector.list(cursor).cursor
    with opened(portal, tmp_path, **PAGE) as connector:
        assert keys(connector.list(cursor)) == set(portal.items)


# Nothing new


@pytest.mark.parametrize("paging", [{}, PAGE, OFFSET, CURSOR])
def test_with_etags_a_round_with_nothing_new_transfers_nothing(
    portal: Portal, tmp_path: Path, paging: Mapping[str, object]
) -> None:
    fill(portal, *range(25))
    portal.paging, portal.size, portal.etags = str(paging.get("paging", "none")), 10, True
    with opened(portal, tmp_path, **paging) as connector:
        cursor = connector.list(None).cursor
    portal.asked.clear()
    with opened(portal, tmp_path, **paging) as connector:
        listing = connector.list(cursor)
    assert (listing.entries, listing.cursor, listing.complete) == ((), cursor, False)
    assert all("if-none-match" in asked.headers for asked in portal.asked)
    fill(portal, 30)
    with opened(portal, tmp_path, **paging) as connector:
        assert keys(connector.list(cursor)) == {*range(25), 30}


def test_etags_are_not_trusted_for_longer_than_a_day_or_with_other_options(portal: Portal, tmp_path: Path) -> None:
    fill(portal, 1, 2)
    portal.etags = True
    with opened(portal, tmp_path) as connector:
        cursor = dict(connector.list(None).cursor or {})
    with opened(portal, tmp_path) as connector:
        assert keys(connector.list({**cursor, "day": "2026-01-01"})) == {1, 2}
    with opened(portal, tmp_path, updated="isi") as connector:
        assert keys(connector.list(cursor)) == {1, 2}


def test_a_cursor_that_grew_too_old_is_no_failure(portal: Portal, tmp_path: Path) -> None:
    fill(portal, *range(25))
    portal.paging, portal.size, portal.etags = "cursor", 10, True
    with opened(portal, tmp_path, **CURSOR) as connector:
        cursor = connector.list(None).cursor
    portal.instead = lambda asked: (
        json_answer({}, 400) if asked.params.get("cursor") and "if-none-match" in asked.headers else None
    )
    with opened(portal, tmp_path, **CURSOR) as connector:
        assert keys(connector.list(cursor)) == set(range(25))


# Answers that are no list


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (json_answer({"success": False, "message": "Nama Warga"}), "no data.items; there are: success, message"),
        (json_answer({"data": None}), "no data.items; there are: data"),
        (json_answer({"data": {"items": None}}), "null at data.items, where a list should be"),
        (json_answer({"data": {"items": {}}}), "an object at data.items"),
        (json_answer([1]), "no data.items; it is a list"),
        (json_answer({"data": {"items": [1, "a"]}}), "holds no objects"),
        (Answer(200, b"<!doctype html><title>Masuk</title>", {"Content-Type": "text/html"}), "login or error page"),
        (Answer(200, b"", {"Content-Type": "text/html"}), "no JSON"),
        (Answer(200, b'{"data": NaN}'), "no data.items"),
        (Answer(200, b"[" * 200_000), "nested too deep|ends too early"),
        (Answer(200, b"<b>Warning</b>: mysqli_connect()" + b"{}"), "no JSON"),
    ],
)
def test_an_answer_without_a_list_is_an_error_and_never_an_empty_list(
    portal: Portal, tmp_path: Path, answer: Answer, words: str
) -> None:
    portal.instead = lambda asked: answer
    with opened(portal, tmp_path) as connector, pytest.raises((Misconfigured, Unreachable), match=words) as caught:
        connector.list(None)
    assert "Nama Warga" not in str(caught.value)


def test_json_that_ends_too_early_is_never_read() -> None:
    whole = json_answer({"data": {"items": [{"id": 1, "isi": "Lampu padam"}]}}).content
    for end in range(len(whole)):
        with pytest.raises((Unreachable, Misconfigured)):
            parsed(Fetched(200, {}, whole[:end]), "https://portal.example.org/")
    assert parsed(Fetched(200, {}, whole), "https://portal.example.org/")["data"]


def test_a_list_that_php_made_an_object_of_is_a_list(portal: Portal, tmp_path: Path) -> None:
    portal.instead = lambda asked: json_answer({"data": {"items": {"0": {"id": 1}, "2": {"id": 2}}}})
    with opened(portal, tmp_path) as connector:
        assert keys(connector.list(None)) == {1, 2}


def test_items_that_cannot_be_told_apart_are_told_and_stop_nobody(portal: Portal, tmp_path: Path) -> None:
    items = [{"id": 1, "isi": "a"}, {"id": None}, {"isi": "b"}, 7, {"id": 2, "isi": "c"}, {"id": 2, "isi": "d"}]
    portal.instead = lambda asked: json_answer({"data": {"items": [*items, items[0]]}})
    with opened(portal, tmp_path) as connector:
        listing = connector.list(None)
        found = [finding.text for finding in connector.check() if not finding.ok]
    assert {entry.locator: entry.version is None for entry in listing.entries} == {"1": False, "2": True}
    assert [(problem.code, problem.where, problem.detail) for problem in listing.problems] == [
        ("key_not_unique", "key 2", ""),
        ("row_without_key", portal.url, "items 2, 3, 4"),
    ]
    assert listing.complete
    assert any("several items in 1 case" in text for text in found)
    assert any("3 items lack the key id" in text for text in found)


def test_more_items_than_there_is_room_for_are_asked_for_again(
    portal: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.http_walk._KEPT_BYTES", 200)
    fill(portal, *range(35))
    portal.paging, portal.size = "page", 10
    with opened(portal, tmp_path, **PAGE, **TOTAL) as connector:
        listing = connector.list(None)
        assert len(connector._found.items) < 10
        assert {int(record.key) for record in records(connector, listing)} == set(range(35))
        assert {record.version for record in records(connector, listing)} == {one.version for one in listing.entries}


def test_a_field_of_few_items_may_go_and_one_of_most_may_not(portal: Portal, tmp_path: Path) -> None:
    fill(portal, *range(10))
    portal.items[3]["foto"] = "a.jpg"
    for number in range(6):
        portal.items[number]["rahasia"] = False
    with opened(portal, tmp_path) as connector:
        first = connector.list(None)
    assert first.shape["columns"] == ["id", "isi", "rahasia"]
    for number in range(1, 10):
        portal.items[number].pop("rahasia", None)
    with opened(portal, tmp_path) as connector:
        second = connector.list(first.cursor)
    assert second.shape["columns"] == ["id", "isi", "rahasia"]
    portal.items[0].pop("rahasia")
    with opened(portal, tmp_path) as connector:
        assert connector.list(second.cursor).shape["columns"] == ["id", "isi"]


def test_check_tells_what_there_is(portal: Portal, tmp_path: Path) -> None:
    fill(portal, *range(25))
    portal.paging, portal.size, portal.etags = "page", 10, True
    fields = {"isi": "isi", "nama": "pelapor.nama"}
    with opened(portal, tmp_path, **PAGE, **TOTAL, fields=fields) as connector:
        findings = connector.check()
    assert [(finding.ok, finding.text) for finding in findings] == [
        (True, "25 items with fields isi"),
        (
            True,
            "3 page(s) by page; the list counts 25; with ETags a round with nothing new costs a small request a page",
        ),
        (False, "no item has pelapor.nama, which `fields` names"),
    ]
