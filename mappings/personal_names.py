"""Where does a text that is to be anonymous give its writer's name: below "Hormat saya," or anywhere in full?"""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int]

_NOBODY = frozenset(
    "warga masyarakat rakyat anonim anonymous pelapor pengadu pelanggan konsumen penumpang pasien orang wali murid "
    "hamba kami saya ketua pengurus forum komunitas aliansi paguyuban seluruh semua segenap para keluarga rt rw "
    "desa kelurahan kecamatan kota kabupaten dinas bapak ibu sekian terima terimakasih mohon pengguna pengendara "
    "mahasiswa guru siswa tim admin lapor tidak nama user tamu guest no name hormat sejahtera takzim wr wb wrwb ri "
    "nkri indonesia bpjs pt cv dewan lsm ormas yayasan koperasi perusahaan untuk semoga demikian sukses jaya "
    "merdeka persatuan perhimpunan tertanda".split()
)
"""Words with which no name begins, and that no name is made of."""
_PERSON = r"[A-Z][A-Za-z.'’`]{1,20}(?:[ \t]+[A-Z][A-Za-z.'’`]{0,20}){0,4}"
_SIGNED = re.compile(
    r"(?i:\bhormat[ \t]+(?:saya|kami)|\bttd|\bwassalam(?:u['’`]?alaikum)?(?:[ \t]+wr\.?)?(?:[ \t]+wb\.?)?|\bsalam"
    r"(?:[ \t]+hormat)?)"
    rf"(?:[ \t]*[,.:;]?[ \t]*\n\s{{0,20}}|[ \t]*[,:][ \t]*)\(?({_PERSON})\)?[ \t]*[.,]?[ \t]*$",
    re.MULTILINE,
)
_INTRODUCED = re.compile(
    rf"(?i:\bnama[ \t]+(?:lengkap[ \t]+)?saya(?:[ \t]+adalah)?|\bperkenalkan,?[ \t]+saya)[ \t]*[:,]?[ \t]+({_PERSON})"
)
_SHORTEST = 3


def names(text: str, reporter: str) -> Iterator[Span]:
    """The spans of the reporter's name, and of any name by which the writer signs or says who is writing."""
    for pattern in (_SIGNED, _INTRODUCED):
        yield from (found.span(1) for found in pattern.finditer(text) if not _is_nobody(found[1]))
    words = re.findall(r"[^\W\d_]+", reporter)
    if "@" in reporter or not words or _is_nobody(reporter):
        return
    if len(words) > 1:
        whole = r"[\s.,]+".join(map(re.escape, words))
        yield from (found.span() for found in re.finditer(rf"(?<!\w){whole}(?!\w)", text, re.IGNORECASE))
    for word in words:
        if len(word) >= _SHORTEST and word.casefold() not in _NOBODY:
            yield from _alone(text, word)


def _alone(text: str, word: str) -> Iterator[Span]:
    """A part of the name as a line of its own, or after "nama saya"."""
    pattern = rf"^[ \t(]*({re.escape(word)})[ \t).,]*$|\bnama saya\W{{1,3}}({re.escape(word)})(?!\w)"
    for found in re.finditer(pattern, text, re.IGNORECASE | re.MULTILINE):
        yield found.span(1 if found[1] else 2)


def _is_nobody(name: str) -> bool:
    first = re.search(r"[^\W\d_]+", name)
    return first is None or first[0].casefold() in _NOBODY
