"""What a later version of an article changed, word by word.

``revision(before, after, number=…, time=…)`` holds two documents of one URL against each other and says how much the change means:

* NONE: title and text are equal, character by character.
* COSMETIC: equal when white space, case, quotation marks, dashes and punctuation are folded.
* CORRECTION: a note that announces a correction or update was added (``rules/corrections.yaml``).
* HEADLINE: the title changed, the text did not.
* EDIT: anything else.

Spans are found sentence by sentence, then word by word, and are offsets into both texts: replacing each span of the older text by
``added`` gives the newer one, exactly (``applied``).
``Incomparable`` is raised for two documents that must not be held against each other: of different extractors, because a new release
changes one body in ten by itself (text.md §5), or of a page that is no article, because a wall is never an edit.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from difflib import SequenceMatcher
from functools import cache
from typing import TypeAlias

from archive.kinds import Change, PageKind
from archive.records import Document, Revision, Span
from pipeline.lexicon import alternatives, words

_READABLE = frozenset({PageKind.ARTICLE, PageKind.BRIEF, PageKind.LIVE_BLOG})
# White space, or a sentence: up to a stop before white space, a stop of East Asian scripts, or the end of the line.
_PIECE = re.compile(r"\s+|\S.*?(?:[.!?…][\"'”’»)\]]*(?=\s|\Z)|[。！？]+|(?=\n)|\Z)", re.DOTALL)
# A run of letters and digits; of scripts that set no spaces, each character.
_WORD = re.compile("[\u3040-\u30ff\u3400-\u9fff]|[^\\W\u3040-\u30ff\u3400-\u9fff]+")
_MOST_WORDS = 20_000  # in one changed passage; aligning more would take minutes, so it stays one span
_MEANING = frozenset("%&@#§")  # punctuation by category, but not to a reader
_Range: TypeAlias = tuple[int, int]


class Incomparable(ValueError):
    """Two documents between which a difference would say nothing about the article."""


def revision(before: Document, after: Document, *, number: int, time: datetime) -> Revision:
    """The change from ``before`` to ``after``, the ``number``-th version, captured at ``time``."""
    _check(before, after)
    found = spans(before.text, after.text)
    return Revision(
        url=after.url,
        number=number,
        change=_change(before, after, found),
        before=before.capture,
        after=after.capture,
        time=time,
        extractor=after.extractor,
        title_before=before.title,
        title_after=after.title,
        spans=found,
    )


def _check(before: Document, after: Document) -> None:
    if before.extractor != after.extractor:
        raise Incomparable(f"texts of two extractors: {before.extractor} and {after.extractor}")
    for document in (before, after):
        if document.quality.kind not in _READABLE:
            raise Incomparable(f"{document.capture} is {document.quality.kind}: {'; '.join(document.quality.reasons)}")


def _change(before: Document, after: Document, found: Sequence[Span]) -> Change:
    if not found and before.title == after.title:
        return Change.NONE
    if _announces_change(before.text, after.text, found):
        return Change.CORRECTION
    same_text = fold(before.text) == fold(after.text)
    same_title = fold(before.title or "") == fold(after.title or "")
    if same_text:
        return Change.COSMETIC if same_title else Change.HEADLINE
    return Change.EDIT


def fold(text: str) -> str:
    """``text`` as far as it means something: its words and symbols, without case, quotes, dashes, punctuation and white space.

    A minus before a number and signs like % stay: "-5 %" against "5" is no matter of typography.
    """
    signed = re.sub(r"(?<!\w)[-−–](?=\d)", " minus ", unicodedata.normalize("NFC", text).casefold())
    return " ".join("".join(char if _means(char) else " " for char in signed).split())


def _means(char: str) -> bool:
    return char.isalnum() or char in _MEANING or unicodedata.category(char) in {"Mn", "Mc", "Sc", "Sm", "So"}


def spans(before: str, after: str) -> tuple[Span, ...]:
    """The changed passages, in order, each as small as whole words allow."""
    found = [
        Span(before=(i, j), after=(k, m), removed=before[i:j], added=after[k:m])
        for older, newer in _changed_passages(before, after)
        for (i, j), (k, m) in _changed_words(before, after, older, newer)
    ]
    return tuple(found)


def applied(before: str, found: Iterable[Span]) -> str:
    """``before`` with every span's change made."""
    parts, at = [], 0
    for span in found:
        parts += [before[at : span.before[0]], span.added]
        at = span.before[1]
    return "".join([*parts, before[at:]])


