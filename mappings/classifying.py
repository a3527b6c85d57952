"""Is a text a complaint, a request for information, or an aspiration? A complaint, unless it clearly is another."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from mappings.phrases import any_of, literal, plain
from mappings.report import Classification

KEYS = ("complaint", "information", "aspiration")
"""Own words may be given for these."""

_COMPLAINT = any_of(
    [
        r"tidak|belum|tanpa|malah|padahal|percuma|parah|kurang|gagal|salah|kasihan|resah|kecewa|keberatan|protes",
        r"\w*rusak\w*|(ber)?lubang|mati|padam|macet|\w*banjir\w*|kotor|\w*numpuk\w*|bau|bocor|jelek",
        r"buruk|lambat|lamban",
        r"liar|bising|rawan|\w*bahaya\w*|(ke)?celaka(an)?|\w*ganggu\w*|\w*resah\w*|\w*rugi\w*|\w*langgar\w*|ilegal",
        r"(di)?per?sulit|sulit|susah|mahal|ditolak|tolak|hilang|terlantar|mangkrak|\w*hambat|terhenti|antri\w*",
        r"(ber)?masalah\w*|\w*kendala|error|eror|oknum|pungli|\w*pungut\w*|calo|(ter|di)tipu|\w*keluh\w*",
        r"\w*lapor(kan)?|laporan|(me|di)?ng?adu(kan)?|aduan|pengaduan|\w*tertib\w*|\w*tegur\w*|tindak(an)?|sanksi",
        r"longsor|roboh|ambruk|tumbang|\w*genang\w*|(ke)?langka(an)?|\w*prihatin\w*|\w*bohong\w*|kebakaran|\w*celaka",
        r"kenapa|mengapa|sering|selalu|terus menerus|berulang|sejak|semenjak|berhari|berbulan|bertahun|lama sekali",
    ]
)
_INFORMATION = any_of(
    [
        r"(mohon|minta|tolong|butuh|perlu|ingin|mau|meminta|membutuhkan|dapat|mencari|beri|berikan|kasih|diberi) "
        r"(\w+ ){0,3}(informasi|penjelasan|keterangan|pencerahan)\w*",
        r"(ingin|mau|izin|ijin|numpang|hendak|mohon|pengen) (\w+ ){0,2}(tanya|bertanya|menanyakan|tahu|mengetahui)\w*",
        r"(saya|kami) (bertanya|menanyakan|tanya)",
        r"bagaimana (\w+ ){0,2}(cara|prosedur|proses|tata|alur|mekanisme|syarat|persyaratan)\w*",
        r"(apa|apa saja|apakah|berapa) (\w+ ){0,3}(syarat|persyaratan|prosedur|biaya|tarif|dokumen|berkas)\w*",
        r"(syarat|persyaratan|prosedur|biaya|tarif|dokumen|berkas)\w* (\w+ ){0,5}(apa|apa saja|berapa|bagaimana)",
        r"(dimana|kemana) (\w+ ){0,4}(mengurus|membuat|mendaftar|daftar|alamat|kantor|lokasi|tempat|bisa|harus)\w*",
        r"kapan (\w+ ){0,5}(jadwal|dibuka|buka|pendaftaran|mulai|dimulai|pembukaan|pelaksanaan|cair|penerimaan)\w*",
        r"(jadwal|pendaftaran|lowongan|nomor telepon|alamat) \w+ (\w+ ){0,6}\?",
        r"apakah [^.!]{3,200}\?",
        r"(permintaan|permohonan|menanyakan|pertanyaan) (\w+ ){0,2}(informasi|jadwal|prosedur|syarat|persyaratan)",
        r"informasi (\w+ )?(tentang|mengenai|terkait|seputar|perihal|cara|jadwal|syarat|persyaratan)",
        r"(apa|apakah|bagaimana|dimana|kemana|kapan|berapa|siapa) [^.!?]{3,150}\?",
    ]
)
_ASPIRATION = any_of(
    [
        r"(meng|di)?usul(an|kan)?|saran (saya|kami|untuk|kepada|agar|supaya)|menyarankan|masukan",
        r"sebaiknya|seyogyanya|alangkah (\w+ )?baik\w*",
        r"aspirasi\w*|harapan\w*|semoga|berharap|apresiasi|salut|mengapresiasi",
        r"(mohon|tolong|agar|minta|bisa|supaya) (\w+ ){0,5}"
        r"(dibangun|dibangunkan|dibuatkan|diadakan|disediakan|ditambah|ditambahkan|dipasang|dipasangkan|diberlakukan)",
    ]
)


@dataclass(frozen=True, slots=True)
class Words:
    """The mapping's own words for each class, beside those that are built in."""

    complaint: re.Pattern[str]
    information: re.Pattern[str]
    aspiration: re.Pattern[str]

    @classmethod
    def of(cls, table: Mapping[str, Sequence[str]]) -> Self:
        """The words of a mapping's table."""
        return cls(*(literal(table.get(key, ())) for key in KEYS))

    def classify(self, text: str) -> Classification:
        """The class of a report's title and content."""
        words = plain(text)
        if self.complaint.search(words):
            return Classification.COMPLAINT
        for own, kind in (
            (self.information, Classification.INFORMATION),
            (self.aspiration, Classification.ASPIRATION),
        ):
            if own.search(words):
                return kind
        return _by_built_in(words)


def _by_built_in(words: str) -> Classification:
    if _COMPLAINT.search(words):
        return Classification.COMPLAINT
    if _INFORMATION.search(words):
        return Classification.INFORMATION
    return Classification.ASPIRATION if _ASPIRATION.search(words) else Classification.COMPLAINT
