"""Do the mails stay harmless that once were not? Each was found by `tests/soak/test_fuzz_mail.py`, or on its way."""

from __future__ import annotations

import pytest

from connectors.charsets import decode_words
from connectors.message import parse
from mappings.forms import Form
from mappings.html_text import to_text, tree_of
from mappings.quotes import own_words, reply_words
from tests.fuzz.clock import watchdog
from tests.fuzz.reading import examine

ENDS = 20.0
"""Seconds of processor time. Each took minutes or hours, and takes less than one; how much is the soak's matter."""
SAID = "Jalan rusak di depan pasar."
HEADER = "Dari: Warga\nKepada: Dinas\nTanggal: Senin\n"


def plain(text: str) -> bytes:
    return b"From: warga@example.org\nContent-Type: text/plain; charset=utf-8\n\n" + text.encode()


def web(text: str) -> bytes:
    return b"From: warga@example.org\nContent-Type: text/html; charset=utf-8\n\n" + text.encode()


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(plain(SAID + "\n" + HEADER * 4_000), id="labelled lines without a date"),
        pytest.param(plain(SAID + "\n" + "From: a\n" * 10_000), id="one label"),
        pytest.param(plain(SAID + "\n" + ("-" * 395 + "x\n") * 100), id="ruled lines that end in a letter"),
        pytest.param(plain(SAID + "\n" + ("<" + "@" * 200 + ">" * 190 + "x\n") * 150), id="broken addresses"),
        pytest.param(plain(SAID + "\n" + ("<" * 110 + "@" * 190 + ">" * 90 + "x\n") * 150), id="many broken addresses"),
        pytest.param(plain("a\n" + "-----Pesan Asli-----\n\n" * 10_000), id="many originals"),
        pytest.param(plain("> ---------- Forwarded message ---------\n\n" * 10_000), id="many quoted forwards"),
        pytest.param(plain("> " + "- " * 40_000 + "x"), id="a long quoted rule"),
        pytest.param(web("<br>" + " " * 200_000 + "x"), id="blanks behind a break"),
        pytest.param(web(SAID + "<div>" + "<b> </b>" * 20_000), id="blanks each in its element"),
        pytest.param(web(SAID + "<ul><li>" * 40_000), id="nested lists"),
        pytest.param(web(SAID + "".join(f"<b id={n}><p>" for n in range(20_000))), id="unclosed bold in paragraphs"),
        pytest.param(web("<div class=gmail_attr>Pesan terusan" * 10_000), id="quotations in quotations"),
        pytest.param(
            b"Subject: a" + b"\n X-A:" + b" " * 19_000 + b"x\nTo: " + b"\t" * 19_000 + b"x\n\nisi", id="blank field"
        ),
        pytest.param(b"Content-Type: text/plain" + b";" * 150_000 + b"\n\nisi", id="empty parameters"),
        pytest.param(b'Content-Type: multipart/mixed; a="' + b";" * 150_000 + b"\n\nisi", id="quoted parameters"),
    ],
)
def test_what_once_took_for_ever_ends(raw: bytes) -> None:
    with watchdog(ENDS):
        mail = parse(raw)
        assert own_words(mail.text, mail.html)
        assert reply_words(mail.text, mail.html)


@pytest.mark.parametrize("raw", [plain("a" * 100_000)], ids=["letters"])
def test_one_long_word_ends(raw: bytes) -> None:
    with watchdog(3.0):
        examine(raw)


@pytest.mark.parametrize("charset", ["unicode_escape", "raw-unicode-escape", "idna", "punycode", "undefined"])
def test_a_codec_of_pythons_own_is_no_charset(charset: str) -> None:
    raw = b"Content-Type: text/plain; charset=" + charset.encode() + b"\n\nJalan\\x20\\! xn--a"
    assert parse(raw).text == "Jalan\\x20\\! xn--a"


def test_one_label_that_never_ends_is_none() -> None:
    with watchdog(ENDS):
        assert Form(("text",), {"nama": ("Nama",)}).read("(wajib" * 20_000) == {}
    assert Form(("text",), {"nama": ("Nama",)}).read("Nama (wajib diisi): Warga") == {"nama": "Warga"}


def test_a_field_of_blanks_keeps_them_and_loses_its_folding() -> None:
    assert decode_words("a  b \r\n \t c\n") == "a  b c"


def test_html_nested_too_deep_says_what_stands_between_its_tags() -> None:
    deep = "<ul><li>" * 5_000 + f"{SAID} &amp; &eacute;"
    assert tree_of(deep) is None
    assert to_text(deep) == f"{SAID} & é"


@pytest.mark.parametrize(
    "shallow",
    [
        pytest.param("<div>" * 400 + "a" + "</div>" * 400, id="as deep as mails become"),
        pytest.param("<p>a<br>" * 20_000, id="paragraphs without ends"),
        pytest.param("<ul>" + "<li>a" * 20_000, id="a long list"),
        pytest.param("<table>" + "<tr><td><b>a</b></td></tr>" * 20_000, id="a long table"),
    ],
)
def test_usual_html_is_not_too_deep(shallow: str) -> None:
    assert tree_of(shallow) is not None


def test_a_quotation_in_a_quotation_goes_with_it_and_nothing_else_does() -> None:
    inner = "<div class=gmail_attr><div class=moz-signature>lama</div></div>"
    html = f"<p>{SAID}</p><div class=yahoo_quoted>{inner * 50}</div><p>Terima kasih.</p>"
    assert own_words("", html) == f"{SAID}\n\nTerima kasih."


def test_a_forwarded_mail_loses_its_own_quotations_only() -> None:
    old = "<blockquote type=cite>lama</blockquote>"
    html = f"<p>Mohon dibantu.</p><div class=gmail_attr>Pesan terusan<p>{SAID}</p>{old}</div>"
    words = own_words("", html)
    assert SAID in words
    assert "lama" not in words


def test_a_header_with_many_recipients_is_still_one() -> None:
    recipients = "".join(f"Cc: dinas{number}@example.org\n" for number in range(12))
    text = f"{SAID}\n\nDari: Dinas <dinas@example.org>\n{recipients}Subjek: Jalan\n\nLama."
    assert SAID in reply_words(text, "")
    assert "Lama." not in reply_words(text, "")


def test_quoted_forwards_each_lose_their_marks() -> None:
    text = f"> ---------- Pesan terusan ---------\n> {SAID}\n>\n\n> Kedua."
    assert own_words(text, "").startswith(SAID)
