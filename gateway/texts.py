"""Which words do people read? One catalogue: Indonesian for operators, English for admins.

A reason travels as its code; only here does it become a sentence. `{field}` and `{detail}` are filled in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gateway.reasons import REASONS, Text

CARRIERS: Mapping[str, str] = {"mail": "surel", "source": "ke sumbernya", "person": "petugas"}

NEWS: Mapping[str, str] = {
    "received": "laporan diterima",
    "forwarded": "laporan diteruskan",
    "status": "status berubah",
    "need_info": "perlu dilengkapi",
    "follow_up": "tindak lanjut",
    "closed": "laporan ditutup",
    "archived": "laporan diarsipkan",
    "not_forwarded": "laporan tidak diteruskan",
}

FIELD_NAMES: Mapping[str, str] = {
    "title": "judul",
    "content": "isi laporan",
    "classification": "klasifikasi",
    "date_of_incident": "tanggal kejadian",
    "location_id": "lokasi",
    "category_id": "kategori",
    "is_anonymous": "anonim",
    "is_secret": "rahasia",
    "latitude": "lintang",
    "longitude": "bujur",
    "reporter_name": "nama pelapor",
    "reporter_email": "surel pelapor",
    "reporter_phone": "telepon pelapor",
    "reporter_nik": "nik",
    "institution_id": "instansi",
    "source": "sumber",
    "received_at": "tanggal masuk",
}

_FORM_FIELDS = frozenset(FIELD_NAMES) | {
    "classification_id",
    "suggestion_institution_id",
    "external_id",
    "attachment[]",
}

STAGES: Mapping[str, str] = {
    "held": "ditahan",
    "queued": "antre",
    "sending": "sedang dikirim",
    "in_doubt": "belum pasti",
    "accepted": "diterima LAPOR",
    "rejected": "ditolak LAPOR",
    "dropped": "tidak dikirim",
    "ignored": "diabaikan",
    "baseline": "sebelum mulai",
    "report": "laporan",
    "reply": "balasan",
    "joined": "digabung",
}

EVENTS: Mapping[str, str] = {
    **STAGES,
    "postponed": "ditunda",
    "requeued": "antre kembali: dua kali tidak ditemukan di LAPOR",
    "not_found": "dicari di LAPOR, tidak ditemukan",
    "source_edited": "disunting di sumbernya",
    "status": "status LAPOR",
    "follow_up": "tindak lanjut",
    "released": "dilepas petugas",
    "separated": "dipisahkan oleh petugas",
    "taken_up": "dijadikan laporan oleh petugas",
    "adopted": "sudah ada di LAPOR; diambil alih",
    "paused": "dijeda",
    "resumed": "dilanjutkan",
    "amended": "diperbaiki petugas",
    "answer_typed": "jawaban dimasukkan petugas",
    "retried": "dipetakan ulang",
    "found": "ditemukan",
    "new": "baru",
    "edited": "disunting",
    "changed": "status berubah",
    "follow_ups": "tindak lanjut",
    "for_a_person": "perlu petugas",
    "unknown_status": "status tak dikenal",
    "reply_sent": "balasan pelapor diteruskan",
    "reply_held": "balasan pelapor perlu petugas",
    "completed": "dilengkapi pelapor",
    "filed_twice": "ada dua kali di LAPOR",
    "answered": "kabar dibawa",
    "news": "kabar baru",
    "replies": "balasan pelapor diteruskan",
    "discrepancies": "kejanggalan",
    "text_edited": "teksnya disunting admin LAPOR",
    "rerouted": "disposisi",
    "hold_reason": "alasan penundaan dari LAPOR",
    "accepted_channel": "kanal disetujui",
}

DEADLINES: Mapping[str, str] = {
    "forward": "diteruskan ke instansi",
    "first_follow_up": "tindak lanjut pertama",
    "by_class": "selesai menurut klasifikasi",
    "resolve": "selesai (Perpres 76/2013)",
    "close": "ditutup LAPOR",
}

TURNS: Mapping[str, str] = {
    "gateway": "gateway",
    "operator": "operator",
    "lapor": "admin LAPOR (verifikasi)",
    "agency": "instansi",
    "reporter": "pelapor",
    "closing": "LAPOR (penutupan)",
    "unknown": "periksa di LAPOR",
}


_DETAIL = re.compile(r"""\ \([^()]*\{detail\}[^()]*\) | :?\ "?\{detail\}"? | \{detail\}""", re.VERBOSE)


def in_indonesian(reason: Mapping[str, str]) -> str:
    """A reason as an operator reads it."""
    field = FIELD_NAMES.get(reason.get("field", ""), reason.get("field", ""))
    return _fill(_text(reason).id, field, reason.get("detail", ""))


def in_english(reason: Mapping[str, str]) -> str:
    """A reason as an admin reads it."""
    return _fill(_text(reason).en, reason.get("field", ""), reason.get("detail", ""))


def discreet(reason: Mapping[str, str]) -> Mapping[str, str]:
    """The reason without LAPOR's own words, which may quote the report; a field is named only if it is the form's."""
    if reason.get("code") != "rejected":
        return reason
    field = reason.get("field", "")
    return {
        "code": "rejected",
        "field": field if field in _FORM_FIELDS else "",
        "detail": "(teks LAPOR: show --reveal)",
    }


def discreet_detail(detail: Mapping[str, Any]) -> Mapping[str, Any]:
    """An event's detail without LAPOR's own words, and with those fields alone that our forms have."""
    detail = {name: value for name, value in detail.items() if name != "reason"}
    if "fields" not in detail or "when" in detail:
        return detail
    return {**detail, "fields": [name for name in detail["fields"] if name in _FORM_FIELDS]}


def _text(reason: Mapping[str, str]) -> Text:
    """The catalogue's sentence; a third party's own code stands for itself."""
    code = reason.get("code", "")
    if code.startswith("http_"):
        return Text(f"LAPOR menjawab HTTP {code[5:]}", f"LAPOR answered HTTP {code[5:]}")
    return REASONS.get(code) or Text(f"{code} {{detail}}", f"{code} {{detail}}")


def _fill(sentence: str, field: str, detail: str) -> str:
    """The sentence. A history keeps codes alone: what belongs to a detail that is not known then goes, too."""
    if not detail:
        sentence = _DETAIL.sub("", sentence)
    return " ".join(sentence.replace("{field}", field).replace("{detail}", detail).split()).rstrip(" :")
