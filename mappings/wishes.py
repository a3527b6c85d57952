"""Does the text itself ask for secrecy or anonymity, where the report's two flags ask for neither?"""

from __future__ import annotations

from collections.abc import Sequence

from mappings.personal_data import without_masks
from mappings.phrases import any_of, plain
from mappings.report import PRIVACY, Reason, Values

_MINE = r"(nama|identitas|data|nomor|hp|telepon|laporan|aduan|pengaduan|diri|pelapor|pengirim|email|kerahasiaan)\w*"
_TELL = r"(menyebut\w*|(di|meng|men|mem)?(sebut|cantum|tampil|publik|sebar|bocor|ungkap)\w*)"
_HIDE = r"((di ?)?rahasiakan|disamarkan|disembunyikan|dijaga kerahasiaan\w*|dilindungi kerahasiaan\w*)"
_PLEASE = r"(mohon|tolong|harap|minta|agar|supaya)"
_US = r"(saya|kami|pelapor|pengirim|ini|ku)"
_NOT = r"(?<!tidak )(?<!jangan )(?<!perlu )(?<!kenapa )(?<!mengapa )(?<!yang )"
_ASKS = any_of(
    [
        rf"{_NOT}(di ?)?rahasiakan (\w+ )?{_MINE} (\w+ )?{_US}",
        rf"{_NOT}(di ?)?rahasiakan (nama|identitas|laporan)(ku|nya)",
        rf"{_MINE} {_US} (\w+ ){{0,3}}{_NOT}{_HIDE}",
        rf"{_PLEASE} (\w+ )?(nama|identitas|laporan|pelapor)(nya|ku)? (\w+ )?{_NOT}{_HIDE}",
        rf"{_PLEASE} (untuk |agar |supaya )?(di ?)?rahasiakan",
        rf"(jaga|menjaga|jamin|dijaga|dijamin) kerahasiaan (\w+ )?({_MINE} )?{_US}",
        rf"kerahasiaan ({_MINE} )?{_US} (\w+ )?(dijaga|dijamin|terjaga|terjamin)",
        rf"(jangan|tidak usah|tidak perlu) (\w+ )?{_TELL} (\w+ )?{_MINE} {_US}",
        rf"{_MINE} {_US} (\w+ ){{0,2}}jangan (\w+ ){{0,2}}({_TELL}|diketahui)",
        rf"(agar|supaya|mohon|ingin|mau|harap|minta) (\w+ ){{0,1}}{_MINE} {_US} tidak ({_TELL}|diketahui)",
        rf"{_MINE} {_US} (agar|supaya|mohon|harap|ingin) tidak ({_TELL}|diketahui)",
        r"(mohon|tolong|harap|minta) (untuk )?(jangan|tidak) (di ?)?(publikasikan|publish|ekspos|sebarluaskan)",
        r"(jangan|tidak) (ingin |mau )?(di ?)(publikasikan|publish|tampilkan|sebarkan) (ke publik|ke umum|di publik)",
        r"(saya|kami) (ingin|mau|minta|mohon|harap) (\w+ ){0,2}(anonim|(di ?)?rahasiakan)",
        r"(saya|kami) (\w+ )?takut (\w+ ){0,4}(nama|identitas) (saya|kami) (\w+ ){0,2}(diketahui|ketahuan|terbongkar)",
    ]
)


def asks_secrecy(values: Values, _parameter: object) -> Sequence[Reason]:
    """A reason where the words ask and no flag is set; the flags are never changed by words."""
    if any(values.get(name) is True for name in PRIVACY):
        return []
    text = plain(without_masks(f"{values.get('title') or ''}\n{values.get('content') or ''}"))
    return [Reason("asks_secrecy", "content")] if _ASKS.search(text) else []
