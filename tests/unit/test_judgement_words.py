"""Are class, tests, links, wishes for secrecy and matters out of scope told from real words, and from them alone?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.checks import CHECKS
from mappings.engine import Context, apply
from mappings.load import build
from mappings.phrases import plain
from tests.fakes import values

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def held(check: str, content: str, *, parameter: Any = "", **changes: Any) -> list[str]:
    flags = {"is_secret": False, "is_anonymous": False}
    return [reason.code for reason in CHECKS[check](values(content=content, **{**flags, **changes}), parameter)]


def classified(text: str, title: str = "Kepada dinas", by_words: Any = None, **row: Any) -> Any:
    spec = {"from": "jenis", "lookup": {"Aspirasi": "3"}, "by_words": by_words or True}
    fields = {"title": {"from": "judul"}, "content": {"from": "isi"}, "classification": spec}
    mapping = build({"fields": fields}, Path("own.toml"))
    found = apply(mapping, {"judul": title, "isi": text, **row}, Context(ZoneInfo("Asia/Makassar"), {}, NOW), None)
    return found.values["classification"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Lampu jalan mati sejak seminggu.", "1"),
        ("Selamat pagi, bagaimana cara mengurus akta kelahiran?", "2"),
        ("Mohon info jadwal imunisasi di Puskesmas Baqa", "2"),
        ("Apa saja syarat pindah KK? Terima kasih", "2"),
        ("Dimana kami bisa mendaftar pelatihan kerja", "2"),
        ("Bagaimana cara mengurus akta? Loketnya tutup dan petugas tidak ada.", "1"),
        ("Mohon informasi kenapa jalan rusak belum diperbaiki", "1"),
        ("Kami mengusulkan taman bermain di RT 5.", "3"),
        ("Sebaiknya ada halte di depan pasar.", "3"),
        ("Usul: jalan yang rusak diperbaiki.", "1"),
        ("Pohon di depan rumah.", "1"),
        ("Sarana olahraga di lapangan", "1"),
    ],
)
def test_a_class_is_told_only_by_clear_words(text: str, kind: str) -> None:
    assert classified(text) == kind


def test_a_class_that_a_column_states_is_not_told_by_words() -> None:
    assert classified("Lampu jalan mati.", jenis="aspirasi") == "3"
    assert classified("Bagaimana cara mengurus akta?", jenis="entah") == "2"


def test_own_words_come_before_the_built_in_ones() -> None:
    own = {"information": ["mohon petunjuk"], "aspiration": ["ide saya"], "complaint": ["sengkarut"]}
    assert classified("Mohon petunjuk, lampu mati", by_words=own) == "2"
    assert classified("Ide saya: lampu taman", by_words=own) == "3"
    assert classified("Bagaimana cara mengurus sengkarut ini?", by_words=own) == "1"
    assert classified("Mohon (petunjuk) pak", by_words=own) == "2"
    assert classified("a+b", by_words={"aspiration": ["a+b", "(", "?"]}) == "3"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "tes",
            "Test",
            "TES!!",
            "testing 123",
            "coba",
            "coba coba",
            "tes tes 1 2 3",
            "asdf",
            "qwerty",
            "aaaaaaa",
            "xxx",
        ),
        *("123456", "hanya tes", "Tes aplikasi lapor, mohon diabaikan", "halo admin, ini hanya percobaan", "sdfghjkl"),
        *(
            "asdasdasd",
            "Lorem ipsum dolor sit amet, consectetur",
            "uji coba formulir pengaduan",
            "tes\nLokasi: Jl. Antasari",
        ),
    ],
)
def test_a_mere_test_is_held(text: str) -> None:
    assert held("likely_test", text) == ["likely_test"]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "tes PCR mahal",
            "Hasil tes CPNS belum keluar",
            "Coba perbaiki jalan ini",
            "coba cek lampu jalan",
            "PDAM mati",
        ),
        *("Sampah", "Mohon bantuan", "Laporan saya mana", "", "...", "08123456789 tolong hubungi", "Banjir!!!!!!!"),
        *("Jalan rusak", "BPJS", "http://contoh.example/a", "mohon dicek", "Ujian sekolah batal", "3201150505900001"),
    ],
)
def test_a_real_sentence_is_no_test(text: str) -> None:
    assert held("likely_test", text) == []


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("https://contoh.example/foto.jpg", ["only_links"]),
        ("www.contoh.example http://contoh.example/a?b=c", ["only_links"]),
        ("lihat: maps.app.goo.gl/AbCdE", ["only_links"]),
        ("https://contoh.example/foto\nLokasi: Jalan Pangeran Antasari nomor tujuh", ["only_links"]),
        ("Jalan rusak di sini https://contoh.example/foto.jpg", []),
        ("Jalan rusak", []),
        ("", []),
    ],
)
def test_links_alone_are_held(text: str, codes: list[str]) -> None:
    assert held("only_links", text) == codes


WISHES = [
    "jangan sebut nama saya",
    "Tolong jgn sebutkan nama saya ya pak",
    "Mohon identitas saya di rahasiakan.",
    "mohon nama dirahasiakan",
    "rahasiakan identitasku",
    "Tolong rahasiakan nama dan nomor saya",
    "identitas pelapor harap dirahasiakan",
    "tolong jangan dipublikasikan",
    "tdk usah disebut nama saya",
    "mohon kerahasiaan identitas saya dijaga",
    "Saya takut nama saya diketahui atasan",
    "Saya mohon agar data saya tidak disebarkan",
    "saya ingin anonim",
]


@pytest.mark.parametrize("text", WISHES)
def test_a_wish_for_secrecy_in_the_words_is_held_where_no_flag_is_set(text: str) -> None:
    whole = f"Petugas loket marah-marah. {text}"
    assert held("asks_secrecy", whole) == ["asks_secrecy"]
    assert held("asks_secrecy", whole, is_anonymous=True) == held("asks_secrecy", whole, is_secret=True) == []


@pytest.mark.parametrize(
    "text",
    [
        "nama saya tidak tercantum di DPT",
        "nama saya tidak disebutkan dalam pengumuman",
        "dokumen tender dirahasiakan oleh panitia",
        "identitas pelaku dirahasiakan sekolah",
        "mengapa hasil ujian dirahasiakan",
        "tidak perlu dirahasiakan nama saya",
        "kenapa laporan saya tidak ditampilkan di aplikasi",
        "data saya hilang",
        "nomor hp saya [nomor disamarkan] mohon dibantu",
        "nama saya [nama disamarkan], warga Depok",
    ],
)
def test_other_talk_of_names_and_secrets_is_no_wish(text: str) -> None:
    assert held("asks_secrecy", text) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Ada dugaan korupsi dana desa oleh kepala desa.", "scope_corruption"),
        ("Bendahara menggelapkan dana bantuan sekolah", "scope_corruption"),
        ("Motor saya dicuri di parkiran pasar semalam.", "scope_crime"),
        ("Saya menjadi korban penipuan toko online", "scope_crime"),
        ("Ada bandar narkoba di gang sebelah", "scope_crime"),
        ("Saya menolak pengesahan RUU itu", "scope_legislative"),
        ("Kinerja anggota DPRD kita buruk", "scope_legislative"),
        ("Pungli di loket SIM, saya diminta Rp50.000.", None),
        ("Laporan pencurian motor saya di Polsek belum ditindaklanjuti", None),
        ("Saya ditipu calo, dan laporan saya di Polres tidak ada perkembangan", None),
        ("Petugas pengadilan lambat melayani", None),
        ("Mohon patroli karena rawan begal", None),
        ("Pencurian listrik di kios pasar", None),
        ("Kantor DPRD membuang sampah ke parit", None),
        ("Lampu jalan mati", None),
    ],
)
def test_what_lapor_leaves_to_others_is_held_and_service_is_not(text: str, code: str | None) -> None:
    assert held("out_of_scope", text) == ([code] if code else [])


@given(st.text(max_size=300))
def test_no_text_breaks_a_judgement(text: str) -> None:
    for name in ("only_links", "likely_test", "asks_secrecy", "out_of_scope"):
        assert set(held(name, text)) <= {name, "scope_crime", "scope_corruption", "scope_legislative"}
    assert plain(plain(text)).split() == plain(plain(plain(text))).split()


@pytest.mark.parametrize("piece", ["a", "a.", "-", "saya ", "jangan sebut ", "0", "http://", "apakah "])
def test_a_very_long_text_is_no_test_and_no_wish(piece: str) -> None:
    text = "Jalan rusak. " + piece * (40_000 // len(piece))
    judged = [held(name, text) for name in ("only_links", "likely_test", "asks_secrecy", "out_of_scope")]
    assert judged == [["only_links"] if piece == "http://" else [], [], [], []]
    assert classified(text) == "1"
