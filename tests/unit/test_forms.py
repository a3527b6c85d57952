"""Do the entries of a web form's mail become fields, whatever the citizen wrote into them?"""

from __future__ import annotations

import html
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.engine import Context, FieldMapping, apply
from mappings.forms import Form
from mappings.load import PRESETS, MappingError, build, load

LABELS = {"nama": ("Nama", "Name"), "surel": ("E-mail",), "pesan": ("Pesan", "Isi Aduan")}
FORM = Form(("text", "html"), LABELS, "pesan")
OPEN_END = Form(("text", "html"), LABELS)
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=60).filter(
    lambda text: text.strip() and not text.strip().startswith("<")
)


@pytest.mark.parametrize(
    "text",
    [
        "Nama: Warga\nE-mail: w@contoh.example\nPesan: Jalan rusak.",
        "NAMA : Warga\r\n e-mail: w@contoh.example\r\n\r\nPesan:\r\nJalan rusak.\r\n",
        "* Nama: Warga\n* E-mail: w@contoh.example\n* Isi Aduan: Jalan rusak.",
        "**Nama**: Warga\n**E-mail**: w@contoh.example\n**Pesan**: Jalan rusak.",
        "Nama (wajib): Warga\nE-mail: w@contoh.example\nPesan: Jalan rusak.\n\n-- \nSurel ini dikirim dari situs",
        "-- Nama --\nWarga\n\n--- E-mail ---\n\nw@contoh.example\n\n--- Pesan ---\n\nJalan rusak.\n\n---\nSent from X",
        "<p>Nama: Warga<br>E-mail: w@contoh.example</p><p>Pesan: Jalan rusak.</p>",
        "<table><tr><td>Nama</td><td>Warga</td></tr><tr><td>E-mail:</td><td>w@contoh.example</td></tr>"
        "<tr><td>Pesan</td><td>Jalan rusak.</td></tr></table>",
        "<table><tr><th>Nama</th></tr><tr><td>Warga</td></tr><tr><th>E-mail</th></tr><tr><td>w@contoh.example</td></tr>"
        "<tr><th>Pesan</th></tr><tr><td>Jalan rusak.</td></tr></table>",
    ],
)  # fmt: skip
def test_every_usual_layout_is_read(text: str) -> None:
    assert FORM.read(text.replace("\r\n", "\n")) == {
        "nama": "Warga",
        "surel": "w@contoh.example",
        "pesan": "Jalan rusak.",
    }


@given(message=st.lists(WORDS, min_size=1, max_size=6))
def test_whatever_the_message_says_the_reporter_stays_the_one_in_the_form(message: list[str]) -> None:
    written = "\n".join([*message, "Nama: Orang Lain", "E-mail: lain@contoh.example", *message, "habis"])
    entries = FORM.read(f"Nama: Warga\nE-mail: w@contoh.example\nPesan:\n{written}")
    assert (entries["nama"], entries["surel"]) == ("Warga", "w@contoh.example")
    assert "Orang Lain" in entries["pesan"]


@given(message=WORDS)
def test_in_a_table_the_message_is_one_cell(message: str) -> None:
    rows = "".join(
        f"<tr><td>{label}</td><td>{html.escape(value)}</td></tr>"
        for label, value in [("Nama", "Warga"), ("Pesan", f"{message}\nE-mail: lain@contoh.example")]
    )
    entries = FORM.read(f"<table>{rows}</table>")
    assert (entries["nama"], entries.get("surel")) == ("Warga", None)


@given(text=st.text(max_size=400))
def test_any_text_is_read_without_an_error(text: str) -> None:
    for form in (FORM, OPEN_END):
        assert set(form.read(text)) <= set(LABELS)


def test_without_a_last_entry_labels_may_follow_the_message() -> None:
    assert OPEN_END.read("Pesan: Jalan rusak.\nSekali.\nNama: Warga") == {
        "pesan": "Jalan rusak.\nSekali.",
        "nama": "Warga",
    }


