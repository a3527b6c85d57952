"""Does `preview --trace` tell which way each value took and why a field is empty, and never whose it is?"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from gateway import tracing
from gateway.cli import printing
from gateway.cli.app import app
from gateway.cli.previewing import _shortened
from mappings.engine import Context, apply
from mappings.load import PRESETS, build, load, presets
from mappings.trace import Outcome, Trace

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
CONTEXT = Context(ZoneInfo("Asia/Makassar"), {"is_secret": False, "location_id": "6472"}, NOW)
MAPPING = {
    "fields": {
        "title": {"from": ["judl", "isi"], "then": ["strip_html", {"headline": 40}]},
        "content": {"lines": {"": "isi", "Lokasi": ["alamat", "lokasi"]}},
        "classification": {"from": "jenis", "lookup": {"Aduan": "1", "Saran": "3"}, "default": "1"},
        "category_id": {"from": "kategori", "lookup": {"jalan": "7"}},
        "date_of_incident": {"from": ["kejadian", "tgl"], "then": ["date"]},
        "reporter_name": {"from": "nama", "then": ["one_line"]},
        "reporter_phone": {"from": ["telp", "hp"], "then": ["phone"]},
        "reporter_email": {"from": "surel", "then": ["email"]},
    }
}
ROW = {
    "judul": "Lampu",
    "isi": "<p>Lampu jalan mati.</p>",
    "lokasi": "Pasar Pagi",
    "jenis": "saran",
    "kategori": "sampah",
    "kejadian": "0000-00-00",
    "tgl": "2026-11-02",
    "nama": "Budi  Santoso",
    "telp": "tidak ada",
    "hp": "0812-3456-7890",
    "surel": "-",
}


def traced(row: dict[str, Any], mapping: dict[str, Any] = MAPPING) -> Trace:
    notes = Trace()
    apply(build(mapping, Path("ours.toml")), row, CONTEXT, NOW, notes)
    return notes


def ways(row: dict[str, Any], mapping: dict[str, Any] = MAPPING) -> dict[str, dict[str, Any]]:
    told = tracing.told(traced(row, mapping), list(row), lambda _field, _column, value: value)
    return {way["field"]: way for way in told}


def test_a_mistyped_column_is_named_with_what_was_perhaps_meant() -> None:
    first, second = ways(ROW)["title"]["tried"]
    assert (first["outcome"], first["why"]) == ("missing", 'the record has no such column; did you mean "judul"?')
    assert (second["column"], second["outcome"], second["why"]) == ("isi", "spoke", "")


def test_every_transform_shows_what_went_in_and_what_came_out() -> None:
    steps = ways(ROW)["title"]["tried"][1]["steps"]
    assert [
        (step["transform"], step["argument"], step["before"], step["after"], step["changed"]) for step in steps
    ] == [
        ("strip_html", None, "<p>Lampu jalan mati.</p>", "Lampu jalan mati.", True),
        ("headline", 40, "Lampu jalan mati.", "Lampu jalan mati.", False),
    ]


def test_lines_name_their_labels() -> None:
    way = ways(ROW)["content"]
    assert [(each["label"], each["column"], each["outcome"]) for each in way["tried"]] == [
        ("", "isi", "spoke"),
        ("Lokasi", "alamat", "missing"),
        ("Lokasi", "lokasi", "spoke"),
    ]


def test_a_lookup_tells_what_it_found() -> None:
    found = ways(ROW)
    assert (found["classification"]["lookup"], found["classification"]["made_of"]) == (
        {"value": "saran", "found": "3"},
        "lookup",
    )
    assert found["category_id"]["lookup"] == {"value": "sampah", "found": None}
    assert "table" in found["category_id"]["why_empty"]
    unknown = ways({**ROW, "jenis": "entah"})["classification"]
    assert (unknown["value"], unknown["made_of"], unknown["lookup"]["found"]) == ("1", "default", None)


def test_why_a_value_is_passed_over_or_missing() -> None:
    found = ways(ROW)
    assert found["date_of_incident"]["tried"][0]["why"] == "date leaves nothing of it"
    telp, hp = found["reporter_phone"]["tried"]
    assert (telp["outcome"], telp["why"], hp["outcome"]) == ("unreadable", "the phone number is not valid", "spoke")
    assert found["reporter_phone"]["value"] == "+6281234567890"
    assert (found["reporter_email"]["value"], found["reporter_email"]["made_of"]) == (None, "")
    assert found["reporter_email"]["why_empty"].startswith("nothing that was asked says anything")
    bare = ways({"isi": "x", "nama": " "})
    assert bare["reporter_phone"]["why_empty"] == "the source has none of its columns"
    assert bare["reporter_name"]["tried"][0]["why"] == "it is empty"


def test_a_later_missing_column_does_not_hide_which_one_cannot_be_read() -> None:
    telp, hp = ways({**{k: v for k, v in ROW.items() if k != "hp"}})["reporter_phone"]["tried"]
    assert (telp["outcome"], hp["outcome"]) == ("unreadable", "missing")


def test_what_the_channel_states_is_told_apart() -> None:
    way = ways(ROW)["location_id"]
    assert (way["value"], way["made_of"], way["tried"]) == ("6472", "channel default", [])


def test_a_date_that_nobody_can_read_tells_why_the_field_is_empty() -> None:
    way = ways({**ROW, "kejadian": "kemarin dulu"})["date_of_incident"]
    assert way["value"] is None
    assert way["why_empty"] == way["tried"][0]["why"]
    assert way["tried"][0]["outcome"] == Outcome.UNREADABLE


CELLS = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=30)


@pytest.mark.parametrize("name", presets())
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_trace_changes_nothing_and_says_what_came_out(name: str, data: st.DataObject) -> None:
    mapping = load(PRESETS / f"{name}.toml")
    columns = sorted({source for rule in mapping.rules.values() for source in rule.sources})
    row = data.draw(st.dictionaries(st.sampled_from(columns), CELLS, max_size=12))
    notes = Trace()
    made = apply(mapping, row, CONTEXT, NOW, notes)
    assert repr(apply(mapping, row, CONTEXT, NOW)) == repr(made)
    told = {way["field"]: way for way in tracing.told(notes, columns, lambda _f, _c, value: value)}
    assert set(made.values) <= set(told)
    for field, way in told.items():
        assert bool(way["made_of"]) != bool(way["why_empty"]), field
        if field in made.values:
            assert repr(way["value"]) == repr(made.values[field])
    json.dumps(told, default=str)


PERSON = ["Budi Santoso", "081234567890", "+6281234567890", "budi.santoso@example.org", "6472011505900001"]


@pytest.mark.parametrize("secrecy", ["open", "secret"])
@pytest.mark.parametrize("place", ["reporter_name", "date_of_incident", "title", "location_id", "classification"])
def test_nobody_is_named_wherever_their_column_is_asked_for(place: str, secrecy: str) -> None:
    """Also by a mapping that asks for the name where the place should be."""
    spec = {"from": ["nama", "telp", "surel", "nik"]}
    fields = {
        "reporter_name": {"from": "nama"},
        "reporter_phone": {"from": "telp", "then": ["phone"]},
        "reporter_email": {"from": "surel"},
        "reporter_nik": {"from": "nik"},
        place: spec,
    }
    mapping = build({"fields": fields}, Path("ours.toml"))
    for value in PERSON:
        row = dict.fromkeys(["nama", "telp", "surel", "nik"], value)
        notes = Trace()
        context = Context(CONTEXT.timezone, {"is_secret": secrecy == "secret"}, NOW)
        values = apply(mapping, row, context, NOW, notes).values
        mask = tracing.masking(mapping, values, _shortened, printing.masked_text)
        assert value not in json.dumps(tracing.told(notes, list(row), mask), ensure_ascii=False)


def test_the_words_of_a_secret_report_stay_hidden() -> None:
    mapping = build(MAPPING, Path("ours.toml"))
    notes = Trace()
    values = apply(mapping, ROW, Context(CONTEXT.timezone, {"is_secret": True}, NOW), NOW, notes).values
    said = json.dumps(
        tracing.told(notes, list(ROW), tracing.masking(mapping, values, _shortened, printing.masked_text))
    )
    assert not [word for word in ("Lampu jalan", "Pasar", "Santoso", "sampah") if word in said]


# The command


def install(folder: Path, mapping: str) -> Path:
    with closing(sqlite3.connect(folder / "web.db")) as database:
        database.execute("CREATE TABLE p (id INTEGER PRIMARY KEY, tgl, nama, telp, isi)")
        database.execute("INSERT INTO p VALUES (1, '2026-11-02', 'Budi Santoso', '0812-3456-7890', 'Lampu mati.')")
        database.commit()
    (folder / "ours.toml").write_text(mapping)
    path = folder / "config.toml"
    path.write_text(
        """
