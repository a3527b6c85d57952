"""Do the presets make what their own examples say, whatever way columns are spelt?"""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.engine import Context, FieldMapping, Mapped, apply
from mappings.load import PRESETS, load, presets

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
DEFAULTS = {"is_anonymous": True, "is_secret": False, "location_id": "6472", "source": "Website Institusi"}


def preset(name: str) -> FieldMapping:
    return load(PRESETS / f"{name}.toml")


def made(name: str, fields: dict[str, Any], received: Any = None, defaults: dict[str, Any] | None = None) -> Mapped:
    context = Context(ZoneInfo("Asia/Makassar"), DEFAULTS if defaults is None else defaults, NOW)
    return apply(preset(name), fields, context, received)


def examples() -> list[Any]:
    found = []
    for name in presets():
        content = tomllib.loads((PRESETS / f"{name}.toml").read_text(encoding="utf-8"))
        found += [pytest.param(name, example, id=f"{name}: {example['name']}") for example in content["tests"]]
    return found


@pytest.mark.parametrize(("name", "example"), examples())
def test_a_presets_own_example_comes_out(name: str, example: dict[str, Any]) -> None:
    received = datetime.fromisoformat(example["received_at"]) if "received_at" in example else None
    found = made(name, example["fields"], received)
    assert {key: found.values.get(key) for key in example["expect"]} == example["expect"]


def test_every_preset_has_an_example_and_a_description() -> None:
    known = {"contact-form-7", "email", "form-mailer", "portal", "spreadsheet", "webform", "wpforms"}
    assert {example.values[0] for example in examples()} == set(presets()) == known


SPELLINGS = [str.upper, str.title, lambda n: n.replace("_", " "), lambda n: n.replace("_", "-"), lambda n: f" {n}: "]
SPELLINGS += [lambda n: n.replace("_", "\n"), lambda n: n.replace("_", ". ")]


@pytest.mark.parametrize("spell", SPELLINGS)
@pytest.mark.parametrize("name", ["webform", "spreadsheet"])
def test_columns_in_odd_spellings_are_found(name: str, spell: Any) -> None:
    row = {
        "judul_laporan": "Lampu jalan mati",
        "isi_laporan": "Lampu jalan di depan pasar mati.",
        "lokasi_kejadian": "Pasar Pagi",
        "tanggal_kejadian": "20/11/2026",
        "nama_pelapor": "Warga Contoh",
        "no_hp": "081234567890",
        "alamat_email": "warga@example.org",
        "no_ktp": "6472011505900001",
        "sembunyikan_identitas": "Tidak",
        "laporan_rahasia": "Ya",
    }
    found = made(name, {spell(column): cell for column, cell in row.items()})
    assert found.reasons == []
    assert found.values == {
        "title": "Lampu jalan mati",
        "content": "Lampu jalan di depan pasar mati.\nLokasi: Pasar Pagi",
        "classification": "1",
        "date_of_incident": "2026-11-20",
        "is_anonymous": False,
        "is_secret": True,
        "reporter_name": "Warga Contoh",
        "reporter_email": "warga@example.org",
        "reporter_phone": "+6281234567890",
        "reporter_nik": "6472011505900001",
        "location_id": "6472",
        "source": "Website Institusi",
    }


@pytest.mark.parametrize("name", ["webform", "spreadsheet"])
def test_a_wish_for_secrecy_that_cannot_be_read_holds(name: str) -> None:
    found = made(name, {"isi": "Lampu jalan mati.", "nama": "W", "telp": "081234567890", "rahasia": "entah"}, NOW)
    assert [(reason.code, reason.field) for reason in found.reasons] == [("yes_no_unreadable", "is_secret")]


@pytest.mark.parametrize("name", ["webform", "spreadsheet", "email"])
def test_without_a_statement_of_secrecy_nothing_may_be_filed(name: str) -> None:
    found = made(name, {"isi": "x", "text": "x"}, NOW, {})
    assert {r.field for r in found.reasons if r.code == "privacy_unknown"} == {"is_anonymous", "is_secret"}


def test_a_mail_of_html_alone_or_with_a_broken_reply_to_is_a_report() -> None:
    fields = {
        "subject": "",
        "text": "",
        "html": "<div>Yth. Dinas</div><table><tr><td>Sampah menumpuk</td></tr></table>",
        "from_name": "",
        "from_email": "warga@example.org",
        "reply_to": "undisclosed-recipients",
    }
    found = made("email", fields, NOW)
    assert found.reasons == []
    assert found.values["title"] == "Sampah menumpuk"
    assert found.values["content"] == "Yth. Dinas\n\nSampah menumpuk"
    assert found.values["reporter_email"] == "warga@example.org"


def test_a_mails_subject_keeps_its_second_sentence() -> None:
    found = made("email", {"subject": "Lampu jalan mati total. Kec. Palaran", "text": "Mohon dibantu."}, NOW)
    assert found.values["title"] == "Lampu jalan mati total. Kec. Palaran"


CELLS = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=30)


@pytest.mark.parametrize("name", presets())
@given(data=st.data())
def test_no_row_raises(name: str, data: st.DataObject) -> None:
    columns = sorted({source for rule in preset(name).rules.values() for source in rule.sources})
    row = data.draw(st.dictionaries(st.sampled_from(columns), CELLS, max_size=12))
    found = made(name, row, NOW)
    assert set(found.values) <= {*preset(name).rules, *DEFAULTS}
