"""Is a private Google Sheet read as people see it, and is every refusal of Google's told so that it can be mended?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connectors import google_grid
from connectors.contract import ChannelContext, Cursor, Listing, Misconfigured, Unreachable
from connectors.google_sheets import GoogleSheet
from tests.servers.google import Google, api_error
from tests.servers.google_documents import Broken, Document, Shown, Tab, serial

ZONE = ZoneInfo("Asia/Makassar")
HEADER = ("Timestamp", "Nama", "Isi")


class Place:
    """A spreadsheet, an account that may read it, and a channel on it."""

    def __init__(self, google: Google, folder: Path) -> None:
        self.google = google
        self.folder = folder
        self.email, self.file = google.new_account(folder)
        self.tab = Tab("Form Responses 1", [HEADER], columns=3)
        self.document: Document = google.new_document(self.tab)
        self.document.shared_with.add(self.email)

    @contextmanager
    def opened(self, **options: object) -> Iterator[GoogleSheet]:
        """A connector, with `No`-less rows told apart by all columns unless something else is said."""
        given = {
            "spreadsheet": self.document.id,
            "credentials": f"file:{self.file}",
            "endpoint": self.google.url,
            **({} if "key" in options else {"identity": HEADER}),
            **options,
        }
        connector = GoogleSheet(GoogleSheet.Options.model_validate(given), ChannelContext("kanal", ZONE, self.folder))
        try:
            yield connector
        finally:
            connector.close()

    def listing(self, after: Cursor | None = None, **options: object) -> Listing:
        """What a fresh connector lists."""
        with self.opened(**options) as connector:
            return connector.list(after)

    def rows(self, **options: object) -> list[Mapping[str, object]]:
        """What a fresh connector reads."""
        with self.opened(**options) as connector:
            return [one.fields for one in connector.read([entry.locator for entry in connector.list(None).entries])]

    def told(self, **options: object) -> Mapping[str, bool]:
        """What `check` says, and whether it is well."""
        with self.opened(**options) as connector:
            return {finding.text: finding.ok for finding in connector.check()}

    def refusal(self, kind: type[Exception] = Misconfigured, **options: object) -> str:
        """Why nothing can be listed."""
        with self.opened(**options) as connector, pytest.raises(kind) as caught:
            connector.list(None)
        assert "\n" not in str(caught.value)
        return str(caught.value)


@pytest.fixture
def place(google: Google, tmp_path: Path) -> Iterator[Place]:
    """A form's answers."""
    yield Place(google, tmp_path)
    google.clock_ahead = 0
    google.troubles.clear()


# What is read


def test_cells_are_what_people_see(place: Place) -> None:
    place.tab.rows += [
        (datetime.fromisoformat("2025-03-03T08:15:30"), "Budi", Shown(6281234, "NUMBER", "0000000000")),
        (datetime.fromisoformat("2025-03-04"), 3.5, True),
        (None, None, "hanya isi"),
    ]
    assert place.rows() == [
        {"Timestamp": "2025-03-03T08:15:30", "Nama": "Budi", "Isi": "0006281234"},
        {"Timestamp": "2025-03-04", "Nama": 3.5, "Isi": True},
        {"Timestamp": None, "Nama": None, "Isi": "hanya isi"},
    ]


def test_an_error_in_a_formula_makes_the_row_doubtful(place: Place) -> None:
    place.tab.rows = [("No", "Nama"), (1, Broken("N_A")), (2, "Budi")]
    with place.opened(key=["No"]) as connector:
        first, second = connector.read([entry.locator for entry in connector.list(None).entries])
    assert (first.fields["Nama"], first.doubts) == (None, ("cell_error",))
    assert second.doubts == ()


