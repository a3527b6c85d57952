"""In which words is the citizen told? Jinja2 templates: subject on the first line, then the text; Indonesian.

A channel's own folder of templates goes before those that come along. A secret report has its own templates: a neutral
subject, no link, and nothing of what anybody wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from connectors.contract import News
from gateway.answers.settings import AnswerSettings

_MONTHS = (
    "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split()  # one a month
)
_NOBODY = "Bapak/Ibu"
_MANY_BLANKS = re.compile(r"\n{3,}")
_TWO = "\n\n"
_FACTS = {
    "nama": "Warga Contoh",
    "nomor": "1000001",
    "tautan": "https://www.lapor.go.id/pengaduan/1000001",
    "status": "Terdisposisi Sedang Diproses",
    "pesan": "Contoh tindak lanjut.",
    "penanggap": "Dinas Contoh",
    "tanggal": "23 November 2026",
    "alasan": "Contoh alasan.",
    "ditutup_oleh": "sistem",
    "anonim": True,
    "lembaga": "Dinas Contoh",
    "kontak": "0541-123456",
    "lewat_surat": True,
    "cara": "membalas surat ini",
}
"""Every name that a template may use, with an example."""

WITHHELD = ("tautan", "pesan", "alasan", "penanggap", "status")
"""Names that are always empty in the templates of secret reports."""


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer says."""

    subject: str
    text: str


_TROUBLES = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What an admin's own template may end in: it is one answer's trouble, and nobody else's."""


class BadTemplate(ValueError):
    """A template of the channel's own cannot be rendered. The text names it, for the admin."""


def tell(settings: AnswerSettings, news: News, facts: Mapping[str, Any], *, secret: bool) -> Told:
    """Render the news. `facts` are the names of `_FACTS`; what a secret report must not show is taken out here."""
    kept = {**dict.fromkeys(_FACTS, ""), **facts, "lembaga": settings.agency, "kontak": settings.contact}
    kept["nama"] = kept["nama"] or _NOBODY
    kept["cara"] = _how(settings.contact, by_mail=bool(kept["lewat_surat"]))
    if secret:
        kept |= {"nama": _NOBODY, **dict.fromkeys(WITHHELD, "")}
    name = f"secret/{news}.txt" if secret else f"{news}.txt"
    try:
        environment = _environment(settings.templates)
        subject, _, text = environment.get_template(name).render(kept).partition("\n")
        closing = environment.get_template("closing.txt").render(kept)
    except _TROUBLES as error:
        raise BadTemplate(f"template {name}: {type(error).__name__}: {getattr(error, 'message', '')}".strip()) from None
    return Told(" ".join(subject.split()), f"{_MANY_BLANKS.sub(_TWO, text.strip())}\n{closing.rstrip()}\n")


def mistakes(settings: AnswerSettings) -> Iterator[str]:
    """What is wrong with the channel's templates, each tried with example facts."""
    yield from _strangers(settings.templates)
    for news in News:
        for secret in (False, True):
            try:
                told = tell(settings, news, _FACTS, secret=secret)
            except BadTemplate as error:
                yield str(error)
                continue
            if not told.subject:
                yield f"template {news}: its first line, the subject, is empty"


def _strangers(folder: Path | None) -> Iterator[str]:
    """Files in the channel's folder that no answer will ever use: most likely a name that was mistyped."""
    if folder is None:
        return
    known = {"closing.txt", *(f"{news}.txt" for news in News), *(f"secret/{news}.txt" for news in News)}
    for file in sorted(folder.rglob("*.txt")):
        name = file.relative_to(folder).as_posix()
        if name not in known:
            yield f"template {name}: no answer has that name; known are: {', '.join(sorted(known))}"


def _how(contact: str, *, by_mail: bool) -> str:
    """How the citizen may answer: only a mail can be replied to."""
    elsewhere = f"menghubungi {contact}" if contact else "menghubungi kami"
    if not by_mail:
        return elsewhere
    return f"membalas surat ini atau {elsewhere}" if contact else "membalas surat ini"


def names() -> Sequence[str]:
    """The names that a template may use."""
    return list(_FACTS)


def long_date(moment: datetime) -> str:
    """The day as people write it, such as 23 November 2026, in the moment's own zone."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


@lru_cache(maxsize=32)
def _environment(folder: Path | None) -> SandboxedEnvironment:
    """Sandboxed: a template is an admin's text, not a program. Plain text, so nothing is escaped."""
    own = [FileSystemLoader(folder)] if folder else []
    return SandboxedEnvironment(
        loader=ChoiceLoader([*own, PackageLoader("gateway.answers", "templates")]),
        undefined=StrictUndefined,
        autoescape=False,
        keep_trailing_newline=True,
    )
