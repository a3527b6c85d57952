"""How are phrases found in what people write: without regard to case, marks and the usual abbreviations?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

_SHORT = {
    short: long
    for long, shorts in {
        "tidak": "tdk gak ga nggak ngga enggak tak gk g ngak kagak tida tidk",
        "belum": "blm blom belom blum",
        "yang": "yg",
        "saya": "sy sya gw gue",
        "dengan": "dgn dg",
        "untuk": "utk utuk",
        "bagaimana": "bgmn gmn gimana bgaimana bagaimna bagaimanakah gimn",
        "dimana": "dmn dimn dimanakah",
        "jangan": "jgn jangn",
        "tolong": "tlg tlong",
        "mohon": "mhn mohn",
        "karena": "krn karna",
        "kenapa": "knp knapa kenapakah",
        "apakah": "apkh apkah",
        "sudah": "sdh udah udh",
        "informasi": "info infonya infony informasinya",
        "nomor": "no nomer nomr nomornya nomernya",
        "dan": "dn",
        "atau": "atw",
        "kapan": "kpn kapankah",
        "bisa": "bs",
        "ada": "ad",
        "dapat": "dpt",
    }.items()
    for short in shorts.split()
}
_TOKEN = re.compile(r"\w+|[.?!\n]")


@lru_cache(maxsize=2)
def plain(text: str) -> str:
    """The words in small letters with single blanks between and around them; ends of sentences are words of their own.

    "di mana" is written as one word, and a line's end as a full stop. Several checks ask it of one report in turn.
    """
    words = [_SHORT.get(word, word) for word in _TOKEN.findall(text.casefold())]
    joined = f" {' '.join('.' if word == chr(10) else word for word in words)} "
    return joined.replace(" di mana ", " dimana ").replace(" ke mana ", " kemana ")


def any_of(phrases: Sequence[str]) -> re.Pattern[str]:
    """A pattern that finds any of the phrases, as whole words, in a plain text. They may be regular expressions."""
    # A blank to begin with lets the engine skip what stands within words.
    return re.compile(rf" (?:{'|'.join(phrases)})(?= )")


def literal(words: Sequence[str]) -> re.Pattern[str]:
    """The same for a person's own words, which are no regular expressions; nothing is found where there are none."""
    found = [re.escape(plain(word).strip()) for word in words]
    return any_of([word for word in found if word] or ["(?!)"])
