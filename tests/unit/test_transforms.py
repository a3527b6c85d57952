"""Does each transform read what Indonesian sources really hold, and raise where a person must look?"""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mappings.transforms import ARGUMENT_TYPES, NEED_ARGUMENT, TRANSFORMS, Scalar, Unreadable

ZONE = ZoneInfo("Asia/Makassar")
CELLS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=60)


def do(name: str, value: Scalar, argument: Any = None) -> Scalar:
    return TRANSFORMS[name](value, argument, ZONE)


def code(name: str, value: Scalar, argument: Any = None) -> str:
    with pytest.raises(Unreadable) as caught:
        do(name, value, argument)
    return caught.value.code


MOBILE = "+6281234567890"


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("081234567890", MOBILE),
        ("0812-3456-7890", MOBILE),
        ("0812 3456 7890", MOBILE),
        ("62812 3456 7890", MOBILE),
        ("6281234567890", MOBILE),
        ("+62 812-3456-7890", MOBILE),
        ("+62 0812-3456-7890", MOBILE),
        ("(+62) 812 3456 7890", MOBILE),
        ("81234567890", MOBILE),
        ("'081234567890", MOBILE),
        (6281234567890.0, MOBILE),
        (81234567890.0, MOBILE),
        (81234567890, MOBILE),
        ("81234567890.0", MOBILE),
        ("6.281234567890E+12", MOBILE),
        ("6,281234567890E+12", MOBILE),
        ("WA: 081234567890 (Budi)", MOBILE),
        ("081234567890 / 085298765432", MOBILE),
        ("081234567890 atau 085298765432", MOBILE),
        ("081234567890\n085298765432", MOBILE),
        ("081234567890 085298765432", MOBILE),
        ("6281234567890, 6285298765432", MOBILE),
        ("tidak ada / 081234567890", MOBILE),
        ("(0541) 123456", "+62541123456"),
        ("0541-123456 ext 12", "+62541123456"),
        ("021 5550123", "+62215550123"),
        ("+65 6123 4567", "+6561234567"),
    ],
)
def test_a_phone_number_is_found_and_its_prefix_repaired(cell: Scalar, number: str) -> None:
    assert do("phone", cell) == number


@pytest.mark.parametrize(
    "cell", ["6,28E+11", "6.28E+12", "6.28123456789E12", "tidak ada", "123", "110", "741234", "0812"]
)
def test_what_is_no_whole_phone_number_is_never_made_one(cell: str) -> None:
    assert code("phone", cell) == "phone_invalid"


@pytest.mark.parametrize("cell", ["-", "0", "--", "–", "0000", "- 0 -", 0.0])
def test_a_placeholder_is_no_phone_number_and_no_mistake(cell: Scalar) -> None:
    assert do("phone", cell) is None


@pytest.mark.parametrize(
    ("cell", "nik"),
    [
        ("6472011505900001", "6472011505900001"),
        ("6472 0115 0590 0001", "6472011505900001"),
        ("'6472011505900001", "6472011505900001"),
        ("6472.0115.0590.0001", "6472011505900001"),
        (6472011505900001, "6472011505900001"),
        (6472011505900001.0, "6472011505900001"),
        ("6472011505900000", "6472011505900000"),
        ("-", None),
    ],
)
def test_a_nik_has_sixteen_digits(cell: Scalar, nik: str | None) -> None:
    assert do("nik", cell) == nik


@pytest.mark.parametrize(
    "cell",
    [
        6472011505900000.0,
        9171011505900002.0,
        "6,47201E+15",
        "6.472011505900E+15",
        "647201150590000",
        "64720115059000012",
        "A472011505900001",
        "٦٤٧٢٠١١٥٠٥٩٠٠٠٠١",
        "0",
    ],
)
def test_a_nik_that_a_spreadsheet_rounded_or_someone_mistyped_is_not_trusted(cell: Scalar) -> None:
    assert code("nik", cell) == "nik_invalid"


@pytest.mark.parametrize(
    "cell", [True, 1, 1.0, "1", "Ya", "IYA", "y", "true", "Benar", "on", "Anonim", " rahasia ", "✓"]
)
def test_yes(cell: Scalar) -> None:
    assert do("yes_no", cell) is True


@pytest.mark.parametrize("cell", [False, 0, 0.0, "0", "Tidak", "tdk", "N", "no", "False", "Bukan", "publik", "off"])
def test_no(cell: Scalar) -> None:
    assert do("yes_no", cell) is False


@pytest.mark.parametrize("cell", [None, "", "  ", "-", "–", "..."])
def test_nothing_is_neither_yes_nor_no(cell: Scalar) -> None:
    assert do("yes_no", cell) is None


@pytest.mark.parametrize(
    "cell", ["mungkin", "x", "t", "f", 2, 0.5, "ya/tidak", "ya tidak", "Anonim|Rahasia", "yaa", "??"]
)
def test_a_wish_for_secrecy_is_never_guessed(cell: Scalar) -> None:
    assert code("yes_no", cell) == "yes_no_unreadable"


