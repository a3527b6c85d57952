"""Which INSERT or UPDATE may write an answer into an application's tables, and which parameters does it name?

A statement is refused when a repetition could change something, or when it could overwrite what a person set there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

_TOKEN = re.compile(
    r"""(?P<quoted>'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`)
      | (?P<cast>::)
      | (?<![\w:]):(?P<parameter>[^\W\d]\w*)
      | (?P<word>[^\W\d]\w*)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_ODDITIES = {
    "--": "a comment",
    "#": "a comment",
    "/*": "a comment",
    "\\": "a backslash",
    "$": "a dollar sign",
    ";": "a second statement",
    "'": "a quotation mark without its pair",
    '"': "a quotation mark without its pair",
    "`": "a quotation mark without its pair",
}
"""What databases read differently outside of quotes, so that nobody can be sure of what is run."""
_NEVER = {"ALTER", "CALL", "CREATE", "DELETE", "DROP", "EXEC", "EXECUTE", "GRANT", "MERGE", "REVOKE", "TRUNCATE"}
_GUARDS = ("NOT EXISTS", "ON CONFLICT", "ON DUPLICATE KEY")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of SQL. `depth` counts the brackets around it."""

    kind: str
    """quoted, parameter, word or other"""
    text: str
    depth: int


@dataclass(frozen=True, slots=True)
class Statement:
    """One INSERT or UPDATE, understood as far as the rules need it."""

    verb: str
    tokens: Sequence[Token]

    @property
    def parameters(self) -> frozenset[str]:
        """The names after colons."""
        return _parameters(self.tokens)

    @property
    def condition(self) -> Sequence[Token]:
        """What follows the statement's own WHERE."""
        return self._split[1]

    @property
    def assigned(self) -> Mapping[str, frozenset[str]]:
        """The columns that an UPDATE sets, in small letters, each with the parameters in its new value."""
        body = _after_set(self._split[0])
        ends = [number for number, token in enumerate(body) if token.text == "=" and token.depth == 0]
        values = pairwise([*ends, len(body)])
        return {_plain(_before(body, at)): _parameters(body[at:end]) for at, end in values}

    @property
    def _split(self) -> tuple[Sequence[Token], Sequence[Token]]:
        at = [n for n, token in enumerate(self.tokens) if _is_word(token, "WHERE") and token.depth == 0]
        return (self.tokens[: at[0]], self.tokens[at[0] + 1 :]) if at else (self.tokens, ())

    def bound(self, values: Mapping[str, Any], mark: str) -> tuple[str, tuple[Any, ...]]:
        """SQL for a driver whose placeholder is `mark` (`?` or `%s`), and the values in their order."""
        # Where a per cent sign begins a placeholder, the statement's own must be doubled.
        pieces = [
            mark if token.kind == "parameter" else token.text.replace("%", "%%" if mark == "%s" else "%")
            for token in self.tokens
        ]
        return "".join(pieces), tuple(values[token.text] for token in self.tokens if token.kind == "parameter")


def parse(sql: str) -> Statement:
    """Understand an admin's statement. Raises ValueError, in words for the admin, where it is none that may be run."""
    tokens = _tokens(sql.strip().removesuffix(";").rstrip())
    words = [token.text.upper() for token in tokens if token.kind == "word"]
    if not words or words[0] not in {"INSERT", "UPDATE"} or tokens[0].kind != "word":
        raise ValueError("a statement begins with INSERT or UPDATE; nothing else is run")
    never = sorted(_NEVER.intersection(words))
    nested = [token.text for token in tokens if token.depth and token.text.upper() in {"INSERT", "UPDATE"}]
    if never or nested:
        raise ValueError(f"{(never + nested)[0].upper()} does not belong in a statement that writes an answer")
    statement = Statement(words[0], tokens)
    _repeatable(statement, " ".join(words))
    return statement


def _repeatable(statement: Statement, words: str) -> None:
    if statement.verb == "INSERT":
        if not any(guard in words for guard in _GUARDS):
            raise ValueError(
                "an answer may be carried twice: make the INSERT add nothing the second time, with "
                "WHERE NOT EXISTS (…), ON CONFLICT or ON DUPLICATE KEY"
            )
        return
    if not statement.condition:
        raise ValueError("an UPDATE without WHERE would change every row")
    of_status = [column for column, used in statement.assigned.items() if "status" in used]
    looked_at = {_plain(token) for token in statement.condition} - {""}
    if of_status and "previous" not in _parameters(statement.condition) and not looked_at.issuperset(of_status):
        raise ValueError(
            f"this UPDATE could overwrite a status that a person set: add AND {of_status[0]} = :previous to its WHERE"
        )


def _tokens(sql: str) -> Sequence[Token]:
    found: list[Token] = []
    depth = 0
    for match in _TOKEN.finditer(sql):
        kind = str(match.lastgroup)
        text = match[kind]
        _refuse_odd(kind, match, sql)
        depth -= text == ")" and kind == "other"
        found.append(Token(kind, text, depth))
        depth += text == "(" and kind == "other"
    return found


def _refuse_odd(kind: str, match: re.Match[str], sql: str) -> None:
    if kind == "quoted":
        odd = "a backslash" if "\\" in match[0] else None
    else:
        odd = _ODDITIES.get(match[0]) or _ODDITIES.get(sql[match.start() : match.start() + 2])
    if odd:
        raise ValueError(f"there is {odd} in it, which databases read differently; write it without")


def _parameters(tokens: Sequence[Token]) -> frozenset[str]:
    return frozenset(token.text for token in tokens if token.kind == "parameter")


def _is_word(token: Token, word: str) -> bool:
    return token.kind == "word" and token.text.upper() == word


def _after_set(tokens: Sequence[Token]) -> Sequence[Token]:
    at = next((n for n, token in enumerate(tokens) if _is_word(token, "SET") and token.depth == 0), len(tokens))
    return tokens[at + 1 :]


def _before(tokens: Sequence[Token], at: int) -> Token:
    """What stands before the equals sign: a column's name, if it is well."""
    return next((token for token in reversed(tokens[:at]) if not token.text.isspace()), tokens[at])


def _plain(token: Token) -> str:
    return token.text.strip('`"').casefold() if token.kind in {"word", "quoted"} else ""
