"""What does Dovecot's configuration look like, in the syntax of its version?"""

import grp
import os
from dataclasses import dataclass
from pathlib import Path

from tests.servers.account import service_account
from tests.servers.certificate import Certificate

# Common to 2.3 and 2.4. Failed logins are not slowed down, so that tests of wrong passwords are quick; nothing is
# chrooted, as that needs root; the mailbox is looked at every second should inotify not work.
COMMON = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = /dev/stderr
listen = 127.0.0.1
auth_mechanisms = plain login
auth_failure_delay = 0
first_valid_uid = 1
mail_max_userip_connections = 1000
mailbox_idle_check_interval = 1s
ssl = yes
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""

SYNTAX_2_3 = """
protocols = imap
disable_plaintext_auth = no
mail_fsync = never
mail_location = maildir:~/Maildir
ssl_cert = <{certificate}
ssl_key = <{key}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
"""

SYNTAX_2_4 = """
protocols {{
  imap = yes
}}
auth_allow_cleartext = yes
mail_fsync = never
mail_driver = maildir
mail_path = ~/Maildir
ssl_server_cert_file = {certificate}
ssl_server_key_file = {key}
passdb static {{
  password = {password}
}}
userdb static {{
  fields {{
    uid = {uid}
    gid = {gid}
    home = {folder}/mail/%{{user}}
  }}
}}
"""

# These two must be the first settings in a 2.4 file.
HEAD_2_4 = "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n"

WITHOUT_ROOT = """
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
"""


@dataclass(frozen=True)
class Settings:
    """What a configuration is made from."""

    folder: Path
    port: int
    tls_port: int
    password: str
    certificate: Certificate


def configuration(version: tuple[int, int], settings: Settings) -> str:
    """The text of dovecot.conf for that Dovecot `version`."""
    head, syntax = (HEAD_2_4, SYNTAX_2_4) if version >= (2, 4) else ("", SYNTAX_2_3)
    return head + (COMMON + syntax).format_map(_values(settings)) + _identity()


def _values(settings: Settings) -> dict[str, object]:
    account = service_account()
    return {
        "folder": settings.folder,
        "port": settings.port,
        "tls_port": settings.tls_port,
        "password": settings.password,
        "certificate": settings.certificate.file,
        "key": settings.certificate.key_file,
        "uid": account.pw_uid,
        "gid": account.pw_gid,
    }


def _identity() -> str:
    if os.geteuid() == 0:
        return ""
    account = service_account()
    return WITHOUT_ROOT.format(user=account.pw_name, group=grp.getgrgid(account.pw_gid).gr_name)
