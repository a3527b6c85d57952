"""Do the mails that Indonesian citizens and their programs send arrive as their writers meant them?"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from email import message_from_bytes
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from connectors.machine_mail import reason
from connectors.message import Mail, parse
from mappings.quotes import own_words

MAILS = Path(__file__).parents[1] / "mails"
STEMS = sorted(path.stem for path in MAILS.glob("*.eml"))
REASONS = {"bounce", "auto_reply", "mailing_list", "invitation", "own_mail"}
FIELDS = {"about", "kind", "reason", "from_name", "from_email", "subject", "text", "attachments"}


@lru_cache
def expected(stem: str) -> Mapping[str, Any]:
    return tomllib.loads((MAILS / f"{stem}.toml").read_text(encoding="utf-8"))


@lru_cache
def mail(stem: str) -> Mail:
    """The mail with the line ends of the wire, whatever a checkout has made of them."""
    raw = (MAILS / f"{stem}.eml").read_bytes()
    return parse(raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


def plain(text: str) -> str:
    """The text without blanks at line ends and with at most one empty line in a row."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def html_of(stem: str) -> str:
    """The HTML that stands beside the plain text or instead of it."""
    message = message_from_bytes((MAILS / f"{stem}.eml").read_bytes())
    parts = [part for part in message.walk() if part.get_content_type() == "text/html"]
    return "\n".join(part.get_payload(decode=True).decode(part.get_content_charset()) for part in parts)


WRITTEN = [stem for stem in STEMS if expected(stem)["kind"] != "ignored"]

IN_HTML = [stem for stem in WRITTEN if html_of(stem)]


def test_forty_mails_have_each_an_expectation() -> None:
    assert len(STEMS) >= 40
    assert sorted(path.stem for path in MAILS.glob("*.toml")) == STEMS


@pytest.mark.parametrize("stem", STEMS)
def test_an_expectation_is_complete(stem: str) -> None:
    wanted = expected(stem)
    assert set(wanted) == FIELDS
    assert wanted["kind"] in {"report", "held", "ignored"}
    assert wanted["reason"] in (REASONS if wanted["kind"] == "ignored" else {""})


@pytest.mark.parametrize("stem", STEMS)
def test_the_head_is_read(stem: str) -> None:
    wanted, got = expected(stem), mail(stem)
    assert got.from_name == wanted["from_name"]
    assert got.from_email == wanted["from_email"]
    assert got.subject == wanted["subject"]


@pytest.mark.parametrize("stem", STEMS)
def test_every_file_arrives_under_its_name(stem: str) -> None:
    got = mail(stem)
    assert [file.name for file in got.files] == expected(stem)["attachments"]
    assert all(file.content for file in got.files)


@pytest.mark.parametrize("stem", STEMS)
def test_people_are_told_from_machines(stem: str) -> None:
    assert (reason(mail(stem), set(), set()) or "") == expected(stem)["reason"]


@pytest.mark.parametrize("stem", WRITTEN)
def test_the_writers_own_words_arrive(stem: str) -> None:
    got = mail(stem)
    assert plain(own_words(got.text, got.html)) == plain(expected(stem)["text"])


@pytest.mark.parametrize("stem", IN_HTML)
def test_the_html_alone_says_the_same(stem: str) -> None:
    """Many programs write the same without plain text; there, line ends are the renderer's."""
    assert own_words("", html_of(stem)).split() == expected(stem)["text"].split()
