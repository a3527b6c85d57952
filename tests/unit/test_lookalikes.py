"""Which complaints look alike, and which of them without doubt?"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from gateway.lookalikes import Match, Text, matches

LAMP = "Lampu jalan di depan SD 12 Jalan Antasari padam sejak dua minggu, anak-anak pulang mengaji dalam gelap."
WASTE = "Sampah di belakang pasar pagi tidak diangkut, baunya masuk ke rumah warga dan lalat di mana-mana."
DRAIN = "Saluran air di Gang Melati tersumbat lumpur sehingga rumah kami kebanjiran setiap hujan turun."


def row(number: int, content: str, title: str = "Aduan") -> Text:
    return Text(str(number), title, content)


ROWS = (row(9_000_001, LAMP), row(9_000_002, WASTE), row(9_000_003, DRAIN))


def found(content: str, rows: Sequence[Text] = ROWS, title: str = "Aduan") -> Sequence[Match]:
    return matches([Text("7", title, content)], rows)


@pytest.mark.parametrize(
    ("content", "certain"),
    [
        (LAMP, True),
        (LAMP.upper().replace(" ", "\n").replace(",", " ;"), True),
        (LAMP.replace("padam", "mati"), True),
        (LAMP[: len(LAMP) * 2 // 3], False),
        (f"Nama: Warga\nAlamat: Jalan Antasari 5\n{LAMP}", False),
    ],
)
def test_a_complaint_is_found_however_it_was_typed(content: str, certain: bool) -> None:  # noqa: FBT001 - a table
    assert [(one.report, one.row, one.certain) for one in found(content)] == [("7", "9000001", certain)]


@pytest.mark.parametrize(
    "content", ["Lampu jalan padam di Jalan Merdeka, mohon diganti dengan yang lebih terang.", "Lampu mati.", ""]
)
def test_another_complaint_of_the_same_matter_is_not(content: str) -> None:
    assert found(content) == []


def test_of_equal_texts_the_title_tells_which() -> None:
    rows = [row(9_000_001, LAMP, "Lampu padam di Antasari"), row(9_000_002, LAMP, "Keluhan warga")]
    assert [(one.row, one.certain) for one in found(LAMP, rows, "lampu padam di antasari")] == [("9000001", True)]
    assert {one.certain for one in found(LAMP, rows, "Lapor")} == {False}
    assert len(found(LAMP, rows, "Lapor")) == 2


def test_a_row_that_two_reports_resemble_is_nobodys_without_a_person() -> None:
    both = matches([Text("7", "Aduan", LAMP), Text("8", "Aduan", LAMP.replace("padam", "mati"))], ROWS)
    assert {(one.report, one.row, one.certain) for one in both} == {("7", "9000001", False), ("8", "9000001", False)}


def test_a_campaign_of_equal_texts_is_found_too() -> None:
    rows = [row(9_000_000 + number, LAMP, f"Aduan {number}") for number in range(80)]
    assert len(found(LAMP, rows)) == 3
