"""Is a mail read as its writer meant it, however broken, and is it always the same one?"""

from __future__ import annotations

import base64
import email.charset
import struct
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors.message import Mail, decode_text, decode_words, parse

WIB = timezone(timedelta(hours=7))
HEAD = b"From: Warga <warga@example.org>\r\nDate: Mon, 3 Mar 2025 08:00:00 +0700\r\nMIME-Version: 1.0\r\n"


def mail(*lines: bytes) -> Mail:
    """The mail of a usual head and these lines; an empty one ends the head."""
    return parse(HEAD + b"\r\n".join(lines) + b"\r\n")


def multipart(kind: str, *parts: bytes, head: bytes = b"") -> bytes:
    """A multipart of the parts, each with its own head; `head` stands above, with its line end."""
    border = f"b{len(parts)}{kind}".encode()
    body = b"".join(b"--%b\r\n%b\r\n" % (border, part) for part in parts)
    return b'%bContent-Type: multipart/%b; boundary="%b"\r\n\r\n%b--%b--\r\n' % (
        head,
        kind.encode(),
        border,
        body,
        border,
    )


def part(kind: str, content: bytes, head: str = "") -> bytes:
    """A part, or with HEAD a mail, of one content."""
    return f"Content-Type: {kind}\r\n{head}\r\n".encode() + content


# Texts and charsets


@pytest.mark.parametrize(
    ("charset", "raw", "said"),
    [
        ("utf-8", "Jalan – rusak".encode(), "Jalan – rusak"),
        ("iso-8859-1", b"caf\xe9", "café"),
        ("windows-1252", b"\x93rusak\x94", "“rusak”"),
        ("gb2312", "道路".encode("gb2312"), "道路"),
        ("utf-16", "Jalan".encode("utf-16"), "Jalan"),
        ("us-ascii", "Jalan – rusak".encode(), "Jalan – rusak"),
        ("utf-8", b"caf\xe9", "café"),
        ("x-tidak-ada", "Jalan – rusak".encode(), "Jalan – rusak"),
        ("unknown-8bit", "Jalan – rusak".encode(), "Jalan – rusak"),
        ("utf8mb4", "Jalan – rusak".encode(), "Jalan – rusak"),
        ("rot13", b"Jalan", "Jalan"),
        ("hex", b"Jalan", "Jalan"),
        ("undefined", b"Jalan", "Jalan"),
        ('"utf-8\x00"', b"Jalan", "Jalan"),
    ],
)
def test_text_is_decoded_by_its_charset_or_what_it_must_be(charset: str, raw: bytes, said: str) -> None:
    encoded = base64.encodebytes(raw)
    found = parse(HEAD + part(f"text/plain; charset={charset}", encoded, "Content-Transfer-Encoding: base64\r\n"))
    assert found.text == said


def test_bytes_in_no_charset_cost_a_character_and_not_the_mail() -> None:
    assert decode_text(b"Jalan \x81 rusak", None) == "Jalan \ufffd rusak"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("=?utf-8?q?Jalan_rusak?=", "Jalan rusak"),
        ("=?UTF-8?B?w6TD?= =?utf-8?B?tg==?=", "äö"),
        ("=?utf-8?q?Jalan?= =?iso-8859-1?q?_caf=E9?=", "Jalan café"),
        ("Re: =?utf-8?q?Jalan?= rusak", "Re: Jalan rusak"),
        ("=?utf-8?q?Jalan\r\n rusak", "=?utf-8?q?Jalan rusak"),
        ("=?utf-8?b?!!!?=", ""),
        ("=?utf-8?b?abcde?=", None),
        ("=?x-tidak-ada?q?Jalan?=", "Jalan"),
        ("Jalan =?= rusak?", "Jalan =?= rusak?"),
        ("Jalan\r\n\trusak\r\n sekali", "Jalan rusak sekali"),
    ],
)
def test_encoded_words_are_decoded(written: str, said: str | None) -> None:
    assert said is None or decode_words(written) == said
    assert isinstance(decode_words(written), str)


def test_an_encoded_name_may_hold_a_comma_and_an_at() -> None:
    sender = b"From: =?utf-8?q?Contoh=2C_Warga_=40_RT_3?= <Warga@Example.ORG>\r\n"
    found = parse(sender + b"To: a@x.id, =?utf-8?q?B=2C_C?= <b@x.id>\r\n\r\n")
    assert (found.from_name, found.from_email) == ("Contoh, Warga @ RT 3", "warga@example.org")
    assert found.addresses("to", "cc") == ["a@x.id", "b@x.id"]


