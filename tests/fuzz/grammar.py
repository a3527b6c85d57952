"""Which mails follow the grammar of MIME, nearly? Drawn by Hypothesis, so that a failure shrinks to a few lines."""

from __future__ import annotations

import base64
import quopri

from hypothesis import strategies as st

_CHARSETS = st.sampled_from(
    "utf-8 us-ascii iso-8859-1 windows-1252 utf-16 utf-7 gb2312 iso-2022-jp hz koi8-r x-tidak-ada unknown-8bit rot13"
    " idna unicode_escape punycode undefined".split()
)
_PHRASES = st.sampled_from(
    [
        "Jalan rusak di Jl. Antasari.", "Lampu mati — sudah seminggu…",
        "Pada Sen, 2 Nov 2026 pukul 09.15 A <a@b.id> menulis:",
        "> kutipan", "> ", "-- ", "--", "-----Pesan Asli-----", "---------- Forwarded message ---------",
        "Dari: A <a@b.id>",
        "Kepada: Dinas", "Tanggal: 2 Nov 2026 09:15", "Subjek: Jalan", "Nama: Warga", "Email: warga@example.org",
        "Pesan:",
        "No. HP: 0812 3456 7890", "Dikirim dari iPhone saya", "_____________", "", " ", "\u200b", "\x00", "\x1b$B",
        "--b", "--b--",
        "<p>Jalan", "</p>", "<table><tr><td>Nama<td>Warga</table>", "<blockquote type=cite>lama</blockquote>",
        "<!-- ", "&lt;b&gt;",
        "<div class=gmail_quote>", "</div>", "&#0;", "&#xd800;", "<script>", "<br>", "a < b > c", "From: A",
        "begin 644 a", "=", "=?",
    ]
)  # fmt: skip
_TEXTS = st.lists(_PHRASES | st.text(max_size=20), max_size=12).map("\n".join)
_ATOMS = st.sampled_from(
    ["a@b.id", "<a@b.id>", "Warga", '"Warga', '"', "(", ")", ",", ";", "<", ">", "\\", "=?utf-8?q?Jalan_=2C?=",
     "=?utf-8?b?YQ?=",
     "=?x?q?a?=", "=?utf-8?q?", "é", "\r\n ", "\t", " ", ":", "@", "Re:", "<lapor-abcdefghij@x>", "\ud83d"]
)  # fmt: skip
_VALUES = st.lists(_ATOMS | st.text(max_size=8), max_size=8).map("".join)
_NAMES = st.sampled_from(
    "From To Cc Reply-To Subject Date Message-ID In-Reply-To References Return-Path Precedence List-Id X-A Received"
    " Auto-Submitted MIME-Version Content-Type Content-Disposition Content-Transfer-Encoding".split()
)
_DATES = st.sampled_from(
    ["Mon, 2 Nov 2026 09:15:00 +0700", "99 Xyz 2026", "1 Jan 0001 00:00:00 +9999", "1 Jan 9999 23:59 -9999"]
)
_FIELDS = (
    st.tuples(_NAMES, _VALUES) | st.tuples(st.just("Date"), _DATES) | st.tuples(st.just("From"), st.just("W <w@b.id>"))
)
_STRAYS = st.sampled_from(["bukan baris kepala", ">From a", "", " ", ":", "X", "\x00", "é: é"])
_PARAMETERS = st.lists(
    st.sampled_from(
        ["charset=utf-8", 'charset="x', "format=flowed", "delsp=yes", "name=a.jpg", "name*=utf-8''%41%FF",
         "name*0=a", "name*1*=%20",
         "filename*0*=utf-8''a", "filename*1=b", "filename*x=a", "filename=\"=?utf-8?q?a?=\"", "filename=é", ";",
         "=", "*=", 'a="b;c"',
         "boundary=b", 'boundary="b"', 'boundary=""', 'boundary="b\r\n c"', "boundary*=utf-8'b'b", "report-type=x",
         "charset*=x'y'z"]
    ),
    max_size=5,
).map(lambda some: "".join(f"; {one}" for one in some))  # fmt: skip
_KINDS = st.sampled_from(
    "text/plain text/html text/enriched text/calendar image/jpeg application/ms-tnef message/rfc822"
    " message/delivery-status message/external-body text multipart/mixed application/octet-stream".split()
)
_ENCODINGS = st.sampled_from(["7bit", "8bit", "base64", "quoted-printable", "x-uuencode", " base64 ", "BASE64;", "x"])
_ENDS = st.sampled_from([b"\r\n", b"\n", b"\r"])


def _bytes(text: str, charset: str) -> bytes:
    try:
        return text.encode(charset, "replace")
    except (LookupError, UnicodeError, AssertionError):
        return text.encode("utf-8", "surrogatepass")


@st.composite
def _leaves(draw: st.DrawFn) -> bytes:
    charset, encoding = draw(_CHARSETS), draw(_ENCODINGS)
    content = draw(st.binary(max_size=40)) if draw(st.integers(0, 4)) == 0 else _bytes(draw(_TEXTS), charset)
    told = draw(_ENCODINGS) if draw(st.integers(0, 4)) == 0 else encoding
    disposition = draw(st.sampled_from(["", "", "inline", "attachment", "é"]))
    head = f"Content-Type: {draw(_KINDS)}; charset={charset}{draw(_PARAMETERS)}\n"
    head += f"Content-Disposition: {disposition}{draw(_PARAMETERS)}\n" if disposition else ""
    head += f"Content-Transfer-Encoding: {told}\n"
    coded = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring}
    return head.encode("utf-8", "surrogatepass") + b"\n" + coded.get(encoding, bytes)(content)


def _tree(children: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    return _multiparts(children) | children.map(lambda mail: b"Content-Type: message/rfc822\n\nSubject: a\n" + mail)


@st.composite
def _multiparts(draw: st.DrawFn, children: st.SearchStrategy[bytes]) -> bytes:
    border = draw(st.sampled_from(["b", "c", "b b", "--b", "é", "'b'"]))
    written = draw(st.sampled_from([border] * 4 + ["b", ""]))
    kind = draw(st.sampled_from("mixed alternative related report signed digest x".split()))
    head = f'Content-Type: multipart/{kind}; boundary="{border}"{draw(_PARAMETERS)}\n\n'.encode()
    parts = [f"\n--{written}\n".encode() + one for one in draw(st.lists(children, max_size=4))]
    end = draw(st.sampled_from([f"\n--{written}--\n".encode(), b"", b"--"]))
    return head + draw(st.sampled_from([b"", b"Pembuka\n"])) + b"".join(parts) + end


@st.composite
def mails(draw: st.DrawFn) -> bytes:
    """Mails whose parts, fields and charsets keep to the rules, or nearly."""
    fields = draw(st.lists(_FIELDS, max_size=8))
    lines = [f"{name}: {value}\n" for name, value in fields]
    if draw(st.integers(0, 5)) == 0:
        lines.insert(draw(st.integers(0, len(lines))), f"{draw(_STRAYS)}\n")
    head = "".join(lines).encode("utf-8", "surrogatepass") * draw(st.sampled_from([1] * 9 + [200]))
    raw = head + draw(st.recursive(_leaves(), _tree, max_leaves=6))
    return raw.replace(b"\n", draw(_ENDS))
