"""Do citizens write to this folder themselves, or does a web form mail what they entered, and which form is it?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from connectors.contract import Scalar
from connectors.discovery import Place
from connectors.imap_discover import MACHINE
from gateway.proposals.fields import Confidence, Guess
from gateway.proposals.mapping_text import toml
from gateway.proposals.names import likeness
from gateway.proposals.values import Looks, looks
from mappings import load
from mappings.engine import FieldMapping
from mappings.forms import plain
from mappings.html_text import to_text

Understood = tuple[str | None, str, Sequence[Guess], dict[str, object], Sequence[str]]
"""The preset or None, the mapping's text, its fields, options of the channel, and notes."""

_LABEL = re.compile(r"^[ \t*\-•]*([^\W\d_][^:\n]{1,40}?)[ \t*]*:(?!//)[ \t]*(.*)$", re.MULTILINE)
_MOST = 0.6
_FEW = 2
_ENTRIES = {
    "pesan": "content", "nama": "reporter_name", "email": "reporter_email", "hp": "reporter_phone",
    "nik": "reporter_nik", "subjek": "title", "tanggal": "date_of_incident",
}  # fmt: skip
_SECRECY = {"anonim": "is_anonymous", "rahasia": "is_secret"}
_THEN = {"reporter_email": "email", "reporter_phone": "phone", "reporter_nik": "nik", "reporter_name": "one_line"}


def understood(place: Place) -> Understood:
    """What becomes of a folder's mails."""
    forms, senders = _form_mails(place.rows)
    if not forms:
        return "email", "", _of_people(place), {}, _secrecy_notes(())
    options: dict[str, object] = {"form_senders": senders}
    notes = [f"{len(forms)} of the newest {len(place.rows)} mails are a web form's, sent by one address"]
    preset = _best(forms)
    if preset is not None:
        found = _of_form(load.load(load.find(preset, Path())), preset, forms)
        return preset, "", found, options, [*notes, *_secrecy_notes(guess.field for guess in found)]
    text, found = _own_form(forms)
    if not text:
        return "email", "", _of_people(place), {}, [*notes, "none of its labels is like a message's"]
    return None, text, found, options, [*notes, *_secrecy_notes(())]


def _form_mails(rows: Sequence[Mapping[str, Scalar]]) -> tuple[list[str], list[str]]:
    """The texts of the mails in which one sender repeats the same labels, and that sender."""
    by_sender: dict[str, list[str]] = {}
    for row in rows:
        if row.get(MACHINE) in ("", "auto_reply", "mailing_list", "own_mail"):
            by_sender.setdefault(str(row.get("from_email")), []).append(_said(row))
    likely = {sender: texts for sender, texts in by_sender.items() if len(_labels(texts)) >= _FEW + 1 and sender}
    if not likely:
        return [], []
    sender = max(likely, key=lambda name: len(likely[name]))
    return likely[sender], [sender]


def _said(row: Mapping[str, Scalar]) -> str:
    """The mail as its form would be read: HTML with its tables as it is."""
    return str(row.get("html") or row.get("text") or "")


def _labels(texts: Sequence[str]) -> list[str]:
    """Labels that stand in most of these mails, in their order. Two mails at least: any citizen may write a colon."""
    counted: Counter[str] = Counter()
    for text in texts:
        counted.update({" ".join(match[1].split()) for match in _LABEL.finditer(to_text(text))})
    if len(texts) < _FEW:
        return [label for label in counted if likely_entry(label)]
    return [label for label, count in counted.items() if count >= _MOST * len(texts)]


def _best(texts: Sequence[str]) -> str | None:
    """The preset of forms that understands most: the message in nearly every mail, and many labels."""
    scores: dict[str, float] = {}
    for name in load.presets():
        form = load.load(load.find(name, Path())).form
        if form is None:
            continue
        read = [form.read(text) for text in texts]
        whole = [one for one in read if one.get(form.last) and len(one) >= _FEW]
        if len(whole) >= _MOST * len(texts):
            scores[name] = sum(len(one) - 2 * ("lain" in one) for one in read) / len(read)
    return max(scores, key=lambda name: (scores[name], name == "form-mailer"), default=None)