@pytest.mark.parametrize("raw", ["Wärga – RT".encode(), "Wärga".encode("cp1252")])
def test_eight_bit_headers_are_read(raw: bytes) -> None:
    found = parse(b"From: " + raw + b" <warga@example.org>\r\nSubject: " + raw + b"\r\n\r\nisi")
    assert found.subject.startswith("Wärga")
    assert found.from_name.startswith("Wärga")
    assert found.from_email == "warga@example.org"


@pytest.mark.parametrize(
    "sender",
    [
        b"warga@example.org",
        b"<warga@example.org>",
        b"Warga warga@example.org>",
        b'"Warga <warga@example.org>',
        b"Warga (RT 3) <<warga@example.org>>",
    ],
)
def test_the_address_is_found_in_a_broken_sender(sender: bytes) -> None:
    assert parse(b"From: " + sender + b"\r\n\r\nisi").from_email == "warga@example.org"


def test_what_is_missing_is_empty() -> None:
    for raw in (b"", b"\r\n\r\n", b"Subject:\r\n\r\n"):
        found = parse(raw)
        assert (found.from_email, found.subject, found.date, found.text, found.html, found.files) == (
            "",
            "",
            None,
            "",
            "",
            (),
        )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (b"Mon, 3 Mar 2025 08:00:00 +0700", datetime(2025, 3, 3, 8, tzinfo=WIB)),
        (b"3 Mar 2025 08:00 +0700 (WIB)", datetime(2025, 3, 3, 8, tzinfo=WIB)),
        (b"Mon, 3 Mar 2025 01:00:00 GMT", datetime(2025, 3, 3, 1, tzinfo=UTC)),
        (b"Mon, 3 Mar 2025 01:00:00 -0000", datetime(2025, 3, 3, 1, tzinfo=UTC)),
        (b"Mon, 3 Mar 2025 01:00:00", datetime(2025, 3, 3, 1, tzinfo=UTC)),
        (b"Senin, 3 Maret 2025", None),
        (b"Mon, 33 Mar 2025 08:00:00 +0700", None),
        (b"Mon, 3 Mar 2025 08:00:00 +99999999", None),
        (b"", None),
    ],
)
def test_the_date_is_read_or_left_out(written: bytes, meant: datetime | None) -> None:
    assert parse(b"Date: " + written + b"\r\n\r\n").date == meant


# Bodies and files


def test_of_alternatives_the_plain_text_is_taken() -> None:
    found = mail(multipart("alternative", part("text/plain", b"polos"), part("text/html", b"<p>kaya</p>")))
    assert (found.text, found.html, found.files) == ("polos", "", ())


def test_an_empty_plain_alternative_leaves_the_html() -> None:
    found = mail(multipart("alternative", part("text/plain", b" \r\n"), part("text/html", b"<p>kaya</p>")))
    assert (found.text, found.html.strip()) == ("", "<p>kaya</p>")


def test_a_mail_of_html_only_is_html() -> None:
    found = mail(part("text/html; charset=utf-8", "<p>Jalan – rusak</p>".encode()))
    assert (found.text, found.html.strip()) == ("", "<p>Jalan – rusak</p>")


def test_nested_multiparts_give_their_text_and_their_files() -> None:
    inner = multipart("alternative", part("text/plain", b"polos"), part("text/html", b"<p>kaya</p>"))
    picture = part(
        "image/jpeg", base64.encodebytes(b"\xff\xd8"), "Content-Transfer-Encoding: base64\r\nContent-ID: <1>\r\n"
    )
    related = multipart("related", inner, picture)
    pdf = part("application/pdf; name=surat.pdf", b"%PDF", "Content-Disposition: attachment\r\n")
    found = mail(multipart("mixed", related, pdf))
    assert found.text == "polos"
    assert [(file.name, file.media_type, file.content) for file in found.files] == [
        ("lampiran.jpeg", "image/jpeg", b"\xff\xd8"),
        ("surat.pdf", "application/pdf", b"%PDF"),
    ]


def test_texts_before_and_after_an_attachment_are_both_read() -> None:
    pdf = part("application/pdf", b"%PDF")
    found = mail(multipart("mixed", part("text/plain", b"atas"), pdf, part("text/plain", b"bawah")))
    assert found.text == "atas\n\nbawah"