def test_the_first_sheet_that_people_see_is_read_unless_another_is_meant(place: Place) -> None:
    document = place.document
    document.tabs = [
        Tab("Arsip", [HEADER, ("t", "Arsip", "a")], id=1, hidden=True),
        Tab("Grafik", id=2, kind="OBJECT"),
        Tab("Januari", [HEADER, ("t", "Januari", "b")], id=3),
        Tab('It\'s "two"', [HEADER, ("t", "Februari", "c")], id=0),
    ]
    address = f"https://docs.google.com/spreadsheets/d/{document.id}/edit?gid=0#gid=0"
    assert [row["Nama"] for row in place.rows()] == ["Januari"]
    assert [row["Nama"] for row in place.rows(sheet='It\'s "two"')] == ["Februari"]
    assert [row["Nama"] for row in place.rows(sheet="Arsip")] == ["Arsip"]
    assert [row["Nama"] for row in place.rows(spreadsheet=address)] == ["Februari"]
    assert [row["Nama"] for row in place.rows(spreadsheet=address, sheet="Januari")] == ["Januari"]
    assert "no sheet Grafik that can be read; it has: Arsip, Januari, It's" in place.refusal(sheet="Grafik")
    assert "no sheet with gid=9" in place.refusal(spreadsheet=address.replace("gid=0", "gid=9"))


def test_a_spreadsheet_whose_sheets_are_all_hidden_is_told(place: Place) -> None:
    place.tab.hidden = True
    assert "no sheet that can be read; it has: Form Responses 1" in place.refusal()


def test_rows_that_people_hide_are_left_out_only_by_option_and_filtered_ones_never(place: Place) -> None:
    place.tab.rows += [("1", "a", "x"), ("2", "b", "x"), ("3", "c", "x")]
    place.tab.hidden_rows, place.tab.filtered_rows = {2}, {3}
    assert [row["Nama"] for row in place.rows()] == ["a", "b", "c"]
    assert [row["Nama"] for row in place.rows(hidden_rows="skip")] == ["a", "c"]
    assert place.told(hidden_rows="skip")["1 hidden row(s) are left out"]


def test_a_merged_cell_counts_for_its_rows_by_option(place: Place) -> None:
    place.tab.rows += [("Senin", "a", "x"), (None, "b", "x"), ("Selasa", "c", "x")]
    place.tab.merges = [(1, 3, 0, 1)]
    assert [row["Timestamp"] for row in place.rows()] == ["Senin", None, "Selasa"]
    assert [row["Timestamp"] for row in place.rows(merged_cells="every_row")] == ["Senin", "Senin", "Selasa"]


def test_a_header_over_two_rows_with_merged_cells_is_understood(place: Place) -> None:
    place.tab.rows = [("No", "Pelapor", None, "Isi"), (None, "Nama", "HP", None), (1, "Budi", "0812", "Lampu padam")]
    place.tab.merges, place.tab.columns = [(0, 2, 0, 1), (0, 1, 1, 3), (0, 2, 3, 4)], 4
    assert place.rows(key=["No"]) == [{"No": 1, "Nama": "Budi", "HP": "0812", "Isi": "Lampu padam"}]


# In parts