[gateway]
id = "uji"
timezone = "Asia/Makassar"
state = "sqlite:///gateway.db"
spool = "spool"
[log]
level = "error"
[lapor]
profile = "manual"
[[channels]]
name = "web"
connector = "sql"
mapping = "ours.toml"
start = 2026-11-01
source = "Website Institusi"
defaults = {location_id = "6472", is_anonymous = true, is_secret = false, classification = "1"}
options = {url = "sqlite:///web.db", table = "p", key = ["id"]}
"""
    )
    return path


OURS = """
[fields.title]
from = "isii"
[fields.content]
from = "isi"
[fields.date_of_incident]
from = "tgl"
then = ["date"]
[fields.received_at]
from = "tgl"
[fields.reporter_name]
from = ["nma", "isi"]
[fields.reporter_phone]
from = "telp"
then = ["phone"]
"""


def run(path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "-c", str(path)])


def test_the_command_shows_the_way_and_masks_it(tmp_path: Path) -> None:
    path = install(tmp_path, OURS)
    said = run(path, "preview", "web", "--trace")
    assert said.exit_code == 0, said.output
    assert "title = empty: the source has none of its columns" in said.stdout
    assert 'isii: the record has no such column; did you mean "isi"?' in said.stdout
    assert 'phone → "+628…890"' in said.stdout
    assert (
        'mapping: title: the source has no column isii; did you mean "isi"? (every report would be held)' in said.stdout
    )
    assert (
        'reporter_name: the source has no column nma; did you mean "nama"? (only the other columns are asked)'
        in said.stdout
    )
    assert not [each for each in ("Santoso", "0812-3456-7890", "81234567890") if each in said.stdout]
    assert "Budi Santoso" in run(path, "preview", "web", "--trace", "--reveal").stdout


def test_the_command_prints_nothing_but_json(tmp_path: Path) -> None:
    path = install(tmp_path, OURS)
    found = json.loads(run(path, "preview", "web", "--trace", "--json").stdout)
    [record] = found["records"]
    assert [way["field"] for way in record["trace"]][:2] == ["title", "content"]
    assert len(found["mapping_notes"]) == 2
    assert "trace" not in json.loads(run(path, "preview", "web", "--json").stdout)["records"][0]


def test_check_fails_where_a_missing_column_would_hold_everything(tmp_path: Path) -> None:
    path = install(tmp_path, OURS)
    assert run(path, "state", "init").exit_code == 0
    said = run(path, "check")
    assert said.exit_code == 1
    assert 'FAIL web: mapping ours: title: the source has no column isii; did you mean "isi"?' in said.stdout
    assert "ok   web: mapping ours: note: reporter_name: the source has no column nma" in said.stdout
    (tmp_path / "ours.toml").write_text(OURS.replace("isii", "isi"))
    assert run(path, "check").exit_code == 0
    found = json.loads(run(path, "check", "--json").stdout)
    assert all(each["ok"] for each in found)


def test_check_tells_of_a_preset_only_what_would_hold_everything(tmp_path: Path) -> None:
    path = install(tmp_path, OURS)
    path.write_text(path.read_text().replace('"ours.toml"', '"webform"'))
    assert run(path, "state", "init").exit_code == 0
    said = run(path, "check")
    assert (said.exit_code, "mapping webform" in said.stdout) == (0, False)
    with closing(sqlite3.connect(tmp_path / "web.db")) as database:
        database.execute("ALTER TABLE p RENAME COLUMN telp TO nomor")
    said = run(path, "check")
    assert said.exit_code == 1
    assert "FAIL web: mapping webform: reporter_email and reporter_phone: the source has no column" in said.stdout
