"""How fast is an inbox taken in, against the standard library's own parsing of its mails, and in how much memory?"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from gateway.config import load
from gateway.log import configure as configure_log
from gateway.work import collect_channel, desk_of
from state.database import create
from tests.bench import workplace
from tests.bench.report import Figure
from tests.servers.account import hand_over, short_folder
from tests.servers.dovecot import Dovecot, dovecot_server

_MAILS = 3_000
_PHOTO = 100_000
_LARGE = 24 * 1024 * 1024
_WORDS = (
    "lampu jalan di depan sekolah dasar mati sejak minggu lalu dan belum diperbaiki oleh petugas mohon segera "
    "ditindaklanjuti karena warga takut melintas pada malam hari terima kasih atas perhatian bapak ibu"
).split()
_CONFIG = """
[gateway]
id = "bench"
timezone = "Asia/Makassar"
state = "sqlite:///gateway.db"
spool = "spool"
[log]
level = "error"
[lapor]
base_url = "http://127.0.0.1:9"
token = "file:password"
[[channels]]
name = "surat"
connector = "imap"
mapping = "email"
start = "all"
source = "Email Instansi"
first_run_limit = 10000000
defaults = {{location_id = "6472", is_anonymous = false, is_secret = false}}
options = {{host = "{host}", port = {port}, tls = "none", username = "{user}", password = "file:password"}}
"""


def measure() -> Sequence[Figure]:
    """Mails as citizens send them, then one mail of about 25 MB; each in a process of its own."""
    with short_folder("bench") as folder, dovecot_server(folder) as server:
        speed = _in_process(_workplace(folder / "a", server, _mixture(_MAILS)), "speed")
        memory = _in_process(_workplace(folder / "b", server, [_photo(random.Random(1), _LARGE * 3 // 4)]), "memory")
    rates = f"{_MAILS} mails, {speed['collect']:.0f}/s taken in, {speed['library']:.0f}/s parsed by the library"
    return [
        Figure("taking mails in against parsing them", speed["ratio"], 0.8, "×", True, rates),
        Figure("memory for a mail of 25 MB", memory["megabytes"], 400, "MB", False, "one mail, collected"),
    ]


def _mixture(count: int) -> Iterator[bytes]:
    chance = random.Random(7)
    kinds = (_plain, _plain, _alternative, _alternative, _html, lambda chance: _photo(chance, _PHOTO))
    for number in range(count):
        yield kinds[number % len(kinds)](chance)


def _mail(chance: random.Random) -> EmailMessage:
    number = chance.randrange(10**12)
    message = EmailMessage()
    message["From"] = f"Warga Contoh {number} <warga{number}@contoh.example>"
    message["To"] = "Dinas Pekerjaan Umum <dinas@contoh.example>"
    message["Subject"] = f"Laporan – {_text(chance, 6)}"
    message["Date"] = "Tue, 03 Feb 2026 09:00:00 +0800"
    message["Message-ID"] = f"<{number}@contoh.example>"
    message["Received"] = "from mail.contoh.example by mx.contoh.example; Tue, 03 Feb 2026 09:00:01 +0800"
    return message


def _text(chance: random.Random, words: int) -> str:
    return " ".join(chance.choice(_WORDS) for _ in range(words))


def _letter(chance: random.Random) -> str:
    return "\n\n".join(_text(chance, chance.randrange(20, 80)) for _ in range(3)) + "\n\nSalam – Warga Contoh\n"


def _plain(chance: random.Random) -> bytes:
    message = _mail(chance)
    message.set_content(_letter(chance))
    return message.as_bytes()


def _as_html(chance: random.Random) -> str:
    paragraphs = "".join(f'<p style="margin:0">{_text(chance, 40)}</p>' for _ in range(4))
    return f"<html><head><style>p {{color: black}}</style></head><body>{paragraphs}</body></html>"


def _alternative(chance: random.Random) -> bytes:
    message = _mail(chance)
    message.set_content(_letter(chance))
    message.add_alternative(_as_html(chance), subtype="html")
    return message.as_bytes()


def _html(chance: random.Random) -> bytes:
    message = _mail(chance)
    message.set_content(_as_html(chance), subtype="html")
    return message.as_bytes()


def _photo(chance: random.Random, size: int) -> bytes:
    message = _mail(chance)
    message.set_content(_letter(chance))
    message.add_attachment(chance.randbytes(size), maintype="image", subtype="jpeg", filename="foto.jpg")
    return message.as_bytes()


def _workplace(folder: Path, server: Dovecot, mails: Sequence[bytes] | Iterator[bytes]) -> Path:
    """A mailbox with these mails, and a configuration that reads it."""
    user = server.new_user()
    inbox = server.mailbox_path(user)
    for part in (inbox.parent, inbox, inbox / "cur", inbox / "new", inbox / "tmp"):
        part.mkdir()
        hand_over(part)
    for number, raw in enumerate(mails):
        file = inbox / "cur" / f"{1_700_000_000 + number}.M{number}.bench:2,"
        file.write_bytes(raw)
        hand_over(file)
    folder.mkdir()
    (folder / "password").write_text(server.password, encoding="utf-8")
    path = folder / "config.toml"
    path.write_text(_CONFIG.format(host=server.host, port=server.port, user=user), encoding="utf-8")
    (folder / "mails").symlink_to(inbox / "cur")
    return path


def _in_process(path: Path, which: str) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.mails", str(path), which]
    child = subprocess.run(command, capture_output=True, text=True, check=False, cwd=workplace.ROOT)
    if child.returncode:
        sys.exit(child.stderr)
    figures: dict[str, float] = json.loads(child.stdout)
    return figures


def _collected(path: Path) -> tuple[int, float]:
    """How many reports there are, and the seconds that it took."""
    config = load(path)
    configure_log(config.log)
    create(config.gateway.state, None, config.gateway.id).close()
    with desk_of(config) as desk:
        begun = time.perf_counter()
        result = collect_channel(desk, config.channels[0])
        elapsed = time.perf_counter() - begun
    assert result.outcome == "ok", result
    return result.counts["new"], elapsed


def _speed(path: Path) -> dict[str, float]:
    files = sorted((path.parent / "mails").iterdir())
    begun = time.perf_counter()
    for file in files:
        _read_by_library(file.read_bytes())
    library = time.perf_counter() - begun
    count, elapsed = _collected(path)
    assert count == len(files)
    return {"collect": count / elapsed, "library": count / library, "ratio": library / elapsed}


def _read_by_library(raw: bytes) -> None:
    message = message_from_bytes(raw, policy=policy.default)
    for part in message.walk():
        if not part.is_multipart():
            part.get_content()  # type: ignore[attr-defined]
    for name in ("subject", "from", "to", "date"):
        str(message[name])


def _memory(path: Path) -> dict[str, float]:
    count, _ = _collected(path)
    assert count == 1
    return {"megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


if __name__ == "__main__":
    found = (_speed if sys.argv[2] == "speed" else _memory)(Path(sys.argv[1]))
    sys.stdout.write(json.dumps(found))
