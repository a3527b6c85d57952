"""Where do a mail's own words end and its signature begin? Phones' and programs' lines go, and what follows `-- `."""

from __future__ import annotations

import re

_DELIMITER = "-- "
_BARE = "--"
_RULE = re.compile(r"^\W{0,3}$|^\s*([-_*=~#+])\1{2,}\s*$|^\s*[-–—_*=~#+ᐧ]{1,40}\s*$")
_DEVICE = (
    r"iphone|ipad|ponsel|hp|handphone|perangkat|android|samsung|galaxy|xiaomi|redmi|poco|oppo|vivo|huawei|realme|infinix"
    r"|asus|nokia|sony|lenovo|yahoo|outlook|gmail|surel|e-?mail|mail|smartphone|telepon|blackberry|windows|tablet|aplikasi"
)
_PRODUCT = (
    rf"(dikirim|dikirimkan|terkirim) (dari|melalui|via|menggunakan|dengan)\W+(my )?({_DEVICE})\b(?![^\n]*(,|\d{{5}}))"
    r"|sent (from|via|with|by)\b|from my \w+|(get|dapatkan|unduh) \W?outlook\b|bebas virus\b|virus-free\b"
    r"|powered by (telkomsel|indosat|xl|axis|tri|smartfren|sinyal)|sinyal kuat indosat"
    r"|diese nachricht wurde|von meinem|gesendet von|envoyé depuis|enviado desde|inviato da|verzonden (met|vanaf)"
    r"|從我的"
)
_MACHINE = re.compile(rf"^[\s<(*_\[\-]*({_PRODUCT})[^\n]{{0,140}}$", re.IGNORECASE)
_SOMEONE = re.compile(r"^[^\n.,:]{0,40} (from|via|dari) (my )?(mobile|iphone|phone|ponsel|hp)\W*$", re.IGNORECASE)
_MOST_LINES = 12
_MOST_LINES_BARE = 8
_LONGEST_LINE = 90
_WEB = re.compile(r"https?://|www\.\w")
_SENTENCE = re.compile(r"\w[.!?]\s*$|\S(\s+\S+){9}")


def without(text: str) -> str:
    """The text without its signature; empty where there is nothing else."""
    return "\n".join(_without_machines(_without_delimited(text.split("\n")))).strip()


def _without_delimited(lines: list[str]) -> list[str]:
    """Up to the `-- ` (RFC 3676, 4.3) below which all looks like a signature.

    A bare `--` is a delimiter that has lost its blank, or a writer's own divider: below it, no line may be a sentence.
    """
    end, below, sentences = len(lines), 0, False
    for number in range(len(lines) - 1, -1, -1):
        line = lines[number]
        if line == _DELIMITER or (line == _BARE and _is_bare_delimiter(lines, number, below) and not sentences):
            end = number
        below += bool(line.strip())
        sentences = sentences or bool(_SENTENCE.search(line))
        if below > _MOST_LINES or len(line) > _LONGEST_LINE:
            break
    return lines[:end]


def _is_bare_delimiter(lines: list[str], number: int, below: int) -> bool:
    """Whether so few lines below it, shorter together than what is above or with a web address, may be a signature."""
    above_length, below_text = len("".join(lines[:number])), "".join(lines[number + 1 :])
    return below <= _MOST_LINES_BARE and (above_length > len(below_text) or _WEB.search(below_text) is not None)


def _without_machines(lines: list[str]) -> list[str]:
    end = len(lines)
    while end and _is_machine(lines[end - 1]):
        end -= 1
    return lines[:end]


def _is_machine(line: str) -> bool:
    bare = line.strip()
    return bool(not bare or _RULE.match(bare) or _MACHINE.match(bare) or _SOMEONE.match(bare))
