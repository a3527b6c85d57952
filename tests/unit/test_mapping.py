"""Does a mapping make of a record exactly what it says, and hold whatever it cannot make?"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mappings.engine import Context, FieldMapping, Mapped, apply, judge
from mappings.load import build
from mappings.report import CONTENT_MAX, TITLE_MAX, Report, is_email, problems
from mappings.rules import cell_name
from mappings.transforms import TRANSFORMS
from tests.fakes import MAPPING, NOON, complaint_row, values

MAKASSAR = ZoneInfo("Asia/Makassar")
JAYAPURA = ZoneInfo("Asia/Jayapura")


def mapping(**fields: Any) -> FieldMapping:
    hold = fields.pop("hold", {})
    return build({"fields": fields, "hold": hold}, Path("own.toml"))


def made(
    own: FieldMapping,
    row: dict[str, Any],
    defaults: dict[str, Any] | None = None,
    now: datetime = NOON,
    received: Any = None,
) -> Mapped:
    return apply(own, row, Context(MAKASSAR, defaults or {}, now), received)


def codes(mapped: Mapped) -> list[tuple[str, str]]:
    return [(reason.code, reason.field) for reason in mapped.reasons]


# Where values come from


def test_the_first_column_that_still_says_something_is_taken() -> None:
    own = mapping(date_of_incident={"from": ["kejadian", "masuk"], "then": ["date"]})
    row = {"kejadian": "0000-00-00", "masuk": "2026-11-02"}
    assert made(own, row).values["date_of_incident"] == "2026-11-02"


@pytest.mark.parametrize(
    "name", ["Nama Pelapor", "nama_pelapor", "NAMA-PELAPOR", " Nama  Pelapor: ", "Nama\nPelapor", "nama.pelapor"]
)
def test_column_names_are_compared_without_case_blanks_and_marks(name: str) -> None:
    assert made(mapping(reporter_name={"from": "nama pelapor"}), {name: "Warga"}).values["reporter_name"] == "Warga"


@given(st.text(max_size=30))
def test_a_column_name_compared_twice_is_the_same(name: str) -> None:
    assert cell_name(cell_name(name)) == cell_name(name)


def test_lines_join_labelled_values_and_leave_out_empty_ones() -> None:
    own = mapping(content={"lines": {"": "isi", "Lokasi": ["alamat", "tempat"], "RT": "rt"}})
    row = {"isi": "Lampu padam.", "alamat": " ", "tempat": "Jl. Pahlawan", "rt": None}
    assert made(own, row).values["content"] == "Lampu padam.\nLokasi: Jl. Pahlawan"


def test_a_place_alone_is_no_complaint() -> None:
    own = mapping(content={"lines": {"": "isi", "Lokasi": "alamat"}})
    assert "content" not in made(own, {"alamat": "Jl. Pahlawan"}).values


def test_a_whole_number_of_a_spreadsheet_has_no_point() -> None:
    own = mapping(content={"lines": {"": "isi", "RT": "rt"}}, location_id={"from": "lokasi"})
    found = made(own, {"isi": "x", "rt": 7.0, "lokasi": 6472.0}).values
    assert (found["content"], found["location_id"]) == ("x\nRT: 7", "6472")


LOOKUP = {"from": "jenis", "lookup": {"Pengaduan": "1", "Permintaan  Informasi": "2", "3": "3"}}


@pytest.mark.parametrize(
    ("cell", "kind"), [("pengaduan", "1"), (" PERMINTAAN informasi ", "2"), (3, "3"), (3.0, "3"), ("3", "3")]
)
def test_a_lookup_compares_without_case_and_blanks(cell: Any, kind: str) -> None:
    assert made(mapping(classification=LOOKUP), {"jenis": cell}).values["classification"] == kind


def test_a_value_that_the_lookup_lacks_holds_or_takes_the_default() -> None:
    row = {"jenis": "keluhan"}
    assert ("lookup_unknown", "classification") in codes(made(mapping(classification=LOOKUP), row))
    assert made(mapping(classification={**LOOKUP, "default": "1"}), row).values["classification"] == "1"


# Secrecy


@pytest.mark.parametrize("name", ["is_secret", "is_anonymous"])
def test_no_default_replaces_a_wish_that_cannot_be_read(name: str) -> None:
    rules = [
        {"from": "x", "then": ["yes_no"]},
        {"from": "x", "then": ["yes_no"], "default": False},
        {"from": "x", "lookup": {"Publik": False, "Rahasia": True}},
        {"from": "x", "lookup": {"Publik": False, "Rahasia": True}, "default": False},
    ]
    for rule in rules:
        found = made(mapping(**{name: rule}), {"x": "rhs"}, {name: False})
        assert name not in found.values
        assert [code for code, field in codes(found) if field == name] in (["yes_no_unreadable"], ["lookup_unknown"])


@pytest.mark.parametrize("cell", [None, "", "-", " "])
def test_a_wish_that_was_not_stated_takes_the_default(cell: Any) -> None:
    own = mapping(is_secret={"from": "x", "then": ["yes_no"]})
    assert made(own, {"x": cell}, {"is_secret": True}).values["is_secret"] is True
    assert ("privacy_unknown", "is_secret") in codes(made(own, {"x": cell}))


@pytest.mark.parametrize("cell", [1, 0, "1", "ya", "tidak", "True"])
def test_a_cell_that_was_never_read_as_yes_or_no_is_no_answer(cell: Any) -> None:
    assert ("privacy_unknown", "is_secret") in codes(made(mapping(is_secret={"from": "x"}), {"x": cell}))


# Length


def test_a_content_that_is_too_long_is_held_whole() -> None:
    for length, held in ((CONTENT_MAX, False), (CONTENT_MAX + 1, True)):
        found = made(MAPPING, {**complaint_row(), "isi": "x" * length})
        assert (("too_long", "content") in codes(found)) is held
        assert found.values["content"] == "x" * length


def test_windows_line_ends_do_not_make_a_content_too_long() -> None:
    found = made(MAPPING, {**complaint_row(), "isi": "x\r\n" * 1499})
    assert codes(found) == []
    assert "\r" not in found.values["content"]


def test_a_title_is_one_line_and_held_where_it_is_too_long() -> None:
    own = mapping(title={"from": "judul"})
    assert made(own, {"judul": "Jalan\nrusak  sekali"}).values["title"] == "Jalan rusak sekali"
    assert ("too_long", "title") in codes(made(own, {"judul": "x" * (TITLE_MAX + 1)}))


# Dates


def test_an_incident_of_the_new_day_in_the_east_is_todays_in_wib() -> None:
    one_in_jayapura = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
    own = mapping(date_of_incident={"from": "x", "then": ["date"]})
    context = Context(JAYAPURA, {}, one_in_jayapura)
    assert apply(own, {"x": "2026-11-23"}, context, None).values["date_of_incident"] == "2026-11-22"
    later = apply(own, {"x": "2026-11-24"}, context, None)
    assert ("date_in_future", "date_of_incident") in codes(later)


@pytest.mark.parametrize(
    ("day", "code"),
    [("2026-11-24", "date_in_future"), ("2016-11-01", "date_too_old"), ("2026-11-23", None), ("2016-12-31", None)],
)
def test_an_incident_lies_within_ten_years_up_to_today(day: str, code: str | None) -> None:
    found = [reason.code for reason in problems(values(date_of_incident=day), NOON)]
    assert found == ([code] if code else [])


def test_a_receipt_keeps_whether_it_has_a_time_and_falls_back_to_the_connectors() -> None:
    own = mapping(received_at={"from": "masuk", "then": ["timestamp"]})
    assert made(own, {"masuk": "2026-11-02"}).received_at == date(2026, 11, 2)
    assert made(own, {"masuk": "2026-11-02 10:00:00"}).received_at == datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
    assert made(own, {}, received=NOON).received_at == NOON


@pytest.mark.parametrize("text", ["7/11/2026", "kemarin", "0812345678", 17])
def test_a_receipt_that_cannot_be_read_holds_and_raises_nothing(text: Any) -> None:
    for then in ([], ["timestamp"]):
        found = made(mapping(received_at={"from": "masuk", "then": then}), {"masuk": text})
        assert "received_at" in {field for _, field in codes(found)}


def test_the_receipt_is_at_hand_as_a_source() -> None:
    own = mapping(date_of_incident={"from": "@received_at", "then": ["date"]})
    evening = datetime(2026, 11, 2, 17, 0, tzinfo=UTC)
    assert made(own, {}, received=evening).values["date_of_incident"] == "2026-11-03"
    assert made(own, {}, received=date(2026, 11, 2)).values["date_of_incident"] == "2026-11-02"


# What is optional


def test_an_optional_value_that_cannot_be_read_is_left_out_and_noted() -> None:
    own = mapping(reporter_nik={"from": "nik", "then": ["nik"]}, latitude={"from": "lat", "then": ["number"]})
    found = made(own, {"nik": "123", "lat": "utara"})
    assert [(note.code, note.field) for note in found.notes] == [
        ("nik_invalid", "reporter_nik"),
        ("value_invalid", "latitude"),
    ]
    assert not {"reporter_nik", "latitude"} & (set(found.values) | {field for _, field in codes(found)})


def test_a_broken_reply_to_does_not_hide_the_senders_address() -> None:
    own = mapping(reporter_email={"from": ["reply_to", "from_email"], "then": ["email"]})
    found = made(own, {"reply_to": "undisclosed", "from_email": "warga@example.org"})
    assert (found.values["reporter_email"], found.notes) == ("warga@example.org", [])


def test_an_address_or_a_number_is_needed() -> None:
    assert [r.code for r in problems(values(reporter_phone=None), NOON)] == ["contact_missing"]
    assert problems(values(reporter_phone=None, reporter_email="a@b.co"), NOON) == []


# Channel defaults and checks


def test_the_channels_defaults_fill_what_the_record_lacks_and_nothing_else() -> None:
    own = mapping(source={"from": "sumber"}, location_id={"from": "lokasi"})
    found = made(own, {"sumber": "Call Center", "lokasi": ""}, {"source": "Website", "location_id": "6472"})
    assert (found.values["source"], found.values["location_id"]) == ("Call Center", "6472")


def test_checks_hold_what_they_name() -> None:
    own = mapping(
        content={"from": "isi"},
        hold={"shorter_than": 10, "contains": ["Judi"], "requires": ["reporter_email", "content"]},
    )
    found = codes(made(own, {"isi": "situs JUDI"}))
    assert ("word_found", "content") in found
    assert ("field_missing", "reporter_email") in found
    assert ("too_short", "content") not in found
    assert ("too_short", "content") in codes(made(own, {"isi": "a    b   c"}))


def test_judging_amended_values_says_every_reason_once() -> None:
    own = mapping(content={"from": "isi"}, hold={"requires": ["content"]})
    found = judge(own, values(content=""), NOON)
    assert [(reason.code, reason.field) for reason in found] == [("field_missing", "content")]


def test_no_reason_quotes_the_citizen() -> None:
    row = {
        **complaint_row(),
        "nama": "",
        "telp": "Budi 99",
        "rahasia": "Budi bilang ya",
        "kejadian": "Budi lupa",
        "isi": "",
    }
    found = made(MAPPING, row)
    assert found.reasons
    assert "Budi" not in repr(found.reasons) + repr(found.notes)


# Whatever comes

CELLS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates().map(str) | st.datetimes().map(str)
)
EVERYTHING = mapping(
    **{
        name: {"from": ["a", name], "then": then}
        for name, then in {
            "title": ["strip_html", "own_words", "strip_reply_prefix", {"headline": 250}],
            "date_of_incident": ["date"],
            "received_at": [],
            "is_anonymous": ["yes_no"],
            "is_secret": ["yes_no"],
            "latitude": ["number"],
            "longitude": [],
            "reporter_name": ["strip_html", "display_name", "one_line"],
            "reporter_email": ["email"],
            "reporter_phone": ["phone"],
            "reporter_nik": ["nik"],
            "location_id": [],
            "category_id": ["lower"],
            "source": [{"truncate": 20}],
            "institution_id": [],
        }.items()
    },
    content={"lines": {"": ["a", "content"], "Lokasi": "b"}, "then": ["strip_html"]},
    classification={"from": "classification", "lookup": {"aspirasi": "3"}, "default": "1"},
    hold={"shorter_than": 3, "contains": ["judi"], "requires": ["title"]},
)
ROWS = st.dictionaries(st.sampled_from(["a", "b", *EVERYTHING.rules]) | st.text(max_size=8), CELLS, max_size=18)
RECEIVED = st.none() | st.dates() | st.datetimes(timezones=st.just(UTC))


@given(row=ROWS, received=RECEIVED)
@example(row={"a": "\udcff\x00"}, received=None)
@example(row={"received_at": "9999-12-31T23:59:59"}, received=None)
def test_no_record_raises(row: dict[str, Any], received: Any) -> None:
    found = made(EVERYTHING, row, {"is_secret": False}, received=received)
    assert found.reasons or Report.of(found.values)


GOOD = {
    "title": "Jalan rusak",
    "content": "Jalan berlubang.",
    "date_of_incident": "2026-11-20",
    "is_anonymous": "ya",
    "is_secret": "tidak",
    "reporter_name": "Warga",
    "reporter_phone": "081234567890",
    "location_id": 6472,
    "source": "Website",
}


@given(changes=ROWS)
@example(changes={"title": 2024, "content": 7.0, "longitude": True})
def test_what_may_be_filed_obeys_the_contract(changes: dict[str, Any]) -> None:
    changes.pop("a", None)
    found = made(EVERYTHING, {**GOOD, **changes})
    if found.reasons:
        return
    report = Report.of(found.values)
    assert problems(found.values, NOON) == []
    texts = [report.title, report.content, report.location_id, report.reporter_name, report.source]
    texts += [t for t in (report.category_id, report.institution_id, report.reporter_email, report.reporter_phone) if t]
    assert all(isinstance(text, str) and text.encode() and "\x00" not in text for text in texts)
    assert len(report.title) <= TITLE_MAX
    assert "\n" not in report.title
    assert len(report.content) <= CONTENT_MAX
    assert report.classification in {"1", "2", "3"}
    assert report.date_of_incident <= date(2026, 11, 23)
    assert isinstance(report.is_secret, bool)
    assert isinstance(report.is_anonymous, bool)
    assert report.reporter_email or report.reporter_phone
    assert report.reporter_email is None or is_email(report.reporter_email)
    assert report.reporter_nik is None or (len(report.reporter_nik) == 16 and report.reporter_nik.isdigit())
    assert report.latitude is None or -90 <= report.latitude <= 90
    assert report.longitude is None or -180 <= report.longitude <= 180


def test_every_transform_is_tried_here_or_in_the_presets() -> None:
    used = {name for rule in EVERYTHING.rules.values() for name, _ in rule.then}
    assert set(TRANSFORMS) - used == {"timestamp", "find_place"}