def test_a_mapping_may_know_more_words_and_turn_the_usual_ones_round() -> None:
    assert do("yes_no", "T", {"no": ["t"]}) is False
    shown = {"yes": ["tidak"], "no": ["Ya"]}
    assert [do("yes_no", cell, shown) for cell in ("ya", "Tidak", "rahasia")] == [False, True, True]


@given(text=st.text(max_size=12))
def test_only_known_words_are_an_answer(text: str) -> None:
    try:
        answer = do("yes_no", text)
    except Unreadable:
        return
    assert answer is None or " ".join(text.split()).casefold() in (
        "1 y ya iya yes true benar betul setuju on anonim anonymous rahasia secret dirahasiakan checked v ✓ ✔ "
        "0 n no tidak tdk bukan false off salah publik terbuka public normal biasa tampilkan"
    )


@pytest.mark.parametrize(
    ("cell", "address"),
    [
        ("Warga@Example.ORG", "warga@example.org"),
        ("Warga Contoh <warga@example.org>", "warga@example.org"),
        ("mailto:warga@example.org", "warga@example.org"),
        ("a@b, warga@example.org", "warga@example.org"),
        ("warga@example.org.", "warga@example.org"),
        ("warga+lapor@mail.example.go.id;lain@example.org", "warga+lapor@mail.example.go.id"),
        ("-", None),
    ],
)
def test_the_first_good_address_is_taken(cell: str, address: str | None) -> None:
    assert do("email", cell) == address


@pytest.mark.parametrize("cell", ["tidak punya", "@example.org", "a@b", "a@@b.c", "warga@example..org"])
def test_what_is_no_address_is_said_so(cell: str) -> None:
    assert code("email", cell) == "email_invalid"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (
            "Yth. Bapak Bupati\n\nJalan di Jl. Antasari No. 7 rusak parah. Mohon bantuan.",
            "Jalan di Jl. Antasari No. 7 rusak parah.",
        ),
        ("Assalamualaikum\nSelamat pagi,\nLampu padam", "Lampu padam"),
        ("Jalan rusak di Palaran. Sudah tiga bulan", "Jalan rusak di Palaran. Sudah tiga bulan"),
        ("Yth. Dinas", "Yth. Dinas"),
        ("  \n \n", None),
        (
            "kata " * 60,
            "kata kata kata kata kata kata kata kata kata kata kata kata kata kata kata kata kata kata kata…",
        ),
    ],
)
def test_a_title_is_the_first_line_that_says_something(text: str, title: str | None) -> None:
    assert do("headline", text) == title


@given(text=st.text(max_size=400), limit=st.integers(1, 300))
def test_no_title_is_longer_than_asked_or_has_line_breaks(text: str, limit: int) -> None:
    title = do("headline", text, limit)
    assert title is None or (isinstance(title, str) and len(title) <= limit and "\n" not in title)


@given(text=st.text(max_size=400), limit=st.integers(1, 300))
def test_truncating_keeps_short_text_and_marks_the_cut(text: str, limit: int) -> None:
    cut = do("truncate", text, limit)
    assert isinstance(cut, str)
    assert len(cut) <= limit
    assert cut == text if len(text) <= limit else cut.endswith("…")


@pytest.mark.parametrize("prefix", ["Re: ", "RE: Fwd: ", "Bls: ", "Balas: ", "Re[2]: ", "FW:", "Trs : "])
def test_reply_prefixes_go(prefix: str) -> None:
    assert do("strip_reply_prefix", f"{prefix}Jalan rusak: Palaran") == "Jalan rusak: Palaran"


@pytest.mark.parametrize("text", ["Rehabilitasi jalan", "Reboisasi: usul", "Fwdan"])
def test_a_word_that_begins_alike_stays(text: str) -> None:
    assert do("strip_reply_prefix", text) == text


@pytest.mark.parametrize(
    ("cell", "number"), [("-0,5021", -0.5021), ("117.15", 117.15), (117, 117.0), (" 1 ", 1.0), ("-", None), ("", None)]
)
def test_a_number_has_point_or_comma(cell: Scalar, number: float | None) -> None:
    assert do("number", cell) == number


@pytest.mark.parametrize("cell", ["117.153.709", "nan", "inf", "-Infinity", "utara", float("nan"), float("inf"), True])
def test_what_is_no_finite_number_is_said_so(cell: Scalar) -> None:
    assert code("number", cell) == "value_invalid"


@pytest.mark.parametrize("name", sorted(TRANSFORMS))
@given(cell=CELLS)
@example(cell="9999-12-31T23:59:59+00:00")
@example(cell="0001-01-01T00:00:01+14:00")
@example(cell="7/11/2025 10:00 +9900")
@example(cell="\udcff")
@example(cell=float("inf"))
@example(cell="9" * 400)
@example(cell="1E99")
def test_no_transform_raises_anything_but_unreadable(name: str, cell: Scalar) -> None:
    arguments: list[Any] = [] if name in NEED_ARGUMENT else [None]
    if int in ARGUMENT_TYPES.get(name, ()):
        arguments.append(20)
    if name in {"date", "timestamp"}:
        arguments += ["unix", "excel", ["%d/%m/%Y", "%d %b %Y"]]
    for argument in arguments:
        with suppress(Unreadable):
            made = do(name, cell, argument)
            assert made is None or isinstance(made, str | int | float | bool)
