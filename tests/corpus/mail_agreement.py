"""How far does the mail reader agree with what others say of the same real mails?

`python -m tests.corpus.mail_agreement` writes the table of `docs/mail.md` anew.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

from connectors import machine_mail
from connectors.message import Mail, parse
from mappings.html_text import to_text
from mappings.quotes import reply_words
from tests.conftest import CORPORA

DOCUMENT = Path(__file__).parents[2] / "docs" / "mail.md"
BEGIN, END = "<!-- results: begin (make corpora) -->", "<!-- results: end -->"
ALIKE = 95.0
"""Per cent, of characters without blanks (normalised indel similarity)."""
OTHER_LANGUAGES = (
    "chinese dutch french german italian norwegian polish portuguese russian spanish swedish ukrainian"
).split()  # fmt: skip
_TOP, _MAILS, _TEXTS = frozenset[str](), frozenset({"attached mails"}), frozenset({"attached texts"})
_PARTING = re.compile(r"^(--\S.*|(Content-[\w-]+|MIME-Version):.*(\n[ \t].*)*)\n?", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Line:
    """A line of the table: of so many, so many agree, and which do not."""

    what: str
    of: int
    agree: int
    not_agreeing: Sequence[str]

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.agree / self.of


def stalwart(corpora: Path) -> Sequence[Line]:
    """Subject, sender and text against the JSON that another parser has written for each mail."""
    root = corpora / "email" / "stalwart-mail-parser"
    wrong: dict[str, list[str]] = {"subject": [], "from": [], "text": []}
    pairs = [(path, path.with_suffix(".eml")) for path in sorted(root.rglob("*.json")) if ".crlf." not in path.name]
    pairs = [(expected, mail) for expected, mail in pairs if mail.exists()]
    for expected, mail in pairs:
        for field in _differing(json.loads(expected.read_text(encoding="utf-8")), parse(mail.read_bytes())):
            wrong[field].append(f"{mail.parent.name}/{mail.name}")
    lines = [
        Line(f"{field} as in the JSON", len(pairs), len(pairs) - len(names), names) for field, names in wrong.items()
    ]
    all_wrong = sorted({name for names in wrong.values() for name in names})
    return [*lines, Line("all three of one mail", len(pairs), len(pairs) - len(all_wrong), all_wrong)]


def replies(corpora: Path) -> Line:
    """What was written in a reply in English, against the trimmed text beside it."""
    root = corpora / "email-reply" / "discourse" / "test"
    names = [path.name for path in sorted((root / "emails").iterdir())]
    names = [name for name in names if not any(language in name for language in OTHER_LANGUAGES)]
    wrong = []
    for name in names:
        mail, trimmed = ((root / kind / name).read_text(encoding="utf-8") for kind in ("emails", "trimmed"))
        if not _alike(trimmed, reply_words(mail, "")):
            wrong.append(name)
    return Line("own words of a reply in English", len(names), len(names) - len(wrong), wrong)


def kinds(corpora: Path) -> Mapping[str, int]:
    """What becomes of every mail of the corpora: `report`, or why it is ignored. None raises."""
    return Counter(machine_mail.reason(parse(path.read_bytes()), set(), set()) or "report" for path in mails(corpora))


def mails(corpora: Path) -> Iterator[Path]:
    """Every file of the mail corpus that is a mail."""
    for path in sorted((corpora / "email").rglob("*")):
        if (
            path.is_file()
            and path.suffix not in {".json", ".golden", ".png"}
            and path.name not in {"COPYING", "LICENSE"}
        ):
            yield path


def _differing(expected: Mapping[str, Any], mail: Mail) -> Iterator[str]:
    subject, sender = _heads(expected)
    if not _alike(subject, mail.subject):
        yield "subject"
    if sender != mail.from_email:
        yield "from"
    ours = mail.text or to_text(mail.html)
    # Attached mails, and text parts that it calls attachments, are text to a citizen: the gateway shows them too.
    choices = [_TOP, _TOP | _MAILS, _TOP | _TEXTS, _TOP | _MAILS | _TEXTS]
    if not any(_alike("\n".join(_texts(expected, choice)), ours) for choice in choices):
        yield "text"


def _heads(expected: Mapping[str, Any]) -> tuple[str, str]:
    heads = {
        (head["name"] if isinstance(head["name"], str) else head["name"].get("other", "")).lower(): head["value"]
        for head in reversed(expected["parts"][0]["headers"])
    }
    subject, sender = heads.get("subject"), heads.get("from")
    addresses = sender.get("Address", {}) if isinstance(sender, dict) else {}
    listed = addresses.get("List") or [one for group in addresses.get("Group", []) for one in group["addresses"]]
    address = (listed[0]["address"] if listed else "") or ""
    return (subject.get("Text", "") if isinstance(subject, dict) else ""), address.lower()


def _texts(expected: Mapping[str, Any], choice: frozenset[str]) -> Iterator[str]:
    for number, part in enumerate(expected["parts"]):
        body = part["body"]
        if not isinstance(body, dict):
            continue
        if isinstance(body.get("Message"), dict) and choice >= _MAILS:
            yield from _texts(body["Message"], choice)
        elif number in expected["text_body"] or (choice >= _TEXTS and number in expected["attachments"]):
            yield body["Text"] if "Text" in body else to_text(body.get("Html", ""))


def _alike(expected: str, ours: str) -> bool:
    one, other = _bare(expected), _bare(ours)
    if "\ufffd" in one:
        # Where the other parser knew no character, ours may know one.
        return re.fullmatch("".join("." if mark == "\ufffd" else re.escape(mark) for mark in one), other) is not None
    return fuzz.ratio(one, other) >= ALIKE


def _bare(text: str) -> str:
    """The text without blanks and without the lines that part a multipart mail, which broken mails leave in it."""
    return "".join(_PARTING.sub("", text.replace("\r", "").replace("\0", "")).split())


def table(corpora: Path) -> str:
    """The results as Markdown."""
    lines = [*stalwart(corpora), replies(corpora)]
    rows = [f"| {line.what} | {line.of} | {line.agree} | {line.share:.1%} |" for line in lines]
    found = kinds(corpora)
    told = ", ".join(f"{count} `{kind}`" for kind, count in sorted(found.items(), key=lambda item: -item[1]))
    return "\n".join(
        [
            "| | of | agree | |",
            "|---|---|---|---|",
            *rows,
            "",
            f"Of all {sum(found.values())} mails: {told}; none raises.",
        ]
    )


def main() -> None:
    """Write the table into the document."""
    text = DOCUMENT.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    DOCUMENT.write_text(f"{head}{BEGIN}\n{table(CORPORA)}\n{END}{tail}", encoding="utf-8")
    sys.stdout.write(f"{table(CORPORA)}\n")


if __name__ == "__main__":
    main()
