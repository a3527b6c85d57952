"""Are ids found by the tables beside a mapping, and the places of an address by LAPOR's list?"""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mappings import engine, load
from mappings.engine import Context

PLACES = """id,name,parent
64,Kalimantan Timur,0
6472,Kota Samarinda,64
6474,Kota Bontang,64
647204,Kecamatan Samarinda Ulu,6472
64720401,Kelurahan Air Putih,647204
64720402,Kelurahan Gunung Kelua,647204
6404,Kabupaten Berau,64
640401,Kecamatan Gunung Tabur,6404
"""
MAPPING = """
[fields.location_id]
from = "alamat"
then = [{find_place = "lokasi.csv"}]
default = "64"
[fields.category_id]
from = "jenis"
lookup = "kategori.csv"
"""


def mapped(folder: Path, mapping: str = MAPPING, **fields: Any) -> engine.Mapped:
    (folder / "lokasi.csv").write_text(PLACES)
    if not (folder / "kategori.csv").exists():
        (folder / "kategori.csv").write_text("dari,menjadi\nJalan rusak,1397\nLampu jalan,1398\n")
    path = folder / "ours.toml"
    path.write_text(mapping)
    context = Context(ZoneInfo("Asia/Makassar"), {}, datetime(2026, 11, 23, tzinfo=UTC))
    return engine.apply(load.load(path), fields, context, None)


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("Jl. Pramuka 3, Kel. Gunung Kelua, Kec. Samarinda Ulu, Samarinda", "64720402"),
        ("Kecamatan Samarinda Ulu", "647204"),
        ("dekat pasar, KOTA SAMARINDA", "6472"),
        ("Kab. Berau", "6404"),
        ("Jl. Bontang Kuala No. 5, Samarinda", "6472"),
        ("di depan rumah saya", "64"),
        ("", "64"),
        ("air putihnya keruh di rumah kami", "64"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_the_most_specific_place_that_is_surely_meant_is_taken(tmp_path: Path, address: str, place: str) -> None:
    assert mapped(tmp_path, alamat=address).values["location_id"] == place


def test_two_places_without_a_choice_take_the_default_with_a_note_or_hold(tmp_path: Path) -> None:
    found = mapped(tmp_path, alamat="antara Kota Samarinda dan Kota Bontang")
    assert found.values["location_id"] == "64"
    found = mapped(tmp_path, MAPPING.replace('default = "64"\n', ""), alamat="antara Kota Samarinda dan Kota Bontang")
    assert "location_id" not in found.values
    assert any(reason.field == "location_id" for reason in found.reasons)


@pytest.mark.parametrize(("said", "category"), [("jalan  RUSAK", "1397"), ("Lampu jalan", "1398"), ("Lain", None)])
def test_a_table_beside_the_mapping_gives_the_id(tmp_path: Path, said: str, category: str | None) -> None:
    assert mapped(tmp_path, jenis=said).values.get("category_id") == category


@pytest.mark.parametrize(
    ("table", "word"),
    [
        ("dari,menjadi\nJalan,1\nJALAN,2\n", "3"),
        ("dari,menjadi\nJalan,\n", "2"),
        (None, "kategori.csv"),
    ],
    ids=["two results", "no result", "no file"],
)
def test_a_wrong_table_is_told_with_its_line(tmp_path: Path, table: str | None, word: str) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(MAPPING)
    (tmp_path / "lokasi.csv").write_text(PLACES)
    if table is not None:
        (tmp_path / "kategori.csv").write_text(table)
    with pytest.raises(load.MappingError) as told:
        load.load(path)
    [mistake] = told.value.mistakes
    assert "kategori.csv" in mistake.text
    assert word in mistake.text
    assert tomllib.loads(MAPPING)["fields"]["category_id"]["lookup"] == "kategori.csv"
