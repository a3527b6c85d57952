"""Is HTML read as a person sees it, and is text that is no HTML left alone?"""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.html_text import is_html, to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("Baris satu<br>Baris dua<BR/>Baris tiga<br />", "Baris satu\nBaris dua\nBaris tiga"),
        ("Baris satu<br />\r\nBaris dua\r\n\r\nBaris tiga <b>tebal</b>", "Baris satu\nBaris dua\n\nBaris tiga tebal"),
        ("<p>Satu.</p><p>Dua.</p>", "Satu.\n\nDua."),
        ("<div>Satu<div>Dua</div></div>", "Satu\n\nDua"),
        (
            "<p>Jalan&nbsp;rusak &amp; gelap &lt; 5 m &#8211; &quot;parah&quot;</p>",
            'Jalan rusak & gelap < 5 m – "parah"',
        ),
        ("<ul><li>lampu<li>jalan</ul>", "- lampu\n- jalan"),
        ("<table><tr><td>Nama</td><td>Budi</td></tr><tr><td>HP</td><td>0812</td></tr></table>", "Nama Budi\nHP 0812"),
        ("<html><head><title>x</title><style>p{}</style></head><body><script>a<b</script>Isi</body></html>", "Isi"),
        ("<p>a<!-- b -->c</p>", "ac"),
        ("Jalan <a href='https://x'>di sini</a> rusak", "Jalan di sini rusak"),
        ("<p>Tidak ditutup<p>Lagi", "Tidak ditutup\n\nLagi"),
        ("Tom &amp; Jerry", "Tom & Jerry"),
        ("&lt;p&gt;Satu&lt;/p&gt;&lt;p&gt;Dua&lt;/p&gt;", "Satu\n\nDua"),
        ("<b></b>", ""),
        ("<br>", ""),
    ],
)
def test_html_reads_as_a_person_sees_it(html: str, text: str) -> None:
    assert to_text(html) == text


PLAIN = [
    "nilai < 5 dan > 3",
    "a <b",
    "I <3 Samarinda",
    "x<y>z",
    "baris 1\r\n  baris 2  ",
    "R&D & co",
    "<budi@x.org>",
    "&",
    "",
]


@pytest.mark.parametrize("text", PLAIN)
def test_text_that_is_no_html_comes_back_as_it_was(text: str) -> None:
    assert not is_html(text)
    assert to_text(text) == text


@given(st.text())
def test_no_text_raises(text: str) -> None:
    assert isinstance(to_text(text), str)


@given(
    st.lists(st.sampled_from(["<p>", "</p>", "<div>", "</td>", "<table>", "<script>", "<!--", "x", "&lt;", "<", " "]))
)
def test_no_heap_of_tags_raises(pieces: list[str]) -> None:
    assert isinstance(to_text("".join(pieces)), str)


@given(st.lists(st.text(alphabet="abc 123", min_size=1, max_size=20).filter(str.strip), min_size=1, max_size=5))
def test_words_of_paragraphs_are_all_kept_in_order(paragraphs: list[str]) -> None:
    html = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    assert to_text(html).split() == " ".join(paragraphs).split()


def test_hostile_nesting_is_read_without_end_of_stack_or_patience() -> None:
    begun = time.monotonic()
    assert to_text("<div>" * 20_000 + "Isi" + "</div>" * 20_000) == "Isi"
    assert time.monotonic() - begun < 5
