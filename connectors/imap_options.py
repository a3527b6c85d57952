"""Which settings has an inbox?"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from connectors import contract
from connectors.options import ConfigPath, Secret
from connectors.tls import is_loopback


class ImapOptions(contract.Options):
    """`[channels.options]` of an inbox."""

    host: str
    port: int | None = Field(default=None, ge=1, le=65535, description="993, or 143 with starttls or none")
    tls: Literal["implicit", "starttls", "none"] = Field(default="implicit", description="none only on loopback")
    ca_file: ConfigPath | None = Field(default=None, description="certificates to trust beside the system's")
    username: str
    password: Secret
    folders: tuple[str, ...] = Field(default=("INBOX",), min_length=1)
    own_addresses: tuple[str, ...] = Field(default=(), description="addresses of this inbox: mail from them is ignored")
    form_senders: tuple[str, ...] = Field(default=(), description="web forms' senders: never taken for machine mail")
    max_message_bytes: int = Field(
        default=25 * 1024 * 1024,
        ge=10_000,
        description="of a larger mail the text is read, its files stay in the mailbox and are named; such a mail is "
        "recognised by its words and the names and sizes of these files, not by their content",
    )
    timeout: float = Field(default=60.0, gt=0, description="seconds")
    idle: bool = Field(
        default=True,
        description="have the server tell of new mail at once in the first folder, over a second connection; "
        "the folder is looked at every `every` all the same",
    )
    after_accepted: Literal["keep", "flag", "move"] = Field(
        default="keep",
        description="what becomes of a mail once LAPOR has its report: flag marks it, move files it away",
    )
    move_to: str | None = Field(default=None, description="the folder for after_accepted = move")

    @model_validator(mode="after")
    def _somewhere_to_move(self) -> ImapOptions:
        if (self.after_accepted == "move") != (self.move_to is not None):
            raise ValueError('after_accepted = "move" and move_to = "FOLDER" belong together')
        if self.move_to is not None and not self.move_to.isprintable():
            raise ValueError("move_to holds a character that no folder's name can hold")
        if self.move_to is not None and self.move_to.casefold() in {folder.casefold() for folder in self.folders}:
            raise ValueError("move_to is one of the folders that are read: name another one")
        return self

    @model_validator(mode="after")
    def _plain_only_on_loopback(self) -> ImapOptions:
        if self.tls == "none" and not is_loopback(self.host):
            raise ValueError('tls = "none" sends the password in clear text; it is allowed on loopback only')
        return self

    def source(self) -> str:
        return f"imap://{self.username}@{self.host}/"