def test_a_large_sheet_is_read_whole_in_parts(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(google_grid, "CELLS", 60)
    place.tab.rows += [(f"t{n}", "" if n % 7 else None, n) for n in range(95)]
    place.tab.spare_rows = 3
    place.tab.merges = [(40, 43, 0, 1)]
    listing = place.listing()
    assert len(listing.entries) == 95
    assert listing.complete
    assert [row["Isi"] for row in place.rows()] == list(range(95))


def test_rows_that_move_between_the_parts_are_noticed(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(google_grid, "CELLS", 60)
    place.tab.rows += [(f"t{n}", "", n) for n in range(50)]
    place.tab.spare_rows = 3
    inserts = iter(range(100, 102))

    def insert() -> None:
        for n in inserts:
            place.tab.rows.insert(1, (f"t{n}", "", n))
            return

    place.document.before_read = insert
    assert {row["Isi"] for row in place.rows()} == {*range(50), 100, 101}


def test_rows_that_move_all_the_time_wait_for_the_next_round(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(google_grid, "CELLS", 60)
    place.tab.rows += [(f"t{n}", "", n) for n in range(50)]
    place.tab.spare_rows = 3
    place.document.before_read = lambda: place.tab.rows.insert(1, ("baru", "", len(place.tab.rows)))
    assert "insert or delete rows just now" in place.refusal(Unreachable)


def test_a_full_sheet_that_grows_while_it_is_read_is_read_again(place: Place) -> None:
    place.tab.rows += [("1", "a", "x"), ("2", "b", "y")]
    place.tab.spare_rows = 0
    inserts = iter([("0", "baru", "z")])
    place.document.before_read = lambda: place.tab.rows.__setitem__(slice(1, 1), list(inserts))
    assert [row["Nama"] for row in place.rows()] == ["baru", "a", "b"]


def test_a_sheet_beyond_all_measure_is_refused_before_it_is_read(place: Place) -> None:
    place.tab.spare_rows = 5_000_000
    asked = len(place.google.requests)
    assert "delete empty rows and columns" in place.refusal()
    assert len(place.google.requests) == asked + 2


# Nothing new


def test_an_unchanged_sheet_lists_nothing_and_a_typo_put_right_lists_all(place: Place) -> None:
    place.tab.rows += [("1", "a", "x"), ("2", "b", "y")]
    first = place.listing()
    cursor = json.loads(json.dumps(first.cursor))
    again = place.listing(cursor)
    assert (again.entries, again.cursor) == ((), cursor)
    place.tab.rows[1] = ("1", "a", "x!")
    assert len(place.listing(cursor).entries) == 2
    assert len(place.listing(cursor, date_format="%d/%m/%Y").entries) == 2


def test_an_empty_column_or_moved_columns_and_rows_are_no_edit(place: Place) -> None:
    place.tab.rows = [("No", "Nama", "Isi"), (1, "a", "x"), (2, "b", "y")]
    before = {entry.locator: entry.version for entry in place.listing(key=["No"]).entries}
    place.tab.rows = [(), ("Isi", "Catatan", "No", "Nama"), ("y", None, 2, "b"), ("x", None, 1, "a")]
    assert {entry.locator: entry.version for entry in place.listing(key=["No"]).entries} == before


def test_troubled_rows_stay_in_sight(place: Place) -> None:
    place.tab.rows = [("No", "Isi"), (1, "x"), (None, "tanpa nomor"), (1, "lain")]
    for _ in range(2):
        listing = place.listing(place.listing(key=["No"]).cursor, key=["No"])
        assert [(one.where, one.code, one.detail) for one in listing.problems] == [
            ("sheet Form Responses 1", "row_without_key", "rows 3"),
            ("sheet Form Responses 1", "key_not_unique", "rows 4"),
        ]


@pytest.mark.parametrize("rows", [[], [(None, "", None)]])
def test_a_sheet_without_any_cell_proves_nothing(place: Place, rows: list[tuple[object, ...]]) -> None:
    place.tab.rows = rows
    listing = place.listing()
    assert [one.code for one in listing.problems] == ["file_empty"]
    assert not listing.complete


# Refusals


def test_a_sheet_that_is_not_shared_names_the_address_to_share_it_with(place: Place) -> None:
    place.document.shared_with.clear()
    said = place.refusal()
    assert place.email in said
    assert "viewer" in said


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (api_error(403, "PERMISSION_DENIED", "…", "SERVICE_DISABLED"), "enable it in the Google Cloud console"),
        (api_error(400, "INVALID_ARGUMENT", "Unable to parse range: 'Budi'"), "HTTP 400 INVALID_ARGUMENT"),
        (api_error(302, "X", "", Location="http://x"), "HTTP 302"),
    ],
)
def test_what_a_person_must_change_is_told(place: Place, trouble: Exception, words: str) -> None:
    place.google.troubles.append(trouble)  # type: ignore[arg-type]
    said = place.refusal()
    assert words in said
    assert "Budi" not in said


def test_an_excel_file_in_drive_is_told_from_a_sheet(place: Place) -> None:
    place.document.is_office_file = True
    assert "Save as Google Sheets" in place.refusal()


def test_a_moment_of_trouble_is_waited_for(place: Place) -> None:
    place.tab.rows += [("1", "a", "x")]
    place.google.troubles += [
        api_error(503, "UNAVAILABLE", "…", Retry_After="0"),
        api_error(429, "RESOURCE_EXHAUSTED", "…", Retry_After="0"),
    ]
    assert len(place.rows()) == 1


def test_a_quota_that_is_used_up_waits_for_the_next_round(place: Place) -> None:
    place.google.troubles += [api_error(429, "RESOURCE_EXHAUSTED", "…", Retry_After="0")] * 3
    assert "quota of reads is used up" in place.refusal(Unreachable)
    place.google.troubles += [api_error(429, "RESOURCE_EXHAUSTED", "…", Retry_After="60")]
    assert "it asks for 60 s of patience" in place.refusal(Unreachable)
    assert place.google.troubles == []


def test_a_token_that_was_taken_back_is_renewed_once(place: Place) -> None:
    place.tab.rows += [("1", "a", "x")]
    with place.opened() as connector:
        connector.list(None)
        place.google.revoke_tokens()
        assert len(connector.list(None).entries) == 1
    place.google.troubles += [api_error(401, "UNAUTHENTICATED", "…")] * 2
    assert f"does not take the token of {place.email} (HTTP 401)" in place.refusal()


@pytest.mark.parametrize(("ahead", "words"), [(3 * 3600, "180 minutes behind"), (-3 * 3600, "180 minutes ahead")])
def test_a_wrong_clock_is_told(place: Place, ahead: float, words: str) -> None:
    place.google.clock_ahead = ahead
    assert f"this machine's clock is {words}" in place.refusal()


def test_a_replaced_key_is_told(place: Place) -> None:
    place.google.replace_key(place.email)
    assert "no longer, one of the account's keys" in place.refusal()


def test_another_server_at_the_endpoint_is_told(place: Place) -> None:
    assert "something else than Google would" in place.refusal(endpoint=f"{place.google.url}/lucu")


# What check says


def test_check_says_what_was_understood(place: Place) -> None:
    place.tab.rows.append(("1", "a", "x"))
    place.document.tabs.append(Tab("Lama", id=5))
    told = place.told()
    assert all(told.values())
    assert "sheet Form Responses 1 of Pengaduan: 1 records; header in row 1; columns: Isi, Nama, Timestamp" in told
    assert "sheets that are not read: Lama" in told


def test_check_warns_of_another_time_zone_and_of_a_key_that_all_can_read(place: Place) -> None:
    place.document.time_zone = "America/Los_Angeles"
    place.file.chmod(0o644)
    wrong = " ".join(text for text, ok in place.told().items() if not ok)
    assert "America/Los_Angeles" in wrong
    assert "Asia/Makassar" in wrong
    assert "run `chmod 600` on it" in wrong
    place.document.time_zone = "Asia/Singapore"
    place.file.chmod(0o640)
    assert all(place.told().values())


# What a mere format would do


def test_a_key_column_that_is_formatted_otherwise_stops_the_channel(place: Place) -> None:
    moments = [datetime.fromisoformat(f"2025-03-{day:02}T08:15:30") for day in range(1, 21)]
    place.tab.rows = [HEADER, *((moment, "a", "x") for moment in moments)]
    cursor = json.loads(json.dumps(place.listing(key=["Timestamp"]).cursor))
    keys = [entry.locator for entry in place.listing(key=["Timestamp"]).entries]

    def shown(kind: str) -> None:
        place.tab.rows = [HEADER, *((Shown(serial(moment), kind), "a", "x") for moment in moments)]

    shown("DATE")
    assert [entry.locator for entry in place.listing(key=["Timestamp"]).entries] == keys
    for kind in ("NUMBER", "TEXT", "TIME"):
        shown(kind)
        with place.opened(key=["Timestamp"]) as connector, pytest.raises(Misconfigured, match="Format it as before"):
            connector.list(cursor)
