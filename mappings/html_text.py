"""What does a piece of HTML say as plain text?"""

from __future__ import annotations

import html
import re
from collections import Counter
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

_TAGS = (
    "a abbr address article b big blockquote body br center cite code dd del div dl dt em fieldset font footer form"
    " h1 h2 h3 h4 h5 h6 head header hr html i img ins label li link main mark meta nav o:p ol p pre q s script section"
    " small span strike strong style sub sup table tbody td tfoot th thead title tr tt u ul"
).split()
_TAG = re.compile(rf"</?(?:{'|'.join(_TAGS)})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_ENTITY = re.compile(
    r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|nbsp|amp|lt|gt|quot|apos|[lr]squo|[lr]dquo|ndash|mdash|hellip|bull);", re.IGNORECASE
)
_SETS_BLOCKS = re.compile(r"<(?:p|div|table|ul|ol|li|html|body|pre|h[1-6])[\s>/]", re.IGNORECASE)
_LINE_END = re.compile(r"(?:<br\s*/?>)?(?<![ \t])[ \t]*+\r?\n", re.IGNORECASE)
_ANY_TAG = re.compile(r"<(/?)([a-z][^\s/<>]*)", re.IGNORECASE)
_NEVER_DEEP = frozenset(
    "area base br col dd dt embed hr img input li link meta option p param source track wbr".split()
)
"""They hold nothing, or end where the next one begins."""
_MOST_WORK = 3_000_000
"""Of tags times the elements open above each: a newsletter of 1 MB has some 600,000."""
_SKIPPED = {"script", "style", "head", "title", "template", "noscript", "-comment", "_comment"}
_BLOCKS = frozenset(
    "p div table ul ol h1 h2 h3 h4 h5 h6 blockquote pre hr section article form fieldset address dl center".split()
)
_LINES = {"tr", "li", "dt", "dd", "header", "footer"}


def is_html(text: str) -> bool:
    """Whether the text holds HTML tags or entities; a lone `<` as in "nilai < 5" is none."""
    return bool(_TAG.search(text) or _ENTITY.search(text))


@lru_cache(maxsize=16)
def to_text(text: str) -> str:
    """Plain text of HTML with paragraphs as blank lines; text that is no HTML comes back as it was.

    A fragment without paragraphs (a form's text with some `<br>`) keeps its own line ends. The last few answers are
    remembered, for a record's title and content are often made of the same text.
    """
    if not _TAG.search(text):
        if not _ENTITY.search(text):
            return text
        text = html.unescape(text).replace("\xa0", " ")
        # An application that escapes a whole form's HTML leaves tags behind the entities.
        return to_text(text) if _TAG.search(text) else text
    if not _SETS_BLOCKS.search(text):
        text = _LINE_END.sub("<br>", text)
    tree = tree_of(text)
    if tree is None:
        return _tidy(html.unescape(_TAG.sub(" ", text)))
    pieces: list[str] = []
    if tree.body is not None:
        _render(tree.body, pieces)
    return _tidy("".join(pieces))


def tree_of(text: str) -> LexborHTMLParser | None:
    """The document; None for one whose elements are nested so that reading it could take hours, or all memory."""
    return LexborHTMLParser(text) if _is_shallow(text) else None


def _is_shallow(text: str) -> bool:
    """Whether all tags together have a bearable number of elements open above them.

    HTML's rules make a parser look through those at many a tag, and open unclosed `<b>` and the like again in each
    paragraph (HTML Standard, 13.2.4.3): what a few bytes say then costs, and holds, the square of their number.
    """
    opened: Counter[str] = Counter()
    depth = work = 0
    for closes, name in _ANY_TAG.findall(text):
        tag = name.lower()
        if tag in _NEVER_DEEP:
            pass
        elif not closes:
            opened[tag] += 1
            depth += 1
        elif opened[tag]:
            opened[tag] -= 1
            depth -= 1
        work += depth
        if work > _MOST_WORK:
            return False
    return True


def _render(root: LexborNode, pieces: list[str]) -> None:
    """Walk the tree without recursion: hostile HTML nests deeper than Python's stack."""
    stack: list[LexborNode | str] = [root]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            pieces.append(item)
            continue
        tag = item.tag
        if tag == "-text":
            pieces.append(re.sub(r"\s+", " ", item.text_content or ""))
        elif tag == "br":
            pieces.append("\n")
        elif tag not in _SKIPPED:
            before, after = _breaks(tag or "")
            pieces.append(before)
            stack.append(after)
            stack.extend(reversed(list(item.iter(include_text=True))))


def _breaks(tag: str) -> tuple[str, str]:
    if tag in _BLOCKS:
        return "\n\n", "\n\n"
    if tag == "li":
        return "\n- ", ""
    if tag in _LINES:
        return "\n", ""
    return ("", " ") if tag in {"td", "th"} else ("", "")


def _tidy(text: str) -> str:
    text = text.replace("\xa0", " ").replace("\u200b", "")
    text = re.sub(r"[ \t]{2,}", " ", text)
    text = re.sub(r"[ \t]?\n[ \t]?", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()
