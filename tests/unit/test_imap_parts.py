"""Is a mail that is put together of its texts read like the whole one, and is what it lacks named?"""

from __future__ import annotations

import pytest
from imapclient.response_parser import parse_fetch_response

from connectors import imap_parts, message
from connectors.imap_parts import UnusableStructureError

HEADER = b"From: Warga <warga@contoh.example>\r\nSubject: =?utf-8?q?Jalan_rusak?=\r\nContent-Type: text/plain\r\n\r\n"
TEXT = b'("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "8BIT" 20 1 NIL NIL NIL NIL)'
HTML = b'("text" "html" ("charset" "iso-8859-1") NIL NIL "quoted-printable" 30 1 NIL NIL NIL NIL)'


def planned(structure: bytes) -> imap_parts.Plan:
    answer = parse_fetch_response([b"1 (UID 5 BODYSTRUCTURE " + structure + b")"])
    return imap_parts.plan(answer[5][b"BODYSTRUCTURE"])


def video(name: bytes, size: int = 52_000_000) -> bytes:
    return b'("VIDEO" "MP4" NIL NIL NIL "BASE64" %d NIL ("ATTACHMENT" (%b)) NIL NIL)' % (size, name)


def mixed(*parts: bytes) -> bytes:
    return b"(" + b"".join(parts) + b' "MIXED" ("BOUNDARY" "b") NIL NIL NIL)'


def names(plan: imap_parts.Plan) -> list[str]:
    mail = message.parse(plan.rebuilt(HEADER, {}))
    assert [int(file.content) for file in mail.files] == list(range(len(plan.left)))
    return [file.name for file in mail.files]


def test_the_texts_are_read_as_in_the_whole_mail() -> None:
    plan = planned(mixed(b"(" + TEXT + HTML + b' "ALTERNATIVE" NIL NIL NIL NIL)', video(b'"FILENAME" "v.mp4"')))
    assert plan.wanted == {"1.1": 20, "1.2": 30}
    mail = message.parse(plan.rebuilt(HEADER, {"1.1": "Jalan rusak – parah".encode(), "1.2": b"<p>J=E9lan</p>"}))
    assert (mail.text, mail.html) == ("Jalan rusak – parah", "")
    assert (mail.subject, mail.from_email, mail.media_type) == (
        "Jalan rusak",
        "warga@contoh.example",
        "multipart/mixed",
    )
    assert [(file.name, file.media_type) for file in mail.files] == [("v.mp4", "video/mp4")]


def test_html_alone_is_decoded_by_its_own_charset() -> None:
    plan = planned(mixed(HTML, video(b'"FILENAME" "v.mp4"')))
    assert message.parse(plan.rebuilt(HEADER, {"1": b"<p>J=E9lan</p>"})).html == "<p>Jélan</p>"


def test_a_mail_of_one_text_has_section_1() -> None:
    plan = planned(TEXT)
    assert plan.wanted == {"1": 20}
    assert message.parse(plan.rebuilt(HEADER, {"1": b"Jalan rusak"})).text == "Jalan rusak"


def test_a_mail_that_is_a_file_is_left_whole() -> None:
    plan = planned(video(b'"FILENAME" "v.mp4"'))
    assert (plan.wanted, names(plan)) == ({}, ["v.mp4"])


