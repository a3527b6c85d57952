"""What does the demo show? Two rounds of the real commands, the second proving that nothing is sent twice."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from gateway.demo import inbox, postbox, sources

_TOKEN = "mock-token"
_CONFIG = '''\
# The demo's configuration. Everything is on loopback; config.example.toml explains each key.
[gateway]
id = "demo"
timezone = "Asia/Makassar"
state = "sqlite:///var/gateway.db"
spool = "var/spool"

[lapor]
base_url = "{lapor}"
token = "file:secrets/token"
rate = "100/s"

[[channels]]
name = "surel-dishub"
connector = "imap"
mapping = "email"
start = {start}
institution_id = "13293"
source = "Email Instansi"
defaults = {{location_id = "6472", is_anonymous = true, is_secret = false}}
[channels.options]
host = "127.0.0.1"
port = {imap}
tls = "none"
username = "{user}"
password = "file:secrets/inbox"
after_accepted = "flag"
[channels.answers]
agency = "Dinas Perhubungan Contoh"
contact = "0541-123456"
[channels.answers.smtp]
host = "127.0.0.1"
port = {smtp}
tls = "none"
sender = "Dinas Perhubungan Contoh <pengaduan@example.go.id>"

[[channels]]
name = "web-pengaduan"
connector = "sql"
mapping = "webform"
start = {start}
source = "Website Institusi"
defaults = {{location_id = "6472", is_anonymous = true}}
[channels.options]
url = "sqlite:///pengaduan.db"
query = "SELECT p.*, m.nama, m.telp FROM pengaduan p JOIN masyarakat m ON m.nik = p.nik"
key = ["id_pengaduan"]
[channels.options.write_back]
status_column = "status"
status = {{received = "proses", disposed = "proses", in_progress = "proses", replied = "proses", closed = "selesai"}}
statements = [
  "UPDATE pengaduan SET status = :status WHERE id_pengaduan = :id_pengaduan AND status = :previous",
  """INSERT INTO tanggapan (id_pengaduan, tgl_tanggapan, tanggapan) SELECT :id_pengaduan, :date, :words
     WHERE NOT EXISTS (SELECT 1 FROM tanggapan WHERE id_pengaduan = :id_pengaduan AND tanggapan = :words)""",
]
[channels.answers]
agency = "Dinas PUPR Contoh"

[[channels]]
name = "hotline"
connector = "spreadsheet"
mapping = "spreadsheet"
start = {start}
source = "Call Center"
defaults = {{location_id = "6472", is_anonymous = false, is_secret = false}}
[channels.options]
path = "hotline.xlsx"
key = ["No"]
date_format = "%d/%m/%Y"
[channels.options.write_back]
where = "beside"
[channels.answers]
agency = "Dinas Perhubungan Contoh"
'''
_STOP = "#!/bin/sh\n# Ends the demo's IMAP and SMTP servers and the mock LAPOR.\nkill {pids} 2>/dev/null\n"


def demo(keep: Path | None) -> None:
    """Run the demo in a temporary folder, or in `keep`, where everything then goes on running."""
    folder = (keep or Path(tempfile.mkdtemp(prefix="lapor-demo-"))).resolve()
    if keep is not None and folder.exists() and any(folder.iterdir()):
        sys.exit(f"{folder} is not empty: name a new folder for the demo")
    processes: list[subprocess.Popen[Any]] = []
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        show = _Show(folder, processes)
        show.run()
        if keep is not None:
            show.leave_running()
            processes.clear()
    except inbox.NoServer as error:
        sys.exit(str(error))
    finally:
        for process in processes:
            process.terminate()
            process.wait()
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)


class _Show:
    """The demo's course. `processes` takes up what has to be ended."""

    def __init__(self, folder: Path, processes: list[subprocess.Popen[Any]]) -> None:
        self._folder = folder
        self._processes = processes
        self._lapor = ""

    def run(self) -> None:
        _say("1. Three channels of an agency, and a LAPOR to file in")
        self._prepare()
        _say("2. Set up: make the state, and check that everything answers")
        self._command("state", "init")
        self._command("check")
        _say("3. First round: every complaint goes to LAPOR")
        self._command("sync")
        self._filed()
        _say("4. Second round: nothing is sent twice")
        self._command("sync")
        self._filed()
        _say("5. Six days later: LAPOR's follow-ups come back, and the citizens are told where they wrote")
        httpx.post(f"{self._lapor}/_mock/clock", json={"advance": "6d"}).raise_for_status()
        self._command("sync")
        self._told()
        self._command("show", "2")
        _say("6. What an operator sees")
        self._command("held")
        self._command("status")
        _print(
            "\nWhere to look next: README.md (the whole in a page), config.example.toml (every setting),\n"
            "docs/ (delivery, mappings, operation). `make demo KEEP=DIR` leaves all of this running to play with."
        )

    def _told(self) -> None:
        """What one citizen got by mail, what stands in the application's own tables, and beside the sheet."""
        _print("\n   Mails to warga.contoh@example.org, in the thread of their own:")
        for mail in postbox.arrived(self._folder / "post", "warga.contoh@example.org"):
            told = " ".join(postbox.text(mail).split())[:150]
            _print(f"   - {postbox.subject(mail)} (In-Reply-To: {mail['In-Reply-To']})\n     {told} …")
        _print("\n   In the web form's own database:")
        for number, status, answer in sources.told(self._folder / "pengaduan.db"):
            _print(f"   - pengaduan {number}: status {status}; tanggapan: {str(answer or 'belum ada')[:90]}")
        _print("\n   Beside the hotline's sheet: hotline.lapor.xlsx")

    def leave_running(self) -> None:
        """Say how to go on with the demo and how to end it."""
        pids = " ".join(str(process.pid) for process in self._processes)
        (self._folder / "stop.sh").write_text(_STOP.format(pids=pids), encoding="utf-8")
        _print(f"\nEverything is still running in {self._folder}: the mock LAPOR is at {self._lapor}.")
        _print(f"Try: lapor-gateway run -c {self._folder}/config.toml    End it: sh {self._folder}/stop.sh")

    def _prepare(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        now = datetime.now(sources.WITA).replace(microsecond=0)
        process, imap, server = inbox.start(self._folder / "imap")
        self._processes.append(process)
        inbox.deliver(imap, sources.mails(now))
        sources.database(self._folder / "pengaduan.db", now.date())
        sources.spreadsheet(self._folder / "hotline.xlsx", now.date())
        # As if it had been saved a while ago: a file that has just been written is left alone for a moment.
        os.utime(self._folder / "hotline.xlsx", (time.time() - 60,) * 2)
        self._start_lapor()
        post, smtp = postbox.start(self._folder / "post")
        self._processes.append(post)
        self._configure(imap, smtp, now - timedelta(days=14))
        _print(f"   inbox of 5 mails at {server}, web form's SQLite database of 5 rows, hotline's xlsx of 4 rows")
        _print(f"   mock LAPOR at {self._lapor}")

    def _start_lapor(self) -> None:
        command = [sys.executable, "-m", "gateway", "mock", "--port", "0", "--life", "auto", "--seed", "7"]
        command += ["--data", str(self._folder / "lapor.jsonl")]
        with (self._folder / "lapor.log").open("wb") as log:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True
            )
        self._processes.append(process)
        assert process.stdout is not None
        with process.stdout as output:
            words = output.readline().split()
        self._lapor = next((word for word in words if word.startswith("http")), "")
        if not self._lapor:
            raise inbox.NoServer(f"the mock LAPOR did not start; see {self._folder / 'lapor.log'}")

    def _configure(self, imap: int, smtp: int, start: datetime) -> None:
        secrets = self._folder / "secrets"
        secrets.mkdir(mode=0o700)
        (secrets / "token").write_text(_TOKEN, encoding="utf-8")
        (secrets / "inbox").write_text(inbox.PASSWORD, encoding="utf-8")
        values = {"lapor": self._lapor, "imap": imap, "smtp": smtp, "user": inbox.USER}
        values["start"] = start.date().isoformat()
        (self._folder / "config.toml").write_text(_CONFIG.format_map(values), encoding="utf-8")

    def _command(self, *arguments: str) -> None:
        """Run the real command as a person would, and show it."""
        _print(f"\n$ lapor-gateway {' '.join(arguments)} -c config.toml")
        command = [sys.executable, "-m", "gateway", *arguments, "-c", str(self._folder / "config.toml")]
        environment = {**os.environ, "LAPOR_GATEWAY_LOG__FORMAT": "console"}
        environment.setdefault("COLUMNS", "140")
        subprocess.run(command, check=True, stderr=subprocess.STDOUT, env=environment)

    def _filed(self) -> None:
        counts: dict[str, int] = httpx.get(f"{self._lapor}/_mock/counts").json()
        twice = [external_id for external_id, count in counts.items() if count != 1]
        _print(f"\n   LAPOR now has {len(counts)} reports, {len(twice)} of them more than once.")
        if twice:
            sys.exit("a report was filed twice")


def _say(text: str) -> None:
    _print(f"\n== {text}")


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