def test_a_mail_that_is_no_form_is_for_a_person() -> None:
    mapping = load(PRESETS / "contact-form-7.toml")
    context = Context(ZoneInfo("Asia/Jakarta"), {"is_anonymous": False, "is_secret": False}, datetime.now(UTC))
    mapped = apply(mapping, {"text": "Yth. Dinas, jalan rusak.", "from_email": "server@contoh.example"}, context, None)
    assert "form_unread" in {reason.code for reason in mapped.reasons}
    assert "reporter_email" not in mapped.values


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ({"labels": {}}, "form.labels"),
        ({"labels": {"Nama Saya": ["Nama"]}}, "form.labels.Nama Saya"),
        ({"labels": {"nama": []}}, "form.labels.nama"),
        ({"labels": {"nama": ["Nama"]}, "last": "pesan"}, "form.last"),
        ({"labels": {"nama": ["Nama"]}, "from": 3}, "form.from"),
        ({"labels": {"nama": ["Nama"]}, "form": "text"}, "form.form"),
        ("text", "form"),
    ],
)
def test_a_wrong_form_is_told_with_its_key(table: object, key: str) -> None:
    with pytest.raises(MappingError) as caught:
        build({"form": table}, PRESETS / "x.toml")
    assert key in {mistake.key for mistake in caught.value.mistakes}


CONTACT_FORM = load(PRESETS / "contact-form-7.toml")
FORM_MAILER = load(PRESETS / "form-mailer.toml")
WPFORMS = load(PRESETS / "wpforms.toml")


def filed(mapping: FieldMapping, **fields: str) -> Mapping[str, Any]:
    """What the preset makes of a mail, with the channel stating nothing secret."""
    context = Context(ZoneInfo("Asia/Jakarta"), {"is_anonymous": False, "is_secret": False}, datetime.now(UTC))
    return apply(mapping, {"text": "", "html": "", **fields}, context, None).values


@pytest.mark.parametrize(
    ("mapping", "text"),
    [
        (FORM_MAILER, "Nama: Warga\nTerlapor: Pak Lurah\nKronologi: minta uang\nPesan: tolong ditindak"),
        (WPFORMS, "--- Nama ---\n\nWarga\n\n--- Kronologi ---\n\nminta uang\n\n--- Pesan ---\n\ntolong ditindak"),
        (
            FORM_MAILER,
            "Nama: Warga\nPesan: tolong ditindak\nKronologi: minta uang\nHP: nomor petugas itu\nAlamat: loket",
        ),
        (CONTACT_FORM, "Nama: Warga\nPesan:\ntolong ditindak\n-- \nminta uang\nlagi\ndan lagi\ndan lagi\n\n-- \nSurel"),
        (FORM_MAILER, "Nama: Warga\nPesan: tolong ditindak\nWaktu: setiap sore\nminta uang"),
    ],
)
def test_no_word_of_a_form_is_lost(mapping: FieldMapping, text: str) -> None:
    values = filed(mapping, text=text)
    assert values["reporter_name"] == "Warga"
    assert "tolong ditindak" in values["content"]
    assert "minta uang" in values["content"]


@pytest.mark.parametrize(("label", "field"), [("Rahasia", "is_secret"), ("Rahasiakan Identitas", "is_anonymous")])
@pytest.mark.parametrize("mapping", [CONTACT_FORM, FORM_MAILER, WPFORMS])
def test_a_wish_for_secrecy_in_a_form_counts(mapping: FieldMapping, label: str, field: str) -> None:
    assert filed(mapping, text=f"Nama: Warga\n{label}: Ya\nPesan: tolong")[field] is True
    assert filed(mapping, text="Nama: Warga\nPesan: tolong")[field] is False


def test_a_table_with_colons_of_their_own_is_read() -> None:
    rows = "".join(
        f"<tr><td>{a}</td><td>:</td><td>{b}</td></tr>" for a, b in [("Nama", "Qori"), ("Pesan", "Bau limbah.")]
    )
    values = filed(FORM_MAILER, html=f"<table>{rows}<tr><td>IP</td><td>:</td><td>203.0.113.7</td></tr></table>")
    assert (values["reporter_name"], values["content"]) == ("Qori", "Bau limbah.")


def test_a_label_of_two_entries_is_a_mistake() -> None:
    with pytest.raises(MappingError, match="more than one entry"):
        build({"form": {"labels": {"nama": ["Nama"], "surel": ["nama :"]}}}, PRESETS / "x.toml")
