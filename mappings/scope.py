"""Is a report likely of a crime, of corruption, or of the legislature, which LAPOR leaves to other authorities?

Complaints about how the police, a court or a counter serves people stay in LAPOR's scope, pungli among them.
"""

from __future__ import annotations

from collections.abc import Sequence

from mappings.phrases import any_of, plain
from mappings.report import Reason, Values

_CORRUPTION = any_of(
    [
        r"(dugaan|indikasi|terindikasi|sarat|diduga|melaporkan|laporan|lapor|kasus|pelaku|praktik|praktek|adanya) "
        r"(\w+ ){0,2}(korupsi|dikorupsi|tipikor|gratifikasi|penyuapan)",
        r"(korupsi|mengkorupsi|dikorupsi|mengorupsi|penggelapan|menggelapkan) (\w+ ){0,1}(dana|uang|anggaran|bantuan)",
        r"(?<!pemberantasan )tindak pidana korupsi|tipikor|(?<!apa )(dana|uang|anggaran) (\w+ ){0,3}"
        r"(dikorupsi|di korupsi|digelapkan)",
    ]
)
_HURT = (
    r"(dirampok|dibegal|dijambret|dianiaya|diperkosa|ditodong|dibunuh|dikeroyok|kecurian|kemalingan|kerampokan|ditipu"
    r"|tertipu|dicuri|diculik|dibacok)"
)
_DEED = (
    r"(pencurian|perampokan|pembunuhan|penganiayaan|pemerkosaan|penculikan|pembegalan|penjambretan|pengeroyokan"
    r"|penipuan|pencabulan|begal)"
)
_CRIME = any_of(
    [
        rf"((istri|suami|anak|ayah|ibu|adik|kakak) )?(saya|kami) (telah |sudah |baru )?{_HURT}",
        rf"(menjadi|jadi|sebagai|saya|kami) korban {_DEED}",
        rf"(telah|sudah|baru saja|barusan) terjadi (\w+ ){{0,1}}{_DEED}",
        rf"(motor|mobil|hp|dompet|rumah|uang|sepeda|barang) (\w+ )?(saya|kami) (\w+ )?{_HURT}",
        rf"(melaporkan|lapor|laporan) (\w+ ){{0,2}}(tindak pidana|{_DEED}) (?!listrik )",
        r"(bandar|pengedar|transaksi|peredaran|pesta|penjual) (\w+ ){0,1}(narkoba|sabu|ganja|narkotika)",
        r"(bandar|perjudian|agen|pengepul) (\w+ )?(judi|togel|sabung ayam)",
    ]
)
_JUSTICE = any_of(
    [
        r"polisi|polsek\w*|polres\w*|polda\w*|polri|kepolisian|penyidik|kejaksaan|jaksa|kejari|pengadilan|hakim"
        r"|sp2hp|bareskrim"
    ]
)
_UNSERVED = any_of(
    [
        r"(belum|tidak) (\w+ ){0,2}(ditindak\w*|tindak|tindakan|ditanggapi|tanggapan|ditangani|diproses|proses"
        r"|respon\w*|direspon|kejelasan|perkembangan|kabar|dilayani|jelas|hasil|menindak\w*|merespon|melayani|menerima)",
        r"lambat|lamban|dipersulit|mempersulit|ditolak|menolak|mandek|dibiarkan|diabaikan|mengabaikan"
        r"|berlarut|dipingpong",
    ]
)
_LEGISLATIVE = any_of(
    [
        r"(kinerja|oknum|kelakuan|perilaku|etika|gaji|reses|tunjangan|janji) (\w+ ){0,1}(anggota |ketua )?"
        r"(dpr|dprd|dpd|mpr|dewan perwakilan rakyat)",
        r"(anggota|ketua) (dpr|dprd|dpd|mpr) (\w+ ){0,3}(tidak pernah|tidak hadir|bolos|mangkir|berbohong|ingkar)",
        r"(revisi|merevisi|cabut|mencabut|ubah|mengubah|batalkan|tolak|menolak|sahkan|mengesahkan|pengesahan) "
        r"(\w+ ){0,1}(undang undang|uu|ruu|rancangan undang undang)",
    ]
)


def out_of_scope(values: Values, _parameter: object) -> Sequence[Reason]:
    """The authority that the report likely belongs to, as a reason; none for what LAPOR itself takes."""
    text = plain(f"{values.get('title') or ''}\n{values.get('content') or ''}")
    if _CORRUPTION.search(text):
        return [Reason("scope_corruption", "content")]
    if _CRIME.search(text) and not (_JUSTICE.search(text) and _UNSERVED.search(text)):
        return [Reason("scope_crime", "content")]
    return [Reason("scope_legislative", "content")] if _LEGISLATIVE.search(text) else []
