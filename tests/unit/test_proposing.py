"""Is what the gateway understands of a source right, modest about the rest, and always a mapping that works?"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.discovery import Column, Place
from gateway.proposals.fields import guesses
from gateway.proposals.propose import Proposal, propose
from gateway.proposals.values import looks
from mappings import load


def place(rows: Sequence[dict[str, Any]], key: Sequence[str] = ()) -> Place:
    return Place("aduan", {}, len(rows), [Column(name) for name in rows[0]], key, rows=rows)


def proposed(kind: str = "sql", **columns: Sequence[Any]) -> Proposal:
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return propose(kind, place(rows))


TEXTS = ["Lampu jalan di depan pasar mati sejak seminggu.", "Sampah menumpuk di gang kami sejak hari Senin."]


@pytest.mark.parametrize(
    ("name", "values", "field", "confidence"),
    [
        ("nik", ["6472011505900001"] * 2, "reporter_nik", "high"),
        ("nomor_identitas", ["6472011505900001"] * 2, "reporter_nik", "medium"),
        ("no_hp", ["0812-3456-7890"] * 2, "reporter_phone", "high"),
        ("kolom_7", ["+62 812 3456 7890"] * 2, "reporter_phone", "medium"),
        ("kolom_8", ["a@contoh.example"] * 2, "reporter_email", "medium"),
        ("no_hp", ["tidak punya", "-"], "reporter_phone", "low"),
        ("nama_lengkap_anda", ["Siti Aminah", "Budi"], "reporter_name", "medium"),
        ("dibuat", ["2026-11-02", "2026-11-03"], "received_at", "medium"),
    ],
)
def test_a_column_is_known_by_its_name_and_its_values(
    name: str, values: list[str], field: str, confidence: str
) -> None:
    found = {guess.field: guess for guess in proposed(isi_laporan=TEXTS, **{name: values}).fields}
    assert (found[field].column, str(found[field].confidence)) == (name, confidence)


DAYS, ANSWERS, PEOPLE = ["2026-11-02"] * 2, ["Ya", "Tidak"], ["Siti Aminah", "Budi"]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("nama_petugas", PEOPLE),
        ("nama_jalan", PEOPLE),
        ("tgl_lahir", DAYS),
        ("updated_at", DAYS),
        ("status_rahasia_dinas", ANSWERS),
    ],
)
def test_what_only_sounds_alike_is_none(name: str, values: list[str]) -> None:
    assert name not in {guess.column for guess in proposed(isi_laporan=TEXTS, **{name: values}).fields}


def test_secrecy_is_never_guessed() -> None:
    found = proposed(isi_laporan=TEXTS, nama=["Siti", "Budi"], publik=["Ya", "Tidak"], sembunyikan=["Ya", "Tidak"])
    assert not {guess.field for guess in found.fields} & {"is_anonymous", "is_secret"}
    assert sum("you decide it" in note for note in found.notes) == 2
    assert "is_secret" not in found.text


def test_what_lapor_wants_and_nobody_says_is_told() -> None:
    notes = " ".join(proposed(isi_laporan=TEXTS).notes)
    for told in ("no phone number", "no name", "no day"):
        assert told in notes


@pytest.mark.parametrize(
    ("days", "order"),
    [
        (["03/04/2026", "25/04/2026"], "%d/%m/%Y"),
        (["03/04/2026", "04/25/2026"], "%m/%d/%Y"),
        (["03-04-2026 08:00", "25-04-2026 09:10"], "%d-%m-%Y %H:%M"),
        (["03/04/2026", "04/05/2026"], "?"),
        (["25/04/2026", "04/25/2026"], ""),
        (["2026-04-25"], ""),
    ],
)
def test_an_order_of_days_is_only_what_a_value_proves(days: list[str], order: str) -> None:
    assert looks(days).order == order


def test_what_a_person_says_goes_before_any_guess() -> None:
    rows = [{"isi": text, "cerita": text[::-1], "siapa": "Siti"} for text in TEXTS]
    found = {guess.field: guess for guess in guesses(place(rows), {"content": "cerita", "reporter_name": "siapa"})}
    assert (found["content"].column, found["reporter_name"].column) == ("cerita", "siapa")


CELLS = st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(max_size=60)
NAMES = st.sampled_from(["isi_laporan", "nama", "no_hp", "tanggal", "nik", "jenis"]) | st.text(min_size=1, max_size=30)


@given(
    st.lists(NAMES, min_size=1, max_size=8, unique=True).flatmap(
        lambda names: st.lists(st.fixed_dictionaries(dict.fromkeys(names, CELLS)), min_size=1, max_size=5)
    ),
    st.sampled_from(["sql", "spreadsheet", "http"]),
)
def test_whatever_is_there_a_proposed_mapping_is_one(rows: list[dict[str, Any]], kind: str) -> None:
    found = propose(kind, place(rows))
    if found.preset is not None:
        assert found.preset in load.presets()
    elif found.text:
        load.build(tomllib.loads(found.text), Path("uji.toml"))
    else:
        assert not any(guess.field == "content" for guess in found.fields)