def likely_entry(label: str) -> str:
    """The entry that a label is likely to stand for; empty for none."""
    form = load.load(load.find("form-mailer", Path())).form
    named = form.by_label.get(plain(label), "") if form else ""
    if named:
        return named
    scores = {entry: likeness(label, field) for entry, field in _ENTRIES.items()}
    best = max(scores, key=lambda entry: scores[entry])
    return best if scores[best] else ""


def _of_people(place: Place) -> list[Guess]:
    def of(name: str) -> Looks:
        return looks([row.get(name) for row in place.rows if not row.get(MACHINE)])

    columns = {"title": "subject", "content": "text", "reporter_name": "from_name", "reporter_email": "from_email"}
    return [
        Guess(field, column, Confidence.HIGH, "a mail that a citizen writes", of(column))
        for field, column in columns.items()
    ]


def _of_form(mapping: FieldMapping, preset: str, texts: Sequence[str]) -> list[Guess]:
    entries = [mapping.form.read(text) for text in texts] if mapping.form else []
    found: list[Guess] = []
    for entry, field in {**_ENTRIES, "dari": "reporter_name", **_SECRECY}.items():
        seen = looks([one.get(entry) for one in entries])
        if seen.filled and field not in {guess.field for guess in found}:
            confidence = Confidence.HIGH if seen.filled >= _MOST else Confidence.MEDIUM
            found.append(Guess(field, f"form_{entry}", confidence, f"a label that the preset {preset} knows", seen))
    return found


def _own_form(texts: Sequence[str]) -> tuple[str, list[Guess]]:
    """A mapping with these mails' own labels; nothing where none of them is the message's."""
    labels: dict[str, list[str]] = {}
    for label in _labels(texts):
        if entry := likely_entry(label):
            labels.setdefault(entry, []).append(label)
    if "pesan" not in labels:
        return "", []
    lines = ["# Proposed for a web form that mails: read it, and see what `preview` makes of it.", "", "[form]"]
    lines += [
        'last = "pesan"',
        "",
        "[form.labels]",
        *(f"{entry} = {toml(words)}" for entry, words in labels.items()),
        "",
    ]
    lines += _own_fields(labels)
    found = [
        Guess(_ENTRIES[entry], f"form_{entry}", Confidence.MEDIUM, f'the label "{words[0]}"', looks([]))
        for entry, words in labels.items()
        if entry in _ENTRIES
    ]
    return "\n".join(lines).rstrip() + "\n", found


def _own_fields(labels: Mapping[str, Sequence[str]]) -> list[str]:
    titles = [f"form_{name}" for name in ("subjek", "pesan") if name in labels]
    content = {"": "form_pesan", **({"Lokasi": "form_lokasi"} if "lokasi" in labels else {}), "Isian lain": "form_lain"}
    lines = ["[fields.title]", f"from = {toml(titles)}", "then = [{headline = 250}]", ""]
    lines += ["[fields.content]", f"lines = {toml(content)}", ""]
    lines += ["[fields.classification]", 'default = "1"', ""]
    days = [*(["form_tanggal"] if "tanggal" in labels else []), "@received_at", "date"]
    lines += ["[fields.date_of_incident]", f"from = {toml(days)}", 'then = ["date"]', ""]
    for entry in labels:
        field = _ENTRIES.get(entry, "")
        step = _THEN.get(field) or ("yes_no" if entry in _SECRECY else "")
        if step:
            field = field or _SECRECY[entry]
            lines += [f"[fields.{field}]", f'from = "form_{entry}"', f'then = ["{step}"]', ""]
    return lines


def _secrecy_notes(fields: Iterable[str]) -> list[str]:
    known = set(fields)
    return [
        f"nothing in the source speaks of {what}: you decide it for the whole channel"
        for name, what in (("is_anonymous", "anonymity"), ("is_secret", "secrecy"))
        if name not in known
    ]
