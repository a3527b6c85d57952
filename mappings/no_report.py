"""Is a text no report at all: links alone, or somebody trying out whether the channel works?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mappings.phrases import plain
from mappings.report import Reason, Values

_LINK = re.compile(
    r"(?:https?://|www\.)\S+|\b\w[\w\-]{0,60}(?:\.[\w\-]{1,60}){0,5}\.(?:com|id|org|net|ly|gl|me)/\S+", re.IGNORECASE
)
_LABELLED = re.compile(r"^[^\W\d_][\w ]{1,30}: .*$", re.MULTILINE)
_FEWEST_WORDS = 3
_TRYING = frozenset(
    "tes test testing tester tesst teest testt coba mencoba cobacoba ujicoba percobaan dicoba nyoba cobain ngetes "
    "ngetest asdf asd asdfg asdfgh asdfghjkl qwerty qwe qwer qwertyuiop zxc zxcv zxcvbn lorem dummy".split()
)
_BESIDE = frozenset(
    "halo hallo hello hai hi selamat pagi siang sore malam admin min pak bu bapak ibu saya kami ini itu hanya cuma "
    "sekedar sekadar saja aja dulu ya yah dong satu dua tiga empat lima lagi kirim mengirim kirimkan laporan lapor "
    "pengaduan aduan keluhan pesan email e mail surel sms wa form formulir sistem aplikasi website web kanal fitur "
    "masuk mohon tolong harap abaikan diabaikan uji untuk dari di ke dan apakah bisa cek ping data isi judul nama "
    "content subject ipsum dolor sit amet . ? !".split()
)
_MOST_WORDS = 15
_VOWELLESS = re.compile(r"[bcdfghjklmnpqrstvwxz]{6,}")


def only_links(values: Values, _parameter: object) -> Sequence[Reason]:
    """A content with a link and fewer than three words of its own; what the mapping's labels add is none."""
    content = str(values.get("content") or "")
    if not _LINK.search(content):
        return []
    own = re.findall(r"[^\W\d_]{2,}", _LINK.sub(" ", _without_labelled(content)))
    return [Reason("only_links", "content")] if len(own) < _FEWEST_WORDS else []


def likely_test(values: Values, _parameter: object) -> Sequence[Reason]:
    """A content of which nothing says more than "tes"; one that names the word among others is a real one."""
    content = _without_labelled(str(values.get("content") or ""))
    return [Reason("likely_test", "content")] if _is_trial(content) or _is_mash(content) else []


def _without_labelled(content: str) -> str:
    """Without the lines `Label: value` below the first one."""
    first, newline, rest = content.partition("\n")
    return first + newline + _LABELLED.sub("", rest)


def _is_trial(content: str) -> bool:
    words = [word for word in plain(content).split() if not word.isdigit()]
    if any(word.isalpha() for word in words) and " lorem ipsum " in f" {' '.join(words[:2])} ":
        return True
    known = all(word in _BESIDE or word in _TRYING for word in words)
    return known and len(words) <= _MOST_WORDS and any(word in _TRYING for word in words)


def _is_mash(content: str) -> bool:
    """One character or group of them over and over, digits alone, or a word that no mouth can say."""
    letters = re.sub(r"[\W_]", "", content.casefold())
    if not letters:
        return False
    if len(letters) > 2 and re.fullmatch(r"(.{1,4}?)\1{2,}\w{0,3}", letters):
        return True
    if letters.isdigit():
        return len(letters) < 9
    return " " not in content.strip() and len(letters) < 40 and _VOWELLESS.search(letters) is not None
