"""How well does a column's name fit a report field? By the names that the presets know, and words like them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from rapidfuzz import fuzz

from mappings import load
from mappings.engine import FieldMapping
from mappings.rules import cell_name

_TABLES = ("webform", "spreadsheet")
_MORE: Mapping[str, Sequence[str]] = {
    "content": (
        "complaint",
        "description",
        "details",
        "detail_aduan",
        "detail_laporan",
        "kronologi_kejadian",
        "isi_pesan",
    ),
    "title": ("complaint_title", "judul_keluhan", "headline", "hal"),
    "reporter_name": (
        "nama_warga",
        "nama_anda",
        "reporter",
        "reporter_name",
        "sender_name",
        "nama_pengirim",
        "fullname",
    ),
    "reporter_phone": (
        "nomor_hp_wa",
        "mobile",
        "handphone",
        "no_handphone",
        "telephone",
        "nomor_kontak",
        "tlp",
        "no_tlp",
    ),
    "reporter_email": ("email_anda", "mail", "reporter_email"),
    "reporter_nik": ("nomor_induk_kependudukan", "nik_ktp", "nomor_nik"),
    "received_at": ("stempel_waktu", "tanggal_terima", "tgl_terima", "submitted_at", "date_created", "waktu_lapor"),
    "date_of_incident": ("incident_date", "tanggal_peristiwa", "hari_kejadian"),
    "classification": ("jenis", "kategori_laporan", "type"),
}
_STAFF = {"petugas", "admin", "operator", "dinas", "instansi", "opd", "unit", "kecamatan", "kelurahan", "desa", "user"}
_STAFF |= {
    "username",
    "file",
    "foto",
    "status",
    "tanggapan",
    "jawaban",
    "balasan",
    "verifikator",
    "penerima",
    "kategori",
}
_LIKE = 86
_FILLERS = {"anda", "saudara", "wajib", "lengkap", "sesuai", "ktp", "diisi", "mohon", "tuliskan", "yang"}


@cache
def known() -> Mapping[str, Sequence[str]]:
    """The names of columns that a report field is known to have."""
    names: dict[str, dict[str, None]] = {}
    for preset in _TABLES:
        for field, columns in sources(load.load(load.find(preset, load.PRESETS))).items():
            names.setdefault(field, {}).update(dict.fromkeys(columns))
    titles = names.get("title", {})
    # A title may be cut from the text: these names are the text's own.
    own = [name for name in titles if name not in names.get("content", {})]
    found = {field: [*columns, *_MORE.get(field, ())] for field, columns in names.items()}
    days = {*names.get("received_at", {})}
    incident = [name for name in found.get("date_of_incident", ()) if name not in days and not name.startswith("@")]
    return {**found, "title": [*own, *_MORE["title"]], "date_of_incident": [*incident, *_MORE["date_of_incident"]]}


def sources(mapping: FieldMapping) -> Mapping[str, Sequence[str]]:
    """The columns that a mapping's fields look at, in their order; of labelled lines those of the text itself."""
    return {
        field: rule.sources or next((names for label, names in rule.lines if not label), ())
        for field, rule in mapping.rules.items()
    }


def locations(columns: Sequence[str]) -> list[str]:
    """The columns that say where it happened, which the presets add to the text as a labelled line."""
    rules = (load.load(load.find(preset, load.PRESETS)).rules["content"] for preset in _TABLES)
    names = {name for rule in rules for label, found in rule.lines if label == "Lokasi" for name in found}
    return [column for column in columns if cell_name(column) in names]


def likeness(column: str, field: str) -> float:
    """From 0 to 1: 1 for a name that is known, less for one that contains or resembles such."""
    name, names = cell_name(column), known().get(field, ())
    if name in names:
        return 1.0
    words = set(name.split("_"))
    if words & _STAFF:
        return 0.0
    single = {other for other in names if "_" not in other}
    contained = any(_within(set(other.split("_")), words, single) for other in names)
    close = max((fuzz.ratio(name, other) for other in names if len(other) > 3), default=0.0)
    return 0.7 if contained else 0.6 if close >= _LIKE and len(name) > 3 else 0.0


def _within(known_words: set[str], words: set[str], single: set[str]) -> bool:
    """All words of a known name stand in a longer one: "Isi laporan Anda", but "nama jalan" is no name."""
    left = words - known_words - single - _FILLERS
    return known_words <= words and (len(known_words) > 1 or not left)
