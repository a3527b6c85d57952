"""Which mails might cost more than their length? One suspicious piece, again and again, where a mail may hold it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

Shape = Callable[[int], bytes]
"""A mail with so many of the piece."""

_HEAD = b"From: Warga <warga@example.org>\nSubject: Jalan\nMIME-Version: 1.0\n"
_BORDERED = b'From: a@b.id\nMIME-Version: 1.0\nContent-Type: multipart/%b; boundary="b"\n\n'
_LONG = "-" * 390 + "x\n"

_LINES = (
    "Dari: a@b\n", "Dari: a\nKepada: b\nTanggal: 1\n", "From: a\n", "From: a\n\n\n", "Dari: ", "> ", ">\n", "> a\n",
    ">> ",
    "> -- \n", "> Dari: a@b\n", "-- \n", "--\n", "--", "--b\n", "-----Pesan Asli-----\n",
    "a\n-----Pesan Asli-----\n\n",
    "---------- Forwarded message ---------\n", "> ---------- Forwarded message ---------\n\n", "> > Pesan terusan\n",
    "Begin forwarded message:\n", "Pada ", "Pada\n", "Pada a menulis ",
    "Pada Sen, 2 Nov 2026 pukul 09.15 A <a@b.id> ",
    "Pada Sen, 2 Nov 2026 pukul 09.15 A <a@b.id> menulis:\n", "menulis: ", "2026-11-02 09:15 GMT a ",
    "2026-1-1 a@b <",
    "<mailto:", "<a@b ", "@", "a@", "a@b ", "_____\n", "-\n", "- ", "* ", "=", "_", "-", _LONG, "_" * 390 + "x\n",
    "Pada " + "menulis:" * 48 + "x\n", "<" + "@" * 200 + ">" * 190 + "x\n", "<" * 110 + "@" * 190 + ">" * 90 + "x\n",
)  # fmt: skip
_WORDS = (
    " ", "\t", "\n", " \n", "\n \n", "\r", "\r\n", "\f", "\u00a0", "\u2028", "\u200b", "\ufeff", "\x00", "\x85", "a",
    "a ",
    " a", "a\n\n", ".", "a.", "abcde. ", "..", "! ", "jl. ", ":", "a:\n", ";", ",", "'", '"', "\\", "(", ")", "(()",
    "[", "{",
    "(wajib", "(wajib)", "Nama:", "Nama: a\n", "Pesan:\n", "Pesan: a\n", "Tgl: 1/1/2026\n", "0812", "0812 ",
    "081234567890 ",
    "0812/", "1", "1 ", "+62 ", "2 Nov 2026 ", "Mon ", "Re: ", "Fwd:", "yth ", "Dikirim dari iPhone\n",
    "sent from a\n",
    "sent from ", "a from ", "This email was sent from ", "e-mail ini dikirim dari ", "=?utf-8?q?", "=0", "=\n",
    "=3D",
    "Content-A: b\n", "Content-A:\n b\n", "--b\nContent-Type: text/plain\n\na\n",
)  # fmt: skip
_HTML = (
    "<", "<a", "<a ", "< a", "</", "<!", "<!--", "<![CDATA[", "&", "&#", "&#1;", "&amp;", "&lt;", "&lt;div&gt;",
    "&amp;lt;",
    "<div>", "<div>a", "<div  ", "<b>", "<b><i>", "<b> </b>", "<p>", "<p>a", "</p>", "<b><p>", "<font><p>",
    "<a><div>", "<br>",
    "<br>\n", "<br> ", "</br>", "<li>", "<ul><li>", "<table>", "<table><td>", "<table><tr><td>Nama", "<tr><td>",
    "<table><tr><td>Nama</td><td>a", "<tr><td>Nama</td><td>a</td></tr>", "<td>Nama</td>", "<blockquote type=cite>",
    "<blockquote type=cite>a</blockquote>", "<div class=moz-cite-prefix>Pesan terusan", "<div class=gmail_attr>a",
    "<script>", "<style>", "<title>", "<template>", "<select>", "<button><p>", "<svg>", "<math>", "<form>", "<pre>\n",
    "<nobr>", "<h1>", "<body>", "<html>", "<frameset>", "<o:p>", "<a href='", "<a b=", "<a b",
)  # fmt: skip
_FIELDS = ("To", "Reply-To", "References", "Message-ID", "Date", "Auto-Submitted", "Content-Transfer-Encoding", "X-A")
_IN_FIELDS = (
    ",<", "(", ")(", "<a@b>,", "a@b, ", "a, ", "<", ">", '"', "\\", "=?utf-8?q?a?= ", "=?utf-8?b?YQ==?=\n ", "=?",
    "?=", "[",
    ":;", "a:b;", ";a=b", ";", ';a="', '";', "@", "a.", "\n ", " ", "1 ", "é", "'", "a*0=", "\u00a0",
    "=?utf-8?q?" * 2,
)  # fmt: skip
_PARTS = (
    "--b\n", "--b\n\n", "--b\n\na\n", "--b--\n", "--b\nContent-Type: text/html\n\na\n",
    "--b\nContent-Type: a/x; name=a\n\na\n",
    "--b\nContent-Type: message/rfc822\n\n", '--b\nContent-Type: multipart/mixed; boundary="b"\n\n',
    "--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n",
    "--b\nContent-Type: message/delivery-status\n\na: b\n\n",
)  # fmt: skip
_PARAMETERS = (
    "; a{}=b",
    ";\n a{}=b",
    "; name*{}=b",
    "; name*{}*=b",
    "; charset*{}=b",
    '; a{}="b;c"',
    '; a{}="',
    "; a{}='",
)
_CHARSETS = (
    "utf-7",
    "utf-16",
    "iso-2022-jp",
    "hz",
    "punycode",
    "idna",
    "unicode_escape",
    "gb18030",
    "iso2022_kr",
    "undefined",
)
_ENCODINGS = ("base64", "quoted-printable", "x-uuencode")


def shapes() -> Mapping[str, Shape]:
    """Every shape by a name that a test may bear."""
    return dict(_bodies()) | dict(_heads()) | dict(_trees()) | dict(_encoded())


def _bodies() -> Iterator[tuple[str, Shape]]:
    for piece in (*_LINES, *_WORDS, *_HTML):
        yield f"plain {_short(piece)}", _repeated(_HEAD + b"Content-Type: text/plain; charset=utf-8\n\n", piece)
    for piece in (*_HTML, *_LINES, *_WORDS):
        yield f"html {_short(piece)}", _repeated(_HEAD + b"Content-Type: text/html; charset=utf-8\n\n<div>", piece)
    for piece in (*_LINES, " \n", "a \n", "> a \n"):
        yield f"flowed {_short(piece)}", _repeated(_HEAD + b"Content-Type: text/plain; format=flowed\n\n", piece)
    yield "html distinct", partial(_numbered, _HEAD + b"Content-Type: text/html\n\n", "<b id={}><p>")
    yield "form", partial(_numbered, _HEAD + b"\nNama: A\nPesan:\n", "Label {}: a\n")


def _heads() -> Iterator[tuple[str, Shape]]:
    end = b"\n\nisi\n"
    for piece in (*_IN_FIELDS, *_LINES, *_WORDS):
        for field in ("Subject", "From"):
            folded = piece.replace("\n", "\n ")
            yield f"{field} {_short(piece)}", _repeated(b"To: a@b.id\n" + f"{field}: ".encode(), folded, end)
    for field in _FIELDS:
        for piece in _IN_FIELDS:
            yield f"{field} {_short(piece)}", _repeated(b"From: a@b.id\n" + f"{field}: ".encode(), piece, end)
        yield f"many {field}", _repeated(b"", f"{field}: a\n", end)
    for piece in (*_LINES, *_WORDS):
        yield f"head {_short(piece)}", _repeated(_HEAD, piece, end)
    yield "many fields", partial(_numbered, b"", "X-{}: a\n", after=b"\nisi\n")


def _trees() -> Iterator[tuple[str, Shape]]:
    for kind in ("mixed", "alternative", "report"):
        for piece in _PARTS:
            yield f"{kind} {_short(piece)}", _repeated(_BORDERED % kind.encode(), piece)
    part = _BORDERED % b"mixed" + b"--b\nContent-Type: image/png\nContent-Disposition: attachment"
    for field, before in (("type", _HEAD + b"Content-Type: text/plain"), ("multipart", _BORDERED[:-2]), ("file", part)):
        for parameter in _PARAMETERS:
            yield f"{field} {_short(parameter)}", partial(_numbered, before, parameter, after=b"\n\nisi\n")
        for piece in _IN_FIELDS:
            yield f"{field} {_short(piece)}", _repeated(before + b";", piece, b"\n\nisi\n")
    yield "alternatives", partial(_numbered, _BORDERED % b"alternative", "--b\n\na{}\n")
    yield "nested", partial(_numbered, _HEAD, 'Content-Type: multipart/mixed; boundary="b{0}"\n\n--b{0}\n')
    yield "attached in attached", _repeated(_HEAD, "Content-Type: message/rfc822\n\n")


def _encoded() -> Iterator[tuple[str, Shape]]:
    for name in _ENCODINGS:
        for piece in ("=", "YQ==", "YQ", "=\n", "=3D", "begin 666 a\n", "!", "#0V%T\n", " \n"):
            head = _HEAD + f"Content-Transfer-Encoding: {name}\n\n".encode()
            yield f"{name} {_short(piece)}", _repeated(head, piece)
    for charset in _CHARSETS:
        for piece in ("a", "+", "+A-", "\x1b$B", "~{", "\\u1", "-", "\\N{", "xn--", "a."):
            yield (
                f"{charset} {_short(piece)}",
                _repeated(_HEAD + f"Content-Type: text/plain; charset={charset}\n\n".encode(), piece),
            )
            word = f"From: a@b.id\nSubject: =?{charset}?q?".encode()
            escaped = "".join(f"={byte:02X}" for byte in piece.encode())
            yield f"word {charset} {_short(piece)}", _repeated(word, escaped, b"?=\n\nisi\n")


def _repeated(before: bytes, piece: str, after: bytes = b"") -> Shape:
    return lambda count: before + piece.encode() * count + after


def _numbered(before: bytes, piece: str, count: int, after: bytes = b"") -> bytes:
    return before + "".join(piece.replace("{}", str(n)).replace("{0}", str(n)) for n in range(count)).encode() + after


def _short(piece: str) -> str:
    shown = ascii(piece)
    return shown if len(shown) <= 60 else f"{shown[:40]}... {len(piece)}"
