"""Where do the demo's answers to citizens arrive? In a mail folder, behind an SMTP server of its own."""

from __future__ import annotations

import mailbox
import re
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path

_PATIENCE = 10.0


def start(folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    """Run the server; its process, and the port on loopback that it listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}"]
    command += ["-c", "aiosmtpd.handlers.Mailbox", str(folder)]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    _wait(port)
    return process, port


def arrived(folder: Path, address: str) -> Sequence[Message]:
    """The mails to that address, oldest first."""
    box = mailbox.Maildir(folder, create=False)
    # A Maildir key begins with the moment of arrival.
    mails = [box[key] for key in sorted(box.keys(), key=_arrival)]
    return [mail for mail in mails if address in str(mail["To"])]


def subject(mail: Message) -> str:
    """The subject in readable words."""
    return str(make_header(decode_header(str(mail["Subject"]))))


def text(mail: Message) -> str:
    """The plain part."""
    part = next(part for part in mail.walk() if part.get_content_type() == "text/plain")
    return bytes(part.get_payload(decode=True) or b"").decode("utf-8", "replace")


def _arrival(key: str) -> tuple[int, ...]:
    """Seconds and microseconds of a key such as 1700000000.M123P45Q6.host."""
    return tuple(int(number) for number in re.findall(r"^([0-9]+)\.M([0-9]+)", key)[0]) if ".M" in key else ()


def _wait(port: int) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        try:
            with smtplib.SMTP("127.0.0.1", port, timeout=1):
                return
        except OSError:
            time.sleep(0.05)