def test_plain_text_beside_html_is_shown_within_it() -> None:
    found = mail(multipart("mixed", part("text/plain", b"a < b"), part("text/html", b"<p>kaya</p>")))
    assert found.text == ""
    assert "a &lt; b" in found.html
    assert "<p>kaya</p>" in found.html


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("attachment; filename*=utf-8''surat%20pengaduan%20%C3%A4.txt", "surat pengaduan ä.txt"),
        ("attachment; filename*0*=utf-8''surat%20; filename*1*=%C3%A4; filename*2=.txt", "surat ä.txt"),
        ('attachment; filename="=?utf-8?q?surat_=C3=A4=2Etxt?="', "surat ä.txt"),
        ('attachment; filename="surat ä.txt"', "surat ä.txt"),
        ("attachment; filename*=x-tidak-ada''surat.txt", "surat.txt"),
        ("attachment; filename*=rusak", None),
        ("attachment", "lampiran.plain"),
    ],
)
def test_a_files_name_is_read_in_every_spelling(disposition: str, name: str | None) -> None:
    attached = part("text/plain", b"isi", f"Content-Disposition: {disposition}\r\n")
    (file,) = mail(multipart("mixed", part("text/plain", b"teks"), attached)).files
    assert name is None or file.name == name
    assert file.content.strip() == b"isi"


def test_a_forwarded_mail_gives_its_text_and_its_files() -> None:
    inner = multipart("mixed", part("text/plain", b"laporan asli"), part("image/png; name=a.png", b"png"), head=HEAD)
    found = mail(
        multipart("mixed", part("text/plain", b"mohon ditindak"), b"Content-Type: message/rfc822\r\n\r\n" + inner)
    )
    assert found.text == "mohon ditindak\n\nlaporan asli"
    assert [file.name for file in found.files] == ["a.png"]


def test_broken_base64_is_read_as_far_as_it_goes() -> None:
    whole = base64.b64encode(b"Jalan rusak di depan pasar").decode()
    for broken in (whole[:-3], whole[:10] + "*" + whole[10:], whole + "=", "!" + whole):
        found = parse(HEAD + part("text/plain", broken.encode(), "Content-Transfer-Encoding: base64\r\n"))
        assert found.text


@pytest.mark.parametrize("encoding", ["quoted-printable", "x-uuencode", "uuencode", "x-tidak-ada", "8bit", ""])
def test_any_transfer_encoding_gives_a_text(encoding: str) -> None:
    found = parse(HEAD + part("text/plain", b"Jalan =C3=A4 =ZZ rusak=", f"Content-Transfer-Encoding: {encoding}\r\n"))
    assert "rusak" in found.text


def test_a_multipart_without_a_border_is_its_text() -> None:
    assert "Jalan rusak" in mail(part("multipart/mixed", b"Jalan rusak")).text


def test_a_cut_off_multipart_keeps_what_arrived() -> None:
    whole = multipart("mixed", part("text/plain", b"Jalan rusak"), part("image/png; name=a.png", b"png" * 50))
    found = mail(whole[: len(whole) - 80])
    assert found.text == "Jalan rusak"
    assert [file.name for file in found.files] == ["a.png"]


def test_of_a_delivery_report_the_explanation_is_the_text() -> None:
    status = part("message/delivery-status", b"Action: failed\r\n\r\nFinal-Recipient: x\r\n")
    found = mail(multipart("report", part("text/plain", b"tidak terkirim"), status))
    assert (found.text, found.media_type) == ("tidak terkirim", "multipart/report")


def test_null_bytes_are_left_out_of_texts() -> None:
    assert mail(b"", b"Jalan\x00 rusak").text == "Jalan rusak"


