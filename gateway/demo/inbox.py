"""Where do the demo's mails lie? In a real IMAP server: Dovecot where it is installed, else pymap from PyPI."""

from __future__ import annotations

import getpass
import grp
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

from imapclient import IMAPClient

USER = "pengaduan"
PASSWORD = "rahasia-demo"
_START_SECONDS = 10.0

_COMMON = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
listen = 127.0.0.1
first_valid_uid = 1
ssl = no
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
}}
service anvil {{
  chroot =
}}
"""
_SYNTAX_2_3 = """
protocols = imap
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}
}}
"""
_SYNTAX_2_4 = """
protocols {{
  imap = yes
}}
auth_allow_cleartext = yes
mail_driver = maildir
mail_path = {folder}/mail
passdb static {{
  password = {password}
}}
userdb static {{
  fields {{
    uid = {uid}
    gid = {gid}
    home = {folder}
  }}
}}
"""
_HEAD_2_4 = "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n"


class NoServer(RuntimeError):
    """No IMAP server could be started; the text says what to install."""


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(folder: Path) -> tuple[subprocess.Popen[bytes], int, str]:
    """Start an IMAP server; its process, its port and its name."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    command, name = _dovecot(folder, port) or _pymap(port)
    with (folder / "imap.log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    _await(port, process, name)
    return process, port, name


def deliver(port: int, mails: Sequence[tuple[bytes, datetime]]) -> None:
    """Put the mails into the inbox."""
    with IMAPClient("127.0.0.1", port, ssl=False) as client:
        client.login(USER, PASSWORD)
        for raw, arrived in mails:
            client.append("INBOX", raw, msg_time=arrived)


def _dovecot(folder: Path, port: int) -> tuple[Sequence[str], str] | None:
    binary = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")
    if binary is None:
        return None
    version = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout.split()[0]
    newer = version.startswith("2.4")
    text = (_HEAD_2_4 if newer else "") + _COMMON + (_SYNTAX_2_4 if newer else _SYNTAX_2_3)
    # Mail processes must not run as root, also where everything else does.
    uid, gid = (os.getuid(), os.getgid()) if os.getuid() else (65534, 65534)
    values = {"folder": folder, "port": port, "password": PASSWORD, "uid": uid, "gid": gid}
    configuration = folder / "dovecot.conf"
    configuration.write_text(text.format_map(values) + _own_account(), encoding="utf-8")
    _open_to(folder, uid, gid)
    return [binary, "-F", "-c", str(configuration)], f"Dovecot {version}"


def _own_account() -> str:
    if os.getuid() == 0:
        return ""
    user, group = getpass.getuser(), grp.getgrgid(os.getgid()).gr_name
    return f"default_internal_user = {user}\ndefault_login_user = {user}\ndefault_internal_group = {group}\n"


def _open_to(folder: Path, uid: int, gid: int) -> None:
    (folder / "mail").mkdir(exist_ok=True)
    if os.getuid() == 0:
        os.chown(folder / "mail", uid, gid)
        os.chown(folder, uid, gid)
        for parent in (folder, *list(folder.parents)[:2]):
            parent.chmod(parent.stat().st_mode | 0o011)


def _pymap(port: int) -> tuple[Sequence[str], str]:
    if find_spec("pymap") is None:
        raise NoServer("the demo needs an IMAP server: install dovecot-imapd, or pip install 'lapor-gateway[demo]'")
    code = "from pymap.main import main; main()"
    arguments = ["--host", "127.0.0.1", "--port", str(port), "--no-tls", "dict", "--demo-user", USER]
    return [sys.executable, "-c", code, *arguments, "--demo-password", PASSWORD], "pymap"


def _await(port: int, process: subprocess.Popen[bytes], name: str) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                if connection.recv(100).startswith(b"* OK"):
                    return
        except OSError:
            time.sleep(0.05)
    process.kill()
    raise NoServer(f"{name} did not start; its log is beside the demo's data")
