"""Is what a citizen wrote told from what their program put below it, and are their words never taken for that?"""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.quotes import own_words, reply_words

FORWARDED = (
    "Mohon ditindaklanjuti.\n\n---------- Forwarded message ---------\nDari: Ibu <ibu@contoh.example>\n"
    "Date: Sen, 2 Nov 2026 pukul 09.15\nSubject: Banjir\nTo: <adik@contoh.example>\n\nRumah kami kebanjiran sejak pagi."
)


def test_what_is_passed_on_is_the_matter_of_a_report_and_not_of_a_reply() -> None:
    assert own_words(FORWARDED, "") == "Mohon ditindaklanjuti.\n\n\nRumah kami kebanjiran sejak pagi."
    assert reply_words(FORWARDED, "") == "Mohon ditindaklanjuti."


@pytest.mark.parametrize(
    "text",
    [
        "Pada hari Senin pukul 09.00 Bapak petugas menulis:\nbesok saja.",
        "> Jalan rusak\n> Lampu mati\nMohon diperbaiki.",
        "Dari: warga RT 05\nKepada: Camat\nPerihal: Jalan\n\nMohon diperbaiki.",
        "Bansos saya belum sampai.\n\nDikirim melalui pos tanggal 2 kemarin.",
        "Kejadian:\n--\nTanggal 3 saya datang ke loket dan diminta uang.\n--\nTanggal 4 saya datang lagi.",
        "> hanya kutipan",
        "-- \nHanya tanda tangan",
    ],
)
def test_a_citizens_own_words_stay(text: str) -> None:
    assert own_words(text, "") == text.strip()


@pytest.mark.parametrize(
    "below",
    [
        "-- \nSiti\nJl. Melati 5\n0812-0000-1111",
        "Dikirim dari Yahoo Mail di Android",
        "Sent from my iPhone",
        "Dapatkan Outlook untuk Android",
        "Sent from my BlackBerry®\npowered by Sinyal Kuat INDOSAT",
        "Pada Sen, 2 Nov 2026 pukul 09.15 Dinas <a@contoh.example> menulis:\n> Terima kasih.",
        "2026-11-02 9:15 GMT+07:00 Dinas <a@contoh.example>:\n> Terima kasih.",
        "Dinas <a@contoh.example> menulis:\n\n> Terima kasih.",
    ],
)
def test_what_programs_add_goes(below: str) -> None:
    said = "Lampu jalan di depan pasar mati sejak dua minggu yang lalu, mohon segera diperbaiki oleh dinas."
    assert own_words(f"{said}\n\n{below}\n", "") == said
    as_html = "<br>".join(html.escape(line) for line in below.splitlines())
    assert own_words("", f"<div>{said}</div><br><div>{as_html}</div>") == said


@given(text=st.text(max_size=600))
def test_any_text_is_read_and_some_words_stay(text: str) -> None:
    for words in (own_words(text, ""), reply_words(text, ""), own_words("", f"<p>{html.escape(text)}</p>")):
        assert isinstance(words, str)
    assert bool(own_words(text, "")) == bool(text.replace("\r\n", "\n").strip())


MARKS = """\
-- |--|>|> x|Dari: a@b.c|Kepada: d|Perihal: e|Date: 1 Jan 10.10|Pada 1 Jan 2026 10.10 x menulis:|-----Pesan Asli-----|\
---------- Forwarded message ---------|Sent from my iPhone|kata|________________|"""
LINES = st.sampled_from(MARKS.split("|"))


@given(lines=st.lists(LINES, max_size=30))
def test_any_order_of_marks_is_read(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert bool(own_words(text, "")) == bool(text.strip())
    assert reply_words(text, "") or not text.strip()
