"""Where may a server keep its data, and as whom does it run?"""

import os
import pwd
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.servers.process import require


@contextmanager
def short_folder(name: str) -> Iterator[Path]:
    """A folder for one server, removed at the end; not under TMPDIR, as a Unix socket path has at most 107 bytes."""
    with tempfile.TemporaryDirectory(prefix=f"lg-{name}-", dir="/tmp") as path:
        folder = Path(path)
        folder.chmod(0o755)
        yield folder


def service_account() -> pwd.struct_passwd:
    """Who servers that refuse root run as: `nobody` when we are root, else ourselves."""
    return pwd.getpwnam("nobody") if _are_root() else pwd.getpwuid(os.getuid())


def as_service(command: Sequence[str | Path]) -> list[str | Path]:
    """The command that runs `command` as the service account, with the same pid."""
    if not _are_root():
        return list(command)
    account = service_account()
    drop = [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    return [require("setpriv", "util-linux"), *drop, "--", *command]


def hand_over(folder: Path) -> None:
    """Give `folder` to the service account."""
    account = service_account()
    os.chown(folder, account.pw_uid, account.pw_gid)


def _are_root() -> bool:
    return os.geteuid() == 0