def test_a_forwarded_mails_text_has_the_sections_of_its_own_tree() -> None:
    envelope = b"(" + b" ".join([b"NIL"] * 10) + b")"
    inner = mixed(TEXT, video(b'"FILENAME" "dalam.mp4"'))
    forwarded = b'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 60000000 %b %b 9 NIL NIL NIL NIL)'
    plan = planned(mixed(HTML, forwarded % (envelope, inner), forwarded % (envelope, TEXT)))
    assert list(plan.wanted) == ["1", "2.1", "3.1"]
    mail = message.parse(plan.rebuilt(HEADER, {"1": b"<p>Lihat</p>", "2.1": b"Diteruskan", "3.1": b"Lagi"}))
    assert [word in mail.html for word in ("Lihat", "Diteruskan", "Lagi")] == [True] * 3
    assert [file.name for file in mail.files] == ["dalam.mp4"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b'"FILENAME" "=?utf-8?b?VmlkZW8g4oCTLm1wNA==?="', "Video –.mp4"),
        (b'"FILENAME*" "utf-8\'\'Video%20%E2%80%93.mp4"', "Video –.mp4"),
        (b'"FILENAME*0*" "utf-8\'\'Video%20" "FILENAME*1*" "%E2%80%93" "FILENAME*2" ".mp4"', "Video –.mp4"),
        ('"FILENAME" "Vidéo.mp4"'.encode(), "Vidéo.mp4"),
        ('"FILENAME" "Vidéo.mp4"'.encode("latin-1"), "Vidéo.mp4"),
        (b'"FILENAME" "a\\"b\\\\c; d.mp4"', 'a"b\\c; d.mp4'),
        (b'"FILENAME" ""', "lampiran.mp4"),
        (b'"SIZE" "1"', "lampiran.mp4"),
    ],
    ids=["RFC 2047", "RFC 2231", "RFC 2231 in parts", "utf-8", "latin-1", "quoted", "empty", "none"],
)
def test_names_are_decoded_however_they_were_written(written: bytes, read: str) -> None:
    assert names(planned(mixed(TEXT, video(written)))) == [read]


def test_a_name_cannot_add_a_header_field() -> None:
    name = b"a.mp4\r\nContent-Type: text/html"
    start = b'1 (UID 5 BODYSTRUCTURE (%b("VIDEO" "MP4" ("NAME" {%d}' % (TEXT, len(name))
    answer = parse_fetch_response([(start, name), b') NIL NIL "7BIT" 9) "MIXED"))'])  # type: ignore[list-item]
    plan = imap_parts.plan(answer[5][b"BODYSTRUCTURE"])
    assert names(plan) == ["a.mp4 Content-Type: text/html"]


def test_text_files_are_left_and_unnamed_texts_are_read() -> None:
    log = b'("TEXT" "PLAIN" ("NAME" "catatan.txt") NIL NIL "7BIT" 900 9 NIL NIL NIL NIL)'
    calendar = b'("TEXT" "CALENDAR" NIL NIL NIL "7BIT" 900 9 NIL NIL NIL NIL)'
    plan = planned(mixed(TEXT, log, calendar))
    assert list(plan.wanted) == ["1"]
    assert names(plan) == ["catatan.txt", "lampiran.calendar"]


def test_a_border_in_the_text_parts_nothing() -> None:
    plan = planned(mixed(TEXT, HTML))
    once = plan.rebuilt(HEADER, {"1": b"satu", "2": b"<p>dua</p>"})
    border = once[once.index(b'boundary="') + 10 :].split(b'"')[0]
    mail = message.parse(plan.rebuilt(HEADER, {"1": b"satu\r\n--" + border + b"--\r\ntiga", "2": b"<p>dua</p>"}))
    assert "tiga" in mail.html
    assert "dua" in mail.html


def test_sizes_are_those_of_the_decoded_files() -> None:
    (part,) = planned(mixed(TEXT, video(b'"FILENAME" "v"', 78_000_000))).left
    assert part.size == 57_000_000


def test_too_much_text_is_cut_and_said_to_be() -> None:
    long = TEXT.replace(b" 20 1", b" 2000000 9")
    plan = planned(mixed(TEXT, long, HTML))
    assert plan.is_cut
    assert plan.wanted == {"1": 20, "2": imap_parts.MOST_TEXT - 20}
    assert not planned(mixed(TEXT, HTML)).is_cut


@pytest.mark.parametrize("structure", [None, 5, (), (b"TEXT",), ((b"TEXT", b"PLAIN"), 5), (5, b"PLAIN"), ([], None)])
def test_what_is_no_structure_is_refused(structure: object) -> None:
    with pytest.raises(UnusableStructureError):
        imap_parts.plan(structure)
