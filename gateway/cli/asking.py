"""How is an admin asked: for a text, one of several, yes or no, a day, a secret that must not be seen?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

import typer

from connectors.discovery import Question
from gateway.cli import printing


def text(question: str, default: str | None = None, fits: Callable[[str], str] | None = None) -> str:
    """An answer in one line. `fits` says what is wrong with one, or nothing; it is then asked for again."""
    while True:
        answer = str(typer.prompt(question, default=default, show_default=bool(default))).strip()
        wrong = fits(answer) if fits else ""
        if not wrong and (answer or default == ""):
            return answer
        printing.line(f"  {wrong or 'something must be said here'}")


def choice(question: str, choices: Sequence[str], default: str | None = None) -> str:
    """One of these words, in any case, or as much of its beginning as tells it from the others."""
    while True:
        answer = text(f"{question} ({', '.join(choices)})", default).casefold()
        found = [one for one in choices if one.casefold() == answer]
        found = found or [one for one in choices if one.casefold().startswith(answer)]
        if len(found) == 1:
            return found[0]
        printing.line(f"  expected one of: {', '.join(choices)}")


def number(question: str, most: int, default: int = 1) -> int:
    """A number from 1 to `most`."""

    def fits(answer: str) -> str:
        return "" if answer.isdigit() and 1 <= int(answer) <= most else f"expected a number from 1 to {most}"

    return int(text(question, str(default), fits))


def yes_or_no(question: str) -> bool:
    """Yes or no, with nothing that Enter would mean: what is asked so is nobody's to guess."""
    return choice(question, ("yes", "no")) == "yes"


def start(question: str) -> date | datetime | str:
    """The `start` of a channel: a day, a moment, "now" or "all"."""

    def fits(answer: str) -> str:
        return "" if _start(answer) is not None else "expected a day such as 2026-11-01, or now"

    return _start(text(question, "now", fits)) or "now"


def _start(answer: str) -> date | datetime | str | None:
    if answer in ("now", "all"):
        return answer
    try:
        return date.fromisoformat(answer) if len(answer) == 10 else datetime.fromisoformat(answer)
    except ValueError:
        return None


def secret(question: str, *, needed: bool) -> str:
    """A secret, or a reference to one. It is not shown; empty only where it is not needed."""
    while True:
        answer = str(typer.prompt(question, default="", hide_input=True, show_default=False)).strip()
        if answer or not needed:
            return answer
        printing.line("  something must be said here")


def all_of(questions: Sequence[Question], before: Mapping[str, str]) -> dict[str, str]:
    """The answers to a connector's questions; those given before are what Enter means."""
    answers: dict[str, str] = {}
    for one in questions:
        if one.only_if and answers.get(one.only_if[0]) not in one.only_if[1]:
            continue
        default = before.get(one.name, one.default)
        if one.hidden:
            hint = "hidden; or env:NAME, file:PATH"
            answers[one.name] = secret(f"{one.text} ({hint})", needed=one.default is None)
        elif one.choices:
            answers[one.name] = choice(one.text, one.choices, default)
        else:
            answers[one.name] = text(one.text, default)
    return answers
