"""Which reports without a number look like rows of LAPOR's export? For a person to confirm, never decided here.

Texts are compared by their words alone: case, punctuation and line breaks fall away. Titles only tell apart texts that
are equally alike, for typists make up their own. Only rows that share uncommon words with a report are compared with
it, so that 25,000 records against thousands of rows take seconds.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

ALIKE = 70.0
"""Percent. Measured on real complaints: different ones reach 55, a text abridged to its first 60 % still 75."""
CERTAIN = 90.0
"""From here on one may be the other without doubt, where no other row comes near. Half a text resembles another one's
twin up to 87."""
SHORTEST = 20
"""Letters; whatever is shorter resembles too much."""
_AHEAD = 10.0
"""By how much, in percent of text or title, the first must be ahead of the second to be the one."""
_COMMON = 50
_COMPARED = 12
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Text:
    """What a report says; `id` is whatever the caller knows it by."""

    id: str
    title: str
    content: str


@dataclass(frozen=True, slots=True)
class Match:
    """A report that looks like a row."""

    report: str
    row: str
    alike: float
    """0 to 100, over the contents."""
    titles: float
    certain: bool
    """No other row looks like the report nearly as much, and no other report like the row."""


def matches(reports: Iterable[Text], rows: Sequence[Text]) -> Sequence[Match]:
    """For each report the up to three rows most like it, in the reports' order; nothing for most reports."""
    index = _Index(rows)
    found = [one for report in reports for one in _ranked(report, index)]
    wanted = Counter(one.row for one in found)
    return [one if wanted[one.row] == 1 or not one.certain else _doubtful(one) for one in found]


class _Index:
    """Rows by their words, and by their whole texts."""

    def __init__(self, rows: Sequence[Text]) -> None:
        self.rows = [Text(row.id, _words(row.title), _words(row.content)) for row in rows]
        self._by_word: Mapping[str, list[int]] = defaultdict(list)
        self._by_text: Mapping[str, list[int]] = defaultdict(list)
        for place, row in enumerate(self.rows):
            self._by_text[row.content].append(place)
            for word in set(row.content.split()):
                self._by_word[word].append(place)

    def near(self, content: str) -> Iterator[Text]:
        """Rows that are worth a comparison."""
        votes: Counter[int] = Counter()
        for word in set(content.split()):
            rows = self._by_word.get(word, [])
            votes.update(rows if len(rows) <= _COMMON else ())
        best = [place for place, _ in votes.most_common(_COMPARED)]
        near = dict.fromkeys([*self._by_text.get(content, []), *best])
        return (self.rows[place] for place in near if len(self.rows[place].content) >= SHORTEST)


def _ranked(report: Text, index: _Index) -> Sequence[Match]:
    title, content = _words(report.title), _words(report.content)
    if len(content) < SHORTEST:
        return []
    found = []
    for row in index.near(content):
        alike = fuzz.ratio(content, row.content, score_cutoff=ALIKE)
        if alike:
            found.append((alike, fuzz.ratio(title, row.title), row.id))
    found.sort(reverse=True)
    certain = bool(found) and found[0][0] >= CERTAIN and (len(found) == 1 or _ahead(found[0], found[1]))
    return [
        Match(report.id, row, alike, titles, certain and place == 0)
        for place, (alike, titles, row) in enumerate(found[: 1 if certain else _SHOWN])
    ]


def _ahead(first: tuple[float, float, str], second: tuple[float, float, str]) -> bool:
    return first[0] - second[0] >= _AHEAD or (first[0] >= second[0] and first[1] - second[1] >= _AHEAD)


def _doubtful(match: Match) -> Match:
    return Match(match.report, match.row, match.alike, match.titles, certain=False)


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