@pytest.mark.parametrize("depth", [40, 400, 4_000])
def test_a_mail_nested_beyond_reason_is_read_without_an_error(depth: int) -> None:
    body = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(depth))
    found = parse(b"Subject: dalam\r\n" + body + b"\r\nisi")
    assert found.subject == "dalam"
    forwarded = parse(b"Subject: dalam\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * depth + b"isi")
    assert forwarded.subject == "dalam"


def test_a_header_without_end_is_cut() -> None:
    found = parse(b"Subject: " + b"x" * 1_000_000 + b"\r\nFrom: " + b"(" * 100_000 + b"\r\n\r\nisi")
    assert len(found.subject) == 20_000
    assert found.addresses("from") == []


# Which mail it is


def test_the_key_is_the_same_in_every_copy_of_a_mail() -> None:
    body = b"Message-ID: <1@x>\r\nSubject: =?utf-8?q?Jalan?=\r\n\r\nJalan rusak\r\n"
    copy = b"Received: by mx2\r\nDelivered-To: dua@example.org\r\nDKIM-Signature: x\r\n" + HEAD + body + b"\r\n\r\n"
    assert parse(HEAD + body).key == parse(copy).key
    recoded = body.replace(b"\r\n\r\nJalan rusak", b"\r\nContent-Transfer-Encoding: base64\r\n\r\nSmFsYW4gcnVzYWs=")
    assert parse(HEAD + body).key == parse(HEAD + recoded).key


@pytest.mark.parametrize(
    "change",
    [
        (b"<1@x>", b"<2@x>"),
        (b"warga@", b"warga2@"),
        (b"08:00", b"08:01"),
        (b"Subject: a", b"Subject: b"),
        (b"isi", b"lain"),
    ],
)
def test_another_sender_date_subject_or_text_is_another_mail(change: tuple[bytes, bytes]) -> None:
    raw = HEAD + b"Message-ID: <1@x>\r\nSubject: a\r\n\r\nisi"
    assert parse(raw).key != parse(raw.replace(*change)).key


def test_two_scans_of_one_second_without_a_message_id_are_two_mails() -> None:
    scans = [part("application/pdf", b"%%PDF %d" % number, HEAD.decode()) for number in (1, 2, 1)]
    one, other, copy = (parse(scan).key for scan in scans)
    assert one == copy != other


# Whatever arrives

CHARSETS = st.sampled_from(
    sorted({*email.charset.ALIASES, *email.charset.CHARSETS, "idna", "punycode", "utf-7", "hex", "\x00", "x" * 99})
)
LINES = st.one_of(
    st.binary(max_size=40),
    st.builds(
        lambda name, value: name + b": " + value,
        st.sampled_from(
            [b"From", b"To", b"Date", b"Subject", b"Content-Type", b"Content-Disposition", b"Content-Transfer-Encoding"]
        ),
        st.binary(max_size=60)
        | CHARSETS.map(lambda name: f"text/plain; charset={name}; name*0*={name}''%41%ff; name*1=b".encode())
        | CHARSETS.map(lambda name: f"=?{name}?q?=41=ff?= =?{name}?b?/////w=?= <a@b>".encode())
        | st.sampled_from(
            [
                b'multipart/mixed; boundary="x"',
                b"multipart/alternative; boundary=x",
                b"message/rfc822",
                b"message/partial",
                b"base64",
                b"uuencode",
                b"quoted-printable",
                b"attachment; filename*=",
                b"Mon, 3 Mar 2025 08:00:00 +0700",
                b"Fri, 31 Dec 9999 23:59:59 -1200",
                b"1 Jan 0001 00:00:00 +1400",
            ]
        ),
    ),
    st.sampled_from([b"", b"--x", b"--x--", b"begin 644 a", b"end", b" lanjutan", b"=?utf-8?b?"]),
)


@settings(max_examples=400, deadline=None)
@example([b"Content-Type: text/plain; charset=punycode", b"\x80"], b"\n")
@example([b"Content-Type: text/plain; charset=\x00", b"\x80"], b"\n")
@example([b"Content-Type: text/plain; a*0; a*", b"", b"isi"], b"\n")
@example([b"Content-Type: multipart/mixed; a*0; a*", b"", b"isi"], b"\n")
@given(st.lists(LINES, max_size=25), st.sampled_from([b"\r\n", b"\n", b"\r"]))
@example(
    [b"Content-Type: multipart/mixed; boundary=x", b"", b"--x", b"Content-Type: message/rfc822", b"", b"--x--"], b"\n"
)
def test_whatever_arrives_is_read_and_stays_the_same_mail(lines: list[bytes], end: bytes) -> None:
    raw = end.join(lines)
    found = parse(raw)
    assert found == parse(raw)
    assert len(found.key) == 32
    for text in (
        found.subject,
        found.from_name,
        found.from_email,
        found.text,
        found.html,
        *(f.name for f in found.files),
    ):
        assert isinstance(text, str)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_mail(raw: bytes) -> None:
    assert parse(raw).key == parse(raw).key


# Text


def said(head: str, body: str) -> str:
    return parse(f"Subject: x\r\n{head}\r\n\r\n{body}".encode()).text


def test_flowed_lines_are_joined_and_the_writers_own_stay() -> None:
    flowed = "Content-Type: text/plain; charset=utf-8; format=flowed"
    text = "Jalan rusak \r\nparah.\r\n\r\n From sini\r\n> kutip \r\n> an\r\n-- \r\nSiti"
    assert said(flowed, text) == "Jalan rusak parah.\n\nFrom sini\n> kutip an\n-- \nSiti"
    assert said(flowed + "; delsp=yes", "per \r\nbaikan") == "perbaikan"
    assert said("Content-Type: text/plain", "per \r\nbaikan") == "per \nbaikan"


def test_how_lines_are_joined_does_not_decide_which_mail_it_is() -> None:
    text = "Jalan rusak \r\nparah."
    keys = {
        parse(f"Subject: x\r\nContent-Type: text/plain{extra}\r\n\r\n{text}".encode()).key
        for extra in ("", "; format=flowed", "; format=flowed; delsp=yes")
    }
    assert len(keys) == 1


@pytest.mark.parametrize("declared", ["iso-8859-1", "windows-1252", "us-ascii", "iso-8859-15"])
def test_utf8_that_is_declared_as_latin_is_utf8(declared: str) -> None:
    assert decode_text("“Rp5.000” – ya".encode(), declared) == "“Rp5.000” – ya"
    assert decode_text("caf\xe9".encode("latin-1"), declared) == "café"


def test_a_byte_order_mark_is_no_character() -> None:
    assert decode_text("\ufeffYth.".encode(), "utf-8") == "Yth."


def test_an_attached_mail_in_base64_is_read() -> None:
    inner = base64.b64encode(b"Subject: dalam\r\n\r\nJalan rusak.").decode()
    part = f"--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n{inner}\r\n--b--"
    assert said("Content-Type: multipart/mixed; boundary=b", part) == "Jalan rusak."


def test_a_transfer_encoding_followed_by_blanks_is_understood() -> None:
    head = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable   "
    assert said(head, "caf=C3=A9") == "café"


def test_a_stray_line_in_the_head_hides_no_field_below_it() -> None:
    mail = parse(b"Received: x\r\nbaris nyasar\r\nFrom: Siti <siti@contoh.example>\r\nSubject: y\r\n\r\nJalan rusak.")
    assert (mail.from_email, mail.subject, mail.text) == ("siti@contoh.example", "y", "Jalan rusak.")


@pytest.mark.parametrize("boundary", ["b--", "tidak ada"])
def test_no_mail_is_empty_that_has_a_body(boundary: str) -> None:
    body = "--b--\r\nContent-Type: text/plain\r\n\r\nJalan rusak.\r\n--b----"
    assert "Jalan rusak." in said(f'Content-Type: multipart/mixed; boundary="{boundary}"', body)


def test_several_plain_alternatives_are_all_kept() -> None:
    parts = "".join(f"--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n" for text in ("satu", "satu", "dua"))
    assert said("Content-Type: multipart/alternative; boundary=b", parts + "--b--") == "satu\n\ndua"


# winmail.dat (MS-OXTNEF)


def tnef(*attributes: tuple[int, int, int, bytes]) -> bytes:
    """The file of these attributes: (level, id, type, content)."""
    file = struct.pack("<IH", 0x223E9F78, 1)
    for level, name, kind, content in attributes:
        file += struct.pack("<BHHI", level, name, kind, len(content)) + content
        file += struct.pack("<H", sum(content) & 0xFFFF)
    return file


def with_winmail(file: bytes) -> Mail:
    content = base64.b64encode(file).decode()
    return parse(
        f"Subject: x\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\n{content}".encode()
    )


def test_what_outlook_wrapped_up_is_found() -> None:
    mail = with_winmail(
        tnef(
            (1, 0x800C, 2, b"Jalan rusak.\0"),
            (2, 0x9002, 6, b"\0" * 14),
            (2, 0x8010, 1, b"foto.jpg\0"),
            (2, 0x800F, 6, b"\xff\xd8\xff foto"),
        )
    )
    assert mail.text == "Jalan rusak."
    assert [(file.name, file.content) for file in mail.files] == [("foto.jpg", b"\xff\xd8\xff foto")]


@pytest.mark.parametrize("file", [b"\x78\x9f\x3e\x22", b"\x78\x9f\x3e\x22" + bytes(range(256)) * 9])
def test_a_winmail_that_cannot_be_read_stays_a_file(file: bytes) -> None:
    mail = with_winmail(file)
    assert [one.name for one in mail.files] == ["winmail.dat"]
    assert mail.text == ""
