"""`channel add`: which source is it, and what of it is a report? Asked until the source answers."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from connectors import registry
from connectors.contract import ConnectorError, Misconfigured
from connectors.discovery import Discoverer
from gateway import unfinished
from gateway.cli import asking, discovering, printing
from gateway.cli.exits import Exit, leave
from gateway.proposals.fields import TABLE_FIELDS
from gateway.proposals.propose import Proposal, key_options, propose, ranked

_KINDS = {
    "imap": "an e-mail inbox",
    "sql": "the database of a web form or application",
    "spreadsheet": "xlsx, xls, ods or CSV files",
    "http": "a portal's list in JSON",
    "google_sheets": "a private Google Sheet",
    "csv_link": "a published link to a table",
}
"""The commonest first; third parties' kinds come behind."""


@dataclass(frozen=True, slots=True)
class Source:
    """A source that was logged in to, and what of it the channel reads."""

    kind: str
    options: dict[str, object]
    """With references in the place of secrets."""
    secrets: dict[str, str]
    proposal: Proposal


def source(path: Path, name: str) -> Source:
    """Ask until the source can be read; what was understood is shown."""
    kinds = [kind for kind in dict.fromkeys([*_KINDS, *registry.kinds()]) if _can(kind)]
    for kind in kinds:
        printing.line(f"  {kind}: {_KINDS.get(kind, 'a connector of a third party')}")
    kind = asking.choice("Where do the citizens' words stand?", kinds)
    looking = unfinished.discoverer_of(kind)
    answers: dict[str, str] = {}
    while True:
        answers = asking.all_of(looking.questions, answers)
        hidden = _secrets(looking, answers, path.resolve().parent, name)
        try:
            options = looking.options({**answers, **hidden.references})
            typed = {key: SecretStr(value) for key, value in hidden.values.items()}
            with unfinished.place_of(path, name) as channel:
                found = unfinished.look_around(kind, {**options, **typed}, channel)
        except (ConnectorError, ValueError) as error:
            printing.line(f"\n  That did not work: {error}\n  Once more; Enter keeps what was said. Ctrl-C ends it.\n")
            continue
        printing.line("\nIt answers. This is there:")
        proposals = ranked(kind, found.places)
        discovering.show_places(found, proposals)
        chosen = _chosen(kind, proposals)
        return Source(kind, options, hidden.files, chosen)


@dataclass(frozen=True, slots=True)
class _Secrets:
    """Secrets as they were typed, as the configuration names them, and as the files that hold them."""

    values: dict[str, str]
    references: dict[str, str]
    files: dict[str, str]


def _secrets(looking: Discoverer, answers: Mapping[str, str], root: Path, name: str) -> _Secrets:
    found = _Secrets({}, {}, {})
    for question in looking.questions:
        value = answers.get(question.name, "")
        if question.hidden and value and not is_reference(value):
            file = _free(root, f"secrets/{name}-{question.name}")
            found.values[question.name], found.files[file] = value, value
            found.references[question.name] = f"file:{file}"
    return found


def _free(root: Path, name: str) -> str:
    """The name, or one like it, of a file that is not there: another channel may still use an old secret."""
    taken = (name if number == 1 else f"{name}-{number}" for number in itertools.count(1))
    return next(one for one in taken if not (root / one).exists())


def _can(kind: str) -> bool:
    try:
        unfinished.discoverer_of(kind)
    except Misconfigured:
        return False
    return True


def _chosen(kind: str, proposals: Sequence[Proposal]) -> Proposal:
    if not proposals:
        leave(Exit.FAILED, "there is nothing to be read")
    number = asking.number("Which of them is it?", len(proposals)) if len(proposals) > 1 else 1
    place = proposals[number - 1].place
    said: dict[str, str] = {}
    while True:
        proposal = propose(kind, place, said)
        discovering.show_place(proposal, reveal=False)
        discovering.show_proposal(proposal, reveal=False)
        whole = any(guess.field == "content" for guess in proposal.fields)
        if not place.needs_key:
            return proposal
        more = "Enter if that is right" if whole else "the complaint's text is needed: content = COLUMN"
        answer = asking.text(f"A field from another column? FIELD = COLUMN, or FIELD = - for none; {more}", "")
        if not answer and whole:
            return _keyed(proposal)
        said |= _correction(answer, proposal)


def _correction(answer: str, proposal: Proposal) -> dict[str, str]:
    field, _, column = (part.strip() for part in answer.partition("="))
    columns = {one.name.casefold(): one.name for one in proposal.place.columns}
    if field not in TABLE_FIELDS:
        printing.line(f"  fields are: {', '.join(TABLE_FIELDS)}")
    elif column != "-" and column.casefold() not in columns:
        printing.line(f"  columns are: {', '.join(columns.values())}")
    else:
        return {field: columns.get(column.casefold(), "")}
    return {}


def _keyed(proposal: Proposal) -> Proposal:
    """Have the key confirmed: two complaints under one key would be one."""
    columns = {one.name.casefold(): one.name for one in proposal.place.columns}

    def wrong(answer: str) -> str:
        unknown = [part for part in _parts(answer) if part.casefold() not in columns]
        return f"no such column: {', '.join(unknown)}" if unknown else "" if _parts(answer) else "name a column"

    proposed = key_options(proposal.place, proposal.fields)
    usual = next((", ".join(names) for names in proposed.values() if isinstance(names, list)), None)
    if "identity" in proposed:
        printing.line("No column numbers the records. Records that are equal in these columns would count as one.")
    answer = asking.text("Which column (or columns, parted by commas) tells the records apart?", usual, wrong)
    kind = "identity" if "identity" in proposed and answer == usual else "key"
    named = {kind: [columns[part.casefold()] for part in _parts(answer)]}
    return proposal.with_options({**proposal.options, **named}, without=("key", "identity"))


def _parts(answer: str) -> list[str]:
    return [part.strip() for part in answer.split(",") if part.strip()]


def is_reference(text: str) -> bool:
    """Whether a secret is named instead of told."""
    return text.startswith(("env:", "file:"))