def changed_words(found: Iterable[Span]) -> int:
    """How many words the spans took out or put in, a replaced word counting once."""
    return sum(max(len(_WORD.findall(span.removed)), len(_WORD.findall(span.added))) for span in found)


def _pieces(text: str) -> list[_Range]:
    """The sentences of ``text`` and the white space between them: together they are the text."""
    return [match.span() for match in _PIECE.finditer(text)]


def _changed_passages(before: str, after: str) -> Iterator[tuple[_Range, _Range]]:
    older, newer = _pieces(before), _pieces(after)
    matcher = SequenceMatcher(None, [before[i:j] for i, j in older], [after[i:j] for i, j in newer])
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag != "equal":
            yield _extent(older, i, j, len(before)), _extent(newer, k, m, len(after))


def _extent(pieces: Sequence[_Range], first: int, last: int, end: int) -> _Range:
    start = pieces[first][0] if first < len(pieces) else end
    return (start, pieces[last - 1][1]) if last > first else (start, start)


def _changed_words(before: str, after: str, older: _Range, newer: _Range) -> Iterator[tuple[_Range, _Range]]:
    """What differs between two passages: the gaps between the words that they share."""
    left = [match.span() for match in _WORD.finditer(before, *older)]
    right = [match.span() for match in _WORD.finditer(after, *newer)]
    at, to = older[0], newer[0]
    for i, k in _shared(before, after, left, right):
        yield from _trimmed(before, after, (at, left[i][0]), (to, right[k][0]))
        at, to = left[i][1], right[k][1]
    yield from _trimmed(before, after, (at, older[1]), (to, newer[1]))


def _shared(before: str, after: str, left: Sequence[_Range], right: Sequence[_Range]) -> Iterator[tuple[int, int]]:
    if len(left) + len(right) > _MOST_WORDS:
        return
    matcher = SequenceMatcher(None, [before[i:j] for i, j in left], [after[i:j] for i, j in right])
    for block in matcher.get_matching_blocks():
        for step in range(block.size):
            yield block.a + step, block.b + step


def _trimmed(before: str, after: str, older: _Range, newer: _Range) -> Iterator[tuple[_Range, _Range]]:
    """The two gaps without the spaces and marks that they share at either end; nothing when they are equal."""
    (i, j), (k, m) = older, newer
    while i < j and k < m and before[i] == after[k] and not before[i].isalnum():
        i, k = i + 1, k + 1
    while j > i and m > k and before[j - 1] == after[m - 1] and not before[j - 1].isalnum():
        j, m = j - 1, m - 1
    if before[i:j] != after[k:m]:
        yield (i, j), (k, m)


def _announces_change(before: str, after: str, found: Sequence[Span]) -> bool:
    """Whether a sentence that a span touches, and that the older text does not hold, is a note about the article itself."""
    older = fold(before)
    for start, end in _pieces(after):
        if any(span.added and span.after[0] < end and start < span.after[1] for span in found) and fold(after[start:end]) not in older:
            # "Anm. d. Red.:" ends a sentence for the eye of a program: a label may go on to the end of the line.
            line = after[start:].partition("\n")[0]
            if _label().match(_said(line)) or any(phrase in _said(after[start:end]) for phrase in words("corrections", "phrases")):
                return True
    return False


def _said(text: str) -> str:
    return text.casefold().replace("’", "'")


@cache
def _label() -> re.Pattern[str]:
    """A label at the start of a sentence, perhaps with a date or time, and the sign after it."""
    labels = alternatives("corrections", "labels")
    when = r"\s*\([^()]*\)|[^.!?:]{0,40}\d[^!?:]{0,30}"
    return re.compile(rf"[\W_]*(?:{labels})\.?(?:{when})?\s*(?:[:：—–|]|\Z)")
