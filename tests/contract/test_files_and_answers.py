"""Do our own connectors keep what only some can promise: files that come whole, and answers that come once?"""

from __future__ import annotations

import email
import imaplib
import mimetypes
from collections.abc import Mapping, Sequence
from email.policy import SMTP
from pathlib import Path

import openpyxl
import pytest

from gateway.testing.files import FilesContract
from gateway.testing.replying import ReplierContract
from gateway.testing.source import AnsweredSource, Complaint, FilesSource
from tests.contract.mail_source import MailSource, mail
from tests.contract.sheet_source import KEY, SheetSource
from tests.servers.dovecot import Dovecot


class MailWithFiles(MailSource, FilesSource):
    """An inbox to which mails with attachments come."""

    def add_with_files(self, one: Complaint, files: Mapping[str, bytes]) -> None:
        message = email.message_from_bytes(mail(one), policy=SMTP)
        for name, content in files.items():
            main, _, sub = (mimetypes.guess_type(name)[0] or "application/octet-stream").partition("/")
            message.add_attachment(content, maintype=main, subtype=sub, filename=name)
        with self.session() as imap:
            imap.append("INBOX", "", imaplib.Time2Internaldate(one.received), message.as_bytes())


class SheetWithNews(SheetSource, AnsweredSource):
    """A CSV of the hotline, with LAPOR's news in a workbook beside it."""

    def __init__(self, file: Path) -> None:
        super().__init__(file, KEY)
        self._news = file.with_name(f"{file.name}.lapor.xlsx")

    def options(self) -> dict[str, object]:
        return {**super().options(), "write_back": {"where": "beside"}}

    def told(self) -> Sequence[str]:
        rows = openpyxl.load_workbook(self._news).worksheets[0].iter_rows(min_row=2, values_only=True)
        return [" ".join(str(cell) for cell in row[-5:]) for row in rows]


class TestMailFiles(FilesContract):
    @pytest.fixture
    def source(self, tmp_path: Path, dovecot: Dovecot) -> MailWithFiles:
        return MailWithFiles(dovecot, tmp_path)


class TestNewsBesideASheet(ReplierContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> SheetWithNews:
        (tmp_path / "bersama").mkdir()
        return SheetWithNews(tmp_path / "bersama" / "hotline.csv")
